/*
 * The store's life and its writer thread. Callers put records and rows into two bounded queues;
 * the writer takes what is there and commits it together. A record leaves its queue only when it
 * is committed, so that a full disk costs nothing until the queue is full too.
 */
#include "store.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "decision.h"
#include "audit.h"
#include "history.h"
#include "ledger_head.h"
#include "purse.h"
#include "record.h"
#include "sales.h"
#include "ring.h"
#include "store_files.h"

/* Records that arrive within this time share a transaction. */
#define GATHER_US (20 * US_PER_MS)
/* How often rows are taken from their queue when it is not half full before. */
#define DRAIN_US (5 * US_PER_S)
/* After a failed commit. */
#define RETRY_US        (2 * US_PER_S)
#define TAIL_US_DEFAULT (60 * US_PER_S)
#define RECORDS_BYTES   (1024 * 1024)
#define ROWS_BYTES_MIN  (64 * 1024)
#define ROWS_BYTES_EACH 1024
#define AUDIT_BYTES_MAX 8192
#define MONEY_BYTES_MAX (128 * 1024) /* a tariff with its text */
#define SERIES_MAX      65535

/* Kinds in the queue of records besides enum view_kind. */
#define KIND_AUDIT 1000
#define KIND_MONEY 1001

struct row_head {
	int64_t at_ms;
	uint32_t series;
	uint32_t count;
};

struct store {
	struct store_cfg cfg;
	struct store_files files;
	struct record_set *records;
	struct audit *audit;
	struct purse *purse;
	struct sales *sales;
	struct history *history;
	pthread_t thread;
	bool has_thread, has_sync;

	pthread_mutex_t mutex;
	pthread_cond_t wake; /* the writer waits */
	pthread_cond_t done; /* store_flush() waits */
	struct ring record_ring, row_ring;
	uint64_t flush_asked, flush_done;
	int64_t flushed_us; /* when the last one was asked for */
	int flush_rc;
	bool stopping;
	struct store_stats stats;

	/* the writer's own */
	int64_t gather_us, drain_us, commit_us, retry_us; /* when */
	int64_t drain_period_us;
	unsigned decisions; /* since old ones were looked for */
	int site_rc, history_rc;
	const char *state;
};

static int64_t now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * US_PER_S + ts.tv_nsec / 1000;
}

static bool retryable(int rc)
{
	return rc != ERR_INVAL && rc != ERR_TOOLONG;
}

/* Now and then with a decision: those that are too old or too many go. */
static int tidy_decisions(struct store *s, const struct view_decision *newest)
{
	if (++s->decisions < DECISION_TIDY_EACH) {
		return 0;
	}
	s->decisions = 0;
	return decision_tidy(
		s->files.site, (struct wall){newest->at}, s->cfg.retention_days, DECISION_ROWS_MAX);
}

static int put_record(struct store *s, uint32_t kind, const void *data, size_t size)
{
	int rc;

	if (kind == KIND_AUDIT) {
		const char *text[AUDIT_TEXTS], *p = (const char *)data + sizeof(int64_t);
		struct wall at;

		memcpy(&at.ms, data, sizeof at.ms);
		for (size_t i = 0; i < AUDIT_TEXTS; i++) {
			text[i] = p;
			p += strlen(p) + 1;
		}
		return audit_put(s->audit, at, text);
	}
	(void)size;
	if (kind == KIND_MONEY) {
		return purse_do(s->purse, data);
	}
	rc = record_put(s->records, (enum view_kind)kind, data);
	if (rc == 0 && (kind == VIEW_session || kind == VIEW_visit || kind == VIEW_order ||
			       kind == VIEW_reservation)) {
		rc = purse_settle(s->purse, (enum view_kind)kind, data);
	}
	if (rc == 0 && kind == VIEW_decision) {
		rc = tidy_decisions(s, data);
	}
	return rc;
}

