/*
 * The log of decisions on the demo site under load management: at each moment the last decision of
 * each gun tells what it may take and why, in the same sentence as the present.
 */
#include "loadsite.h"

#define GUNS 24

struct book {
	struct view_decision last[GUNS];
	int64_t count[GUNS];
	int64_t all;
};

static void note(void *arg, const struct view_decision *d)
{
	struct book *b = arg;
	int i = 0;

	while (i < GUNS && b->count[i] > 0 && strcmp(b->last[i].gun, d->gun) != 0) {
		i++;
	}
	assert_true(i < GUNS);
	assert_string_not_equal(d->id, b->last[i].id);
	if (b->count[i] == 0) {
		assert_int_equal(d->from_w, VALUE_NONE); /* nothing is known of what was before */
	} else {
		assert_int_equal(d->from_w, b->last[i].to_w);
		assert_true(d->at >= b->last[i].at);
	}
	b->last[i] = *d;
	b->count[i]++;
	b->all++;
}

static const struct view_decision *last_of(const struct book *b, const char *gun)
{
	for (int i = 0; i < GUNS; i++) {
		if (strcmp(b->last[i].gun, gun) == 0) {
			return &b->last[i];
		}
	}
	fail_msg("no decision of %s", gun);
	return NULL;
}

static const char *last_rule(const struct book *b, const char *gun)
{
	for (int i = 0; i < GUNS; i++) {
		if (strcmp(b->last[i].gun, gun) == 0) {
			return b->last[i].rule;
		}
	}
	return "";
}

/* The present of each gun against its last decision. */
static void compare(struct run *r, const struct book *b)
{
	struct moment now = vsite_now(r->v);

	for (uint16_t i = 0; i < GUNS; i++) {
		const struct view_decision *d;
		char then[WHY_MAX], present[WHY_MAX];
		struct view_gun g;

		site_view_gun(vsite_site(r->v), i, now, &g);
		d = last_of(b, g.id);
		assert_int_equal(d->to_w, g.grant_w);
		assert_string_equal(d->rule, g.rule);
		assert_string_equal(d->priority, g.priority);
		if (d->rule_since != VALUE_NONE) { /* at time 0 itself there is none */
			assert_in_range(g.rule_since, d->rule_since - 1, d->rule_since + 1);
		}
		if (strcmp(g.rule, "wait") == 0) {
			assert_int_equal(d->place, g.place);
		}
		if (d->at == now.wall.ms) {
			why_decision(then, sizeof then, d, now.wall);
			why_gun(present, sizeof present, &g, now.wall);
			assert_string_equal(then, present);
		}
	}
}

/* Who shares by another weight than the others: the log says so, as the present does. */
static void a_decision_tells_the_class(void **state)
{
	static struct book b;
	char why[WHY_MAX] = "";
	struct run r;

	(void)state;
	begin_with(&r, "200 kVA", 200000, "[fair]", ", gun: {priority: vip}");
	r.on_decision = note;
	r.arg = &b;
	plug_all(&r);
	for (int k = 0; k < 600 && strcmp(last_rule(&b, "A6.1"), "limit") != 0; k++) {
		live(&r, 1);
	}
	assert_string_equal(last_of(&b, "A6.1")->priority, "vip");
	assert_string_equal(last_of(&b, "A5.1")->priority, "normal");
	why_decision(why, sizeof why, last_of(&b, "A6.1"), vsite_now(r.v).wall);
	assert_non_null(strstr(why, "priority VIP"));
	end(&r);
}

static void the_log_tells_the_grants_of_every_moment(void **state)
{
	static struct book b;
	struct run r;

	(void)state;
	memset(&b, 0, sizeof b);
	begin(&r, "200 kVA", 200000, "[admission, fair]");
	r.on_decision = note;
	r.arg = &b;
	live(&r, 5);
	for (int k = 0; k < 4 * 3600; k++) {
		live(&r, 1);
		compare(&r, &b);
		if (k == 3600) {
			inject(&r, "meter-dead", "T1", 900);
			inject(&r, "silent", "A1", 600);
		}
	}
	print_message("# %lld decisions of %d guns in 4 h\n", (long long)b.all, GUNS);
	/* A busy site says something, and not something each second. */
	assert_in_range(b.all, GUNS * 5, GUNS * 4 * 60);
	end(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_decision_tells_the_class),
		cmocka_unit_test(the_log_tells_the_grants_of_every_moment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
