#include "effect.h"

#include "alarm.h"
#include "command.h"
#include "equip.h"
#include "gun.h"
#include "halt.h"
#include "manage.h"
#include "order.h"
#include "reserve.h"
#include "stop.h"
#include "tag.h"
#include "watch.h"
#include "wish.h"

#define CLOCK_SLACK_S 5

static bool writable(const struct pile_cfg *pile, enum point p)
{
	return (pile->writable >> (p - PT_START) & 1) != 0;
}

/* The verbs of a gun may name a pile that has one gun only. */
static int to_gun(const struct core *c, struct command *cmd, char *why, size_t size)
{
	const struct pile_cfg *pile;

	if (cmd->kind == TGT_GUN) {
		return 0;
	}
	if (cmd->kind == TGT_PILE) {
		pile = pile_cfg(c->site, cmd->index);
		if (pile->gun_count == 1) {
			cmd->on_kind = TGT_GUN;
			cmd->on_index = pile->first_gun;
			return 0;
		}
	}
	phrase_text(why, size, PHRASE_NAME_GUN, NULL);
	return ERR_INVAL;
}

/* The verbs of a pile concern all its guns: one of several guns does not stand for it. */
static int to_pile(const struct core *c, struct command *cmd, char *why, size_t size)
{
	if (cmd->kind == TGT_GUN &&
		pile_cfg(c->site, gun_cfg(c->site, cmd->index)->pile)->gun_count == 1) {
		cmd->on_kind = TGT_PILE;
		cmd->on_index = gun_cfg(c->site, cmd->index)->pile;
		return 0;
	}
	if (cmd->kind == TGT_PILE) {
		return 0;
	}
	phrase_text(why, size, PHRASE_NAME_PILE, NULL);
	return ERR_INVAL;
}

static int check_start(const struct core *c, struct command *cmd, char *why, size_t size)
{
	uint16_t i = cmd->on_index;
	const struct gun *g = gun_of(c->site, i);
	const struct tag *tag = tag_on_gun(c->site, i);
	const char *held;

	if (tag != NULL) {
		phrase_text(why, size, PHRASE_OUT_OF_SERVICE, tag->by, tag->reason, NULL);
		return ERR_STATE;
	}
	/* An order was let in, or came first. */
	held = order_open(c->site, i) ? NULL : reserve_keeps_out(c->site, i, "", c->now.wall.ms);
	if (held != NULL) {
		phrase_text(why, size, PHRASE_RESERVED, held, NULL);
		return ERR_RESERVED;
	}
	if (!order_allows_start(c->site, i)) {
		phrase_text(why, size, PHRASE_BILLS, NULL);
		return ERR_STATE;
	}
	switch ((enum gun_state)g->state) {
	case GUN_PLUGGED:
	case GUN_CHARGING:
	case GUN_SUSPENDED:
	case GUN_FINISHED:
	case GUN_RESERVED:
		break;
	case GUN_IDLE:
		phrase_text(why, size, PHRASE_NO_CAR, NULL);
		return ERR_STATE;
	case GUN_UNKNOWN:
	case GUN_OFFLINE:
	case GUN_FAULT:
	case GUN_COUNT_:
		phrase_text(why, size, g->state == GUN_FAULT ? PHRASE_GUN_FAULT : PHRASE_GUN_SILENT,
			NULL);
		return ERR_STATE;
	}
	return 0;
}

