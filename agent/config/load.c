/* The section `load`: load management of the site. */
#include <stdio.h>
#include <string.h>

#include "internal.h"

const char *const config_load_keys[] = {"policy", "target", "half_above", "stop_above",
	"start_share", "hysteresis", "half_for_session", "other_load", "generation", "battery",
	NULL};
const char *const config_policy_words[] = {"none", "admission", "fair", "laxity", NULL};

enum { POLICY_NONE, POLICY_ADMISSION, POLICY_FAIR, POLICY_LAXITY };

static void add_policy(struct config_reader *r, const struct yaml_node *node, struct load_cfg *load)
{
	const char *text = yaml_text(node);
	int word = -1;

	for (int i = 0; config_policy_words[i] != NULL; i++) {
		if (yaml_kind_of(node) == YAML_SCALAR &&
			strcmp(text, config_policy_words[i]) == 0) {
			word = i;
		}
	}
	switch (word) {
	case POLICY_NONE:
		load->managed = false;
		break;
	case POLICY_ADMISSION:
		load->admission = true;
		break;
	case POLICY_FAIR:
		load->fair = true;
		break;
	case POLICY_LAXITY:
		load->laxity = true;
		break;
	default:
		yaml_error(r->doc, node,
			"'policy': read '%.40s', allowed are none, admission, fair, laxity", text);
	}
}

/* Is there a meter that the transformer's load could be read from? Meters are read later. */
static bool transformer_has_meter(const struct config_reader *r, const struct yaml_node *root)
{
	const struct yaml_node *meters = yaml_get(r->doc, root, "meters");

	for (size_t i = 0; meters != NULL && i < yaml_length(meters); i++) {
		const struct yaml_node *meter = yaml_at(r->doc, meters, i);

		const struct yaml_node *role = yaml_get(r->doc, meter, "role");

		if (role != NULL &&
			strcmp(yaml_text(role), config_role_words[METER_TRANSFORMER]) == 0) {
			return true;
		}
	}
	return false;
}

static void read_policy(struct config_reader *r, const struct yaml_node *map, struct load_cfg *load)
{
	const struct yaml_node *node = yaml_get(r->doc, map, "policy");

	load->managed = true;
	if (node == NULL) {
		load->admission = true;
		load->fair = true;
		return;
	}
	if (yaml_kind_of(node) != YAML_LIST) {
		add_policy(r, node, load);
		return;
	}
	for (size_t i = 0; i < yaml_length(node); i++) {
		add_policy(r, yaml_at(r->doc, node, i), load);
	}
}

static void read_share(const struct config_reader *r, const struct yaml_node *map, const char *key,
	int64_t fallback_pm, int32_t *pm)
{
	int64_t v;

	yaml_quantity(r->doc, map, key, UNIT_PM, 0, 1000, fallback_pm, &v);
	*pm = (int32_t)v;
}

void config_read_load(struct config_reader *r, const struct yaml_node *root)
{
	const struct yaml_node *map = yaml_get(r->doc, root, "load");
	struct load_cfg *load = &r->config->load;

	if (map == NULL && !transformer_has_meter(r, root)) {
		return; /* config_remarks() tells of it */
	}
	if (map != NULL) {
		yaml_keys(r->doc, map, config_load_keys);
	}
	r->config->load_said = map != NULL;
	read_policy(r, map, load);
	read_share(r, map, "target", 900, &load->target_pm);
	read_share(r, map, "half_above", 500, &load->half_pm);
	read_share(r, map, "stop_above", 800, &load->stop_pm);
	read_share(r, map, "start_share", 500, &load->share_pm);
	read_share(r, map, "hysteresis", 50, &load->hysteresis_pm);
	yaml_bool(r->doc, map, "half_for_session", false, &load->half_for_session);
	yaml_bool(r->doc, map, "generation", false, &load->generation);
	yaml_quantity(r->doc, map, "battery", UNIT_WH, 1000, 1000000, 0, &load->battery_wh);
	if (load->managed && yaml_get(r->doc, map, "other_load") == NULL) {
		yaml_error(r->doc, map != NULL ? map : yaml_get(r->doc, root, "transformer"),
			"load management is on where the transformer has a meter: add 'load: "
			"{other_load: 60 kVA}' with the most that it feeds besides the piles, or "
			"'load: {policy: none}' to leave the limits to people");
	} else {
		yaml_quantity(r->doc, map, "other_load", UNIT_VA, 0, INT64_C(100000000), 0,
			&load->worst_va);
	}
	if (load->half_pm > load->stop_pm) {
		yaml_error(r->doc, map, "'half_above' is above 'stop_above'");
	}
}

void config_check_load(struct config_reader *r, const struct yaml_node *root)
{
	const struct yaml_node *map = yaml_get(r->doc, root, "load");
	const struct config *c = r->config;

	if (!c->load.managed) {
		return;
	}
	if (c->load.worst_va > c->limit_va) {
		yaml_error(r->doc, map,
			"'other_load': with the transformer's meter lost nothing is left of the "
			"limit; allowed is less than the limit of the transformer");
	}
	config_check_loss(r, root);
	if (!transformer_has_meter(r, root)) {
		yaml_error(r->doc, map, "load management needs a meter with 'role: transformer'");
	}
}

void config_remarks(const struct config *c, void (*each)(void *arg, const char *line), void *arg)
{
	char line[CONFIG_PATH + 300];

	if (!c->load.managed && !c->load_said) {
		snprintf(line, sizeof line,
			"%s: no load management: the transformer has no meter. Add one with "
			"'role: transformer' to 'meters', and 'load: {other_load: ...}'; or say "
			"'load: {policy: none}'",
			c->path);
		each(arg, line);
	}
	for (size_t i = 0; c->load.managed && i < c->pile_count; i++) {
		const struct profile *profile = c->piles[i].profile;

		if (!profile_writes(profile, PT_LIMIT_W) && !profile_writes(profile, PT_LIMIT_MA)) {
			snprintf(line, sizeof line,
				"%s: %s: profile %s cannot limit its power: while it charges it "
				"counts with all that it can take; `piled profile show %s` tells "
				"what "
				"can be set",
				c->path, c->piles[i].id, profile_info(profile)->name,
				profile_info(profile)->name);
			each(arg, line);
		}
	}
}

void config_print_load(const struct config *c, FILE *out)
{
	const struct load_cfg *load = &c->load;

	if (!load->managed) {
		fprintf(out, "load:\n  policy: none\n");
		return;
	}
	fprintf(out, "load:\n  policy: [%s%s%s%s%s]\n", load->admission ? "admission" : "",
		load->admission && (load->fair || load->laxity) ? ", " : "",
		load->fair ? "fair" : "", load->fair && load->laxity ? ", " : "",
		load->laxity ? "laxity" : "");
	fprintf(out,
		"  target: %d ‰\n  half_above: %d ‰\n  stop_above: %d ‰\n  start_share: %d ‰\n"
		"  hysteresis: %d ‰\n  half_for_session: %s\n  other_load: %lld VA\n"
		"  generation: %s\n",
		(int)load->target_pm, (int)load->half_pm, (int)load->stop_pm, (int)load->share_pm,
		(int)load->hysteresis_pm, load->half_for_session ? "yes" : "no",
		(long long)load->worst_va, load->generation ? "yes" : "no");
	if (load->battery_wh > 0) {
		fprintf(out, "  battery: %lld Wh\n", (long long)load->battery_wh);
	}
}
