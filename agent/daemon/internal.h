#ifndef PILED_DAEMON_INTERNAL_H
#define PILED_DAEMON_INTERNAL_H
/* What the files of the daemon share among themselves. */
#include <uv.h>

#include "clockwatch.h"
#include "config/config.h"
#include "daemon.h"
#include "field.h"
#include "journal.h"
#include "ledger.h"
#include "outbox.h"
#include "rpc/server.h"
#include "store.h"
#include "who.h"

/* Results of buses that may wait for the loop: a second of the largest site. */
#define RESULTS_MAX 2048
/* Records that the store had no room for; the oldest state of a key is what matters least. */
#define BACKLOG_MAX 16384
/* Results taken at once, so that other handles of the loop get their turn. */
#define BATCH_MAX 256

struct backlog {
	enum view_kind kind;
	union view_any view;
};

/* A write that never reached its bus; the core is told after the action list is done. */
struct failed_write {
	uint32_t token;
	int err;
};

/* One telemetry series. */
struct series {
	struct target target;
	int64_t last_us;  /* `at` of the newest reading that is stored */
	int64_t last_sec; /* wall second of the last row */
};

/* Of one pile, over all time. */
struct pile_total {
	int64_t sessions, charged_s;
	bool known;
	bool changed; /* a record has: to be counted when `due` */
	struct mono due;
};

/* A configuration and all that runs by it: replaced as a whole by a reload. */
struct plant {
	struct config *config;
	struct site *site;
	struct field_map *field;
	struct bus_queue *queue;
	struct bus_port **ports; /* until their bus is started */
	struct bus **buses;
	size_t bus_count; /* started */
	struct actions actions;
	struct failed_write *failed;
	size_t failed_count, failed_cap;
	struct series *series;
	size_t series_count;
	const char **series_ids;
	struct pile_total *totals; /* of each pile */
	struct who *who;
};

/* Raw reads under way (RPC method "read"). */
#define READS_MAX 8
struct raw_read {
	uint32_t token; /* 0 = free */
	struct rpc_later *later;
};

/* Decisions that subscribers are shown. */
#define DECISIONS_SHOWN 200

struct daemon {
	struct daemon_cfg cfg;
	uv_loop_t loop;
	uv_async_t wake;
	uv_timer_t tick, watchdog, drain;
	uv_signal_t hup, term, interrupt;
	struct plant plant;
	struct store *store;
	uv_rwlock_t store_lock;  /* questions read `store` in the pool while a reload replaces it */
	struct journal *journal; /* NULL: none can be written */
	struct rpc_server *rpc;
	struct clockwatch clock;
	struct wall started;
	struct backlog *backlog;
	size_t backlog_count, backlog_cap;
	bool backlog_lost;
	char data[256], socket[108];
	char boot_id[40];
	_Atomic int store_state;     /* set by the store's thread; index of store_states */
	struct view_command *answer; /* the command being given: its newest record goes here */
	struct view_slimit *slimit_answer;               /* the same for a limit from outside */
	struct view_trial *trial_answer;                 /* and for a confirmation */
	struct view_decision decisions[DECISIONS_SHOWN]; /* a ring, oldest first */
	size_t decision_first, decision_count;
	struct outbox *outbox;
	_Atomic bool customers_due; /* messages to customers are to be looked for */
	int64_t customer_message;   /* the last one that was looked at */
	bool resumed;               /* what the store knew has been taken */
	int delivery_told;
	char broken[96]; /* the row of the ledger that is wrong; under broken_lock */
	uv_mutex_t broken_lock;
	int ledger_told;
	int store_told, journal_told;    /* faults of the agent, as the core was told: 0 = never */
	struct view_alarm *alarm_answer; /* the same for an alarm, by its id */
	uv_async_t money_wake;
	uv_mutex_t money_lock; /* of the list and `closed`: the store's writer answers */
	struct asked *money;   /* asked of the ledger and not told yet, oldest first */
	bool money_closed;
	struct view_order *order_answer;         /* the same for an order */
	struct view_reservation *reserve_answer; /* for a reservation */
	char said[128];                          /* a message that names something */
	int64_t order_id_ms;
	struct raw_read reads[READS_MAX];
	uint32_t read_serial;
	int error; /* why it ends, ERR_* */
};

