#include "tariff_file.h"

#include <stdlib.h>
#include <string.h>

#include "money.h"
#include "tariff_int.h"

static const struct {
	const char *name;
	const char *keys[12];
} maps[TMAP_COUNT_] = {
	[TMAP_ROOT] = {"the tariff", {"tariff", "from", "prices", "days", "holidays", "workdays",
					     "parking", "reservation", "classes"}},
	[TMAP_PRICES] = {"prices", {"months", "electricity", "service"}},
	[TMAP_DAY] = {"days", {"months", "kinds", "periods", "inside"}},
	[TMAP_INSIDE] = {"inside", {"sharp", "deep"}},
	[TMAP_PERIODS] = {"periods",
		{
#define PERIOD(sym, token, glyph, label) token,
#include "period.def"
#undef PERIOD
		}},
	[TMAP_PARKING] = {"parking", {"free", "cap", "per_minute", "windows"}},
	[TMAP_WINDOW] = {"windows", {"time", "per_minute"}},
	[TMAP_RESERVATION] = {"reservation", {"no_show"}},
	[TMAP_CLASSES] = {"classes",
		{
#define CLASS(sym, token, label) token,
#include "class.def"
#undef CLASS
		}},
	[TMAP_CLASS] = {"a class", {"electricity", "service", "parking", "prices"}},
};

const char *const *tariff_keys(enum tariff_map map)
{
	return maps[map].keys;
}

const char *const *tariff_schema(size_t i, const char **map)
{
	if (i >= TMAP_COUNT_) {
		return NULL;
	}
	*map = maps[i].name;
	return maps[i].keys;
}

#define ID_LETTERS "abcdefghijklmnopqrstuvwxyz0123456789-"

static void read_head(struct tariff_text *x)
{
	const struct yaml_node *root = yaml_root(x->doc);
	const char *id, *from;
	int64_t day;

	if (yaml_string(x->doc, root, "tariff", TARIFF_ID - 1, NULL, &id) == 0) {
		if (strspn(id, ID_LETTERS) != strlen(id)) {
			yaml_error(x->doc, yaml_get(x->doc, root, "tariff"),
				"'tariff': read '%.40s', allowed are a-z, 0-9 and -", id);
		}
		memcpy(x->t->id, id, strlen(id));
	}
	if (yaml_string(x->doc, root, "from", 40, NULL, &from) == 0) {
		if (cal_parse_day(from, &day) != 0) {
			yaml_error(x->doc, yaml_get(x->doc, root, "from"),
				"'from': read '%.40s', allowed is a date such as 2026-01-01", from);
		} else {
			x->t->from_ms = cal_day_begin(&x->t->zone, day).ms;
		}
	}
}

/* "2026-05-01" or "2026-05-01 to 2026-05-05" */
static int read_dates(struct tariff_text *x, const struct yaml_node *node, const char *what,
	int64_t *from, int64_t *to)
{
	const char *text = yaml_text(node);
	char first[11] = "";

	memcpy(first, text, strnlen(text, 10));
	if (cal_parse_day(first, from) == 0) {
		*to = *from;
		if (text[10] == '\0' ||
			(strncmp(text + 10, " to ", 4) == 0 && cal_parse_day(text + 14, to) == 0 &&
				*to >= *from)) {
			return 0;
		}
	}
	yaml_error(x->doc, node,
		"'%s': read '%.40s', allowed are 2026-05-01 and 2026-05-01 to 2026-05-05", what,
		text);
	return ERR_SYNTAX;
}

/* Puts a day where it belongs; ERR_EXISTS, ERR_FULL. */
static int insert_day(int32_t *days, uint32_t *count, uint32_t room, int64_t day)
{
	uint32_t i = *count;

	for (uint32_t k = 0; k < *count; k++) {
		if (days[k] == day) {
			return ERR_EXISTS;
		}
	}
	if (*count == room) {
		return ERR_FULL;
	}
	for (; i > 0 && days[i - 1] > day; i--) {
		days[i] = days[i - 1];
	}
	days[i] = (int32_t)day;
	++*count;
	return 0;
}

