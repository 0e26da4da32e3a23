#ifndef PILED_OFFRIG_H
#define PILED_OFFRIG_H
/* The rig of orders with a store behind it, as the agent has it: what the core gives out is kept
 * and settled, prepayments are held before an order, and a new core goes on from what was kept. The
 * tariff and the times are those of orderrig.h. */
#include <sqlite3.h>

#include "../tempdir.h"
#include "orderrig.h"
#include "payer.h"
#include "sql.h"
#include "store.h"
#include "tariff_file.h"

struct offrig {
	struct orderrig o;
	char folder[64], broken[96];
	struct store *store;
	sqlite3 *db; /* read-only */
	struct store_cfg cfg;
	size_t stored; /* of the rig's actions */
};

static inline struct money_result off_money(struct offrig *f, struct money_op op)
{
	struct money_result r;

	op.at_ms = f->o.r.now.wall.ms;
	VIEW_SET(&op, by, "anna");
	assert_int_equal(store_money_wait(f->store, &op, &r), 0);
	return r;
}

/* An integer of the database; VALUE_NONE where there is no row. */
static inline int64_t off_int(struct offrig *f, const char *sql)
{
	int64_t value = VALUE_NONE;
	sqlite3_stmt *stmt = NULL;

	assert_int_equal(store_flush(f->store), 0);
	assert_int_equal(sql_prepare(f->db, sql, &stmt), 0);
	if (sql_step(stmt) == 1) {
		value = sql_int(stmt, 0);
	}
	sqlite3_finalize(stmt);
	return value;
}

static inline struct payer off_payer(struct offrig *f)
{
	struct store_reader *reader;
	struct payer p;

	assert_int_equal(store_flush(f->store), 0);
	assert_int_equal(store_reader_open(f->folder, &reader), 0);
	assert_int_equal(store_payer(reader, "C000001", &p), 0);
	store_reader_close(reader);
	return p;
}

/* The work list has an open entry of this kind. */
static inline bool off_odd(struct offrig *f, const char *kind)
{
	char sql[128];

	snprintf(sql, sizeof sql,
		"SELECT count(*) FROM abnormal WHERE kind = '%s' AND state = 'open'", kind);
	return off_int(f, sql) > 0;
}

/* Keeps what the core gave out, and releases what is held for nothing. */
static inline void off_keep(struct offrig *f)
{
	for (; f->stored < f->o.r.count; f->stored++) {
		const struct action *a = &f->o.r.kept[f->stored];

		if (a->kind == ACT_SESSION) {
			assert_int_equal(store_put(f->store, VIEW_session, &a->session), 0);
		} else if (a->kind == ACT_MARK) {
			assert_int_equal(store_put(f->store, VIEW_mark, &a->mark), 0);
		} else if (a->kind == ACT_VISIT) {
			assert_int_equal(store_put(f->store, VIEW_visit, &a->visit), 0);
		} else if (a->kind == ACT_ORDER) {
			assert_int_equal(store_put(f->store, VIEW_order, &a->order), 0);
		}
	}
	assert_int_equal(store_flush(f->store), 0);
}

static inline void off_broken(void *arg, const char *row)
{
	struct offrig *f = arg;

	VIEW_SET(f, broken, row);
}

