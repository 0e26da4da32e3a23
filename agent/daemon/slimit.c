/* Limits from outside, as the RPC server asks for them. */
#include <string.h>

#include "internal.h"

static bool planned(const struct daemon *d, const char *id, struct view_slimit *out)
{
	for (size_t i = 0; site_view_slimit(d->plant.site, i, out); i++) {
		if (strcmp(out->id, id) == 0) {
			return true;
		}
	}
	return false;
}

static int take_record(void *arg, const void *view)
{
	*(struct view_slimit *)arg = *(const struct view_slimit *)view;
	return 1;
}

/* One that has ended: the store remembers it. */
static bool stored(const struct daemon *d, const char *id, struct view_slimit *out)
{
	struct store_filter filter = {.id = id, .limit = 1};
	struct store_reader *reader;

	view_clear(VIEW_slimit, out);
	if (store_reader_open(d->data, &reader) != 0) {
		return false;
	}
	store_list(reader, VIEW_slimit, &filter, take_record, out);
	store_reader_close(reader);
	return out->id[0] != '\0';
}

/* The same limit but for what differs between two attempts to give it. */
static bool same(const struct view_slimit *a, const struct view_slimit *b)
{
	return a->limit_w == b->limit_w && a->to == b->to && strcmp(a->node, b->node) == 0 &&
	       a->window_s == b->window_s && strcmp(a->source, b->source) == 0;
}

int daemon_slimit(void *host, const struct view_slimit *wanted, bool cancel, struct moment now,
	struct view_slimit *out)
{
	struct daemon *d = host;
	struct view_slimit given = *wanted;
	struct event event = {.kind = EV_SLIMIT, .now = now};
	bool there = planned(d, wanted->id, out), known = there || stored(d, wanted->id, out);
	struct view_node root;
	struct target target;

	if (!site_view_node(d->plant.site, 0, &root)) {
		return ERR_UNSUPPORTED;
	}
	if (given.node[0] == '\0') {
		VIEW_SET(&given, node, root.id);
	}
	if (!cancel &&
		(site_find(d->plant.site, given.node, &target) != 0 || target.kind == TGT_METER)) {
		return ERR_NOTFOUND;
	}
	if (!cancel && target.kind == TGT_GUN && given.window_s != VALUE_NONE) {
		return ERR_INVAL;
	}
	if (known && !cancel) {
		return same(out, &given) ? 0 : ERR_EXISTS;
	}
	if (cancel && !there) {
		return known ? 0 : ERR_NOTFOUND;
	}
	view_clear(VIEW_slimit, out);
	event.slimit.view = &given;
	event.slimit.cancel = cancel;
	d->slimit_answer = out;
	daemon_apply(d, &event);
	d->slimit_answer = NULL;
	return out->id[0] == '\0' ? ERR_FULL : 0;
}
