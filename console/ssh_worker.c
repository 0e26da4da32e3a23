#include "ssh_worker.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "i18n.h"
#include "text.h"

#define STACK_SIZE (512 * 1024)
/* How long the screen may take to make room for the last word. */
#define END_MS 1000

/* How often its last words are read: they may be more than the last line. */
#define SAID_READS 1024

#define SUBSYSTEM "piled"
#define PROGRAM   "piled attach"

/* ---- Packets ---- */

/* 1 = sent, 0 = no room now, ERR_CLOSED. */
static int try_packet(struct ssh_worker *w, char tag, const void *bytes, size_t n)
{
	struct iovec iov[2] = {{&tag, 1}, {(void *)bytes, n}};
	struct msghdr msg = {.msg_iov = iov, .msg_iovlen = 2};

	if (sendmsg(w->fd, &msg, MSG_NOSIGNAL) >= 0) {
		return 1;
	}
	return errno == EAGAIN || errno == EINTR ? 0 : ERR_CLOSED;
}

/* Waits a moment for room: control packets are few. */
static int packet(struct ssh_worker *w, char tag, const void *bytes, size_t n)
{
	struct pollfd pfd = {w->fd, POLLOUT, 0};
	int rc = try_packet(w, tag, bytes, n);

	if (rc == 0 && poll(&pfd, 1, END_MS) > 0) {
		rc = try_packet(w, tag, bytes, n);
	}
	return rc == 1 ? 0 : ERR_CLOSED;
}

void worker_stage(struct ssh_worker *w, const char *stage)
{
	w->deadline = mono_add_us(mono_now(), SSH_STEP_US);
	packet(w, SSH_TAG_STAGE, stage, strlen(stage) + 1);
}

int worker_fail(struct ssh_worker *w, int how, const char *why, const char *detail)
{
	char text[512];
	size_t used = 0;

	if (!w->ended) {
		text[used++] = (char)how;
		text_append(text, sizeof text, &used, "%s", why);
		used++;
		text_append(text, sizeof text, &used, "%s", detail);
		w->ended = packet(w, SSH_TAG_END, text, used + 1) == 0;
	}
	return ERR_IO;
}

const char *worker_goodbye(const struct ssh_worker *w)
{
	/* libssh keeps them in the text of its error only, with the number of the reason. */
	static const char before[] = "Received SSH_MSG_DISCONNECT: ";
	const char *error = ssh_get_error(w->session);
	const char *words = NULL;

	if (strncmp(error, before, sizeof before - 1) == 0) {
		words = strchr(error + sizeof before - 1, ':');
	}
	return words == NULL ? NULL : words + 1;
}

int worker_fail_session(struct ssh_worker *w, const char *why)
{
	char complaint[160];
	const char *said = worker_goodbye(w);

	worker_dial_complaint(w, complaint, sizeof complaint);
	if (!mono_before(mono_now(), w->deadline)) {
		return worker_fail(w, SSH_END_AGAIN | SSH_END_LATE, why, "");
	}
	if (said == NULL) {
		said = complaint[0] != '\0' ? complaint : ssh_get_error(w->session);
	}
	return worker_fail(w, SSH_END_AGAIN, why, said);
}

/* ---- Waiting ---- */

static int left_ms(const struct ssh_worker *w)
{
	int64_t us = mono_diff_us(w->deadline, mono_now());

	return us <= 0 ? 0 : (int)(us / US_PER_MS) + 1;
}

int worker_wait(struct ssh_worker *w, int fd, short events)
{
	struct pollfd pfd[2] = {{w->fd, 0, 0}, {fd, events, 0}};
	int n;

	if (fd < 0) {
		pfd[1].fd = ssh_get_fd(w->session);
		pfd[1].events = POLLIN;
		if ((ssh_get_status(w->session) & SSH_WRITE_PENDING) != 0) {
			pfd[1].events |= POLLOUT;
		}
	}
	n = poll(pfd, 2, left_ms(w));
	if (pfd[0].revents != 0) {
		return ERR_CLOSED;
	}
	return n == 0 && !mono_before(mono_now(), w->deadline) ? ERR_TIMEOUT : 0;
}

