#ifndef PILED_CORE_H
#define PILED_CORE_H
/*
 * Inside of the core: struct site and what it is made of. For the files of agent/core only.
 *
 * One allocation, no pointers into itself, no padding (the compiler checks), so that equal states
 * have equal bytes. Booleans and enums are bytes; times on the monotonic clock end in _us, wall
 * times in _ms; -1 in an int8_t is "not known".
 */
#include <string.h>

#include "fault.h"
#include "limit.h"
#include "pauses.h"
#include "phrase.h"
#include "site.h"
#include "state.h"
#include "tariff.h"
#include "trend.h"

/* What remains of the list of actions before a gun is looked at; see core_room(). */
#define GUN_ROOM     32
#define COMMAND_ROOM 8

/* Commands that are kept, ended ones too: the oldest ended one gives way. */
#define COMMANDS_MIN 64

/* Limits from outside that are planned or in force. */
#define SLIMITS_MAX 64

/* Reservations that have not ended. */
#define RESERVES_MAX 128

/* An open session's record is given out at least so often, so that a restart loses little. */
#define SESSION_KEEP_US (60 * US_PER_S)

enum {
	DEVICE_FAULT,
	SILENT_FAULT,
	RESET_FAULT,
	JUMP_FAULT,
	FROZEN_FAULT,
	OBEY_FAULT,
	WARM_FAULT,
	INSULATION_FAULT,
	UNPAID_FAULT,
	GUN_FAULTS
};
/* Of a pile or meter, besides DEVICE_FAULT and SILENT_FAULT: the third is a
 * pile's or a meter's. */
enum {
	LEASE_FAULT = SILENT_FAULT + 1,
	STILL_FAULT = LEASE_FAULT,
	STOP_FAULT,
	UNKNOWN_FAULT, /* of an emergency input */
	HOT_FAULT,
	HIGH_FAULT,
	LOW_FAULT,
	UNIT_FAULTS
};
/* Of the site: the agent's own. */
enum {
	STORE_FAULT,
	CLOCK_FAULT,
	JOURNAL_FAULT,
	DELIVERY_FAULT,
	FLOOD_FAULT,
	LEDGER_FAULT,
	SITE_FAULTS
};

/* How many minutes make a flood of alarms. */
#define FLOOD_MINUTES 10

/* What a transformer's meter is watched by. */
enum { STILL_POINTS = 11 };

/* Bits of gun.fresh: came since the gun was last looked at. */
enum {
	FRESH_STATE = 1,
	FRESH_ENERGY = 2,
	FRESH_SESSION_WH = 4,
	FRESH_SESSION_NO = 8,
	FRESH_PLUG_NO = 16,
	FRESH_FAULT = 32,
	FRESH_POWER = 64,
	FRESH_LINK = 128
};

enum { SESSION_NONE, SESSION_OPEN, SESSION_ENDING };

#define SFLAG_(sym) (UINT32_C(1) << SF_##sym)
enum {
#define SFLAG(sym, token, label) SF_##sym,
#include "sflag.def"
#undef SFLAG
	SF_COUNT_
};

#pragma GCC diagnostic push
#pragma GCC diagnostic error "-Wpadded"

struct cell {
	int64_t value; /* the last one that was good */
	int64_t at_us; /* of the last reading, good or not */
};

struct cells {
	struct cell cell[PT_COUNT_];
	uint8_t quality[(PT_COUNT_ + 7) / 8 * 8];
};

/* The billing register at one moment. `acc_wh` is the movement that readings have proved since the
 * site began to look: it runs on over wraps and stands still over resets and jumps. */
struct latch {
	int64_t acc_wh;
	int64_t raw_wh;
	int64_t at_us;
	int64_t at_ms;
	uint8_t quality;
	uint8_t known;
	uint8_t pad[6];
};

