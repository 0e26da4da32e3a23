/* The screen's side of an SSH connection; all work is done by the worker's thread. */
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "i18n.h"
#include "ssh_worker.h"
#include "text.h"
#include "view.h"

/* A thread that hangs in a look-up or at the agent of keys ends late: so many are waited for. */
#define THREADS_MAX 3
/* How long the program waits for them when it ends. */
#define FINISH_US (US_PER_S / 2)

static const char *config;

void link_ssh_config(const char *path)
{
	config = path;
}

bool link_ssh_finish(void)
{
	return worker_finish(FINISH_US);
}

/* Outlives the link: the threads count themselves out. */
struct life {
	atomic_int holders; /* the link and each thread */
};

static void let_go(void *arg)
{
	struct life *life = arg;

	if (atomic_fetch_sub(&life->holders, 1) == 1) {
		free(life);
	}
}

static void link_close(struct link *link)
{
	if (link->fd >= 0) {
		close(link->fd);
		link->fd = -1;
	}
	link->ready = false;
	link->question.ask = LINK_ASK_NONE;
}

static int pair(int fds[2])
{
	/* Room for some packets, so that a busy site wakes the screen once for several. */
	const int room = 4 * SSH_PACKET_MAX;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) != 0) {
		return ERR_IO;
	}
	setsockopt(fds[1], SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
	return 0;
}

static int begin(struct link *link, const char *text)
{
	struct ssh_address address;
	struct life *life = link->more;
	int fds[2];
	int rc;

	link->why[0] = link->detail[0] = '\0';
	link->stopped = false;
	if (ssh_address_read(text, &address) != 0) {
		link->stopped = true;
		view_set_text(link->why, sizeof link->why,
			N_("no address like user@host or ssh://user@host:port"));
		errno = 0;
		return ERR_SYNTAX;
	}
	if (life == NULL) {
		life = calloc(1, sizeof *life);
		if (life == NULL) {
			return ERR_NOMEM;
		}
		atomic_init(&life->holders, 1);
		link->more = life;
	}
	if (atomic_load(&life->holders) > THREADS_MAX) {
		view_set_text(link->why, sizeof link->why,
			N_("earlier tries have not ended yet: the name service or the agent of "
			   "keys hangs"));
		errno = 0;
		return ERR_BUSY;
	}
	rc = pair(fds);
	if (rc != 0) {
		return rc;
	}
	atomic_fetch_add(&life->holders, 1);
	rc = worker_start(fds[1], &address, config, let_go, life);
	if (rc != 0) {
		atomic_fetch_sub(&life->holders, 1);
		close(fds[0]);
		close(fds[1]);
		return rc;
	}
	link->fd = fds[0];
	view_set_text(link->stage, sizeof link->stage, N_("connecting"));
	return 0;
}

/* The text at `*p`, which moves behind it. */
static const char *next_text(const char **p, const char *end)
{
	const char *text = *p;
	const char *nul = text < end ? memchr(text, '\0', (size_t)(end - text)) : NULL;

	*p = nul == NULL ? end : nul + 1;
	return nul == NULL ? "" : text;
}

static void take_control(struct link *link, char tag, const char *bytes, size_t n)
{
	const char *p = bytes, *end = bytes + n;

	switch (tag) {
	case SSH_TAG_STAGE:
		view_set_text(link->stage, sizeof link->stage, next_text(&p, end));
		break;
	case SSH_TAG_READY:
		link->ready = true;
		break;
	case SSH_TAG_ASK:
		if (n > 2) {
			p += 2;
			link->question.ask = (enum link_ask)bytes[0];
			link->question.wrong = bytes[1] == SSH_ASK_AFTER_WRONG;
			link->question.serial++;
			text_clean(link->question.text, sizeof link->question.text,
				next_text(&p, end));
		}
		break;
	case SSH_TAG_END:
		if (n > 1) {
			p++;
			link->stopped = (bytes[0] & SSH_END_AGAIN) == 0;
			view_set_text(link->why, sizeof link->why, next_text(&p, end));
			text_clean(link->detail, sizeof link->detail,
				(bytes[0] & SSH_END_LATE) != 0 ? _(err_text(ERR_TIMEOUT))
							       : next_text(&p, end));
		}
		break;
	default:
		break;
	}
}

static ssize_t take(struct link *link, void *buf, size_t size)
{
	for (;;) {
		char tag = '\0';
		struct iovec iov[2] = {{&tag, 1}, {buf, size}};
		struct msghdr msg = {.msg_iov = iov, .msg_iovlen = 2};
		ssize_t n = recvmsg(link->fd, &msg, 0);

		if (n == 0) {
			return ERR_CLOSED;
		}
		if (n < 0) {
			return errno == EAGAIN || errno == EINTR ? 0 : ERR_CLOSED;
		}
		if (tag == SSH_TAG_DATA && n > 1) {
			return n - 1;
		}
		take_control(link, tag, buf, (size_t)n - 1);
	}
}

static ssize_t packet(struct link *link, char tag, const void *bytes, size_t n)
{
	struct iovec iov[2] = {{&tag, 1}, {(void *)bytes, n}};
	struct msghdr msg = {.msg_iov = iov, .msg_iovlen = 2};

	if (sendmsg(link->fd, &msg, MSG_NOSIGNAL) < 0) {
		return errno == EAGAIN || errno == EINTR || errno == ENOBUFS ? 0 : ERR_CLOSED;
	}
	return (ssize_t)n;
}

static ssize_t give(struct link *link, const void *buf, size_t size)
{
	if (!link->ready) {
		return 0;
	}
	return packet(link, SSH_TAG_DATA, buf, size < SSH_PACKET_MAX ? size : SSH_PACKET_MAX);
}

static void answer(struct link *link, const char *text)
{
	link->question.ask = LINK_ASK_NONE;
	if (link->fd < 0) {
		return;
	}
	if (text == NULL) {
		packet(link, SSH_TAG_CANCEL, "", 0);
	} else {
		packet(link, SSH_TAG_ANSWER, text, strlen(text) + 1);
	}
}

static void release(struct link *link)
{
	if (link->more != NULL) {
		let_go(link->more);
		link->more = NULL;
	}
}

const struct link_ops link_ssh = {
	.name = "ssh",
	.pause_max_us = 30 * US_PER_S,
	.open = begin,
	.read = take,
	.write = give,
	.close = link_close,
	.answer = answer,
	.free = release,
};
