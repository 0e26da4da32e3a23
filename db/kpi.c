#include "kpi.h"

#include <stdio.h>
#include <string.h>

#include "reader.h"

#define SLOT_MS  (600 * MS_PER_S)
#define STALE_MS (24 * 3600 * MS_PER_S)

/* The alarms of the time that people were told of. */
#define TOLD " FROM alarm WHERE raised >= :from AND raised < :to AND parent IS NULL "

/* One row of integers. */
static int one_row(struct store_reader *r, const char *query, struct wall from, struct wall to,
	int64_t *values, int count)
{
	sqlite3_stmt *stmt = NULL;
	int rc = sql_prepare(r->site, query, &stmt);

	if (rc == 0) {
		sql_bind_int(stmt, ":from", from.ms);
		sql_bind_int(stmt, ":to", to.ms);
		sql_bind_int(stmt, ":slot", SLOT_MS);
		sql_bind_int(stmt, ":stale", to.ms - STALE_MS);
		sql_bind_int(stmt, ":flood", KPI_FLOOD);
		rc = sql_step(stmt);
		for (int i = 0; i < count && rc == 1; i++) {
			values[i] = sql_int(stmt, i);
		}
		rc = rc < 0 ? rc : 0;
	}
	sqlite3_finalize(stmt);
	return rc;
}

/* Slots of ten minutes from the begin of the time on. */
static int slots(struct store_reader *r, struct wall from, struct wall to, struct view_kpi *out)
{
	int64_t worst[2] = {0, VALUE_NONE}, over[1] = {0};
	int rc = one_row(r,
		"SELECT count(*) AS n, :from + (raised - :from) / :slot * :slot AS slot" TOLD
		"GROUP BY slot ORDER BY n DESC, slot LIMIT 1",
		from, to, worst, 2);

	if (rc == 0) {
		rc = one_row(r,
			"SELECT count(*) FROM (SELECT count(*) AS n" TOLD
			"GROUP BY (raised - :from) / :slot HAVING n > :flood)",
			from, to, over, 1);
	}
	out->slots = (to.ms - from.ms + SLOT_MS - 1) / SLOT_MS;
	out->peak = worst[0];
	out->peak_at = worst[1];
	out->flood_pm = out->slots > 0 ? over[0] * 1000 / out->slots : 0;
	return rc;
}

/* What stood at the end of the time. */
static int standing(struct store_reader *r, struct wall from, struct wall to, struct view_kpi *out)
{
	int64_t v[4] = {0};
	int rc = one_row(r,
		"SELECT count(*), coalesce(sum(raised < :stale), 0), coalesce(sum(acked IS NULL), "
		"0),"
		" coalesce(sum(shelved_until IS NOT NULL), 0) FROM alarm"
		" WHERE raised < :to AND parent IS NULL AND (ended IS NULL OR ended >= :to)"
		" AND (returned IS NULL OR returned >= :to)",
		from, to, v, 4);

	out->standing = v[0];
	out->stale = v[1];
	out->unacked = v[2];
	out->shelved = v[3];
	return rc;
}

int store_alarm_kpi(struct store_reader *r, struct wall from, struct wall to, struct view_kpi *out)
{
	int64_t v[4] = {0}, median[1] = {VALUE_NONE}, noisy[1] = {0};
	int rc;

	view_clear(VIEW_kpi, out);
	out->from = from.ms;
	out->to = to.ms;
	VIEW_SET(out, id, "site");
	if (to.ms <= from.ms) {
		return ERR_RANGE;
	}
	rc = one_row(r,
		"SELECT count(*), coalesce(sum(severity = 1), 0), coalesce(sum(acked IS NOT NULL), "
		"0),"
		" coalesce(sum(count), 0)" TOLD,
		from, to, v, 4);
	out->alarms = v[0];
	out->safety = v[1];
	out->times = v[3];
	rc = rc != 0 ? rc : slots(r, from, to, out);
	if (out->slots > 0) {
		out->mean_pm = out->alarms * 1000 / out->slots;
	}
	rc = rc != 0 ? rc : standing(r, from, to, out);
	if (rc == 0) {
		rc = one_row(r,
			"SELECT (acked - raised) / 1000" TOLD "AND acked IS NOT NULL ORDER BY 1"
			" LIMIT 1 OFFSET (SELECT count(*)" TOLD "AND acked IS NOT NULL) / 2",
			from, to, median, 1);
	}
	if (rc == 0) {
		rc = one_row(r,
			"SELECT count(*) FROM (SELECT 1" TOLD
			"GROUP BY target, code HAVING max(chatter) = 1)",
			from, to, noisy, 1);
	}
	out->ack_s = median[0];
	out->chattering = noisy[0];
	return rc;
}

int store_alarm_actors(struct store_reader *r, struct wall from, struct wall to, size_t limit,
	int (*each)(void *arg, const struct view_actor *actor), void *arg)
{
	sqlite3_stmt *stmt = NULL;
	int rc = sql_prepare(r->site,
		"SELECT target, code, count(*) AS n, sum(count), max(chatter),"
		" sum(min(coalesce(returned, ended, :to), :to) - raised) / 1000,"
		" count(*) * 1000 / (SELECT count(*)" TOLD ")" TOLD
		"GROUP BY target, code ORDER BY n DESC, target, code LIMIT :limit",
		&stmt);

	if (rc == 0) {
		sql_bind_int(stmt, ":from", from.ms);
		sql_bind_int(stmt, ":to", to.ms);
		sql_bind_int(stmt, ":limit", (int64_t)limit);
	}
	while (rc == 0 && (rc = sql_step(stmt)) == 1) {
		struct view_actor a;

		view_clear(VIEW_actor, &a);
		VIEW_SET(&a, target, sql_text(stmt, 0));
		a.code = sql_int(stmt, 1);
		a.alarms = sql_int(stmt, 2);
		a.times = sql_int(stmt, 3);
		a.chatter = sql_int(stmt, 4);
		a.stood_s = sql_int(stmt, 5);
		a.share_pm = sql_int(stmt, 6);
		snprintf(a.id, sizeof a.id, "%s-%lld", a.target, (long long)a.code);
		rc = each(arg, &a);
	}
	sqlite3_finalize(stmt);
	return rc;
}
