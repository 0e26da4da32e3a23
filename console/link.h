#ifndef PILETOP_LINK_H
#define PILETOP_LINK_H
/*
 * A byte stream to one agent, non-blocking: a table of operations for each kind of link, the unix
 * socket and SSH. A link may take its time to become ready, may have a question for the user
 * (host key, passphrase) before that, and says why it ended.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "err.h"

struct link_ops;

/* What the text of a question is. */
enum link_ask {
	LINK_ASK_NONE,
	LINK_ASK_HOST_KEY,   /* fingerprint of a key that is not known; any answer is yes */
	LINK_ASK_PASSPHRASE, /* file of the key */
	LINK_ASK_PASSWORD,   /* user@host */
	LINK_ASK_SECRET,     /* the host's own words */
	LINK_ASK_TEXT        /* the same, where what is typed may be seen */
};

/* What a link wants to know from the user. Texts are from outside, but cleaned. */
struct link_question {
	enum link_ask ask;
	uint32_t serial; /* each question has another */
	bool wrong;      /* it is asked again: the answer was wrong */
	char text[320];
};

struct link {
	const struct link_ops *ops;
	int fd;         /* -1 = closed */
	void *more;     /* of the kind; owned by it */
	bool ready;     /* bytes go through */
	char stage[48]; /* what it is doing until it is ready; message id */
	struct link_question question;
	/* Why it ended by itself: message id ("" = nothing to say), and what came from outside. */
	char why[96], detail[200];
	bool stopped; /* trying again by itself would not help */
};

/* The least buffer for read(). */
#define LINK_READ_MIN 16384

struct link_ops {
	const char *name;
	/* The longest pause between tries to connect. */
	int64_t pause_max_us;
	/* Begins to connect; 0 or ERR_* with errno where it helps. Never blocks. */
	int (*open)(struct link *link, const char *address);
	/* Bytes moved, 0 = nothing now, ERR_CLOSED, ERR_IO. read() is called before it is ready
	 * too, and moves no bytes then. */
	ssize_t (*read)(struct link *link, void *buf, size_t size);
	ssize_t (*write)(struct link *link, const void *buf, size_t size);
	void (*close)(struct link *link); /* idempotent */
	/* Answers the question; NULL: the user does not want to. May be NULL where none is asked.
	 */
	void (*answer)(struct link *link, const char *text);
	/* Releases `more`, behind close(). May be NULL. */
	void (*free)(struct link *link);
};

/* The agent's unix socket; the address is its path. */
extern const struct link_ops link_unix;

/* The agent of another machine, through its sshd: "user@host" or "ssh://user@host:port", with
 * what ~/.ssh/config says of the host. */
extern const struct link_ops link_ssh;

/* Has SSH read this file in place of ~/.ssh/config. Borrowed; before the first link is opened. */
void link_ssh_config(const char *path);

/* Ends the threads behind the links, which are closed: call it before the program returns. False:
 * one hangs in a library, leave by _exit(). */
bool link_ssh_finish(void);

#endif
