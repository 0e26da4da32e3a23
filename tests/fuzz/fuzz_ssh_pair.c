/* The pair of sockets between the screen and the thread of an SSH connection: any packets to either
 * end, each behind its length in two bytes. The first byte of the input says to which. */
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ssh_worker.h"
#include "text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const char *text, size_t size)
{
	char clean[512];

	if (memchr(text, '\0', size) == NULL) {
		abort();
	}
	text_clean(clean, sizeof clean, text);
	if (strcmp(clean, text) != 0) {
		abort();
	}
}

/* The screen reads what the thread sends. */
static void screen(struct link *link)
{
	char *buf = malloc(LINK_READ_MIN);
	ssize_t n;

	if (buf == NULL) {
		return;
	}
	do {
		n = link->ops->read(link, buf, LINK_READ_MIN);
		if (n > LINK_READ_MIN) {
			abort();
		}
	} while (n > 0);
	check_text(link->question.text, sizeof link->question.text);
	check_text(link->detail, sizeof link->detail);
	if (memchr(link->stage, '\0', sizeof link->stage) == NULL ||
		memchr(link->why, '\0', sizeof link->why) == NULL) {
		abort();
	}
	free(buf);
}

/* The thread asks, and reads what the screen sends: one packet at each question. */
static void thread(struct ssh_worker *w, size_t packets)
{
	for (size_t i = 0; i <= packets; i++) {
		char answer[16];
		int rc = worker_ask(w, LINK_ASK_SECRET, "What?", answer, sizeof answer);

		if (rc == 0 && memchr(answer, '\0', sizeof answer) == NULL) {
			abort();
		}
		if (rc == ERR_CLOSED) {
			return;
		}
	}
	abort(); /* more answers than packets */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct link link = {.ops = &link_ssh, .fd = -1};
	struct ssh_worker *w = calloc(1, sizeof *w);
	size_t at = 1, packets = 0;
	int fds[2];

	if (w == NULL || size == 0 ||
		socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) != 0) {
		free(w);
		return 0;
	}
	while (at + 2 <= size) {
		size_t n = (size_t)data[at] << 8 | data[at + 1];

		at += 2;
		n = n < size - at ? n : size - at;
		n = n < SSH_PACKET_MAX + 1 ? n : SSH_PACKET_MAX + 1;
		/* An empty packet looks like the end. */
		packets += n > 0 && send(fds[1], data + at, n, 0) >= 0;
		at += n;
	}
	link.fd = w->fd = fds[0];
	if (data[0] % 2 == 0) {
		close(fds[1]);
		screen(&link);
	} else {
		shutdown(fds[1], SHUT_WR);
		thread(w, packets);
		close(fds[1]);
	}
	close(fds[0]);
	free(w);
	return 0;
}