/* A record is kept and tried again; whoever asked for money is told now. */
static void refuse_money(struct store *s, uint64_t from, uint64_t to, int rc)
{
	uint32_t kind;
	size_t size;
	const void *data;

	while ((data = ring_next(&s->record_ring, &from, to, &kind, &size)) != NULL) {
		if (kind == KIND_MONEY) {
			purse_refuse(data, rc);
			ring_void(&s->record_ring, data);
		}
	}
}

/* Commits the records between the positions. *refused counts those that can never be stored. */
static int put_records(struct store *s, uint64_t from, uint64_t to, uint64_t *refused)
{
	uint32_t kind;
	size_t size;
	const void *data;
	int rc = sql_exec(s->files.site, "BEGIN IMMEDIATE");

	if (rc != 0) {
		return rc;
	}
	while (rc == 0 && (data = ring_next(&s->record_ring, &from, to, &kind, &size)) != NULL) {
		rc = put_record(s, kind, data, size);
		if (rc != 0 && !retryable(rc)) {
			(*refused)++;
			rc = 0;
		}
	}
	return sql_end(s->files.site, rc != 0 ? rc : sales_catch_up(s->sales));
}

static int write_records(struct store *s, uint64_t from, uint64_t to, uint64_t *refused)
{
	int rc = put_records(s, from, to, refused);

	purse_end(s->purse, rc == 0);
	if (rc != 0) {
		refuse_money(s, from, to, rc);
	}
	return rc;
}

/* The end of a day is signed, prepayments for nothing are listed. */
static void tend_money(struct store *s)
{
	int64_t now_ms = wall_now().ms;
	int rc;

	if (s->site_rc != 0 || !purse_due(s->purse, now_ms)) {
		return;
	}
	rc = sql_exec(s->files.site, "BEGIN IMMEDIATE");
	if (rc == 0) {
		rc = purse_tend(s->purse, now_ms);
		sql_end(s->files.site, rc != 0 ? rc : sales_catch_up(s->sales));
	}
}

static void tidy(struct store *s, int64_t now)
{
	int rc = history_tidy(s->history);

	s->history_rc = rc < 0 ? rc : 0;
	if (rc < 0) {
		s->retry_us = now + RETRY_US;
	}
}

/* Commits the tail and does a step of housekeeping with each commit, so that it keeps up however
 * fast the rows come. */
static int commit_history(struct store *s, int64_t now)
{
	int rc = history_commit(s->history);

	s->history_rc = rc;
	if (rc != 0) {
		s->retry_us = now + RETRY_US;
	} else {
		tidy(s, now);
	}
	return rc;
}

/* Moves rows into the tail, committing when it is full. Returns how many were lost. */
static uint64_t take_rows(struct store *s, uint64_t from, uint64_t to, int64_t now)
{
	uint32_t kind;
	size_t size;
	const unsigned char *data;
	uint64_t lost = 0;

	while ((data = ring_next(&s->row_ring, &from, to, &kind, &size)) != NULL) {
		struct row_head head;
		const struct store_value *values;
		int rc;

		memcpy(&head, data, sizeof head);
		values = (const struct store_value *)(const void *)(data + sizeof head);
		rc = history_row(
			s->history, head.series, (struct wall){head.at_ms}, values, head.count);
		if (rc == ERR_FULL && (s->history_rc == 0 || now >= s->retry_us) &&
			commit_history(s, now) == 0) {
			rc = history_row(s->history, head.series, (struct wall){head.at_ms}, values,
				head.count);
		}
		lost += rc != 0;
	}
	return lost;
}

static const char *state_of(int rc)
{
	return rc == 0 ? "ok" : rc == ERR_FULL ? "full" : "error";
}

static void tell_state(struct store *s)
{
	const char *state = state_of(s->site_rc != 0 ? s->site_rc : s->history_rc);

	if (strcmp(state, s->state) != 0) {
		s->state = state;
		if (s->cfg.on_state != NULL) {
			s->cfg.on_state(s->cfg.arg, state);
		}
	}
}

static int64_t earliest(int64_t a, int64_t b)
{
	return b != 0 && (a == 0 || b < a) ? b : a;
}

/* What the writer found to do, with the lock held. */
struct work {
	uint64_t records_from, records_to, rows_from, rows_to, flush;
	bool flushing, records, stop;
};