/* money.c */
typedef void (*daemon_money_fn)(void *arg, const struct money_result *result);
/* Asks the ledger for something; `done` is called on the loop, once, when it is durable or refused
 * (ERR_CLOSED: the agent ends). An error: nothing was asked. */
int daemon_money(struct daemon *d, const struct money_op *op, daemon_money_fn done, void *arg);
void daemon_money_open(struct daemon *d);
/* Tells all who wait; before the loop is closed. */
void daemon_money_end(struct daemon *d);
/* After the store is closed. */
void daemon_money_free(struct daemon *d);

/* tariff.c */
/* Gives the core the tariffs that the store has. */
int daemon_tariffs(struct daemon *d);
/* host_ops.tariff_import */
int daemon_tariff_import(void *host, const struct host_tariff *wanted, struct moment now,
	struct rpc_later *later, struct cJSON **result, const char **message);
/* ledger.c: host_ops.money, host_ops.broken */
int daemon_ask_ledger(void *host, const struct money_op *op, struct money_result *out);
void daemon_broken(void *host, const char *row);
/* The row that is wrong, "" = none. */
void daemon_broken_row(struct daemon *d, char row[96]);

/* slimit.c: host_ops.slimit */
int daemon_slimit(void *host, const struct view_slimit *wanted, bool cancel, struct moment now,
	struct view_slimit *out);

/* decision.c */
/* Takes a decision of the core: to the store, and among those that are shown. */
void daemon_decision(struct daemon *d, const struct view_decision *decision);
/* Those that are shown, oldest first; a non-zero return of `each` ends. */
int daemon_decisions(const struct daemon *d, int (*each)(void *arg, const void *view), void *arg);
/* Takes the newest of those that the store has, at the start. */
int daemon_resume_decisions(struct daemon *d, struct store_reader *reader);
/* alarm.c: host_ops.alarm, and what the agent knows of itself */
int daemon_alarm(void *host, const struct host_alarm *wanted, struct moment now,
	int (*each)(void *arg, const void *view), void *arg);
/* Tells the core which faults the agent itself has. */
void daemon_conditions(struct daemon *d, struct moment now);

/* wide.c: host_ops.preview, .confirm */
int daemon_preview(
	void *host, enum verb verb, const char *target, int64_t value, struct view_preview *out);
int daemon_confirm(
	void *host, const char *id, const char *by, struct moment now, struct view_trial *out);
/* Finds a target by its id; "site" is the whole site, whatever its id. */
int daemon_find(const struct daemon *d, const char *id, struct target *out);
/* tell.c */
int daemon_open_outbox(struct daemon *d);
/* The ways of the present configuration. */
void daemon_ways(struct daemon *d);
/* An alarm has a new record: tells whom it concerns. */
void daemon_tell(struct daemon *d, const struct view_alarm *alarm);
/* Was it told by an agent before this one, or so long ago that this one forgot? `reader` NULL: one
 * of its own. */
bool daemon_told_before(struct daemon *d, struct store_reader *reader, const char *id);
int daemon_resume_messages(struct daemon *d, struct store_reader *reader);
/* host_ops.test_messages */
int daemon_test_messages(void *host, struct moment now);
void daemon_drain_messages(struct daemon *d);

/* customer.c */
/* From any thread: there may be messages to customers. */
void daemon_customers_due(void *arg);
/* Puts those into the outbox. */
void daemon_customers_step(struct daemon *d, struct moment now);

/* note.c: host_ops.note */
int daemon_note(
	void *host, const struct view_note *wanted, struct moment now, struct view_note *out);

/* order.c: host_ops */
int daemon_charge(
	void *host, const struct view_order *wanted, struct rpc_later *later, const char **message);
int daemon_order_cancel(void *host, const char *id, struct view_order *out);
/* The prepayments that an end of the agent left for orders that never began go back. */
void daemon_stray_holds(struct daemon *d);
/* A card or VIN was read at a gun. */
void daemon_auth(struct daemon *d, uint16_t gun, const char *token, bool vin);
/* Who pays, by account or card; ERR_NOTFOUND. */
struct payer;
int daemon_payer(struct daemon *d, const char *account, const char *card, struct payer *out);
/* The same for what a person typed: an account or else a card. */
int daemon_payer_typed(struct daemon *d, const char *typed, struct payer *out);
/* What is held for an order with this limit, fen; less where the balance is less and the order may
 * end earlier. 0 where nothing costs anything. */
