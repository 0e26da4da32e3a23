#ifndef PILED_EVIDENCE_H
#define PILED_EVIDENCE_H
/*
 * What a bill is computed from, as the store has it: the session, its order, the registers at the
 * half hours, the tariff's versions. Settling and verifying read it by the same statements.
 */
#include "bill.h"
#include "chain.h"
#include "sql.h"
#include "view.h"

#define EVIDENCE_POINTS (BILL_LINES_MAX * 8)

struct evidence;

/* ERR_NOMEM, or an error of the database. evidence_close() accepts NULL. */
int evidence_open(sqlite3 *db, struct evidence **out);
void evidence_close(struct evidence *e);
/* Tariffs are read again when they are needed next. */
void evidence_forget(struct evidence *e);

/* Reads a session by its id, an order by its id: ERR_NOTFOUND. */
int evidence_session(struct evidence *e, const char *id, struct view_session *out);
int evidence_order(struct evidence *e, const char *id, struct view_order *out);
/* The last session of a visit that had an order. ERR_NOTFOUND. */
int evidence_visit_session(struct evidence *e, const char *visit, struct view_session *out);
int evidence_visit(struct evidence *e, const char *id, struct view_visit *out);

/* Reads the marks of a session, and hashes all that its bill stands on. */
int evidence_take(struct evidence *e, const struct view_session *session,
	const struct view_order *order, struct chain *chain, unsigned char hash[CHAIN_SIZE]);
/* The same of parking: the visit, the session and the order. */
int evidence_take_visit(struct evidence *e, const struct view_visit *visit,
	const struct view_session *session, const struct view_order *order, struct chain *chain,
	unsigned char hash[CHAIN_SIZE]);

/* A bill under construction, or found in the store. */
struct bill_all {
	struct bill bill;
	struct bill_line lines[BILL_LINES_MAX];
	struct parking_line parking[TARIFF_WINDOWS];
	size_t line_count, parking_count;
	unsigned char evidence[CHAIN_SIZE];
};

/* Computes lines and sums from a session and the marks that evidence_take() read; the bill's id and
 * time of sealing are the caller's. ERR_NOTFOUND: no tariff in force; ERR_INVAL: registers or times
 * that cannot be billed; ERR_FULL. */
int evidence_bill(struct evidence *e, const struct view_session *session,
	const struct view_order *order, struct bill_all *out);
/* The same of parking. An amount of 0 is no error. */
int evidence_parking(struct evidence *e, const struct view_visit *visit,
	const struct view_session *session, const struct view_order *order, struct bill_all *out);

/* The price of a kWh by the order's tariff. ERR_NOTFOUND: none is in force. */
int evidence_price(
	struct evidence *e, const struct view_order *order, struct wall at, int64_t *price_e5);

/* A version of a tariff, NULL where there is none that can be read. Borrowed. */
const struct tariff *evidence_tariff(struct evidence *e, const char *id, int64_t version);

/* The bill's hash: of its canonical text and, on a line of its own, the evidence's. */
int evidence_seal(struct chain *chain, const struct bill_all *all, unsigned char hash[CHAIN_SIZE]);
/* That text; its length, or ERR_TOOLONG. */
int evidence_text(const struct bill_all *all, char *dst, size_t size);
#define EVIDENCE_TEXT_MAX (BILL_TEXT_MAX(BILL_LINES_MAX) + 128)

#endif
