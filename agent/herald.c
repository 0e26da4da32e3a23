#include "herald.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "pack.h"
#include "fault.h"
#include "i18n.h"
#include "notice.h"
#include "text.h"

enum herald_event herald_event(const struct view_alarm *a)
{
	if (strcmp(a->state, "unack") == 0 && a->ended == VALUE_NONE) {
		return HERALD_RAISED;
	}
	/* What was folded or shelved was told of, or shall not be. */
	if (a->returned != VALUE_NONE && a->parent[0] == '\0' && a->shelved_by[0] == '\0' &&
		(strcmp(a->state, "returned") == 0 || strcmp(a->state, "latched") == 0 ||
			strcmp(a->state, "held") == 0 || strcmp(a->state, "normal") == 0)) {
		return HERALD_RETURNED;
	}
	return HERALD_NOTHING;
}

/* A pile's guns are its own. */
static bool covers(const char *target, const char *id)
{
	size_t n = strlen(target);

	return strncmp(target, id, n) == 0 && (id[n] == '\0' || id[n] == '.');
}

bool herald_tells(
	const struct config_notify *who, const struct view_alarm *a, enum herald_event event)
{
	bool covered = who->target_count == 0;

	for (size_t i = 0; i < who->target_count; i++) {
		covered = covered || covers(who->targets[i], a->target);
	}
	return covered && a->severity <= who->severity &&
	       (event == HERALD_RAISED || (event == HERALD_RETURNED && who->returned));
}

static void address(const struct config_notify *who, struct view_outbox *out)
{
	view_clear(VIEW_outbox, out);
	VIEW_SET(out, kind, "alarm");
	VIEW_SET(out, program, who->mail ? "" : who->program);
	VIEW_SET(out, recipient, who->to);
}

static unsigned who_hash(const struct config_notify *who)
{
	char text[sizeof who->program + sizeof who->to + 2];

	snprintf(text, sizeof text, "%s %s", who->mail ? "" : who->program, who->to);
	return (unsigned)pack_hash(text, strlen(text));
}

/* Local time of the site, whatever the machine's is. */
static void local_time(char *dst, size_t size, int64_t wall_ms, int64_t offset_s)
{
	time_t s = (time_t)(wall_ms / MS_PER_S + offset_s);
	struct tm tm;

	if (gmtime_r(&s, &tm) == NULL || strftime(dst, size, "%Y-%m-%d %H:%M:%S", &tm) == 0) {
		dst[0] = '\0';
	}
}

static void explain(const struct view_alarm *a, int64_t offset_s, struct view_outbox *out)
{
	const struct fault_info *f = fault_info((int)a->code);
	char when[32], detail[sizeof a->detail], urgency[64] = "";
	size_t used = 0;

	local_time(when, sizeof when, a->raised, offset_s);
	text_clean(detail, sizeof detail, a->detail);
	if (f != NULL) {
		fault_urgency(urgency, sizeof urgency, f);
	}
	text_append(out->text, sizeof out->text, &used, "%s: %lld %s\n%s, %s\n%s %s%s%s\n",
		a->target, (long long)a->code, f == NULL ? "" : fault_title(f),
		_(fault_severity(a->severity)), urgency, _("raised"), when,
		detail[0] != '\0' ? "\n" : "", detail);
	if (f != NULL) {
		text_append(
			out->text, sizeof out->text, &used, "%s\n%s", _(f->meaning), _(f->action));
	}
}

void herald_compose(const struct config_notify *who, const struct view_alarm *a,
	enum herald_event event, const struct herald_site *site, struct view_outbox *out)
{
	const struct fault_info *f = fault_info((int)a->code);
	char subject[256];

	address(who, out);
	snprintf(out->id, sizeof out->id, "%s:%s:%08x", a->id,
		event == HERALD_RAISED ? "raised" : "returned", who_hash(who));
	out->severity = a->severity;
	snprintf(subject, sizeof subject, "%s: %s %s, %s", site->name, a->target,
		f == NULL ? "?" : fault_title(f),
		event == HERALD_RAISED ? _(fault_severity(a->severity)) : _("returned"));
	text_clean(out->subject, sizeof out->subject, subject);
	explain(a, site->utc_offset_s, out);
}

void herald_test(const struct config_notify *who, const struct herald_site *site, struct wall now,
	struct view_outbox *out)
{
	address(who, out);
	VIEW_SET(out, kind, "test");
	snprintf(out->id, sizeof out->id, "test-%lld:%08x", (long long)now.ms, who_hash(who));
	out->severity = SEVERITY_NOTICE;
	snprintf(out->subject, sizeof out->subject, _("%s: a test, nothing is wrong"), site->name);
	VIEW_SET(out, text, out->subject);
}

/* ---- Customers ---- */

void herald_language(const char *language)
{
	enum lang lang = strcmp(language, "zh") == 0 ? LANG_ZH : LANG_EN;

	if (language[0] != '\0' && lang != i18n_lang()) {
		i18n_set(lang);
	}
}

static void customer(const struct view_message *m, const struct view_account *account,
	const struct herald_site *site, const char *way, struct view_outbox *out)
{
	const struct notice_info *kind = notice_find(m->kind);
	char when[32], line[256], text[sizeof out->text];

	VIEW_SET(out, kind, kind->token);
	snprintf(out->id, sizeof out->id, "message:%lld:%s", (long long)m->id, way);
	VIEW_SET(out, account, account->id);
	VIEW_SET(out, language, account->language);
	out->severity = SEVERITY_NOTICE;
	out->expires = m->at + kind->life_ms;
	local_time(when, sizeof when, m->at, site->utc_offset_s);
	when[strlen(when) < 16 ? strlen(when) : 16] = '\0'; /* no seconds */
	notice_text(line, sizeof line, m);
	snprintf(text, sizeof text, "%s %s: %s", site->name, when, line);
	text_clean(out->text, sizeof out->text, text);
	snprintf(line, sizeof line, "%s: %s", site->name, _(kind->label));
	text_clean(out->subject, sizeof out->subject, line);
}

size_t herald_customer(const struct config_messages *cfg, const struct view_message *m,
	const struct view_account *account, const struct herald_site *site,
	struct view_outbox out[HERALD_WAYS])
{
	size_t count = 0;

	if (cfg->told == 0 ||
		(notice_find(m->kind)->optional && strcmp(account->messages, "needed") == 0)) {
		return 0;
	}
	if (cfg->hook[0] != '\0' && account->phone[0] != '\0' && account->phone[0] != '-') {
		view_clear(VIEW_outbox, &out[count]);
		VIEW_SET(&out[count], program, cfg->hook);
		VIEW_SET(&out[count], recipient, account->phone);
		customer(m, account, site, "hook", &out[count++]);
	}
	if (cfg->mail && account->mail[0] != '\0') {
		view_clear(VIEW_outbox, &out[count]);
		VIEW_SET(&out[count], recipient, account->mail);
		customer(m, account, site, "mail", &out[count++]);
	}
	return count;
}
