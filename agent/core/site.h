#ifndef PILED_SITE_H
#define PILED_SITE_H
/*
 * The core: a deterministic reducer. site_apply() takes an event and returns actions; it does no
 * I/O, reads no clock, starts no thread. The same events give the same actions, bit for bit.
 *
 * All that the site knows lives in one struct site: one allocation without pointers into itself,
 * so that a snapshot is a copy of its bytes.
 */
#include "action.h"
#include "zonerule.h"

/* How a session's energy is known (profile: energy_source). */
enum energy_source {
	ESRC_REGISTER, /* cumulative register of the pile */
	ESRC_METER,    /* cumulative register of another meter */
	ESRC_SESSION,  /* only a session counter: carried into a virtual register, marked */
	ESRC_NONE      /* not billable */
};

/* What a pile does when the agent is lost. */
enum agent_loss {
	LOSS_NONE,     /* nothing is asked of it: the site is not managed */
	LOSS_FAILSAFE, /* its watchdog brings it to its fail-safe power */
	LOSS_STOP,     /* the same, to 0 */
	LOSS_HOLD      /* it keeps its last grant: accepted by the configuration */
};

/* Apparent power at the meter per watt at the gun, per mille: conversion, cables and power factor
 * of a DC pile (0.95 x 0.99 x 0.98), cables and power factor of an AC one. */
#define VA_PM_DC 1085
#define VA_PM_AC 1030

struct pile_cfg {
	char id[16];
	bool dc;
	int64_t rated_w;
	uint16_t first_gun, gun_count; /* range of site_cfg.guns */
	int16_t feeder;                /* -1 = the transformer itself */
	uint16_t bus;                  /* index; where site_cfg.bus_count is 0 nothing is known */
	uint64_t writable;             /* bit PT_x - PT_START for the commands; limits below */
	bool limit_w, limit_ma;        /* which limit the device takes, per gun */
	bool limit_per_pile;
	/* The lease: what is written to the pile, so that it falls back by itself. */
	enum agent_loss on_loss;
	bool watchdog_fixed;    /* the device's own: not to be written */
	bool watchdog_of_gun;   /* each gun has the register; else the pile */
	bool failsafe_of_gun;   /* same */
	bool lease_read;        /* both can be read back, at any time */
	int64_t watchdog_s;     /* LOSS_FAILSAFE, LOSS_STOP */
	int64_t failsafe_w;     /* of each gun */
	int64_t failsafe_value; /* as the register has it: W or mA */
	bool failsafe_ma;
	char tariff[32]; /* "" = the site's */
};

/* Classes of guns under load management. */
enum priority {
#define PRIORITY(sym, token, weight, label) PRIO_##sym,
#include "priority.def"
#undef PRIORITY
	PRIO_COUNT_
};

struct gun_cfg {
	char id[20];   /* "A1.2" */
	uint16_t pile; /* index */
	uint16_t number;
	int64_t max_w;
	int64_t min_w;       /* below it the gun must pause */
	uint8_t phases;      /* bit 0..2: L1..L3 it can load; 0 for DC = all three */
	uint8_t phase_of_l1; /* which site phase its L1 is on: 0, 1, 2 */
	uint8_t priority;    /* enum priority */
	enum energy_source source;
	int64_t wrap_wh;       /* the register wraps to 0 at this value; 0 = never */
	int64_t resolution_wh; /* step of the register */
	int64_t poll_us;       /* how often its state is read; staleness is judged by it */
	bool has_session_no, has_plug_no, has_session_wh, has_plugged;
	uint16_t meter; /* ESRC_METER: index of the meter */
};

enum meter_role { METER_TRANSFORMER, METER_FEEDER, METER_PILE, METER_OTHER };

struct meter_cfg {
	char id[16];
	enum meter_role role;
	int16_t feeder;
	uint16_t bus; /* as of a pile */
	int64_t poll_us;
};

struct feeder_cfg {
	char id[16];
	int64_t limit_ma; /* per phase */
	int64_t worst_va; /* worst case of what it feeds besides the piles, all phases */
};

struct site_bus_cfg {
	char id[32]; /* of its alarms: "bus:rs485" */
};

