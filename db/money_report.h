#ifndef PILED_MONEY_REPORT_H
#define PILED_MONEY_REPORT_H
/*
 * Reports of money and operation: from the roll-ups of sales.h and rollup.h, with the bills and
 * transactions themselves only for parts of a day. Days are the site's; a charge belongs to the day
 * on which its bill was sealed. ERR_CORRUPT where the roll-ups are not whole:
 * the writer tries again to complete them at its next start.
 */
#include "store.h"

/* A span of site days, [from, to) as days since 1970, cut into slots for the curve. */
enum report_slot { REPORT_BY_NONE, REPORT_BY_HOUR, REPORT_BY_DAY, REPORT_BY_MONTH };

struct report_span {
	int64_t from, to;
	enum report_slot slot;
};

/* "2026-11-21" (a day, by hours), "2026-11" (a month, by days), "2026" (a year, by months).
 * ERR_SYNTAX, ERR_RANGE. */
int report_span_parse(const char *text, struct report_span *out);

/* What of the site the store does not know. */
struct report_plant {
	const char (*guns)[20];
	const bool *dc; /* of each gun */
	size_t gun_count;
	const char *meter;         /* of the transformer; "" = none */
	int64_t carbon_mg_kwh;     /* saved by a kWh charged; VALUE_NONE = not known */
	const char *carbon_source; /* where that comes from */
};

/* The figures of the home page: today, this month, this year, in total, each against the same part
 * of the period before it and of a year before. */
int report_home(struct store_reader *reader, struct wall now,
	int (*each)(void *arg, const struct view_figure *row), void *arg);

/* The station's report: energy by tariff period, by pile, AC against DC, what drivers say, peak and
 * valley of the load, utilisation, revenue by component, what was saved, and the slots. `now` ends
 * a span that is not over yet. */
int report_station(struct store_reader *reader, const struct report_span *span,
	const struct report_plant *plant, struct wall now,
	int (*each)(void *arg, const struct view_report *row), void *arg);

/* The customers' money: opening balance, what each kind of transaction moved, closing balance; then
 * revenue by component, cash, and the ledger's own balance, which a closing of the present equals.
 */
int report_finance(struct store_reader *reader, const struct report_span *span,
	int (*each)(void *arg, const struct view_report *row), void *arg);

#endif
