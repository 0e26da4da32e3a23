#include "word.h"

#include <time.h>

#include <stdio.h>
#include <string.h>

#include "fault.h"
#include "fmt.h"
#include "i18n.h"
#include "phrase.h"
#include "state.h"

static enum gun_state state_of(const struct view_gun *gun)
{
	enum gun_state s = GUN_UNKNOWN;

	state_find(gun->state, &s);
	return s;
}

static bool faulty(const struct view_gun *gun)
{
	return gun->fault > 0 || state_of(gun) == GUN_FAULT;
}

/* A fault that is news: of what a person took out of service it is suppressed, as its alarm is. */
static bool alarming(const struct view_gun *gun)
{
	return faulty(gun) && (gun->tag[0] == '\0' || fault_input_signed(gun->tag_by));
}

int word_gun_rank(const struct view_gun *gun)
{
	const struct fault_info *info = alarming(gun) ? fault_info((int)gun->fault) : NULL;

	if (alarming(gun)) {
		return info != NULL && info->severity == SEVERITY_SAFETY ? 0 : 1;
	}
	if (gun->tag[0] != '\0') {
		return 4;
	}
	if (gun->stale == 1 && state_of(gun) != GUN_OFFLINE) {
		return 3;
	}
	switch (state_of(gun)) {
	case GUN_OFFLINE:
		return 2;
	case GUN_UNKNOWN:
		return 3;
	case GUN_SUSPENDED:
		return 5;
	case GUN_FINISHED:
		return 6;
	case GUN_PLUGGED:
		return 7;
	case GUN_CHARGING:
		return 8;
	case GUN_RESERVED:
		return 9;
	default:
		return 10;
	}
}

bool word_gun_abnormal(const struct view_gun *gun)
{
	return word_gun_rank(gun) <= 6;
}

void word_gun_state(const struct view_gun *gun, char *dst, size_t size, enum ink *ink)
{
	const struct state_info *info = state_info(state_of(gun));

	switch (word_gun_rank(gun)) {
	case 0:
	case 1:
		*ink = INK_ALARM;
		break;
	case 2:
	case 3:
	case 5:
	case 6:
		*ink = INK_WARN;
		break;
	case 4:
		*ink = INK_NOTICE;
		break;
	case 9:
	case 10:
		*ink = INK_DIM;
		break;
	default:
		*ink = INK_NORMAL;
	}
	if (gun->tag[0] != '\0' && !alarming(gun)) {
		snprintf(dst, size, "# %s", _("out of use"));
		return;
	}
	snprintf(dst, size, "%s %s", info->glyph, _(info->label));
}

const char *word_fault(int64_t code, char *buf, size_t size)
{
	const struct fault_info *info = fault_info((int)code);

	if (info != NULL) {
		return fault_title(info);
	}
	snprintf(buf, size, "%s %lld", _("fault"), (long long)code);
	return buf;
}

enum ink word_severity_ink(int64_t severity)
{
	return severity == SEVERITY_NOTICE ? INK_WARN : INK_ALARM;
}

const char *word_severity(int64_t severity)
{
	return _(fault_severity(severity));
}

const char *word_alarm_mark(const char *token)
{
	static const struct {
		const char *token, *label;
	} states[] = {
		{"unack", N_("! new")},
		{"acked", N_("* acked")},
		{"returned", N_("~ returned")},
		{"latched", N_("# latched")},
		{"held", N_("# to reset")},
		{"shelved", N_("o shelved")},
		{"shelved_idle", N_("o shelved")},
		{"folded", N_(". folded")},
		{"out_of_service", N_(". out of use")},
	};

	for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
		if (strcmp(states[i].token, token) == 0) {
			return _(states[i].label);
		}
	}
	return token;
}

struct entry {
	const char *token, *label;
};

static const struct entry verbs[] = {
#define VERB(sym, name, value, role, help) {name, help},
#include "verb.def"
#undef VERB
};

static const struct entry cmdstates[] = {
#define CMDSTATE(sym, token, label) {token, label},
#include "cmdstate.def"
#undef CMDSTATE
};

static const struct entry alarmstates[] = {
#define ALARMSTATE(sym, token, raised, label) {token, label},
#include "alarmstate.def"
#undef ALARMSTATE
};

static const struct entry errors[] = {
#define ERR(sym, token, text) {token, text},
#include "err.def"
#undef ERR
};

static const struct entry rules[] = {
#define RULE(sym, token, label) {token, label},
#include "rule.def"
#undef RULE
};

static const struct entry slimits[] = {
#define SLIMIT(sym, token, label) {token, label},
#include "slimit.def"
#undef SLIMIT
};

/* Short: the long meanings of quality.def do not fit beside a value. */
static const struct entry qualities[] = {{"none", N_("never read")}, {"good", N_("good")},
	{"invalid", N_("invalid")}, {"impossible", N_("impossible")},
	{"unsupported", N_("not supported")}, {"substitute", N_("computed")}};