static int check_limit(const struct core *c, struct command *cmd, char *why, size_t size)
{
	const struct pile_cfg *pile;
	const struct gun_cfg *gun;
	int64_t most, least, w = cmd->value;

	if (cmd->kind != TGT_GUN && cmd->kind != TGT_PILE) {
		phrase_text(why, size, PHRASE_NAME_EITHER, NULL);
		return ERR_INVAL;
	}
	pile = pile_cfg(
		c->site, cmd->kind == TGT_GUN ? gun_cfg(c->site, cmd->index)->pile : cmd->index);
	if (pile->gun_count == 1) {
		cmd->on_kind = pile->limit_per_pile ? TGT_PILE : TGT_GUN;
		cmd->on_index = pile->limit_per_pile ? gun_cfg(c->site, pile->first_gun)->pile
						     : pile->first_gun;
	} else if ((cmd->kind == TGT_PILE) != pile->limit_per_pile) {
		phrase_text(why, size, pile->limit_per_pile ? PHRASE_LIMIT_PILE : PHRASE_LIMIT_GUN,
			NULL);
		return ERR_UNSUPPORTED;
	}
	if ((!pile->limit_w && !pile->limit_ma) || pile->gun_count == 0) {
		phrase_text(why, size, PHRASE_LIMIT_NONE, NULL);
		return ERR_UNSUPPORTED;
	}
	gun = gun_cfg(c->site, cmd->on_kind == TGT_GUN ? cmd->on_index : pile->first_gun);
	most = cmd->on_kind == TGT_GUN ? gun->max_w : pile->rated_w;
	least = gun->min_w;
	if (w != VALUE_NONE &&
		(w < 0 || w > SITE_POWER_MAX_W || (most > 0 && w > most) || (w > 0 && w < least))) {
		phrase_text(why, size, PHRASE_LIMIT_RANGE, PHRASE_INT(w), PHRASE_INT(least),
			PHRASE_INT(most), NULL);
		return ERR_RANGE;
	}
	cmd->want = w == VALUE_NONE ? most : w;
	if (cmd->on_kind == TGT_GUN && cmd->want > manage_grant_w(c->site, cmd->on_index)) {
		/* Load management gives it less now; what is asked bounds what it will give. */
		cmd->want = manage_grant_w(c->site, cmd->on_index);
	}
	if (cmd->on_kind == TGT_PILE && cmd->want > manage_pile_w(c->site, cmd->on_index)) {
		cmd->want = manage_pile_w(c->site, cmd->on_index);
	}
	cmd->point = PT_LIMIT_W;
	if (!pile->limit_w) {
		cmd->point = PT_LIMIT_MA;
		cmd->want = command_limit_ma(gun, cmd->want);
		if (w == VALUE_NONE) {
			cmd->want = (cmd->want + 999) / 1000 * 1000;
		}
	}
	return 0;
}

static int check_tag(const struct core *c, const struct command *cmd, char *why, size_t size)
{
	const struct tag *tag = tag_of(c->site, (struct target){cmd->kind, cmd->index});
	const char *input = "";
	bool held, active;

	if (tag == NULL) {
		phrase_text(why, size, PHRASE_TAG_WHAT, NULL);
		return ERR_INVAL;
	}
	if (cmd->verb == VERB_TAG && (cmd->by[0] == '\0' || cmd->reason[0] == '\0')) {
		phrase_text(why, size, PHRASE_TAG_WHO, NULL);
		return ERR_INVAL;
	}
	held = stop_holds(c->site, (struct target){cmd->kind, cmd->index}, &active, &input);
	if (cmd->verb == VERB_RELEASE) {
		if (!held && !halt_holds(c->site, (struct target){cmd->kind, cmd->index})) {
			phrase_text(why, size, PHRASE_HELD_NOT, NULL);
			return ERR_STATE;
		}
		if (active) {
			phrase_text(why, size, PHRASE_INPUT_ACTIVE, input, NULL);
			return ERR_STATE;
		}
		if (cmd->by[0] == '\0' || cmd->reason[0] == '\0') {
			phrase_text(why, size, PHRASE_RELEASE_WHO, NULL);
			return ERR_INVAL;
		}
		return 0;
	}
	if (cmd->verb == VERB_UNTAG && held) {
		phrase_text(why, size, PHRASE_INPUT_HOLDS, input, NULL);
		return ERR_STATE;
	}
	if (cmd->verb == VERB_UNTAG && !tag->on) {
		phrase_text(why, size, PHRASE_TAG_NOT, NULL);
		return ERR_STATE;
	}
	return 0;
}