static bool half_full(const struct ring *ring)
{
	return ring->head - ring->tail > ring->size / 2;
}

/* Waits until something is due. The lock is held on entry and exit. */
static struct work wait_work(struct store *s)
{
	for (;;) {
		struct work w = {s->record_ring.tail, s->record_ring.head, s->row_ring.tail,
			s->row_ring.head, s->flush_asked, s->flush_asked != s->flush_done, false,
			s->stopping};
		int64_t now = now_us(), due = s->drain_us;
		struct timespec ts;

		w.records = w.records_from != w.records_to;
		if (w.flushing || w.stop || now >= s->drain_us || half_full(&s->row_ring)) {
			return w;
		}
		if (w.records) {
			if (s->site_rc != 0) {
				due = earliest(due, s->retry_us);
			} else {
				if (s->gather_us == 0) {
					s->gather_us = now + GATHER_US;
				}
				due = earliest(due, s->gather_us);
			}
			if (now >= due || half_full(&s->record_ring)) {
				return w;
			}
		}
		ts.tv_sec = due / US_PER_S;
		ts.tv_nsec = due % US_PER_S * 1000;
		pthread_cond_timedwait(&s->wake, &s->mutex, &ts);
	}
}

/* Commits the tail when it is due, then does a step of housekeeping. Returns what stands in the
 * way of rows that wait. */
static int write_history(struct store *s, const struct work *w, int64_t now, bool forced)
{
	bool retry = s->history_rc != 0 && now >= s->retry_us, waiting = history_dirty(s->history);

	if (!waiting) {
		s->commit_us = 0;
	} else if (s->commit_us == 0) {
		s->commit_us = now + s->cfg.tail_us - s->drain_period_us;
	}
	if (waiting && (forced || retry || (s->history_rc == 0 && now >= s->commit_us)) &&
		commit_history(s, now) == 0) {
		s->commit_us = 0;
	} else if (!waiting && !w->stop && (s->history_rc == 0 || retry)) {
		tidy(s, now);
	}
	return history_dirty(s->history) ? s->history_rc : 0;
}

/* One round of the writer, without the lock. */
static int work(struct store *s, const struct work *w, struct store_stats *gain)
{
	int64_t now = now_us();
	bool forced = w->flushing || w->stop;
	int rc = 0;

	if (w->records && (forced || s->site_rc == 0 || now >= s->retry_us)) {
		s->site_rc = write_records(s, w->records_from, w->records_to, &gain->refused);
		if (s->site_rc != 0) {
			s->retry_us = now + RETRY_US;
		} else {
			gain->commits++;
		}
	}
	if (w->records) {
		rc = s->site_rc;
	}
	tend_money(s);
	gain->rows_lost = take_rows(s, w->rows_from, w->rows_to, now);
	if (forced || now >= s->drain_us || s->history_rc != 0) {
		int hrc = write_history(s, w, now, forced);

		rc = rc != 0 ? rc : hrc;
	}
	if (now >= s->drain_us) {
		s->drain_us = now + s->drain_period_us;
	}
	return rc;
}

static void *writer(void *arg)
{
	struct store *s = arg;

	pthread_mutex_lock(&s->mutex);
	for (;;) {
		struct work w = wait_work(s);
		struct store_stats gain = {0};
		int rc;

		s->gather_us = 0;
		pthread_mutex_unlock(&s->mutex);
		rc = work(s, &w, &gain);
		tell_state(s);
		pthread_mutex_lock(&s->mutex);
		if (w.records && s->site_rc == 0) {
			ring_drop(&s->record_ring, w.records_to);
		}
		ring_drop(&s->row_ring, w.rows_to);
		s->stats.rows_lost += gain.rows_lost;
		s->stats.refused += gain.refused;
		s->stats.commits += gain.commits;
		if (w.flushing) {
			s->flush_done = w.flush;
			s->flush_rc = rc;
			pthread_cond_broadcast(&s->done);
		}
		if (w.stop) {
			break;
		}
	}
	pthread_mutex_unlock(&s->mutex);
	return NULL;
}