static void read_day_list(struct tariff_text *x, const char *key, int32_t *days, uint32_t *count,
	uint32_t room, bool worked)
{
	const struct yaml_node *list = yaml_get(x->doc, yaml_root(x->doc), key);

	if (list == NULL) {
		return;
	}
	if (yaml_kind_of(list) != YAML_LIST) {
		yaml_error(x->doc, list, "'%s' must be a list of dates", key);
		return;
	}
	for (size_t i = 0; i < yaml_length(list); i++) {
		const struct yaml_node *node = yaml_at(x->doc, list, i);
		int64_t from, to;
		int err = 0;

		if (read_dates(x, node, key, &from, &to) != 0) {
			continue;
		}
		for (int64_t day = from; err == 0 && day <= to; day++) {
			err = worked && cal_weekday(day) < 5 ? ERR_STATE
							     : insert_day(days, count, room, day);
		}
		if (err == ERR_STATE) {
			yaml_error(x->doc, node, "'%s': %s is no weekend", key, yaml_text(node));
		} else if (err == ERR_EXISTS) {
			yaml_error(x->doc, node, "'%s': %s is given twice", key, yaml_text(node));
		} else if (err == ERR_FULL) {
			yaml_error(x->doc, node, "'%s': at most %u dates", key, (unsigned)room);
			return;
		}
	}
}

static void read_calendar(struct tariff_text *x)
{
	struct tariff *t = x->t;

	read_day_list(x, "holidays", t->holiday, &t->holidays, TARIFF_HOLIDAYS, false);
	read_day_list(x, "workdays", t->workday, &t->workdays, TARIFF_WORKDAYS, true);
	for (uint32_t i = 0; i < t->workdays; i++) {
		if (tariff_day_kind(t, t->workday[i]) == DAY_HOLIDAY) {
			int32_t year, month, mday;

			cal_date(t->workday[i], &year, &month, &mday);
			yaml_error(x->doc, yaml_get(x->doc, yaml_root(x->doc), "workdays"),
				"'workdays': %d-%02d-%02d is a holiday too", (int)year, (int)month,
				(int)mday);
		}
	}
}

static void add_window(struct tariff *t, int32_t from, int32_t to, int32_t per_min_e5)
{
	struct parking_window *w = &t->window[t->windows++];

	w->from_min = from;
	w->to_min = to;
	for (int c = 0; c < CLASS_COUNT_; c++) {
		w->per_min_e5[c] = per_min_e5;
	}
}

static void read_window(struct tariff_text *x, const struct yaml_node *map, bool taken[1440])
{
	const struct yaml_node *time = yaml_get(x->doc, map, "time"),
			       *price = yaml_get(x->doc, map, "per_minute");
	int32_t from, to, e5;

	if (yaml_keys(x->doc, map, tariff_keys(TMAP_WINDOW)) != 0) {
		return;
	}
	if (time == NULL || price == NULL) {
		yaml_error(x->doc, map, "'%s' is missing", time == NULL ? "time" : "per_minute");
		return;
	}
	if (tariff_read_range(x, time, 1, &from, &to) != 0 ||
		tariff_read_price(x, price, "per_minute", &e5) != 0) {
		return;
	}
	for (int32_t i = 0; i < (from < to ? to - from : to + 1440 - from); i++) {
		int32_t m = (from + i) % 1440;

		if (taken[m]) {
			yaml_error(x->doc, time, "%02d:%02d is in a window before already", m / 60,
				m % 60);
			break;
		}
		taken[m] = true;
	}
	add_window(x->t, from, to, e5);
}