int worker_ask(struct ssh_worker *w, enum link_ask ask, const char *text, char *dst, size_t size)
{
	char buf[SSH_ANSWER_MAX + 1];
	struct pollfd pfd = {w->fd, POLLIN, 0};
	size_t used = 0;
	char question[400];
	ssize_t n;
	int rc = ERR_CLOSED;

	question[used++] = (char)ask;
	question[used++] = (char)(w->wrong ? SSH_ASK_AFTER_WRONG : SSH_ASK_FIRST);
	w->wrong = false;
	text_append(question, sizeof question, &used, "%s", text);
	if (packet(w, SSH_TAG_ASK, question, used + 1) != 0) {
		return ERR_CLOSED;
	}
	do {
		n = poll(&pfd, 1, -1) < 0 ? -1 : recv(w->fd, buf, sizeof buf - 1, 0);
	} while (n < 0 && (errno == EINTR || errno == EAGAIN));
	if (n > 0 && buf[0] == SSH_TAG_ANSWER) {
		buf[n] = '\0';
		rc = 0;
		if (dst != NULL) {
			snprintf(dst, size, "%s", buf + 1);
		}
	} else if (n > 0) {
		rc = ERR_DENIED;
	}
	explicit_bzero(buf, sizeof buf);
	w->deadline = mono_add_us(mono_now(), SSH_STEP_US);
	return rc;
}

/* ---- The steps of a connection ---- */

/* What the address says goes before ~/.ssh/config. */
static int set_up(struct ssh_worker *w)
{
	const int strict = 1, nodelay = 1;
	unsigned port;
	char *text = NULL;

	if (ssh_options_set(w->session, SSH_OPTIONS_HOST, w->address.host) != 0 ||
		(w->address.user[0] != '\0' &&
			ssh_options_set(w->session, SSH_OPTIONS_USER, w->address.user) != 0) ||
		ssh_options_parse_config(w->session, w->config) != 0) {
		return ERR_IO;
	}
	if (w->address.port != 0) {
		ssh_options_set(w->session, SSH_OPTIONS_PORT, &w->address.port);
	}
	/* An unknown key is never taken without a question, whatever the configuration says. */
	ssh_options_set(w->session, SSH_OPTIONS_STRICTHOSTKEYCHECK, &strict);
	ssh_options_set(w->session, SSH_OPTIONS_NODELAY, &nodelay);
	/* What comes is many times what goes, and a compressor costs a quarter of a megabyte. */
	ssh_options_set(w->session, SSH_OPTIONS_COMPRESSION_S_C, "zlib@openssh.com,none");
	ssh_options_set(w->session, SSH_OPTIONS_COMPRESSION_C_S, "none");
	if (ssh_options_get(w->session, SSH_OPTIONS_HOST, &text) == SSH_OK) {
		snprintf(w->host, sizeof w->host, "%s", text);
		ssh_string_free_char(text);
	}
	/* Without a value libssh takes the local user. */
	if (ssh_options_get(w->session, SSH_OPTIONS_USER, &text) != SSH_OK &&
		(ssh_options_set(w->session, SSH_OPTIONS_USER, NULL) != SSH_OK ||
			ssh_options_get(w->session, SSH_OPTIONS_USER, &text) != SSH_OK)) {
		return ERR_IO;
	}
	snprintf(w->user, sizeof w->user, "%s", text);
	ssh_string_free_char(text);
	ssh_options_get_port(w->session, &port);
	w->port = (int)port;
	return w->host[0] != '\0' ? 0 : ERR_IO;
}

static int connect_session(struct ssh_worker *w)
{
	socket_t fd;
	int rc = worker_dial(w);

	if (rc < 0) {
		return rc;
	}
	fd = rc;
	if (fstat(fd, &w->line) != 0) {
		close(fd);
		return worker_fail(w, SSH_END_AGAIN, N_("no SSH connection"), strerror(errno));
	}
	w->line_fd = fd;
	ssh_options_set(w->session, SSH_OPTIONS_FD, &fd);
	ssh_set_blocking(w->session, 0);
	worker_stage(w, N_("exchanging keys"));
	while ((rc = ssh_connect(w->session)) == SSH_AGAIN) {
		rc = worker_wait(w, -1, 0);
		if (rc == ERR_CLOSED) {
			return rc;
		}
		if (rc == ERR_TIMEOUT) {
			break;
		}
	}
	return rc == SSH_OK ? 0 : worker_fail_session(w, N_("no SSH connection"));
}

