#include "field.h"

#include <stdlib.h>
#include <string.h>

#define DECODED_MAX 1024 /* values of one reply: 125 registers, bits counted */
#define PENDING_MIN 64

/* A write under way: what its read-back is to be compared with. */
struct pending {
	uint32_t token; /* 0 = free */
	uint16_t gun;   /* of the profile */
	uint16_t point;
	bool read_back;
};

struct place {
	const struct config_unit *unit;
	struct decoder *decoder;
};

/* Of the text points of a gun: given when it changes, and now and then. */
#define GUN_TEXTS 2
#define TEXT_US   (10 * US_PER_S)
struct said {
	char text[sizeof((struct decoded *)0)->text];
	int64_t at_us; /* when it was last given; 0 = never */
};

struct field_map {
	const struct config *config;
	struct place *places; /* in the order of buses and their units */
	size_t *first;        /* of each bus in places; one more at the end */
	size_t count;
	struct pending *pending;
	size_t pending_cap;
	struct said *said; /* GUN_TEXTS of each gun */
	struct decoded decoded[DECODED_MAX];
	struct sample samples[DECODED_MAX];
};

static int add_bus(struct field_map *field, size_t bus)
{
	const struct config_unit *units;
	struct plan_cfg plan;
	size_t count = config_bus_plan(field->config, bus, &plan, &units);

	for (size_t i = 0; i < count; i++) {
		struct place *place = &field->places[field->count];
		int rc = decoder_new(units[i].profile, &place->decoder);

		if (rc != 0) {
			return rc;
		}
		place->unit = &units[i];
		field->count++;
	}
	field->first[bus + 1] = field->count;
	return 0;
}

static size_t count_units(const struct config *config)
{
	size_t count = 0;

	for (size_t bus = 0; bus < config->bus_count; bus++) {
		const struct config_unit *units;
		struct plan_cfg plan;

		count += config_bus_plan(config, bus, &plan, &units);
	}
	return count;
}

int field_new(const struct config *config, struct field_map **out)
{
	struct field_map *field = calloc(1, sizeof *field);
	size_t units = count_units(config);
	int rc = 0;

	if (field == NULL) {
		return ERR_NOMEM;
	}
	field->config = config;
	field->pending_cap = PENDING_MIN + PLAN_WRITES_MAX * units;
	field->pending = calloc(field->pending_cap, sizeof *field->pending);
	field->places = calloc(units + 1, sizeof *field->places);
	field->first = calloc(config->bus_count + 1, sizeof *field->first);
	field->said = calloc(GUN_TEXTS * (config->gun_count + 1), sizeof *field->said);
	if (field->pending == NULL || field->places == NULL || field->first == NULL ||
		field->said == NULL) {
		rc = ERR_NOMEM;
	}
	for (size_t bus = 0; rc == 0 && bus < config->bus_count; bus++) {
		rc = add_bus(field, bus);
	}
	if (rc != 0) {
		field_free(field);
		return rc;
	}
	*out = field;
	return 0;
}

void field_free(struct field_map *field)
{
	if (field == NULL) {
		return;
	}
	for (size_t i = 0; i < field->count; i++) {
		decoder_free(field->places[i].decoder);
	}
	free(field->first);
	free(field->said);
	free(field->places);
	free(field->pending);
	free(field);
}

static struct place *place_at(const struct field_map *field, uint16_t bus, uint16_t unit)
{
	if (bus >= field->config->bus_count || unit >= field->first[bus + 1] - field->first[bus]) {
		return NULL;
	}
	return &field->places[field->first[bus] + unit];
}

/* ---- From the field ---- */

struct giving {
	struct moment now;
	void (*emit)(void *arg, const struct event *event);
	void *arg;
};

static void give_link(const struct field_map *field, const struct config_unit *unit,
	const struct bus_result *result, const struct giving *g)
{
	struct event event = {.kind = EV_LINK, .now = g->now};

	/* A unit that is one gun alone says nothing about the rest of its pile. */
	event.link.target = config_target(field->config, unit, unit->gun > 0 ? 1 : 0);
	event.link.up = result->up;
	event.link.err = result->up ? 0 : result->reply.err;
	g->emit(g->arg, &event);
}

/* A card reader is read each second, and mostly shows nothing. */
static bool is_news(
	struct field_map *field, struct target gun, const struct decoded *d, struct mono at)
{
	struct said *said = &field->said[GUN_TEXTS * gun.index + (d->point == PT_VIN)];