/* The billing register as it runs. See energy.h. */
struct track {
	struct latch now;
	int64_t suspect_wh; /* a reading that does not fit: the next one decides */
	int64_t suspect_us;
	int64_t base_wh;     /* ESRC_SESSION: virtual register at counter 0 */
	int64_t counter_wh;  /* ESRC_SESSION: the counter as last read */
	int64_t counter_no;  /* ESRC_SESSION: session_no it belongs to */
	int64_t moved_us;    /* when the register last moved */
	int64_t flow_uws;    /* power seen since then: W x us */
	int64_t incident_us; /* last reset or jump, for clearing its fault */
	uint8_t suspect;
	uint8_t falls;   /* ESRC_SESSION: readings in a row that were lower */
	uint8_t resumed; /* `now` is from before a restart of ours, outside of a session */
	uint8_t pad[5];
};

/* The register at half hours of local time, mark.c. */
struct marks {
	struct latch from; /* last believed reading before next_ms */
	struct latch to;   /* one at or after it: what lies between is being given */
	int64_t next_ms;   /* next boundary; 0 = not begun */
	int64_t last_ms, last_wh, last_read_ms; /* last_wh: since the start */
	uint8_t quality;
	uint8_t given; /* there is a last one */
	uint8_t asked; /* a reading was asked for at next_ms */
	uint8_t pad[5];
};

/* What the session costs so far, and the prices shown; cost.c. */
struct cost {
	char tariff[32];
	int64_t line_wh; /* movement of the session where the present line begins */
	int64_t closed_fen[CLASS_COUNT_]; /* of the lines before it, for whoever may yet pay */
	struct price line[CLASS_COUNT_];  /* of the present line */
	int64_t show_from_ms, show_until_ms, show_e5;
	int64_t next_ms, next_e5; /* next price; 0 = not known */
	uint32_t version;
	uint8_t period, show_period;
	uint8_t class;
	uint8_t known; /* the session has a tariff */
};

/* The order at a gun, order.c: the present one, or the last. */
struct order {
	char id[40], session[40], card[40], command[40];
	char tariff[32], by[32];
	char origin[48];
	char reason[96];
	char account[20], error[28];
	int64_t limit_value, hold_fen;
	int64_t asked_us, asked_ms, ended_ms;
	int64_t told_us; /* when the gun was last told to start or stop */
	uint8_t kind, limit, state, cause, class;
	uint8_t waited;  /* load management held the start back */
	uint8_t resumed; /* from before a restart */
	uint8_t dirty;
};

struct session {
	char id[40];
	char visit[40];
	char started_by[32];
	char boot_id[40];
	char order[40];
	struct latch start, end;
	struct marks marks;
	int64_t start_us, start_ms;
	int64_t end_us, end_ms; /* of the energy flow, once ENDING */
	int64_t kept_us;        /* last record given out */
	int64_t doubt_us;       /* evidence must be newer than this to end the doubt */
	int64_t device_no, counter_wh;
	int64_t last_wh; /* session_wh as last read, to see it fall */
	int64_t fell_us; /* when it fell, until that is explained; 0 = it did not */
	int64_t soc_start_pm, soc_end_pm;
	int64_t peak_w;
	int64_t stop_reason;
	uint32_t flags;
	uint8_t phase;
	uint8_t by_register; /* opened because the register moved, whatever the state says */
	uint8_t doubt;       /* silent or restarted: the next evidence tells whether it goes on */
	uint8_t cut;         /* ENDING because the device counts another session already */
	uint8_t unlatched;   /* no reading from before the start: session_wh may give it */
	uint8_t after_cut;   /* the one before was cut: the plug counter may tell of that later */
	uint8_t latched;     /* the end register is decided: its last marks are being given */
	uint8_t dirty;
	uint8_t pad[4];
};

struct visit {
	char id[40];
	int64_t plugged_us, plugged_ms;
	int64_t plug_no;
	int64_t sessions;
	int64_t departs_ms; /* as said; 0 = not */
	int64_t wants_wh;   /* of the session, as said; 0 = not */
	uint32_t flags;
	uint8_t open;
	uint8_t had_session; /* one ended in this visit */
	uint8_t dirty;
	uint8_t pause_count;
	int64_t paused_ms; /* since when the site holds the car; 0 = it does not */
	struct parking_pause pauses[PAUSES_MAX];
};

struct tag {
	char by[32];
	char reason[64];
	int64_t since_ms;
	int64_t on;
};

