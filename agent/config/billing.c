/* The section `billing`: who pays, by which tariff. */
#include <stdio.h>
#include <string.h>

#include "internal.h"
#include "money.h"

const char *const config_billing_keys[] = {
	"tariff", "unpaid", "overrun", "hold", "stop_lag", "reservation", "pin", "messages", NULL};
const char *const config_reservation_keys[] = {"max", "grace", "lead", NULL};
const char *const config_pin_keys[] = {"tries", "lock", NULL};
const char *const config_unpaid_words[] = {
	[UNPAID_FREE] = "free", [UNPAID_REFUSE] = "refuse", [UNPAID_UNKNOWN] = "unknown", NULL};
const char *const config_overrun_words[] = {"debt", "loss", NULL};

bool config_read_tariff(
	const struct config_reader *r, const struct yaml_node *map, char dst[TARIFF_ID])
{
	const char *text;
	int rc = yaml_string(r->doc, map, "tariff", TARIFF_ID - 1, "", &text);

	snprintf(dst, TARIFF_ID, "%s", text);
	return rc == 0 && dst[0] != '\0';
}

static void read_reservation(struct config_reader *r, const struct yaml_node *map)
{
	struct config_billing *b = &r->config->billing;

	if (map != NULL) {
		yaml_keys(r->doc, map, config_reservation_keys);
	}
	yaml_quantity(r->doc, map, "max", UNIT_US, 60 * US_PER_S, 86400 * US_PER_S, 7200 * US_PER_S,
		&b->reserve_max_us);
	yaml_quantity(r->doc, map, "grace", UNIT_US, 0, 86400 * US_PER_S, 900 * US_PER_S,
		&b->reserve_grace_us);
	yaml_quantity(r->doc, map, "lead", UNIT_US, 0, 7200 * US_PER_S, 900 * US_PER_S,
		&b->core.reserve_lead_us);
}

static void read_pin(struct config_reader *r, const struct yaml_node *map)
{
	struct config_billing *b = &r->config->billing;

	if (map != NULL) {
		yaml_keys(r->doc, map, config_pin_keys);
	}
	yaml_quantity(r->doc, map, "tries", UNIT_NONE, 1, 100, 5, &b->pin_tries);
	yaml_quantity(r->doc, map, "lock", UNIT_US, 60 * US_PER_S, 30 * 86400 * US_PER_S,
		900 * US_PER_S, &b->pin_lock_us);
}

void config_read_billing(struct config_reader *r, const struct yaml_node *root)
{
	const struct yaml_node *map = yaml_get(r->doc, root, "billing");
	struct config_billing *b = &r->config->billing;
	int word;

	if (map == NULL) {
		return;
	}
	yaml_keys(r->doc, map, config_billing_keys);
	b->core.on = true;
	if (!config_read_tariff(r, map, b->core.tariff)) {
		yaml_error(r->doc, map, "'tariff' is missing: the id of the site's tariff");
	}
	yaml_word(r->doc, map, "unpaid", config_unpaid_words, UNPAID_REFUSE, &word);
	b->core.unpaid = (uint8_t)word;
	yaml_word(r->doc, map, "overrun", config_overrun_words, 0, &word);
	b->overrun_loss = word == 1;
	yaml_quantity(
		r->doc, map, "hold", UNIT_FEN, 100, MONEY_MAX_FEN, INT64_C(10000), &b->hold_fen);
	yaml_quantity(r->doc, map, "stop_lag", UNIT_US, 0, 600 * US_PER_S, 3 * US_PER_S,
		&b->core.stop_lag_us);
	read_reservation(r, yaml_get(r->doc, map, "reservation"));
	read_pin(r, yaml_get(r->doc, map, "pin"));
	config_read_messages(r, map);
}

void config_bound_billing(struct config *c)
{
	for (size_t i = 0; i < c->bus_count; i++) {
		if (c->buses[i].timeout_us > c->billing.core.timeout_us) {
			c->billing.core.timeout_us = c->buses[i].timeout_us;
		}
	}
}

void config_print_billing(const struct config *c, FILE *out)
{
	const struct config_billing *b = &c->billing;

	if (!b->core.on) {
		return;
	}
	fprintf(out,
		"billing:\n  tariff: %s\n  unpaid: %s\n  overrun: %s\n  hold: %lld fen\n"
		"  stop_lag: %lld us\n"
		"  reservation: {max: %lld us, grace: %lld us, lead: %lld us}\n"
		"  pin: {tries: %lld, lock: %lld us}\n",
		b->core.tariff, config_unpaid_words[b->core.unpaid],
		config_overrun_words[b->overrun_loss], (long long)b->hold_fen,
		(long long)b->core.stop_lag_us, (long long)b->reserve_max_us,
		(long long)b->reserve_grace_us, (long long)b->core.reserve_lead_us,
		(long long)b->pin_tries, (long long)b->pin_lock_us);
	config_print_messages(&b->messages, out);
}