static int fingerprint(struct ssh_worker *w, char *dst, size_t size)
{
	ssh_key key = NULL;
	unsigned char *hash = NULL;
	size_t n = 0;
	char *text = NULL;
	int rc = ERR_IO;

	if (ssh_get_server_publickey(w->session, &key) == SSH_OK &&
		ssh_get_publickey_hash(key, SSH_PUBLICKEY_HASH_SHA256, &hash, &n) == 0) {
		text = ssh_get_fingerprint_hash(SSH_PUBLICKEY_HASH_SHA256, hash, n);
	}
	if (text != NULL) {
		snprintf(dst, size, "%s %s", ssh_key_type_to_char(ssh_key_type(key)), text);
		rc = 0;
	}
	ssh_string_free_char(text);
	ssh_clean_pubkey_hash(&hash);
	ssh_key_free(key);
	return rc;
}

static int check_host_key(struct ssh_worker *w)
{
	char print[128] = "";
	int rc = fingerprint(w, print, sizeof print);

	if (rc != 0) {
		return worker_fail_session(w, N_("the host shows no key"));
	}
	switch (ssh_session_is_known_server(w->session)) {
	case SSH_KNOWN_HOSTS_OK:
		return 0;
	case SSH_KNOWN_HOSTS_CHANGED:
		return worker_fail(w, 0,
			N_("the host key has changed: somebody may be in between; ssh-keygen -R "
			   "forgets the old one"),
			print);
	case SSH_KNOWN_HOSTS_OTHER:
		return worker_fail(
			w, 0, N_("the host shows a key of another type than the known one"), print);
	case SSH_KNOWN_HOSTS_UNKNOWN:
	case SSH_KNOWN_HOSTS_NOT_FOUND:
		rc = worker_ask(w, LINK_ASK_HOST_KEY, print, NULL, 0);
		if (rc == ERR_DENIED) {
			return worker_fail(w, 0, N_("the host key was not accepted"), print);
		}
		/* Once more would be the same question again. */
		if (rc == 0 && ssh_session_update_known_hosts(w->session) != SSH_OK) {
			return worker_fail(
				w, 0, N_("the host key cannot be kept"), ssh_get_error(w->session));
		}
		return rc;
	case SSH_KNOWN_HOSTS_ERROR:
		break;
	}
	return worker_fail_session(w, N_("the known host keys cannot be read"));
}

/* One request on the channel until it is answered. */
static int request(struct ssh_worker *w, int (*ask)(ssh_channel channel))
{
	int rc;

	while ((rc = ask(w->channel)) == SSH_AGAIN) {
		rc = worker_wait(w, -1, 0);
		if (rc != 0) {
			return rc;
		}
	}
	return rc == SSH_OK ? 0 : ERR_DENIED;
}

static int ask_subsystem(ssh_channel channel)
{
	return ssh_channel_request_subsystem(channel, SUBSYSTEM);
}

static int ask_program(ssh_channel channel)
{
	return ssh_channel_request_exec(channel, PROGRAM);
}

static int open_channel(struct ssh_worker *w)
{
	int rc;

	worker_stage(w, N_("asking for the agent"));
	w->channel = ssh_channel_new(w->session);
	if (w->channel == NULL) {
		return worker_fail_session(w, N_("no channel"));
	}
	rc = request(w, ssh_channel_open_session);
	if (rc == 0) {
		rc = request(w, ask_subsystem);
		if (rc == ERR_DENIED && ssh_is_connected(w->session)) {
			rc = request(w, ask_program);
		}
	}
	if (rc == 0 || rc == ERR_CLOSED) {
		return rc;
	}
	return worker_fail_session(w, N_("sshd gives neither the subsystem nor the program piled"));
}

/* ---- Passing on ---- */

void worker_last_line(const char *text, size_t n, char *dst, size_t size)
{
	size_t begin;

	while (n > 0 && (text[n - 1] == '\n' || text[n - 1] == '\r')) {
		n--;
	}
	for (begin = n; begin > 0 && text[begin - 1] != '\n';) {
		begin--;
	}
	n = n - begin < size ? n - begin : size - 1;
	memcpy(dst, text + begin, n);
	dst[n] = '\0';
}

