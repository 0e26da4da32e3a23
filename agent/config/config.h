#ifndef PILED_CONFIG_H
#define PILED_CONFIG_H
/*
 * The configuration, piled.yaml(5): site, transformer, buses, piles, meters, read and checked as a
 * whole. Every error is reported with file and line; with any error there is no configuration.
 * Paths in it are relative to the folder of the file.
 */
#include "bus/modbus_port.h"
#include "bus/profile.h"
#include "core/site.h"
#include "tariff.h"
#include "role.h"

#define CONFIG_PATH 256

enum config_bus_kind { CONFIG_SERIAL, CONFIG_TCP, CONFIG_RTU_TCP };

struct config_bus {
	char id[24];
	enum config_bus_kind kind;
	char device[CONFIG_PATH]; /* serial: absolute, or as good as the file's path */
	char host[128];
	int port;
	int baud;    /* rtu-tcp: 0 = unknown */
	char parity; /* 'N', 'E', 'O' */
	int data_bits, stop_bits;
	enum rts_mode rts;
	int64_t rts_delay_us, turnaround_us, timeout_us;
};

/* What a pile does when the agent is lost. */
struct config_loss {
	enum agent_loss kind;
	int64_t watchdog_s, failsafe_w; /* as the pile's registers will hold them; per gun */
	enum point point;               /* PT_FAILSAFE_W, PT_FAILSAFE_MA */
	int64_t value;                  /* of it */
};

struct config_pile {
	char id[16];
	const struct profile *profile;
	uint16_t bus;
	uint8_t unit; /* first; profile_info.unit_each: one more for each further gun */
	int guns;
	int64_t rated_w, max_w, min_w;
	uint8_t priority[PROFILE_GUNS_MAX]; /* enum priority, by gun */
	uint8_t phases, phase_of_l1;        /* as in struct gun_cfg */
	int16_t feeder, meter;              /* -1 = none; meter: where its energy is counted */
	int64_t fast_us, slow_us;
	struct config_loss loss;
	char maker[40], model[40], serial[40];
	char commissioned[12], calibration_due[12]; /* "2025-03-01", "" = not said */
	uint16_t first_gun;
	int settings;           /* internal: which map of settings, for config_print() */
	char tariff[TARIFF_ID]; /* "" = the site's */
};

struct config_meter {
	char id[16];
	const struct profile *profile;
	uint16_t bus;
	uint8_t unit;
	enum meter_role role;
	int16_t feeder;
	int64_t fast_us, slow_us;
	int settings;
};

struct config_feeder {
	char id[16];
	int64_t limit_ma;
	int64_t worst_va; /* as in struct feeder_cfg */
};

/* Who is told of alarms. */
#define CONFIG_NOTIFY_MAX  32
#define CONFIG_TARGETS_MAX 16
#define CONFIG_RULES_MAX   128
struct yaml_node;
struct config_notify {
	bool mail;                 /* else a hook program */
	char program[CONFIG_PATH]; /* the hook */
	char to[96];               /* mail address, or what the hook takes; "" = nothing */
	int severity;              /* the least severe that is told, enum severity */
	bool returned;             /* when it is gone, too */
	char targets[CONFIG_TARGETS_MAX][32]; /* none = all */
	size_t target_count;
	const struct yaml_node *target_nodes[CONFIG_TARGETS_MAX]; /* internal, while reading */
};

/* What customers are told; told 0 = nothing. */
struct config_messages {
	char hook[CONFIG_PATH]; /* "" = none */
	bool mail;
	uint32_t told; /* 1 << enum notice */
	int64_t low_fen, most_an_hour;
};

/* The section `billing`; without it nothing is billed. */
struct config_billing {
	struct billing_cfg core;
	int64_t hold_fen;         /* prepayment where nobody says how much */
	int64_t reserve_max_us;   /* a reservation lasts so long at most */
	int64_t reserve_grace_us; /* so long the gun is held for who is late */
	int64_t pin_tries;        /* wrong PINs in a row, and it is refused */
	int64_t pin_lock_us;      /* for so long */
	struct config_messages messages;
	bool overrun_loss; /* what is charged beyond prepayment and balance: a loss, else a debt */
};

struct config_store {
	char folder[CONFIG_PATH];
	int64_t retention_days, tail_us;
};

struct config_journal {
	char folder[CONFIG_PATH];
	int64_t file_bytes; /* a file is ended at this size */
	int64_t keep;       /* files */
};

/* Names of Unix groups or accounts. */
#define CONFIG_NAMES_MAX 8
#define CONFIG_NAME      64
struct config_names {
	char v[CONFIG_NAMES_MAX][CONFIG_NAME];
	size_t count;
	bool given; /* in the file; else the default */
};

