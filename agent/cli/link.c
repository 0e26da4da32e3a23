#include "link.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "timex.h"
#include "view.h"
#include "fmt.h"

/* A passphrase or a second factor may have to be typed. */
#define LOGIN_MS  180000
#define QUEUE_MAX 256 /* notifications that came while a call waited */

struct link {
	int fd;
	struct framer framer;
	int64_t calls;
	cJSON *hello;
	cJSON *error; /* of the last call */
	cJSON *answer;
	cJSON *queue[QUEUE_MAX];
	size_t first, count;
};

/* ---- Where ---- */

static bool there(const char *path)
{
	return access(path, F_OK) == 0;
}

const char *link_path(const char *given)
{
	static char path[256];
	const char *run = getenv("XDG_RUNTIME_DIR");
	const char *state = getenv("XDG_STATE_HOME");
	const char *home = getenv("HOME");

	if (given != NULL) {
		return given;
	}
	given = getenv("PILED_SOCKET");
	if (given != NULL && *given != '\0') {
		return given;
	}
	if (there(PILED_SOCKET_DEFAULT)) {
		return PILED_SOCKET_DEFAULT;
	}
	if (run != NULL && *run != '\0') {
		snprintf(path, sizeof path, "%s/piled.sock", run);
		if (there(path)) {
			return path;
		}
	}
	if (state != NULL && *state != '\0') {
		snprintf(path, sizeof path, "%s/piled/demo/piled.sock", state);
	} else {
		snprintf(path, sizeof path, "%s/.local/state/piled/demo/piled.sock",
			home != NULL ? home : "");
	}
	return there(path) ? path : PILED_SOCKET_DEFAULT;
}

/* ---- Lines ---- */

static void take_message(struct link *link, cJSON *message)
{
	const cJSON *id = cJSON_GetObjectItemCaseSensitive(message, "id");

	if (cJSON_HasObjectItem(message, "method")) {
		if (link->count == QUEUE_MAX) {
			cJSON_Delete(link->queue[link->first]);
			link->first = (link->first + 1) % QUEUE_MAX;
			link->count--;
		}
		link->queue[(link->first + link->count++) % QUEUE_MAX] = message;
		return;
	}
	/* An error without id is about the connection: it answers whatever was asked. */
	if (cJSON_IsNull(id) || (cJSON_IsNumber(id) && id->valuedouble == (double)link->calls)) {
		cJSON_Delete(link->answer);
		link->answer = message;
		return;
	}
	cJSON_Delete(message);
}

static int on_line(void *arg, char *text)
{
	cJSON *message = text == NULL ? NULL : cJSON_Parse(text);

	if (!cJSON_IsObject(message)) {
		cJSON_Delete(message);
		return ERR_SYNTAX;
	}
	take_message(arg, message);
	return 0;
}

/* Waits for bytes until `end` and takes them. */
static int receive(struct link *link, struct mono end)
{
	struct pollfd p = {.fd = link->fd, .events = POLLIN};
	int64_t left_ms = (mono_diff_us(end, mono_now()) + US_PER_MS - 1) / US_PER_MS;
	char buf[16384];
	ssize_t n;
	int rc = poll(&p, 1, left_ms > 0 ? (int)left_ms : 0);

	if (rc == 0) {
		return ERR_TIMEOUT;
	}
	if (rc < 0) {
		return errno == EINTR ? 0 : ERR_IO;
	}
	n = read(link->fd, buf, sizeof buf);
	if (n <= 0) {
		return n < 0 && errno == EINTR ? 0 : ERR_CLOSED;
	}
	return framer_push(&link->framer, buf, (size_t)n, on_line, link);
}

static int send_all(struct link *link, const char *text, size_t size)
{
	while (size > 0) {
		ssize_t n = send(link->fd, text, size, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n <= 0) {
			return ERR_CLOSED;
		}
		text += n;
		size -= (size_t)n;
	}
	return 0;
}

/* ---- Calls ---- */

static int err_of_token(const char *token)
{
	for (int e = ERR_FIRST_ + 1; e < ERR_END_; e++) {
		if (strcmp(err_token(e), token) == 0) {
			return e;
		}
	}
	return ERR_INTERNAL;
}

static int take_answer(struct link *link, cJSON **result)
{
	const cJSON *error = cJSON_GetObjectItemCaseSensitive(link->answer, "error");
	const cJSON *token;

	if (error == NULL) {
		*result = cJSON_DetachItemFromObjectCaseSensitive(link->answer, "result");
		return *result == NULL ? ERR_SYNTAX : 0;
	}
	cJSON_Delete(link->error);
	link->error = cJSON_DetachItemFromObjectCaseSensitive(link->answer, "error");
	token = cJSON_GetObjectItemCaseSensitive(link_error_data(link), "error");
	return cJSON_IsString(token) ? err_of_token(token->valuestring) : ERR_INTERNAL;
}

int link_call(struct link *link, const char *method, cJSON *params, cJSON **result)
{
	struct mono end = mono_add_us(mono_now(), LINK_TIMEOUT_MS * US_PER_MS);
	cJSON *request = cJSON_CreateObject();
	char *text;
	int rc;

	cJSON_Delete(link->error);
	link->error = NULL;
	cJSON_AddStringToObject(request, "jsonrpc", "2.0");
	wire_add_int(request, "id", ++link->calls);
	cJSON_AddStringToObject(request, "method", method);
	cJSON_AddItemToObject(request, "params", params != NULL ? params : cJSON_CreateObject());
	text = cJSON_PrintUnformatted(request);
	cJSON_Delete(request);
	if (text == NULL) {
		return ERR_NOMEM;
	}
	rc = send_all(link, text, strlen(text));
	if (rc == 0) {
		rc = send_all(link, "\n", 1);
	}
	cJSON_free(text);
	while (rc == 0 && link->answer == NULL) {
		rc = receive(link, end);
	}
	if (rc == 0) {
		rc = take_answer(link, result);
	}
	cJSON_Delete(link->answer);
	link->answer = NULL;
	return rc;
}

