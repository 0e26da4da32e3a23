/*
 * Random histories of the ledger against a model that is written apart: what each operation gives
 * or refuses, what every account holds after it, and at the end the proof of the whole file, and
 * the financial report of each day and month against the entries.
 *
 * $PILED_OPS operations in all (20000; the whole suite runs a million), $SEED to repeat one.
 */
#include "money_fixture.h"

#include "../tempdir.h"
#include "calendar.h"
#include "ledger_verify.h"
#include "money_report.h"
#include "random.h"
#include "reader.h"
#include "sales.h"

#define OPS_DEFAULT 20000
#define HISTORY     50000 /* operations of one ledger */
#define BATCH       100   /* of one transaction */
#define ACCOUNTS    30
#define ORDERS      64
#define BILLS       64
#define MOVES       64
#define TYPES       14
#define PAUSE_MS    (40 * 60 * MS_PER_S) /* between two operations, at most */
#define DAYS        1500                 /* of a history, at most */

struct account {
	int64_t balance, held, debt;
	int status; /* 0 active, 1 frozen, 2 closed */
};

struct order {
	char id[20];
	int account; /* -1 = free */
	int64_t fen; /* held; 0 = closed */
	bool billed, released;
};

struct billed {
	int64_t id, elec, service, parking;
	int account;
	bool refunded;
};

struct move {
	int64_t tx, cash, wallet, debt; /* what it moved, as the customer sees it */
	int account;
	bool reversed;
};

/* The last operation with its result, to be asked again. */
struct last {
	struct money_op op;
	struct money_result result;
};

static struct {
	struct account accounts[ACCOUNTS];
	int count;
	struct order orders[ORDERS];
	struct billed bills[BILLS];
	struct move moves[MOVES];
	struct last last[TYPES];
	size_t orders_made, bills_made, moves_made;
	int64_t bill_no, cash, revenue_elec, revenue_service, revenue_parking, fees, loss;
	int64_t serial, now_ms, wh;
} m;

static struct bank bank;
static struct bank *const b = &bank;
static uint64_t rng;

static int64_t below(int64_t n)
{
	return random_below(&rng, n);
}

static void name_of(int account, char id[20])
{
	snprintf(id, 20, "C%06d", account + 1);
}

/* ---- What must come of it ---- */

static void give(struct account *a, int64_t fen, struct move *move)
{
	int64_t paid = a->debt < fen ? a->debt : fen;

	a->debt -= paid;
	a->balance += fen - paid;
	if (move != NULL) {
		move->wallet = fen - paid;
		move->debt = -paid;
	}
}

static void take(struct account *a, int64_t fen, struct move *move)
{
	int64_t paid = a->balance < fen ? a->balance : fen;

	a->balance -= paid;
	a->debt += fen - paid;
	if (move != NULL) {
		move->wallet = -paid;
		move->debt = fen - paid;
	}
}

static int usable(const struct account *a)
{
	return a->status == 0 ? 0 : a->status == 1 ? ERR_FROZEN : ERR_ENDED;
}

/* ---- Running and comparing ---- */

static int run(struct money_op *op, struct money_result *out)
{
	op->at_ms = m.now_ms++;
	view_set_text(op->by, sizeof op->by, "model");
	assert_int_equal(ledger_do(b->ledger, op, out), 0);
	return out->err;
}

static void compare(int account)
{
	const struct account *a = &m.accounts[account];
	char id[20];

	name_of(account, id);
	if (holds(b, LEDGER_WALLET, id) != a->balance || holds(b, LEDGER_HELD, id) != a->held ||
		holds(b, LEDGER_DEBT, id) != a->debt) {
		fail_msg("operation %lld: %s holds %lld + %lld, owes %lld; the model %lld + %lld, "
			 "%lld",
			(long long)m.serial, id, (long long)holds(b, LEDGER_WALLET, id),
			(long long)holds(b, LEDGER_HELD, id), (long long)holds(b, LEDGER_DEBT, id),
			(long long)a->balance, (long long)a->held, (long long)a->debt);
	}
}

