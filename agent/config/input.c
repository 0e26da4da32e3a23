/* Fire and emergency-stop inputs. */
#include <stdlib.h>
#include <string.h>

#include "internal.h"
#include "core/equip.h"
#include "text.h"

const char *const config_input_keys[] = {"unit", "bit", "active", "stops", "on_silence", NULL};
const char *const config_silence_words[] = {
	[SILENCE_STOP] = "stop", [SILENCE_ALARM] = "alarm", NULL};

#define BIT_MAX 62

static bool find_unit(const struct config *c, const char *id, struct target *out)
{
	for (size_t i = 0; i < c->meter_count; i++) {
		if (strcmp(c->meters[i].id, id) == 0) {
			*out = (struct target){TGT_METER, (uint16_t)i};
			return true;
		}
	}
	for (size_t i = 0; i < c->pile_count; i++) {
		if (strcmp(c->piles[i].id, id) == 0) {
			*out = (struct target){TGT_PILE, (uint16_t)i};
			return true;
		}
	}
	return false;
}

static bool find_gun(const struct config *c, const char *id, struct target *out)
{
	const char *dot = strrchr(id, '.');
	int64_t number;

	for (size_t i = 0; dot != NULL && i < c->pile_count; i++) {
		const struct config_pile *p = &c->piles[i];

		if (strlen(p->id) == (size_t)(dot - id) &&
			strncmp(p->id, id, (size_t)(dot - id)) == 0 &&
			text_int(dot + 1, 1, p->guns, &number) == 0) {
			*out = (struct target){TGT_GUN, (uint16_t)(p->first_gun + number - 1)};
			return true;
		}
	}
	return false;
}

static bool find_group(const struct config *c, const char *id, struct target *out)
{
	if (strcmp(c->id, id) == 0) {
		*out = (struct target){TGT_SITE, 0};
		return true;
	}
	for (size_t i = 0; i < c->feeder_count; i++) {
		if (strcmp(c->feeders[i].id, id) == 0) {
			*out = (struct target){TGT_FEEDER, (uint16_t)i};
			return true;
		}
	}
	return (find_unit(c, id, out) && out->kind == TGT_PILE) || find_gun(c, id, out);
}

static void read_input(struct config_reader *r, const struct yaml_node *map, struct stop_cfg *s)
{
	const struct config *c = r->config;
	const struct profile *profile = NULL;
	const char *text;
	int word = SILENCE_STOP;
	int64_t v;

	if (yaml_string(r->doc, map, "unit", sizeof s->id - 1, NULL, &text) == 0) {
		if (find_unit(c, text, &s->unit)) {
			profile = s->unit.kind == TGT_METER ? c->meters[s->unit.index].profile
							    : c->piles[s->unit.index].profile;
		} else {
			yaml_error(r->doc, yaml_get(r->doc, map, "unit"),
				"'unit': there is no meter or pile '%s'", text);
		}
	}
	if (profile != NULL && !profile_reads(profile, PT_INPUT)) {
		yaml_error(r->doc, yaml_get(r->doc, map, "unit"),
			"'unit': profile %s does not read the point input",
			profile_info(profile)->name);
	}
	yaml_quantity(r->doc, map, "bit", UNIT_NONE, 0, BIT_MAX, YAML_REQUIRED, &v);
	s->bit = (uint8_t)v;
	yaml_quantity(r->doc, map, "active", UNIT_NONE, 0, 1, 1, &v);
	s->active = (uint8_t)v;
	yaml_word(r->doc, map, "on_silence", config_silence_words, SILENCE_STOP, &word);
	s->silence = (uint8_t)word;
	if (yaml_string(r->doc, map, "stops", 31, NULL, &text) == 0 &&
		!find_group(c, text, &s->group)) {
		yaml_error(r->doc, yaml_get(r->doc, map, "stops"),
			"'stops': there is no feeder, pile or gun '%s', and the site is '%s'", text,
			c->id);
	}
}

void config_read_inputs(struct config_reader *r, const struct yaml_node *map)
{
	struct config *c = r->config;

	c->inputs = calloc(SITE_STOPS_MAX, sizeof *c->inputs);
	if (c->inputs == NULL || yaml_kind_of(map) != YAML_MAP) {
		yaml_error(r->doc, map, "'inputs' must be a map of ids");
		return;
	}
	for (size_t i = 0; i < yaml_length(map); i++) {
		const struct yaml_node *node = yaml_at(r->doc, map, i);
		const char *id = yaml_key_at(r->doc, map, i);
		struct stop_cfg *s = &c->inputs[c->input_count];
		struct config_span span;

		if (c->input_count == SITE_STOPS_MAX) {
			yaml_error(r->doc, node, "more than %d inputs", SITE_STOPS_MAX);
			return;
		}
		if (config_read_span(r, node, id, sizeof s->id - 1, &span) != 0 ||
			yaml_keys(r->doc, node, config_input_keys) != 0) {
			continue;
		}
		if (span.many) {
			yaml_error(r->doc, node, "input '%s': one at a time", id);
			continue;
		}
		config_span_id(&span, 0, s->id, sizeof s->id);
		read_input(r, node, s);
		c->input_count++;
	}
}

static void print_target(const struct config *c, struct target t, FILE *out)
{
	switch ((enum target_kind)t.kind) {
	case TGT_SITE:
		fputs(c->id, out);
		break;
	case TGT_FEEDER:
		fputs(c->feeders[t.index].id, out);
		break;
	case TGT_METER:
		fputs(c->meters[t.index].id, out);
		break;
	case TGT_PILE:
		fputs(c->piles[t.index].id, out);
		break;
	case TGT_GUN:
		fputs(c->more->site_guns[t.index].id, out);
		break;
	case TGT_BUS:
		break;
	}
}

void config_print_inputs(const struct config *c, FILE *out)
{
	if (c->input_count > 0) {
		fputs("inputs:\n", out);
	}
	for (size_t i = 0; i < c->input_count; i++) {
		const struct stop_cfg *s = &c->inputs[i];

		fprintf(out, "  %s: {unit: ", s->id);
		print_target(c, s->unit, out);
		fprintf(out, ", bit: %u, active: %u, stops: ", s->bit, s->active);
		print_target(c, s->group, out);
		fprintf(out, ", on_silence: %s}\n", config_silence_words[s->silence]);
	}
}
