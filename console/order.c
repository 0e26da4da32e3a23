#include "order.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "app.h"
#include "i18n.h"
#include "word.h"

#define SHOWN_AFTER_US (15 * US_PER_S)

static void make_id(char *dst, size_t size)
{
	unsigned char r[8] = {0};

	if (getrandom(r, sizeof r, GRND_NONBLOCK) != (ssize_t)sizeof r) {
		int64_t now = mono_now().us;

		memcpy(r, &now, sizeof r);
	}
	snprintf(dst, size, "top-%02x%02x%02x%02x%02x%02x%02x%02x", r[0], r[1], r[2], r[3], r[4],
		r[5], r[6], r[7]);
}

void order_give(
	struct app *app, const char *verb, const char *target, int64_t value, const char *reason)
{
	struct order *o = app->order;
	cJSON *params = cJSON_CreateObject();
	int rc;

	*o = (struct order){.given = app->now};
	make_id(o->id, sizeof o->id);
	view_set_text(o->verb, sizeof o->verb, verb);
	view_set_text(o->target, sizeof o->target, target);
	if (params != NULL) {
		cJSON_AddStringToObject(params, "verb", verb);
		cJSON_AddStringToObject(params, "target", target);
		cJSON_AddStringToObject(params, "id", o->id);
		if (value != VALUE_NONE) {
			cJSON_AddNumberToObject(params, "value", (double)value);
		}
		if (reason[0] != '\0') {
			cJSON_AddStringToObject(params, "reason", reason);
		}
	}
	rc = feed_ask(app->feed, ASK_DO, METHOD_DO, params, o->id);
	if (rc != 0) {
		o->over = app->now;
		snprintf(o->refusal, sizeof o->refusal, "%s", _(err_text(rc)));
	}
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
		view_set_text(o->id, sizeof o->id, v->id);
		return;
	}
	o->over = now;
	if (v->role[0] != '\0') {
		snprintf(o->refusal, sizeof o->refusal, _("%s: it needs the role %s, yours is %s"),
			word_error(v->error), v->role, s->model.hello.role);
	} else {
		snprintf(o->refusal, sizeof o->refusal, "%s", word_error(v->error));
	}
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
	} else if (model_find(&s->model, VIEW_command, o->id) != NULL) {
		o->unsure = false;
	} else if (s->feed.state == FEED_UP && s->feed.asked[ASK_COMMAND].id == 0) {
		params = cJSON_CreateObject();
		if (params != NULL) {
			cJSON_AddStringToObject(params, "id", o->id);
		}
		feed_ask(&s->feed, ASK_COMMAND, METHOD_COMMAND, params, o->id);
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

bool order_line(const struct app *app, char *dst, size_t size, enum ink *ink)
{
	const struct order *o = app->order;
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
	cmd = model_find(app->model, VIEW_command, o->id);
	if (o->unsure && cmd == NULL) {
		*ink = INK_ALARM;
		text_append(dst, size, &used, " ? %s",
			_("no answer yet; what became of it is asked when the link is back"));
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