static void compare_all(void)
{
	int64_t n = -1;

	for (int i = 0; i < m.count; i++) {
		compare(i);
	}
	assert_int_equal(holds(b, LEDGER_CASH, ""), m.cash);
	assert_int_equal(holds(b, LEDGER_REVENUE_ELEC, ""), m.revenue_elec);
	assert_int_equal(holds(b, LEDGER_REVENUE_SERVICE, ""), m.revenue_service);
	assert_int_equal(holds(b, LEDGER_REVENUE_PARKING, ""), m.revenue_parking);
	assert_int_equal(holds(b, LEDGER_REVENUE_FEE, ""), m.fees);
	assert_int_equal(holds(b, LEDGER_LOSS, ""), m.loss);
	assert_int_equal(
		sql_one_int(b->db, "SELECT coalesce(sum(fen), 0) FROM ledger_balance", &n), 0);
	assert_int_equal(n, 0);
}

static void expect(int got, int wanted, const char *what)
{
	if (got != wanted) {
		fail_msg("operation %lld: %s: %s, wanted %s", (long long)m.serial, what,
			err_token(got), err_token(wanted));
	}
}

static void remember(int type, const struct money_op *op, const struct money_result *r)
{
	if (r->err == 0) {
		m.last[type].op = *op;
		m.last[type].result = *r;
	}
}

/* ---- One operation each ---- */

static void do_open(void)
{
	struct money_op op = {.kind = MONEY_OPEN, .name = "name"};
	struct money_result r;
	char id[20];

	if (m.count == ACCOUNTS) {
		return;
	}
	name_of(m.count++, id);
	expect(run(&op, &r), 0, "open");
	assert_string_equal(r.account, id);
}

/* A top-up, withdrawal, fee or write-off. */
static void do_simple(enum money_kind kind, int type)
{
	struct money_op op = {.kind = kind, .fen = below(4) == 0 ? below(3) - 1 : 1 + below(20000)};
	int i = (int)below(m.count + 1), wanted = 0;
	struct account spare = {0}, *a = i < m.count ? &m.accounts[i] : &spare, before = *a;
	struct move move = {.account = i};
	struct money_result r;

	name_of(i, op.account);
	snprintf(op.key, sizeof op.key, "k%lld", (long long)m.serial);
	snprintf(op.reason, sizeof op.reason, "why");
	if (op.fen <= 0) {
		wanted = ERR_NEGATIVE;
	} else if (i == m.count) {
		wanted = ERR_NOACCOUNT;
	} else if (kind == MONEY_TOPUP) {
		wanted = usable(a);
		give(a, op.fen, &move);
		move.cash = op.fen;
	} else if (kind == MONEY_WITHDRAW) {
		wanted = usable(a) != 0 ? usable(a) : a->balance < op.fen ? ERR_FUNDS : 0;
		a->balance -= op.fen;
		move.cash = move.wallet = -op.fen;
	} else if (kind == MONEY_FEE) {
		wanted = a->status == 2 ? ERR_ENDED : 0;
		take(a, op.fen, &move);
	} else {
		wanted = a->debt < op.fen ? ERR_RANGE : 0;
		a->debt -= op.fen;
		move.debt = -op.fen;
	}
	expect(run(&op, &r), wanted, "move");
	if (wanted != 0) {
		*a = before;
		return;
	}
	m.cash += move.cash;
	m.fees += kind == MONEY_FEE ? op.fen : 0;
	m.loss += kind == MONEY_WRITEOFF ? op.fen : 0;
	move.tx = r.tx;
	m.moves[m.moves_made++ % MOVES] = move;
	remember(type, &op, &r);
	compare(i);
}

static void do_hold(void)
{
	struct order *o = &m.orders[m.orders_made % ORDERS];
	struct money_op op = {.kind = MONEY_HOLD, .fen = 1 + below(8000)};
	int i = (int)below(m.count);
	struct account *a = &m.accounts[i];
	struct money_result r;
	int wanted = usable(a) != 0 ? usable(a) : a->balance < op.fen ? ERR_FUNDS : 0;

	if (o->fen > 0) {
		return; /* its place is taken still */
	}
	snprintf(op.ref, sizeof op.ref, "o%lld", (long long)m.serial);
	name_of(i, op.account);
	expect(run(&op, &r), wanted, "hold");
	if (wanted != 0) {
		return;
	}
	*o = (struct order){.account = i, .fen = op.fen};
	snprintf(o->id, sizeof o->id, "o%lld", (long long)m.serial);
	m.orders_made++;
	a->balance -= op.fen;
	a->held += op.fen;
	remember(5, &op, &r);
	compare(i);
}

