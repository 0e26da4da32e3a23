#include "order.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "app.h"
#include "i18n.h"
#include "word.h"

#define SHOWN_AFTER_US (60 * US_PER_S)

void order_make_id(char *dst, size_t size)
{
	unsigned char r[8] = {0};

	if (getrandom(r, sizeof r, GRND_NONBLOCK) != (ssize_t)sizeof r) {
		int64_t now = mono_now().us;

		memcpy(r, &now, sizeof r);
	}
	snprintf(dst, size, "top-%02x%02x%02x%02x%02x%02x%02x%02x", r[0], r[1], r[2], r[3], r[4],
		r[5], r[6], r[7]);
}

static struct order *begin(struct station *s, struct mono now, const char *verb, const char *target)
{
	struct order *o = &s->order;

	*o = (struct order){.given = now};
	order_make_id(o->id, sizeof o->id);
	view_set_text(o->verb, sizeof o->verb, verb);
	view_set_text(o->target, sizeof o->target, target);
	return o;
}

/* Sends it; `params` is taken over. */
static void send(struct station *s, enum ask ask, enum method method, cJSON *params)
{
	struct order *o = &s->order;
	int rc;

	if (params != NULL) {
		cJSON_AddStringToObject(params, "id", o->id);
	}
	rc = feed_ask(&s->feed, ask, method, params, o->id);
	if (rc != 0) {
		o->over = o->given;
		snprintf(o->refusal, sizeof o->refusal, "%s", _(err_text(rc)));
	}
}

static void add_reason(cJSON *params, const char *reason)
{
	if (reason[0] != '\0') {
		cJSON_AddStringToObject(params, "reason", reason);
	}
}

void order_give(struct station *station, struct mono now, const char *verb, const char *target,
	int64_t value, const char *reason)
{
	cJSON *params = cJSON_CreateObject();

	begin(station, now, verb, target);
	if (params != NULL) {
		cJSON_AddStringToObject(params, "verb", verb);
		cJSON_AddStringToObject(params, "target", target);
		if (value != VALUE_NONE) {
			wire_add_int(params, "value", value);
		}
		add_reason(params, reason);
	}
	send(station, ASK_DO, METHOD_DO, params);
}

void order_send(struct station *station, struct mono now, const char *verb, const char *target,
	cJSON *params)
{
	begin(station, now, verb, target);
	send(station, ASK_DO, METHOD_DO, params);
}

void order_limit_site(
	struct station *station, struct mono now, int64_t limit_w, int64_t ms, const char *reason)
{
	cJSON *params = cJSON_CreateObject();

	begin(station, now, "limit", model_site(&station->model)->id)->limit = true;
	if (params != NULL) {
		wire_add_int(params, "limit_w", limit_w);
		wire_add_int(params, "to", model_now_ms(&station->model, now) + ms);
		cJSON_AddStringToObject(params, "source", "piletop");
		add_reason(params, reason);
	}
	send(station, ASK_LIMIT, METHOD_LIMIT_ADD, params);
}

static void take_verdict(struct station *s, struct mono now)
{
	struct verdict *v = &s->feed.verdict;
	struct order *o = &s->order;

	v->fresh = false;
	if (strcmp(v->error, err_token(ERR_TIMEOUT)) == 0 && v->message[0] == '\0') {
		o->unsure = true;
		return;
	}
	if (v->error[0] == '\0') {
		if (v->id[0] != '\0') {
			view_set_text(o->id, sizeof o->id, v->id);
		}
		o->done = o->limit;
		o->over = o->done ? now : o->over;
		return;
	}
	o->over = now;
	word_refusal(v, s->model.hello.role, o->refusal, sizeof o->refusal);
}

static bool ended(const struct view_command *cmd)
{
	return strcmp(cmd->state, "verified") == 0 || strcmp(cmd->state, "failed") == 0 ||
	       strcmp(cmd->state, "expired") == 0;
}

/* Asks what became of a command whose answer was lost with the link. */
static void ask_fate(struct station *s, struct mono now)
{
	struct order *o = &s->order;
	cJSON *params;

	if (s->feed.lost) {
		s->feed.lost = false;
		o->unsure = false;
		o->over = now;
		snprintf(o->refusal, sizeof o->refusal, "%s",
			_("it never reached the agent; nothing was done"));
	} else if (s->feed.found || model_find(&s->model, VIEW_command, o->id) != NULL) {
		s->feed.found = false;
		o->unsure = false;
		o->done = o->limit;
		o->over = o->done ? now : o->over;
	} else if (s->feed.state == FEED_UP && s->feed.asked[ASK_COMMAND].id == 0) {
		params = cJSON_CreateObject();
		if (params != NULL && o->limit) {
			cJSON_AddBoolToObject(params, "active", true);
		} else if (params != NULL) {
			cJSON_AddStringToObject(params, "id", o->id);
		}
		feed_ask(&s->feed, ASK_COMMAND, o->limit ? METHOD_LIMIT_LIST : METHOD_COMMAND,
			params, o->id);
	}
}

