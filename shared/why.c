#include "why.h"

#include <stdio.h>
#include <string.h>

#include "fmt.h"
#include "i18n.h"
#include "text.h"

#define NOMINAL_V 230

enum rule {
#define RULE(sym, token, label) RULE_##sym,
#include "rule.def"
#undef RULE
	RULE_COUNT_
};

static const struct {
	const char *token, *label;
} rules[] = {
#define RULE(sym, token, label) {token, label},
#include "rule.def"
#undef RULE
};

static enum rule find_rule(const char *token)
{
	int i = 0;

	while (i < RULE_COUNT_ && strcmp(rules[i].token, token) != 0) {
		i++;
	}
	return (enum rule)i;
}

const char *why_rule(const char *token)
{
	enum rule r = find_rule(token);

	return r == RULE_COUNT_ ? token : _(rules[r].label);
}

/* ---- Pieces. ---- */

struct sentence {
	char *dst;
	size_t size, used;
	const struct view_gun *gun;
	struct wall now;
	bool brief; /* without power, time, and what others could do */
};

static void add_text(struct sentence *s, const char *text)
{
	text_append(s->dst, s->size, &s->used, "%s", text);
}

/* ", since 18:02" with what stands before it. */
static void add_since(struct sentence *s, const char *before)
{
	char at[32];

	if (s->brief || s->gun->rule_since == VALUE_NONE) {
		return;
	}
	fmt_wall_brief(at, sizeof at, (struct wall){s->gun->rule_since}, s->now);
	add_text(s, before);
	text_append(s->dst, s->size, &s->used, _("since %s"), at);
}

/* "11.0 of 22.0 kW" */
static void add_power(struct sentence *s, int64_t w)
{
	char get[24], of[24];

	fmt_value(get, sizeof get, UNIT_W, w, false);
	fmt_value(of, sizeof of, UNIT_W, s->gun->max_w, true);
	text_append(s->dst, s->size, &s->used, _("%1$s of %2$s"), get, of);
}

static void add_grant(struct sentence *s)
{
	if (s->brief) {
		return;
	}
	add_power(s, s->gun->grant_w);
	add_text(s, _(": "));
}

static int64_t per_mille(int64_t va, int64_t of)
{
	return va == VALUE_NONE || of == VALUE_NONE || of <= 0 ? VALUE_NONE : va * 1000 / of;
}

static const char *kind_words(const char *kind, bool phase)
{
	if (strcmp(kind, "feeder") == 0) {
		return phase ? N_("phase %2$s of feeder %1$s") : N_("feeder %1$s");
	}
	if (strcmp(kind, "pile") == 0) {
		return phase ? N_("phase %2$s of pile %1$s") : N_("pile %1$s");
	}
	return phase ? N_("phase %2$s of the transformer") : N_("the transformer");
}

/* The format is of kind_words(). A part that has no place in it is left out. */
static void add_name(struct sentence *s)
{
	const struct view_gun *g = s->gun;
	const char *format = _(kind_words(g->by_kind, g->by_phase[0] != '\0'));

	for (const char *p = format; *p != '\0';) {
		size_t run = strcspn(p, "%");

		text_append(s->dst, s->size, &s->used, "%.*s", (int)run, p);
		p += run;
		if (strncmp(p, "%1$s", 4) == 0) {
			add_text(s, g->by_node);
			p += 4;
		} else if (strncmp(p, "%2$s", 4) == 0) {
			add_text(s, g->by_phase);
			p += 4;
		} else if (*p != '\0') {
			p++;
		}
	}
}

/* Who limits it from outside, and how long. */
static void add_source(struct sentence *s, const char *before)
{
	const struct view_gun *g = s->gun;
	char until[32];

	if (g->by_source[0] == '\0') {
		return;
	}
	add_text(s, before);
	if (strcmp(g->by_source, "command") == 0) {
		add_text(s, _(rules[RULE_COMMAND].label)); /* it has no end */
		return;
	}
	fmt_wall_brief(until, sizeof until, (struct wall){g->by_until}, s->now);
	text_append(s->dst, s->size, &s->used, _("limited from outside by %1$s until %2$s"),
		g->by_source, until);
}

/* "phase L2 of feeder F1 at 180 of 182 A" */
static void add_limit(struct sentence *s)
{
	const struct view_gun *g = s->gun;
	bool phase = g->by_phase[0] != '\0';
	char load[24], limit[24], part[24];

	add_name(s);
	if (phase) {
		fmt_decimal(load, sizeof load, g->by_load_va, NOMINAL_V, 0);
		fmt_decimal(limit, sizeof limit, g->by_limit_va, NOMINAL_V, 0);
	} else {
		fmt_value(load, sizeof load, UNIT_VA, g->by_load_va, false);
		fmt_value(limit, sizeof limit, UNIT_VA, g->by_limit_va, false);
	}
	text_append(s->dst, s->size, &s->used,
		phase ? _(" at %1$s of %2$s A") : _(" at %1$s of %2$s kVA"), load, limit);
	if (g->by_pm != VALUE_NONE && g->by_pm < 1000) {
		fmt_decimal(part, sizeof part, g->by_pm, 10, g->by_pm % 10 != 0);
		text_append(s->dst, s->size, &s->used, _(", of which %s %% may be used"), part);
	}
	add_source(s, _(", "));
}