static int open_purse(struct store *s)
{
	char broken[96] = "";
	const struct purse_cfg cfg = {s->cfg.folder, s->cfg.utc_offset_s, s->cfg.overrun_loss,
		s->cfg.told, s->cfg.low_fen, s->cfg.pin_tries, s->cfg.pin_lock_ms,
		s->cfg.on_message, s->cfg.arg, broken, sizeof broken};
	int rc = purse_open(s->files.site, &cfg, &s->purse);

	if (rc == 0 && broken[0] != '\0' && s->cfg.on_broken != NULL) {
		s->cfg.on_broken(s->cfg.arg, broken);
	}
	if (rc != 0) {
		files_why(&s->cfg, s->cfg.folder,
			"the ledger cannot be opened; check " LEDGER_KEY_FILE " there");
	}
	return rc;
}

static int open_parts(struct store *s)
{
	int rc = record_open(s->files.site, &s->records);

	rc = rc != 0 ? rc : audit_open(s->files.site, &s->audit);
	rc = rc != 0 ? rc : open_purse(s);
	rc = rc != 0 ? rc : sales_open(s->files.site, &s->cfg.zone, s->cfg.rebuild, &s->sales);
	return rc != 0 ? rc : history_open(s->files.history, &s->cfg, &s->history);
}

static int start(struct store *s)
{
	pthread_condattr_t attr;
	int rc = ring_init(&s->record_ring, RECORDS_BYTES);

	if (rc == 0) {
		rc = ring_init(
			&s->row_ring, ROWS_BYTES_MIN + ROWS_BYTES_EACH * s->cfg.series_count);
	}
	if (rc != 0) {
		return rc;
	}
	pthread_mutex_init(&s->mutex, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&s->wake, &attr);
	pthread_condattr_destroy(&attr);
	pthread_cond_init(&s->done, NULL);
	s->has_sync = true;
	s->state = "ok";
	s->drain_period_us = s->cfg.tail_us / 4 < DRAIN_US ? s->cfg.tail_us / 4 : DRAIN_US;
	s->drain_us = now_us() + s->drain_period_us;
	if (pthread_create(&s->thread, NULL, writer, s) != 0) {
		return ERR_NOMEM;
	}
	s->has_thread = true;
	return 0;
}

int store_open(const struct store_cfg *cfg, struct store **out)
{
	struct store *s;
	int rc;

	files_why(cfg, cfg->folder, "cannot be opened");
	if (cfg->series_count > SERIES_MAX) {
		return ERR_RANGE;
	}
	s = calloc(1, sizeof *s);
	if (s == NULL) {
		return ERR_NOMEM;
	}
	s->cfg = *cfg;
	s->files.lock_fd = -1;
	if (s->cfg.tail_us <= 0) {
		s->cfg.tail_us = TAIL_US_DEFAULT;
	}
	rc = files_open(&s->cfg, &s->files);
	rc = rc != 0 ? rc : open_parts(s);
	rc = rc != 0 ? rc : start(s);
	if (rc != 0) {
		store_close(s);
		return rc;
	}
	s->cfg.series = NULL; /* borrowed for the opening only */
	s->cfg.why = NULL;
	*out = s;
	return 0;
}

void store_close(struct store *s)
{
	if (s == NULL) {
		return;
	}
	if (s->has_thread) {
		pthread_mutex_lock(&s->mutex);
		s->stopping = true;
		pthread_cond_signal(&s->wake);
		pthread_mutex_unlock(&s->mutex);
		pthread_join(s->thread, NULL);
	}
	if (s->has_sync) {
		pthread_cond_destroy(&s->wake);
		pthread_cond_destroy(&s->done);
		pthread_mutex_destroy(&s->mutex);
	}
	sales_close(s->sales);
	record_close(s->records);
	audit_close(s->audit);
	purse_close(s->purse);
	history_close(s->history);
	files_close(&s->files);
	ring_release(&s->record_ring);
	ring_release(&s->row_ring);
	free(s);
}

static int queue_record(
	struct store *s, uint32_t kind, const struct ring_part *parts, size_t part_count)
{
	bool idle;
	int rc;