	if (said->at_us != 0 && at.us - said->at_us < TEXT_US && strcmp(said->text, d->text) == 0) {
		return false;
	}
	memcpy(said->text, d->text, sizeof said->text);
	said->at_us = at.us;
	return true;
}

/* One event for all numbers of the reply, one for each text that is new. */
static void give_values(struct field_map *field, const struct config_unit *unit, size_t count,
	struct mono at, const struct giving *g)
{
	struct event event = {.kind = EV_READINGS, .now = g->now};
	size_t n = 0;

	for (size_t i = 0; i < count; i++) {
		const struct decoded *d = &field->decoded[i];
		struct sample *s = &field->samples[n];

		if (point_info(d->point)->unit == UNIT_TEXT) {
			continue;
		}
		s->target = config_target(field->config, unit, d->gun);
		s->point = d->point;
		s->quality = (uint16_t)d->quality;
		s->value = d->value;
		n++;
	}
	event.readings.at = at;
	event.readings.samples = field->samples;
	event.readings.count = n;
	if (n > 0) {
		g->emit(g->arg, &event);
	}
	for (size_t i = 0; i < count; i++) {
		const struct decoded *d = &field->decoded[i];
		struct event text = {.kind = EV_TEXT, .now = g->now};

		if (point_info(d->point)->unit != UNIT_TEXT || d->quality != Q_GOOD) {
			continue;
		}
		text.text.target = config_target(field->config, unit, d->gun);
		if (text.text.target.kind == TGT_GUN && !is_news(field, text.text.target, d, at)) {
			continue;
		}
		text.text.point = d->point;
		text.text.text = d->text;
		text.text.at = at;
		g->emit(g->arg, &text);
	}
}

/* Exceptions 1 to 3 say that the device will never answer this; others pass. */
static bool refused(const struct bus_reply *reply)
{
	return reply->err == ERR_EXCEPTION && reply->exception >= 1 && reply->exception <= 3;
}

static void give_read(struct field_map *field, struct place *place, const struct bus_result *result,
	const struct giving *g)
{
	const struct plan_step *s = &result->step;
	const struct bus_reply *reply = &result->reply;
	size_t n = 0;

	if (reply->err == 0) {
		n = decoder_block(place->decoder, s->function, s->address, reply->values, s->count,
			field->decoded, DECODED_MAX);
	} else if (refused(reply)) {
		n = decoder_refused(place->decoder, s->function, s->address, s->count,
			field->decoded, DECODED_MAX);
	}
	give_values(field, place->unit, n < DECODED_MAX ? n : DECODED_MAX, reply->at, g);
}

static struct pending *find_pending(struct field_map *field, uint32_t token)
{
	for (size_t i = 0; i < field->pending_cap; i++) {
		if (field->pending[i].token == token) {
			return &field->pending[i];
		}
	}
	return NULL;
}

/* Of a write that is read back two events tell: sent, and read back. */
static void give_written(struct field_map *field, struct place *place,
	const struct bus_result *result, const struct giving *g)
{
	struct event event = {.kind = EV_WRITTEN, .now = g->now};
	const struct bus_reply *reply = &result->reply;
	struct pending *p =
		result->step.token == 0 ? NULL : find_pending(field, result->step.token);

	if (p == NULL) {
		return; /* a keep-alive */
	}
	event.written.token = p->token;
	event.written.err = reply->err;
	event.written.at = reply->at;
	if (result->step.what == PLAN_READ_BACK && reply->err == 0) {
		event.written.err = profile_read_back(place->unit->profile, p->gun, p->point,
			reply->values, result->step.count, &event.written.read_back);
		event.written.has_read_back = event.written.err == 0;
	}
	if (reply->err != 0 || result->step.what == PLAN_READ_BACK || !p->read_back) {
		p->token = 0;
	}
	g->emit(g->arg, &event);
}

void field_result(struct field_map *field, const struct bus_result *result, struct moment now,
	void (*emit)(void *arg, const struct event *event), void *arg)
{
	struct place *place = place_at(field, result->bus, result->step.unit);
	struct giving g = {now, emit, arg};

	if (place == NULL) {
		return;
	}
	if (result->changed) {
		give_link(field, place->unit, result, &g);
	}
	switch (result->step.what) {
	case PLAN_READ:
		give_read(field, place, result, &g);
		break;
	case PLAN_WRITE:
	case PLAN_READ_BACK:
		give_written(field, place, result, &g);
		break;
	case PLAN_WAIT:
		break;
	}
}

