/* The work list: each kind of odd charge is found with its evidence and one proposal, billed or
 * not, and may be posted, voided or refunded as that allows, once. */
#include "money_fixture.h"

#include "abnormal.h"

static struct bank bank;
static struct bank *const b = &bank;
static struct money_result r;

#define LI    "C000001"
#define START (MORNING_MS + HOUR_MS)

static int make(void **state)
{
	(void)state;
	bank_open(b, ":memory:");
	bank_tariff(b);
	assert_int_equal(bank_do(b, OP(OPEN, .name = "Li", .key = "li"), &r), 0);
	assert_int_equal(bank_do(b, OP(TOPUP, .account = LI, .fen = 100000, .key = "t"), &r), 0);
	return 0;
}

static int release(void **state)
{
	(void)state;
	bank_close(b);
	return 0;
}

static int64_t one(const char *what, const char *kind)
{
	char text[300];
	int64_t n = -1;

	snprintf(text, sizeof text, "SELECT %s FROM abnormal WHERE kind = '%s'", what, kind);
	assert_int_equal(sql_one_int(b->db, text, &n), 0);
	return n;
}

/* 20 kWh in an hour, of an order that holds 50 yuan. */
static struct view_session charge(const char *id, const char *order, const char *tariff)
{
	struct view_order o = an_order(order, LI, 5000);
	struct money_op op = *OP(HOLD, .account = LI, .fen = 5000);

	view_set_text(op.ref, sizeof op.ref, order);
	assert_int_equal(bank_do(b, &op, &r), 0);
	VIEW_SET(&o, tariff, tariff);
	bank_put(b, VIEW_order, &o);
	return a_charge(id, order, START, HOUR_MS, 100000, 20000);
}

static void put(struct view_session *s, const char *flags)
{
	VIEW_SET(s, flags, flags);
	bank_put(b, VIEW_session, s);
}

/* One before it on the same gun, which is in order. */
static void one_before(int64_t end_ms, int64_t from_wh, int64_t wh)
{
	struct view_session s = charge("s0", "o0", "day");

	s.start = s.start_at = end_ms - HOUR_MS;
	s.end = s.end_at = end_ms;
	s.start_wh = from_wh;
	s.end_wh = from_wh + wh;
	s.energy_wh = wh;
	put(&s, "");
}

static void no_end(struct view_session *s)
{
	put(s, "no_end");
}

static void backwards(struct view_session *s)
{
	s->end = s->end_at = s->start - 5000;
	s->duration_s = -5;
	put(s, "");
}

static void jump(struct view_session *s)
{
	put(s, "jump");
}

static void meter(struct view_session *s)
{
	s->device_wh = s->energy_wh * 103 / 100;
	put(s, "");
}

static void overlap(struct view_session *s)
{
	one_before(START + HOUR_MS / 2, 90000, 10000);
	put(s, "");
}

static void duplicate(struct view_session *s)
{
	one_before(START, 100000, 20000);
	put(s, "");
}

static void clock_jump(struct view_session *s)
{
	s->duration_s += 60;
	put(s, "");
}

static void no_tariff(struct view_session *s)
{
	put(s, "");
}

static void no_order(struct view_session *s)
{
	VIEW_SET(s, order, "gone");
	put(s, "");
}

static void no_session(struct view_session *s)
{
	one_before(START, 90000, 5000);
	put(s, "");
}

static void power(struct view_session *s)
{
	put(s, "restart");
}

static const struct odd {
	const char *kind;
	void (*put)(struct view_session *s);
	bool billed;
	const char *proposal;
	const char *tariff;
} odds[] = {
	{"no_end", no_end, false, "post", "day"},
	{"backwards", backwards, false, "void", "day"},
	{"jump", jump, false, "void", "day"},
	{"meter", meter, true, "post", "day"},
	{"overlap", overlap, false, "void", "day"},
	{"duplicate", duplicate, false, "void", "day"},
	{"clock", clock_jump, false, "post", "day"},
	{"no_tariff", no_tariff, false, "void", "other"},
	{"no_order", no_order, false, "void", "day"},
	{"no_session", no_session, true, "void", "day"},
	{"power", power, true, "post", "day"},
};

static void list_it(const struct odd *odd)
{
	struct view_session s;
	char text[80];

	make(NULL);
	s = charge("s1", "o1", odd->tariff);
	odd->put(&s);
	snprintf(text, sizeof text, "count(*) = 1 AND min(state) = 'open' AND min(proposal) = '%s'",
		odd->proposal);
	if (one(text, odd->kind) != 1) {
		fail_msg("%s: not on the list once, open, with %s", odd->kind, odd->proposal);
	}
	assert_int_equal(one("length(min(evidence)) > 8", odd->kind), 1);
	assert_int_equal(one("min(bill) IS NOT NULL", odd->kind), odd->billed);
	/* again: nothing more */
	bank_put(b, VIEW_session, &s);
	assert_int_equal(one("count(*)", odd->kind), 1);
}

static int act(const struct odd *odd, enum money_kind action)
{
	struct money_op op = {.kind = action,
		.by = "anna",
		.reason = "seen",
		.key = "k",
		.tx = one("id", odd->kind)};

	return bank_do(b, &op, &r);
}

static void each_kind_is_found_with_one_proposal(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof odds / sizeof odds[0]; i++) {
		list_it(&odds[i]);
		release(NULL);
	}
}

/* What is not billed is posted or voided; what is billed stays or goes back. Then it is decided. */
static void each_kind_is_decided_once(void **state)
{
	static const enum money_kind actions[] = {MONEY_POST, MONEY_VOID, MONEY_REFUND};

	(void)state;
	for (size_t i = 0; i < sizeof odds / sizeof odds[0] * 3; i++) {
		const struct odd *odd = &odds[i / 3];
		enum money_kind action = actions[i % 3];
		bool computable = strcmp(odd->kind, "backwards") != 0 &&
				  strcmp(odd->kind, "no_tariff") != 0 &&
				  strcmp(odd->kind, "no_order") != 0;
		bool outside = strcmp(odd->kind, "no_session") == 0;
		bool may = action == MONEY_POST   ? computable
			   : action == MONEY_VOID ? !odd->billed || outside
						  : odd->billed;
		int64_t before;

		list_it(odd);
		before = holds(b, LEDGER_WALLET, LI) + holds(b, LEDGER_HELD, LI);
		if ((act(odd, action) == 0) != may) {
			fail_msg("%s: action %d: %d", odd->kind, (int)action, r.err);
		}
		if (!may) {
			assert_int_equal(one("min(state) = 'open'", odd->kind), 1);
			assert_int_equal(
				holds(b, LEDGER_WALLET, LI) + holds(b, LEDGER_HELD, LI), before);
		} else {
			assert_int_equal(one("min(state) <> 'open'", odd->kind), 1);
			assert_int_not_equal(act(odd, MONEY_VOID), 0);
		}
		/* a void without a bill leaves nothing held; of 100000 fen none is lost */
		if (may && action == MONEY_VOID && !odd->billed &&
			strcmp(odd->kind, "no_order") != 0) {
			assert_int_equal(holds(b, LEDGER_HELD, LI), 0);
			assert_int_equal(holds(b, LEDGER_WALLET, LI), before);
		}
		release(NULL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_is_found_with_one_proposal),
		cmocka_unit_test(each_kind_is_decided_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
