#include "command.h"

#include "auth.h"
#include "effect.h"
#include "halt.h"
#include "stop.h"
#include "tag.h"
#include "wish.h"
#include "trial.h"
#include "wide.h"

static const char *const verb_names[VERB_COUNT_] = {
#define VERB(sym, name, value, role, help) name,
#include "verb.def"
#undef VERB
};

static const bool verb_takes_value[VERB_COUNT_] = {
#define VERB(sym, name, value, role, help) value,
#include "verb.def"
#undef VERB
};

static const char *const state_tokens[] = {
#define CMDSTATE(sym, token, label) [CMD_##sym] = token,
#include "cmdstate.def"
#undef CMDSTATE
};

/* How long a start that was not answered may still have its effect. */
#define LATE_US (60 * US_PER_S)

static int64_t nominal_v(const struct gun_cfg *cfg)
{
	int phases = 0;

	for (int k = 0; k < 3; k++) {
		phases += cfg->phases >> k & 1;
	}
	return NOMINAL_V * (phases == 0 ? 3 : phases);
}

int64_t command_limit_ma(const struct gun_cfg *cfg, int64_t limit_w)
{
	return limit_w * 1000 / nominal_v(cfg);
}

int64_t command_limit_w(const struct gun_cfg *cfg, int64_t limit_ma)
{
	return limit_ma * nominal_v(cfg) / 1000;
}

static struct target target_of(const struct command *cmd)
{
	return (struct target){cmd->kind, cmd->index};
}

void command_view(const struct site *site, const struct command *cmd, struct view_command *out)
{
	view_clear(VIEW_command, out);
	VIEW_SET(out, id, cmd->id);
	VIEW_SET(out, verb, verb_names[cmd->verb]);
	VIEW_SET(out, target, target_id(site, target_of(cmd)));
	VIEW_SET(out, state, state_tokens[cmd->state]);
	VIEW_SET(out, error, cmd->err == 0 ? "" : err_token(cmd->err));
	VIEW_SET(out, by, cmd->by);
	VIEW_SET(out, origin, cmd->origin);
	VIEW_SET(out, reason, cmd->reason);
	out->value = cmd->value;
	out->asked = cmd->asked_ms;
	out->sent = cmd->sent_us == 0 ? VALUE_NONE : cmd->sent_ms;
	out->read_back = cmd->read_back ? cmd->read_back_ms : VALUE_NONE;
	if (cmd->ended) {
		out->ended = cmd->ended_ms;
		out->took_ms = (cmd->ended_us - cmd->asked_us) / US_PER_MS;
	}
}

static void end_command(struct core *c, struct command *cmd, int state, int err, const char *why)
{
	size_t len = strlen(cmd->reason);

	cmd->state = (uint8_t)state;
	cmd->err = err;
	cmd->ended = 1;
	cmd->ended_us = c->now.mono.us;
	cmd->ended_ms = c->now.wall.ms;
	cmd->dirty = 1;
	c->site->h.active--;
	wide_member_ended(c, cmd, state == CMD_VERIFIED);
	if (why[0] != '\0' && len + 4 < sizeof cmd->reason) {
		char text[sizeof cmd->reason];

		core_text(text, sizeof text, "%s%s%.80s", cmd->reason, len > 0 ? "; " : "", why);
		view_set_text(cmd->reason, sizeof cmd->reason, text);
	}
	core_log(c, state == CMD_VERIFIED ? LOG_NOTICE : LOG_WARNING,
		"%s: command %s (%s) by %s: %s%s%s", target_id(c->site, target_of(cmd)),
		verb_names[cmd->verb], cmd->id, cmd->by, state_tokens[state],
		why[0] != '\0' ? ": " : "", why);
}

static void fail(struct core *c, struct command *cmd, int err, const char *why)
{
	end_command(c, cmd, CMD_FAILED, err, why);
}

struct command *command_by_id(const struct site *site, const char *id)
{
	for (size_t i = 0; i < site->h.command_count; i++) {
		struct command *cmd = command_of(site, i);

		if (cmd->seq != 0 && strncmp(cmd->id, id, sizeof cmd->id) == 0) {
			return cmd;
		}
	}
	return NULL;
}