int effect_check(const struct core *c, struct command *cmd, char *why, size_t size)
{
	static const struct {
		bool pile;
		enum point point;
	} writes[VERB_COUNT_] = {
		[VERB_START] = {false, PT_START},
		[VERB_STOP] = {false, PT_STOP},
		[VERB_UNLOCK] = {false, PT_UNLOCK},
		[VERB_REBOOT] = {true, PT_REBOOT},
		[VERB_CLOCK] = {true, PT_CLOCK_SET},
	};
	enum verb verb = (enum verb)cmd->verb;
	uint16_t pile;
	int err;

	if (verb == VERB_LIMIT) {
		return check_limit(c, cmd, why, size);
	}
	if (verb == VERB_TAG || verb == VERB_UNTAG || verb == VERB_RELEASE) {
		return check_tag(c, cmd, why, size);
	}
	err = writes[verb].pile ? to_pile(c, cmd, why, size) : to_gun(c, cmd, why, size);
	if (err != 0) {
		return err;
	}
	if (verb == VERB_DEPART || verb == VERB_WANT) {
		return wish_check(c, cmd, why, size);
	}
	pile = cmd->on_kind == TGT_PILE ? cmd->on_index : gun_cfg(c->site, cmd->on_index)->pile;
	if (!writable(pile_cfg(c->site, pile), writes[verb].point)) {
		phrase_text(why, size, PHRASE_UNABLE, NULL);
		return ERR_UNSUPPORTED;
	}
	cmd->point = (uint16_t)writes[verb].point;
	cmd->want = 1;
	return verb == VERB_START ? check_start(c, cmd, why, size) : 0;
}

bool effect_same_limit(int64_t want, int64_t value)
{
	return value <= want && value >= want - want / 20;
}

bool effect_reads_as(const struct command *cmd, int64_t value)
{
	return effect_same_limit(cmd->want, value);
}

/* The cells of what the command is written to. */
static const struct cells *cells_of(const struct core *c, const struct command *cmd)
{
	return cmd->on_kind == TGT_GUN ? &gun_of(c->site, cmd->on_index)->cells
				       : &pile_of(c->site, cmd->on_index)->cells;
}

/* A good value that was read after the device answered. */
static bool read_after(const struct cells *cells, enum point p, int64_t us, int64_t *value)
{
	return cells->cell[p].at_us > us && cells_good(cells, p, value);
}

bool effect_taken(const struct core *c, const struct command *cmd)
{
	const struct cells *cells = cells_of(c, cmd);
	int64_t v;

	if (cmd->verb == VERB_LIMIT && cells->quality[cmd->point] != Q_NONE) {
		return read_after(cells, (enum point)cmd->point, cmd->answered_us, &v) &&
		       effect_reads_as(cmd, v);
	}
	return true;
}

void effect_read_back(struct core *c, struct command *cmd)
{
	cmd->read_back = 1;
	cmd->read_back_ms = c->now.wall.ms;
	cmd->dirty = 1;
	if (cmd->verb == VERB_LIMIT && cmd->on_kind == TGT_GUN) {
		gun_of(c->site, cmd->on_index)->limit_w = cmd->value;
		gun_of(c->site, cmd->on_index)->over_us = 0;
	} else if (cmd->verb == VERB_LIMIT) {
		pile_of(c->site, cmd->on_index)->limit_w = cmd->value;
	}
}

static bool start_seen(const struct core *c, const struct command *cmd)
{
	const struct gun *g = gun_of(c->site, cmd->on_index);

	return g->state == GUN_CHARGING && g->state_us > cmd->sent_us;
}

static bool stop_seen(const struct core *c, const struct command *cmd)
{
	const struct gun *g = gun_of(c->site, cmd->on_index);
	int64_t w;

	if (read_after(&g->cells, PT_POWER, cmd->sent_us, &w) && gun_flows(c, cmd->on_index) == 0) {
		return cmd->answered;
	}
	switch ((enum gun_state)g->state) {
	case GUN_IDLE:
	case GUN_PLUGGED:
	case GUN_FINISHED:
	case GUN_RESERVED:
	case GUN_FAULT:
		return g->state_us > cmd->sent_us && gun_flows(c, cmd->on_index) != 1;
	case GUN_UNKNOWN:
	case GUN_OFFLINE:
	case GUN_CHARGING:
	case GUN_SUSPENDED:
	case GUN_COUNT_:
		break;
	}
	return false;
}

