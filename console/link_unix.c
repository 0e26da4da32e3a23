/* The link to the agent of this machine: its unix socket. */
#include "link.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "timex.h"

static void unix_close(struct link *link)
{
	if (link->fd >= 0) {
		close(link->fd);
		link->fd = -1;
	}
}

/* connect() to a unix socket never waits for the peer: it succeeds, or fails with EAGAIN when the
 * peer's queue is full, which is a failure like any other here. */
static int unix_open(struct link *link, const char *address)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	size_t n = strlen(address);

	if (n >= sizeof sun.sun_path) {
		errno = ENAMETOOLONG;
		return ERR_TOOLONG;
	}
	memcpy(sun.sun_path, address, n);
	link->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (link->fd < 0) {
		return ERR_IO;
	}
	if (connect(link->fd, (struct sockaddr *)&sun, sizeof sun) != 0) {
		int why = errno;

		unix_close(link);
		errno = why;
		return ERR_IO;
	}
	link->ready = true;
	return 0;
}

static ssize_t outcome(ssize_t n)
{
	if (n >= 0) {
		return n;
	}
	return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? 0 : ERR_IO;
}

static ssize_t unix_read(struct link *link, void *buf, size_t size)
{
	ssize_t n = recv(link->fd, buf, size, 0);

	return n == 0 ? ERR_CLOSED : outcome(n);
}

static ssize_t unix_write(struct link *link, const void *buf, size_t size)
{
	return outcome(send(link->fd, buf, size, MSG_NOSIGNAL));
}

const struct link_ops link_unix = {
	.name = "unix",
	.pause_max_us = 8 * US_PER_S,
	.open = unix_open,
	.read = unix_read,
	.write = unix_write,
	.close = unix_close,
};
