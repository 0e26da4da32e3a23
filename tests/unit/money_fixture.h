#ifndef MONEY_FIXTURE_H
#define MONEY_FIXTURE_H
/* What the tests of the ledger share: a database in memory or a file, a tariff, sessions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ledger.h"
#include "migrate.h"
#include "record.h"
#include "settle.h"
#include "tariff_file.h"

/* 2026-03-02 08:00 in Shanghai, a Monday. */
#define MORNING_MS INT64_C(1772409600000)
#define HOUR_MS    (INT64_C(3600) * MS_PER_S)

struct bank {
	sqlite3 *db;
	struct ledger *ledger;
	struct record_set *records;
	int64_t now_ms;
};

static inline void bank_open(struct bank *b, const char *path)
{
	const struct ledger_cfg cfg = {.overrun_loss = false};

	assert_int_equal(sql_open(path, SQL_NORMAL, &b->db), 0);
	assert_int_equal(migrate_run(b->db, "site", path), 0);
	assert_int_equal(ledger_open(b->db, &cfg, &b->ledger), 0);
	assert_int_equal(record_open(b->db, &b->records), 0);
	b->now_ms = MORNING_MS;
}

static inline void bank_close(struct bank *b)
{
	ledger_close(b->ledger);
	record_close(b->records);
	sql_close(b->db);
}

/* Does one operation in a transaction of its own; its error. */
static inline int bank_do(struct bank *b, struct money_op *op, struct money_result *out)
{
	op->at_ms = b->now_ms++;
	assert_int_equal(sql_exec(b->db, "BEGIN"), 0);
	assert_int_equal(sql_end(b->db, ledger_do(b->ledger, op, out)), 0);
	return out->err;
}

#define OP(kind_, ...) (&(struct money_op){.kind = MONEY_##kind_, .by = "anna", __VA_ARGS__})

/* A tariff with a sharp hour each day from 10 to 11, and parking at half a yuan a minute after 15
 * minutes, at most 20 yuan. */
static const char bank_tariff_text[] =
	"tariff: day\n"
	"from: 2026-01-01\n"
	"prices: {electricity: {flat: 0.7, sharp: 1.2}, service: 0.4}\n"
	"days: [{periods: {sharp: \"10:00-11:00\", flat: rest}}]\n"
	"parking: {free: 15 min, per_minute: 0.5, cap: 20.00}\n";

static inline void bank_tariff(struct bank *b)
{
	const struct zone_rules shanghai = {1, {{0, 28800}}};
	struct yaml_errors errors = {0};
	struct money_result r;
	struct tariff t;

	if (tariff_parse("day", bank_tariff_text, strlen(bank_tariff_text), &shanghai, &errors,
		    &t) != 0) {
		fail_msg("%s", errors.kept > 0 ? errors.lines[0] : "no tariff");
	}
	assert_int_equal(bank_do(b,
				 OP(TARIFF, .ref = "day", .text = bank_tariff_text, .blob = &t,
					 .blob_size = sizeof t),
				 &r),
		0);
	assert_int_equal(r.version, 1);
}

static inline void bank_put(struct bank *b, enum view_kind kind, const void *view)
{
	assert_int_equal(sql_exec(b->db, "BEGIN"), 0);
	assert_int_equal(record_put(b->records, kind, view), 0);
	if (kind == VIEW_session) {
		assert_int_equal(settle_session(b->ledger, view, b->now_ms++), 0);
	} else if (kind == VIEW_visit) {
		assert_int_equal(settle_visit(b->ledger, view, b->now_ms++), 0);
	} else if (kind == VIEW_order) {
		assert_int_equal(ledger_order(b->ledger, view, b->now_ms++), 0);
	} else if (kind == VIEW_reservation) {
		assert_int_equal(ledger_reservation(b->ledger, view, b->now_ms++), 0);
	}
	assert_int_equal(sql_end(b->db, 0), 0);
}

static inline struct view_order an_order(const char *id, const char *account, int64_t hold_fen)
{
	struct view_order o;

	view_clear(VIEW_order, &o);
	VIEW_SET(&o, id, id);
	VIEW_SET(&o, gun, "A1.1");
	VIEW_SET(&o, account, account);
	VIEW_SET(&o, class, "ordinary");
	VIEW_SET(&o, kind, account[0] != '\0' ? "paid" : "unknown");
	VIEW_SET(&o, limit, "full");
	VIEW_SET(&o, state, "ended");
	VIEW_SET(&o, tariff, "day");
	o.hold_fen = hold_fen;
	o.asked = MORNING_MS;
	return o;
}

/* A closed session of this order, from `start_ms` on for so long, with its energy. */
static inline struct view_session a_charge(const char *id, const char *order, int64_t start_ms,
	int64_t ms, int64_t from_wh, int64_t wh)
{
	struct view_session s;

	view_clear(VIEW_session, &s);
	VIEW_SET(&s, id, id);
	VIEW_SET(&s, visit, "v1");
	VIEW_SET(&s, gun, "A1.1");
	VIEW_SET(&s, state, "closed");
	VIEW_SET(&s, order, order);
	VIEW_SET(&s, start_quality, "good");
	VIEW_SET(&s, end_quality, "good");
	s.start = s.start_at = start_ms;
	s.end = s.end_at = start_ms + ms;
	s.duration_s = ms / MS_PER_S;
	s.start_wh = from_wh;
	s.end_wh = from_wh + wh;
	s.energy_wh = wh;
	return s;
}

static inline void a_mark(struct bank *b, const char *session, int64_t at_ms, int64_t wh)
{
	struct view_mark m;

	view_clear(VIEW_mark, &m);
	VIEW_SET(&m, session, session);
	VIEW_SET(&m, quality, "good");
	m.at = at_ms;
	m.read_at = at_ms + 300;
	m.wh = wh;
	bank_put(b, VIEW_mark, &m);
}

/* What an account of the ledger holds. */
static inline int64_t holds(struct bank *b, enum ledger_kind kind, const char *owner)
{
	int64_t fen;

	assert_int_equal(ledger_balance(b->ledger, kind, owner, &fen), 0);
	return fen;
}

#endif
