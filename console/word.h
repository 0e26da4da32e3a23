#ifndef PILETOP_WORD_H
#define PILETOP_WORD_H
/* What a row means, in words and inks: the agent sends codes, the console has the texts. */
#include "app.h"

/* "18:01:05", or with its day where that is another one. */
void word_clock(const struct app *app, int64_t wall_ms, char *dst, size_t size);

/* How urgent a gun is: 0 is the worst; the order of the guns table. */
int word_gun_rank(const struct view_gun *gun);
bool word_gun_abnormal(const struct view_gun *gun);

/* Glyph and word of a gun's state, tagged guns included. */
void word_gun_state(const struct view_gun *gun, char *dst, size_t size, enum ink *ink);

/* "18:30-19:30, C000002": from when, until when and for whom a gun is reserved. */
void word_reserved(const struct app *app, const struct view_gun *gun, char *dst, size_t size);

/* Why a gun is not earning, or what else there is to say; "" when nothing. */
void word_gun_remark(
	const struct app *app, const struct view_gun *gun, char *dst, size_t size, enum ink *ink);

/* Name of a fault in the language in use; never NULL. */
const char *word_fault(int64_t code, char *buf, size_t size);
enum ink word_severity_ink(int64_t severity);
const char *word_severity(int64_t severity);
/* Glyph and word of an alarm's state: "! new". */
const char *word_alarm_mark(const char *token);

/* Words of a command: verb, state, error token. Translated; the token itself where unknown. */
const char *word_verb(const char *verb);
const char *word_verb_short(const char *verb);
const char *word_cmdstate(const char *state);
const char *word_alarm_state(const char *state);
const char *word_error(const char *token);
/* An error with the agent's words for it, where they say more. */
void word_said(const char *error, const char *message, char *dst, size_t size);
/* Why the agent refused: its error, with the agent's words or the role that is missing where it
 * says so; false where it did not refuse. `have`: the role of who asked. */
bool word_refusal(const struct verdict *verdict, const char *have, char *dst, size_t size);
const char *word_quality(const char *token);
const char *word_rule(const char *token);
const char *word_slimit(const char *token);

/* State of a bus, unit, meter or the store: its word, and whether all is well. */
const char *word_device_state(const char *state);
bool word_device_good(const char *state);

/* Age in at most six columns: "45s", "12m", "3h05m", "2d04h". */
void word_age(char *dst, size_t size, int64_t ms);

/* Ages relative to the site's clock; VALUE_NONE stays so. */
int64_t word_age_of(const struct app *app, int64_t wall_ms);

/* A wall time as briefly as today allows. */
void word_time(const struct app *app, int64_t wall_ms, char *dst, size_t size);

#endif
