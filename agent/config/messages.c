/* `messages` of the section `billing`: what customers are told, and how it reaches them. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "internal.h"
#include "money.h"
#include "notice.h"

const char *const config_messages_keys[] = {"hook", "mail", "events", "low", "most_an_hour", NULL};
const char *const config_events_words[] = {
#define NOTICE(sym, token, label, hours, optional) token,
#include "notice.def"
#undef NOTICE
	NULL};

static void read_events(
	struct config_reader *r, const struct yaml_node *map, struct config_messages *m)
{
	const struct yaml_node *list = yaml_get(r->doc, map, "events");

	m->told = (1U << NOTICE_COUNT_) - 1;
	if (list == NULL) {
		return;
	}
	m->told = 1U << NOTICE_WORDS;
	if (yaml_kind_of(list) != YAML_LIST) {
		yaml_error(r->doc, list, "'events' is a list: [begun, ended, low]");
		return;
	}
	for (size_t i = 0; i < yaml_length(list); i++) {
		const struct yaml_node *node = yaml_at(r->doc, list, i);
		const char *word = yaml_kind_of(node) == YAML_SCALAR ? yaml_text(node) : "";
		size_t kind = 0;

		while (kind < NOTICE_COUNT_ && strcmp(config_events_words[kind], word) != 0) {
			kind++;
		}
		if (kind == NOTICE_COUNT_) {
			yaml_error(r->doc, node,
				"'events': read '%.40s', allowed are words, begun, ended, low, "
				"topup, refund, debt, pin",
				word);
		} else {
			m->told |= 1U << kind;
		}
	}
}

void config_read_messages(struct config_reader *r, const struct yaml_node *billing)
{
	const struct yaml_node *map = yaml_get(r->doc, billing, "messages");
	struct config_messages *m = &r->config->billing.messages;

	if (map == NULL || yaml_keys(r->doc, map, config_messages_keys) != 0) {
		return;
	}
	if (yaml_get(r->doc, map, "hook") != NULL) {
		config_resolve_path(r, map, "hook", "", m->hook);
	}
	yaml_bool(r->doc, map, "mail", false, &m->mail);
	if (m->hook[0] == '\0' && !m->mail) {
		yaml_error(
			r->doc, map, "'messages' has 'hook', a program, or 'mail: yes', or both");
	}
	yaml_quantity(r->doc, map, "low", UNIT_FEN, 0, MONEY_MAX_FEN, INT64_C(2000), &m->low_fen);
	yaml_quantity(r->doc, map, "most_an_hour", UNIT_NONE, 1, 1000, 10, &m->most_an_hour);
	read_events(r, map, m);
}

void config_print_messages(const struct config_messages *m, FILE *out)
{
	const char *comma = "";

	if (m->told == 0) {
		return;
	}
	fputs("  messages:\n", out);
	if (m->hook[0] != '\0') {
		fprintf(out, "    hook: \"%s\"\n", m->hook);
	}
	fprintf(out, "    mail: %s\n    low: %" PRId64 " fen\n    most_an_hour: %" PRId64 "\n",
		m->mail ? "yes" : "no", m->low_fen, m->most_an_hour);
	fputs("    events: [", out);
	for (size_t i = 0; i < NOTICE_COUNT_; i++) {
		if ((m->told >> i & 1) != 0) {
			fprintf(out, "%s%s", comma, config_events_words[i]);
			comma = ", ";
		}
	}
	fputs("]\n", out);
}