/* ---- To the field ---- */

/* Is this the unit that a target is read from? */
static bool reads(const struct field_map *field, const struct place *place, struct target target)
{
	const struct config_unit *unit = place->unit;
	const struct config_pile *pile;
	size_t number;

	if (unit->meter || target.kind != TGT_GUN) {
		return target.kind == (unit->meter ? TGT_METER : TGT_PILE) &&
		       target.index == unit->index;
	}
	pile = &field->config->piles[unit->index];
	if (target.index < pile->first_gun || target.index >= pile->first_gun + pile->guns) {
		return false;
	}
	number = (size_t)target.index - pile->first_gun + 1;
	return unit->gun == 0 || unit->gun == number;
}

int field_find(const struct field_map *field, struct target target, uint16_t *bus, uint16_t *unit)
{
	for (size_t b = 0; b < field->config->bus_count; b++) {
		for (size_t i = field->first[b]; i < field->first[b + 1]; i++) {
			if (reads(field, &field->places[i], target)) {
				*bus = (uint16_t)b;
				*unit = (uint16_t)(i - field->first[b]);
				return 0;
			}
		}
	}
	return ERR_NOTFOUND;
}

int field_write(
	struct field_map *field, const struct action *action, uint16_t *bus, struct plan_write *out)
{
	struct pending *p = find_pending(field, 0);
	struct place *place;
	uint16_t unit;
	int gun, rc;

	if (p == NULL) {
		return ERR_FULL;
	}
	rc = config_route(field->config, action->write.target, (enum point)action->write.point, bus,
		&unit, &gun);
	if (rc != 0) {
		return rc;
	}
	place = place_at(field, *bus, unit);
	if (place == NULL) {
		return ERR_NOTFOUND;
	}
	rc = profile_write(place->unit->profile, gun, (enum point)action->write.point,
		action->write.value, out);
	if (rc != 0) {
		return rc;
	}
	out->token = action->write.token;
	out->unit = unit;
	*p = (struct pending){.token = action->write.token,
		.gun = (uint16_t)gun,
		.point = action->write.point,
		.read_back = out->back_function != 0};
	return 0;
}

void field_write_failed(struct field_map *field, uint32_t token, int err, struct moment now,
	void (*emit)(void *arg, const struct event *event), void *arg)
{
	struct event event = {.kind = EV_WRITTEN, .now = now};
	struct pending *p = token == 0 ? NULL : find_pending(field, token);

	if (p != NULL) {
		p->token = 0;
	}
	event.written.token = token;
	event.written.err = err;
	event.written.at = now.mono;
	emit(arg, &event);
}

int field_keepalive(struct field_map *field, size_t i, uint16_t *bus, struct plan_write *out)
{
	for (size_t b = 0; b < field->config->bus_count; b++) {
		for (size_t n = field->first[b]; n < field->first[b + 1]; n++) {
			const struct profile *profile = field->places[n].unit->profile;

			for (int gun = 0; gun <= profile_info(profile)->guns; gun++) {
				if (profile_keepalive(profile, gun, out) != 0 || i-- > 0) {
					continue;
				}
				out->token = 0;
				out->unit = (uint16_t)(n - field->first[b]);
				*bus = (uint16_t)b;
				return 0;
			}
		}
	}
	return ERR_NOTFOUND;
}

/* ---- Telemetry ---- */

const enum point *field_telemetry_points(enum target_kind kind, size_t *count)
{
	static const enum point gun[] = {
		PT_STATE, PT_POWER, PT_VOLTAGE, PT_CURRENT, PT_SOC, PT_ENERGY, PT_TEMP, PT_LIMIT_W};
	static const enum point meter[FIELD_TELEMETRY] = {PT_POWER, PT_APPARENT, PT_ENERGY,
		PT_VOLTAGE_L1, PT_VOLTAGE_L2, PT_VOLTAGE_L3, PT_CURRENT_L1, PT_CURRENT_L2,
		PT_CURRENT_L3};

	*count = kind == TGT_METER ? FIELD_TELEMETRY : sizeof gun / sizeof gun[0];
	return kind == TGT_METER ? meter : gun;
}
