#include "report_part.h"

#include <stdio.h>

#include "sales.h"

/* ---- Sums ---- */

/* Columns `first`.. as n, energy, duration, elec, service, parking, flat. */
struct sums part_sums_at(sqlite3_stmt *stmt, int first)
{
	return (struct sums){part_int(sql_int(stmt, first)), part_int(sql_int(stmt, first + 1)),
		part_int(sql_int(stmt, first + 2)), part_int(sql_int(stmt, first + 3)),
		part_int(sql_int(stmt, first + 4)), part_int(sql_int(stmt, first + 5)),
		part_int(sql_int(stmt, first + 6)), {0}};
}

/* One row of sums from a query over [:from, :to). */
int part_ints(sqlite3 *db, const char *query, int64_t from, int64_t to, int columns, int64_t *out)
{
	sqlite3_stmt *stmt;
	int rc = sql_prepare(db, query, &stmt);

	if (rc != 0) {
		return rc;
	}
	sql_bind_int(stmt, ":from", from);
	sql_bind_int(stmt, ":to", to);
	rc = sql_step(stmt);
	for (int i = 0; rc == 1 && i < columns; i++) {
		out[i] = part_int(sql_int(stmt, i));
	}
	sqlite3_finalize(stmt);
	return rc == 1 ? 0 : rc == 0 ? ERR_CORRUPT : rc;
}

/* Begins to read; refuses where the roll-ups lack something. */
int part_whole(struct store_reader *reader)
{
	int rc = reader_begin(reader->site);

	if (rc == 0 && (rc = sales_whole(reader->site)) != 0) {
		reader_end(reader->site);
	}
	return rc;
}

/* ---- Rows ---- */

int part_begin(struct part *r, struct store_reader *reader, const struct report_span *span)
{
	int rc = sales_zone(reader->site, &r->zone);

	if (rc != 0) {
		return rc;
	}
	r->reader = reader;
	r->span = *span;
	r->from = cal_day_begin(&r->zone, span->from);
	r->to = cal_day_begin(&r->zone, span->to);
	return part_whole(reader);
}

void part_bind_rated(sqlite3_stmt *stmt, const struct part *r)
{
	sql_bind_int(stmt, ":first", r->from.ms);
	sql_bind_int(stmt, ":last", r->to.ms);
}

void part_row(const struct part *r, const char *section, const char *item, struct view_report *row)
{
	view_clear(VIEW_report, row);
	snprintf(row->id, sizeof row->id, "%s/%s", section, item);
	VIEW_SET(row, section, section);
	VIEW_SET(row, item, item);
	row->from = r->from.ms;
	row->to = r->to.ms;
}

void part_stars(struct view_report *row, const struct sums *s)
{
	int64_t ratings = 0, stars = 0;

	for (int n = 1; n <= RATING_MAX; n++) {
		ratings += s->rated[n];
		stars += s->rated[n] * n;
	}
	if (ratings > 0) {
		row->ratings = ratings;
		row->stars_e1 = (stars * 10 + ratings / 2) / ratings;
	}
}

static void part_fill(struct view_report *row, const struct sums *s)
{
	row->count = s->n;
	row->energy_wh = s->wh;
	row->duration_s = s->s;
	row->elec_fen = s->elec;
	row->service_fen = s->service;
	row->parking_fen = s->parking;
	row->fen = s->elec + s->service + s->parking;
	part_stars(row, s);
}

int part_sums(struct part *r, const char *section, const char *item, const struct sums *s)
{
	struct view_report row;

	part_row(r, section, item, &row);
	part_fill(&row, s);
	return r->each(r->arg, &row);
}

int part_fen(struct part *r, const char *section, const char *item, int64_t count, int64_t fen)
{
	struct view_report row;

	part_row(r, section, item, &row);
	row.count = count;
	row.fen = fen;
	return r->each(r->arg, &row);
}

/* ---- What transactions moved ---- */