/* A free slot, or that of the oldest command that has ended. */
static struct command *slot(const struct site *site)
{
	struct command *oldest = NULL;

	for (size_t i = 0; i < site->h.command_count; i++) {
		struct command *cmd = command_of(site, i);

		if (cmd->seq == 0) {
			return cmd;
		}
		if (cmd->ended && !cmd->dirty && (oldest == NULL || cmd->seq < oldest->seq)) {
			oldest = cmd;
		}
	}
	return oldest;
}

static void set_target(struct command *cmd, struct target t)
{
	cmd->kind = t.kind;
	cmd->index = t.index;
	cmd->on_kind = t.kind;
	cmd->on_index = t.index;
}

static bool target_valid(const struct site *site, struct target t)
{
	switch ((enum target_kind)t.kind) {
	case TGT_SITE:
		return true;
	case TGT_PILE:
		return t.index < site->cfg.pile_count;
	case TGT_GUN:
		return t.index < site->cfg.gun_count;
	case TGT_METER:
		return t.index < site->cfg.meter_count;
	case TGT_FEEDER:
		return t.index < site->cfg.feeder_count;
	case TGT_BUS:
		break;
	}
	return false;
}

/* Fails what a new command makes void. */
static void supersede(struct core *c, const struct command *new)
{
	for (size_t i = 0; i < c->site->h.command_count; i++) {
		struct command *old = command_of(c->site, i);

		if (old->seq == 0 || old->ended || old == new || old->on_kind != new->on_kind ||
			old->on_index != new->on_index) {
			continue;
		}
		if (new->verb == VERB_STOP && old->verb == VERB_START) {
			fail(c, old, ERR_STATE, phrase_plain(PHRASE_STOPPED_BEFORE));
		} else if (new->verb == VERB_LIMIT && old->verb == VERB_LIMIT) {
			fail(c, old, ERR_STATE, phrase_plain(PHRASE_LIMIT_OTHER));
		}
	}
}

bool command_limits(const struct site *site, struct target target)
{
	for (size_t k = 0; k < site->h.command_count; k++) {
		const struct command *cmd = command_of(site, k);

		if (cmd->seq != 0 && !cmd->ended && cmd->verb == VERB_LIMIT &&
			cmd->on_kind == target.kind && cmd->on_index == target.index) {
			return true;
		}
	}
	return false;
}

static bool under_way(const struct site *site, enum verb verb, uint16_t gun, bool sent)
{
	for (size_t i = 0; i < site->h.command_count; i++) {
		const struct command *cmd = command_of(site, i);

		if (cmd->seq != 0 && !cmd->ended && cmd->verb == verb && !cmd->wide &&
			cmd->on_index == gun && (cmd->sent_us != 0 || !sent)) {
			return true;
		}
	}
	return false;
}

bool command_starts(const struct site *site, uint16_t gun)
{
	return under_way(site, VERB_START, gun, true);
}

bool command_will_start(const struct site *site, uint16_t gun)
{
	return under_way(site, VERB_START, gun, false);
}

bool command_stops(const struct site *site, uint16_t gun)
{
	return under_way(site, VERB_STOP, gun, false);
}

/* A start was not answered in time: the device may have taken it, and begin yet. */
static bool started_late(const struct core *c, uint16_t gun)
{
	for (size_t i = 0; i < c->site->h.command_count; i++) {
		const struct command *cmd = command_of(c->site, i);

		if (cmd->seq != 0 && cmd->ended && cmd->verb == VERB_START && cmd->sent_us != 0 &&
			cmd->err == ERR_TIMEOUT && cmd->on_index == gun &&
			c->now.mono.us - cmd->ended_us < LATE_US) {
			return true;
		}
	}
	return false;
}

static void accept_stop(struct core *c, struct command *cmd)
{
	const struct gun *g = gun_of(c->site, cmd->on_index);
	bool may_charge = command_starts(c->site, cmd->on_index) || started_late(c, cmd->on_index);

	supersede(c, cmd);
	if (!may_charge && (g->state == GUN_IDLE || g->state == GUN_PLUGGED ||
				   g->state == GUN_FINISHED || g->state == GUN_RESERVED)) {
		end_command(c, cmd, CMD_VERIFIED, 0, phrase_plain(PHRASE_NOTHING_CHARGED));
	}
}

