#ifndef PILETOP_LINK_H
#define PILETOP_LINK_H
/*
 * A byte stream to one agent, non-blocking: a table of operations for each kind of link. The unix
 * socket is the first kind; others (a subsystem over SSH) are other tables.
 */
#include <stddef.h>
#include <sys/types.h>

#include "err.h"

struct link_ops;

struct link {
	const struct link_ops *ops;
	int fd;     /* -1 = closed */
	void *more; /* of the kind; owned by it */
};

struct link_ops {
	const char *name;
	/* Begins to connect; 0 or ERR_* with errno where it helps. Never blocks. */
	int (*open)(struct link *link, const char *address);
	/* Bytes moved, 0 = nothing now, ERR_CLOSED, ERR_IO. */
	ssize_t (*read)(struct link *link, void *buf, size_t size);
	ssize_t (*write)(struct link *link, const void *buf, size_t size);
	void (*close)(struct link *link); /* idempotent */
};

/* The agent's unix socket; the address is its path. */
extern const struct link_ops link_unix;

#endif
