/* Subscriptions: a snapshot, then numbered deltas with what changed, bounded for slow readers. */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

#include "i18n.h"
#include "mask.h"

#define PERIOD_DEFAULT_MS 1000
#define PERIOD_MIN_MS     50
#define PERIOD_MAX_MS     60000
/* After rpc_touch(): long enough that one command's changes go out together. */
#define TOUCH_MS  10
#define ROWS_LINE 100 /* rows of a snapshot's line */

static const enum view_kind published[] = {VIEW_site, VIEW_gun, VIEW_pile, VIEW_meter, VIEW_bus,
	VIEW_unit, VIEW_fault, VIEW_alarm, VIEW_command, VIEW_tag, VIEW_node, VIEW_slimit,
	VIEW_order, VIEW_decision, VIEW_trial};

#define PUBLISHED (sizeof published / sizeof published[0])

struct rows {
	char *v;
	size_t count, cap;
};

/*
 * All clients with the same views, period and right to know customers share a channel: the rows
 * that they have, compared and written once for all of them.
 */
struct channel {
	struct channel *next;
	struct client *clients;
	unsigned views; /* bit i: published[i] */
	int64_t period_ms;
	bool masked; /* without what tells who a customer is */
	int64_t seq;
	uint64_t due_ms, sent_ms; /* of the loop's clock */
	struct rows rows[PUBLISHED], spare[PUBLISHED];
};

static size_t row_size(size_t i)
{
	return view_info(published[i])->size;
}

static const char *row_key(size_t i, const void *row)
{
	return view_text(&view_info(published[i])->fields[0], row);
}

/* ---- Taking the present rows ---- */

struct collect {
	struct rows *rows;
	size_t size;
};

static int collect_row(void *arg, const void *view)
{
	struct collect *c = arg;
	struct rows *rows = c->rows;

	if (rows->count == rows->cap) {
		size_t cap = rows->cap == 0 ? 8 : rows->cap * 2;
		char *v = realloc(rows->v, cap * c->size);

		if (v == NULL) {
			return ERR_NOMEM;
		}
		rows->v = v;
		rows->cap = cap;
	}
	memcpy(rows->v + rows->count * c->size, view, c->size);
	rows->count++;
	return 0;
}

static void collect(
	struct rpc_server *server, size_t i, struct moment now, bool masked, struct rows *rows)
{
	struct collect c = {rows, row_size(i)};

	rows->count = 0;
	server->ops->rows(server->host, published[i], now, collect_row, &c);
	for (size_t r = 0; masked && r < rows->count; r++) {
		mask_view(published[i], rows->v + r * c.size);
	}
}

/* The row of the same key; nearly always at the same place. */
static const void *find_row(const struct rows *rows, size_t i, const char *key, size_t hint)
{
	size_t size = row_size(i);

	if (hint < rows->count && strcmp(row_key(i, rows->v + hint * size), key) == 0) {
		return rows->v + hint * size;
	}
	for (size_t r = 0; r < rows->count; r++) {
		if (strcmp(row_key(i, rows->v + r * size), key) == 0) {
			return rows->v + r * size;
		}
	}
	return NULL;
}

/* ---- Lines ---- */

static cJSON *notification(const char *method, cJSON **params)
{
	cJSON *object = cJSON_CreateObject();

	cJSON_AddStringToObject(object, "jsonrpc", "2.0");
	cJSON_AddStringToObject(object, "method", method);
	*params = cJSON_AddObjectToObject(object, "params");
	return object;
}

static void send_snapshot(struct client *client, const struct channel *ch, struct wall now)
{
	cJSON *params, *object;

	for (size_t i = 0; i < PUBLISHED; i++) {
		const struct rows *rows = &ch->rows[i];
		size_t r = 0;

		if ((ch->views & 1u << i) == 0) {
			continue;
		}
		do {
			cJSON *array;

			object = notification("snapshot", &params);
			cJSON_AddStringToObject(params, "view", view_info(published[i])->name);
			array = cJSON_AddArrayToObject(params, "rows");
			for (size_t n = 0; n < ROWS_LINE && r < rows->count; n++, r++) {
				cJSON_AddItemToArray(
					array, view_to_json(published[i], rows->v + r * row_size(i),
						       NULL));
			}
			client_send_json(client, object);
		} while (r < rows->count);
	}
	object = notification("synced", &params);
	wire_add_int(params, "seq", ch->seq);
	wire_add_int(params, "now", now.ms);
	client_send_json(client, object);
}

