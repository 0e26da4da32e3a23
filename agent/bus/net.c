/* The TCP connection of a field port. */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

#include "err.h"
#include "net.h"
#include "timex.h"

/* A peer that vanished without a word is noticed within 30 s even when nothing is asked. */
static void set_options(int fd)
{
	int on = 1, idle_s = 15, interval_s = 5, probes = 3;

	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
	(void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof idle_s);
	(void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval_s, sizeof interval_s);
	(void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes);
}

static int finish_connect(int fd, int64_t timeout_us)
{
	struct mono end = mono_add_us(mono_now(), timeout_us);
	struct pollfd poller = {.fd = fd, .events = POLLOUT};
	int error = 0, n;
	socklen_t size = sizeof error;

	do {
		int64_t left_us = mono_diff_us(end, mono_now());

		n = poll(&poller, 1, left_us > 0 ? (int)(left_us / US_PER_MS) + 1 : 0);
	} while (n < 0 && errno == EINTR);
	if (n == 0) {
		return ERR_TIMEOUT;
	}
	if (n < 0 || getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size)) {
		return ERR_IO;
	}
	return error == 0 ? 0 : error == ETIMEDOUT ? ERR_TIMEOUT : ERR_CLOSED;
}

static int connect_one(const struct addrinfo *ai, int64_t timeout_us, int *out)
{
	int fd = socket(ai->ai_family, ai->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int err = 0;

	if (fd < 0) {
		return ERR_IO;
	}
	if (fd >= FD_SETSIZE) {
		close(fd);
		return ERR_FULL;
	}
	set_options(fd);
	if (connect(fd, ai->ai_addr, ai->ai_addrlen)) {
		err = errno == EINPROGRESS ? finish_connect(fd, timeout_us) : ERR_CLOSED;
	}
	if (err) {
		close(fd);
		return err;
	}
	*out = fd;
	return 0;
}

int net_connect(const char *host, int port, int64_t timeout_us, int *fd)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
	struct addrinfo *list = NULL;
	char service[8];
	int err = ERR_NOTFOUND;

	snprintf(service, sizeof service, "%d", port);
	if (getaddrinfo(host, service, &hints, &list)) {
		return ERR_NOTFOUND;
	}
	for (const struct addrinfo *ai = list; ai; ai = ai->ai_next) {
		err = connect_one(ai, timeout_us, fd);
		if (err == 0) {
			break;
		}
	}
	freeaddrinfo(list);
	return err;
}

int net_flush(int fd)
{
	uint8_t bytes[512];
	int total = 0;
	ssize_t n;

	while ((n = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT)) > 0 && total < 1 << 20) {
		total += (int)n;
	}
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)) {
		return ERR_CLOSED;
	}
	return total;
}
