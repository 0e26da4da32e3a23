#ifndef PILED_WHY_H
#define PILED_WHY_H
/*
 * One sentence, in the language in use, that tells why a gun gets what it gets: "11.0 of 22.0 kW:
 * phase L2 of feeder F1 at 180 of 182 A since 18:02". For every program that shows it.
 */
#include "view.h"

#define WHY_MAX 400

/* Of the gun's view alone; `now` for the form of the times. Cut at `size`. Phases stand in
 * amperes at 230 V, sums in kVA. */
void why_gun(char *dst, size_t size, const struct view_gun *gun, struct wall now);

/* Of a decision: the same sentence as it stood then. */
void why_decision(char *dst, size_t size, const struct view_decision *decision, struct wall now);

/* For a row that has the power in a column of its own: the rule's label, and the cap of the
 * contract: "held by a limit; half power: 60.0 kW at most". */
void why_row(char *dst, size_t size, const struct view_gun *gun);

/* The reason alone, for a row that has time and power in columns of their own: "phase L2 of feeder
 * F1 at 180 of 182 A". */
void why_brief(char *dst, size_t size, const struct view_decision *decision, struct wall now);

/* What a new start gets now by the rule of the contract: "new starts get 50 % of their power: the
 * transformer is at 62 %, above 50 %; none above 80 %". "" where admission is not in force. */
void why_contract(char *dst, size_t size, const struct view_site *site);

/* The label of a rule's token, translated; the token itself where it is not known. */
const char *why_rule(const char *token);

#endif