static void do_release(void)
{
	struct order *o = &m.orders[below(ORDERS)];
	struct money_op op = {.kind = MONEY_RELEASE};
	struct money_result r;

	if (o->id[0] == '\0') {
		return;
	}
	snprintf(op.ref, sizeof op.ref, "%s", o->id);
	if (o->billed && !o->released) {
		expect(run(&op, &r), ERR_STATE, "release of what is billed");
		return;
	}
	expect(run(&op, &r), 0, "release");
	assert_int_equal(r.again, o->released);
	o->released = true;
	if (o->fen > 0) {
		m.accounts[o->account].held -= o->fen;
		give(&m.accounts[o->account], o->fen, NULL);
		o->fen = 0;
	}
	compare(o->account);
}

/* Half up to a fen. */
static int64_t price(int64_t wh, int64_t e5)
{
	return (wh * e5 * 2 + 1000000) / 2000000;
}

/* A charge within one price, with the hold of an order or without; then perhaps its parking. */
static void do_charge(void)
{
	struct order *o = &m.orders[below(ORDERS)];
	bool sharp = below(3) == 0;
	int64_t day = m.serial, wh = below(60000);
	int64_t start = MORNING_MS + day * 24 * HOUR_MS + (sharp ? 2 * HOUR_MS : 4 * HOUR_MS);
	int64_t elec = price(wh, sharp ? 120000 : 70000), service = price(wh, 40000);
	int64_t total = elec + service;
	struct view_session s;
	struct view_order view;
	struct view_visit visit;
	struct account *a;
	char id[20], account[20], v[20];

	if (o->id[0] == '\0' || o->billed) {
		return;
	}
	a = &m.accounts[o->account];
	name_of(o->account, account);
	snprintf(id, sizeof id, "s%lld", (long long)m.serial);
	snprintf(v, sizeof v, "v%lld", (long long)m.serial);
	view = an_order(o->id, account, o->fen);
	s = a_charge(id, o->id, start, 50 * 60 * 1000, m.wh, wh);
	VIEW_SET(&s, visit, v);
	assert_int_equal(record_put(b->records, VIEW_order, &view), 0);
	assert_int_equal(ledger_order(b->ledger, &view, m.now_ms), 0);
	assert_int_equal(record_put(b->records, VIEW_session, &s), 0);
	assert_int_equal(settle_session(b->ledger, &s, m.now_ms++), 0);
	m.wh += wh;
	a->held -= o->fen;
	if (total <= o->fen) {
		give(a, o->fen - total, NULL);
	} else {
		take(a, total - o->fen, NULL);
	}
	o->fen = 0;
	o->billed = true;
	m.revenue_elec += elec;
	m.revenue_service += service;
	m.bills[m.bills_made++ % BILLS] =
		(struct billed){++m.bill_no, elec, service, 0, o->account, false};
	compare(o->account);
	assert_int_equal(settle_session(b->ledger, &s, m.now_ms++), 0); /* stored again */
	if (below(2) == 0) {
		int64_t minutes = below(90), paid = minutes > 15 ? (minutes - 15) * 50 : 0;

		view_clear(VIEW_visit, &visit);
		VIEW_SET(&visit, id, v);
		VIEW_SET(&visit, gun, "A1.1");
		visit.plugged = start - 1000;
		visit.unplugged = s.end + minutes * 60 * 1000;
		paid = paid > 2000 ? 2000 : paid;
		assert_int_equal(record_put(b->records, VIEW_visit, &visit), 0);
		assert_int_equal(settle_visit(b->ledger, &visit, m.now_ms++), 0);
		assert_int_equal(settle_visit(b->ledger, &visit, m.now_ms++), 0);
		if (paid > 0) {
			take(a, paid, NULL);
			m.revenue_parking += paid;
			m.bills[m.bills_made++ % BILLS] =
				(struct billed){++m.bill_no, 0, 0, paid, o->account, false};
		}
		compare(o->account);
	}
}

