/* The other end of ssh: standard input and output become a connection to the agent. */
#include <cjson/cJSON.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "commands.h"

static int write_all(int fd, const char *bytes, size_t size)
{
	while (size > 0) {
		ssize_t n = write(fd, bytes, size);

		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n <= 0) {
			return ERR_CLOSED;
		}
		bytes += n;
		size -= (size_t)n;
	}
	return 0;
}

/* Passes on what can be read; 1 when `from` has ended. */
static int pass(int from, int to)
{
	char buf[16384];
	ssize_t n = read(from, buf, sizeof buf);

	if (n < 0) {
		return errno == EINTR ? 0 : ERR_CLOSED;
	}
	return n == 0 ? 1 : write_all(to, buf, (size_t)n);
}

/* Until either side ends. What the agent still has to say after our input ended is passed on. */
static int bridge(int fd)
{
	struct pollfd p[2] = {{STDIN_FILENO, POLLIN, 0}, {fd, POLLIN, 0}};
	int rc = 0;

	while (rc == 0) {
		if (poll(p, 2, -1) < 0) {
			rc = errno == EINTR ? 0 : ERR_IO;
			continue;
		}
		if (p[1].revents != 0) {
			rc = pass(fd, STDOUT_FILENO);
		}
		if (rc == 0 && p[0].revents != 0) {
			rc = pass(STDIN_FILENO, fd);
			if (rc == 1) {
				shutdown(fd, SHUT_WR);
				p[0].fd = -1;
				rc = 0;
			}
		}
	}
	return rc == 1 ? 0 : rc;
}

/* The greeting that was taken is passed on, for whoever is at the other end. */
static int greet(const struct cli *cli)
{
	char *text = cJSON_PrintUnformatted(link_greeting(cli->link));
	int rc = text == NULL ? ERR_NOMEM : write_all(STDOUT_FILENO, text, strlen(text));

	cJSON_free(text);
	return rc != 0 ? rc : write_all(STDOUT_FILENO, "\n", 1);
}

/* Says who it is, of those that share this account. */
static int claim(struct cli *cli, const char *person)
{
	cJSON *params = cJSON_CreateObject(), *result = NULL;
	int rc;

	cJSON_AddStringToObject(params, "person", person);
	rc = link_call(cli->link, "identify", params, &result);
	cJSON_Delete(result);
	return rc == 0 ? 0 : cli_fail_call(cli, rc);
}

/* The other end reads lines of the wire, and sshd passes no standard error of a subsystem on. */
static void tell_peer(const char *message)
{
	cJSON *object = cJSON_CreateObject();
	cJSON *error;

	cJSON_AddStringToObject(object, "jsonrpc", "2.0");
	cJSON_AddNullToObject(object, "id");
	error = cJSON_AddObjectToObject(object, "error");
	cJSON_AddNumberToObject(error, "code", -32001);
	cJSON_AddStringToObject(error, "message", message);
	cJSON_AddStringToObject(
		cJSON_AddObjectToObject(error, "data"), "error", err_token(ERR_CLOSED));
	print_json(object);
	cJSON_Delete(object);
}

int cmd_attach(struct cli *cli)
{
	const char *person = cli_option(cli, "as");
	int rc = cli_connect(cli);

	if (rc != 0) {
		char text[160];

		snprintf(text, sizeof text, _("no agent at %s"), cli->socket);
		tell_peer(text);
		return rc;
	}
	if (person != NULL) {
		rc = claim(cli, person);
		if (rc != 0) {
			tell_peer(link_error(cli->link) != NULL ? link_error(cli->link) : person);
		}
	}
	if (rc == 0) {
		rc = greet(cli) == 0 && bridge(link_fd(cli->link)) == 0 ? CLI_OK : CLI_UNREACHABLE;
	}
	return rc;
}
