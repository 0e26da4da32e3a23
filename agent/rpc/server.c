#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "version.h"

#define BACKLOG   16
#define READ_SIZE 8192
/* What follows RPC_HIGH_WATER can only be answers to requests; past this the client is dropped. */
#define UNSENT_MAX (4 * WIRE_LINE_MAX)

struct write {
	uv_write_t request;
	struct client *client;
	struct line *line;
};

/* ---- Lines ---- */

struct line *line_of_json(const cJSON *object)
{
	char *text = cJSON_PrintUnformatted(object);
	size_t size;
	struct line *line;

	if (text == NULL) {
		return NULL;
	}
	size = strlen(text);
	line = malloc(sizeof *line + size + 1);
	if (line != NULL) {
		*line = (struct line){.refs = 1, .size = size + 1};
		memcpy(line->text, text, size);
		line->text[size] = '\n';
	}
	cJSON_free(text);
	return line;
}

void line_release(struct line *line)
{
	if (line != NULL && --line->refs == 0) {
		free(line);
	}
}

/* ---- The server's life ---- */

/* The last handle or query that goes takes the server with it. */
void server_release(struct rpc_server *server)
{
	if (!server->closing || server->handles > 0 || server->works > 0) {
		return;
	}
	query_close(server);
	publish_free(server);
	uv_mutex_destroy(&server->readers_lock);
	free(server);
}

static void on_server_closed(uv_handle_t *handle)
{
	struct rpc_server *server = handle->data;

	server->handles--;
	server_release(server);
}

static void on_client_closed(uv_handle_t *handle)
{
	struct client *client = handle->data;
	struct rpc_server *server = client->server;

	framer_free(&client->framer);
	free(client->groups);
	free(client);
	server->handles--;
	server_release(server);
}

void client_close(struct client *client)
{
	struct client **p = &client->server->clients;

	if (client->closing) {
		return;
	}
	client->closing = true;
	publish_leave(client);
	while (*p != client) {
		p = &(*p)->next;
	}
	*p = client->next;
	client->server->client_count--;
	uv_close((uv_handle_t *)&client->pipe, on_client_closed);
}

void client_served(struct client *client)
{
	if (client->ended && client->queries == 0 && client->owed == 0 && client->unsent == 0) {
		client_close(client);
	}
}

/* ---- Reading ---- */

/* One buffer serves every client: a read's bytes are taken before the next read. */
static char read_buffer[READ_SIZE];

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
	(void)handle;
	(void)suggested;
	*buf = uv_buf_init(read_buffer, sizeof read_buffer);
}

static int on_line(void *arg, char *text)
{
	struct client *client = arg;

	return client->closing ? ERR_CLOSED : call_line(client, text);
}

/* Its requests may be all it had to say, as those of a script's pipe; the last of them may lack its
 * LF, and one that was cut is no JSON. */
static void hear_out(struct client *client)
{
	client->ended = framer_push(&client->framer, "\n", 1, on_line, client) == 0;
	publish_leave(client);
	if (client->ended) {
		client_served(client);
	} else {
		client_close(client);
	}
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct client *client = stream->data;

	if (n == UV_EOF) {
		hear_out(client);
	} else if (n < 0 || (n > 0 && framer_push(&client->framer, buf->base, (size_t)n, on_line,
					      client) != 0)) {
		client_close(client);
	}
}

/* ---- Writing ---- */

static void on_written(uv_write_t *request, int status)
{
	struct write *w = request->data;
	struct client *client = w->client;

	client->unsent -= w->line->size;
	line_release(w->line);
	free(w);
	if (status < 0) {
		client_close(client);
	}
	client_served(client);
	if (client->closing || client->unsent > RPC_LOW_WATER) {
		return;
	}
	if (client->paused) {
		client->paused = false;
		uv_read_start((uv_stream_t *)&client->pipe, on_alloc, on_read);
	}
	if (client->behind) {
		publish_resync(client);
	}
}

/* Hands a line to a client; the caller keeps its own reference. */
void client_send(struct client *client, struct line *line)
{
	struct write *w;
	uv_buf_t buf;

	if (client->closing) {
		return;
	}
	w = line == NULL ? NULL : malloc(sizeof *w);
	if (w == NULL || client->unsent + line->size > UNSENT_MAX) {
		free(w);
		client_close(client);
		return;
	}
	*w = (struct write){.client = client, .line = line};
	w->request.data = w;
	line->refs++;
	client->unsent += line->size;
	buf = uv_buf_init(line->text, (unsigned)line->size);
	if (uv_write(&w->request, (uv_stream_t *)&client->pipe, &buf, 1, on_written) != 0) {
		client->unsent -= line->size;
		line_release(line);
		free(w);
		client_close(client);
		return;
	}
	if (client->unsent > RPC_HIGH_WATER && !client->paused) {
		client->paused = true;
		uv_read_stop((uv_stream_t *)&client->pipe);
	}
}

void client_send_json(struct client *client, cJSON *object)
{
	struct line *line = object == NULL ? NULL : line_of_json(object);

	cJSON_Delete(object);
	client_send(client, line);
	/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): references are counted */
	line_release(line);
}

struct client *client_by_serial(struct rpc_server *server, uint32_t serial)
{
	for (struct client *c = server->clients; c != NULL; c = c->next) {
		if (c->serial == serial) {
			return c;
		}
	}
	return NULL;
}

/* ---- Accepting ---- */

static int keep_site(void *arg, const void *view)
{
	struct rpc_server *server = arg;
	const struct view_site *site = view;

	view_set_text(server->site_id, sizeof server->site_id, site->id);
	view_set_text(server->site_name, sizeof server->site_name, site->name);
	view_set_text(server->timezone, sizeof server->timezone, site->timezone);
	return 1;
}