static void read_windows(struct tariff_text *x, const struct yaml_node *parking)
{
	const struct yaml_node *one = yaml_get(x->doc, parking, "per_minute"),
			       *list = yaml_get(x->doc, parking, "windows");
	bool taken[1440] = {false};
	int32_t e5;

	if ((one == NULL) == (list == NULL)) {
		yaml_error(x->doc, parking, "needs either 'per_minute' or 'windows'");
		return;
	}
	if (one != NULL) {
		if (tariff_read_price(x, one, "per_minute", &e5) == 0) {
			add_window(x->t, 0, 1440, e5);
		}
		return;
	}
	if (yaml_kind_of(list) != YAML_LIST || yaml_length(list) > TARIFF_WINDOWS) {
		yaml_error(x->doc, list, "'windows' must be a list of at most %d", TARIFF_WINDOWS);
		return;
	}
	for (size_t i = 0; i < yaml_length(list); i++) {
		read_window(x, yaml_at(x->doc, list, i), taken);
	}
}

/* An amount of a map; 0 where the key is absent. */
static int64_t read_amount(
	struct tariff_text *x, const struct yaml_node *map, const char *key, bool required)
{
	const struct yaml_node *node = yaml_get(x->doc, map, key);
	int64_t fen = 0;
	int err;

	if (node == NULL) {
		if (required) {
			yaml_error(x->doc, map, "'%s' is missing", key);
		}
		return 0;
	}
	err = money_parse(yaml_text(node), &fen);
	if (err != 0) {
		yaml_error(x->doc, node,
			"'%s': read '%.40s', allowed is an amount such as 30.00: %s", key,
			yaml_text(node), err_text(err));
	}
	return fen;
}

static void read_parking(struct tariff_text *x)
{
	const struct yaml_node *map = yaml_get(x->doc, yaml_root(x->doc), "parking");
	int64_t free_s;

	if (map == NULL || yaml_keys(x->doc, map, tariff_keys(TMAP_PARKING)) != 0) {
		return;
	}
	yaml_quantity(x->doc, map, "free", UNIT_S, 0, S_PER_DAY, 0, &free_s);
	if (free_s % 60 != 0) {
		yaml_error(x->doc, yaml_get(x->doc, map, "free"), "'free' must be whole minutes");
	}
	x->t->free_min = (uint32_t)(free_s / 60);
	x->t->cap_fen = read_amount(x, map, "cap", false);
	read_windows(x, map);
}

static void read_reservation(struct tariff_text *x)
{
	const struct yaml_node *map = yaml_get(x->doc, yaml_root(x->doc), "reservation");

	if (map != NULL && yaml_keys(x->doc, map, tariff_keys(TMAP_RESERVATION)) == 0) {
		x->t->no_show_fen = read_amount(x, map, "no_show", true);
	}
}

int tariff_parse(const char *name, const char *text, size_t size, const struct zone_rules *zone,
	struct yaml_errors *errors, struct tariff *out)
{
	struct tariff_text x = {.t = out};
	struct yaml_doc *doc;
	int err;

	memset(out, 0, sizeof *out);
	out->version = 1;
	out->zone = *zone;
	if (size > TARIFF_TEXT_MAX) {
		yaml_errors_add(errors, "%s: is larger than %d bytes", name, TARIFF_TEXT_MAX);
		return ERR_TOOLONG;
	}
	err = yaml_load_text(name, text, size, errors, &doc);
	if (err != 0) {
		return err;
	}
	x.doc = doc;
	yaml_keys(doc, yaml_root(doc), tariff_keys(TMAP_ROOT));
	if (yaml_kind_of(yaml_root(doc)) == YAML_MAP) {
		read_head(&x);
		tariff_read_prices(&x);
		tariff_read_days(&x);
		if (yaml_error_count(doc) == 0) {
			tariff_check_prices(&x);
		}
		read_calendar(&x);
		read_parking(&x);
		read_reservation(&x);
		tariff_read_classes(&x);
	}
	err = yaml_error_count(doc) > 0 ? ERR_SYNTAX : tariff_valid(out);
	yaml_release(doc);
	return err;
}