/* Stops every gun of a tag that charges, in the name of who tagged it, and lets none begin. */
static void stop_tagged(struct core *c, const struct command *tag)
{
	struct event e = {.kind = EV_COMMAND, .now = c->now};
	char id[40], why[96];

	for (uint16_t i = 0; i < c->site->cfg.gun_count; i++) {
		if (!tag_covers(c->site, target_of(tag), i) || !wide_charges(c->site, i)) {
			continue;
		}
		core_text(id, sizeof id, "tag-%lld-%s", (long long)c->now.wall.ms,
			gun_cfg(c->site, i)->id);
		e.command.verb = VERB_STOP;
		e.command.target = (struct target){TGT_GUN, i};
		e.command.id = id;
		e.command.by = tag->by;
		e.command.origin = tag->origin;
		e.command.reason = tag->reason;
		command_take(c, &e);
	}
	phrase_text(why, sizeof why, PHRASE_TAKEN_OUT, target_id(c->site, target_of(tag)), tag->by,
		tag->reason, NULL);
	halt_begun(c, target_of(tag), why);
}

static void accept(struct core *c, struct command *cmd, int64_t confirm_us)
{
	char why[96] = "";
	int err = 0;

	if (!wide_check(c, cmd, &err, why, sizeof why)) {
		err = effect_check(c, cmd, why, sizeof why);
	}
	if (err == 0 && confirm_us > 0) {
		err = trial_check(c, cmd, why, sizeof why);
	}
	if (err != 0) {
		fail(c, cmd, err, why);
		return;
	}
	trial_begin(c, cmd, confirm_us);
	if (cmd->wide) {
		cmd->state = CMD_READ_BACK;
		if (wide_accept(c, cmd)) {
			end_command(c, cmd, CMD_VERIFIED, 0,
				cmd->verb == VERB_STOP ? phrase_plain(PHRASE_NOTHING_CHARGED) : "");
		}
		return;
	}
	if (cmd->verb == VERB_STOP && cmd->kind == TGT_PILE) {
		halt_set(c, target_of(cmd), cmd->by, cmd->reason);
	}
	switch ((enum verb)cmd->verb) {
	case VERB_START:
		halt_release(c, (struct target){TGT_GUN, cmd->on_index}, cmd->by);
		if (gun_of(c->site, cmd->on_index)->state == GUN_CHARGING) {
			end_command(c, cmd, CMD_VERIFIED, 0, phrase_plain(PHRASE_CHARGED_ALREADY));
		}
		break;
	case VERB_STOP:
		accept_stop(c, cmd);
		break;
	case VERB_LIMIT:
		supersede(c, cmd);
		break;
	case VERB_DEPART:
	case VERB_WANT:
		wish_take(c, cmd);
		end_command(c, cmd, CMD_VERIFIED, 0, "");
		break;
	case VERB_TAG:
		tag_set(c, target_of(cmd), cmd->by, cmd->reason);
		stop_tagged(c, cmd);
		cmd->state = CMD_READ_BACK;
		break;
	case VERB_UNTAG:
		tag_set(c, target_of(cmd), "", "");
		end_command(c, cmd, CMD_VERIFIED, 0, "");
		break;
	case VERB_RELEASE:
		stop_release(c, target_of(cmd));
		halt_release(c, target_of(cmd), cmd->by);
		end_command(c, cmd, CMD_VERIFIED, 0, "");
		break;
	case VERB_UNLOCK:
	case VERB_REBOOT:
	case VERB_CLOCK:
	case VERB_COUNT_:
		break;
	}
}

