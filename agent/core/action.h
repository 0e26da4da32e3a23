#ifndef PILED_ACTION_H
#define PILED_ACTION_H
/*
 * What the core gives back: a list of actions, in order. The edges carry them out.
 */
#include "event.h"

enum action_kind {
	ACT_WRITE,   /* write a point of a device, then read it back where the profile can */
	ACT_SESSION, /* a session opened, changed or closed: keep this record */
	ACT_MARK,    /* the register of a session at a half hour: keep it */
	ACT_VISIT,
	ACT_FAULT,    /* raised (cleared == VALUE_NONE) or cleared */
	ACT_ALARM,    /* an alarm began its life or changed in it; each raising has a record */
	ACT_COMMAND,  /* a command changed its state */
	ACT_TAG,      /* by == "" : lifted */
	ACT_TRIAL,    /* a command must be confirmed, was, or is undone */
	ACT_STANDING, /* what stands at a gun over restarts changed: keep this record */
	ACT_SLIMIT,   /* a limit from outside was given, began, ended, was cancelled */
	ACT_DECISION, /* what a gun may take, or why, changed */
	ACT_ORDER,    /* an order began, changed or ended: keep this record */
	ACT_RESERVE,  /* a reservation was made, changed or ended: keep this record */
	ACT_AUTH,     /* a card or VIN was read at a gun: whose is it, may it charge? */
	ACT_LOG,      /* one line for the log, subject first */
	ACT_POLL,     /* read this device soon (after an edge or a write) */
	ACT_COUNT_
};

/* The log's levels. */
enum log_level { LOG_ERROR, LOG_WARNING, LOG_NOTICE, LOG_DETAIL };

struct action {
	enum action_kind kind;
	union {
		struct {
			uint32_t token; /* comes back in EV_WRITTEN */
			struct target target;
			uint16_t point;
			int64_t value;
		} write;
		struct view_session session;
		struct view_mark mark;
		struct view_visit visit;
		struct view_fault fault;
		struct view_alarm alarm;
		struct view_command command;
		struct view_tag tag;
		struct view_trial trial;
		struct view_standing standing;
		struct view_slimit slimit;
		struct view_order order;
		struct view_reservation reserve;
		struct {
			uint16_t gun;
			bool vin; /* else a card */
			char token[40];
		} auth;
		struct view_decision decision;
		struct {
			enum log_level level;
			char text[192];
		} log;
		struct {
			struct target target;
			bool all; /* what is read slowly too */
		} poll;
	};
};

/* A list with room given by the caller. When it is full the core defers what it can (writes,
 * logs) to its next event and sets `overflow`; records are never dropped: the capacity must be at
 * least ACTIONS_MIN(guns). */
struct actions {
	struct action *v;
	size_t count, cap;
	bool overflow;
};

#define ACTIONS_MIN(guns) (64 + 8 * (size_t)(guns))

#endif
