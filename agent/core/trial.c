#include "trial.h"

#include "command.h"
#include "slimit.h"
#include "tag.h"

/* Between two attempts to undo. */
#define AGAIN_US (30 * US_PER_S)

enum {
#define TRIAL(sym, token, label) TRIAL_##sym,
#include "trial.def"
#undef TRIAL
};

static const char *const states[] = {
#define TRIAL(sym, token, label) [TRIAL_##sym] = token,
#include "trial.def"
#undef TRIAL
};

static const char *const verb_names[VERB_COUNT_] = {
#define VERB(sym, name, value, role, help) name,
#include "verb.def"
#undef VERB
};

static struct trial *trial_at(const struct site *site, size_t i)
{
	return (struct trial *)site_at(site, site->h.trials) + i;
}

static struct target target_of(const struct trial *t)
{
	return (struct target){t->kind, t->index};
}

static void show(const struct site *site, const struct trial *t, struct view_trial *out)
{
	view_clear(VIEW_trial, out);
	VIEW_SET(out, id, t->id);
	VIEW_SET(out, verb, verb_names[t->verb]);
	VIEW_SET(out, target, target_id(site, target_of(t)));
	VIEW_SET(out, state, states[t->state]);
	VIEW_SET(out, by, t->by);
	VIEW_SET(out, reason, t->reason);
	VIEW_SET(out, was_by, t->was_by);
	VIEW_SET(out, was_reason, t->was_reason);
	VIEW_SET(out, ended_by, t->ended_by);
	out->value = t->value;
	out->was = t->was_w;
	out->asked = t->asked_ms;
	out->until = t->until_ms;
	out->ended = t->ended_ms;
}

bool site_view_trial(const struct site *site, size_t position, struct view_trial *out)
{
	for (size_t i = 0; i < TRIALS_MAX; i++) {
		const struct trial *t = trial_at(site, i);

		if (t->used && position-- == 0) {
			show(site, t, out);
			return true;
		}
	}
	return false;
}

static void enter(struct core *c, struct trial *t, uint8_t state, const char *by)
{
	t->state = state;
	if (state != TRIAL_WAITING && state != TRIAL_REVERTING) {
		t->ended_ms = c->now.wall.ms;
		view_set_text(t->ended_by, sizeof t->ended_by, by);
		t->used = 0;
	}
	show(c->site, t, &core_emit(c, ACT_TRIAL)->trial);
	core_log(c, state == TRIAL_FAILED ? LOG_ERROR : LOG_NOTICE, "%s: command %s (%s): %s%s%s",
		target_id(c->site, target_of(t)), verb_names[t->verb], t->id, states[state],
		by[0] != '\0' ? " by " : "", by);
}

static struct trial *find(const struct site *site, const char *id)
{
	for (size_t i = 0; i < TRIALS_MAX; i++) {
		struct trial *t = trial_at(site, i);

		if (t->used && strcmp(t->id, id) == 0) {
			return t;
		}
	}
	return NULL;
}

static struct trial *free_place(const struct site *site)
{
	for (size_t i = 0; i < TRIALS_MAX; i++) {
		if (!trial_at(site, i)->used) {
			return trial_at(site, i);
		}
	}
	return NULL;
}

/* ---- Beginning ---- */

static bool can_be_undone(uint8_t verb)
{
	return verb == VERB_TAG || verb == VERB_UNTAG || verb == VERB_LIMIT;
}

int trial_check(const struct core *c, const struct command *cmd, char *why, size_t size)
{
	if (!can_be_undone(cmd->verb)) {
		phrase_text(why, size, PHRASE_NO_UNDO, NULL);
		return ERR_UNSUPPORTED;
	}
	if (free_place(c->site) == NULL) {
		phrase_text(why, size, PHRASE_TRIALS_FULL, NULL);
		return ERR_FULL;
	}
	return 0;
}

