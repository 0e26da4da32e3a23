#ifndef PILED_RPC_INTERNAL_H
#define PILED_RPC_INTERNAL_H
/* What the files of the RPC server share among themselves. */
#include <sys/types.h>

#include <cjson/cJSON.h>

#include "server.h"
#include "store.h"

/* A line for the wire, shared by all clients that get it. */
struct line {
	unsigned refs;
	size_t size;
	char text[]; /* with LF */
};

struct channel;

struct client {
	uv_pipe_t pipe;
	struct rpc_server *server;
	struct client *next;
	struct framer framer;
	uint32_t serial; /* never used twice: a late answer finds its client, or nobody */
	uid_t uid;
	gid_t gid;
	gid_t *groups; /* owned */
	size_t group_count;
	role_set roles;
	bool claimed;     /* the person is the one that a shared account named */
	char account[32]; /* as the kernel has it */
	char person[32];
	char origin[112];
	char claim[48]; /* where from, as the peer says */
	pid_t pid;
	size_t unsent; /* bytes handed to libuv and not yet written */
	bool closing;
	bool ended;  /* it asks nothing more, and goes when it has its answers */
	bool paused; /* not read: too much unsent */
	bool behind; /* missed a delta: resync when it has caught up */
	unsigned queries;
	unsigned owed;           /* other answers that come later */
	struct channel *channel; /* subscribed to; NULL = none */
	struct client *channel_next;
};

#define READERS_MAX 4

/* How the last calls ended that are done once by their id; see fate.c. */
#define FATES_MAX   256
#define FATE_ID_MAX 80

enum fate_state {
	FATE_PENDING,
	FATE_DONE,
	FATE_REFUSED,
	FATE_NEVER /* somebody was told so: it is refused from now on */
};

struct fate {
	char id[FATE_ID_MAX]; /* "" = none */
	char person[32];
	enum method method;
	enum fate_state state;
	char error[24], message[128];
};

struct rpc_server {
	uv_pipe_t pipe;
	uv_timer_t timer;
	uv_loop_t *loop;
	const struct host_ops *ops;
	void *host;
	char path[108];
	char folder[256]; /* "" = no store */
	int lock_fd;
	bool closing;
	unsigned handles; /* open ones; the last frees the server */
	unsigned works;   /* in the thread pool; they hold the server too */
	struct client *clients;
	size_t client_count;
	struct mono refused_at; /* the bucket of refusals: see call.c */
	int64_t refusals_ms;
	uint32_t serial;
	struct channel *channels;
	uv_mutex_t readers_lock;
	struct store_reader *readers[READERS_MAX];
	size_t reader_count;
	char site_id[32], site_name[64], timezone[40];
	struct fate fates[FATES_MAX]; /* a ring */
	size_t fate_next;
};

/* One call in progress. */
struct call {
	struct rpc_server *server;
	struct client *client;
	enum method method;
	const cJSON *id; /* NULL: a notification, no answer */
	const cJSON *params;
	struct moment now;
	cJSON *result;       /* set by the handler, taken over */
	const char *message; /* with an error: more than its text */
	enum role need;      /* with ERR_DENIED: the role that it takes */
	bool later;          /* answered by rpc_finish() */
	bool settle;         /* answered when all that was recorded is on disk */
	char outcome[24];    /* what the audit log says in place of "ok" */
};

/* server.c */
void client_send(struct client *client, struct line *line);
void client_send_json(struct client *client, cJSON *object); /* takes object over */
void client_close(struct client *client);
/* An answer was given, written or dropped: was it the last for one that asks nothing more? */
void client_served(struct client *client);
struct client *client_by_serial(struct rpc_server *server, uint32_t serial);
struct line *line_of_json(const cJSON *object);
void line_release(struct line *line);
void server_release(struct rpc_server *server);

/* call.c */
int call_line(struct client *client, char *text);
struct rpc_later *call_later(struct call *call);
void call_drop_later(struct rpc_later *later);
struct rpc_server *call_server_of(const struct rpc_later *later);
void call_send_line(struct rpc_server *server, uint32_t serial, struct line *line);
cJSON *call_error(const cJSON *id, int code, const char *message, const char *token);
cJSON *call_answer(const cJSON *id, cJSON *result);
cJSON *call_copy_id(const cJSON *id);
/* 0 where the caller may do what needs this role, else ERR_DENIED with all that a refusal says. */
int call_needs(struct call *call, enum role need);

/* methods.c: the handler of a method; 0 or ERR_*. */
typedef int (*method_fn)(struct call *call);
method_fn method_handler(enum method method);

/* alarm.c */
int alarm_do(struct call *call);
int alarm_test(struct call *call);
/* Runs in the thread pool. */
int alarm_kpi(
	const cJSON *params, struct store_reader *reader, cJSON **result, const char **message);

/* fate.c: a call begins: ERR_EXPIRED where it comes too late; it ended. */
int fate_begin(struct call *call);
void fate_ended(struct call *call, int err);
/* The same for one that was answered later. `id` may be "". */
void fate_end(struct rpc_server *server, enum method method, const char *person, const char *id,
	int err, const char *message);
/* The id of a call that is done once by it; NULL = it has none. */
const char *fate_id(const struct call *call);
/* The handler of "fate". */
int fate_ask(struct call *call);

/* charge.c */
int charge_do(struct call *call);
int charge_maintenance(struct call *call);
int charge_cancel(struct call *call);
int charge_quote(struct call *call);
/* reserve.c */
int reserve_add(struct call *call);
int reserve_cancel(struct call *call);
/* money.c: the handler of what changes accounts and money */
int money_start(struct call *call);

/* query.c */
int query_start(struct call *call);
/* Gives call->result as the answer when the store has all that was handed to it. For call.c: a
 * handler sets call->settle, so that the audit log's row is among that. */
int query_settle(struct call *call);
void query_close(struct rpc_server *server);

int tariff_import(struct call *call);
/* tariff.c: questions about tariffs, in the pool; `zone_name` is the site's. 0 with *result, or
 * ERR_* (and *message). */
int tariff_query(enum method method, const char *zone_name, const cJSON *params,
	struct store_reader *reader, cJSON **result, const char **message);

/* publish.c */
int publish_subscribe(struct call *call, const char *views, int64_t period_ms);
void publish_leave(struct client *client);
void publish_resync(struct client *client);
/* Its roles are others now: what it may not see any more ends. */
void publish_roles(struct client *client);
void publish_due(struct rpc_server *server);
void publish_free(struct rpc_server *server);

/* params.c */
int params_check(const char *spec, const cJSON *params, char *message, size_t size);
/* The parameters as the audit log may have them: secrets, and values of names that the method does
 * not know (a secret under a mistyped name), are replaced by "***". */
void params_show(const char *spec, const cJSON *params, char *dst, size_t size);
int64_t params_int(const cJSON *params, const char *name, int64_t fallback);
const char *params_text(const cJSON *params, const char *name);
bool params_bool(const cJSON *params, const char *name);

/* peer.c */
void peer_identify(struct client *client);
/* The handler of "identify". */
int peer_claim(struct call *call);

#endif
