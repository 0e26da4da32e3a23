#ifndef PILETOP_PANEL_H
#define PILETOP_PANEL_H
/* Parts that pages are put together from. */
#include "app.h"

/* The transformer, the counts and today's figures. Returns the rows used. */
int panel_site(struct app *app, struct area a);

/* What is known of one gun from its row alone, for the side of the overview. */
void panel_gun(struct app *app, struct area a, const struct view_gun *gun);

/* "label   value" in one line; the value is cut to the area. Returns 1, the rows used. */
int panel_pair(struct app *app, struct area a, int row, int label_w, const char *label,
	enum ink ink, const char *value);

/* Why load management grants what it grants: one line, or two with the limit that holds the gun;
 * nothing where it is off. Returns the rows used. */
int panel_rule(struct app *app, struct area a, int row, int label_w, const struct view_gun *gun);

/* The ink of a rule that decides a grant: abnormal ones stand out. */
enum ink panel_rule_ink(const char *rule, int64_t place);

/* The log of decisions, newest first: time, gun (`guns`), from -> to, why. `newest_last`: the rows
 * are in order of time. At most two lines each. Returns the rows used. */
int panel_decisions(
	struct app *app, struct area a, const struct rows *rows, bool newest_last, bool guns);

/* Below a rule: what an alarm means, who knows of it, what to do. NULL: the rule alone. */
#define PANEL_ALARM_H 7
void panel_alarm(struct app *app, struct area a, const struct view_alarm *alarm);

/* Text in one line, cut with a mark where it is longer, or wrapped into `rows`. Returns the rows
 * used. */
int panel_text(struct app *app, struct area a, int rows, enum ink ink, const char *text);

/* Text broken at blanks (or anywhere between wide characters) into at most `rows` lines.
 * Returns the rows used. */
int panel_wrap(struct app *app, struct area a, enum ink ink, const char *text);

#endif