/* Two commands about the same thing: whether it is in service, or what it may take. */
static bool alike(const struct trial *t, const struct command *cmd)
{
	return can_be_undone(cmd->verb) && t->kind == cmd->kind && t->index == cmd->index &&
	       (t->verb == VERB_LIMIT) == (cmd->verb == VERB_LIMIT);
}

/* The limit of a pile as a whole: what the last command that took effect has left. */
static int64_t pile_limit_w(const struct site *site, uint16_t pile)
{
	const struct command *newest = NULL;

	for (size_t i = 0; i < site->h.command_count; i++) {
		const struct command *cmd = command_of(site, i);

		if (cmd->seq != 0 && cmd->ended && cmd->err == 0 && cmd->verb == VERB_LIMIT &&
			cmd->on_kind == TGT_PILE && cmd->on_index == pile &&
			(newest == NULL || cmd->seq > newest->seq)) {
			newest = cmd;
		}
	}
	return newest == NULL ? VALUE_NONE : newest->value;
}

static int64_t limit_before(const struct site *site, const struct command *cmd)
{
	if (cmd->wide) {
		return slimit_commanded(site, (struct target){cmd->kind, cmd->index});
	}
	return cmd->on_kind == TGT_GUN ? gun_of(site, cmd->on_index)->limit_w
				       : pile_limit_w(site, cmd->on_index);
}

void trial_begin(struct core *c, const struct command *cmd, int64_t confirm_us)
{
	const struct tag *tag;
	struct trial *t;

	for (size_t i = 0; i < TRIALS_MAX; i++) {
		t = trial_at(c->site, i);
		if (t->used && t->command != cmd->seq && alike(t, cmd) && core_room(c, 2)) {
			enter(c, t, TRIAL_SUPERSEDED, cmd->by);
		}
	}
	t = confirm_us > 0 ? free_place(c->site) : NULL;
	if (t == NULL) {
		return;
	}
	memset(t, 0, sizeof *t);
	view_set_text(t->id, sizeof t->id, cmd->id);
	view_set_text(t->by, sizeof t->by, cmd->by);
	view_set_text(t->reason, sizeof t->reason, cmd->reason);
	t->verb = cmd->verb;
	t->kind = cmd->kind;
	t->index = cmd->index;
	t->value = cmd->value;
	t->was_w = VALUE_NONE;
	t->ended_ms = VALUE_NONE;
	t->asked_ms = c->now.wall.ms;
	t->until_ms = c->now.wall.ms + confirm_us / US_PER_MS;
	t->until_us = c->now.mono.us + confirm_us;
	t->used = 1;
	if (cmd->verb == VERB_LIMIT) {
		t->was_w = limit_before(c->site, cmd);
	} else {
		tag = tag_of(c->site, target_of(t));
		if (tag->on) {
			view_set_text(t->was_by, sizeof t->was_by, tag->by);
			view_set_text(t->was_reason, sizeof t->was_reason, tag->reason);
		}
	}
	enter(c, t, TRIAL_WAITING, "");
}

void trial_confirm(struct core *c, const struct event *e)
{
	struct trial *t = e->confirm.id == NULL ? NULL : find(c->site, e->confirm.id);

	if (t == NULL || t->state != TRIAL_WAITING) {
		c->site->h.odd++;
		return;
	}
	enter(c, t, TRIAL_CONFIRMED, e->confirm.by == NULL ? "" : e->confirm.by);
}