/* Another delay, latching or dead band of one alarm than the catalogue's. */
struct alarm_rule {
	uint16_t code;
	bool latching;
	int32_t dead_pm; /* a value must come back so far behind its limit; of early warnings */
	int64_t on_us, off_us;
};

enum warn {
#define WARN(sym, key, unit, rising, limit, from, fault) WARN_##sym,
#include "warn.def"
#undef WARN
	WARN_COUNT_
};

struct warn_level {
	int64_t limit, from;
};

/* Alarms of the whole site; 0 = the default in brackets. */
struct alarm_cfg {
	int32_t chatter_count;               /* raised so often [5] */
	int64_t chatter_us;                  /* within this time [60 s]: it chatters */
	int32_t flood_count;                 /* more alarms in ten minutes [10]: a flood */
	struct warn_level warn[WARN_COUNT_]; /* early warning: warn.def */
	int64_t horizon_us;                  /* so long before the limit [10 min] */
};

/* What an emergency input does when its unit gives no reading for so long, or for stale_us where
 * that is longer. */
#define STOP_SILENT_US (30 * US_PER_S)
enum stop_silence {
	SILENCE_STOP, /* it stops, as if it were active */
	SILENCE_ALARM /* its last value holds, and an alarm tells */
};

/* A fire or emergency-stop input: a bit of a unit's point `input`. */
struct stop_cfg {
	char id[16];
	struct target unit;  /* TGT_PILE, TGT_METER */
	struct target group; /* what it stops: TGT_SITE, _FEEDER, _PILE, _GUN */
	uint8_t bit;
	uint8_t active;  /* the bit's value that stops */
	uint8_t silence; /* enum stop_silence */
};

/* Load management, limit.h; without `managed` limits are those that people command. */
struct load_cfg {
	bool managed;
	bool admission, fair, laxity;
	bool half_for_session;
	bool generation; /* something under the transformer feeds back: the meter may read less than
			    the guns take */
	int32_t target_pm;                                 /* part of each limit that may be used */
	int32_t half_pm, stop_pm, share_pm, hysteresis_pm; /* of admission */
	int64_t battery_wh; /* of a car whose pile does not tell it; 0 = not known */
	int64_t worst_va;   /* worst case of the other load, all phases: a third on each */
};

/* What becomes of a charge that nobody gave an order for. */
enum unpaid { UNPAID_FREE, UNPAID_REFUSE, UNPAID_UNKNOWN };

/* Billing; without `on` sessions are recorded only. */
struct billing_cfg {
	bool on;
	uint8_t unpaid;          /* enum unpaid */
	char tariff[32];         /* of piles that name none */
	int64_t stop_lag_us;     /* from the command to the end of energy flow */
	int64_t timeout_us;      /* what a command may be late for the line */
	int64_t reserve_lead_us; /* others are refused so long before a reservation begins */
};

/* The site's equipment. Borrowed for site_new() only. */
struct site_cfg {
	char id[32];
	char name[64];
	int64_t rated_va;
	int64_t limit_va;
	int64_t command_timeout_us; /* default life of a command */
	struct zone_rules zone;     /* of the site's days and half hours */
	struct load_cfg load;
	struct billing_cfg billing;
	int64_t stale_us; /* a reading older than this is stale: at least 3 polls */
	/* Both: 0 = the default, 30 s and 10 s. */
	const struct pile_cfg *piles;
	const struct gun_cfg *guns;
	const struct meter_cfg *meters;
	const struct feeder_cfg *feeders;
	const struct stop_cfg *stops;
	const struct site_bus_cfg *buses;
	const struct alarm_rule *rules;
	uint16_t pile_count, gun_count, meter_count, feeder_count, stop_count;
	uint16_t bus_count, rule_count;
	struct alarm_cfg alarms;
	char boot_id[40];
};

struct site;

/* Allocates a site for this equipment. ERR_NOMEM, ERR_INVAL. site_free() releases it. */
int site_new(const struct site_cfg *cfg, struct site **out);
void site_free(struct site *site);

/* Takes one event; appends actions to `out`. Total: any event is taken, whatever it holds;
 * what makes no sense (a target that is not there) is counted and otherwise ignored.
 * Event times never run backwards for the core: an earlier `now` is taken as the latest seen. */
void site_apply(struct site *site, const struct event *event, struct actions *out);