struct fault {
	char id[40];
	char detail[96];
	int64_t code; /* 0 = not active */
	int64_t raised_ms;
};

/* An alarm, annun.c: at most one of a code at a target. */
struct alarm {
	char detail[96];
	char acked_by[32];
	char shelved_by[32];
	char reason[96];
	int64_t code; /* 0 = free */
	int64_t raised_ms, returned_ms, acked_ms, until_ms;
	int64_t id_ms;   /* its id is target, code and this, which is never used twice */
	int64_t edge_us; /* when the condition last came or went */
	int64_t on_us, off_us;
	int64_t burst_us; /* begin of the time in which it may show that it chatters */
	int64_t count;
	int32_t burst;
	uint16_t kind, index; /* target */
	uint16_t parent;      /* bus + 1 under which it was folded, and so told of; 0 = none */
	uint8_t state;
	uint8_t cond; /* the condition is there */
	uint8_t latching;
	uint8_t chatter; /* in this raising */
	uint8_t dirty;
	uint8_t out; /* suppressed in this raising: what it is of is out of service */
};

/* What is watched at a meter that load management goes by, watch.c. */
struct still {
	int64_t value[STILL_POINTS]; /* since since_us */
	int64_t since_us, guns_w;
	uint8_t on;  /* it stands still while its guns move */
	uint8_t odd; /* it reads what cannot be, for so long that it counts as lost */
	uint8_t pad[6];
};

struct site_bus {
	struct fault fault;
	int64_t up_us; /* when it answered again; 0 = it was never down */
};

/* A limit by command as the device has it, keep.c. */
struct keep {
	int64_t from_us; /* what was read before this says nothing */
	int64_t sent_us; /* last write; once answered, the answer */
	uint32_t token;  /* of the last write */
	uint8_t tries;   /* writes since it last read as it must */
	uint8_t due;     /* to be looked at, or written again */
	uint8_t up;      /* it answered at the last look */
	uint8_t pad;
};

/* What a reader or a car shows, auth.c. */
struct token {
	char text[40];   /* the last one */
	int64_t at_us;   /* when it appeared; 0 = not before our eyes */
	int64_t seen_us; /* when its register was last read; 0 = never */
	uint8_t shown;   /* it shows it now */
	uint8_t pad[7];
};

struct auth {
	struct token card, vin;
	int64_t asked_us; /* when it was asked about; 0 = not yet */
	uint8_t pending;  /* enum auth_by: to be asked about, or to be answered */
	uint8_t pad[7];
};

struct gun {
	struct cells cells;
	struct track track;
	struct latch rest; /* the register when the gun last stood still outside of a session */
	struct session session;
	struct visit visit;
	struct order order;
	struct cost cost;
	struct tag tag;
	struct tag halt; /* by a stop of more than the gun, halt.c */
	struct fault faults[GUN_FAULTS];
	struct trend temp, insulation;
	struct auth auth;
	int64_t since_us, since_ms;
	int64_t seen_us;    /* last reading of any point */
	int64_t down_us;    /* since when its own link is down; 0 = it is not */
	int64_t state_us;   /* last good state */
	int64_t power_us;   /* last good power */
	int64_t counted_us; /* up to here today_us is counted */
	int64_t closed_no;  /* session_no of the last session that was closed */
	int64_t closed_wh;  /* its session_wh */
	int64_t last_id_ms; /* ids are made of times: never the same twice */
	int64_t silent_us;  /* since when the gun is offline; 0 = it is not */
	int64_t fault_us;   /* since when it is in fault; 0 = it is not */
	int64_t limit_w;    /* in force by command; VALUE_NONE = none */
	struct keep keep;
	int64_t over_us; /* since when power has been above it; 0 = it is not */
	int64_t day;
	int64_t today_wh, today_sessions, today_us;
	int64_t outside_wh;   /* movement that belongs to no session */
	int64_t last_command; /* sequence number of the last command, 0 = none */
	int64_t halt_told_us; /* when it was last told to stop because it is held */
	uint16_t fresh;
	uint8_t state;
	uint8_t link_up;
	uint8_t touched;
	uint8_t stop_asked; /* a stop was given: `plugged` means finished */
	uint8_t standing;   /* standing.c: its record changed */
	uint8_t pad[1];
};