static void do_refund(void)
{
	struct billed *x = &m.bills[below(BILLS)];
	struct money_op op = {.kind = MONEY_REFUND, .bill = x->id};
	int64_t total = x->elec + x->service + x->parking, fen, part;
	struct account *a = &m.accounts[x->account];
	struct money_result r;
	int wanted;

	if (x->id == 0) {
		return;
	}
	op.fen = below(2) == 0 ? 0 : 1 + below(total + total / 8 + 1);
	fen = op.fen == 0 ? total : op.fen;
	snprintf(op.key, sizeof op.key, "r%lld", (long long)m.serial);
	snprintf(op.reason, sizeof op.reason, "why");
	wanted = x->refunded      ? ERR_REVERSED
		 : total == 0     ? ERR_STATE
		 : fen > total    ? ERR_RANGE
		 : a->status == 2 ? ERR_ENDED
				  : 0;
	expect(run(&op, &r), wanted, "refund");
	if (wanted != 0) {
		return;
	}
	x->refunded = true;
	part = fen < x->service ? fen : x->service;
	m.revenue_service -= part;
	fen -= part;
	part = fen < x->parking ? fen : x->parking;
	m.revenue_parking -= part;
	fen -= part;
	m.revenue_elec -= fen;
	give(a, op.fen == 0 ? total : op.fen, NULL);
	remember(8, &op, &r);
	compare(x->account);
}

static void do_reverse(void)
{
	struct move *x = &m.moves[below(MOVES)];
	struct money_op op = {.kind = MONEY_REVERSE, .tx = x->tx};
	struct account *a = &m.accounts[x->account], before = *a;
	struct money_result r;
	int wanted;

	if (x->tx == 0) {
		return;
	}
	snprintf(op.key, sizeof op.key, "b%lld", (long long)m.serial);
	snprintf(op.reason, sizeof op.reason, "why");
	/* the wallet's part the other way; of a debt that was made, what is left of it goes first
	 */
	a->balance -= x->wallet;
	if (x->debt > 0) {
		give(a, x->debt, NULL);
	} else {
		a->debt -= x->debt;
	}
	wanted = x->reversed          ? ERR_REVERSED
		 : before.status == 2 ? ERR_ENDED
		 : a->balance < 0     ? ERR_FUNDS
				      : 0;
	expect(run(&op, &r), wanted, "reverse");
	if (wanted != 0) {
		*a = before;
		return;
	}
	x->reversed = true;
	m.cash -= x->cash;
	if (x->cash == 0 && x->debt < 0) {
		m.loss += x->debt; /* a write-off */
	} else if (x->cash == 0) {
		m.fees -= x->debt - x->wallet;
	}
	remember(9, &op, &r);
	compare(x->account);
}

static void do_status(void)
{
	static const enum money_kind kinds[] = {
		MONEY_FREEZE, MONEY_UNFREEZE, MONEY_UNFREEZE, MONEY_CLOSE};
	struct money_op op = {.kind = kinds[below(4)]};
	int i = (int)below(m.count), wanted;
	struct account *a = &m.accounts[i];
	struct money_result r;

	if (op.kind == MONEY_CLOSE && below(50) != 0) {
		return;
	}
	name_of(i, op.account);
	snprintf(op.reason, sizeof op.reason, "why");
	if (a->status == 2) {
		wanted = ERR_ENDED;
	} else if (op.kind == MONEY_FREEZE) {
		wanted = a->status == 1 ? ERR_FROZEN : 0;
	} else if (op.kind == MONEY_UNFREEZE) {
		wanted = a->status == 0 ? ERR_STATE : 0;
	} else {
		wanted = a->balance != 0 || a->held != 0 || a->debt != 0 ? ERR_STATE : 0;
	}
	expect(run(&op, &r), wanted, "status");
	if (wanted == 0) {
		a->status = op.kind == MONEY_FREEZE ? 1 : op.kind == MONEY_UNFREEZE ? 0 : 2;
	}
}

/* The same again: nothing moves and the first result comes. */
static void do_again(void)
{
	struct last *x = &m.last[below(TYPES)];
	struct money_result r;

	if (x->result.tx == 0) {
		return;
	}
	expect(run(&x->op, &r), 0, "again");
	assert_true(r.again);
	assert_int_equal(r.tx, x->result.tx);
	assert_int_equal(r.fen, x->result.fen);
	if (x->op.kind == MONEY_TOPUP) {
		x->op.fen++;
		expect(run(&x->op, &r), ERR_EXISTS, "the key with another amount");
		x->op.fen--;
	}
}

