/* What a pile does when the agent is lost, and whether the site's limits bear it. */
#include <string.h>

#include "internal.h"
#include "core/command.h"

const char *const config_loss_words[] = {[LOSS_NONE] = "none",
	[LOSS_FAILSAFE] = "failsafe",
	[LOSS_STOP] = "stop",
	[LOSS_HOLD] = "hold",
	NULL};

#define WATCHDOG_S     30
#define WATCHDOG_MAX_S 3600
/* A watchdog that fires while all is well is worse than none: so many polls fit into it. */
#define POLLS_A_WATCHDOG 3

static bool writes_failsafe(const struct profile *profile)
{
	return profile_writes(profile, PT_FAILSAFE_W) || profile_writes(profile, PT_FAILSAFE_MA);
}

/* Has it a watchdog and a power that this falls to? */
static bool can_fall(const struct profile *profile)
{
	return writes_failsafe(profile) && (profile_writes(profile, PT_WATCHDOG_S) ||
						   profile_info(profile)->watchdog_s != VALUE_NONE);
}

static int gun_that_writes(const struct profile *profile, enum point p)
{
	return profile_writes_gun(profile, 0, p) ? 0 : 1;
}

static bool can_write(const struct config_pile *p, enum point point, int64_t value)
{
	struct plan_write write;

	return profile_write(
		       p->profile, gun_that_writes(p->profile, point), point, value, &write) == 0;
}

/* What a register will hold; an error where it cannot hold it. */
static bool held_by(struct config_reader *r, const struct yaml_node *map, const char *key,
	const struct config_pile *p, enum point point, int64_t value, int64_t *held)
{
	const struct yaml_node *node = yaml_get(r->doc, map, key);

	if (can_write(p, point, value) &&
		profile_round(p->profile, gun_that_writes(p->profile, point), point, value, held) ==
			0) {
		return true;
	}
	yaml_error(r->doc, node != NULL ? node : map,
		"'%s' of %s: profile %s cannot write %lld to %s: give another value, or "
		"'on_agent_loss: hold'",
		key, p->id, profile_info(p->profile)->name, (long long)value,
		point_info(point)->name);
	return false;
}

static void read_watchdog(
	struct config_reader *r, const struct yaml_node *map, struct config_pile *p)
{
	int64_t own_s = profile_info(p->profile)->watchdog_s;
	bool set = profile_writes(p->profile, PT_WATCHDOG_S);
	const struct yaml_node *node = yaml_get(r->doc, map, "watchdog");

	yaml_quantity(r->doc, map, "watchdog", UNIT_S, 1, WATCHDOG_MAX_S, set ? WATCHDOG_S : own_s,
		&p->loss.watchdog_s);
	if (!set && p->loss.watchdog_s != own_s) {
		yaml_error(r->doc, node, "'watchdog': that of %s is fixed at %lld s", p->id,
			(long long)own_s);
	} else if (set) {
		held_by(r, map, "watchdog", p, PT_WATCHDOG_S, p->loss.watchdog_s,
			&p->loss.watchdog_s);
	}
	if (p->loss.watchdog_s * US_PER_S < POLLS_A_WATCHDOG * p->fast_us) {
		yaml_error(r->doc, node != NULL ? node : map,
			"'watchdog': %lld s is less than %d polls of %s: it would fire while all "
			"is well",
			(long long)p->loss.watchdog_s, POLLS_A_WATCHDOG, p->id);
	}
}

static int64_t as_register(const struct gun_cfg *gun, const struct config_loss *loss)
{
	return loss->point == PT_FAILSAFE_W ? loss->failsafe_w
					    : command_limit_ma(gun, loss->failsafe_w);
}

static void read_failsafe(
	struct config_reader *r, const struct yaml_node *map, struct config_pile *p)
{
	struct gun_cfg gun = {.phases = p->phases};
	struct config_loss *loss = &p->loss;
	int64_t value;

