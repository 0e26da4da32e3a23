#include "purse.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "abnormal.h"
#include "ledger_head.h"
#include "ledger_verify.h"
#include "reserved.h"
#include "settle.h"
#include "told.h"

#define HOLDS_EVERY_MS (INT64_C(600) * MS_PER_S)
/* Checked at each start; the whole is `piled ledger verify`'s. */
#define TAIL_ROWS 1000
#define TEXTS     (PURSE_PARTS - 2)

/* An operation that was done, until its transaction has ended. */
struct asked {
	store_money_fn done;
	void *arg;
	struct money_result result;
};

struct purse {
	sqlite3 *db;
	struct purse_cfg cfg;
	struct ledger *ledger;
	struct ledger_key *key;
	struct asked *asked;
	size_t count, cap;
	int64_t holds_ms;          /* when to look at prepayments next */
	char head_day[LEDGER_DAY]; /* today, when its yesterday has a head */
};

int purse_open(sqlite3 *db, const struct purse_cfg *cfg, struct purse **out)
{
	const struct ledger_cfg ledger = {.overrun_loss = cfg->overrun_loss,
		.told = cfg->told,
		.low_fen = cfg->low_fen,
		.pin_tries = cfg->pin_tries,
		.pin_lock_ms = cfg->pin_lock_ms};
	struct purse *p = calloc(1, sizeof *p);
	int rc;

	if (p == NULL) {
		return ERR_NOMEM;
	}
	p->db = db;
	p->cfg = *cfg;
	rc = ledger_key_open(cfg->folder, &p->key);
	rc = rc != 0 ? rc : ledger_open(db, &ledger, &p->ledger);
	rc = rc != 0 ? rc : ledger_adopt(p->ledger, wall_now().ms);
	rc = rc != 0 ? rc : ledger_verify_tail(db, TAIL_ROWS, cfg->broken, cfg->broken_size);
	if (rc == 0) {
		ledger_set_broken(p->ledger, cfg->broken);
	}
	p->cfg.folder = NULL; /* borrowed for the opening only */
	if (rc != 0) {
		purse_close(p);
		return rc;
	}
	*out = p;
	return 0;
}

void purse_close(struct purse *p)
{
	if (p == NULL) {
		return;
	}
	ledger_close(p->ledger);
	ledger_key_close(p->key);
	free(p->asked);
	free(p);
}

/* ---- Operations ---- */

size_t purse_pack(struct purse_room *room, const struct money_op *op, store_money_fn done,
	void *arg, struct ring_part parts[PURSE_PARTS])
{
	const char *const texts[TEXTS] = {op->name, op->phone, op->plate, op->class, op->notes,
		op->text, op->language, op->mail, op->messages};

	room->op = *op;
	room->done = done;
	room->arg = arg;
	parts[0] = (struct ring_part){room, sizeof *room};
	for (size_t i = 0; i < TEXTS; i++) {
		room->sizes[i] = texts[i] == NULL ? 0 : strlen(texts[i]) + 1;
		parts[1 + i] = (struct ring_part){texts[i] != NULL ? texts[i] : "", room->sizes[i]};
	}
	room->sizes[TEXTS] = op->blob == NULL ? 0 : op->blob_size;
	parts[1 + TEXTS] = (struct ring_part){op->blob != NULL ? op->blob : "", room->sizes[TEXTS]};
	return PURSE_PARTS;
}

/* What the parts said, out of the queue. */
static void unpack(const void *data, struct purse_room *room)
{
	const char **texts[TEXTS] = {&room->op.name, &room->op.phone, &room->op.plate,
		&room->op.class, &room->op.notes, &room->op.text, &room->op.language,
		&room->op.mail, &room->op.messages};
	const char *p = (const char *)data + sizeof *room;

	memcpy(room, data, sizeof *room);
	for (size_t i = 0; i < TEXTS; i++) {
		*texts[i] = room->sizes[i] == 0 ? NULL : p;
		p += room->sizes[i];
	}
	room->op.blob = room->sizes[TEXTS] == 0 ? NULL : p;
	room->op.blob_size = room->sizes[TEXTS];
}

int purse_do(struct purse *p, const void *data)
{
	struct purse_room room;
	struct asked *a;

	unpack(data, &room);
	if (p->count == p->cap) {
		size_t cap = p->cap == 0 ? 16 : p->cap * 2;

		a = realloc(p->asked, cap * sizeof *a);
		if (a == NULL) {
			return ERR_NOMEM;
		}
		p->asked = a;
		p->cap = cap;
	}
	a = &p->asked[p->count++];
	a->done = room.done;
	a->arg = room.arg;
	return ledger_do(p->ledger, &room.op, &a->result);
}