static void step(void)
{
	int64_t n = below(100);

	if (m.count < 2 || n < 1) {
		do_open();
	} else if (n < 28) {
		do_simple(MONEY_TOPUP, 1);
	} else if (n < 36) {
		do_simple(MONEY_WITHDRAW, 2);
	} else if (n < 40) {
		do_simple(MONEY_FEE, 3);
	} else if (n < 43) {
		do_simple(MONEY_WRITEOFF, 4);
	} else if (n < 61) {
		do_hold();
	} else if (n < 66) {
		do_release();
	} else if (n < 80) {
		do_charge();
	} else if (n < 84) {
		do_refund();
	} else if (n < 89) {
		do_reverse();
	} else if (n < 92) {
		do_status();
	} else {
		do_again();
	}
	m.serial++;
	m.now_ms += below(PAUSE_MS);
}

/* ---- The reports of it ---- */

static const struct zone_rules shanghai = {1, {{0, 28800}}};

/* What the entries say that was moved, by the site's day since the first one. */
static struct {
	int64_t fen[DAYS][LEDGER_COUNT_];
	int64_t first, count;
} moved;

static void sum_entries(void)
{
	sqlite3_stmt *q = NULL;

	memset(&moved, 0, sizeof moved);
	moved.first = (MORNING_MS + 8 * HOUR_MS) / (24 * HOUR_MS);
	assert_int_equal(
		sql_prepare(b->db,
			"SELECT (t.at + 28800000) / 86400000, a.kind, e.fen FROM ledger_entry e"
			" JOIN ledger_tx t ON t.id = e.tx JOIN ledger_account a ON a.id = "
			"e.account",
			&q),
		0);
	while (sql_step(q) == 1) {
		int64_t day = sql_int(q, 0) - moved.first;
		enum ledger_kind kind;

		assert_int_equal(ledger_find(sql_text(q, 1), &kind), 0);
		assert_in_range(day, 0, DAYS - 1);
		moved.fen[day][kind] += sql_int(q, 2);
		moved.count = day >= moved.count ? day + 1 : moved.count;
	}
	sqlite3_finalize(q);
}

/* A financial report. */
struct finance {
	int64_t opening, closing, ledger, revenue, refunds;
	int64_t kinds[TX_COUNT_], cash;
	int64_t parts; /* of the revenue */
};

static int take_row(void *arg, const struct view_report *row)
{
	struct finance *f = arg;
	bool funds = strcmp(row->section, "funds") == 0,
	     ledger = strcmp(row->section, "ledger") == 0;
	bool revenue = strcmp(row->section, "revenue") == 0;

	if (funds && strcmp(row->item, "opening") == 0) {
		f->opening = row->fen;
	} else if (strcmp(row->item, "closing") == 0) {
		*(ledger ? &f->ledger : &f->closing) = row->fen;
	} else if (revenue && strcmp(row->item, "total") == 0) {
		f->revenue = row->fen;
	} else if (revenue && strcmp(row->item, "refunds") == 0) {
		f->refunds = row->fen;
	} else if (revenue) {
		f->parts += row->fen;
	} else if (strcmp(row->section, "cash") == 0) {
		f->cash += row->fen;
	}
	for (int i = 0; funds && i < TX_COUNT_; i++) {
		if (strcmp(row->item, txkind_token((enum txkind)i)) == 0) {
			f->kinds[i] = row->fen;
		}
	}
	return 0;
}

/* The report of the days from..to - 1 says what the entries say; `opening` is what was left. */
static struct finance report_of(struct store_reader *reader, int64_t from, int64_t to,
	enum report_slot slot, int64_t opening)
{
	const struct report_span span = {moved.first + from, moved.first + to, slot};
	struct finance f = {0};
	int64_t sum[LEDGER_COUNT_] = {0}, kinds = 0;

