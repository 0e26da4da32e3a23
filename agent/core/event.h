#ifndef PILED_EVENT_H
#define PILED_EVENT_H
/*
 * What the core takes in: one event at a time, each with the moment at which the loop took it.
 * Pointers inside an event are borrowed for the call. The journal records events in this form.
 */
#include "point.h"
#include "view.h"

struct tariff;

/* What an event or an action is about: index into site_cfg.piles, .guns, ... */
enum target_kind { TGT_SITE, TGT_PILE, TGT_GUN, TGT_METER, TGT_FEEDER, TGT_BUS };

struct target {
	uint16_t kind; /* enum target_kind */
	uint16_t index;
};

/* One value of one point. The time of the whole batch is event.readings.at. */
struct sample {
	struct target target;
	uint16_t point;   /* enum point */
	uint16_t quality; /* enum quality */
	int64_t value;
};

enum verb {
#define VERB(sym, name, value, role, help) VERB_##sym,
#include "verb.def"
#undef VERB
	VERB_COUNT_
};

enum alarm_op {
#define ALARMOP(sym, name, help) ALARMOP_##sym,
#include "alarmop.def"
#undef ALARMOP
	ALARMOPS_
};

enum event_kind {
	EV_READINGS, /* one bus reply, decoded */
	EV_TEXT,     /* a text point (serial number, card, ...) */
	EV_LINK,     /* a device began or ceased to answer */
	EV_COMMAND,  /* somebody asks for something */
	EV_WRITTEN,  /* a write that the core asked for was answered (or not) */
	EV_TICK,     /* time passes; at least once a second */
	EV_CLOCK,    /* the wall clock jumped, or (un)synchronised */
	EV_RESUME,   /* at start: what the store knew (open sessions, visits, alarms, tags) */
	EV_SLIMIT,   /* a limit from outside is given or cancelled */
	EV_ALARM,    /* a person acknowledges, resets, shelves or unshelves an alarm */
	EV_AGENT,    /* a fault of the agent itself came or went */
	EV_ORDER,    /* an order whose prepayment is held, its cancellation, or a refusal */
	EV_RESERVE,  /* a gun is reserved, its fee is held; or that is cancelled */
	EV_TARIFF,   /* a version of a tariff */
	EV_CONFIRM,  /* somebody confirms a command that is on trial */
	EV_COUNT_
};

struct event {
	enum event_kind kind;
	struct moment now;
	union {
		struct {
			struct mono at; /* when the reply came on the bus */
			const struct sample *samples;
			size_t count;
		} readings;
		struct {
			struct target target;
			uint16_t point;
			const char *text;
			struct mono at;
		} text;
		struct {
			struct target target; /* pile, gun (own unit) or meter */
			bool up;
			int err; /* why it is down, ERR_* */
		} link;
		struct {
			enum verb verb;
			struct target target;
			int64_t value;      /* limit: W; VALUE_NONE lifts it */
			const char *id;     /* makes a retry harmless */
			const char *by;     /* person */
			const char *origin; /* where from */
			const char *reason;
			int64_t expires_us; /* from now; 0 = the default of the verb */
			int64_t confirm_us; /* undone after this unless confirmed; 0 = never */
			int64_t parent;     /* inside the core: who gave it; 0 = none */
		} command;
		struct {
			uint32_t token; /* of the action */
			int err;        /* 0, or ERR_* of the write or of the read-back */
			struct mono at; /* when the device answered */
			bool has_read_back;
			int64_t read_back;
		} written;
		struct {
			int64_t step_ms; /* how far the wall clock moved against boot time */
			bool synced;
		} clock;
		struct {
			/* VIEW_session, _mark, _order, _reservation, _visit, _alarm, _fault, _tag,
			 * _slimit, _trial, _gun, _standing */
			enum view_kind kind;
			const void *view;
		} resume;
		struct {
			const struct view_slimit *view; /* cancel: only its id */
			bool cancel;
		} slimit;
		struct {
			enum alarm_op op;
			const char *id; /* view_alarm.id */
			const char *by;
			const char *reason; /* of shelving */
			int64_t until_ms;   /* the same */
		} alarm;
		struct {
			int64_t code; /* of those whose target is the site */
			bool up;
			const char *detail;
		} agent;
		struct {
			const struct view_order *view; /* cancel: only its gun and id */
			bool cancel;
		} order;
		struct {
			const struct view_reservation *view; /* cancel: id, ended_by, reason */
			bool cancel;
			bool waive; /* the fee, of a cancel that comes late */
		} reserve;
		const struct tariff *tariff;
		struct {
			const char *id; /* of the command */
			const char *by;
		} confirm;
	};
};

#endif
