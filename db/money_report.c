#include "money_report.h"

#include <stdio.h>
#include <string.h>

#include "report_part.h"
#include "sales.h"

/* ---- Spans ---- */

static bool digits(const char *text, int count, int64_t *out)
{
	*out = 0;
	for (int i = 0; i < count; i++) {
		if (text[i] < '0' || text[i] > '9') {
			return false;
		}
		*out = *out * 10 + (text[i] - '0');
	}
	return true;
}

int report_span_parse(const char *text, struct report_span *out)
{
	struct report_span span;
	int64_t year, month;
	size_t length = strlen(text);

	if (length == 10) {
		int rc = cal_parse_day(text, &span.from);

		if (rc != 0) {
			return rc;
		}
		span.to = span.from + 1;
		span.slot = REPORT_BY_HOUR;
	} else if (length == 7 && digits(text, 4, &year) && text[4] == '-' &&
		   digits(text + 5, 2, &month)) {
		if (year < 1970 || month < 1 || month > 12) {
			return ERR_RANGE;
		}
		span.from = cal_day(year, month, 1);
		span.to = span.from + cal_month_days(year, month);
		span.slot = REPORT_BY_DAY;
	} else if (length == 4 && digits(text, 4, &year)) {
		if (year < 1970) {
			return ERR_RANGE;
		}
		span.from = cal_day(year, 1, 1);
		span.to = cal_day(year + 1, 1, 1);
		span.slot = REPORT_BY_MONTH;
	} else {
		return ERR_SYNTAX;
	}
	*out = span;
	return 0;
}

/* ---- Home ---- */

/* Instants; whole days of it come from the roll-ups. */
struct range {
	struct wall from, to;
};

enum { FIG_TOPUP, FIG_CHARGED, FIG_N, FIG_WH, FIG_S, FIG_COUNT };

static const char days_cash[] =
	"SELECT sum(fen) FILTER (WHERE ledger = 'cash' AND kind IN ('topup', 'reverse')),"
	" -sum(fen) FILTER (WHERE ledger LIKE 'revenue%') FROM cash_day"
	" WHERE day >= :from AND day < :to";
static const char days_sale[] = "SELECT sum(n), sum(energy_wh), sum(duration_s) FROM sale_day"
				" WHERE gun = '' AND day >= :from AND day < :to"
				" AND item = 'session'";
static const char part_cash[] =
	"SELECT sum(e.fen) FILTER (WHERE a.kind = 'cash' AND t.kind IN ('topup', 'reverse')),"
	" -sum(e.fen) FILTER (WHERE a.kind LIKE 'revenue%') FROM ledger_tx t"
	" JOIN ledger_entry e ON e.tx = t.id JOIN ledger_account a ON a.id = e.account"
	" WHERE t.at >= :from AND t.at < :to";
static const char part_sale[] =
	"SELECT count(*), sum(energy_wh), sum((\"end\" - start) / 1000) FROM bill"
	" WHERE kind = 'session' AND sealed >= :from AND sealed < :to";

static int add_figures(sqlite3 *db, const char *cash, const char *sale, int64_t from, int64_t to,
	int64_t sum[FIG_COUNT])
{
	int64_t part[FIG_COUNT] = {0};
	int rc = 0;

	if (from < to) {
		rc = part_ints(db, cash, from, to, 2, part);
		rc = rc != 0 ? rc : part_ints(db, sale, from, to, 3, part + FIG_N);
	}
	for (int i = 0; rc == 0 && i < FIG_COUNT; i++) {
		sum[i] += part[i];
	}
	return rc;
}

static int figure(struct store_reader *reader, const struct zone_rules *zone, struct range range,
	struct view_figure *out)
{
	int64_t sum[FIG_COUNT] = {0}, accounts = 0;
	int64_t first = cal_at(zone, range.from).day, last = cal_at(zone, range.to).day;
	int rc = part_ints(reader->site,
		"SELECT count(*) FROM account WHERE opened >= :from AND opened < :to",
		range.from.ms, range.to.ms, 1, &accounts);

