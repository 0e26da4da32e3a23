#ifndef PILED_WIRE_H
#define PILED_WIRE_H
/*
 * The wire: JSON-RPC 2.0, one object a line, UTF-8, LF. See piled-rpc(7).
 *
 *  server -> client on connect:
 *   {"jsonrpc":"2.0","method":"hello","params":{"protocol":1,"agent":"0.1.0","site":ID,
 *    "name":NAME,"timezone":ZONE,"role":ROLES}}
 *   ZONE is the site's ("Asia/Shanghai", "UTC", "+08:00"): clients show its times, see fmt_zone().
 *  subscribe answers {"result":{"seq":N}}, preceded by notifications
 *   {"method":"snapshot","params":{"view":"gun","rows":[{...},...]}}     one or more a view
 *   {"method":"synced","params":{"seq":N,"now":WALL}}                    the snapshot is complete
 *  and followed for ever by
 *   {"method":"delta","params":{"seq":N+1,"now":WALL,"gun":[{"id":..,changed..}],"site":[..],..,
 *    "gone":{"fault":["id",..]}}}
 *   {"method":"resync","params":{}}    the client was too slow: a new snapshot follows
 *  A delta goes out when something changed, at least every WIRE_HEARTBEAT_MS (then it holds only
 *  seq and now).
 *  Views subscribed to by default: site gun pile meter bus unit fault command tag.
 *  Rows are those of view.def; every list method answers {"result":{"rows":[...]}}, every
 *  single-row method {"result":{...}}; gun answers {"gun":{},"pile":{},"session":{}|null,
 *  "visit":{}|null,"points":[..]}, bus {"buses":[],"units":[]}.
 *  Errors: code -32700 parse, -32600 request, -32601 method, -32602 parameters, -32001 with
 *  data.error = token of err.def for everything else; denied adds data.role = the role it needs,
 *  data.have = the caller's roles, data.group = the group that gives it, data.person.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "role.h"

struct cJSON;

#define WIRE_PROTOCOL     1
#define WIRE_LINE_MAX     (1024 * 1024) /* a server's line */
#define WIRE_REQUEST_MAX  (64 * 1024)   /* a client's line */
#define WIRE_HEARTBEAT_MS 5000

enum method {
#define METHOD(sym, name, role, changes, params, help) METHOD_##sym,
#include "method.def"
#undef METHOD
	METHOD_COUNT_
};

struct method_info {
	const char *name;
	enum role role;
	bool changes;
	const char *params;
	const char *help;
};

const struct method_info *method_info(enum method m);
int method_find(const char *name, enum method *m);

/* Splits a byte stream into lines, bounded. */
struct framer {
	char *buf;
	size_t len, cap, max;
	bool skipping; /* inside a line that was too long */
};

/* Integers on the wire lie below it, and above its negative: a double holds each of them with room
 * to spare. */
#define WIRE_INT_MAX 1e15

/* An integer of a message that may be anybody's; `missing` where there is none, or one beyond
 * WIRE_INT_MAX. */
int64_t wire_int(const struct cJSON *object, const char *key, int64_t missing);

/* The same of the value itself, as that of an array; NULL = there is none. */
int64_t wire_int_of(const struct cJSON *value, int64_t missing);

/* Adds an integer: exact below 2^53, and the wire's stay below 1e15. The object owns it; NULL
 * without memory. */
struct cJSON *wire_add_int(struct cJSON *object, const char *key, int64_t value);

int framer_init(struct framer *f, size_t max);
void framer_free(struct framer *f);
/* Takes bytes; calls `line` (NUL-terminated, without LF, may be changed in place) for each whole
 * line. A line longer than max is dropped to its LF and `line` called once with NULL. A non-zero
 * return of `line` ends the call and is returned. ERR_NOMEM. */
int framer_push(struct framer *f, const char *bytes, size_t n, int (*line)(void *arg, char *line),
	void *arg);

#endif