bool trial_resume(struct core *c, const struct view_trial *view)
{
	struct trial *t = free_place(c->site);
	int64_t left_ms = view->until - c->now.wall.ms, whole_ms = view->until - view->asked;
	struct target target;
	int verb = 0;

	while (verb < VERB_COUNT_ && strcmp(verb_names[verb], view->verb) != 0) {
		verb++;
	}
	if (t == NULL || view->id[0] == '\0' || view->ended != VALUE_NONE ||
		!can_be_undone((uint8_t)verb) || find(c->site, view->id) != NULL ||
		site_find(c->site, view->target, &target) != 0) {
		return false;
	}
	/* A clock that was set back must not make it last longer than it was meant to. */
	left_ms = left_ms < 0 ? 0 : left_ms > whole_ms ? whole_ms : left_ms;
	memset(t, 0, sizeof *t);
	view_set_text(t->id, sizeof t->id, view->id);
	view_set_text(t->by, sizeof t->by, view->by);
	view_set_text(t->reason, sizeof t->reason, view->reason);
	view_set_text(t->was_by, sizeof t->was_by, view->was_by);
	view_set_text(t->was_reason, sizeof t->was_reason, view->was_reason);
	t->verb = (uint8_t)verb;
	t->kind = target.kind;
	t->index = target.index;
	t->value = view->value;
	t->was_w = view->was;
	t->ended_ms = VALUE_NONE;
	t->asked_ms = view->asked;
	t->until_ms = view->until;
	t->until_us = c->now.mono.us + left_ms * US_PER_MS;
	t->state = TRIAL_WAITING;
	t->used = 1;
	return true;
}

/* ---- Undoing ---- */

/* Gives the command that brings back what was. */
static void undo(struct core *c, struct trial *t)
{
	struct event e = {.kind = EV_COMMAND, .now = c->now};
	bool tag_again = t->verb != VERB_LIMIT && t->was_by[0] != '\0';
	char id[40], reason[96];

	core_text(id, sizeof id, "u%llx.%llx-%s", (long long)c->now.wall.ms,
		(long long)++c->site->h.next_undo, target_id(c->site, target_of(t)));
	phrase_text(reason, sizeof reason, PHRASE_NOT_CONFIRMED, t->id, t->by, NULL);
	e.command.verb = t->verb == VERB_LIMIT ? VERB_LIMIT : tag_again ? VERB_TAG : VERB_UNTAG;
	e.command.target = target_of(t);
	e.command.value = t->was_w;
	e.command.id = id;
	e.command.by = tag_again ? t->was_by : "piled";
	e.command.origin = "not confirmed in time";
	e.command.reason = tag_again ? t->was_reason : reason;
	/* The command that it gives is its own: it does not make it void. */
	t->command = c->site->h.next_seq + 1;
	t->tries++;
	t->until_us = c->now.mono.us + c->site->cfg.command_timeout_us + AGAIN_US;
	command_take(c, &e);
}

/* How its last command ended: 1 took effect, -1 did not, 0 is under way. */
static int outcome(const struct site *site, const struct trial *t)
{
	for (size_t i = 0; i < site->h.command_count; i++) {
		const struct command *cmd = command_of(site, i);

		if (cmd->seq == t->command) {
			return !cmd->ended ? 0 : cmd->err == 0 ? 1 : -1;
		}
	}
	return -1;
}

/* Nothing is left to undo: somebody has put it back into service meanwhile, or an input holds it.
 */
static bool as_before(const struct site *site, const struct trial *t)
{
	return t->verb == VERB_TAG && t->was_by[0] == '\0' && !tag_of(site, target_of(t))->on;
}

void trial_step(struct core *c)
{
	for (size_t i = 0; i < TRIALS_MAX; i++) {
		struct trial *t = trial_at(c->site, i);
		bool due = c->now.mono.us >= t->until_us;

		if (!t->used) {
			continue;
		}
		if (!core_room(c, GUN_ROOM)) {
			return;
		}
		if (t->state == TRIAL_REVERTING && outcome(c->site, t) == 1) {
			enter(c, t, TRIAL_REVERTED, "piled");
		} else if (due && as_before(c->site, t)) {
			enter(c, t, TRIAL_REVERTED, "piled");
		} else if (due && t->tries == TRIAL_TRIES) {
			enter(c, t, TRIAL_FAILED, "piled");
		} else if (due) {
			if (t->state == TRIAL_WAITING) {
				enter(c, t, TRIAL_REVERTING, "");
			}
			undo(c, t);
		}
	}
}