	assert_int_equal(report_finance(reader, &span, take_row, &f), 0);
	for (int64_t day = from; day < to; day++) {
		for (int i = 0; i < LEDGER_COUNT_; i++) {
			sum[i] += moved.fen[day][i];
		}
	}
	for (int i = 0; i < TX_COUNT_; i++) {
		kinds += f.kinds[i];
	}
	assert_int_equal(f.opening, opening);
	assert_int_equal(f.closing, f.opening + kinds);
	assert_int_equal(f.closing, f.ledger);
	assert_int_equal(f.cash, sum[LEDGER_CASH]);
	assert_int_equal(f.revenue, f.parts + f.refunds);
	assert_int_equal(f.revenue, -sum[LEDGER_REVENUE_ELEC] - sum[LEDGER_REVENUE_SERVICE] -
					    sum[LEDGER_REVENUE_PARKING] - sum[LEDGER_REVENUE_FEE] -
					    sum[LEDGER_REVENUE_NOSHOW]);
	/* what customers have is what they brought, less what was earned, and what was lost */
	assert_int_equal(f.closing - f.opening,
		f.cash - f.revenue + sum[LEDGER_LOSS] + sum[LEDGER_FREE] + sum[LEDGER_SUSPENSE]);
	return f;
}

static void reports_agree(void)
{
	struct store_reader reader = {.site = b->db, .utc_offset_s = 28800};
	struct finance month = {0};
	int64_t closing = 0, first = 0, all = 0;
	struct sales *sales;

	assert_int_equal(sales_open(b->db, &shanghai, false, &sales), 0);
	sum_entries();
	for (int64_t day = 0; day < moved.count; day++) {
		struct finance f = report_of(&reader, day, day + 1, REPORT_BY_HOUR, closing);
		int32_t year, now, next, mday;

		closing = f.closing;
		month.revenue += f.revenue;
		month.cash += f.cash;
		for (int i = 0; i < TX_COUNT_; i++) {
			month.kinds[i] += f.kinds[i];
		}
		cal_date(moved.first + day, &year, &now, &mday);
		cal_date(moved.first + day + 1, &year, &next, &mday);
		if (now == next && day + 1 < moved.count) {
			continue;
		}
		f = report_of(&reader, first, day + 1, REPORT_BY_DAY, month.opening);
		assert_int_equal(f.closing, closing);
		assert_int_equal(f.revenue, month.revenue);
		assert_int_equal(f.cash, month.cash);
		assert_memory_equal(f.kinds, month.kinds, sizeof f.kinds);
		month = (struct finance){.opening = closing};
		first = day + 1;
	}
	for (int i = 0; i < m.count; i++) {
		all += m.accounts[i].balance + m.accounts[i].held - m.accounts[i].debt;
	}
	assert_int_equal(closing, all);
	report_of(&reader, 0, moved.count, REPORT_BY_MONTH, 0);
	sales_close(sales);
}

static void one_history(const char *folder, int number, int64_t ops)
{
	struct view_proof proof;
	char path[128];

	snprintf(path, sizeof path, "%s/%d.db", folder, number);
	memset(&m, 0, sizeof m);
	m.now_ms = MORNING_MS;
	bank_open(b, path);
	assert_int_equal(sql_exec(b->db, "PRAGMA synchronous = OFF"), 0);
	bank_tariff(b);
	for (int64_t done = 0; done < ops;) {
		assert_int_equal(sql_exec(b->db, "BEGIN"), 0);
		for (int i = 0; i < BATCH && done < ops; i++, done++) {
			step();
		}
		assert_int_equal(sql_end(b->db, 0), 0);
		if (done % (10 * BATCH) == 0) {
			compare_all();
		}
	}
	compare_all();
	reports_agree();
	bank_close(b);
	assert_int_equal(ledger_verify(path, NULL, &proof), 0);
	if (proof.wrong[0] != '\0') {
		fail_msg("%s: %s", proof.wrong, proof.what);
	}
	assert_int_equal(proof.bills, m.bill_no);
	unlink(path);
}

static void random_histories_agree_with_the_model(void **state)
{
	const char *text = getenv("PILED_OPS");
	int64_t ops = text != NULL ? strtoll(text, NULL, 10) : OPS_DEFAULT;
	char folder[64];

	(void)state;
	rng = random_seed();
	assert_int_equal(tempdir_make(folder, sizeof folder), 0);
	for (int i = 0; ops > 0; i++, ops -= HISTORY) {
		one_history(folder, i, ops < HISTORY ? ops : HISTORY);
	}
	tempdir_remove(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_histories_agree_with_the_model),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