void order_run(struct station *s, struct mono now)
{
	struct order *o = &s->order;
	const struct view_command *cmd;

	if (o->id[0] == '\0') {
		return;
	}
	if (s->feed.verdict.fresh) {
		take_verdict(s, now);
	}
	if (o->over.us == 0) {
		o->unsure = o->unsure || s->feed.state != FEED_UP;
		if (o->unsure) {
			ask_fate(s, now);
		}
	}
	cmd = model_find(&s->model, VIEW_command, o->id);
	if (o->over.us == 0 && cmd != NULL && ended(cmd)) {
		o->over = now;
	}
	if (o->over.us != 0 && mono_diff_us(now, o->over) > SHOWN_AFTER_US) {
		o->id[0] = '\0';
	}
}

static void step(const struct app *app, char *dst, size_t size, size_t *used, const char *word,
	int64_t at_ms, int64_t asked_ms)
{
	text_append(dst, size, used, " %s %s", app->glyphs->to, word);
	if (at_ms != VALUE_NONE && asked_ms != VALUE_NONE && at_ms > asked_ms) {
		int64_t ms = at_ms - asked_ms;

		text_append(dst, size, used, " +%lld.%02lld s", (long long)(ms / 1000),
			(long long)(ms % 1000 / 10));
	}
}

bool order_brief(const struct station *station, char *dst, size_t size, enum ink *ink)
{
	const struct order *o = &station->order;
	const struct view_command *cmd = model_find(&station->model, VIEW_command, o->id);
	size_t used = 0;

	if (o->id[0] == '\0') {
		return false;
	}
	*ink = INK_NOTICE;
	text_append(dst, size, &used, "%s: ", word_verb_short(o->verb));
	if (o->refusal[0] != '\0') {
		*ink = INK_ALARM;
		text_append(dst, size, &used, "! %s", o->refusal);
	} else if (o->done) {
		*ink = INK_STRONG;
		text_append(dst, size, &used, "%s", _("in force"));
	} else if (cmd == NULL) {
		text_append(dst, size, &used, "%s", o->unsure ? "?" : word_cmdstate("queued"));
	} else {
		bool bad = ended(cmd) && strcmp(cmd->state, "verified") != 0;

		*ink = bad ? INK_ALARM : ended(cmd) ? INK_STRONG : INK_NOTICE;
		text_append(dst, size, &used, "%s%s%s%s", bad ? "! " : "",
			word_cmdstate(cmd->state), cmd->error[0] != '\0' ? ": " : "",
			cmd->error[0] != '\0' ? word_error(cmd->error) : "");
	}
	return true;
}

bool order_line(
	const struct app *app, const struct station *station, char *dst, size_t size, enum ink *ink)
{
	const struct order *o = &station->order;
	const struct view_command *cmd;
	size_t used = 0;

	if (o->id[0] == '\0') {
		return false;
	}
	text_append(dst, size, &used, "%s %s:", o->target, word_verb(o->verb));
	*ink = INK_NOTICE;
	if (o->refusal[0] != '\0') {
		*ink = INK_ALARM;
		text_append(dst, size, &used, " ! %s", o->refusal);
		return true;
	}
	cmd = model_find(&station->model, VIEW_command, o->id);
	if (o->unsure && cmd == NULL) {
		*ink = INK_ALARM;
		text_append(dst, size, &used, " ? %s",
			_("no answer yet; what became of it is asked when the link is back"));
		return true;
	}
	if (o->done) {
		*ink = INK_STRONG;
		text_append(dst, size, &used, " %s", _("in force"));
		return true;
	}
	text_append(dst, size, &used, " %s", word_cmdstate("queued"));
	if (cmd == NULL) {
		return true;
	}
	if (cmd->sent != VALUE_NONE) {
		step(app, dst, size, &used, word_cmdstate("sent"), cmd->sent, cmd->asked);
	}
	if (cmd->read_back != VALUE_NONE) {
		step(app, dst, size, &used, word_cmdstate("read_back"), cmd->read_back, cmd->asked);
	}
	if (ended(cmd)) {
		bool good = strcmp(cmd->state, "verified") == 0;

		step(app, dst, size, &used, word_cmdstate(cmd->state), cmd->ended, cmd->asked);
		*ink = good ? INK_STRONG : INK_ALARM;
		if (!good && cmd->error[0] != '\0') {
			text_append(dst, size, &used, " ! %s", word_error(cmd->error));
		}
	}
	return true;
}