/* Every gun concerned that charges draws, all together, no more than the limit. */
static bool limit_seen(const struct core *c, const struct command *cmd)
{
	uint16_t first = cmd->on_index, count = 1;
	int64_t sum = 0, w, limit = cmd->value;

	if (!cmd->read_back) {
		return false;
	}
	if (cmd->on_kind == TGT_PILE) {
		first = pile_cfg(c->site, cmd->on_index)->first_gun;
		count = pile_cfg(c->site, cmd->on_index)->gun_count;
	}
	for (uint16_t i = first; i < first + count; i++) {
		const struct gun *g = gun_of(c->site, i);

		if (g->state == GUN_OFFLINE || g->state == GUN_UNKNOWN) {
			return false;
		}
		if (g->state != GUN_CHARGING) {
			continue;
		}
		if (!read_after(&g->cells, PT_POWER, cmd->answered_us, &w)) {
			/* A gun that gives no power can be judged by the read-back only. */
			if (g->cells.quality[PT_POWER] != Q_NONE) {
				return false;
			}
			w = 0;
		}
		sum += w;
	}
	return limit == VALUE_NONE || sum <= limit + OBEY_SLACK_W(limit);
}

static bool tag_seen(const struct core *c, const struct command *cmd)
{
	struct target t = {cmd->kind, cmd->index};

	for (uint16_t i = 0; i < c->site->cfg.gun_count; i++) {
		const struct gun *g = gun_of(c->site, i);

		if (tag_covers(c->site, t, i) &&
			(g->state == GUN_CHARGING ||
				(g->state == GUN_OFFLINE && g->session.phase == SESSION_OPEN))) {
			return false;
		}
	}
	return true;
}

bool effect_seen(const struct core *c, const struct command *cmd)
{
	const struct dev *pile;
	int64_t v;

	switch ((enum verb)cmd->verb) {
	case VERB_START:
		return start_seen(c, cmd);
	case VERB_STOP:
		return stop_seen(c, cmd);
	case VERB_LIMIT:
		return limit_seen(c, cmd);
	case VERB_UNLOCK:
		return cmd->answered;
	case VERB_REBOOT:
		pile = pile_of(c->site, cmd->on_index);
		return pile->cells.quality[PT_UPTIME] == Q_NONE ? cmd->answered
								: pile->reboot_us > cmd->sent_us;
	case VERB_CLOCK:
		pile = pile_of(c->site, cmd->on_index);
		if (!cmd->answered || pile->cells.quality[PT_CLOCK] == Q_NONE) {
			return cmd->answered;
		}
		return read_after(&pile->cells, PT_CLOCK, cmd->answered_us, &v) &&
		       v >= c->now.wall.ms / MS_PER_S - CLOCK_SLACK_S &&
		       v <= c->now.wall.ms / MS_PER_S + CLOCK_SLACK_S;
	case VERB_TAG:
		return tag_seen(c, cmd);
	case VERB_UNTAG:
	case VERB_RELEASE:
	case VERB_DEPART:
	case VERB_WANT:
	case VERB_COUNT_:
		break;
	}
	return true;
}

void effect_missed(struct core *c, const struct command *cmd)
{
	char detail[80];
	bool limit = cmd->verb == VERB_LIMIT && cmd->on_kind == TGT_GUN && cmd->answered;

	if (!limit && (cmd->verb != VERB_STOP || !cmd->answered)) {
		return;
	}
	core_text(detail, sizeof detail, "%s without effect: command %s", limit ? "limit" : "stop",
		cmd->id);
	alarm_gun(c, cmd->on_index, OBEY_FAULT, FAULT_NOT_OBEYING, detail);
}