static bool add_changes(const struct channel *ch, size_t i, cJSON *params)
{
	const struct rows *now = &ch->spare[i], *before = &ch->rows[i];
	cJSON *array = NULL;

	for (size_t r = 0; r < now->count; r++) {
		const void *row = now->v + r * row_size(i);
		const void *prev = find_row(before, i, row_key(i, row), r);
		cJSON *object = view_to_json(published[i], row, prev);

		if (object == NULL) {
			continue;
		}
		if (array == NULL) {
			array = cJSON_AddArrayToObject(params, view_info(published[i])->name);
		}
		cJSON_AddItemToArray(array, object);
	}
	return array != NULL;
}

static bool add_gone(const struct channel *ch, size_t i, cJSON *params, cJSON **gone)
{
	const struct rows *now = &ch->spare[i], *before = &ch->rows[i];
	cJSON *array = NULL;

	for (size_t r = 0; r < before->count; r++) {
		const char *key = row_key(i, before->v + r * row_size(i));

		if (find_row(now, i, key, r) != NULL) {
			continue;
		}
		if (*gone == NULL) {
			*gone = cJSON_AddObjectToObject(params, "gone");
		}
		if (array == NULL) {
			array = cJSON_AddArrayToObject(*gone, view_info(published[i])->name);
		}
		cJSON_AddItemToArray(array, cJSON_CreateString(key));
	}
	return array != NULL;
}

static void send_to_all(struct channel *ch, struct line *line)
{
	for (struct client *c = ch->clients, *next; c != NULL; c = next) {
		next = c->channel_next;
		if (c->behind) {
			continue;
		}
		if (line == NULL || line->size > WIRE_LINE_MAX || c->unsent > RPC_HIGH_WATER) {
			c->behind = true;
			if (c->unsent == 0) {
				publish_resync(c);
			}
			continue;
		}
		client_send(c, line);
	}
}

/* Compares the present rows with those that the clients have and tells what changed. */
static void publish(struct rpc_server *server, struct channel *ch, struct moment now)
{
	uint64_t clock_ms = uv_now(server->loop);
	bool changed = false;
	cJSON *params, *gone = NULL;
	cJSON *object = notification("delta", &params);
	struct line *line;

	wire_add_int(params, "seq", ch->seq + 1);
	wire_add_int(params, "now", now.wall.ms);
	for (size_t i = 0; i < PUBLISHED; i++) {
		struct rows old = ch->rows[i];

		if ((ch->views & 1u << i) == 0) {
			continue;
		}
		collect(server, i, now, ch->masked, &ch->spare[i]);
		changed |= add_changes(ch, i, params);
		changed |= add_gone(ch, i, params, &gone);
		ch->rows[i] = ch->spare[i];
		ch->spare[i] = old;
	}
	ch->due_ms = clock_ms + (uint64_t)ch->period_ms;
	if (changed || clock_ms >= ch->sent_ms + WIRE_HEARTBEAT_MS) {
		ch->seq++;
		ch->sent_ms = clock_ms;
		line = line_of_json(object);
		send_to_all(ch, line);
		line_release(line);
	}
	cJSON_Delete(object);
}

/* ---- When ---- */

static void on_timer(uv_timer_t *timer)
{
	publish_due(timer->data);
}

static void schedule(struct rpc_server *server)
{
	uint64_t now_ms = uv_now(server->loop);
	uint64_t due_ms = UINT64_MAX;

	for (struct channel *ch = server->channels; ch != NULL; ch = ch->next) {
		if (ch->due_ms < due_ms) {
			due_ms = ch->due_ms;
		}
	}
	if (server->closing || due_ms == UINT64_MAX) {
		uv_timer_stop(&server->timer);
		return;
	}
	server->timer.data = server;
	uv_timer_start(&server->timer, on_timer, due_ms > now_ms ? due_ms - now_ms : 0, 0);
}

static void free_rows(struct channel *ch)
{
	for (size_t i = 0; i < PUBLISHED; i++) {
		free(ch->rows[i].v);
		free(ch->spare[i].v);
	}
	free(ch);
}

/* Channels that nobody listens to any more go here, never while one is being written. */
static void drop_empty(struct rpc_server *server)
{
	struct channel **p = &server->channels;

	while (*p != NULL) {
		struct channel *ch = *p;

		if (ch->clients != NULL) {
			p = &ch->next;
			continue;
		}
		*p = ch->next;
		free_rows(ch);
	}
}

void publish_due(struct rpc_server *server)
{
	struct moment now = moment_now();

	drop_empty(server);
	for (struct channel *ch = server->channels; ch != NULL; ch = ch->next) {
		if (ch->due_ms <= uv_now(server->loop)) {
			publish(server, ch, now);
		}
	}
	schedule(server);
}

