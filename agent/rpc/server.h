#ifndef PILED_SERVER_H
#define PILED_SERVER_H
/*
 * The RPC server: a unix socket, JSON-RPC 2.0 by lines (shared/wire.h, piled-rpc(7)). It runs on a
 * libuv loop; queries on the store run in the loop's thread pool.
 *
 * Bounds: RPC_CLIENTS_MAX clients, RPC_NOBODY_MAX of them without a role; a request line of
 * WIRE_REQUEST_MAX; RPC_QUERIES_MAX queries in flight a client (more are refused as busy); above
 * RPC_HIGH_WATER unsent bytes a client gets no deltas and is not read until it has taken all but
 * RPC_LOW_WATER, then it is told to resync.
 */
#include <uv.h>

#include "host.h"
#include "wire.h"

#define RPC_CLIENTS_MAX 32
#define RPC_NOBODY_MAX  4
#define RPC_QUERIES_MAX 4
#define RPC_HIGH_WATER  (2 * WIRE_LINE_MAX)
#define RPC_LOW_WATER   (64 * 1024)

struct rpc_server;

struct rpc_cfg {
	uv_loop_t *loop;
	const char *path;   /* of the socket */
	const char *folder; /* of the store, for readers; NULL = no store */
	const struct host_ops *ops;
	void *host;
};

/* Binds and listens. ERR_LOCKED: another agent listens there; ERR_TOOLONG: the path does not fit a
 * socket address; ERR_IO, ERR_NOMEM. */
int rpc_open(const struct rpc_cfg *cfg, struct rpc_server **out);

/* Ends all connections and removes the socket. Handles are closed by the loop's next runs; the
 * memory goes when the last one is. */
void rpc_close(struct rpc_server *server);

/* Groups give other roles than before: everyone who is connected has what they give now. */
void rpc_roles_changed(struct rpc_server *server);

/* Something changed that clients wait for (a command's life): publish soon, not at the period. */
void rpc_touch(struct rpc_server *server);

/* Answers a call that was put off: with `result` (taken over), or with an error and an optional
 * message. Once for each rpc_later; harmless where the client has gone. */
void rpc_finish(struct rpc_later *later, int err, const char *message, struct cJSON *result);

/* The same with a result, when all that was recorded is on disk. */
void rpc_finish_settled(struct rpc_later *later, struct cJSON *result);

/* Clients now connected. */
size_t rpc_clients(const struct rpc_server *server);

#endif