struct dev {
	struct cells cells;
	struct tag tag;
	struct fault faults[UNIT_FAULTS];
	struct trend temp, high, low; /* the last two of the voltage */
	char serial[40], firmware[32], model[40];
	int64_t seen_us;
	int64_t down_us;   /* since when the link is down; 0 = it is not */
	int64_t up_us;     /* since when it answers again; 0 = it was never down */
	int64_t reboot_us; /* when the last reboot was seen; 0 = never */
	int64_t gun;       /* a meter: the gun that it bills, -1 = none */
	int64_t limit_w;   /* a pile's, in force by command; VALUE_NONE = none */
	struct keep keep;
	uint8_t link_up;
	uint8_t pad[7];
};

struct feeder {
	struct tag tag;
	struct still still; /* of its meter */
};

/* A gun under load management: what manage.c keeps beside struct limit_gun. */
struct managed {
	int64_t power_w, power_before_w; /* the last two readings */
	int64_t power_at_us;
	int64_t written_us, written_w;
	int64_t lag_from_us; /* learn.c: since when an effect is waited for; 0 = it is not */
	int64_t stood_w;     /* learn.c: power when all guns stood still */
	int32_t ratio_ppm;   /* learn.c: apparent power per watt */
	int32_t told_ppm;    /* learn.c: of the record that was given out, and its lag and time */
	int64_t told_lag_us, told_learn_us;
	int64_t learnt_ms;  /* learn.c: since when something is learnt; 0 = nothing is */
	uint32_t token;     /* of a write under way */
	uint16_t slot;      /* index into the guns in the order of the tree */
	uint8_t limit_seen; /* the device's own limit was read once */
	uint8_t due;        /* a write waits for room */
	/* The last decision that was given out, decision.c. */
	uint8_t told_rule, told_limit;
	int16_t told_node;
	uint16_t told_place;
	uint8_t told; /* one was */
	uint8_t lag_down;
	int64_t told_w, told_us;
};

/* Watchdog and fail-safe power of a gun, lease.c; [0] is the watchdog. Registers of the whole pile
 * are kept with its first gun. */
struct lease {
	int64_t sent_us[2]; /* last write; once answered, the answer */
	int64_t from_us;    /* since when it is there */
	int64_t since_us;   /* what was read before this says nothing */
	int64_t gone_us;    /* when it was last found gone; 0 = never */
	uint32_t token[2];  /* of a write under way */
	uint8_t good[2];    /* reads as it must */
	uint8_t tries[2];   /* writes since it last did */
	uint8_t bad[2];     /* it does not take it, as far as is known */
	uint8_t up;         /* it answered at the last look */
	uint8_t pad;
};

/* A limit from outside. */
struct slimit {
	char id[40];
	char source[32];
	char by[32];
	char reason[96];
	int64_t limit_w;
	int64_t from_ms, to_ms, asked_ms, ended_ms;
	int64_t window_s;              /* contract demand; 0 = a limit of the power at once */
	int64_t window_ms, counted_ms; /* begin of the present window; counted up to here */
	int64_t used_wms;              /* energy of the window so far */
	int64_t now_w;                 /* what may flow now */
	uint16_t kind, index;          /* target */
	uint8_t used;
	uint8_t state;
	uint8_t pad[2];
};

/* A reservation, reserve.c. */
struct reserve {
	char id[40], order[40];
	char account[24];
	char by[32], ended_by[32];
	char origin[48];
	char reason[96];
	int64_t from_ms, until_ms, held_ms;
	int64_t asked_ms, ended_ms;
	int64_t fee_fen;
	uint16_t gun;
	uint8_t state;
	uint8_t cause; /* why it ended; before that: what stood in the driver's way */
	uint8_t used;
	uint8_t pad[3];
};

/* An emergency input, stop.c. */
struct stop {
	int64_t told_us;  /* when its group was last told to stop */
	int64_t known_us; /* when it was last read; from the first look on */
	uint8_t latched;  /* until a person releases it */
	uint8_t pad[7];
};

