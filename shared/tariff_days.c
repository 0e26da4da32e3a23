/* The days of a tariff's text: which half hours are which period, in which months. */
#include "tariff_int.h"

#include <stdio.h>
#include <string.h>

#include "text.h"

#define NOT_GIVEN 0xFF
#define ALL_KINDS ((1U << DAY_KINDS) - 1)

static void clock_text(char dst[8], int minute)
{
	snprintf(dst, 8, "%02d:%02d", minute / 60 % 100, minute % 60);
}

/* "HH:MM" up to 24:00 */
static int read_clock(const char *text, int32_t grid, int32_t *minute)
{
	int64_t h, m;
	char hours[3] = "", minutes[3] = "";

	if (text[2] != ':') {
		return ERR_SYNTAX;
	}
	memcpy(hours, text, 2);
	memcpy(minutes, text + 3, 2);
	if (text_int(hours, 0, 24, &h) != 0 || text_int(minutes, 0, 59, &m) != 0 ||
		h * 60 + m > 1440 || m % grid != 0) {
		return ERR_SYNTAX;
	}
	*minute = (int32_t)(h * 60 + m);
	return 0;
}

int tariff_read_range(struct tariff_text *x, const struct yaml_node *node, int32_t grid,
	int32_t *from_min, int32_t *to_min)
{
	const char *text = yaml_text(node);

	if (strlen(text) != 11 || text[5] != '-' || strspn(text, "0123456789:-") != 11 ||
		read_clock(text, grid, from_min) != 0 || read_clock(text + 6, grid, to_min) != 0 ||
		*from_min == *to_min || *from_min == 1440 || *to_min == 0) {
		yaml_error(x->doc, node, "read '%.40s', allowed is a time such as 07:00-08:30%s",
			text, grid == 30 ? ", in half hours" : "");
		return ERR_SYNTAX;
	}
	return 0;
}

static unsigned read_months(struct tariff_text *x, const struct yaml_node *node)
{
	const char *text = yaml_text(node), *dash = strchr(text, '-');
	char first[16];
	int64_t from = 0, to = 0;
	unsigned bits = 0;

	snprintf(first, sizeof first, "%.*s", dash != NULL ? (int)(dash - text) : 15, text);
	if (text_int(first, 1, 12, &from) != 0 ||
		text_int(dash != NULL ? dash + 1 : first, from, 12, &to) != 0) {
		yaml_error(
			x->doc, node, "'months': read '%.40s', allowed are 1 to 12 and 3-5", text);
		return 0;
	}
	for (; from <= to; from++) {
		bits |= 1U << (from - 1);
	}
	return bits;
}

unsigned tariff_read_months(struct tariff_text *x, const struct yaml_node *map)
{
	const struct yaml_node *node = yaml_get(x->doc, map, "months");
	unsigned bits = 0;

	if (node == NULL) {
		return 0xFFF;
	}
	if (yaml_kind_of(node) != YAML_LIST) {
		return read_months(x, node);
	}
	for (size_t i = 0; i < yaml_length(node); i++) {
		bits |= read_months(x, yaml_at(x->doc, node, i));
	}
	return bits;
}

static unsigned read_kind(struct tariff_text *x, const struct yaml_node *node)
{
	for (int k = 0; k < DAY_KINDS; k++) {
		if (strcmp(yaml_text(node), day_kind_token((enum day_kind)k)) == 0) {
			return 1U << k;
		}
	}
	yaml_error(x->doc, node, "'kinds': read '%.40s', allowed are: workday, weekend, holiday",
		yaml_text(node));
	return 0;
}

static unsigned read_kinds(struct tariff_text *x, const struct yaml_node *map)
{
	const struct yaml_node *node = yaml_get(x->doc, map, "kinds");
	unsigned bits = 0;

	if (node == NULL) {
		return ALL_KINDS;
	}
	if (yaml_kind_of(node) != YAML_LIST) {
		return read_kind(x, node);
	}
	for (size_t i = 0; i < yaml_length(node); i++) {
		bits |= read_kind(x, yaml_at(x->doc, node, i));
	}
	return bits;
}

/* A day under construction: the period of each half hour and the line that gave it. */
struct day {
	uint8_t slot[CAL_SLOTS];
	int line[CAL_SLOTS];
};

/* What is said of half hours s..end. */
static void say_slots(struct tariff_text *x, const struct yaml_node *node, int s, int end,
	const char *what, int line)
{
	char from[8], to[8];

	clock_text(from, s * 30);
	clock_text(to, end * 30);
	if (line > 0) {
		yaml_error(x->doc, node, "%s-%s is %s already, given in line %d", from, to, what,
			line);
	} else {
		yaml_error(x->doc, node, "%s-%s %s", from, to, what);
	}
}

/* Half hours that must be `under` (NOT_GIVEN: free) become `period`. Each run of others is one
 * error. */
static void fill(struct tariff_text *x, const struct yaml_node *node, struct day *day, int from,
	int to, uint8_t under, uint8_t period)
{
	for (int s = from, run; s < to; s = run) {
		uint8_t is = day->slot[s];

		for (run = s + 1;
			run < to && day->slot[run] == is && day->line[run] == day->line[s];) {
			run++;
		}
		if (is == under) {
			for (int i = s; i < run; i++) {
				day->slot[i] = period;
				day->line[i] = yaml_line(node);
			}
		} else if (under == NOT_GIVEN) {
			say_slots(x, node, s, run, period_info(is)->token, day->line[s]);
		} else {
			say_slots(x, node, s, run,
				under == PERIOD_PEAK ? "is not inside a peak"
						     : "is not inside a valley",
				0);
		}
	}
}