struct config {
	char path[CONFIG_PATH], folder[CONFIG_PATH];
	char id[32], name[64], timezone[64];
	struct zone_rules zone;  /* of timezone */
	int64_t carbon_mg_kwh;   /* CO2 that a kWh charged saves; 0 = not said */
	char carbon_source[160]; /* where that figure comes from; "" = not said */
	int64_t command_timeout_us, stale_us;
	int64_t rated_va, limit_va;
	struct load_cfg load;
	struct alarm_cfg alarms;
	struct alarm_rule rules[CONFIG_RULES_MAX];
	size_t rule_count;
	struct config_notify notify[CONFIG_NOTIFY_MAX];
	size_t notify_count;
	char mail_program[CONFIG_PATH], mail_from[96];
	bool messages_zh;         /* language of what is sent */
	int64_t most_an_hour;     /* messages to one who is told; beyond that a summary */
	bool load_said;           /* the file has a section for it */
	char socket[CONFIG_PATH]; /* "" = the default */
	struct config_names roles[ROLE_COUNT_]; /* groups that give a role */
	struct config_names attach_as;          /* accounts that people share */
	struct config_billing billing;
	struct config_store store;
	struct config_journal journal;
	enum log_level log;
	struct config_bus *buses;
	struct config_pile *piles;
	struct config_meter *meters;
	struct config_feeder *feeders;
	struct stop_cfg *inputs; /* of fire and emergency stop */
	size_t bus_count, pile_count, meter_count, feeder_count, gun_count, input_count;
	struct config_more *more; /* internal: documents, profiles, tables */
};

/* Reads a configuration with the profiles it names. `folders`: where profiles are looked for, NULL
 * = config_profile_folders(). ERR_NOTFOUND, ERR_IO, ERR_SYNTAX, ERR_NOMEM: all in `errors`. */
int config_load(const char *path, const char *const *folders, struct yaml_errors *errors,
	struct config **out);
void config_free(struct config *config);

/* Where profiles are looked for: $PILED_PROFILES, the folder `profiles` beside the configuration,
 * agent/profiles beside a build in its source tree, PREFIX/share/piled/profiles. NULL-terminated;
 * `room` holds the texts and must outlive the list. */
#define CONFIG_FOLDERS_MAX 4
struct config_folders {
	const char *list[CONFIG_FOLDERS_MAX + 1];
	char room[CONFIG_FOLDERS_MAX][CONFIG_PATH];
};
void config_profile_folders(const char *config_path, struct config_folders *out);

/* What is no error, and yet not what an administrator may expect: one line each. */
void config_remarks(
	const struct config *config, void (*each)(void *arg, const char *line), void *arg);

/* Writes the effective configuration as YAML that loads to the same. */
void config_print(const struct config *config, FILE *out);

/* The equipment for site_new(). Its tables are owned by the configuration; boot_id is the
 * caller's to fill. `now` is for the offset of the site's time zone. */
void config_site_cfg(const struct config *config, struct site_cfg *out);

/* One Modbus unit of a bus, in the order of plan_cfg.units. */
struct config_unit {
	const struct profile *profile;
	bool meter;
	uint16_t index; /* into piles or meters */
	uint8_t unit;
	uint8_t gun; /* the unit is this gun of the pile alone; 0: the whole device */
};

/* The units of a bus and their plan. plan->units and *units are owned by the configuration;
 * plan->seed is the caller's. Returns the number of units. */
size_t config_bus_plan(const struct config *config, size_t bus, struct plan_cfg *plan,
	const struct config_unit **units);

/* What a value decoded from a unit is about: `gun` as in struct decoded. */
struct target config_target(const struct config *config, const struct config_unit *unit, int gun);

/* Where a point of a target is written: bus, index of the unit, gun for profile_write(). A limit
 * of a gun that only the pile takes is routed to the pile. ERR_UNSUPPORTED, ERR_NOTFOUND. */
int config_route(const struct config *config, struct target target, enum point p, uint16_t *bus,
	uint16_t *unit, int *gun);

/* A closed port of a bus. ERR_RANGE, ERR_NOMEM. */
int config_bus_port(const struct config_bus *bus, struct bus_port **out);
/* The bus for people: "/dev/ttyS1 9600 8N1", "10.0.0.7:502". */
void config_bus_address(const struct config_bus *bus, char *dst, size_t size);
const char *config_bus_kind(const struct config_bus *bus);

/* The keys of the file, for the man page's test: as profile_schema(). */
const char *const *config_schema(size_t i, const char **name);

#endif