static void fill(struct core *c, struct command *cmd, const struct event *e)
{
	int64_t life = e->command.expires_us;
	int64_t seq = ++c->site->h.next_seq;

	memset(cmd, 0, sizeof *cmd);
	cmd->seq = seq;
	if (e->command.id != NULL && e->command.id[0] != '\0') {
		view_set_text(cmd->id, sizeof cmd->id, e->command.id);
	} else {
		core_text(cmd->id, sizeof cmd->id, "cmd-%lld-%lld", (long long)c->now.wall.ms,
			(long long)seq);
	}
	view_set_text(cmd->by, sizeof cmd->by, e->command.by == NULL ? "" : e->command.by);
	view_set_text(cmd->origin, sizeof cmd->origin,
		e->command.origin == NULL ? "" : e->command.origin);
	view_set_text(cmd->reason, sizeof cmd->reason,
		e->command.reason == NULL ? "" : e->command.reason);
	cmd->value = verb_takes_value[e->command.verb] ? e->command.value : VALUE_NONE;
	cmd->want = VALUE_NONE;
	cmd->verb = (uint8_t)e->command.verb;
	cmd->parent = e->command.parent;
	set_target(cmd, e->command.target);
	cmd->asked_us = c->now.mono.us;
	cmd->asked_ms = c->now.wall.ms;
	if (life <= 0 || life > INT64_C(86400) * US_PER_S) {
		life = c->site->cfg.command_timeout_us;
	}
	cmd->deadline_us = c->now.mono.us + life;
	cmd->dirty = 1;
	c->site->h.active++;
}

static void tell(struct core *c, struct command *cmd)
{
	command_view(c->site, cmd, &core_emit(c, ACT_COMMAND)->command);
	cmd->dirty = 0;
}

void command_take(struct core *c, const struct event *e)
{
	struct command *cmd = NULL, refused;

	if ((unsigned)e->command.verb >= VERB_COUNT_ || !target_valid(c->site, e->command.target)) {
		c->site->h.odd++;
		return;
	}
	if (e->command.id != NULL && e->command.id[0] != '\0') {
		cmd = command_by_id(c->site, e->command.id);
	}
	if (cmd != NULL) {
		cmd->dirty = 1; /* asked again: tell again */
		return;
	}
	cmd = slot(c->site);
	if (cmd == NULL) {
		if (core_room(c, COMMAND_ROOM)) {
			fill(c, &refused, e);
			fail(c, &refused, ERR_FULL, phrase_plain(PHRASE_COMMANDS_FULL));
			tell(c, &refused);
		}
		return;
	}
	fill(c, cmd, e);
	if (e->command.target.kind == TGT_GUN) {
		gun_of(c->site, e->command.target.index)->last_command = cmd->seq;
	}
	accept(c, cmd, e->command.confirm_us);
}

void command_written(struct core *c, const struct event *e)
{
	for (size_t i = 0; i < c->site->h.command_count; i++) {
		struct command *cmd = command_of(c->site, i);

		if (cmd->seq == 0 || cmd->ended || cmd->token != e->written.token ||
			cmd->sent_us == 0) {
			continue;
		}
		if (e->written.err != 0) {
			fail(c, cmd, e->written.err, err_text(e->written.err));
			return;
		}
		cmd->answered = 1;
		cmd->answered_us = e->written.at.us;
		if (cmd->verb != VERB_LIMIT || !e->written.has_read_back) {
			return;
		}
		if (!effect_reads_as(cmd, e->written.read_back)) {
			char why[80];

			phrase_text(why, sizeof why, PHRASE_LIMIT_READS, PHRASE_INT(cmd->want),
				PHRASE_INT(e->written.read_back), NULL);
			fail(c, cmd, ERR_REFUSED, why);
			return;
		}
		effect_read_back(c, cmd);
		return;
	}
	c->site->h.odd++;
}

/* A start waits while the same gun is being stopped, unlocked or its pile rebooted. */
static bool blocked(const struct site *site, const struct command *cmd)
{
	if (cmd->verb != VERB_START) {
		return false;
	}
	for (size_t i = 0; i < site->h.command_count; i++) {
		const struct command *other = command_of(site, i);

		if (other->seq == 0 || other->ended || other->seq > cmd->seq) {
			continue;
		}
		if ((other->verb == VERB_STOP || other->verb == VERB_UNLOCK) &&
			other->on_index == cmd->on_index) {
			return true;
		}
		if (other->verb == VERB_REBOOT &&
			other->on_index == gun_cfg(site, cmd->on_index)->pile) {
			return true;
		}
	}
	return false;
}