	loss->point = profile_writes(p->profile, PT_FAILSAFE_W) ? PT_FAILSAFE_W : PT_FAILSAFE_MA;
	loss->failsafe_w = 0;
	if (loss->kind == LOSS_FAILSAFE) {
		yaml_quantity(
			r->doc, map, "failsafe", UNIT_W, 0, p->max_w, p->min_w, &loss->failsafe_w);
	} else if (yaml_get(r->doc, map, "failsafe") != NULL) {
		yaml_error(r->doc, yaml_get(r->doc, map, "failsafe"),
			"'failsafe' is for 'on_agent_loss: failsafe'");
	}
	value = as_register(&gun, loss);
	if (yaml_get(r->doc, map, "failsafe") == NULL && !can_write(p, loss->point, value)) {
		/* Where the least that it can do is no fail-safe for its register, it stops. */
		value = loss->failsafe_w = 0;
	}
	if (held_by(r, map, "failsafe", p, loss->point, value, &loss->value)) {
		loss->failsafe_w = loss->point == PT_FAILSAFE_W
					   ? loss->value
					   : command_limit_w(&gun, loss->value);
	}
}

void config_read_loss(struct config_reader *r, const struct yaml_node *map, struct config_pile *p)
{
	const struct yaml_node *node = yaml_get(r->doc, map, "on_agent_loss");
	bool can = can_fall(p->profile);
	int word;

	p->loss = (struct config_loss){.point = PT_FAILSAFE_W};
	yaml_word(r->doc, map, "on_agent_loss", config_loss_words,
		r->config->load.managed && can ? LOSS_FAILSAFE : LOSS_NONE, &word);
	p->loss.kind = (enum agent_loss)word;
	if (p->loss.kind == LOSS_NONE && r->config->load.managed) {
		yaml_error(r->doc, node != NULL ? node : map,
			"%s: profile %s %s: under load management it needs 'on_agent_loss: "
			"hold'%s, which accepts that it keeps its last grant when the agent is "
			"lost",
			p->id, profile_info(p->profile)->name,
			can ? "can fall to a fail-safe power"
			    : "has no watchdog with a fail-safe power to write",
			can ? " or 'failsafe'" : "");
	}
	if (p->loss.kind == LOSS_FAILSAFE || p->loss.kind == LOSS_STOP) {
		if (!can) {
			yaml_error(r->doc, node,
				"'on_agent_loss': profile %s has no watchdog with a fail-safe "
				"power to write: allowed is hold",
				profile_info(p->profile)->name);
			return;
		}
		read_watchdog(r, map, p);
		read_failsafe(r, map, p);
		return;
	}
	for (size_t i = 0; i < 2; i++) {
		static const char *const keys[] = {"watchdog", "failsafe"};
		const struct yaml_node *odd = yaml_get(r->doc, map, keys[i]);

		if (odd != NULL) {
			yaml_error(r->doc, odd,
				"'%s' is for 'on_agent_loss: failsafe', and for load management",
				keys[i]);
		}
	}
}

void config_print_loss(const struct config_pile *p, FILE *out)
{
	if (p->loss.kind == LOSS_NONE) {
		return;
	}
	fprintf(out, "    on_agent_loss: %s\n", config_loss_words[p->loss.kind]);
	if (p->loss.kind == LOSS_FAILSAFE || p->loss.kind == LOSS_STOP) {
		fprintf(out, "    watchdog: %lld s\n", (long long)p->loss.watchdog_s);
	}
	if (p->loss.kind == LOSS_FAILSAFE) {
		fprintf(out, "    failsafe: %lld W\n", (long long)p->loss.failsafe_w);
	}
}

/* ---- Does what remains fit? ---- */