/* What the site knows now, as the views that go on the wire. `now` judges staleness.
 * The index is that of site_cfg. */
void site_view(const struct site *site, struct moment now, struct view_site *out);
void site_view_gun(
	const struct site *site, uint16_t index, struct moment now, struct view_gun *out);
void site_view_pile(
	const struct site *site, uint16_t index, struct moment now, struct view_pile *out);
void site_view_meter(
	const struct site *site, uint16_t index, struct moment now, struct view_meter *out);

/* Alarms that are not over, by position; false past the last one. Folded ones too. */
bool site_view_alarm(const struct site *site, size_t position, struct view_alarm *out);

/* Active faults, commands that are not ended (and the last few that are), tags: by position.
 * Return false past the last one. */
bool site_view_fault(const struct site *site, size_t position, struct view_fault *out);
bool site_view_command(const struct site *site, size_t position, struct view_command *out);
bool site_view_tag(const struct site *site, size_t position, struct view_tag *out);

/* The tree of limits, by position; false past its end and where the site is not managed. */
bool site_view_node(const struct site *site, size_t position, struct view_node *out);

/* Limits from outside that are planned or in force, by position; false past the last one. */
bool site_view_slimit(const struct site *site, size_t position, struct view_slimit *out);

/* What a command would affect: the guns concerned as they are now. */
void site_preview(const struct site *site, enum verb verb, struct target target, int64_t value,
	struct view_preview *out);
/* Does a command of this target concern more than one pile, so that it needs a reason? */
bool site_is_wide(struct target target);

/* Commands that wait to be confirmed, by position; false past the last one. */
bool site_view_trial(const struct site *site, size_t position, struct view_trial *out);

/* Limits by command that are in force, by position, as EV_RESUME takes them (verb, target, value);
 * false past the last one. */
bool site_view_limit(const struct site *site, size_t position, struct view_command *out);

/* The open session or visit of a gun; false where there is none. */
bool site_open_session(const struct site *site, uint16_t gun, struct view_session *out);
bool site_open_visit(const struct site *site, uint16_t gun, struct view_visit *out);

/* What stands at a gun over a restart, as EV_RESUME takes it; false where nothing does. */
bool site_view_standing(const struct site *site, uint16_t gun, struct view_standing *out);

/* The tariff in force at a gun; NULL where none is known. Borrowed until the next event. */
struct tariff;
const struct tariff *site_tariff(const struct site *site, uint16_t gun, struct wall at);

/* The order at a gun; false where there is none that has not ended. */
bool site_view_order(const struct site *site, uint16_t gun, struct view_order *out);

/* Reservations that have not ended, by position; false past the last one. The first one of a gun
 * that overlaps a time; the one that keeps an account from charging there at a time ("" = nobody's
 * account). False where there is none. */
bool site_view_reservation(const struct site *site, size_t position, struct view_reservation *out);
bool site_reserved(const struct site *site, uint16_t gun, int64_t from_ms, int64_t until_ms,
	struct view_reservation *out);
bool site_kept_out(const struct site *site, uint16_t gun, const char *account, int64_t at_ms,
	struct view_reservation *out);

/* Nobody gave an order for the charge that runs there, and an account may take it over: it is
 * billed to the unknown payers, and is not being stopped. */
bool site_unclaimed(const struct site *site, uint16_t gun);

/* The newest mark of a gun's open session; false where there is none. */
bool site_last_mark(const struct site *site, uint16_t gun, struct view_mark *out);

/* A point of a target as last read. Q_NONE when it never was or is not kept. */
struct reading site_reading(const struct site *site, struct target target, enum point p);

/* Finds "A1" (pile), "A1.2" (gun), a meter or a feeder by id; ERR_NOTFOUND. */
int site_find(const struct site *site, const char *id, struct target *out);

/* Snapshot: the bytes of the whole state, borrowed until the next call that changes the site.
 * site_restore() takes them back into a site made of the same configuration; ERR_VERSION when
 * layout or configuration differ. */
void site_snapshot(const struct site *site, const void **bytes, size_t *size);
int site_restore(struct site *site, const void *bytes, size_t size);

/* Of layout and rules: changes whenever replaying an old journal would differ. */
#define CORE_VERSION 9

#endif