static inline void off_open(struct offrig *f)
{
	char path[96];

	assert_int_equal(store_open(&f->cfg, &f->store), 0);
	snprintf(path, sizeof path, "%s/" STORE_SITE_FILE, f->folder);
	assert_int_equal(sqlite3_open_v2(path, &f->db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
}

static inline void off_close(struct offrig *f)
{
	sqlite3_close(f->db);
	store_close(f->store);
}

static inline int off_resume(void *arg, enum view_kind kind, const void *view)
{
	rig_resume(&((struct offrig *)arg)->o.r, kind, view);
	return 0;
}

static inline int off_release(void *arg, const char *order)
{
	struct money_op op = {.kind = MONEY_RELEASE};

	VIEW_SET(&op, ref, order);
	assert_int_equal(off_money(arg, op).err, 0);
	return 0;
}

/* The agent was away for so long; the next one begins. `boot`: of the machine. */
static inline void off_restart(struct offrig *f, int64_t away_s, const char *boot)
{
	struct store_reader *reader;
	struct orderrig *o = &f->o;
	struct site_cfg cfg = o->cfg;

	off_keep(f);
	off_close(f);
	VIEW_SET(&cfg, boot_id, boot);
	if (strcmp(boot, o->cfg.boot_id) != 0) {
		o->r.now.mono.us = 20 * US_PER_S;
	} else {
		o->r.now.mono.us += away_s * US_PER_S;
	}
	o->r.now.wall.ms += away_s * MS_PER_S;
	site_free(o->r.site);
	o->cfg = cfg;
	assert_int_equal(site_new(&o->cfg, &o->r.site), 0);
	o->r.count = o->seen = f->stored = 0;
	off_open(f);
	know_tariff(o);
	assert_int_equal(store_reader_open(f->folder, &reader), 0);
	assert_int_equal(store_resume(reader, o->r.now.wall, off_resume, f), 0);
	assert_int_equal(store_stray_holds(reader, off_release, f), 0);
	store_reader_close(reader);
	off_keep(f);
}

/* valley to 06:30, then peak: 1 and 2 yuan */
static const char off_tariff[] = "tariff: t\n"
				 "from: 2023-01-01\n"
				 "prices: {electricity: {valley: 0.7, peak: 1.7}, service: 0.3}\n"
				 "days: [{periods: {valley: \"00:00-06:30\", peak: rest}}]\n"
				 "parking: {free: 5 min, per_minute: 0.5, cap: 50.00}\n";

static inline int off_setup_with(void **state, bool loss)
{
	struct offrig *f = calloc(1, sizeof *f);
	struct yaml_errors errors = {0};
	struct orderrig *o = &f->o;

	if (f == NULL || tempdir_make(f->folder, sizeof f->folder) != 0) {
		return -1;
	}
	f->cfg = (struct store_cfg){.folder = f->folder,
		.zone = rig_cfg.zone,
		.overrun_loss = loss,
		.on_broken = off_broken,
		.arg = f};
	off_open(f);
	rig_new(&o->r);
	if (tariff_parse("t", off_tariff, strlen(off_tariff), &rig_cfg.zone, &errors, &o->tariff) !=
		0) {
		fail_msg("%s", errors.kept > 0 ? errors.lines[0] : "no tariff");
	}
	assert_int_equal(off_money(f, (struct money_op){.kind = MONEY_TARIFF,
					      .ref = "t",
					      .text = off_tariff,
					      .blob = &o->tariff,
					      .blob_size = sizeof o->tariff})
				 .err,
		0);
	o->tariff.version = 1;
	order_site(o, UNPAID_REFUSE);
	assert_int_equal(
		off_money(f, (struct money_op){.kind = MONEY_OPEN, .name = "Li Lei"}).err, 0);
	assert_int_equal(off_money(f, (struct money_op){.kind = MONEY_TOPUP,
					      .account = "C000001",
					      .key = "slip",
					      .fen = 2000})
				 .err,
		0);
	*state = f;
	return 0;
}

static inline int off_setup(void **state)
{
	return off_setup_with(state, false);
}

static inline int off_teardown(void **state)
{
	struct offrig *f = *state;

	site_free(f->o.r.site);
	off_close(f);
	tempdir_remove(f->folder);
	free(f);
	return 0;
}

/* The prepayment is held; then the order, until the gun charges with `w` from 5000 Wh on. */
static inline int off_order(struct offrig *f, const char *id, int gun, int64_t hold_fen)
{
	struct money_op op = {.kind = MONEY_HOLD, .account = "C000001", .fen = hold_fen};
	struct money_result r;

	VIEW_SET(&op, ref, id);
	wanted(&f->o, id, gun);
	f->o.wanted.hold_fen = f->o.wanted.limit_value = hold_fen;
	r = off_money(f, op);
	if (r.err == 0) {
		give_order(&f->o, false);
		off_keep(f);
	}
	return r.err;
}

#endif