void rpc_touch(struct rpc_server *server)
{
	uint64_t soon_ms = uv_now(server->loop) + TOUCH_MS;

	for (struct channel *ch = server->channels; ch != NULL; ch = ch->next) {
		if (ch->due_ms > soon_ms) {
			ch->due_ms = soon_ms;
		}
	}
	if (server->channels != NULL) {
		schedule(server);
	}
}

/* ---- Subscribers ---- */

/* "gun,fault" are those, "-bus,-unit" all but those. */
static int parse_views(const char *text, unsigned *views)
{
	*views = text == NULL || text[0] == '-' ? (1u << PUBLISHED) - 1 : 0;
	while (text != NULL && *text != '\0') {
		bool less = *text == '-';
		size_t n = strcspn(text += less, ", ");
		size_t i = 0;

		while (i < PUBLISHED &&
			(strlen(view_info(published[i])->name) != n ||
				memcmp(view_info(published[i])->name, text, n) != 0)) {
			i++;
		}
		if (n > 0 && i == PUBLISHED) {
			return ERR_INVAL;
		}
		if (n > 0) {
			*views = less ? *views & ~(1u << i) : *views | 1u << i;
		}
		text += n + (text[n] != '\0');
	}
	return *views == 0 ? ERR_INVAL : 0;
}

static struct channel *channel_of(
	struct rpc_server *server, unsigned views, int64_t period_ms, bool masked)
{
	struct channel *ch;

	for (ch = server->channels; ch != NULL; ch = ch->next) {
		if (ch->views == views && ch->period_ms == period_ms && ch->masked == masked) {
			return ch;
		}
	}
	ch = calloc(1, sizeof *ch);
	if (ch != NULL) {
		ch->views = views;
		ch->period_ms = period_ms;
		ch->masked = masked;
		ch->next = server->channels;
		server->channels = ch;
	}
	return ch;
}

static bool must_mask(const struct client *client)
{
	return !role_may(client->roles, ROLE_CASHIER);
}

static void join(struct client *client, struct channel *ch)
{
	client->channel = ch;
	client->channel_next = ch->clients;
	client->behind = false;
	ch->clients = client;
}

int publish_subscribe(struct call *call, const char *views_text, int64_t period_ms)
{
	struct client *client = call->client;
	struct channel *ch;
	unsigned views;

	if (period_ms == VALUE_NONE) {
		period_ms = PERIOD_DEFAULT_MS;
	}
	if (parse_views(views_text, &views) != 0) {
		call->message = N_(
			"views: some of site gun pile meter bus unit fault alarm command tag node "
			"slimit order decision trial");
		return ERR_INVAL;
	}
	if (period_ms < PERIOD_MIN_MS || period_ms > PERIOD_MAX_MS) {
		call->message = N_("period_ms: 50 to 60000");
		return ERR_RANGE;
	}
	publish_leave(client);
	ch = channel_of(call->server, views, period_ms, must_mask(client));
	if (ch == NULL) {
		return ERR_NOMEM;
	}
	publish(call->server, ch, call->now);
	join(client, ch);
	send_snapshot(client, ch, call->now.wall);
	schedule(call->server);
	call->result = cJSON_CreateObject();
	wire_add_int(call->result, "seq", ch->seq);
	return 0;
}

void publish_leave(struct client *client)
{
	struct client **p;

	if (client->channel == NULL) {
		return;
	}
	for (p = &client->channel->clients; *p != client; p = &(*p)->channel_next) {
	}
	*p = client->channel_next;
	client->channel = NULL;
}

void publish_resync(struct client *client)
{
	cJSON *params, *object;

	client->behind = false;
	if (client->channel == NULL) {
		return;
	}
	object = notification("resync", &params);
	client_send_json(client, object);
	send_snapshot(client, client->channel, wall_now());
}

void publish_roles(struct client *client)
{
	struct channel *old = client->channel, *ch;

	if (old == NULL ||
		(role_may(client->roles, ROLE_VIEWER) && old->masked == must_mask(client))) {
		return;
	}
	publish_leave(client);
	if (!role_may(client->roles, ROLE_VIEWER)) {
		return;
	}
	ch = channel_of(client->server, old->views, old->period_ms, must_mask(client));
	if (ch != NULL) {
		publish(client->server, ch, moment_now());
		join(client, ch);
		publish_resync(client);
	}
	schedule(client->server);
}

void publish_free(struct rpc_server *server)
{
	drop_empty(server);
}
