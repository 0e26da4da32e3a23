/*
 * An agent's socket that plays a recording, for tests of the console.
 *
 *   fake_agent SOCKET FILE
 *
 * The file's lines:
 *   {...}            the greeting is sent on connect, all else on subscription
 *   @METHOD {...}    the result to answer to requests of this method; "$id" is replaced by
 *                    params.id of the request; "@METHOD:WORD" only where params.point or
 *                    params.account is WORD
 *   @METHOD !{...}   the error to answer
 *   @METHOD ~        no answer
 *   @METHOD -        the connection is closed instead
 *   +METHOD {...}    sent behind that answer, each line of it; "$id" and "$seq" are replaced
 *   *MS {...}        sent every MS milliseconds after the subscription; "$seq", "$now" and "$n"
 *                    (which counts up) are replaced
 * "$seq" is the number of the next delta. It serves one client after another until SIGTERM.
 */
#include <cjson/cJSON.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "text.h"
#include "timex.h"
#include "wire.h"

#define LINES_MAX 4096

struct line {
	char kind; /* '{', 'h' (a greeting), '@', '+', '*' */
	char method[40];
	int64_t period_ms;
	char *text;
};

static struct line lines[LINES_MAX];
static size_t line_count;
static int64_t seq, beats;

static bool add_line(char *text)
{
	struct line *l = &lines[line_count];
	char *rest = strchr(text, ' ');

	if (line_count == LINES_MAX) {
		return false;
	}
	l->kind = strstr(text, "\"method\":\"hello\"") != NULL && text[0] == '{' ? 'h' : text[0];
	if (text[0] == '{') {
		rest = text;
	} else if (rest == NULL) {
		return false;
	} else {
		*rest++ = '\0';
		text_clean(l->method, sizeof l->method, text + 1);
	}
	if (text[0] == '*' && text_int(l->method, 1, 1000000, &l->period_ms) != 0) {
		return false;
	}
	l->text = strdup(rest);
	line_count++;
	return l->text != NULL;
}

static bool load(const char *path)
{
	FILE *f = fopen(path, "r");
	char *text = NULL;
	size_t cap = 0;
	ssize_t n;
	bool good = f != NULL;

	while (good && (n = getline(&text, &cap, f)) > 0) {
		if (text[n - 1] == '\n') {
			text[n - 1] = '\0';
		}
		if (text[0] != '\0' && text[0] != '#') {
			good = add_line(text);
		}
	}
	free(text);
	if (f != NULL) {
		fclose(f);
	}
	return good;
}

static bool send_all(int fd, const char *bytes, size_t n)
{
	while (n > 0) {
		ssize_t part = send(fd, bytes, n, MSG_NOSIGNAL);

		if (part <= 0) {
			return false;
		}
		bytes += part;
		n -= (size_t)part;
	}
	return true;
}

/* Sends a text with its "$" words replaced, and a line feed. */
static bool send_text(int fd, const char *text, const char *id)
{
	char *out = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&out, &size);
	bool good;

	if (f == NULL) {
		return false;
	}
	while (*text != '\0') {
		if (strncmp(text, "$id", 3) == 0) {
			fputs(id, f);
			text += 3;
		} else if (strncmp(text, "$seq", 4) == 0) {
			fprintf(f, "%lld", (long long)++seq);
			text += 4;
		} else if (strncmp(text, "$now", 4) == 0) {
			fprintf(f, "%lld", (long long)wall_now().ms);
			text += 4;
		} else if (strncmp(text, "$n", 2) == 0) {
			fprintf(f, "%lld", (long long)beats);
			text += 2;
		} else {
			fputc(*text++, f);
		}
	}
	fputc('\n', f);
	fclose(f);
	good = send_all(fd, out, size);
	free(out);
	return good;
}

static bool send_kind(int fd, char kind, const char *method, const char *id)
{
	for (size_t i = 0; i < line_count; i++) {
		if (lines[i].kind == kind && strcmp(lines[i].method, method) == 0 &&
			!send_text(fd, lines[i].text, id)) {
			return false;
		}
	}
	return true;
}

/* The sequence number of the recording is that of its "synced" line. */
static void note_seq(void)
{
	for (size_t i = 0; i < line_count; i++) {
		const char *at = lines[i].kind == '{' && strstr(lines[i].text, "\"synced\"") != NULL
					 ? strstr(lines[i].text, "\"seq\":")
					 : NULL;

		if (at != NULL) {
			seq = strtoll(at + 6, NULL, 10);
		}
	}
}