/* What it wrote to its standard error last says why it could not attach. */
static int far_end(struct ssh_worker *w)
{
	char said[512], last[200];
	size_t used = 0;
	int n = 1;

	for (int reads = 0; reads < SAID_READS && n > 0; reads++) {
		if (used > sizeof said / 2) {
			memmove(said, said + used - sizeof said / 2, sizeof said / 2);
			used = sizeof said / 2;
		}
		n = ssh_channel_read_nonblocking(
			w->channel, said + used, (uint32_t)(sizeof said - used), 1);
		used += n > 0 ? (size_t)n : 0;
	}
	worker_last_line(said, used, last, sizeof last);
	if (last[0] == '\0' && !ssh_is_connected(w->session)) {
		return worker_fail(w, SSH_END_AGAIN, N_("the SSH connection has ended"), "");
	}
	return worker_fail(
		w, SSH_END_AGAIN, N_("the far end of the SSH connection has ended"), last);
}

/* From the channel to the screen. 0 or an ERR_*. */
static int pass_in(struct ssh_worker *w)
{
	for (;;) {
		int rc;

		if (w->in_len == 0) {
			int n = ssh_channel_read_nonblocking(w->channel, w->in, sizeof w->in, 0);

			if (n == SSH_AGAIN || (n == 0 && !ssh_channel_is_eof(w->channel) &&
						      ssh_is_connected(w->session))) {
				return 0;
			}
			if (n <= 0) {
				return far_end(w);
			}
			w->in_len = (size_t)n;
		}
		rc = try_packet(w, SSH_TAG_DATA, w->in, w->in_len);
		if (rc != 1) {
			return rc;
		}
		w->in_len = 0;
	}
}

/* From the screen to the channel. *wrote: the channel was given something, or asked to take it. */
static int pass_out(struct ssh_worker *w, bool *wrote)
{
	*wrote = false;
	for (;;) {
		int n;

		if (w->out_len == 0) {
			char packet_in[SSH_PACKET_MAX + 1];
			ssize_t got = recv(w->fd, packet_in, sizeof packet_in, 0);

			if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) {
				return ERR_CLOSED;
			}
			if (got < 0) {
				return 0;
			}
			if (packet_in[0] != SSH_TAG_DATA) {
				continue;
			}
			w->out_len = (size_t)got - 1;
			memcpy(w->out, packet_in + 1, w->out_len);
		}
		*wrote = true;
		n = ssh_channel_write(w->channel, w->out, (uint32_t)w->out_len);
		if (n == SSH_AGAIN || n == 0) {
			return 0;
		}
		if (n < 0) {
			return far_end(w);
		}
		w->out_len -= (size_t)n;
		memmove(w->out, w->out + n, w->out_len);
	}
}

/* Both ways, until neither has anything to do. Whatever writes to the channel reads from the socket
 * too: what came with it lies in libssh, where poll() does not see it, and it may be what was
 * waited for to write more. */
static int pass(struct ssh_worker *w)
{
	bool wrote = true;
	int rc = 0;

	while (rc == 0 && wrote) {
		size_t before = w->out_len;

		rc = pass_in(w);
		if (rc == 0) {
			rc = pass_out(w, &wrote);
		}
		/* It takes nothing: only what comes from the host changes that. */
		if (rc == 0 && wrote && w->out_len > 0 && w->out_len == before) {
			uint32_t window = ssh_channel_window_size(w->channel);

			rc = pass_in(w);
			wrote = ssh_channel_window_size(w->channel) != window;
		}
	}
	return rc;
}

/* Waits for what either side can do; nothing is read from one while the other takes nothing, so
 * that what waits is bounded. */
static int wait_both(struct ssh_worker *w)
{
	struct pollfd pfd[2] = {{w->fd, 0, 0}, {ssh_get_fd(w->session), 0, 0}};

	pfd[0].events = (short)((w->in_len > 0 ? POLLOUT : 0) | (w->out_len > 0 ? 0 : POLLIN));
	pfd[1].events = w->in_len > 0 ? 0 : POLLIN;
	if ((ssh_get_status(w->session) & SSH_WRITE_PENDING) != 0) {
		pfd[1].events |= POLLOUT;
	}
	if (poll(pfd, 2, -1) < 0 && errno != EINTR) {
		return ERR_IO;
	}
	/* While the screen takes nothing, nothing else would send what libssh holds. */
	if ((pfd[1].revents & POLLOUT) != 0 && ssh_blocking_flush(w->session, 0) == SSH_ERROR) {
		return far_end(w);
	}
	return 0;
}

static int pump(struct ssh_worker *w)
{
	int rc = 0;

	while (rc == 0) {
		rc = pass(w);
		if (rc == 0) {
			rc = wait_both(w);
		}
	}
	return rc;
}

/* ---- The thread ---- */

