#include "errand.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "i18n.h"
#include "station.h"
#include "word.h"

#define ASK_US US_PER_S

int errand_give(
	struct station *s, enum method method, const char *id, const char *what, cJSON *params)
{
	struct errand *e = &s->errand;
	int rc;

	if (errand_waits(s)) {
		cJSON_Delete(params);
		return ERR_BUSY;
	}
	s->feed.task_verdict.fresh = false;
	rc = feed_ask(&s->feed, ASK_TASK, method, params, NULL);
	if (rc == 0) {
		*e = (struct errand){.method = method};
		view_set_text(e->id, sizeof e->id, id);
		view_set_text(e->what, sizeof e->what, what);
	}
	return rc;
}

bool errand_waits(const struct station *s)
{
	return s->errand.id[0] != '\0' && s->errand.over.us == 0;
}

/* The words of a refusal; `message` is the agent's. */
static void refuse(struct errand *e, const char *error, const char *message)
{
	struct verdict v = {.fresh = false};

	view_set_text(v.error, sizeof v.error, error);
	view_set_text(v.message, sizeof v.message, message);
	if (!word_refusal(&v, "", e->outcome, sizeof e->outcome)) {
		view_set_text(e->outcome, sizeof e->outcome, word_error(error));
	}
}

static void take_verdict(struct station *s)
{
	struct verdict *v = &s->feed.task_verdict;
	struct errand *e = &s->errand;

	v->fresh = false;
	e->good = !word_refusal(v, s->model.hello.role, e->outcome, sizeof e->outcome);
	if (e->good) {
		view_set_text(e->outcome, sizeof e->outcome, _("Done."));
	}
}

static void take_fate(struct station *s, struct mono now)
{
	struct fate_answer *f = &s->feed.fate;
	struct errand *e = &s->errand;

	f->fresh = false;
	if (strcmp(f->state, "pending") == 0) {
		e->next_ask = mono_add_us(now, ASK_US);
	} else if (strcmp(f->state, "done") == 0) {
		e->good = true;
		view_set_text(
			e->outcome, sizeof e->outcome, _("it was done; only the answer was lost"));
	} else if (strcmp(f->state, "refused") == 0) {
		refuse(e, f->error, f->message);
	} else if (strcmp(f->state, "never") == 0) {
		view_set_text(e->outcome, sizeof e->outcome,
			_("it never reached the agent; nothing was done"));
	} else { /* an older agent, or its store does not answer */
		view_set_text(e->outcome, sizeof e->outcome,
			_("the agent cannot say; look before it is done again"));
	}
}

static void ask_fate(struct station *s, struct mono now)
{
	struct errand *e = &s->errand;
	cJSON *params;

	if (s->feed.state != FEED_UP || s->feed.asked[ASK_FATE].id != 0 ||
		mono_before(now, e->next_ask)) {
		return;
	}
	params = cJSON_CreateObject();
	if (params != NULL) {
		cJSON_AddStringToObject(params, "method", method_info(e->method)->name);
		cJSON_AddStringToObject(params, "id", e->id);
	}
	feed_ask(&s->feed, ASK_FATE, METHOD_FATE, params, NULL);
}

bool errand_run(struct station *s, struct mono now)
{
	struct errand *e = &s->errand;

	if (!errand_waits(s)) {
		return false;
	}
	if (s->feed.task_verdict.fresh) {
		take_verdict(s);
	} else if (s->feed.fate.fresh) {
		take_fate(s, now);
	} else if (s->feed.asked[ASK_TASK].id == 0) {
		e->unsure = true; /* the link took the question with it, or nobody answers */
		ask_fate(s, now);
	}
	if (e->outcome[0] != '\0') {
		e->over = now;
	}
	return e->over.us != 0;
}

bool errand_line(const struct station *s, char *dst, size_t size, enum ink *ink)
{
	const struct errand *e = &s->errand;

	if (e->id[0] == '\0' || !e->unsure) {
		return false;
	}
	*ink = e->good ? INK_STRONG : INK_ALARM;
	if (e->over.us == 0) {
		snprintf(dst, size, "%s: ? %s", e->what,
			_("no answer yet; the agent is asked what became of it"));
	} else {
		snprintf(dst, size, "%s: %s%s", e->what, e->good ? "" : "! ", e->outcome);
	}
	return true;
}

void errand_seen(struct station *s)
{
	if (s->errand.over.us != 0) {
		s->errand.id[0] = '\0';
	}
}