static void greet(struct client *client)
{
	struct rpc_server *server = client->server;
	char roles[ROLE_TEXT];
	cJSON *hello = cJSON_CreateObject();
	cJSON *params;

	server->ops->rows(server->host, VIEW_site, moment_now(), keep_site, server);
	cJSON_AddStringToObject(hello, "jsonrpc", "2.0");
	cJSON_AddStringToObject(hello, "method", "hello");
	params = cJSON_AddObjectToObject(hello, "params");
	cJSON_AddNumberToObject(params, "protocol", WIRE_PROTOCOL);
	cJSON_AddStringToObject(params, "agent", PILED_VERSION);
	cJSON_AddStringToObject(params, "site", server->site_id);
	cJSON_AddStringToObject(params, "name", server->site_name);
	cJSON_AddStringToObject(params, "timezone", server->timezone);
	role_text(client->roles, roles, sizeof roles);
	cJSON_AddStringToObject(params, "role", roles);
	client_send_json(client, hello);
}

/* The socket lets everybody in, to be told what they lack; they must not keep others out. */
static bool too_many_nobodies(const struct rpc_server *server)
{
	size_t n = 0;

	for (const struct client *c = server->clients; c != NULL; c = c->next) {
		n += c->roles == 0;
	}
	return n > RPC_NOBODY_MAX && server->clients->roles == 0;
}

static void on_connection(uv_stream_t *stream, int status)
{
	struct rpc_server *server = stream->data;
	struct client *client;

	if (status != 0) {
		return;
	}
	client = calloc(1, sizeof *client);
	if (client == NULL || framer_init(&client->framer, WIRE_REQUEST_MAX) != 0) {
		free(client);
		return;
	}
	client->server = server;
	client->serial = ++server->serial;
	uv_pipe_init(server->loop, &client->pipe, 0);
	client->pipe.data = client;
	server->handles++;
	client->next = server->clients;
	server->clients = client;
	server->client_count++;
	if (uv_accept(stream, (uv_stream_t *)&client->pipe) != 0) {
		client_close(client);
		return;
	}
	peer_identify(client);
	if (server->client_count > RPC_CLIENTS_MAX || too_many_nobodies(server)) {
		client_send_json(
			client, call_error(NULL, -32001, "too many clients", err_token(ERR_FULL)));
		client_close(client);
		return;
	}
	greet(client);
	uv_read_start((uv_stream_t *)&client->pipe, on_alloc, on_read);
}

/* ---- Opening and closing ---- */

/* A lock file beside the socket tells a living agent from a socket left behind by a killed one. */
static int take_lock(struct rpc_server *server)
{
	char path[sizeof server->path + 8];

	snprintf(path, sizeof path, "%s.lock", server->path);
	server->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (server->lock_fd < 0) {
		return ERR_IO;
	}
	if (flock(server->lock_fd, LOCK_EX | LOCK_NB) != 0) {
		int rc = errno == EWOULDBLOCK ? ERR_LOCKED : ERR_IO;

		close(server->lock_fd);
		server->lock_fd = -1;
		return rc;
	}
	return 0;
}

static int listen_at(struct rpc_server *server)
{
	struct stat st;
	mode_t old;
	int rc;

	if (lstat(server->path, &st) == 0) {
		if (!S_ISSOCK(st.st_mode)) {
			return ERR_EXISTS;
		}
		unlink(server->path);
	}
	/* Everybody may connect: the kernel says who it is, and who has no role may do nothing. */
	old = umask(0111);
	rc = uv_pipe_bind(&server->pipe, server->path);
	umask(old);
	if (rc != 0 || uv_listen((uv_stream_t *)&server->pipe, BACKLOG, on_connection) != 0) {
		return ERR_IO;
	}
	return 0;
}

int rpc_open(const struct rpc_cfg *cfg, struct rpc_server **out)
{
	struct rpc_server *server = calloc(1, sizeof *server);
	int rc;

	if (server == NULL) {
		return ERR_NOMEM;
	}
	server->loop = cfg->loop;
	server->ops = cfg->ops;
	server->host = cfg->host;
	server->lock_fd = -1;
	if (strlen(cfg->path) >= sizeof server->path ||
		(cfg->folder != NULL && strlen(cfg->folder) >= sizeof server->folder)) {
		free(server);
		return ERR_TOOLONG;
	}
	view_set_text(server->path, sizeof server->path, cfg->path);
	view_set_text(
		server->folder, sizeof server->folder, cfg->folder == NULL ? "" : cfg->folder);
	rc = take_lock(server);
	if (rc != 0) {
		free(server);
		return rc;
	}
	uv_mutex_init(&server->readers_lock);
	uv_pipe_init(server->loop, &server->pipe, 0);
	uv_timer_init(server->loop, &server->timer);
	server->pipe.data = server->timer.data = server;
	server->handles = 2;
	rc = listen_at(server);
	if (rc != 0) {
		rpc_close(server);
		return rc;
	}
	*out = server;
	return 0;
}

void rpc_close(struct rpc_server *server)
{
	if (server == NULL || server->closing) {
		return;
	}
	server->closing = true;
	while (server->clients != NULL) {
		client_close(server->clients);
	}
	uv_close((uv_handle_t *)&server->timer, on_server_closed);
	uv_close((uv_handle_t *)&server->pipe, on_server_closed); /* unlinks the socket */
	if (server->lock_fd >= 0) {
		close(server->lock_fd);
	}
}

size_t rpc_clients(const struct rpc_server *server)
{
	return server->client_count;
}
