/*
 * A server of SSH whose way of asking who somebody is the tests choose, where sshd would need an
 * account of the machine. Serves one connection after the other on loopback.
 *
 *   ssh_server HOST_KEY USER_KEY.pub STEPS COMMAND...
 *
 * Prints "port N" when it listens and a line for each thing that it is told. STEPS are what one has
 * to do in turn, with "+" between; the alternatives of a step with "," between:
 *
 *   key        signs with the user's key
 *   password   "open sesame"
 *   code       keyboard-interactive: "open sesame" and, in the same round, 123456
 *   rounds     keyboard-interactive: six rounds, one without a prompt; yes to each
 *   endless    keyboard-interactive: rounds without end
 *   wordy      keyboard-interactive: 4 kB in front of a prompt with escape sequences; yes
 *   many       keyboard-interactive: 100 prompts
 *   strict     keyboard-interactive: as code, but cuts the line at the first wrong answer
 *
 * Whoever is in gets COMMAND for the subsystem "piled".
 */
#include <arpa/inet.h>
#include <errno.h>
#include <libssh/libssh.h>
#include <libssh/server.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* What there is beside messages has no keyboard-interactive for a server. */
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

#define STEPS_MAX    4
#define WORDY_LENGTH 4096
#define SECRET       "open sesame"
#define CODE         "123456"
#define ROUNDS       6

struct server {
	char *steps[STEPS_MAX + 1];
	char **command;
	ssh_key user_key;
	ssh_session session;
	ssh_channel channel;
	int step;  /* the one that is due */
	int round; /* of keyboard-interactive, 0 = not begun */
	bool in, over;
};

static void say(const char *what)
{
	printf("%s\n", what);
	fflush(stdout);
}

/* Whether the step that is due has this word among its alternatives. */
static bool due(const struct server *s, const char *word)
{
	const char *p = s->steps[s->step];
	size_t n = strlen(word);

	while (p != NULL && *p != '\0') {
		size_t len = strcspn(p, ",");

		if (len == n && strncmp(p, word, n) == 0) {
			return true;
		}
		p += len + (p[len] == ',');
	}
	return false;
}

static const char *interactive(const struct server *s)
{
	static const char *const words[] = {
		"code", "rounds", "endless", "wordy", "many", "strict", NULL};

	for (int i = 0; words[i] != NULL; i++) {
		if (due(s, words[i])) {
			return words[i];
		}
	}
	return NULL;
}

static void refuse(struct server *s, ssh_message message)
{
	int methods = (due(s, "key") ? SSH_AUTH_METHOD_PUBLICKEY : 0) |
		      (due(s, "password") ? SSH_AUTH_METHOD_PASSWORD : 0) |
		      (interactive(s) != NULL ? SSH_AUTH_METHOD_INTERACTIVE : 0);

	s->round = 0;
	ssh_message_auth_set_methods(message, methods);
	ssh_message_reply_default(message);
}

static void step_done(struct server *s, ssh_message message)
{
	s->round = 0;
	s->step++;
	s->in = s->steps[s->step] == NULL;
	if (!s->in) {
		/* A partial success names what is still wanted as a refusal does. */
		int methods = (due(s, "key") ? SSH_AUTH_METHOD_PUBLICKEY : 0) |
			      (due(s, "password") ? SSH_AUTH_METHOD_PASSWORD : 0) |
			      (interactive(s) != NULL ? SSH_AUTH_METHOD_INTERACTIVE : 0);

		ssh_set_auth_methods(s->session, methods);
	}
	say(s->in ? "in" : "partial");
	ssh_message_auth_reply_success(message, !s->in);
}

/* ---- Keyboard-interactive ---- */