struct command {
	char id[40];
	char by[32];
	char origin[48];
	char reason[96];
	int64_t seq; /* 0 = free slot */
	int64_t value;
	int64_t want; /* as written to the device */
	int64_t asked_us, asked_ms;
	int64_t sent_us, sent_ms;
	int64_t answered_us, read_back_ms;
	int64_t ended_us, ended_ms;
	int64_t deadline_us;
	int32_t err;
	uint32_t token;
	uint16_t kind, index;       /* target asked for */
	uint16_t on_kind, on_index; /* target written to */
	uint16_t point;
	uint8_t verb;
	uint8_t state;
	uint8_t ended;
	uint8_t answered; /* the device took the write */
	uint8_t read_back;
	uint8_t dirty;
	uint16_t members, left, lost; /* wide: commands that it gave, not ended, failed */
	uint8_t wide;
	uint8_t pad;
	int64_t parent; /* sequence number of the wide command that gave it; 0 = none */
};

/* A command that must be confirmed, trial.c. */
struct trial {
	char id[40];
	char by[32], ended_by[32];
	char reason[96];
	char was_by[32], was_reason[64]; /* the tag before; "" = none */
	int64_t value, was_w;
	int64_t asked_ms, until_ms, ended_ms;
	int64_t until_us; /* deadline; while it is undone: of the next attempt */
	int64_t command;  /* sequence number of the last one that undoes it */
	uint16_t kind, index;
	uint8_t verb;
	uint8_t state;
	uint8_t tries;
	uint8_t used;
};

struct site_head {
	uint64_t magic;
	uint64_t size;
	uint64_t config_hash;
	uint64_t layout;                                          /* CORE_VERSION and sizes */
	uint64_t piles, guns, meters, feeders, commands, pending; /* offsets from the site */
	uint64_t nodes, grants, feeds, managed, leases, slimits, trials; /* load management */
	uint64_t stops, stop_cfgs;
	uint64_t alarms, buses, bus_cfgs, rules;
	uint64_t tariffs, reserves;
	uint64_t pile_cfgs, gun_cfgs, meter_cfgs, feeder_cfgs;
	struct limit_policy policy;
	struct limit_state limit;
	struct limit_meter meter;
	struct tag tag; /* of the whole site */
	struct fault faults[SITE_FAULTS];
	struct still still;         /* of the transformer's meter */
	int64_t stood_us, stood_va; /* learn.c: the meter when all guns stood still */
	int64_t now_us, now_ms;
	int64_t started_us, started_ms;
	int64_t day;
	int64_t next_seq;
	int64_t next_undo;
	int64_t last_fault_ms;    /* ids are made of times: never the same twice */
	int64_t last_decision_ms; /* same */
	int64_t odd;              /* events or samples that made no sense */
	int64_t reserves_used;
	int64_t lost_logs;             /* since the last line that said so */
	int64_t unsynced_us;           /* since when the clock is not synchronised; 0 = it is */
	int64_t flood_minute;          /* of flood[minute % 10], the newest */
	uint32_t flood[FLOOD_MINUTES]; /* alarms raised in each of the last minutes */
	uint32_t alarm_count;          /* slots */
	uint32_t alarm_high;           /* those beyond are free */
	uint32_t next_token;
	uint32_t command_count; /* slots */
	uint32_t active;        /* commands that have not ended */
	uint32_t faults_active;
	uint16_t pending_count;
	uint8_t synced;
	uint8_t alarm_due;  /* a condition came or went */
	uint8_t alarm_lost; /* one found no free slot, or this is the start: look at all of them */
	uint8_t pad[3];
};

#pragma GCC diagnostic pop

struct site {
	struct site_head h;
	struct site_cfg cfg; /* its pointers are NULL: see the *_cfg() below */
};

/* One call of site_apply(): the site, the time, the list. */
struct core {
	struct site *site;
	struct moment now;
	struct actions *out;
};

static inline void *site_at(const struct site *site, uint64_t offset)
{
	return (char *)(uintptr_t)site + offset;
}

