#ifndef PILED_STORE_H
#define PILED_STORE_H
/*
 * The store: site.db (sessions, visits, faults, alarms, commands, tags, audit; synchronous=FULL)
 * and history.db (telemetry and roll-ups; NORMAL), both WAL, in one folder. One writer thread owns
 * both; callers hand it records through a bounded queue. All SQL of the project is in db/.
 */
#include "ledger.h"
#include "view.h"
#include "zonerule.h"

struct store;

struct store_cfg {
	const char *folder;
	int64_t retention_days;    /* of telemetry; roll-ups and sessions stay */
	int64_t tail_us;           /* telemetry is durable within this time; default 60 s */
	int64_t utc_offset_s;      /* of the site's days in the roll-ups of telemetry */
	struct zone_rules zone;    /* of the site's days in those of money; none = UTC */
	const char *const *series; /* ids of the telemetry series: guns, piles, meters */
	size_t series_count;
	/* Called on the writer thread when its state changes: "ok", "full", "error". May be NULL.
	 */
	void (*on_state)(void *arg, const char *state);
	void *arg;
	/* What a charge cost beyond its hold and the wallet is a loss, not a debt. */
	bool overrun_loss;
	/* What customers are told of: 1 << enum notice, and of a balance below this. */
	uint32_t told;
	int64_t low_fen;
	int64_t pin_tries, pin_lock_ms; /* as in struct ledger_cfg */
	/* Called on the writer's thread when messages to customers are on disk. May be NULL. */
	void (*on_message)(void *arg);
	/* Called while opening where the end of the ledger is not as it was written, with the row's
	 * name: no new prepayment is held then. May be NULL. */
	void (*on_broken)(void *arg, const char *row);
	bool rebuild; /* at opening: make the roll-ups anew from telemetry */
	/* Where store_open() fails: one line with the file, what is wrong and what to do. */
	char *why;
	size_t why_size;
};

#define STORE_SITE_FILE    "site.db"
#define STORE_HISTORY_FILE "history.db"

/* Opens or creates both files, migrates them, takes the lock and starts the writer thread.
 * ERR_LOCKED (a second agent), ERR_VERSION (a newer schema: untouched), ERR_CORRUPT, ERR_IO. */
int store_open(const struct store_cfg *cfg, struct store **out);

/* Writes everything that was handed over, closes. */
void store_close(struct store *store);

/* Hands over a record (session, mark, visit, order, fault, command, tag, slimit, decision):
 * inserted or, by its key, updated; a mark is never changed again. Never blocks; ERR_FULL when the
 * queue is (the caller keeps the record and tries again).
 */
int store_put(struct store *store, enum view_kind kind, const void *view);

/* Asks the ledger for something (ledger.h); queued in order with the records and committed with
 * them. `done` is called on the writer's thread when that is durable or refused, once; may be NULL.
 * What cannot be committed is not tried again: whoever asked is told. Texts are copied. ERR_FULL,
 * ERR_TOOLONG: nothing was queued and nobody is called. */
typedef void (*store_money_fn)(void *arg, const struct money_result *result);
int store_money(struct store *store, const struct money_op *op, store_money_fn done, void *arg);

/* The same, and waits. 0 when it was decided (out->err), or ERR_* where it could not be asked. */
int store_money_wait(struct store *store, const struct money_op *op, struct money_result *out);

/* Somebody has verified the ledger: the row that is wrong, "" = none. While one is, no new
 * prepayment is held. */
void store_ledger_broken(struct store *store, const char *row);

/* One line of the audit log. */
int store_audit(struct store *store, struct wall at, const char *person, const char *origin,
	const char *role, const char *method, const char *params, const char *result);

/* Telemetry: the values of one series at one time. Series index of store_cfg. Rows come in time
 * order per series. ERR_FULL drops the row and counts it. A value of quality Q_NONE is not kept:
 * it reads back as not given. Times on a grid (whole seconds) cost nothing on disk, times with
 * jitter of milliseconds cost up to a byte a row. */
struct store_value {
	uint16_t point;   /* enum point */
	uint16_t quality; /* enum quality */
	int64_t value;
};
int store_telemetry(struct store *store, size_t series, struct wall at,
	const struct store_value *values, size_t count);

