/* The byte stream below SSH: TCP, or the proxy command of ~/.ssh/config. */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "i18n.h"
#include "ssh_worker.h"
#include "text.h"

/* A host of several addresses gets the next one tried after this. */
#define ADDRESS_US (4 * US_PER_S)

/* ---- TCP ---- */

/* 0, ERR_CLOSED (the screen has gone), or ERR_IO with errno. */
static int connect_one(struct ssh_worker *w, const struct addrinfo *a, bool last, int *out)
{
	int fd = socket(a->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct mono end = last ? w->deadline : mono_add_us(mono_now(), ADDRESS_US);
	const struct mono whole = w->deadline;
	const int on = 1;
	int error = 0, rc;
	socklen_t n = sizeof error;

	if (fd < 0) {
		return ERR_IO;
	}
	rc = connect(fd, a->ai_addr, a->ai_addrlen) == 0 ? 0 : ERR_IO;
	if (rc != 0 && errno == EINPROGRESS) {
		w->deadline = mono_before(end, whole) ? end : whole;
		rc = worker_wait(w, fd, POLLOUT);
		w->deadline = whole;
		if (rc == 0 && getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &n) == 0 &&
			error != 0) {
			errno = error;
			rc = ERR_IO;
		} else if (rc == ERR_TIMEOUT) {
			errno = ETIMEDOUT;
			rc = ERR_IO;
		}
	}
	if (rc != 0) {
		int why = errno;

		close(fd);
		errno = why;
		return rc;
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	*out = fd;
	return 0;
}

static int dial_tcp(struct ssh_worker *w)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG};
	struct addrinfo *list = NULL;
	char port[8], text[320];
	int fd = -1, rc;

	worker_stage(w, N_("looking up the name"));
	snprintf(port, sizeof port, "%d", w->port);
	rc = getaddrinfo(w->host, port, &hints, &list);
	if (rc != 0) {
		snprintf(text, sizeof text, "%s: %s", w->host, gai_strerror(rc));
		return worker_fail(
			w, SSH_END_AGAIN, N_("the name of the host cannot be looked up"), text);
	}
	worker_stage(w, N_("connecting"));
	rc = ERR_IO;
	for (const struct addrinfo *a = list; a != NULL && rc == ERR_IO; a = a->ai_next) {
		rc = connect_one(w, a, a->ai_next == NULL, &fd);
	}
	if (rc == ERR_IO) {
		snprintf(text, sizeof text, "%s:%s: %s", w->host, port, strerror(errno));
		worker_fail(w, SSH_END_AGAIN, N_("the host cannot be reached"), text);
	}
	freeaddrinfo(list);
	return rc == 0 ? fd : rc;
}

/* ---- Proxy command ---- */

/* %h %p %r %n %% as ssh_config(5) has them. */
static int expand(const struct ssh_worker *w, const char *command, char *dst, size_t size)
{
	size_t used = 0;
	int rc = text_append(dst, size, &used, "exec ");

	for (const char *p = command; rc == 0 && *p != '\0'; p++) {
		if (*p != '%') {
			rc = text_append(dst, size, &used, "%c", *p);
			continue;
		}
		switch (*++p) {
		case 'h':
			rc = text_append(dst, size, &used, "%s", w->host);
			break;
		case 'n':
			rc = text_append(dst, size, &used, "%s", w->address.host);
			break;
		case 'p':
			rc = text_append(dst, size, &used, "%d", w->port);
			break;
		case 'r':
			rc = text_append(dst, size, &used, "%s", w->user);
			break;
		case '%':
			rc = text_append(dst, size, &used, "%%");
			break;
		default:
			rc = ERR_SYNTAX;
		}
	}
	return rc;
}

/* Starts it in a session of its own: it has no terminal to ask on, and ends as a whole. */
static int spawn(struct ssh_worker *w, char *line, int far, int err)
{
	char shell[] = "sh", option[] = "-c";
	char *const argv[] = {shell, option, line, NULL};
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t none, pipes;
	int rc;

	sigemptyset(&none);
	sigemptyset(&pipes);
	sigaddset(&pipes, SIGPIPE); /* which is ignored here */
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_adddup2(&files, far, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&files, far, STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&files, err, STDERR_FILENO);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setflags(
		&attr, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &pipes);
	rc = posix_spawn(&w->proxy_pid, "/bin/sh", &files, &attr, argv, environ);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&files);
	return rc == 0 ? 0 : ERR_IO;
}

static int dial_proxy(struct ssh_worker *w, const char *command)
{
	char line[1024];
	int fds[2] = {-1, -1}, err[2] = {-1, -1};
	int rc;

	worker_stage(w, N_("starting the proxy command"));
	rc = expand(w, command, line, sizeof line);
	if (rc == 0 && (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0 ||
			       pipe2(err, O_CLOEXEC | O_NONBLOCK) != 0)) {
		rc = ERR_IO;
	}
	if (rc == 0) {
		rc = spawn(w, line, fds[1], err[1]);
	}
	if (fds[1] >= 0) {
		close(fds[1]);
	}
	if (err[1] >= 0) {
		close(err[1]);
	}
	if (rc != 0) {
		if (fds[0] >= 0) {
			close(fds[0]);
		}
		if (err[0] >= 0) {
			close(err[0]);
		}
		return worker_fail(w, 0, N_("the proxy command cannot be started"), command);
	}
	w->proxy_err = err[0];
	fcntl(fds[0], F_SETFL, O_NONBLOCK);
	return fds[0];
}

int worker_dial(struct ssh_worker *w)
{
	char *command = NULL;
	int rc;

	if (ssh_options_get(w->session, SSH_OPTIONS_PROXYCOMMAND, &command) == SSH_OK &&
		strcmp(command, "none") != 0) {
		/* libssh would expand it once more, and knows fewer words. */
		ssh_options_set(w->session, SSH_OPTIONS_PROXYCOMMAND, "none");
		rc = dial_proxy(w, command);
	} else {
		rc = dial_tcp(w);
	}
	ssh_string_free_char(command);
	return rc;
}

void worker_dial_complaint(struct ssh_worker *w, char *dst, size_t size)
{
	char text[1024];
	ssize_t n = w->proxy_err < 0 ? 0 : read(w->proxy_err, text, sizeof text);

	worker_last_line(text, n > 0 ? (size_t)n : 0, dst, size);
}

void worker_dial_end(struct ssh_worker *w)
{
	if (w->proxy_err >= 0) {
		close(w->proxy_err);
		w->proxy_err = -1;
	}
	if (w->proxy_pid > 0) {
		kill(-w->proxy_pid, SIGKILL);
		waitpid(w->proxy_pid, NULL, 0);
		w->proxy_pid = 0;
	}
}
