/*
 * A bad line: forwards TCP connections on loopback late, stops forwarding, cuts them.
 *
 *   slow_proxy TARGET_PORT DELAY_MS FREEZE_AFTER
 *
 * Prints "port N" when it listens. Each byte arrives DELAY_MS after it came, in either direction.
 * Once FREEZE_AFTER bytes (-1 = never) of a connection went to the client, no more go, while it
 * stays open. SIGUSR1 freezes all connections, SIGALRM only what goes to
 * the clients, SIGUSR2 cuts them and goes on with new ones; SIGHUP
 * prints "bytes UP DOWN", the payload since the last time.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "text.h"
#include "timex.h"

#define LINES_MAX 64
#define CHUNK_MAX 16384

struct chunk {
	struct chunk *next;
	struct mono due;
	size_t len, sent;
	char bytes[CHUNK_MAX];
};

/* One direction. */
struct way {
	struct chunk *first, *last;
	bool ended;
};

struct line {
	int fd[2];         /* client, server; -1 = unused */
	struct way way[2]; /* [0]: from the client */
	int64_t given;     /* bytes that the client got */
};

static struct line lines[LINES_MAX];
static int64_t delay_us, freeze_after, total[2];
static int target;
static bool frozen, mute;

static struct sockaddr_in loopback(int port)
{
	return (struct sockaddr_in){.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static void cut(struct line *l)
{
	for (int i = 0; i < 2; i++) {
		if (l->fd[i] >= 0) {
			close(l->fd[i]);
		}
		while (l->way[i].first != NULL) {
			struct chunk *c = l->way[i].first;

			l->way[i].first = c->next;
			free(c);
		}
	}
	*l = (struct line){.fd = {-1, -1}};
}

static void take_connection(int listener)
{
	struct sockaddr_in to = loopback(target);
	int client = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	int server;

	for (int i = 0; client >= 0 && i < LINES_MAX; i++) {
		if (lines[i].fd[0] >= 0) {
			continue;
		}
		server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (connect(server, (struct sockaddr *)&to, sizeof to) != 0) {
			close(server);
			break;
		}
		lines[i] = (struct line){.fd = {client, server}};
		return;
	}
	if (client >= 0) {
		close(client);
	}
}

static void take_bytes(struct line *l, int i)
{
	struct chunk *c = malloc(sizeof *c);
	ssize_t n = c == NULL ? 0 : recv(l->fd[i], c->bytes, sizeof c->bytes, MSG_DONTWAIT);

	if (n <= 0) {
		l->way[i].ended = n == 0 || (errno != EAGAIN && errno != EINTR);
		free(c);
		return;
	}
	c->next = NULL;
	c->len = (size_t)n;
	c->sent = 0;
	c->due = mono_add_us(mono_now(), delay_us);
	total[i] += n;
	if (l->way[i].first == NULL) {
		l->way[i].first = c;
	} else {
		l->way[i].last->next = c;
	}
	l->way[i].last = c;
}

static bool stuck(const struct line *l)
{
	return frozen || (freeze_after >= 0 && l->given >= freeze_after);
}

static bool held(const struct line *l, int i)
{
	return stuck(l) || (mute && i == 1);
}

/* Gives on what is due; returns false when the line is over. */
static bool give(struct line *l, int i, struct mono now)
{
	struct way *way = &l->way[i];

	while (way->first != NULL && !held(l, i) && !mono_before(now, way->first->due)) {
		struct chunk *c = way->first;
		size_t want = c->len - c->sent;
		ssize_t n;

		if (i == 1 && freeze_after >= 0 && (int64_t)want > freeze_after - l->given) {
			want = (size_t)(freeze_after - l->given);
		}
		n = send(l->fd[1 - i], c->bytes + c->sent, want, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n < 0) {
			return errno == EAGAIN || errno == EINTR;
		}
		l->given += i == 1 ? n : 0;
		c->sent += (size_t)n;
		if (c->sent == c->len) {
			way->first = c->next;
			free(c);
		}
	}
	return !(way->ended && way->first == NULL) || held(l, i);
}

static void on_signal(int fd)
{
	struct signalfd_siginfo info;

	if (read(fd, &info, sizeof info) != (ssize_t)sizeof info) {
		return;
	}
	if (info.ssi_signo == SIGUSR1) {
		frozen = true;
	} else if (info.ssi_signo == SIGALRM) {
		mute = true;
	} else if (info.ssi_signo == SIGUSR2) {
		frozen = mute = false;
		for (int i = 0; i < LINES_MAX; i++) {
			cut(&lines[i]);
		}
	} else {
		printf("bytes %lld %lld\n", (long long)total[0], (long long)total[1]);
		fflush(stdout);
		total[0] = total[1] = 0;
	}
}

static void run(int listener, int signals)
{
	struct pollfd pfd[2 + 2 * LINES_MAX];

	for (;;) {
		struct mono now = mono_now();
		int64_t wait_us = 100 * US_PER_MS;

		pfd[0] = (struct pollfd){listener, POLLIN, 0};
		pfd[1] = (struct pollfd){signals, POLLIN, 0};
		for (int i = 0; i < 2 * LINES_MAX; i++) {
			const struct line *l = &lines[i / 2];
			const struct way *way = &l->way[i % 2];

			pfd[2 + i] = (struct pollfd){
				way->ended || stuck(l) ? -1 : l->fd[i % 2], POLLIN, 0};
			if (way->first != NULL && !held(l, i % 2)) {
				int64_t us = mono_diff_us(way->first->due, now);

				us = us < US_PER_MS ? US_PER_MS : us;
				wait_us = us < wait_us ? us : wait_us;
			}
		}
		poll(pfd, 2 + 2 * LINES_MAX, (int)((wait_us + US_PER_MS - 1) / US_PER_MS));
		now = mono_now();
		if (pfd[1].revents != 0) {
			on_signal(signals);
			continue;
		}
		if (pfd[0].revents != 0) {
			take_connection(listener);
		}
		for (int i = 0; i < 2 * LINES_MAX; i++) {
			struct line *l = &lines[i / 2];

			if (l->fd[0] >= 0 && pfd[2 + i].revents != 0 && pfd[2 + i].fd >= 0) {
				take_bytes(l, i % 2);
			}
			if (l->fd[0] >= 0 && !give(l, i % 2, now)) {
				cut(l);
			}
		}
	}
}

int main(int argc, char **argv)
{
	struct sockaddr_in self = loopback(0);
	socklen_t size = sizeof self;
	int64_t port, delay_ms;
	sigset_t set;
	int listener, signals;

	if (argc != 4 || text_int(argv[1], 1, 65535, &port) != 0 ||
		text_int(argv[2], 0, 60000, &delay_ms) != 0 ||
		text_int(argv[3], -1, INT32_MAX, &freeze_after) != 0) {
		fprintf(stderr, "usage: slow_proxy TARGET_PORT DELAY_MS FREEZE_AFTER\n");
		return 2;
	}
	target = (int)port;
	delay_us = delay_ms * US_PER_MS;
	for (int i = 0; i < LINES_MAX; i++) {
		lines[i] = (struct line){.fd = {-1, -1}};
	}
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGUSR2);
	sigaddset(&set, SIGALRM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (signals < 0 || listener < 0 ||
		bind(listener, (struct sockaddr *)&self, sizeof self) != 0 ||
		listen(listener, 64) != 0 ||
		getsockname(listener, (struct sockaddr *)&self, &size) != 0) {
		perror("slow_proxy");
		return 1;
	}
	printf("port %d\n", ntohs(self.sin_port));
	fflush(stdout);
	run(listener, signals);
}