static void send(struct core *c, struct command *cmd)
{
	struct action *a = core_emit(c, ACT_WRITE);

	if (cmd->verb == VERB_CLOCK) {
		cmd->want = c->now.wall.ms / MS_PER_S;
	}
	cmd->token = ++c->site->h.next_token;
	cmd->state = CMD_SENT;
	cmd->sent_us = c->now.mono.us;
	cmd->sent_ms = c->now.wall.ms;
	cmd->dirty = 1;
	if (cmd->verb == VERB_STOP) {
		gun_of(c->site, cmd->on_index)->stop_asked = 1;
	} else if (cmd->verb == VERB_START) {
		gun_of(c->site, cmd->on_index)->stop_asked = 0;
	}
	a->write.token = cmd->token;
	a->write.target = (struct target){cmd->on_kind, cmd->on_index};
	a->write.point = cmd->point;
	a->write.value = cmd->want;
	core_poll(c, (enum target_kind)cmd->on_kind, cmd->on_index);
}

/* The commands that it gave have its deadline, and the word. */
#define MEMBERS_US (2 * US_PER_S)

static void step_wide(struct core *c, struct command *cmd)
{
	char why[64];
	int seen = wide_seen(c, cmd, why, sizeof why);

	if (seen > 0) {
		end_command(c, cmd, CMD_VERIFIED, 0, why);
	} else if (seen < 0) {
		fail(c, cmd, ERR_TIMEOUT, why);
	} else if (c->now.mono.us >= cmd->deadline_us + MEMBERS_US) {
		fail(c, cmd, ERR_TIMEOUT, phrase_plain(PHRASE_NO_EFFECT));
	}
}

static void step(struct core *c, struct command *cmd)
{
	bool late = c->now.mono.us >= cmd->deadline_us;

	if (cmd->wide) {
		step_wide(c, cmd);
		return;
	}
	if (cmd->state == CMD_QUEUED) {
		if (late) {
			end_command(c, cmd, CMD_EXPIRED, ERR_EXPIRED, "");
		} else if (!blocked(c->site, cmd)) {
			send(c, cmd);
		}
		return;
	}
	if (cmd->answered && !cmd->read_back && effect_taken(c, cmd)) {
		effect_read_back(c, cmd);
	}
	if (cmd->read_back && cmd->state == CMD_SENT) {
		cmd->state = CMD_READ_BACK;
		cmd->dirty = 1;
	}
	if (effect_seen(c, cmd)) {
		end_command(c, cmd, CMD_VERIFIED, 0, "");
	} else if (late) {
		effect_missed(c, cmd);
		fail(c, cmd, ERR_TIMEOUT,
			cmd->answered ? phrase_plain(PHRASE_NO_EFFECT)
				      : phrase_plain(PHRASE_NO_ANSWER));
	}
}

void command_step(struct core *c)
{
	const struct site *site = c->site;

	for (size_t i = 0; i < site->h.command_count; i++) {
		struct command *cmd = command_of(site, i);

		if (cmd->seq == 0 || (cmd->ended && !cmd->dirty)) {
			continue;
		}
		if (!core_room(c, COMMAND_ROOM)) {
			return;
		}
		if (!cmd->ended) {
			step(c, cmd);
		}
		if (cmd->dirty) {
			tell(c, cmd);
		}
	}
}

#define ASKED_US (300 * US_PER_S)

bool command_started_by(
	const struct site *site, uint16_t gun, struct moment now, char *by, size_t size)
{
	const struct command *newest = NULL;

	for (size_t i = 0; i < site->h.command_count; i++) {
		const struct command *cmd = command_of(site, i);

		if (cmd->seq != 0 && cmd->verb == VERB_START && cmd->on_index == gun &&
			cmd->sent_us != 0 && now.mono.us - cmd->sent_us < ASKED_US &&
			cmd->state != CMD_FAILED && (newest == NULL || cmd->seq > newest->seq)) {
			newest = cmd;
		}
	}
	if (newest != NULL) {
		view_set_text(by, size, newest->by);
		return true;
	}
	if (auth_last(site, gun, now.mono)[0] != '\0') {
		auth_who(site, gun, now.mono, by, size);
		return true;
	}
	return false;
}