static void ask_round(struct server *s, ssh_message message, const char *kind)
{
	static char wordy[WORDY_LENGTH + 1];
	const char *prompts[100];
	char echo[100] = {0};
	unsigned count = 1;
	const char *name = "", *instruction = "";

	prompts[0] = "Go on? ";
	s->round++;
	if (strcmp(kind, "code") == 0 || strcmp(kind, "strict") == 0) {
		prompts[0] = "Password: ";
		prompts[1] = "One-time code: ";
		echo[1] = 1;
		count = 2;
	} else if (strcmp(kind, "rounds") == 0 && s->round == ROUNDS) {
		count = 0;
		instruction = "Your password ends in three days";
	} else if (strcmp(kind, "wordy") == 0) {
		memset(wordy, 'x', WORDY_LENGTH);
		name = instruction = wordy;
		prompts[0] = "\033]0;owned\007\033[2J\302\233wordy prompt? ";
		echo[0] = 1;
	} else if (strcmp(kind, "many") == 0) {
		for (count = 0; count < 100; count++) {
			prompts[count] = "One of many: ";
		}
	}
	ssh_message_auth_interactive_request(message, name, instruction, count, prompts, echo);
}

static bool answered(const struct server *s, unsigned i, const char *want)
{
	const char *answer = ssh_userauth_kbdint_getanswer(s->session, i);

	return answer != NULL && strcmp(answer, want) == 0;
}

static void on_interactive(struct server *s, ssh_message message)
{
	const char *kind = interactive(s);
	bool right;

	if (kind == NULL) {
		refuse(s, message);
		return;
	}
	if (!ssh_message_auth_kbdint_is_response(message) || s->round == 0) {
		s->round = 0;
		say("questions");
		ask_round(s, message, kind);
		return;
	}
	if (strcmp(kind, "code") == 0 || strcmp(kind, "strict") == 0) {
		right = answered(s, 0, SECRET) && answered(s, 1, CODE);
	} else {
		right = s->round == ROUNDS || answered(s, 0, "yes");
	}
	say(right ? "right answer" : "wrong answer");
	if (!right && strcmp(kind, "strict") == 0) {
		ssh_session_set_disconnect_message(s->session, "Too many authentication failures");
		ssh_disconnect(s->session);
		s->over = true;
	} else if (!right) {
		refuse(s, message);
	} else if (strcmp(kind, "endless") == 0 ||
		   (strcmp(kind, "rounds") == 0 && s->round < ROUNDS)) {
		ask_round(s, message, kind);
	} else {
		step_done(s, message);
	}
}

/* ---- Messages ---- */

static void on_key(struct server *s, ssh_message message)
{
	bool known = due(s, "key") && ssh_key_cmp(ssh_message_auth_pubkey(message), s->user_key,
					      SSH_KEY_CMP_PUBLIC) == 0;

	if (!known) {
		refuse(s, message);
	} else if (ssh_message_auth_publickey_state(message) == SSH_PUBLICKEY_STATE_NONE) {
		ssh_message_auth_reply_pk_ok_simple(message);
	} else if (ssh_message_auth_publickey_state(message) == SSH_PUBLICKEY_STATE_VALID) {
		step_done(s, message);
	} else {
		refuse(s, message);
	}
}

static void on_auth(struct server *s, ssh_message message)
{
	const char *password;

	switch (ssh_message_subtype(message)) {
	case SSH_AUTH_METHOD_PUBLICKEY:
		on_key(s, message);
		break;
	case SSH_AUTH_METHOD_INTERACTIVE:
		on_interactive(s, message);
		break;
	case SSH_AUTH_METHOD_PASSWORD:
		password = ssh_message_auth_password(message);
		say("password");
		if (due(s, "password") && password != NULL && strcmp(password, SECRET) == 0) {
			step_done(s, message);
		} else {
			refuse(s, message);
		}
		break;
	default:
		refuse(s, message);
	}
}

/* Whether the subsystem may begin. */
static bool on_message(struct server *s, ssh_message message)
{
	int type = ssh_message_type(message), subtype = ssh_message_subtype(message);

	if (type == SSH_REQUEST_AUTH) {
		on_auth(s, message);
	} else if (type == SSH_REQUEST_CHANNEL_OPEN && subtype == SSH_CHANNEL_SESSION && s->in) {
		s->channel = ssh_message_channel_request_open_reply_accept(message);
	} else if (type == SSH_REQUEST_CHANNEL && subtype == SSH_CHANNEL_REQUEST_SUBSYSTEM &&
		   s->channel != NULL) {
		ssh_message_channel_request_reply_success(message);
		return true;
	} else if (type == SSH_REQUEST_SERVICE) {
		ssh_message_service_reply_success(message);
	} else {
		ssh_message_reply_default(message);
	}
	return false;
}

