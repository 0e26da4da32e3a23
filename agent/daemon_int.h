#ifndef PILED_DAEMON_INT_H
#define PILED_DAEMON_INT_H
/* What the files of the daemon share among themselves. */
#include <uv.h>

#include "clockwatch.h"
#include "config.h"
#include "daemon.h"
#include "field.h"
#include "rpc/server.h"
#include "store.h"

/* Results of buses that may wait for the loop: a second of the largest site. */
#define RESULTS_MAX 2048
/* Records that the store had no room for; the oldest state of a key is what matters least. */
#define BACKLOG_MAX 4096
/* Loop time between two resulting batches so that other handles get their turn. */
#define BATCH_MAX 256

struct backlog {
	enum view_kind kind;
	union {
		struct view_session session;
		struct view_visit visit;
		struct view_fault fault;
		struct view_command command;
		struct view_tag tag;
	} view;
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

struct daemon {
	struct daemon_cfg cfg;
	uv_loop_t loop;
	uv_async_t wake;
	uv_timer_t tick, watchdog;
	uv_signal_t hup, term, interrupt;
	struct config *config;
	struct config_folders folders;
	struct site *site;
	struct field_map *field;
	struct bus_queue *queue;
	struct bus **buses;
	size_t bus_count;
	struct store *store;
	struct rpc_server *rpc;
	struct clockwatch clock;
	struct wall started;
	uint64_t ticks;
	struct actions actions;
	struct failed_write *failed;
	size_t failed_count, failed_cap;
	struct backlog *backlog;
	size_t backlog_count, backlog_cap;
	bool backlog_lost;
	struct series *series;
	size_t series_count;
	char data[256], socket[108];
	char boot_id[40];
	_Atomic int store_state;     /* set by the store's thread; index of store_states */
	struct view_command *answer; /* the command being given: its newest record goes here */
	bool stopping;
};

/* daemon_act.c */
/* Gives one event to the core and carries out what it decides. */
void daemon_apply(struct daemon *d, const struct event *event);
/* The emit function for field_result(): `arg` is the daemon. */
void daemon_emit(void *arg, const struct event *event);
void daemon_backlog(struct daemon *d);

/* daemon_telemetry.c */
int daemon_series(struct daemon *d, const char *const **ids);
void daemon_telemetry(struct daemon *d, struct moment now);

/* daemon_host.c */
extern const struct host_ops daemon_host;

/* daemon.c */
/* Reads the configuration again; `report` gets each error line. The old one stays on errors. */
int daemon_reload(struct daemon *d, void (*report)(void *arg, const char *line), void *arg);
const char *daemon_store_state(const struct daemon *d);

#endif