void purse_end(struct purse *p, bool committed)
{
	bool written = told_written(p->ledger);
	size_t count = p->count;

	if (committed && written && p->cfg.on_message != NULL) {
		p->cfg.on_message(p->cfg.arg);
	}
	if (!committed) {
		settle_forget(p->ledger);
	}
	p->count = 0;
	for (size_t i = 0; committed && i < count; i++) {
		if (p->asked[i].done != NULL) {
			p->asked[i].done(p->asked[i].arg, &p->asked[i].result);
		}
	}
}

void purse_refuse(const void *data, int err)
{
	struct money_result result = {.err = err};
	struct purse_room room;

	memcpy(&room, data, sizeof room);
	if (room.done != NULL) {
		room.done(room.arg, &result);
	}
}

/* ---- Whoever waits ---- */

struct waiting {
	pthread_mutex_t mutex;
	pthread_cond_t cond;
	struct money_result *out;
	bool done;
};

static void on_done(void *arg, const struct money_result *result)
{
	struct waiting *w = arg;

	pthread_mutex_lock(&w->mutex);
	*w->out = *result;
	w->done = true;
	pthread_cond_signal(&w->cond);
	pthread_mutex_unlock(&w->mutex);
}

int store_money_wait(struct store *store, const struct money_op *op, struct money_result *out)
{
	struct waiting w = {.out = out};
	int rc;

	pthread_mutex_init(&w.mutex, NULL);
	pthread_cond_init(&w.cond, NULL);
	rc = store_money(store, op, on_done, &w);
	pthread_mutex_lock(&w.mutex);
	while (rc == 0 && !w.done) {
		pthread_cond_wait(&w.cond, &w.mutex);
	}
	pthread_mutex_unlock(&w.mutex);
	pthread_cond_destroy(&w.cond);
	pthread_mutex_destroy(&w.mutex);
	return rc;
}

void store_ledger_broken(struct store *store, const char *row)
{
	const struct money_op op = {.kind = MONEY_BROKEN, .text = row};

	store_money(store, &op, NULL, NULL);
}

/* ---- Bills ---- */

/* What could not be posted, though nothing was odd: a person must look. */
static int list_failed(struct purse *p, const struct view_session *s, int rc, int64_t now_ms)
{
	struct abnormal failed = {.kind = ABNORMAL_FAILED};

	view_set_text(failed.evidence, sizeof failed.evidence, err_text(rc));
	return abnormal_add(p->ledger, &failed, s, NULL, VALUE_NONE, now_ms);
}

static int keep_order(struct purse *p, const struct view_order *o, int64_t now_ms)
{
	int rc = ledger_order(p->ledger, o, now_ms);

	return rc != 0 ? rc : told_order(p->ledger, o, now_ms);
}

static int keep_reservation(struct purse *p, const struct view_reservation *r, int64_t now_ms)
{
	int rc = ledger_reservation(p->ledger, r, now_ms);

	return rc != 0 ? rc : reserved_settle(p->ledger, r, now_ms);
}

int purse_settle(struct purse *p, enum view_kind kind, const void *view)
{
	int64_t now_ms = wall_now().ms;
	int rc = sql_exec(p->db, "SAVEPOINT settle");

	if (rc != 0) {
		return rc;
	}
	rc = kind == VIEW_session       ? settle_session(p->ledger, view, now_ms)
	     : kind == VIEW_visit       ? settle_visit(p->ledger, view, now_ms)
	     : kind == VIEW_reservation ? keep_reservation(p, view, now_ms)
					: keep_order(p, view, now_ms);
	if (rc != 0) {
		sql_exec(p->db, "ROLLBACK TO settle");
	}
	sql_exec(p->db, "RELEASE settle");
	if (rc == 0 || ledger_fatal(rc)) {
		return rc;
	}
	return kind == VIEW_session ? list_failed(p, view, rc, now_ms) : 0;
}

/* ---- What is due by the clock ---- */

bool purse_due(const struct purse *p, int64_t now_ms)
{
	char day[LEDGER_DAY];

	ledger_day(now_ms, p->cfg.utc_offset_s, day);
	return now_ms >= p->holds_ms || strcmp(day, p->head_day) != 0;
}

int purse_tend(struct purse *p, int64_t now_ms)
{
	int rc = ledger_head_close(p->db, p->key, now_ms, p->cfg.utc_offset_s);

	if (rc >= 0) {
		rc = settle_holds(p->ledger, now_ms);
	}
	if (rc == 0) {
		ledger_day(now_ms, p->cfg.utc_offset_s, p->head_day);
		p->holds_ms = now_ms + HOLDS_EVERY_MS;
	}
	return rc;
}