/* Returns when everything handed over before is committed (durable); ERR_FULL, ERR_IO where that
 * failed (it is kept and tried again). */
int store_flush(struct store *store);

/* The same, but does nothing where a flush began less than `age_us` ago: for curves of the present,
 * which must not make a chunk of telemetry each. */
int store_flush_old(struct store *store, int64_t age_us);

struct store_stats {
	uint64_t rows_lost;         /* telemetry dropped: queue or disk full */
	uint64_t refused;           /* records that the schema refuses */
	uint64_t commits;           /* of records */
	uint64_t queued_bytes;      /* records not committed yet */
	uint64_t queued_rows_bytes; /* telemetry not taken yet */
};
void store_get_stats(struct store *store, struct store_stats *out);

/* ---- Reading: a connection of the caller's own, read-only, usable while a writer runs. ---- */
struct store_reader;
int store_reader_open(const char *folder, struct store_reader **out);
void store_reader_close(struct store_reader *reader);

/* What the agent needs to go on after a restart: every open session with its newest mark, every
 * open visit, active fault, tag, limit from outside; the last limit by command of each target
 * that was obeyed; as view_gun the register of each gun at the end of its last session (id,
 * energy_wh, seen), then today's sums (id, today_*, energy_wh: the
 * register up to which they are complete). Calls back one by one; a non-zero return ends. */
int store_resume(struct store_reader *reader, struct wall now,
	int (*each)(void *arg, enum view_kind kind, const void *view), void *arg);

/* The marks of all open sessions, session by session in order of time. */
int store_open_marks(
	struct store_reader *reader, int (*each)(void *arg, const void *view), void *arg);

struct store_filter {
	struct wall from, to; /* ms 0 = open */
	const char *target;   /* gun, pile or NULL = all */
	bool active;          /* faults: only active; sessions: only open; commands: not ended */
	size_t limit;         /* newest first; 0 = 100 */
	const char *id;       /* just this one */
};
/* Sessions, marks (target: their session), visits, orders, faults, commands, tags, limits from
 * outside, decisions, newest first. */
int store_list(struct store_reader *reader, enum view_kind kind, const struct store_filter *filter,
	int (*each)(void *arg, const void *view), void *arg);

/* Energy per slot from the roll-ups (never from raw telemetry). slot_s: a multiple of 900 (15 min)
 * or of 86400 (site days), 0 = the whole range in one row; the range widens to whole quarters or
 * days. target: "site" (all guns), a pile (its guns), a gun or meter; NULL = each gun. Slot by
 * slot in order of time; slots without a row are left out. Registers are those of one series;
 * peak_w of a site or pile is that of the series of this name, or of a pile's only gun. */
int store_energy(struct store_reader *reader, struct wall from, struct wall to, const char *target,
	int64_t slot_s, int (*each)(void *arg, const struct view_energy *row), void *arg);

/* Totals of sessions that began in the range, a row a gun: sessions, energy_wh, charging_s. From
 * the sessions' records, not from telemetry. target: pile, gun or NULL. */
int store_totals(struct store_reader *reader, struct wall from, struct wall to, const char *target,
	int (*each)(void *arg, const struct view_energy *row), void *arg);

/* A curve: the values of one point of one series, thinned to at most `max` rows (0 = raw,
 * lossless). A thinned row carries the minimum and maximum of its slot; its time is the slot's
 * begin; its value is the mean of a quantity, the last of a state, code or register. Holds what
 * is committed: the newest minute may be missing, see store_flush_old(). ERR_NOTFOUND for an
 * unknown series. */
struct store_sample {
	struct wall at;
	int64_t value, min, max;
	enum quality quality;
};
int store_curve(struct store_reader *reader, const char *series, enum point p, struct wall from,
	struct wall to, size_t max, int (*each)(void *arg, const struct store_sample *sample),
	void *arg);

/* The rows of a series as they were handed over, in order of time, for export. */
struct store_row {
	struct wall at;
	const struct store_value *values;
	size_t count;
};
int store_rows(struct store_reader *reader, const char *series, struct wall from, struct wall to,
	int (*each)(void *arg, const struct store_row *row), void *arg);

/* Names of all series that were ever recorded. */
int store_series(struct store_reader *reader, int (*each)(void *arg, const char *name), void *arg);

#endif
