/*
 * An agent that means ill: passes on what a real one says, with what a terminal takes for commands
 * behind each text.
 *
 *   evil_proxy LISTEN CONNECT
 *
 * Both are unix sockets. Each client has a process of its own.
 */
#include <cjson/cJSON.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "wire.h"

/* Title, clear, colour by C1, right-to-left, a line of its own. */
#define EVIL "\033]0;owned\007\033[2J\302\23331m\342\200\256\rowned\n"

static int to_client;

static void spoil(cJSON *node)
{
	cJSON *child;

	if (cJSON_IsString(node) && strlen(node->valuestring) < 1000) {
		char text[1100];

		snprintf(text, sizeof text, "%s%s", node->valuestring, EVIL);
		cJSON_SetValuestring(node, text);
	}
	cJSON_ArrayForEach(child, node)
	{
		spoil(child);
	}
}

static int on_line(void *arg, char *line)
{
	cJSON *message = cJSON_Parse(line == NULL ? "" : line);
	char *text;

	(void)arg;
	spoil(cJSON_GetObjectItem(message, "params"));
	spoil(cJSON_GetObjectItem(message, "result"));
	spoil(cJSON_GetObjectItem(message, "error"));
	text = cJSON_PrintUnformatted(message);
	if (text != NULL) {
		dprintf(to_client, "%s\n", text);
	}
	cJSON_free(text);
	cJSON_Delete(message);
	return 0;
}

static struct sockaddr_un address(const char *path)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};

	snprintf(at.sun_path, sizeof at.sun_path, "%s", path);
	return at;
}

static void serve(int client, const char *path)
{
	struct sockaddr_un at = address(path);
	int agent = socket(AF_UNIX, SOCK_STREAM, 0);
	struct pollfd p[2] = {{client, POLLIN, 0}, {agent, POLLIN, 0}};
	struct framer framer;
	char buf[16384];
	ssize_t n = 1;

	to_client = client;
	if (connect(agent, (struct sockaddr *)&at, sizeof at) != 0 ||
		framer_init(&framer, WIRE_LINE_MAX) != 0) {
		return;
	}
	while (n > 0 && poll(p, 2, -1) > 0) {
		if (p[1].revents != 0) {
			n = read(agent, buf, sizeof buf);
			if (n > 0) {
				framer_push(&framer, buf, (size_t)n, on_line, NULL);
			}
		} else {
			n = read(client, buf, sizeof buf);
			if (n > 0) {
				n = write(agent, buf, (size_t)n);
			}
		}
	}
	framer_free(&framer);
}

int main(int argc, char **argv)
{
	struct sockaddr_un at;
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	if (argc != 3) {
		fprintf(stderr, "evil_proxy LISTEN CONNECT\n");
		return 2;
	}
	at = address(argv[1]);
	if (bind(fd, (struct sockaddr *)&at, sizeof at) != 0 || listen(fd, 8) != 0) {
		perror(argv[1]);
		return 1;
	}
	signal(SIGCHLD, SIG_IGN);
	for (;;) {
		int client = accept(fd, NULL, NULL);

		if (client < 0) {
			continue;
		}
		if (fork() == 0) {
			close(fd);
			serve(client, argv[2]);
			_exit(0);
		}
		close(client);
	}
}