	pthread_mutex_lock(&s->mutex);
	idle = s->record_ring.head == s->record_ring.tail;
	rc = ring_put(&s->record_ring, kind, parts, part_count);
	if (rc == 0 && (idle || half_full(&s->record_ring))) {
		pthread_cond_signal(&s->wake);
	}
	pthread_mutex_unlock(&s->mutex);
	return rc;
}

int store_put(struct store *store, enum view_kind kind, const void *view)
{
	const struct view_info *info;

	if (record_info(kind) == NULL) {
		return ERR_INVAL;
	}
	info = view_info(kind);
	if (view_text(&info->fields[0], view)[0] == '\0') {
		return ERR_INVAL;
	}
	return queue_record(store, kind, &(struct ring_part){view, info->size}, 1);
}

int store_money(struct store *store, const struct money_op *op, store_money_fn done, void *arg)
{
	struct purse_room room;
	struct ring_part parts[PURSE_PARTS];
	size_t count = purse_pack(&room, op, done, arg, parts), total = 0;

	for (size_t i = 0; i < count; i++) {
		total += parts[i].size;
	}
	if (total > MONEY_BYTES_MAX) {
		return ERR_TOOLONG;
	}
	return queue_record(store, KIND_MONEY, parts, count);
}

int store_audit(struct store *store, struct wall at, const char *person, const char *origin,
	const char *role, const char *method, const char *params, const char *result)
{
	const char *const text[AUDIT_TEXTS] = {person, origin, role, method, params, result};
	struct ring_part parts[1 + AUDIT_TEXTS] = {{&at.ms, sizeof at.ms}};
	size_t total = 0;

	for (size_t i = 0; i < AUDIT_TEXTS; i++) {
		const char *t = text[i] != NULL ? text[i] : "";

		parts[1 + i] = (struct ring_part){t, strlen(t) + 1};
		total += parts[1 + i].size;
	}
	if (total > AUDIT_BYTES_MAX) {
		return ERR_TOOLONG;
	}
	return queue_record(store, KIND_AUDIT, parts, 1 + AUDIT_TEXTS);
}

int store_telemetry(struct store *store, size_t series, struct wall at,
	const struct store_value *values, size_t count)
{
	struct row_head head = {at.ms, (uint32_t)series, (uint32_t)count};
	struct ring_part parts[2] = {{&head, sizeof head}, {values, count * sizeof *values}};
	int rc;

	if (series >= store->cfg.series_count || count == 0 || count > PT_COUNT_) {
		return ERR_INVAL;
	}
	pthread_mutex_lock(&store->mutex);
	rc = ring_put(&store->row_ring, 0, parts, 2);
	if (rc != 0) {
		store->stats.rows_lost++;
	} else if (half_full(&store->row_ring)) {
		pthread_cond_signal(&store->wake);
	}
	pthread_mutex_unlock(&store->mutex);
	return rc;
}

int store_flush(struct store *store)
{
	return store_flush_old(store, 0);
}

int store_flush_old(struct store *store, int64_t age_us)
{
	int64_t now = now_us();
	uint64_t mine;
	int rc;

	pthread_mutex_lock(&store->mutex);
	if (age_us > 0 && store->flushed_us != 0 && now - store->flushed_us < age_us) {
		mine = store->flush_asked; /* the last one may be under way still */
	} else {
		mine = ++store->flush_asked;
		store->flushed_us = now;
	}
	pthread_cond_signal(&store->wake);
	while (store->flush_done < mine) {
		pthread_cond_wait(&store->done, &store->mutex);
	}
	rc = store->flush_rc;
	pthread_mutex_unlock(&store->mutex);
	return rc;
}

void store_get_stats(struct store *store, struct store_stats *out)
{
	pthread_mutex_lock(&store->mutex);
	*out = store->stats;
	out->queued_bytes = store->record_ring.head - store->record_ring.tail;
	out->queued_rows_bytes = store->row_ring.head - store->row_ring.tail;
	pthread_mutex_unlock(&store->mutex);
}
