#include "wide.h"

#include "command.h"
#include "halt.h"
#include "order.h"
#include "slimit.h"
#include "tag.h"

static struct target target_of(const struct command *cmd)
{
	return (struct target){cmd->kind, cmd->index};
}

static bool writable(const struct site *site, uint16_t pile, enum point p)
{
	return (pile_cfg(site, pile)->writable >> (p - PT_START) & 1) != 0;
}

static bool covers_pile(const struct site *site, struct target t, uint16_t pile)
{
	const struct pile_cfg *cfg = pile_cfg(site, pile);

	return cfg->gun_count > 0 && tag_covers(site, t, cfg->first_gun);
}

bool wide_charges(const struct site *site, uint16_t gun)
{
	const struct gun *g = gun_of(site, gun);

	return g->session.phase == SESSION_OPEN || g->state == GUN_CHARGING ||
	       command_will_start(site, gun) || order_starts(site, gun);
}

bool wide_check(const struct core *c, struct command *cmd, int *err, char *why, size_t size)
{
	bool above = cmd->kind == TGT_SITE || cmd->kind == TGT_FEEDER;
	bool many = cmd->kind == TGT_PILE && pile_cfg(c->site, cmd->index)->gun_count > 1;

	*err = 0;
	switch ((enum verb)cmd->verb) {
	case VERB_STOP:
		cmd->wide = above || many;
		break;
	case VERB_REBOOT:
		cmd->wide = above;
		break;
	case VERB_LIMIT:
		cmd->wide = above;
		*err = above ? slimit_check(c->site, target_of(cmd), cmd->value, why, size) : 0;
		break;
	default: /* for one device, or wide in themselves: tags */
		break;
	}
	return cmd->wide != 0;
}

static void give(struct core *c, struct command *cmd, struct target target)
{
	struct event e = {.kind = EV_COMMAND, .now = c->now};
	char id[40];

	core_text(id, sizeof id, "w%llx.%llx-%s", (long long)c->now.wall.ms, (long long)cmd->seq,
		target_id(c->site, target));
	e.command.verb = (enum verb)cmd->verb;
	e.command.target = target;
	e.command.value = VALUE_NONE;
	e.command.id = id;
	e.command.by = cmd->by;
	e.command.origin = cmd->origin;
	e.command.reason = cmd->reason;
	e.command.expires_us = cmd->deadline_us - c->now.mono.us;
	e.command.parent = cmd->seq;
	cmd->members++;
	cmd->left++;
	command_take(c, &e);
}

static void stop_guns(struct core *c, struct command *cmd)
{
	for (uint16_t i = 0; i < c->site->cfg.gun_count; i++) {
		if (tag_covers(c->site, target_of(cmd), i) && wide_charges(c->site, i)) {
			give(c, cmd, (struct target){TGT_GUN, i});
		}
	}
}

static void reboot_piles(struct core *c, struct command *cmd)
{
	for (uint16_t i = 0; i < c->site->cfg.pile_count; i++) {
		if (covers_pile(c->site, target_of(cmd), i) && writable(c->site, i, PT_REBOOT)) {
			give(c, cmd, (struct target){TGT_PILE, i});
		}
	}
}

bool wide_accept(struct core *c, struct command *cmd)
{
	if (cmd->verb == VERB_LIMIT) {
		slimit_command(c, target_of(cmd), cmd);
		return cmd->value == VALUE_NONE;
	}
	if (cmd->verb == VERB_STOP) {
		stop_guns(c, cmd);
		halt_set(c, target_of(cmd), cmd->by, cmd->reason);
	} else {
		reboot_piles(c, cmd);
	}
	return cmd->members == 0;
}

void wide_member_ended(struct core *c, const struct command *member, bool good)
{
	for (size_t i = 0; member->parent != 0 && i < c->site->h.command_count; i++) {
		struct command *cmd = command_of(c->site, i);

		if (cmd->seq == member->parent && cmd->left > 0) {
			cmd->left--;
			cmd->lost += !good;
		}
	}
}

int wide_seen(const struct core *c, const struct command *cmd, char *why, size_t size)
{
	why[0] = '\0';
	if (cmd->verb == VERB_LIMIT) {
		return slimit_obeyed(c->site, target_of(cmd)) ? 1 : 0;
	}
	if (cmd->left > 0) {
		return 0;
	}
	if (cmd->lost == 0) {
		phrase_text(why, size, cmd->verb == VERB_STOP ? PHRASE_GUNS : PHRASE_PILES,
			PHRASE_INT(cmd->members), NULL);
		return 1;
	}
	phrase_text(why, size, PHRASE_WITHOUT_EFFECT, PHRASE_INT(cmd->lost),
		PHRASE_INT(cmd->members), NULL);
	return -1;
}