static bool answer(int fd, const cJSON *request)
{
	const cJSON *method = cJSON_GetObjectItemCaseSensitive(request, "method");
	const cJSON *id = cJSON_GetObjectItemCaseSensitive(request, "id");
	const cJSON *params = cJSON_GetObjectItemCaseSensitive(request, "params");
	const cJSON *about = cJSON_GetObjectItemCaseSensitive(params, "id");
	const cJSON *point = cJSON_GetObjectItemCaseSensitive(params, "point");
	const cJSON *account = cJSON_GetObjectItemCaseSensitive(params, "account");
	const char *key = cJSON_IsString(about) ? about->valuestring : "";
	char exact[64];
	const char *result = "{\"rows\":[]}";
	char head[96];
	bool error = false;

	if (!cJSON_IsString(method) || !cJSON_IsNumber(id)) {
		return false;
	}
	if (strcmp(method->valuestring, "subscribe") == 0) {
		note_seq();
		if (!send_kind(fd, '{', "", key)) {
			return false;
		}
		result = "{\"seq\":0}";
	}
	snprintf(exact, sizeof exact, "%s:%s", method->valuestring,
		cJSON_IsString(point)     ? point->valuestring
		: cJSON_IsString(account) ? account->valuestring
					  : "");
	for (size_t i = 0; i < line_count; i++) {
		if (lines[i].kind == '@' && (strcmp(lines[i].method, method->valuestring) == 0 ||
						    strcmp(lines[i].method, exact) == 0)) {
			error = lines[i].text[0] == '!';
			result = lines[i].text + error;
		}
	}
	if (result[0] == '~' || result[0] == '-') {
		return result[0] == '~';
	}
	snprintf(head, sizeof head, "{\"jsonrpc\":\"2.0\",\"id\":%.0f,\"%s\":", id->valuedouble,
		error ? "error" : "result");
	if (!send_all(fd, head, strlen(head))) {
		return false;
	}
	{
		char *whole = NULL;
		size_t size = 0;
		FILE *f = open_memstream(&whole, &size);
		bool good = f != NULL && fprintf(f, "%s}", result) > 0 && fclose(f) == 0 &&
			    send_text(fd, whole, key);

		free(whole);
		if (!good) {
			return false;
		}
	}
	return send_kind(fd, '+', method->valuestring, key);
}

static int on_line(void *arg, char *line)
{
	cJSON *request = line == NULL ? NULL : cJSON_Parse(line);
	bool good = request != NULL && answer(*(int *)arg, request);

	cJSON_Delete(request);
	return good ? 0 : ERR_CLOSED;
}

static bool beat(int fd, int64_t *elapsed_ms, int64_t step_ms)
{
	*elapsed_ms += step_ms;
	for (size_t i = 0; i < line_count; i++) {
		if (lines[i].kind == '*' && *elapsed_ms % lines[i].period_ms == 0) {
			if (!send_text(fd, lines[i].text, "")) {
				return false;
			}
			beats++;
		}
	}
	return true;
}

static int64_t shortest_period_ms(void)
{
	int64_t least = 0;

	for (size_t i = 0; i < line_count; i++) {
		if (lines[i].kind == '*' && (least == 0 || lines[i].period_ms < least)) {
			least = lines[i].period_ms;
		}
	}
	return least;
}

static void serve(int fd)
{
	struct framer framer;
	int64_t step_ms = shortest_period_ms();
	int64_t elapsed_ms = 0;
	char buf[8192];
	bool good = framer_init(&framer, WIRE_REQUEST_MAX) == 0 && send_kind(fd, 'h', "", "");

	while (good) {
		struct pollfd pfd = {fd, POLLIN, 0};
		int n = poll(&pfd, 1, step_ms > 0 ? (int)step_ms : -1);

		if (n == 0) {
			good = beat(fd, &elapsed_ms, step_ms);
		} else if (n > 0) {
			ssize_t got = recv(fd, buf, sizeof buf, 0);

			good = got > 0 && framer_push(&framer, buf, (size_t)got, on_line, &fd) == 0;
		} else {
			good = errno == EINTR;
		}
	}
	framer_free(&framer);
	close(fd);
}

int main(int argc, char **argv)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	int fd;

	if (argc != 3 || strlen(argv[1]) >= sizeof sun.sun_path) {
		fprintf(stderr, "usage: fake_agent SOCKET FILE\n");
		return 2;
	}
	if (!load(argv[2])) {
		fprintf(stderr, "fake_agent: %s: cannot be read\n", argv[2]);
		return 2;
	}
	memcpy(sun.sun_path, argv[1], strlen(argv[1]));
	unlink(argv[1]);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&sun, sizeof sun) != 0 || listen(fd, 4) != 0) {
		perror("fake_agent");
		return 1;
	}
	for (;;) {
		int client = accept(fd, NULL, NULL);

		if (client >= 0) {
			serve(client);
		}
	}
}