/* Revenue by component as the ledger has it, refunds and reversals taken off. */
int part_revenue(struct part *r)
{
	sqlite3_stmt *stmt;
	int64_t total = 0;
	int rc = sql_prepare(r->reader->site,
		"SELECT ledger, sum(n) FILTER (WHERE kind NOT IN ('refund', 'reverse')),"
		" -sum(fen) FILTER (WHERE kind NOT IN ('refund', 'reverse')),"
		" -sum(fen) FROM cash_day WHERE day >= :from AND day < :to"
		" AND ledger LIKE 'revenue%' GROUP BY ledger",
		&stmt);
	int64_t back = 0;

	if (rc != 0) {
		return rc;
	}
	sql_bind_int(stmt, ":from", r->span.from);
	sql_bind_int(stmt, ":to", r->span.to);
	while ((rc = sql_step(stmt)) == 1) {
		int64_t n = part_int(sql_int(stmt, 1)), fen = part_int(sql_int(stmt, 2));

		total += part_int(sql_int(stmt, 3));
		back += part_int(sql_int(stmt, 3)) - fen;
		rc = part_fen(r, "revenue", sql_text(stmt, 0), n, fen);
		if (rc != 0) {
			break;
		}
	}
	sqlite3_finalize(stmt);
	rc = rc != 0 ? rc : part_fen(r, "revenue", "refunds", VALUE_NONE, back);
	return rc != 0 ? rc : part_fen(r, "revenue", "total", VALUE_NONE, total);
}

/* ---- Slots ---- */

/* A slot's row, whose key is its begin. */
static void slot_row(
	const struct part *r, struct wall from, struct wall to, struct view_report *row)
{
	part_row(r, "slot", "", row);
	snprintf(row->id, sizeof row->id, "slot/%lld", (long long)from.ms);
	row->from = from.ms;
	row->to = to.ms;
}

static int give_slot(struct part *r, struct wall from, struct wall to, const struct sums *s)
{
	struct view_report row;

	slot_row(r, from, to, &row);
	part_fill(&row, s);
	return r->each(r->arg, &row);
}

static int64_t slot_end(const struct part *r, int64_t day)
{
	int32_t year, month, mday;

	if (r->span.slot != REPORT_BY_MONTH) {
		return day + 1;
	}
	cal_date(day, &year, &month, &mday);
	return cal_day(year, month, 1) + cal_month_days(year, month);
}

/* By days or months, of bills; empty slots too, so that the curve has no holes. */
static int give_days(struct part *r)
{
	sqlite3_stmt *stmt;
	int64_t day = r->span.from;
	int rc = sql_prepare(r->reader->site,
		"SELECT " PART_SUMS " FROM sale_day WHERE gun = '' AND day >= :from"
		" AND day < :to AND item IN ('session', 'parking')",
		&stmt);

	while (rc == 0 && day < r->span.to) {
		int64_t end = slot_end(r, day);
		struct sums s = {0};

		sql_bind_int(stmt, ":from", day);
		sql_bind_int(stmt, ":to", end);
		rc = sql_step(stmt);
		if (rc == 1) {
			s = part_sums_at(stmt, 0);
			sqlite3_reset(stmt);
			rc = give_slot(
				r, cal_day_begin(&r->zone, day), cal_day_begin(&r->zone, end), &s);
		}
		day = end;
	}
	sqlite3_finalize(stmt);
	return rc;
}

/* By hours, of the guns' registers: when the energy flowed. */
struct hours {
	struct part *part;
	struct wall next; /* the first hour that was not given yet */
};

static struct wall hour_after(struct wall at)
{
	return (struct wall){at.ms + 3600 * MS_PER_S};
}

/* Hours that nobody recorded have a row too. */
static int give_empty_hours(struct hours *h, struct wall to)
{
	struct view_report row;
	int rc = 0;

	while (rc == 0 && h->next.ms < to.ms) {
		slot_row(h->part, h->next, hour_after(h->next), &row);
		rc = h->part->each(h->part->arg, &row);
		h->next = hour_after(h->next);
	}
	return rc;
}

static int give_hour(void *arg, const struct view_energy *e)
{
	struct hours *h = arg;
	struct view_report row;
	int rc = give_empty_hours(h, (struct wall){e->from});

	if (rc != 0) {
		return rc;
	}
	slot_row(h->part, (struct wall){e->from}, (struct wall){e->to}, &row);
	row.energy_wh = e->energy_wh;
	row.count = e->sessions;
	row.power_w = e->peak_w;
	h->next = (struct wall){e->to};
	return h->part->each(h->part->arg, &row);
}

static int give_hours(struct part *r)
{
	struct hours h = {r, r->from};
	int rc = store_energy(r->reader, r->from, r->to, "site", 3600, give_hour, &h);

	return rc != 0 ? rc : give_empty_hours(&h, r->to);
}

int part_slots(struct part *r)
{
	switch (r->span.slot) {
	case REPORT_BY_HOUR:
		return give_hours(r);
	case REPORT_BY_DAY:
	case REPORT_BY_MONTH:
		return give_days(r);
	case REPORT_BY_NONE:
		break;
	}
	return 0;
}