/* ---- The subsystem ---- */

static pid_t start(char **command, int *fd)
{
	int fds[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0) {
		return -1;
	}
	pid = fork();
	if (pid == 0) {
		dup2(fds[1], STDIN_FILENO);
		dup2(fds[1], STDOUT_FILENO);
		execv(command[0], command);
		_exit(127);
	}
	close(fds[1]);
	*fd = fds[0];
	return pid;
}

static void bridge(struct server *s)
{
	char buf[16384];
	int fd = -1;
	pid_t pid = start(s->command, &fd);

	while (pid > 0) {
		struct pollfd p[2] = {{fd, POLLIN, 0}, {ssh_get_fd(s->session), POLLIN, 0}};
		int n = ssh_channel_read_nonblocking(s->channel, buf, sizeof buf, 0);
		ssize_t got;

		if (n < 0 || (n > 0 && write(fd, buf, (size_t)n) != n)) {
			break;
		}
		if (n > 0) {
			continue;
		}
		if (poll(p, 2, 100) < 0 && errno != EINTR) {
			break;
		}
		if (p[0].revents != 0) {
			got = read(fd, buf, sizeof buf);
			if (got <= 0 || ssh_channel_write(s->channel, buf, (uint32_t)got) != got) {
				break;
			}
		}
	}
	if (fd >= 0) {
		close(fd);
	}
	if (pid > 0) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
}

static void serve(struct server *s)
{
	ssh_message message;

	if (ssh_handle_key_exchange(s->session) != SSH_OK) {
		say("key exchange failed");
		return;
	}
	while (!s->over && (message = ssh_message_get(s->session)) != NULL) {
		bool begin = on_message(s, message);

		ssh_message_free(message);
		if (begin) {
			bridge(s);
			break;
		}
	}
}

static ssh_bind listen_on(const char *host_key)
{
	ssh_bind bind = ssh_bind_new();
	struct sockaddr_in at = {0};
	socklen_t size = sizeof at;
	unsigned port = 0;

	if (bind == NULL || ssh_bind_options_set(bind, SSH_BIND_OPTIONS_HOSTKEY, host_key) != 0 ||
		ssh_bind_options_set(bind, SSH_BIND_OPTIONS_BINDADDR, "127.0.0.1") != 0 ||
		ssh_bind_options_set(bind, SSH_BIND_OPTIONS_BINDPORT, &port) != 0 ||
		ssh_bind_listen(bind) != SSH_OK ||
		getsockname(ssh_bind_get_fd(bind), (struct sockaddr *)&at, &size) != 0) {
		fprintf(stderr, "ssh_server: %s\n", bind == NULL ? "" : ssh_get_error(bind));
		exit(1);
	}
	printf("port %d\n", ntohs(at.sin_port));
	fflush(stdout);
	return bind;
}

int main(int argc, char **argv)
{
	ssh_key user_key = NULL;
	char *steps[STEPS_MAX + 1] = {NULL};
	ssh_bind bind;
	int count = 0;

	if (argc < 5 || ssh_pki_import_pubkey_file(argv[2], &user_key) != SSH_OK) {
		fprintf(stderr, "ssh_server HOST_KEY USER_KEY.pub STEPS COMMAND...\n");
		return 2;
	}
	for (char *p = argv[3]; count < STEPS_MAX && *p != '\0';) {
		size_t n = strcspn(p, "+");

		steps[count++] = p;
		p += n + (p[n] == '+');
		p[-1] = p[-1] == '+' ? '\0' : p[-1];
	}
	signal(SIGPIPE, SIG_IGN);
	bind = listen_on(argv[1]);
	for (;;) {
		struct server s = {.command = argv + 4, .user_key = user_key, .session = ssh_new()};

		memcpy(s.steps, steps, sizeof steps);
		if (s.session == NULL || ssh_bind_accept(bind, s.session) != SSH_OK) {
			return 1;
		}
		serve(&s);
		ssh_disconnect(s.session);
		ssh_free(s.session);
	}
}