static void add_yield(struct sentence *s)
{
	const struct view_gun *g = s->gun;
	char more[24], soc[24];

	if (s->brief || g->yield_gun[0] == '\0' || g->yield_w == VALUE_NONE) {
		return;
	}
	fmt_value(more, sizeof more, UNIT_W, g->yield_w, true);
	if (g->yield_soc_pm == VALUE_NONE) {
		text_append(
			s->dst, s->size, &s->used, _("; +%1$s if %2$s yields"), more, g->yield_gun);
		return;
	}
	fmt_decimal(soc, sizeof soc, g->yield_soc_pm, 10, 0);
	text_append(s->dst, s->size, &s->used, _("; +%1$s if %2$s (%3$s %% SoC) yields"), more,
		g->yield_gun, soc);
}

/* Its class, where it shares. */
static void add_priority(struct sentence *s)
{
	static const struct {
		const char *token, *label;
	} priorities[] = {
#define PRIORITY(sym, token, weight, label) {token, label},
#include "priority.def"
#undef PRIORITY
	};

	for (size_t i = 0; i < sizeof priorities / sizeof priorities[0]; i++) {
		if (strcmp(s->gun->priority, priorities[i].token) == 0 &&
			strcmp(s->gun->priority, "normal") != 0) {
			text_append(s->dst, s->size, &s->used, _("; priority %s"),
				_(priorities[i].label));
		}
	}
}

/* ---- Rules. ---- */

/* "3rd in line to start" */
static void add_place(struct sentence *s)
{
	long long n = (long long)s->gun->place;
	int last = n % 100 / 10 == 1 ? 0 : (int)(n % 10);

	switch (last) {
	case 1:
		text_append(s->dst, s->size, &s->used, _("%lldst in line to start"), n);
		break;
	case 2:
		text_append(s->dst, s->size, &s->used, _("%lldnd in line to start"), n);
		break;
	case 3:
		text_append(s->dst, s->size, &s->used, _("%lldrd in line to start"), n);
		break;
	default:
		text_append(s->dst, s->size, &s->used, _("%lldth in line to start"), n);
		break;
	}
}

static void add_wait(struct sentence *s)
{
	const struct view_gun *g = s->gun;
	int64_t load_pm = per_mille(g->by_load_va, g->by_limit_va);
	char load[24], above[24];

	add_place(s);
	add_since(s, _(", "));
	add_text(s, _(": "));
	if (load_pm == VALUE_NONE || load_pm <= g->by_pm) {
		add_text(s, _("others start first"));
		return;
	}
	fmt_decimal(load, sizeof load, load_pm, 10, load_pm / 10 == g->by_pm / 10);
	fmt_decimal(above, sizeof above, g->by_pm, 10, g->by_pm % 10 != 0);
	text_append(s->dst, s->size, &s->used, _("the transformer is at %1$s %%, above %2$s %%"),
		load, above);
}

static void add_half(struct sentence *s)
{
	const struct view_gun *g = s->gun;
	char at[32], above[24];

	add_grant(s);
	fmt_wall_brief(at, sizeof at,
		(struct wall){g->session_start != VALUE_NONE ? g->session_start : g->rule_since},
		s->now);
	fmt_decimal(
		above, sizeof above, g->by_pm, 10, g->by_pm == VALUE_NONE || g->by_pm % 10 != 0);
	text_append(s->dst, s->size, &s->used,
		_("half power: started at %1$s with the transformer above %2$s %%"), at, above);
}

static void add_stopped(struct sentence *s)
{
	const struct view_gun *g = s->gun;

	add_text(s, _("held at zero"));
	add_since(s, " ");
	if (g->tag[0] != '\0') {
		add_text(s, _(": "));
		text_append(s->dst, s->size, &s->used, _("out of service by %1$s, %2$s"), g->tag_by,
			g->tag);
	} else if (g->halt_by[0] != '\0') {
		add_text(s, _(": "));
		text_append(s->dst, s->size, &s->used,
			_("stopped by %1$s, %2$s; until a start anew or a release"), g->halt_by,
			g->halt);
	}
}

/* "11.0 of 22.0 kW: <words> since 18:02" */
static void add_plain(struct sentence *s, const char *words)
{
	add_grant(s);
	add_text(s, words);
	add_since(s, _(", "));
}

