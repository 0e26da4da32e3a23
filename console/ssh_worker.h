#ifndef PILETOP_SSH_WORKER_H
#define PILETOP_SSH_WORKER_H
/*
 * One SSH connection in a thread of its own, from the look-up of the name to its end, so that
 * nothing of it can hold the screen up. It shares no memory with the screen: both hold one end of a
 * socket pair of packets, whose first byte says what they are. The kernel bounds what waits there.
 * The screen ends a connection by closing its end.
 */
#include <libssh/callbacks.h>
#include <libssh/libssh.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "link.h"
#include "ssh_address.h"
#include "timex.h"

/* First byte of a packet. Texts behind it end with NUL each. */
enum ssh_tag {
	SSH_TAG_DATA = 'd',   /* both ways: bytes of the agent's stream */
	SSH_TAG_STAGE = 's',  /* to the screen: what is being done, message id */
	SSH_TAG_READY = 'r',  /* to the screen: bytes go through from now on */
	SSH_TAG_ASK = 'q',    /* to the screen: a byte of link_ask, one of ssh_ask, text */
	SSH_TAG_ANSWER = 'a', /* from the screen: text */
	SSH_TAG_CANCEL = 'c', /* from the screen: no answer */
	SSH_TAG_END = 'e'     /* to the screen: a byte of enum ssh_end, message id, detail */
};

enum ssh_ask { SSH_ASK_FIRST = '1', SSH_ASK_AFTER_WRONG = 'w' };

/* Bits. */
enum ssh_end {
	SSH_END_AGAIN = 1, /* trying again may help */
	SSH_END_LATE = 2   /* there was no answer in time: the screen has the words */
};

#define SSH_PACKET_MAX LINK_READ_MIN /* bytes behind the tag */
#define SSH_ANSWER_MAX 256
/* What one step of the connection may take: name, TCP, key exchange, each method, channel. */
#define SSH_STEP_US (10 * US_PER_S)

/* The thread's own. */
struct ssh_worker {
	int fd; /* its end of the pair */
	struct ssh_address address;
	const char *config; /* in place of ~/.ssh/config; NULL = that; borrowed for ever */
	ssh_session session;
	/* The session keeps their address and uses it until its end: each renewal of its keys. */
	struct ssh_callbacks_struct callbacks;
	ssh_channel channel;
	int line_fd; /* the socket below it all, -1 = none yet; what it is: */
	struct stat line;
	pid_t proxy_pid; /* of the proxy command, 0 = none; leader of its own process group */
	int proxy_err;   /* what it complains to, -1 = none */
	struct mono deadline;
	char user[64]; /* as resolved */
	char host[128];
	int port;
	char trouble[160]; /* what stood in the way of a method to log in; "" = nothing */
	bool wrong;        /* the next question is asked since the answer was wrong */
	bool ended;        /* SSH_TAG_END was sent */
	char in[SSH_PACKET_MAX], out[SSH_PACKET_MAX];
	size_t in_len, out_len;
};

/* Starts a thread; it takes `fd` over and calls `over(arg)` as its last deed. ERR_NOMEM. */
int worker_start(int fd, const struct ssh_address *address, const char *config,
	void (*over)(void *arg), void *arg);

/* Waits so long for the threads whose screen end is closed; false: some go on, and exit() would
 * pull the libraries away under them. */
bool worker_finish(int64_t us);

/* ---- Among the worker's files ---- */

/* Says what is being done and gives it SSH_STEP_US. */
void worker_stage(struct ssh_worker *w, const char *stage);

/* Waits until the session's socket (or `fd` with `events`, where not -1) has something. 0,
 * ERR_CLOSED: the screen has gone; ERR_TIMEOUT: the step's time is over. */
int worker_wait(struct ssh_worker *w, int fd, short events);

/* Ends the connection: says why, once. Returns ERR_IO. `how`: bits of enum ssh_end. */
int worker_fail(struct ssh_worker *w, int how, const char *why, const char *detail);
/* The same with what the host or libssh says, or for a step that ran out of time. */
int worker_fail_session(struct ssh_worker *w, const char *why);

/* The host's words when it ended the connection; NULL = it did not, or said nothing. */
const char *worker_goodbye(const struct ssh_worker *w);

/* Asks the user and waits; 0, ERR_CLOSED, or ERR_DENIED where there is no answer. `dst` may be
 * NULL where only "yes" is asked for. Gives the step its time anew. */
int worker_ask(struct ssh_worker *w, enum link_ask ask, const char *text, char *dst, size_t size);

/* The last line of a text of `n` bytes that has something in it; "" = none. */
void worker_last_line(const char *text, size_t n, char *dst, size_t size);

/* ssh_dial.c: opens the TCP connection or the proxy command; its descriptor, or ERR_*. */
int worker_dial(struct ssh_worker *w);
/* Ends the proxy command, where there is one. */
void worker_dial_end(struct ssh_worker *w);
/* The last line that the proxy command wrote to its standard error; "" = none. */
void worker_dial_complaint(struct ssh_worker *w, char *dst, size_t size);

/* ssh_auth.c: says who the user is. 0 or ERR_*, told to the screen. */
int worker_auth(struct ssh_worker *w);

#endif