struct start {
	struct start *next;
	pthread_t thread;
	struct ssh_worker worker;
	void (*over)(void *arg);
	void *arg;
};

static void ignore(int priority, const char *function, const char *buffer, void *userdata)
{
	(void)priority;
	(void)function;
	(void)buffer;
	(void)userdata;
}

/* libssh closes a socket that it was given where the line breaks, and does not where the connection
 * is ended from here or has never begun. The number of one that it closed may be another thread's
 * by now. */
static void close_line(struct ssh_worker *w)
{
	struct stat now;

	if (w->line_fd >= 0 && fstat(w->line_fd, &now) == 0 && now.st_dev == w->line.st_dev &&
		now.st_ino == w->line.st_ino) {
		close(w->line_fd);
	}
	w->line_fd = -1;
}

static void work(struct ssh_worker *w)
{
	/* Whatever ~/.ssh/config says of logging: the terminal is the console's. */
	ssh_set_log_callback(ignore);
	w->session = ssh_new();
	if (w->session == NULL) {
		worker_fail(w, SSH_END_AGAIN, err_text(ERR_NOMEM), "");
		return;
	}
	if (set_up(w) != 0) {
		worker_fail(w, 0, N_("the configuration of ssh cannot be used"),
			ssh_get_error(w->session));
	} else if (connect_session(w) == 0 && check_host_key(w) == 0 && worker_auth(w) == 0 &&
		   open_channel(w) == 0 && packet(w, SSH_TAG_READY, "", 0) == 0) {
		pump(w);
	}
	if (w->channel != NULL) {
		ssh_channel_free(w->channel);
	}
	ssh_disconnect(w->session);
	ssh_free(w->session);
	close_line(w);
	worker_dial_end(w);
}

/* Ended threads wait here to be joined. */
static struct {
	pthread_mutex_t lock;
	pthread_cond_t ended;
	struct start *done;
	int running;
} crew = {.lock = PTHREAD_MUTEX_INITIALIZER, .ended = PTHREAD_COND_INITIALIZER};

static void *run(void *arg)
{
	struct start *s = arg;

	work(&s->worker);
	close(s->worker.fd);
	explicit_bzero(&s->worker, sizeof s->worker);
	s->over(s->arg);
	pthread_mutex_lock(&crew.lock);
	s->next = crew.done;
	crew.done = s;
	crew.running--;
	pthread_cond_signal(&crew.ended);
	pthread_mutex_unlock(&crew.lock);
	return NULL;
}

/* Joins those that have ended; with the lock held. */
static void reap(void)
{
	while (crew.done != NULL) {
		struct start *s = crew.done;

		crew.done = s->next;
		pthread_join(s->thread, NULL);
		free(s);
	}
}

bool worker_finish(int64_t us)
{
	struct timespec end;
	int rc = 0;
	bool all;

	clock_gettime(CLOCK_REALTIME, &end);
	end.tv_sec += us / US_PER_S;
	end.tv_nsec += us % US_PER_S * 1000;
	if (end.tv_nsec >= 1000000000) {
		end.tv_sec++;
		end.tv_nsec -= 1000000000;
	}
	pthread_mutex_lock(&crew.lock);
	while (crew.running > 0 && rc == 0) {
		rc = pthread_cond_timedwait(&crew.ended, &crew.lock, &end);
	}
	reap();
	all = crew.running == 0;
	pthread_mutex_unlock(&crew.lock);
	return all;
}

/* Signals are the screen's. */
static int create(struct start *s)
{
	pthread_attr_t attr;
	sigset_t all, before;
	int rc;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(&s->thread, &attr, run, s);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attr);
	return rc == 0 ? 0 : ERR_NOMEM;
}

int worker_start(int fd, const struct ssh_address *address, const char *config,
	void (*over)(void *arg), void *arg)
{
	struct start *s = calloc(1, sizeof *s);
	int rc;

	if (s == NULL) {
		return ERR_NOMEM;
	}
	s->worker.fd = fd;
	s->worker.address = *address;
	s->worker.config = config;
	s->worker.line_fd = -1;
	s->worker.proxy_err = -1;
	s->over = over;
	s->arg = arg;
	pthread_mutex_lock(&crew.lock);
	reap();
	rc = create(s);
	crew.running += rc == 0;
	pthread_mutex_unlock(&crew.lock);
	if (rc != 0) {
		free(s);
	}
	return rc;
}