/* What the pile may go on to take: apparent power in all, and on each line of the site. */
static void add_remaining(const struct config_pile *p, int64_t va[ALLOC_LIMITS])
{
	bool dc = profile_info(p->profile)->kind == DEVICE_DC_PILE;
	int64_t gun_w = p->loss.kind == LOSS_HOLD ? p->max_w : p->loss.failsafe_w;
	int64_t w = gun_w * p->guns, sum;
	int lines = 0, on[ALLOC_PHASES] = {0};

	w = w < p->rated_w ? w : p->rated_w;
	sum = (w * (dc ? VA_PM_DC : VA_PM_AC) + 999) / 1000;
	for (int k = 0; k < ALLOC_PHASES; k++) {
		if (p->phases == 0 || p->phases >> k & 1) {
			on[(k + p->phase_of_l1) % ALLOC_PHASES] = 1;
			lines++;
		}
	}
	for (int k = 0; k < ALLOC_PHASES; k++) {
		va[k] += on[k] ? (sum + lines - 1) / lines : 0;
	}
	va[ALLOC_SUM] += sum;
}

static void check_node(const struct config_reader *r, const struct yaml_node *node, const char *id,
	const int64_t remaining[ALLOC_LIMITS], const int64_t other[ALLOC_LIMITS],
	const int64_t limit[ALLOC_LIMITS])
{
	static const char *const names[] = {" on L1", " on L2", " on L3", ""};

	/* The sum first: it says most. */
	for (int i = 0; i < ALLOC_LIMITS; i++) {
		int l = (i + ALLOC_SUM) % ALLOC_LIMITS;

		if (remaining[l] + other[l] <= limit[l]) {
			continue;
		}
		yaml_error(r->doc, node,
			"%s: when the agent is lost the piles may go on to take %lld VA%s; with "
			"%lld VA of 'other_load' that is %lld VA, the limit is %lld VA: lower "
			"'failsafe', or use 'on_agent_loss: stop'",
			id, (long long)remaining[l], names[l], (long long)other[l],
			(long long)(remaining[l] + other[l]), (long long)limit[l]);
		return;
	}
}

/* The entry that the feeder was read from. */
static const struct yaml_node *feeder_node(
	const struct config_reader *r, const struct yaml_node *root, const char *id)
{
	const struct yaml_node *map = yaml_get(r->doc, root, "feeders");
	const struct yaml_node *node = yaml_get(r->doc, map, id);

	return node != NULL ? node : map;
}

void config_check_loss(struct config_reader *r, const struct yaml_node *root)
{
	const struct config *c = r->config;
	const struct yaml_node *transformer = yaml_get(r->doc, root, "transformer");
	int64_t remaining[ALLOC_LIMITS] = {0}, other[ALLOC_LIMITS], limit[ALLOC_LIMITS];

	for (size_t i = 0; i < c->pile_count; i++) {
		add_remaining(&c->piles[i], remaining);
	}
	for (int l = 0; l < ALLOC_LIMITS; l++) {
		int part = l == ALLOC_SUM ? 1 : ALLOC_PHASES;

		other[l] = c->load.worst_va / part;
		limit[l] = c->limit_va / part;
	}
	check_node(r, transformer, "the transformer", remaining, other, limit);
	for (size_t f = 0; f < c->feeder_count; f++) {
		memset(remaining, 0, sizeof remaining);
		for (size_t i = 0; i < c->pile_count; i++) {
			if (c->piles[i].feeder == (int)f) {
				add_remaining(&c->piles[i], remaining);
			}
		}
		for (int l = 0; l < ALLOC_LIMITS; l++) {
			limit[l] = c->feeders[f].limit_ma * NOMINAL_V / 1000;
			other[l] = c->feeders[f].worst_va / (l == ALLOC_SUM ? 1 : ALLOC_PHASES);
		}
		limit[ALLOC_SUM] = INT64_MAX;
		check_node(r, feeder_node(r, root, c->feeders[f].id), c->feeders[f].id, remaining,
			other, limit);
	}
}