static void read_times(struct tariff_text *x, const struct yaml_node *node, struct day *day,
	uint8_t under, uint8_t period)
{
	bool list = yaml_kind_of(node) == YAML_LIST;

	for (size_t i = 0; i < (list ? yaml_length(node) : 1); i++) {
		const struct yaml_node *item = list ? yaml_at(x->doc, node, i) : node;
		int32_t from, to;

		if (tariff_read_range(x, item, 30, &from, &to) != 0) {
			continue;
		}
		if (from < to) {
			fill(x, item, day, from / 30, to / 30, under, period);
		} else {
			fill(x, item, day, from / 30, CAL_SLOTS, under, period);
			fill(x, item, day, 0, to / 30, under, period);
		}
	}
}

/* periods: {valley: [02:00-06:00], flat: rest} */
static void read_periods(struct tariff_text *x, const struct yaml_node *map, struct day *day)
{
	const struct yaml_node *rest_node = NULL;
	uint8_t rest = NOT_GIVEN;

	if (yaml_keys(x->doc, map, tariff_keys(TMAP_PERIODS)) != 0) {
		return;
	}
	for (size_t i = 0; i < yaml_length(map); i++) {
		const struct yaml_node *node = yaml_at(x->doc, map, i);
		enum period period;

		period_find(yaml_key_at(x->doc, map, i), &period);
		if (strcmp(yaml_text(node), "rest") != 0) {
			read_times(x, node, day, NOT_GIVEN, (uint8_t)period);
		} else if (rest_node != NULL) {
			yaml_error(x->doc, node,
				"only one period can be the rest, in line %d it is %s",
				yaml_line(rest_node), period_info(rest)->token);
		} else {
			rest = (uint8_t)period;
			rest_node = node;
		}
	}
	for (int s = 0, run; s < CAL_SLOTS; s = run) {
		for (run = s + 1; run < CAL_SLOTS && day->slot[run] == day->slot[s];) {
			run++;
		}
		if (day->slot[s] == NOT_GIVEN && rest_node != NULL) {
			fill(x, rest_node, day, s, run, NOT_GIVEN, rest);
		} else if (day->slot[s] == NOT_GIVEN) {
			say_slots(x, map, s, run, "has no period", 0);
			fill(x, map, day, s, run, NOT_GIVEN, PERIOD_FLAT);
		}
	}
}

/* inside: {deep: [11:00-14:00], sharp: [16:00-19:00]} */
static void read_inside(struct tariff_text *x, const struct yaml_node *map, struct day *day)
{
	const struct yaml_node *node;

	if (map == NULL || yaml_keys(x->doc, map, tariff_keys(TMAP_INSIDE)) != 0) {
		return;
	}
	node = yaml_get(x->doc, map, "sharp");
	if (node != NULL) {
		read_times(x, node, day, PERIOD_PEAK, PERIOD_SHARP);
	}
	node = yaml_get(x->doc, map, "deep");
	if (node != NULL) {
		read_times(x, node, day, PERIOD_VALLEY, PERIOD_DEEP);
	}
}

/* Gives months and kinds of days their schedule; `line` holds who gave it. */
static void assign(struct tariff_text *x, const struct yaml_node *node, unsigned months,
	unsigned kinds, int line[12][DAY_KINDS])
{
	for (int m = 0; m < 12; m++) {
		for (int k = 0; k < DAY_KINDS; k++) {
			if ((months >> m & 1) == 0 || (kinds >> k & 1) == 0) {
				continue;
			}
			if (line[m][k] != 0) {
				yaml_error(x->doc, node,
					"month %d, %s: is given twice, first in line %d", m + 1,
					day_kind_token((enum day_kind)k), line[m][k]);
				return;
			}
			line[m][k] = yaml_line(node);
			x->t->schedule_of[m][k] = (uint8_t)x->t->schedules;
		}
	}
}

static void read_day(struct tariff_text *x, const struct yaml_node *node, int line[12][DAY_KINDS])
{
	const struct yaml_node *periods;
	struct day day;

	if (yaml_keys(x->doc, node, tariff_keys(TMAP_DAY)) != 0) {
		return;
	}
	memset(day.slot, NOT_GIVEN, sizeof day.slot);
	memset(day.line, 0, sizeof day.line);
	periods = yaml_get(x->doc, node, "periods");
	if (periods == NULL) {
		yaml_error(x->doc, node, "'periods' is missing");
		return;
	}
	read_periods(x, periods, &day);
	read_inside(x, yaml_get(x->doc, node, "inside"), &day);
	assign(x, node, tariff_read_months(x, node), read_kinds(x, node), line);
	memcpy(x->t->schedule[x->t->schedules++], day.slot, sizeof day.slot);
}

void tariff_read_days(struct tariff_text *x)
{
	const struct yaml_node *root = yaml_root(x->doc), *list = yaml_get(x->doc, root, "days");
	int line[12][DAY_KINDS] = {{0}};

	if (list == NULL || yaml_kind_of(list) != YAML_LIST || yaml_length(list) == 0) {
		yaml_error(x->doc, list != NULL ? list : root,
			"'days' must be a list of schedules for months and kinds of days");
		return;
	}
	for (size_t i = 0; i < yaml_length(list); i++) {
		if (x->t->schedules == TARIFF_SCHEDULES) {
			yaml_error(x->doc, yaml_at(x->doc, list, i), "at most %d schedules",
				TARIFF_SCHEDULES);
			return;
		}
		read_day(x, yaml_at(x->doc, list, i), line);
	}
	for (int m = 0; m < 12 && yaml_error_count(x->doc) == 0; m++) {
		for (int k = 0; k < DAY_KINDS; k++) {
			if (line[m][k] == 0) {
				yaml_error(x->doc, list, "month %d, %s: has no schedule", m + 1,
					day_kind_token((enum day_kind)k));
				break;
			}
		}
	}
}
