#ifndef PILED_SALES_H
#define PILED_SALES_H
/*
 * Roll-ups of money by site day: bills by gun and tariff period (sale_day), transactions by kind
 * (cash_day). They follow bill and ledger_tx within the transaction that adds to them, so that a
 * report never lacks the last charge. A charge belongs to the day on which its bill was sealed,
 * which is the time of its transaction: revenue by day is that of the ledger, to the fen.
 */
#include "sql.h"
#include "zonerule.h"

struct sales;

/* On the writer's connection. The zone is that of the site's days; it is written down for readers.
 * Where the roll-ups were made with other days, or `anew`, they are made again from the beginning.
 */
int sales_open(sqlite3 *db, const struct zone_rules *zone, bool anew, struct sales **out);
/* Accepts NULL. */
void sales_close(struct sales *sales);

/* Takes in what came since the last time, within the caller's transaction. Costs two look-ups when
 * nothing did. What does not fit (a damaged file) never hinders the caller's transaction: the
 * roll-ups stay behind, and sales_whole() says so. */
int sales_catch_up(struct sales *sales);

/* What a bill line's energy would have cost, service aside, were all day flat. */
struct tariff;
int64_t sales_flat_fen(
	const struct tariff *tariff, const char *class, struct wall from, int64_t wh);

/* 0 where the roll-ups hold all bills and transactions, else ERR_CORRUPT. */
int sales_whole(sqlite3 *db);

/* The zone that the writer wrote down; none (UTC) where there is none yet. */
int sales_zone(sqlite3 *db, struct zone_rules *out);

#endif