static inline struct gun *gun_of(const struct site *site, size_t i)
{
	return (struct gun *)site_at(site, site->h.guns) + i;
}

static inline struct dev *pile_of(const struct site *site, size_t i)
{
	return (struct dev *)site_at(site, site->h.piles) + i;
}

static inline struct dev *meter_of(const struct site *site, size_t i)
{
	return (struct dev *)site_at(site, site->h.meters) + i;
}

static inline struct feeder *feeder_of(const struct site *site, size_t i)
{
	return (struct feeder *)site_at(site, site->h.feeders) + i;
}

static inline struct command *command_of(const struct site *site, size_t i)
{
	return (struct command *)site_at(site, site->h.commands) + i;
}

static inline struct alarm *alarm_of(const struct site *site, size_t i)
{
	return (struct alarm *)site_at(site, site->h.alarms) + i;
}

static inline struct site_bus *bus_of(const struct site *site, size_t i)
{
	return (struct site_bus *)site_at(site, site->h.buses) + i;
}

static inline const struct site_bus_cfg *bus_cfg(const struct site *site, size_t i)
{
	return (const struct site_bus_cfg *)site_at(site, site->h.bus_cfgs) + i;
}

static inline const struct alarm_rule *alarm_rule(const struct site *site, size_t i)
{
	return (const struct alarm_rule *)site_at(site, site->h.rules) + i;
}

/* Load management: nodes and guns of the tree as limit.h wants them; empty where the site is not
 * managed. */
static inline struct limit_node *nodes_of(const struct site *site)
{
	return site_at(site, site->h.nodes);
}

static inline struct limit_gun *grants_of(const struct site *site)
{
	return site_at(site, site->h.grants);
}

static inline struct managed *managed_of(const struct site *site, size_t gun)
{
	return (struct managed *)site_at(site, site->h.managed) + gun;
}

/* By feeder. */
static inline struct limit_feed *feeds_of(const struct site *site)
{
	return site_at(site, site->h.feeds);
}

/* By the index of the configuration. */
static inline struct limit_gun *grant_of(const struct site *site, size_t gun)
{
	return &grants_of(site)[managed_of(site, gun)->slot];
}

static inline const struct gun_cfg *gun_cfg(const struct site *site, size_t i)
{
	return (const struct gun_cfg *)site_at(site, site->h.gun_cfgs) + i;
}

static inline const struct pile_cfg *pile_cfg(const struct site *site, size_t i)
{
	return (const struct pile_cfg *)site_at(site, site->h.pile_cfgs) + i;
}

static inline const struct meter_cfg *meter_cfg(const struct site *site, size_t i)
{
	return (const struct meter_cfg *)site_at(site, site->h.meter_cfgs) + i;
}

static inline const struct feeder_cfg *feeder_cfg(const struct site *site, size_t i)
{
	return (const struct feeder_cfg *)site_at(site, site->h.feeder_cfgs) + i;
}

/* A good value of a point; false where there is none. */
static inline bool cells_good(const struct cells *c, enum point p, int64_t *value)
{
	if (c->quality[p] != Q_GOOD && c->quality[p] != Q_SUBSTITUTE) {
		return false;
	}
	*value = c->cell[p].value;
	return true;
}

static inline int64_t cells_value(const struct cells *c, enum point p)
{
	int64_t v;

	return cells_good(c, p, &v) ? v : VALUE_NONE;
}

/* Energy below this is within the register's steps and slow updates, not a charge of its own. */
static inline int64_t energy_slack_wh(const struct gun_cfg *cfg)
{
	return 100 + 2 * cfg->resolution_wh;
}

/* Power at or below this is none: standby and measuring noise. */
static inline int64_t power_noise_w(const struct gun_cfg *cfg)
{
	return cfg->max_w / 200 > 50 ? cfg->max_w / 200 : 50;
}

/* How long evidence that must come with a later reading is waited for. */
static inline int64_t wait_us(const struct site *site)
{
	return site->cfg.stale_us > 15 * US_PER_S ? site->cfg.stale_us : 15 * US_PER_S;
}

/* The id of a target, as configured; "" for the site. */
const char *target_id(const struct site *site, struct target target);

#endif
