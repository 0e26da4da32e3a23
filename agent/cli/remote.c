#include "remote.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "text.h"

#define LINE_MAX_ 8192
/* ssh's own failures. */
#define SSH_FAILED 255

static pid_t child;

/* Appends a word so that the shell over there takes it as one, whatever is in it. */
static int quote(char *line, size_t size, size_t *used, const char *word)
{
	int rc = text_append(line, size, used, " '");

	for (; *word != '\0' && rc == 0; word++) {
		rc = *word == '\'' ? text_append(line, size, used, "'\\''")
				   : text_append(line, size, used, "%c", *word);
	}
	return rc != 0 ? rc : text_append(line, size, used, "'");
}

/* In the child: $PILED_SSH may be a program with options, as the shell splits words. */
static void exec_ssh(const char *host, const char *line)
{
	const char *ssh = getenv("PILED_SSH");

	if (ssh != NULL && ssh[0] != '\0') {
		execl("/bin/sh", "sh", "-c", "exec $PILED_SSH -T -- \"$@\"", "sh", host, line,
			(char *)NULL);
	} else {
		execlp("ssh", "ssh", "-T", "--", host, line, (char *)NULL);
	}
	fprintf(stderr, "piled: ssh: %s\n", strerror(errno));
	_exit(SSH_FAILED);
}

/* Starts ssh with these in place of its standard streams, where they are not -1. */
static int start(const char *host, const char *line, const int fds[3])
{
	fflush(NULL);
	child = fork();
	if (child == 0) {
		for (int i = 0; i < 3; i++) {
			if (fds[i] >= 0) {
				dup2(fds[i], i);
			}
		}
		exec_ssh(host, line);
	}
	return child > 0 ? 0 : ERR_IO;
}

static int finish(void)
{
	int status = 0;

	while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
	}
	child = 0;
	return WIFEXITED(status) ? WEXITSTATUS(status) : SSH_FAILED;
}

static bool good_host(const char *host)
{
	return host[0] != '\0' && host[0] != '-' && strpbrk(host, " \t\n'\"\\;&|<>$`") == NULL;
}

/* "piled attach", with the socket where one is named. */
static int attach_line(const struct cli *cli, char *line, size_t size)
{
	const char *socket = cli_option(cli, "socket");
	size_t used = 0;
	int rc = text_append(line, size, &used, "piled attach");

	if (rc == 0 && socket != NULL) {
		rc = text_append(line, size, &used, " --socket");
		rc = rc != 0 ? rc : quote(line, size, &used, socket);
	}
	return rc;
}

/* The command as it was given, but for --host; the language is that of here. */
static int command_line(const struct cli *cli, char *line, size_t size)
{
	size_t used = 0;
	int rc = text_append(line, size, &used, "piled %s", cli->command->name);

	for (int i = 0; i < cli->given_count && rc == 0; i++) {
		const struct cli_option *o = cli_option_at(cli->command, cli->given[i].option);

		if (strcmp(o->name, "host") == 0 || strcmp(o->name, "lang") == 0) {
			continue;
		}
		rc = text_append(line, size, &used, " --%s", o->name);
		if (rc == 0 && o->value != NULL) {
			rc = quote(line, size, &used, cli->given[i].value);
		}
	}
	if (rc == 0) {
		rc = text_append(
			line, size, &used, " --lang %s --", i18n_lang() == LANG_ZH ? "zh" : "en");
	}
	for (int i = 0; i < cli->arg_count && rc == 0; i++) {
		rc = quote(line, size, &used, cli->args[i]);
	}
	return rc;
}

int remote_connect(struct cli *cli, const char *host, struct link **out)
{
	char line[LINE_MAX_];
	int fds[2];
	int rc;

	if (!good_host(host)) {
		return cli_fail(
			cli, CLI_USAGE, _("--host: \"%s\" is no host like user@host"), host);
	}
	if (attach_line(cli, line, sizeof line) != 0) {
		return cli_fail(cli, CLI_USAGE, "%s", _(err_text(ERR_TOOLONG)));
	}
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0) {
		return cli_fail(cli, CLI_FAILED, "%s", strerror(errno));
	}
	rc = start(host, line, (const int[3]){fds[1], fds[1], -1});
	close(fds[1]);
	if (rc != 0) {
		close(fds[0]);
		return cli_fail(cli, CLI_FAILED, "%s", _(err_text(rc)));
	}
	rc = link_open_fd(fds[0], out);
	if (rc != 0) {
		finish();
		return cli_fail(
			cli, CLI_UNREACHABLE, _("no agent behind %s: %s"), host, _(err_text(rc)));
	}
	return 0;
}

/* What the other machine prints goes the way of what is printed here. */
static void copy(int out, int err)
{
	struct pollfd p[2] = {{out, POLLIN, 0}, {err, POLLIN, 0}};
	FILE *const to[2] = {stdout, stderr};
	char buf[4096];

	while (p[0].fd >= 0 || p[1].fd >= 0) {
		if (poll(p, 2, -1) < 0) {
			if (errno == EINTR) {
				continue;
			}
			return;
		}
		for (int i = 0; i < 2; i++) {
			ssize_t n = p[i].revents == 0 ? -1 : read(p[i].fd, buf, sizeof buf);

			if (n > 0 && fwrite(buf, 1, (size_t)n, to[i]) == (size_t)n &&
				fflush(to[i]) == 0) {
				continue;
			}
			/* Its end, or nobody reads here any more: ssh is told by its next write. */
			if (p[i].revents != 0) {
				close(p[i].fd);
				p[i].fd = -1;
			}
		}
	}
}

int remote_run(struct cli *cli, const char *host)
{
	int out[2], err[2];
	char line[LINE_MAX_];
	int rc;

	if (!good_host(host)) {
		return cli_fail(
			cli, CLI_USAGE, _("--host: \"%s\" is no host like user@host"), host);
	}
	if (cli->command->lock == CLI_OFFLINE) {
		return cli_fail(cli, CLI_USAGE, _("cannot be run on another machine"));
	}
	if (command_line(cli, line, sizeof line) != 0) {
		return cli_fail(cli, CLI_USAGE, "%s", _(err_text(ERR_TOOLONG)));
	}
	if (pipe2(out, O_CLOEXEC) != 0 || pipe2(err, O_CLOEXEC) != 0) {
		return cli_fail(cli, CLI_FAILED, "%s", strerror(errno));
	}
	rc = start(host, line, (const int[3]){-1, out[1], err[1]});
	close(out[1]);
	close(err[1]);
	if (rc != 0) {
		return cli_fail(cli, CLI_FAILED, "%s", strerror(errno));
	}
	copy(out[0], err[0]);
	rc = finish();
	return rc == SSH_FAILED ? CLI_UNREACHABLE : rc;
}

void remote_end(void)
{
	if (child > 0) {
		finish();
	}
}
