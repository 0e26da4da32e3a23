#include "tariff_show.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "i18n.h"
#include "money.h"
#include "text.h"
#include "wire.h"

size_t tariff_day(
	const struct tariff *t, int64_t day, unsigned class, struct view_price *rows, size_t room)
{
	struct wall end = cal_day_begin(&t->zone, day + 1);
	struct tariff_slot slot = {.end = cal_day_begin(&t->zone, day)};
	size_t count = 0;

	while (slot.end.ms < end.ms) {
		struct view_price *last = count > 0 ? &rows[count - 1] : NULL;

		tariff_at(t, slot.end, class, &slot);
		if (last != NULL && strcmp(last->period, period_info(slot.period)->token) == 0) {
			last->to = slot.end.ms;
			continue;
		}
		if (count == room) {
			break;
		}
		view_clear(VIEW_price, &rows[count]);
		snprintf(rows[count].id, sizeof rows[count].id, "%u", (unsigned)count % 1000 + 1);
		VIEW_SET(&rows[count], period, period_info(slot.period)->token);
		rows[count].from = slot.begin.ms;
		rows[count].to = slot.end.ms;
		rows[count].elec_e5 = slot.price.elec_e5;
		rows[count].service_e5 = slot.price.service_e5;
		rows[count++].total_e5 = price_total_e5(slot.price);
	}
	return count;
}

struct cJSON *tariff_day_json(const struct tariff *t, int64_t day, unsigned class)
{
	struct view_price rows[TARIFF_STRETCHES];
	size_t count = tariff_day(t, day, class, rows, TARIFF_STRETCHES);
	cJSON *o = cJSON_CreateObject(), *list;

	cJSON_AddStringToObject(o, "kind", day_kind_token(tariff_day_kind(t, day)));
	cJSON_AddStringToObject(o, "class", class_token(class));
	list = cJSON_AddArrayToObject(o, "prices");
	for (size_t i = 0; i < count; i++) {
		cJSON_AddItemToArray(list, view_to_json(VIEW_price, &rows[i], NULL));
	}
	cJSON_AddNumberToObject(o, "free_min", t->free_min);
	wire_add_int(o, "cap_fen", t->cap_fen);
	wire_add_int(o, "no_show_fen", t->no_show_fen);
	list = cJSON_AddArrayToObject(o, "windows");
	for (uint32_t i = 0; i < t->windows; i++) {
		cJSON *window = cJSON_CreateObject();

		cJSON_AddNumberToObject(window, "from_min", t->window[i].from_min);
		cJSON_AddNumberToObject(window, "to_min", t->window[i].to_min);
		cJSON_AddNumberToObject(window, "per_min_e5",
			t->window[i].per_min_e5[class < CLASS_COUNT_ ? class : CLASS_ORDINARY]);
		cJSON_AddItemToArray(list, window);
	}
	return o;
}

/* ---- Differences ---- */

struct diff {
	void (*each)(void *arg, const char *line);
	void *arg;
	int count;
};

