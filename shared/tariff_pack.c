#include "tariff_pack.h"

#include <string.h>

#define FORMAT 1

static void pack_i32(struct pack *p, int32_t *value)
{
	int64_t v = *value;

	pack_int(p, &v);
	if (v < INT32_MIN || v > INT32_MAX) {
		p->bad = true;
		v = 0;
	}
	*value = (int32_t)v;
}

/* A count of at most `room`. */
static uint32_t pack_count(struct pack *p, uint32_t *count, uint32_t room)
{
	pack_u32(p, count);
	if (*count > room) {
		p->bad = true;
		*count = 0;
	}
	return *count;
}

static void pack_zone(struct pack *p, struct zone_rules *zone)
{
	uint32_t count = (uint32_t)zone->count;

	zone->count = pack_count(p, &count, ZONE_RULES_MAX);
	for (uint32_t i = 0; i < count; i++) {
		pack_int(p, &zone->rule[i].from_ms);
		pack_int(p, &zone->rule[i].offset_s);
	}
}

static void pack_prices(struct pack *p, struct tariff *t)
{
	uint32_t sets = TARIFF_SETS, classes = CLASS_COUNT_, periods = PERIOD_COUNT_;

	/* Lists that grow at their end: what a class that came later pays is the ordinary price. */
	pack_count(p, &sets, TARIFF_SETS);
	pack_count(p, &classes, CLASS_COUNT_);
	pack_count(p, &periods, PERIOD_COUNT_);
	for (uint32_t s = 0; s < sets; s++) {
		for (uint32_t c = 0; c < classes; c++) {
			for (uint32_t k = 0; k < periods; k++) {
				pack_i32(p, &t->price[s][c][k].elec_e5);
				pack_i32(p, &t->price[s][c][k].service_e5);
			}
		}
		for (uint32_t c = classes; p->reading && c > 0 && c < CLASS_COUNT_; c++) {
			memcpy(t->price[s][c], t->price[s][CLASS_ORDINARY], sizeof t->price[s][c]);
		}
	}
}

static void pack_windows(struct pack *p, struct tariff *t)
{
	uint32_t classes = CLASS_COUNT_;

	pack_count(p, &t->windows, TARIFF_WINDOWS);
	pack_count(p, &classes, CLASS_COUNT_);
	for (uint32_t i = 0; i < t->windows; i++) {
		struct parking_window *w = &t->window[i];

		pack_i32(p, &w->from_min);
		pack_i32(p, &w->to_min);
		for (uint32_t c = 0; c < classes; c++) {
			pack_i32(p, &w->per_min_e5[c]);
		}
		for (uint32_t c = classes; p->reading && c > 0 && c < CLASS_COUNT_; c++) {
			w->per_min_e5[c] = w->per_min_e5[CLASS_ORDINARY];
		}
	}
}

static void pack_days(struct pack *p, int32_t *days, uint32_t *count, uint32_t room)
{
	pack_count(p, count, room);
	for (uint32_t i = 0; i < *count; i++) {
		pack_i32(p, &days[i]);
	}
}

void tariff_pack(struct pack *p, struct tariff *t)
{
	uint32_t format = FORMAT;

	if (p->reading) {
		memset(t, 0, sizeof *t);
	}
	pack_u32(p, &format);
	if (format != FORMAT) {
		p->bad = true;
		return;
	}
	pack_text(p, t->id, sizeof t->id);
	pack_u32(p, &t->version);
	pack_int(p, &t->from_ms);
	pack_zone(p, &t->zone);
	pack_prices(p, t);
	pack_int(p, &t->cap_fen);
	pack_int(p, &t->no_show_fen);
	pack_u32(p, &t->free_min);
	pack_windows(p, t);
	pack_days(p, t->holiday, &t->holidays, TARIFF_HOLIDAYS);
	pack_days(p, t->workday, &t->workdays, TARIFF_WORKDAYS);
	pack_count(p, &t->schedules, TARIFF_SCHEDULES);
	for (int m = 0; m < 12; m++) {
		pack_u8(p, &t->set_of[m]);
		for (int k = 0; k < DAY_KINDS; k++) {
			pack_u8(p, &t->schedule_of[m][k]);
		}
	}
	for (uint32_t i = 0; i < t->schedules * CAL_SLOTS; i++) {
		pack_u8(p, &t->schedule[i / CAL_SLOTS][i % CAL_SLOTS]);
	}
	if (p->reading && (p->bad || p->len != p->cap || tariff_valid(t) != 0)) {
		p->bad = true;
		memset(t, 0, sizeof *t);
	}
}
