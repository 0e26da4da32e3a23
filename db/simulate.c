#include "simulate.h"

#include <stdlib.h>
#include <string.h>

#include "bill.h"
#include "reader.h"

#define POINTS_MAX 4096 /* a session of twelve weeks */

#define BETWEEN "s.start >= :from AND s.start < :to AND s.\"end\" IS NOT NULL"

/* What the two passes share. */
struct run {
	sqlite3_stmt *sessions, *marks;
	const struct tariff *versions[1];
	struct simulated *out;
	struct bill_point points[POINTS_MAX];
	struct bill_line lines[BILL_LINES_MAX];
};

static enum quality good_or_not(const char *token)
{
	return strcmp(token, quality_token(Q_GOOD)) == 0 ? Q_GOOD : Q_SUBSTITUTE;
}

/* The registers of the session in the present row. ERR_INVAL where there are none. */
static int take_points(struct run *r, size_t *count)
{
	sqlite3_stmt *s = r->sessions;
	int64_t start = sql_int(s, 1), start_wh = sql_int(s, 2), end = sql_int(s, 4);
	int64_t wh = sql_int(s, 5);
	int rc;

	if (start_wh == VALUE_NONE || wh == VALUE_NONE) {
		return ERR_INVAL;
	}
	/* no time for energy to flow in: it counts by its end */
	start -= start == end;
	r->points[0] = (struct bill_point){{start}, start_wh, good_or_not(sql_text(s, 3))};
	*count = 1;
	sql_bind_text(r->marks, ":id", sql_text(s, 0));
	sql_bind_int(r->marks, ":start", start);
	sql_bind_int(r->marks, ":end", end);
	while ((rc = sql_step(r->marks)) == 1) {
		if (*count == POINTS_MAX - 1) {
			sqlite3_reset(r->marks);
			return ERR_INVAL;
		}
		r->points[(*count)++] = (struct bill_point){{sql_int(r->marks, 0)},
			sql_int(r->marks, 1), good_or_not(sql_text(r->marks, 2))};
	}
	r->points[(*count)++] =
		(struct bill_point){{end}, start_wh + wh, good_or_not(sql_text(s, 6))};
	return rc;
}

static int add_session(struct run *r)
{
	enum account_class class = CLASS_ORDINARY;
	struct bill_input in = {r->versions, 1, CLASS_ORDINARY, r->points, 0};
	struct bill_sum sum;
	bool substitute = false;
	int n, rc = take_points(r, &in.point_count);

	if (rc != 0 && rc != ERR_INVAL) {
		return rc;
	}
	class_find(sql_text(r->sessions, 7), &class);
	in.class = (uint32_t) class;
	n = rc == 0 ? bill_compute(&in, r->lines, BILL_LINES_MAX, &sum) : rc;
	if (n < 0) {
		r->out->skipped++;
		return 0;
	}
	for (int i = 0; i < n; i++) {
		const struct bill_line *l = &r->lines[i];

		r->out->period[l->period].wh += l->wh;
		r->out->period[l->period].elec_fen += l->elec_fen;
		r->out->period[l->period].service_fen += l->service_fen;
		substitute = substitute || l->substitute;
	}
	r->out->sessions++;
	r->out->substitutes += substitute;
	r->out->unbilled += sql_text(r->sessions, 7)[0] == '\0';
	return 0;
}

static int compute(struct run *r, sqlite3 *db, struct wall from, struct wall to)
{
	int rc = sql_prepare(db,
		"SELECT s.id, s.start, s.start_wh, s.start_quality, s.\"end\", s.energy_wh,"
		" s.end_quality, b.class FROM session AS s"
		" LEFT JOIN bill AS b ON b.session = s.id AND b.kind = 'session'"
		" WHERE " BETWEEN " ORDER BY s.start",
		&r->sessions);

	if (rc == 0) {
		rc = sql_prepare(db,
			"SELECT at, wh, quality FROM mark WHERE session = :id AND at > :start"
			" AND at < :end ORDER BY at",
			&r->marks);
	}
	if (rc == 0) {
		sql_bind_int(r->sessions, ":from", from.ms);
		sql_bind_int(r->sessions, ":to", to.ms);
	}
	while (rc == 0 && (rc = sql_step(r->sessions)) == 1) {
		rc = add_session(r);
	}
	sqlite3_finalize(r->sessions);
	sqlite3_finalize(r->marks);
	return rc;
}

static int add_billed(struct simulated *out, sqlite3 *db, struct wall from, struct wall to)
{
	sqlite3_stmt *stmt = NULL;
	int rc = sql_prepare(db,
		"SELECT l.period, sum(l.energy_wh), sum(l.elec_fen), sum(l.service_fen)"
		" FROM session AS s JOIN bill AS b ON b.session = s.id AND b.kind = 'session'"
		" JOIN bill_line AS l ON l.bill = b.id"
		" WHERE " BETWEEN " AND l.period IS NOT NULL GROUP BY l.period",
		&stmt);

	if (rc == 0) {
		sql_bind_int(stmt, ":from", from.ms);
		sql_bind_int(stmt, ":to", to.ms);
	}
	while (rc == 0 && (rc = sql_step(stmt)) == 1) {
		enum period p;

		rc = period_find(sql_text(stmt, 0), &p) == 0 ? 0 : ERR_CORRUPT;
		if (rc == 0) {
			out->period[p].billed_wh = sql_int(stmt, 1);
			out->period[p].billed_elec_fen = sql_int(stmt, 2);
			out->period[p].billed_service_fen = sql_int(stmt, 3);
		}
	}
	sqlite3_finalize(stmt);
	return rc;
}

int store_simulate(struct store_reader *reader, const struct tariff *t, struct wall from,
	struct wall to, struct simulated *out)
{
	struct run *r = calloc(1, sizeof *r);
	struct tariff always = *t;
	int rc;

	if (r == NULL) {
		return ERR_NOMEM;
	}
	memset(out, 0, sizeof *out);
	always.from_ms = INT64_MIN;
	r->versions[0] = &always;
	r->out = out;
	rc = reader_begin(reader->site);
	if (rc == 0) {
		rc = compute(r, reader->site, from, to);
		rc = rc != 0 ? rc : add_billed(out, reader->site, from, to);
		reader_end(reader->site);
	}
	free(r);
	return rc;
}