static void tell(struct diff *d, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void tell(struct diff *d, const char *format, ...)
{
	char line[200];
	va_list ap;

	va_start(ap, format);
	vsnprintf(line, sizeof line, format, ap);
	va_end(ap);
	d->each(d->arg, line);
	d->count++;
}

/* "months 6-8, "; nothing where it is the whole year. */
static void months_text(char *dst, size_t size, int first, int end)
{
	size_t used = 0;

	dst[0] = '\0';
	if (end == first + 1) {
		text_append(dst, size, &used, _("month %d, "), first + 1);
	} else if (end - first < 12) {
		text_append(dst, size, &used, _("months %d-%d, "), first + 1, end);
	}
}

static void tell_price(struct diff *d, const char *months, unsigned class, const char *what,
	int64_t from_e5, int64_t to_e5)
{
	char from[24], to[24];

	if (from_e5 == to_e5) {
		return;
	}
	money_price_format(from, sizeof from, from_e5);
	money_price_format(to, sizeof to, to_e5);
	tell(d, _("%s%s, %s: %s -> %s"), months, _(class_label(class)), what, from, to);
}

static bool uses(const struct tariff *t, int month, unsigned period)
{
	for (int i = 0; i < DAY_KINDS * CAL_SLOTS; i++) {
		if (t->schedule[t->schedule_of[month][i / CAL_SLOTS]][i % CAL_SLOTS] == period) {
			return true;
		}
	}
	return false;
}

static bool same_prices(const struct tariff *a, const struct tariff *b, int m, int other)
{
	return memcmp(a->price[a->set_of[m]], a->price[a->set_of[other]], sizeof a->price[0]) ==
		       0 &&
	       memcmp(b->price[b->set_of[m]], b->price[b->set_of[other]], sizeof b->price[0]) == 0;
}

static bool ever_used(const struct tariff *t, unsigned period)
{
	for (int m = 0; m < 12; m++) {
		if (uses(t, m, period)) {
			return true;
		}
	}
	return false;
}

/* Prices of month `m` of periods that are in use; those of a class where they are not the ordinary
 * ones. */
static void diff_month_prices(
	struct diff *d, const struct tariff *a, const struct tariff *b, int m, const char *months)
{
	for (unsigned i = 0; i < CLASS_COUNT_ * PERIOD_COUNT_; i++) {
		unsigned c = i / PERIOD_COUNT_, p = i % PERIOD_COUNT_;
		const struct price(*x)[PERIOD_COUNT_] = a->price[a->set_of[m]];
		const struct price(*y)[PERIOD_COUNT_] = b->price[b->set_of[m]];
		const char *period = _(period_info(p)->label);
		char what[80];

		if (!ever_used(b, p)) {
			continue;
		}
		if (c == CLASS_ORDINARY || x[c][p].elec_e5 != x[CLASS_ORDINARY][p].elec_e5 ||
			y[c][p].elec_e5 != y[CLASS_ORDINARY][p].elec_e5) {
			snprintf(what, sizeof what, _("%s, %s"), period, _("electricity"));
			tell_price(d, months, c, what, x[c][p].elec_e5, y[c][p].elec_e5);
		}
		if (c == CLASS_ORDINARY || x[c][p].service_e5 != x[CLASS_ORDINARY][p].service_e5 ||
			y[c][p].service_e5 != y[CLASS_ORDINARY][p].service_e5) {
			snprintf(what, sizeof what, _("%s, %s"), period, _("service"));
			tell_price(d, months, c, what, x[c][p].service_e5, y[c][p].service_e5);
		}
	}
}

/* Months in a row that have the same prices in both are told together. */
static void diff_prices(struct diff *d, const struct tariff *a, const struct tariff *b)
{
	char months[40];

	for (int m = 0, end; m < 12; m = end) {
		for (end = m + 1; end < 12 && same_prices(a, b, m, end);) {
			end++;
		}
		months_text(months, sizeof months, m, end);
		diff_month_prices(d, a, b, m, months);
	}
}

static const char *day_kind_label(enum day_kind kind)
{
	static const char *const labels[DAY_KINDS] = {N_("workday"), N_("weekend"), N_("holiday")};

	return _(labels[kind]);
}

static const uint8_t *schedule_at(const struct tariff *t, int m, int k)
{
	return t->schedule[t->schedule_of[m][k]];
}

static bool same_change(
	const struct tariff *a, const struct tariff *b, int m, int k, int m2, int k2)
{
	return memcmp(schedule_at(a, m, k), schedule_at(a, m2, k2), CAL_SLOTS) == 0 &&
	       memcmp(schedule_at(b, m, k), schedule_at(b, m2, k2), CAL_SLOTS) == 0;
}

static void diff_day(struct diff *d, const struct tariff *a, const struct tariff *b, int m, int k,
	const char *days)
{
	const uint8_t *x = schedule_at(a, m, k), *y = schedule_at(b, m, k);

	for (int s = 0, run; s < CAL_SLOTS; s = run) {
		for (run = s + 1; run < CAL_SLOTS && x[run] == x[s] && y[run] == y[s];) {
			run++;
		}
		if (x[s] != y[s]) {
			tell(d, "%s, %02d:%02d-%02d:%02d: %s -> %s", days, s / 2, s % 2 * 30,
				run / 2, run % 2 * 30, _(period_info(x[s])->label),
				_(period_info(y[s])->label));
		}
	}
}

/* Months in a row that change alike on all days are told together. */
static void diff_days(struct diff *d, const struct tariff *a, const struct tariff *b)
{
	char days[80];

	for (int m = 0, end; m < 12; m = end) {
		bool alike = true;

		for (end = m; alike && end < 12;) {
			for (int k = 0; k < DAY_KINDS; k++) {
				alike = alike && same_change(a, b, m, 0, end, k);
			}
			end += alike;
		}
		if (end > m) {
			if (end > m + 1) {
				snprintf(days, sizeof days, _("months %d-%d"), m + 1, end);
			} else {
				snprintf(days, sizeof days, _("month %d"), m + 1);
			}
			diff_day(d, a, b, m, 0, days);
			continue;
		}
		for (int k = 0; k < DAY_KINDS; k++) {
			snprintf(days, sizeof days, _("month %d, %s"), m + 1,
				day_kind_label((enum day_kind)k));
			diff_day(d, a, b, m, k, days);
		}
		end = m + 1;
	}
}

static void diff_dates(struct diff *d, const int32_t *a, uint32_t a_count, const int32_t *b,
	uint32_t b_count, const char *what)
{
	uint32_t i = 0, k = 0;

	while (i < a_count || k < b_count) {
		bool gone = k == b_count || (i < a_count && a[i] < b[k]);
		bool new = i == a_count || (k < b_count && b[k] < a[i]);
		int32_t year, month, mday;

		cal_date(gone ? a[i] : b[k], &year, &month, &mday);
		if (gone || new) {
			tell(d, "%s %d-%02d-%02d: %s", _(what), (int)year, (int)month, (int)mday,
				gone ? _("no more") : _("new"));
		}
		i += !new;
		k += !gone;
	}
}

static void diff_amount(struct diff *d, const char *what, int64_t a, int64_t b)
{
	char from[32], to[32];

	if (a != b) {
		money_format(from, sizeof from, a);
		money_format(to, sizeof to, b);
		tell(d, "%s: %s -> %s", _(what), from, to);
	}
}

static const struct parking_window *window_of(
	const struct tariff *t, const struct parking_window *like)
{
	for (uint32_t i = 0; i < t->windows; i++) {
		if (t->window[i].from_min == like->from_min &&
			t->window[i].to_min == like->to_min) {
			return &t->window[i];
		}
	}
	return NULL;
}

/* What a minute of parking costs in a window that either has; "-" where it is free. */
static void tell_window(
	struct diff *d, const struct parking_window *a, const struct parking_window *b)
{
	const struct parking_window *w = a != NULL ? a : b;

	for (unsigned c = 0; c < CLASS_COUNT_; c++) {
		int32_t x = a == NULL ? -1 : a->per_min_e5[c],
			y = b == NULL ? -1 : b->per_min_e5[c];
		bool as_first = c > 0 && (a == NULL || x == a->per_min_e5[CLASS_ORDINARY]) &&
				(b == NULL || y == b->per_min_e5[CLASS_ORDINARY]);
		char from[24] = "-", to[24] = "-";

		if (x == y || as_first) {
			continue;
		}
		if (a != NULL) {
			money_price_format(from, sizeof from, x);
		}
		if (b != NULL) {
			money_price_format(to, sizeof to, y);
		}
		tell(d, _("parking a minute, %02d:%02d-%02d:%02d, %s: %s -> %s"), w->from_min / 60,
			w->from_min % 60, w->to_min / 60, w->to_min % 60, _(class_label(c)), from,
			to);
	}
}

static void diff_windows(struct diff *d, const struct tariff *a, const struct tariff *b)
{
	for (uint32_t i = 0; i < a->windows; i++) {
		tell_window(d, &a->window[i], window_of(b, &a->window[i]));
	}
	for (uint32_t i = 0; i < b->windows; i++) {
		if (window_of(a, &b->window[i]) == NULL) {
			tell_window(d, NULL, &b->window[i]);
		}
	}
}

int tariff_diff(const struct tariff *a, const struct tariff *b,
	void (*each)(void *arg, const char *line), void *arg)
{
	struct diff d = {each, arg, 0};

	diff_prices(&d, a, b);
	diff_days(&d, a, b);
	diff_dates(&d, a->holiday, a->holidays, b->holiday, b->holidays, N_("holiday"));
	diff_dates(&d, a->workday, a->workdays, b->workday, b->workdays, N_("worked weekend"));
	if (a->free_min != b->free_min) {
		tell(&d, _("parking, free minutes: %u -> %u"), (unsigned)a->free_min,
			(unsigned)b->free_min);
	}
	diff_amount(&d, N_("parking, at most"), a->cap_fen, b->cap_fen);
	diff_windows(&d, a, b);
	diff_amount(&d, N_("reservation, nobody came"), a->no_show_fen, b->no_show_fen);
	return d.count;
}
