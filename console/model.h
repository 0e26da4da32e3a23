#ifndef PILETOP_MODEL_H
#define PILETOP_MODEL_H
/*
 * The console's copy of the site: a table of rows for each view, filled by a snapshot and kept by
 * deltas (wire.h). Nothing here does I/O or reads a clock.
 *
 * Bounded: MODEL_ROWS_MAX rows a view; further rows are counted in `dropped` and not kept.
 */
#include "history.h"
#include "timex.h"
#include "view.h"
#include "wire.h"

struct cJSON;

#define MODEL_ROWS_MAX 2000
#define MODEL_RING     512 /* points of one gun, past faults, past sessions */

struct rows {
	char *bytes; /* count rows of view_info(kind)->size; owned */
	uint32_t *generation;
	size_t count, cap, hint;
};

/* What a notification changed. */
enum model_change {
	MODEL_NOTHING,
	MODEL_CHANGED,    /* something to draw */
	MODEL_SYNCED,     /* a snapshot is complete */
	MODEL_RESUBSCRIBE /* a gap: ask for a new snapshot */
};

struct hello {
	char agent[32];
	char site[32];
	char name[64];
	char role[ROLE_TEXT];
	char timezone[40]; /* of the site: its times are shown */
	int64_t protocol;  /* 0 before the greeting */
};

/* One gun with everything that the `gun` method tells, for the detail page. */
struct detail {
	bool known;
	struct mono at; /* when it came */
	struct view_gun gun;
	struct view_pile pile;
	struct view_session session; /* id "" = none */
	struct view_visit visit;
};

struct model {
	struct rows rows[VIEW_COUNT_];
	struct rows points; /* view_point of the detail */
	struct rows past_alarms, past_commands, sessions;
	struct rows decisions; /* of one gun, newest first */
	char decisions_of[20];
	struct rows notes; /* of people on one gun */
	char notes_of[20];
	struct rows orders; /* of charges at one gun */
	char orders_of[20];
	struct view_tariff tariff;   /* in force; id "" = none is known */
	struct rows prices, tariffs; /* of today; all versions */
	char *tariff_text;           /* of tariff_text_of; owned, NULL = none asked for */
	char tariff_text_of[44];
	struct rows audit;
	struct view_preview preview; /* of the command that is meant; target "" = not here yet */
	struct rows figures, report; /* of money */
	struct rows accounts, bills, abnormal;
	struct rows statement, lines; /* of one account; of one bill */
	char statement_of[20];
	int64_t bill_of;            /* 0 = none */
	char report_span[16];       /* what `report` is of; "" = nothing yet */
	struct rows finance, heads; /* of finance_of; of a day */
	char finance_of[12];
	struct detail detail;
	struct hello hello;
	struct history load; /* apparent power of the transformer, per mille of its rating */
	struct history power, soc;
	char curve_gun[20]; /* whose `power` and `soc` are */
	int64_t seq;
	bool synced, ever;
	uint32_t generation;
	uint64_t dropped, malformed;
	int64_t site_now_ms; /* the agent's clock in its last message, VALUE_NONE before */
	struct mono heard;   /* when that came */
};

void model_init(struct model *m);
void model_free(struct model *m);

/* A new snapshot is about to come: the rows stay until it is complete. */
void model_begin(struct model *m);

/* Takes one notification. Returns what changed, or ERR_SYNTAX (counted; the model is as before
 * but for whole rows already taken). */
int model_notify(struct model *m, const char *method, const struct cJSON *params, struct mono now);

size_t model_count(const struct model *m, enum view_kind kind);
const void *model_at(const struct model *m, enum view_kind kind, size_t i);
/* The row of this key; NULL where there is none. */
const void *model_find(const struct model *m, enum view_kind kind, const char *key);
/* The site's row, cleared before the first snapshot; never NULL. */
const struct view_site *model_site(const struct model *m);

/* The time at the site: the agent's clock carried on by our monotonic one; VALUE_NONE before the
 * first message. */
int64_t model_now_ms(const struct model *m, struct mono now);

/* Replaces a table by the rows of an array. ERR_SYNTAX, ERR_NOMEM. */
int model_take_rows(struct rows *rows, enum view_kind kind, const struct cJSON *array);
const void *rows_at(const struct rows *rows, enum view_kind kind, size_t i);

/* Takes the reply of the `gun` method. ERR_SYNTAX. */
int model_take_detail(struct model *m, const struct cJSON *result, struct mono now);

/* Takes the text out of the reply to `tariff_show`. ERR_SYNTAX, ERR_NOMEM. */
int model_take_tariff_text(struct model *m, const struct cJSON *result);

/* Takes one command row out of a reply, so that its life shows before the next delta. */
int model_take_command(struct model *m, const struct cJSON *result);

#endif
