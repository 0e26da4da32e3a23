#ifndef PILED_CONFIG_INTERNAL_H
#define PILED_CONFIG_INTERNAL_H
/* What the parts of the configuration's reader share. */
#include "config.h"

#define CONFIG_PILES_MAX  2000
#define CONFIG_BUSES_MAX  500
#define CONFIG_METERS_MAX 500
#define CONFIG_GUNS_MAX   4000
#define CONFIG_RANGE_MAX  500 /* devices of one entry */

/* A profile as loaded for some devices: same name, same settings, same guns. */
struct config_profile {
	char name[CONFIG_PATH];
	const struct yaml_node *settings;
	int guns;
	struct profile *profile;
	struct plan_range *ranges;
	size_t range_count;
};

struct config_more {
	struct yaml_doc *doc;
	struct config_profile *profiles;
	size_t profile_count;
	size_t failed; /* profiles that could not be loaded are not tried again */
	const struct yaml_node **settings;
	size_t settings_count;
	/* tables for site and plans */
	struct pile_cfg *site_piles;
	struct gun_cfg *site_guns;
	struct meter_cfg *site_meters;
	struct feeder_cfg *site_feeders;
	struct site_bus_cfg *site_buses;
	struct config_unit *units; /* by bus */
	struct plan_unit_cfg *plan_units;
	size_t *bus_first; /* bus_count + 1 */
};

struct config_reader {
	struct config *config;
	struct yaml_doc *doc;
	const char *const *folders;
	struct yaml_errors *errors;
};

/* One entry of a map that may stand for several: "A1..A6". */
struct config_span {
	char prefix[24];
	int64_t first;
	size_t count;
	bool many;
};

extern const char *const config_bus_keys[],
	*const config_pile_keys[], *const config_meter_keys[],
					   *const config_feeder_keys[],
						   *const config_gun_keys[],
							   *const config_priority_words[],
								   *const config_poll_keys[];
extern const char *const config_rts_words[], *const config_role_words[];

/* Reads the key of an entry: an id, or A..B. Reported. */
int config_read_span(const struct config_reader *r, const struct yaml_node *node, const char *key,
	size_t id_max, struct config_span *out);
void config_span_id(const struct config_span *span, size_t i, char *dst, size_t size);
/* The i-th text of a key: the same for all, or of a list. "" where absent or refused. */
const char *config_nth(const struct config_reader *r, const struct yaml_node *map, const char *key,
	const struct config_span *span, size_t i, size_t max, bool cycle);
/* Resolves a path against the file's folder. Reported. */
void config_resolve_path(const struct config_reader *r, const struct yaml_node *map,
	const char *key, const char *fallback, char *dst);

void config_read_buses(struct config_reader *r, const struct yaml_node *map);
void config_read_feeders(struct config_reader *r, const struct yaml_node *map);
void config_read_meters(struct config_reader *r, const struct yaml_node *map);
void config_read_piles(struct config_reader *r, const struct yaml_node *map);
/* load.c: the section `load`; check once everything is read. */
extern const char *const config_load_keys[], *const config_policy_words[];
void config_read_load(struct config_reader *r, const struct yaml_node *root);
void config_check_load(struct config_reader *r, const struct yaml_node *root);
void config_print_load(const struct config *config, FILE *out);
/* billing.c: the section `billing`; the tariff of it or of a pile, true where one is named;
 * what the lines' time-outs add to a stop. */
extern const char *const config_reservation_keys[];
extern const char *const config_billing_keys[],
	*const config_pin_keys[], *const config_unpaid_words[], *const config_overrun_words[];
void config_read_billing(struct config_reader *r, const struct yaml_node *root);
bool config_read_tariff(
	const struct config_reader *r, const struct yaml_node *map, char dst[TARIFF_ID]);
void config_bound_billing(struct config *config);
void config_print_billing(const struct config *config, FILE *out);
/* messages.c: what customers are told. */
extern const char *const config_messages_keys[], *const config_events_words[];
void config_read_messages(struct config_reader *r, const struct yaml_node *billing);
void config_print_messages(const struct config_messages *messages, FILE *out);
/* lease.c: on_agent_loss of a pile, once its power is read; whether the limits bear it. */
extern const char *const config_loss_words[];
void config_read_loss(
	struct config_reader *r, const struct yaml_node *map, struct config_pile *pile);
void config_check_loss(struct config_reader *r, const struct yaml_node *root);
void config_print_loss(const struct config_pile *pile, FILE *out);
/* input.c: the section `inputs`, once piles, meters and feeders are read. */
extern const char *const config_input_keys[], *const config_silence_words[];
void config_read_inputs(struct config_reader *r, const struct yaml_node *map);
void config_print_inputs(const struct config *config, FILE *out);
/* alarm.c: the section `alarms`; check once all ids are known. */
extern const char *const config_alarm_keys[],
	*const config_rule_keys[], *const config_warn_keys[],
					   *const config_level_keys[],
						   *const config_notify_keys[],
							   *const config_severity_words[];
void config_read_alarms(struct config_reader *r, const struct yaml_node *root);
void config_check_alarms(struct config_reader *r);
void config_print_alarms(const struct config *config, FILE *out);
/* roles.c: the sections `roles` and `attach_as`. */
extern const char *const config_roles_keys[];
void config_read_roles(struct config_reader *r, const struct yaml_node *root);
void config_print_roles(const struct config *config, FILE *out);
int config_find_meter(const struct config *config, const char *id);

/* Makes the tables. ERR_NOMEM. site.c */
int config_tabulate(struct config *config);

#endif