/* Label of a token in one of the lists; the token itself where the list does not have it. */
static const char *look_up(const struct entry *list, size_t count, const char *word)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(list[i].token, word) == 0) {
			return _(list[i].label);
		}
	}
	return word;
}

const char *word_verb(const char *verb)
{
	return look_up(verbs, sizeof verbs / sizeof verbs[0], verb);
}

const char *word_verb_short(const char *verb)
{
	static const struct entry list[] = {{"start", N_("start")}, {"stop", N_("stop")},
		{"limit", N_("limit")}, {"unlock", N_("unlock")}, {"reboot", N_("reboot")},
		{"clock", N_("set clock")}, {"tag", N_("out of use")}, {"untag", N_("back in use")},
		{"release", N_("release")}, {"depart", N_("departure")}, {"want", N_("wish")}};

	return look_up(list, sizeof list / sizeof list[0], verb);
}

const char *word_cmdstate(const char *state)
{
	return look_up(cmdstates, sizeof cmdstates / sizeof cmdstates[0], state);
}

const char *word_alarm_state(const char *state)
{
	return look_up(alarmstates, sizeof alarmstates / sizeof alarmstates[0], state);
}

void word_said(const char *error, const char *message, char *dst, size_t size)
{
	char said[256];

	phrase_say(said, sizeof said, message[0] != '\0' ? _(message) : "");
	if (strcmp(said, word_error(error)) == 0) {
		said[0] = '\0';
	}
	snprintf(dst, size, "%s%s%s", word_error(error), said[0] != '\0' ? ": " : "", said);
}

bool word_refusal(const struct verdict *v, const char *have, char *dst, size_t size)
{
	if (v->role[0] != '\0') {
		snprintf(dst, size, _("%s: it needs the role %s, yours is %s"),
			word_error(v->error), v->role, have);
	} else if (v->error[0] != '\0') {
		word_said(v->error, v->message, dst, size);
	}
	return v->error[0] != '\0';
}

const char *word_quality(const char *token)
{
	return look_up(qualities, sizeof qualities / sizeof qualities[0], token);
}

const char *word_rule(const char *token)
{
	return look_up(rules, sizeof rules / sizeof rules[0], token);
}

const char *word_slimit(const char *token)
{
	return look_up(slimits, sizeof slimits / sizeof slimits[0], token);
}

const char *word_error(const char *token)
{
	return look_up(errors, sizeof errors / sizeof errors[0], token);
}

void word_age(char *dst, size_t size, int64_t ms)
{
	int64_t s = ms / MS_PER_S;

	if (ms == VALUE_NONE) {
		snprintf(dst, size, "-");
	} else if (s < 60) {
		snprintf(dst, size, "%ds", s < 0 ? 0 : (int)s);
	} else if (s < 3600) {
		snprintf(dst, size, "%dm", (int)(s / 60));
	} else if (s < 86400) {
		snprintf(dst, size, "%dh%02dm", (int)(s / 3600), (int)(s / 60 % 60));
	} else if (s < 100 * INT64_C(86400)) {
		snprintf(dst, size, "%dd%02dh", (int)(s / 86400), (int)(s / 3600 % 24));
	} else {
		snprintf(dst, size, "%lldd", (long long)(s / 86400));
	}
}

int64_t word_age_of(const struct app *app, int64_t wall_ms)
{
	if (wall_ms == VALUE_NONE || app->now_ms == VALUE_NONE) {
		return VALUE_NONE;
	}
	return app->now_ms - wall_ms;
}

void word_time(const struct app *app, int64_t wall_ms, char *dst, size_t size)
{
	struct wall now = {app->now_ms == VALUE_NONE ? 0 : app->now_ms};

	fmt_wall_brief(dst, size, (struct wall){wall_ms}, now);
}

void word_clock(const struct app *app, int64_t wall_ms, char *dst, size_t size)
{
	time_t s = (time_t)(wall_ms / MS_PER_S), today = (time_t)(app->now_ms / MS_PER_S);
	struct tm at, now;

	if (wall_ms != VALUE_NONE && app->now_ms != VALUE_NONE && localtime_r(&s, &at) != NULL &&
		localtime_r(&today, &now) != NULL && at.tm_yday == now.tm_yday &&
		at.tm_year == now.tm_year && strftime(dst, size, "%H:%M:%S", &at) > 0) {
		return;
	}
	word_time(app, wall_ms, dst, size);
}

void word_reserved(const struct app *app, const struct view_gun *gun, char *dst, size_t size)
{
	char from[32], until[32];

	word_time(app, gun->reserved_from, from, sizeof from);
	word_time(app, gun->reserved_until, until, sizeof until);
	snprintf(dst, size, "%s-%s, %s", from, until, gun->reserved_for);
}