int64_t daemon_prepayment(const struct daemon *d, const struct view_order *order,
	const struct tariff *tariff, unsigned class, int64_t max_w, int64_t balance_fen,
	struct wall now);
/* The core's record of an order. */
void daemon_order_changed(struct daemon *d, const struct view_order *order);
/* The order of this id, open or ended. */
bool daemon_order_known(struct daemon *d, const char *id, struct view_order *out);

/* quote.c: host_ops.quote */
int daemon_quote(
	void *host, const struct host_quote *wanted, struct cJSON *out, const char **message);

/* reserve.c: host_ops */
int daemon_reserve(void *host, const struct view_reservation *wanted, struct rpc_later *later,
	const char **message);
int daemon_reserve_cancel(void *host, const struct view_reservation *wanted, bool waive,
	struct view_reservation *out);
/* The core's record of a reservation. */
void daemon_reserve_changed(struct daemon *d, const struct view_reservation *reservation);
/* From when to when a gun is reserved, in words; borrowed until the next one. */
const char *daemon_reserved_text(struct daemon *d, const struct view_reservation *reservation);

/* act.c */
/* Gives one event to the core and carries out what it decides. */
void daemon_apply(struct daemon *d, const struct event *event);
/* The emit function for field_result(): `arg` is the daemon. */
void daemon_emit(void *arg, const struct event *event);
/* Hands a record to the store, or keeps it until the store takes it. */
void daemon_record(struct daemon *d, enum view_kind kind, const void *view);
void daemon_backlog(struct daemon *d);

/* plant.c */
/* Makes a plant of a configuration, which it takes over also on failure; nothing runs yet. */
int plant_build(struct daemon *d, struct config *config, struct plant *out);
/* The equipment as the core was given it. */
void plant_site_cfg(const struct daemon *d, const struct plant *plant, struct site_cfg *out);
/* Starts and stops its buses. */
int plant_start(struct plant *plant);
void plant_stop(struct plant *plant);
void plant_free(struct plant *plant);
/* Takes results of the buses; true when there may be more. */
bool plant_take(struct daemon *d);

/* reload.c */
/* Loads the configuration; `report` gets each error line. */
int daemon_load(struct daemon *d, void (*report)(void *arg, const char *line), void *arg,
	struct config **out);
/* Logs what is no error in it, and yet not what may be expected. */
void daemon_remarks(const struct config *config);
/* Reads the configuration again and swaps it in, or keeps the old one on errors. */
int daemon_reload(struct daemon *d, void (*report)(void *arg, const char *line), void *arg);

/* store.c */
/* Begins a journal for the present plant. Without one the agent works on. */
void daemon_open_journal(struct daemon *d);
int daemon_open_store(struct daemon *d);
int daemon_resume(struct daemon *d);
/* Records the end of a command that the present core does not know. */
void daemon_end_command(struct daemon *d, const struct view_command *command);
const char *daemon_store_state(const struct daemon *d);

/* telemetry.c */
/* Lists the series of a plant's configuration. */
int plant_series(struct plant *plant);
void daemon_telemetry(struct daemon *d, struct moment now);

/* totals.c */
/* A session's record of this gun went to the store. */
void daemon_totals_changed(struct daemon *d, const char *gun);
/* Counts what is due. */
void daemon_totals(struct daemon *d, struct moment now);

/* host.c */
extern const struct host_ops daemon_host;
/* A new id: 'c' of a command, 'n' of a note. */
void daemon_make_id(char *dst, size_t size, char kind, struct wall now);
/* The pile of a gun, by their indices. */
size_t daemon_pile_of(const struct daemon *d, size_t gun);

/* read.c: raw registers for a technician */
int daemon_read(struct daemon *d, size_t bus, uint16_t unit, int function, int address, int count,
	struct rpc_later *later);
/* A result came back: tells who asked; false when it is not that of a raw read. */
bool daemon_read_done(struct daemon *d, const struct bus_result *result);
/* The buses are gone: whoever waits is told. */
void daemon_reads_end(struct daemon *d);

#endif