int link_next(struct link *link, int64_t timeout_ms, cJSON **notification)
{
	struct mono end = mono_add_us(mono_now(), timeout_ms * US_PER_MS);
	int rc = 0;

	while (link->count == 0 && rc == 0) {
		rc = receive(link, end);
	}
	if (link->count == 0) {
		return rc;
	}
	*notification = link->queue[link->first];
	link->first = (link->first + 1) % QUEUE_MAX;
	link->count--;
	return 0;
}

const char *link_error(const struct link *link)
{
	const cJSON *m = cJSON_GetObjectItemCaseSensitive(link->error, "message");

	return cJSON_IsString(m) ? m->valuestring : NULL;
}

const cJSON *link_error_data(const struct link *link)
{
	return cJSON_GetObjectItemCaseSensitive(link->error, "data");
}

int link_fd(const struct link *link)
{
	return link->fd;
}

const cJSON *link_greeting(const struct link *link)
{
	return link->hello;
}

const cJSON *link_hello(const struct link *link)
{
	return cJSON_GetObjectItemCaseSensitive(link->hello, "params");
}

/* ---- Connecting ---- */

static int err_of_connect(int error)
{
	switch (error) {
	case ENOENT:
		return ERR_NOTFOUND;
	case EACCES:
	case EPERM:
		return ERR_DENIED;
	case ECONNREFUSED:
		return ERR_CLOSED;
	default:
		return ERR_IO;
	}
}

static int greet(struct link *link, int64_t timeout_ms)
{
	const cJSON *protocol, *zone;
	int rc = link_next(link, timeout_ms, &link->hello);

	if (rc != 0) {
		return rc;
	}
	zone = cJSON_GetObjectItemCaseSensitive(link_hello(link), "timezone");
	if (cJSON_IsString(zone)) {
		fmt_zone(zone->valuestring);
	}
	protocol = cJSON_GetObjectItemCaseSensitive(link_hello(link), "protocol");
	return cJSON_IsNumber(protocol) && protocol->valuedouble == WIRE_PROTOCOL ? 0 : ERR_VERSION;
}

/* Where the person sits, as sshd tells us: for the audit log, which has it as a claim. An agent
 * that does not take it, or an older one, is none the worse. */
static void tell_origin(struct link *link)
{
	const cJSON *role = cJSON_GetObjectItemCaseSensitive(link_hello(link), "role");
	const char *ssh = getenv("SSH_CONNECTION");
	cJSON *params, *result = NULL;
	char origin[64];
	size_t n = ssh == NULL ? 0 : strcspn(ssh, " ");

	/* Whoever has no role would only be refused. */
	if (n == 0 || !cJSON_IsString(role) || role_read(role->valuestring) == 0 ||
		snprintf(origin, sizeof origin, "ssh %.*s", (int)n, ssh) >= (int)sizeof origin) {
		return;
	}
	params = cJSON_CreateObject();
	cJSON_AddStringToObject(params, "origin", origin);
	link_call(link, "identify", params, &result);
	cJSON_Delete(result);
}

int link_open_fd(int fd, struct link **out)
{
	struct link *link = calloc(1, sizeof *link);
	int rc;

	if (link == NULL) {
		close(fd);
		return ERR_NOMEM;
	}
	link->fd = fd;
	rc = framer_init(&link->framer, WIRE_LINE_MAX);
	if (rc == 0) {
		rc = greet(link, LOGIN_MS);
	}
	if (rc != 0) {
		link_close(link);
		return rc;
	}
	*out = link;
	return 0;
}

int link_open(const char *path, struct link **out)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct link *link;
	int rc = 0;

	if (strlen(path) >= sizeof address.sun_path) {
		return ERR_TOOLONG;
	}
	link = calloc(1, sizeof *link);
	if (link == NULL) {
		return ERR_NOMEM;
	}
	memcpy(address.sun_path, path, strlen(path));
	link->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (link->fd < 0) {
		rc = ERR_IO;
	} else if (connect(link->fd, (struct sockaddr *)&address, sizeof address) != 0) {
		rc = err_of_connect(errno);
	} else {
		rc = framer_init(&link->framer, WIRE_LINE_MAX);
	}
	if (rc == 0) {
		rc = greet(link, LINK_TIMEOUT_MS);
	}
	if (rc == 0) {
		tell_origin(link);
	}
	if (rc != 0) {
		link_close(link);
		return rc;
	}
	*out = link;
	return 0;
}

void link_close(struct link *link)
{
	if (link == NULL) {
		return;
	}
	while (link->count > 0) {
		cJSON_Delete(link->queue[link->first]);
		link->first = (link->first + 1) % QUEUE_MAX;
		link->count--;
	}
	cJSON_Delete(link->hello);
	cJSON_Delete(link->error);
	cJSON_Delete(link->answer);
	framer_free(&link->framer);
	if (link->fd >= 0) {
		close(link->fd);
	}
	free(link);
}