static bool command_under_way(const struct view_gun *gun)
{
	return gun->command[0] != '\0' && (strcmp(gun->command_state, "queued") == 0 ||
						  strcmp(gun->command_state, "sent") == 0 ||
						  strcmp(gun->command_state, "read_back") == 0);
}

/* True when load management holds the gun below what it could take. */
static bool limited(const struct view_gun *gun)
{
	return gun->rule[0] != '\0' && strcmp(gun->rule, "idle") != 0 &&
	       strcmp(gun->rule, "want") != 0;
}

/* The only gun of its pile gets the pile's rating: nothing is withheld. */
static bool alone_at_rating(const struct app *app, const struct view_gun *gun)
{
	const struct view_pile *pile = model_find(app->model, VIEW_pile, gun->pile);

	return strcmp(gun->by_node, gun->pile) == 0 && pile != NULL && pile->guns == 1 &&
	       gun->by_source[0] == '\0';
}

void word_gun_remark(
	const struct app *app, const struct view_gun *gun, char *dst, size_t size, enum ink *ink)
{
	char buf[64];
	size_t used = 0;

	dst[0] = '\0';
	word_gun_state(gun, buf, sizeof buf, ink);
	if (alarming(gun)) {
		text_append(dst, size, &used, "%s%s", state_of(gun) == GUN_FAULT ? "" : "! ",
			word_fault(gun->fault, buf, sizeof buf));
		if (gun->faults > 1) {
			text_append(dst, size, &used, " +%lld", (long long)(gun->faults - 1));
		}
		return;
	}
	if (command_under_way(gun)) {
		const struct view_command *cmd = model_find(app->model, VIEW_command, gun->command);

		*ink = INK_NOTICE;
		text_append(dst, size, &used, "%s: %s",
			cmd == NULL ? "" : word_verb_short(cmd->verb),
			word_cmdstate(gun->command_state));
		return;
	}
	if (gun->tag[0] != '\0') {
		text_append(dst, size, &used, "%s", gun->tag);
		if (gun->tag_by[0] != '\0') {
			text_append(dst, size, &used, " (%s)", gun->tag_by);
		}
		if (gun->fault > 0) {
			text_append(dst, size, &used, ", . %s",
				word_fault(gun->fault, buf, sizeof buf));
		}
		return;
	}
	if (gun->halt_by[0] != '\0') {
		*ink = INK_NOTICE;
		text_append(
			dst, size, &used, _("held by a stop: %s (%s)"), gun->halt, gun->halt_by);
		return;
	}
	if (gun->reservation[0] != '\0' && gun->session[0] == '\0' &&
		state_of(gun) != GUN_OFFLINE) {
		word_reserved(app, gun, buf, sizeof buf);
		text_append(dst, size, &used, "%s %s", _("reserved"), buf);
		return;
	}
	switch (state_of(gun)) {
	case GUN_OFFLINE:
		word_age(buf, sizeof buf, word_age_of(app, gun->seen));
		text_append(dst, size, &used, _("no answer for %s"), buf);
		return;
	case GUN_FINISHED:
		text_append(dst, size, &used, "%s", _("done, still plugged in"));
		return;
	case GUN_SUSPENDED:
		text_append(dst, size, &used, "%s",
			limited(gun)        ? word_rule(gun->rule)
			: gun->grant_w == 0 ? _("waits for power")
					    : _("paused by the car"));
		return;
	default:
		break;
	}
	if (gun->stale == 1) {
		*ink = INK_WARN;
		word_age(buf, sizeof buf, word_age_of(app, gun->seen));
		text_append(dst, size, &used, _("stale for %s"), buf);
	} else if (alone_at_rating(app, gun)) {
		; /* all that its pile has */
	} else if (limited(gun) && gun->by_node[0] != '\0') {
		text_append(
			dst, size, &used, "%s %s %s", _("held by"), gun->by_node, gun->by_phase);
	} else if (limited(gun)) {
		text_append(dst, size, &used, "%s", word_rule(gun->rule));
	} else if (state_of(gun) == GUN_CHARGING && gun->grant_w != VALUE_NONE &&
		   gun->grant_w < gun->max_w) {
		fmt_decimal(buf, sizeof buf, gun->grant_w, 1000, 0);
		text_append(dst, size, &used, _("limited to %s kW"), buf);
	}
}

bool word_device_good(const char *state)
{
	return strcmp(state, "ok") == 0 || strcmp(state, "up") == 0 ||
	       strcmp(state, "opening") == 0;
}

const char *word_device_state(const char *state)
{
	static const char *const words[] = {N_("ok"), N_("up"), N_("down"), N_("stale"),
		N_("opening"), N_("full"), N_("error"), N_("unknown")};

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		if (strcmp(words[i], state) == 0) {
			return _(words[i]);
		}
	}
	return state[0] == '\0' ? "-" : state;
}