	/* Ranges begin with a day; the last one may be a part of one. */
	rc = rc != 0 ? rc : add_figures(reader->site, days_cash, days_sale, first, last, sum);
	rc = rc != 0 ? rc
		     : add_figures(reader->site, part_cash, part_sale, cal_day_begin(zone, last).ms,
			       range.to.ms, sum);
	out->from = range.from.ms;
	out->to = range.to.ms;
	out->accounts = accounts;
	out->topup_fen = sum[FIG_TOPUP];
	out->charged_fen = sum[FIG_CHARGED];
	out->sessions = sum[FIG_N];
	out->energy_wh = sum[FIG_WH];
	out->duration_s = sum[FIG_S];
	return rc;
}

/* `at` moved by so many years, months, days, cut to the month's end. */
static struct wall moved(
	const struct zone_rules *zone, struct wall at, int years, int months, int days)
{
	struct cal_time t = cal_at(zone, at);
	int64_t month = t.month - 1 + months, year = t.year + years, mday = t.mday, last;

	if (month < 0) {
		month += 12;
		year--;
	}
	last = cal_month_days(year, month + 1);
	mday = mday > last ? last : mday;
	return (struct wall){cal_day_begin(zone, cal_day(year, month + 1, mday) + days).ms +
			     (at.ms - cal_day_begin(zone, t.day).ms)};
}

/* By how much the present is more; VALUE_NONE where there was nothing. */
static int64_t more_pm(int64_t present, int64_t past)
{
	return past <= 0 ? VALUE_NONE : (present - past) * 1000 / past;
}

static void compare(struct view_figure *row, const struct view_figure *present)
{
	row->charged_more_pm = more_pm(present->charged_fen, row->charged_fen);
	row->energy_more_pm = more_pm(present->energy_wh, row->energy_wh);
	row->sessions_more_pm = more_pm(present->sessions, row->sessions);
}

int report_home(struct store_reader *reader, struct wall now,
	int (*each)(void *arg, const struct view_figure *row), void *arg)
{
	struct view_figure present = {.sessions = 0};
	struct zone_rules zone;
	struct cal_time t;
	int rc = sales_zone(reader->site, &zone);

	if (rc != 0) {
		return rc;
	}
	now.ms++; /* what was booked this very millisecond is in */
	t = cal_at(&zone, now);
	const struct wall today = cal_day_begin(&zone, t.day);
	const struct wall month = cal_day_begin(&zone, cal_day(t.year, t.month, 1));
	const struct wall year = cal_day_begin(&zone, cal_day(t.year, 1, 1));
	const struct {
		const char *span, *against;
		struct wall from;
		int years, months, days;
	} rows[] = {
		{"today", "", today, 0, 0, 0},
		{"today", "before", today, 0, 0, -1},
		{"today", "year", today, -1, 0, 0},
		{"month", "", month, 0, 0, 0},
		{"month", "before", month, 0, -1, 0},
		{"month", "year", month, -1, 0, 0},
		{"year", "", year, 0, 0, 0},
		{"year", "before", year, -1, 0, 0},
		{"total", "", cal_day_begin(&zone, 0), 0, 0, 0},
	};

	rc = part_whole(reader);
	if (rc != 0) {
		return rc;
	}
	for (size_t i = 0; rc == 0 && i < sizeof rows / sizeof rows[0]; i++) {
		struct view_figure row;

		view_clear(VIEW_figure, &row);
		snprintf(row.id, sizeof row.id, "%s%s%s", rows[i].span,
			rows[i].against[0] == '\0' ? "" : "/", rows[i].against);
		VIEW_SET(&row, span, rows[i].span);
		VIEW_SET(&row, against, rows[i].against);
		rc = figure(reader, &zone,
			(struct range){moved(&zone, rows[i].from, rows[i].years, rows[i].months,
					       rows[i].days),
				moved(&zone, now, rows[i].years, rows[i].months, rows[i].days)},
			&row);
		if (row.against[0] == '\0') {
			present = row;
		} else {
			compare(&row, &present);
		}
		rc = rc != 0 ? rc : each(arg, &row);
	}
	reader_end(reader->site);
	return rc;
}