static void add_rule(struct sentence *s, enum rule rule)
{
	const struct view_gun *g = s->gun;
	char power[24];

	switch (rule) {
	case RULE_IDLE:
		add_text(s, _("no car asks"));
		break;
	case RULE_WANT:
		add_grant(s);
		add_text(s, _("gets all that it can take"));
		break;
	case RULE_NODE:
		add_grant(s);
		add_limit(s);
		add_since(s, _(", "));
		add_yield(s);
		add_priority(s);
		break;
	case RULE_TURN:
		add_text(s, _("waits for its turn"));
		add_since(s, _(", "));
		add_text(s, _(": "));
		add_limit(s);
		add_yield(s);
		add_priority(s);
		break;
	case RULE_WAIT:
		add_wait(s);
		break;
	case RULE_HALF:
		add_half(s);
		break;
	case RULE_RAMP:
	case RULE_HOLD:
	case RULE_SAFE:
	case RULE_COMMAND:
		add_plain(s, _(rules[rule].label));
		break;
	case RULE_OUTSIDE:
		add_grant(s);
		if (g->by_source[0] != '\0') {
			add_source(s, "");
		} else {
			add_text(s, _(rules[rule].label));
		}
		break;
	case RULE_SILENT:
		fmt_value(power, sizeof power, UNIT_W, g->grant_w, true);
		add_text(s, _("the pile does not answer"));
		add_since(s, _(", "));
		text_append(s->dst, s->size, &s->used, _(": its last grant of %s counts"), power);
		break;
	case RULE_DISOBEYS:
		fmt_value(power, sizeof power, UNIT_W, g->power_w, true);
		add_text(s, _("the pile does not obey"));
		add_since(s, _(", "));
		text_append(s->dst, s->size, &s->used, _(": what it takes counts, %s"), power);
		break;
	case RULE_STOPPED:
		add_stopped(s);
		break;
	case RULE_COUNT_:
		add_text(
			s, g->rule[0] != '\0' ? g->rule : _("not managed: only commands limit it"));
		break;
	}
}

/* "; half power: 60.0 kW at most": admitted so, though something else holds it now. */
static void add_cap(struct sentence *s, enum rule rule)
{
	char cap[24];

	if (s->gun->cap_w == VALUE_NONE || rule == RULE_HALF || rule == RULE_IDLE) {
		return;
	}
	fmt_value(cap, sizeof cap, UNIT_W, s->gun->cap_w, true);
	text_append(s->dst, s->size, &s->used, _("; half power: %s at most"), cap);
}

static void tell(char *dst, size_t size, const struct view_gun *gun, struct wall now, bool brief)
{
	struct sentence s = {.dst = dst, .size = size, .gun = gun, .now = now, .brief = brief};

	dst[0] = '\0';
	add_rule(&s, find_rule(gun->rule));
	add_cap(&s, find_rule(gun->rule));
}

void why_gun(char *dst, size_t size, const struct view_gun *gun, struct wall now)
{
	tell(dst, size, gun, now, false);
}

void why_row(char *dst, size_t size, const struct view_gun *gun)
{
	struct sentence s = {.dst = dst, .size = size, .gun = gun};

	dst[0] = '\0';
	add_text(&s, why_rule(gun->rule));
	add_cap(&s, find_rule(gun->rule));
}

/* The gun as it stood then, as far as the reason needs it. */
static void gun_of(struct view_gun *gun, const struct view_decision *decision)
{
	view_clear(VIEW_gun, gun);
	view_copy_shared(VIEW_gun, gun, VIEW_decision, decision);
	VIEW_SET(gun, id, decision->gun);
	gun->grant_w = decision->to_w;
}

void why_decision(char *dst, size_t size, const struct view_decision *decision, struct wall now)
{
	struct view_gun gun;

	gun_of(&gun, decision);
	tell(dst, size, &gun, now, false);
}

void why_brief(char *dst, size_t size, const struct view_decision *decision, struct wall now)
{
	struct view_gun gun;

	gun_of(&gun, decision);
	tell(dst, size, &gun, now, true);
}

static const char *percent(char *dst, size_t size, int64_t pm)
{
	fmt_decimal(dst, size, pm, 10, pm % 10 != 0);
	return dst;
}

void why_contract(char *dst, size_t size, const struct view_site *site)
{
	char at[24], half[24], share[24], stop[24];
	size_t used = 0;

	dst[0] = '\0';
	if (site->admit_pm == VALUE_NONE || site->half_above_pm == VALUE_NONE ||
		site->stop_above_pm == VALUE_NONE) {
		return;
	}
	percent(at, sizeof at, site->admit_pm);
	percent(half, sizeof half, site->half_above_pm);
	percent(share, sizeof share, site->start_share_pm);
	percent(stop, sizeof stop, site->stop_above_pm);
	if (site->admit_pm > site->stop_above_pm) {
		text_append(dst, size, &used,
			_("new starts wait: the transformer is at %1$s %%, above %2$s %%"), at,
			stop);
	} else if (site->admit_pm > site->half_above_pm) {
		text_append(dst, size, &used,
			_("new starts get %1$s %% of their power: the transformer is at %2$s %%, "
			  "above %3$s %%; above %4$s %% they wait"),
			share, at, half, stop);
	} else {
		text_append(dst, size, &used,
			_("new starts get full power: the transformer is at %1$s %%; above %2$s %% "
			  "they get %3$s %%, above %4$s %% they wait"),
			at, half, share, stop);
	}
}
