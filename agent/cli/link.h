#ifndef PILED_LINK_H
#define PILED_LINK_H
/*
 * A blocking client of the agent's socket, for the command line: connect, call, wait for
 * notifications. One call at a time.
 */
#include <stdint.h>

#include "wire.h"

struct cJSON;
struct link;

/* Where the agent of a site listens. */
#define PILED_SOCKET_DEFAULT "/run/piled/piled.sock"

/* How long a call may take before the agent counts as not answering. */
#define LINK_TIMEOUT_MS 10000

/* Connects, takes the greeting, and where this is a login over SSH says so. ERR_NOTFOUND (no such
 * socket), ERR_CLOSED (nobody listens), ERR_DENIED, ERR_VERSION (another protocol), ERR_TOOLONG,
 * ERR_TIMEOUT, ERR_IO. */
int link_open(const char *path, struct link **out);
/* The same over a connection that stands; it may take as long as a login. `fd` is taken over. */
int link_open_fd(int fd, struct link **out);
void link_close(struct link *link);

/* Calls a method; `params` is taken over (NULL = none). *result is the caller's. On an error of the
 * agent: ERR_* of its token, link_error() has its message and link_error_data() its data. */
int link_call(struct link *link, const char *method, struct cJSON *params, struct cJSON **result);

/* The next notification: ERR_TIMEOUT after `timeout_ms`, ERR_CLOSED. The caller's. */
int link_next(struct link *link, int64_t timeout_ms, struct cJSON **notification);

const char *link_error(const struct link *link);
const struct cJSON *link_error_data(const struct link *link);

/* The socket, for a caller that goes on by itself and makes no call any more. */
int link_fd(const struct link *link);

/* The greeting, whole; its parameters. */
const struct cJSON *link_greeting(const struct link *link);
const struct cJSON *link_hello(const struct link *link);

/* The socket to use: `given`, $PILED_SOCKET, or the first that exists of /run/piled/piled.sock,
 * $XDG_RUNTIME_DIR/piled.sock and the demo site's; the first of these where none does. Static. */
const char *link_path(const char *given);

#endif
