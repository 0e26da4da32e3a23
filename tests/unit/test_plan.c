/* The plan of a bus: what is read when, what it costs, what is never done. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bus/plan.h"
#include "err.h"

#define MS(n) ((n)*US_PER_MS)

static struct plan *make(const struct plan_unit_cfg *units, size_t count)
{
	struct plan_cfg cfg = {
		.units = units, .unit_count = count, .timeout_us = MS(300), .seed = 7};
	struct plan *plan = NULL;

	assert_int_equal(plan_new(&cfg, &plan), 0);
	return plan;
}

static struct mono at_ms(int64_t ms)
{
	return (struct mono){ms * US_PER_MS};
}

/* Ends the step in hand at that time. */
static bool end(struct plan *plan, const struct plan_step *step, int64_t ms, int err)
{
	struct bus_reply reply = {.err = err, .at = at_ms(ms), .took_us = MS(err ? 300 : 20)};

	return plan_done(plan, step, &reply);
}

static bool refuse(struct plan *plan, const struct plan_step *step, int64_t ms, uint8_t exception)
{
	struct bus_reply reply = {
		.err = ERR_EXCEPTION, .exception = exception, .at = at_ms(ms), .took_us = MS(20)};

	return plan_done(plan, step, &reply);
}

static void expect_read(struct plan *plan, int64_t ms, uint16_t address, uint16_t count)
{
	struct plan_step step;

	plan_next(plan, at_ms(ms), &step);
	assert_int_equal(step.what, PLAN_READ);
	assert_int_equal(step.address, address);
	assert_int_equal(step.count, count);
	end(plan, &step, ms + 20, 0);
}

static void neighbours_become_one_read(void **state)
{
	static const struct plan_range ranges[] = {{3, 20, 4, POLL_FAST}, {3, 10, 2, POLL_FAST},
		{3, 12, 4, POLL_FAST}, {3, 13, 6, POLL_FAST}, {4, 24, 1, POLL_FAST}};
	struct plan_unit_cfg unit = {
		.unit = 1, .ranges = ranges, .range_count = 5, .fast_us = MS(1000)};
	struct plan *plan = make(&unit, 1);

	(void)state;
	expect_read(plan, 0, 10, 9);
	expect_read(plan, 20, 20, 4);
	expect_read(plan, 40, 24, 1);
	plan_free(plan);
	unit.max_gap = 1;
	plan = make(&unit, 1);
	expect_read(plan, 0, 10, 14);
	expect_read(plan, 20, 24, 1);
	plan_free(plan);
	unit.max_read = 9;
	plan = make(&unit, 1);
	expect_read(plan, 0, 10, 9);
	expect_read(plan, 20, 20, 4);
	plan_free(plan);
	unit.single = true;
	plan = make(&unit, 1);
	expect_read(plan, 0, 10, 2);
	expect_read(plan, 20, 12, 4);
	plan_free(plan);
}

static void what_no_request_can_read_is_refused(void **state)
{
	static const struct plan_range bad[] = {{5, 0, 1, POLL_FAST}, {3, 0, 0, POLL_FAST},
		{3, 0xFFFF, 2, POLL_FAST}, {3, 0, 126, POLL_FAST}, {0, 0, 1, POLL_FAST}};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct plan_unit_cfg unit = {.unit = 1, .ranges = &bad[i], .range_count = 1};
		struct plan_cfg cfg = {.units = &unit, .unit_count = 1};
		struct plan *plan = NULL;

		assert_int_equal(plan_new(&cfg, &plan), ERR_RANGE);
		assert_null(plan);
	}
}

/* Whenever the plan begins, also when the machine has been up for longer than a period. */
static void the_first_round_is_read_once(void **state)
{
	static const int64_t start_ms[] = {0, 1, 5000, 3600000, 3600001, 864000000};
	static const struct plan_range range = {3, 0, 2, POLL_FAST};
	struct plan_unit_cfg unit = {
		.unit = 1, .ranges = &range, .range_count = 1, .fast_us = MS(3600000)};

	(void)state;
	for (size_t i = 0; i < sizeof start_ms / sizeof start_ms[0]; i++) {
		struct plan *plan = make(&unit, 1);
		struct plan_step step;

		expect_read(plan, start_ms[i], 0, 2);
		plan_next(plan, at_ms(start_ms[i] + 20), &step);
		assert_int_equal(step.what, PLAN_WAIT);
		plan_poll_now(plan, 0, false);
		expect_read(plan, start_ms[i] + 40, 0, 2);
		plan_next(plan, at_ms(start_ms[i] + 60), &step);
		assert_int_equal(step.what, PLAN_WAIT);
		plan_free(plan);
	}
}

/* A limit that must come down waits for the writes before it, not for what only tells of them. */
static void writes_go_before_the_read_backs_of_others(void **state)
{
	static const struct plan_range range = {3, 0, 2, POLL_FAST};
	struct plan_unit_cfg units[3];
	struct plan_write write = {.function = 6,
		.address = 900,
		.count = 1,
		.back_function = 3,
		.back_address = 900,
		.back_count = 1};
	struct plan_step step;
	struct plan *plan;

	(void)state;
	for (uint8_t i = 0; i < 3; i++) {
		units[i] = (struct plan_unit_cfg){.unit = (uint8_t)(i + 1),
			.ranges = &range,
			.range_count = 1,
			.fast_us = MS(3600000)};
	}
	plan = make(units, 3);
	for (int i = 0; i < 3; i++) {
		plan_next(plan, at_ms(1000 + i), &step);
		assert_int_equal(step.what, PLAN_READ);
		end(plan, &step, 1000 + i, 0);
	}
	for (write.unit = 0; write.unit < 3; write.unit++) {
		write.token = write.unit + 1U;
		assert_int_equal(plan_write(plan, &write), 0);
	}
	for (int i = 0; i < 6; i++) {
		plan_next(plan, at_ms(2000 + i), &step);
		assert_int_equal(step.what, i < 3 ? PLAN_WRITE : PLAN_READ_BACK);
		assert_int_equal(step.token, i % 3 + 1);
		end(plan, &step, 2000 + i, 0);
	}
	plan_free(plan);
}

static void groups_have_their_periods(void **state)
{
	static const struct plan_range ranges[] = {
		{3, 0, 2, POLL_FAST}, {3, 100, 2, POLL_SLOW}, {3, 200, 2, POLL_ONCE}};
	struct plan_unit_cfg unit = {.unit = 1,
		.ranges = ranges,
		.range_count = 3,
		.fast_us = MS(1000),
		.slow_us = MS(10000)};
	struct plan *plan = make(&unit, 1);
	struct mono now = at_ms(5000);
	int fast = 0, slow = 0, once = 0;

	(void)state;
	while (now.us < at_ms(65000).us) {
		struct plan_step step;

		plan_next(plan, now, &step);
		if (step.what == PLAN_WAIT) {
			assert_true(step.until.us > now.us);
			now = step.until;
			continue;
		}
		fast += step.address == 0;
		slow += step.address == 100;
		once += step.address == 200;
		now = mono_add_us(now, MS(20));
		end(plan, &step, now.us / US_PER_MS, 0);
	}
	assert_in_range(fast, 60, 61);
	assert_in_range(slow, 6, 7);
	assert_int_equal(once, 1);
	plan_free(plan);
}

static void asked_for_it_is_read_at_once_and_once(void **state)
{
	static const struct plan_range ranges[] = {{3, 0, 2, POLL_FAST}};
	struct plan_unit_cfg unit = {
		.unit = 1, .ranges = ranges, .range_count = 1, .fast_us = MS(1000)};
	struct plan *plan = make(&unit, 1);
	struct plan_step step;

	(void)state;
	expect_read(plan, 5000, 0, 2);
	plan_next(plan, at_ms(5020), &step);
	assert_int_equal(step.what, PLAN_WAIT);
	assert_int_equal(step.until.us, MS(6000));
	plan_poll_now(plan, 0, false);
	expect_read(plan, 5100, 0, 2);
	plan_next(plan, at_ms(5120), &step);
	assert_int_equal(step.what, PLAN_WAIT);
	assert_int_equal(step.until.us, MS(6100));
	plan_free(plan);
}

static const struct plan_range one[] = {{3, 0, 2, POLL_FAST}};

static void a_step_repeats_until_done_but_gives_way_to_a_write(void **state)
{
	struct plan_unit_cfg unit = {
		.unit = 1, .ranges = one, .range_count = 1, .fast_us = MS(1000)};
	struct plan_write write = {.token = 9,
		.function = 6,
		.address = 50,
		.count = 1,
		.values = {7},
		.back_function = 3,
		.back_address = 60,
		.back_count = 1,
		.back_delay_us = MS(100)};
	struct plan *plan = make(&unit, 1);
	struct plan_step a, b;

	(void)state;
	plan_next(plan, at_ms(0), &a);
	plan_next(plan, at_ms(3), &b);
	assert_memory_equal(&a, &b, sizeof a);
	assert_int_equal(plan_write(plan, &write), 0);
	plan_next(plan, at_ms(4), &b);
	assert_int_equal(b.what, PLAN_WRITE);
	assert_int_equal(b.token, 9);
	assert_int_equal(b.values[0], 7);
	end(plan, &b, 20, 0);
	assert_true(plan_final(plan));
	expect_read(plan, 20, 0, 2);
	plan_next(plan, at_ms(40), &b);
	assert_int_equal(b.what, PLAN_WAIT);
	assert_int_equal(b.until.us, MS(120));
	plan_next(plan, at_ms(120), &b);
	assert_int_equal(b.what, PLAN_READ_BACK);
	assert_int_equal(b.address, 60);
	assert_int_equal(b.token, 9);
	end(plan, &b, 140, 0);
	assert_int_equal(plan_writes(plan, 0), 0);
	plan_free(plan);
}

static void a_lost_write_is_repeated_a_refused_one_is_not(void **state)
{
	struct plan_unit_cfg unit = {
		.unit = 1, .ranges = one, .range_count = 1, .fast_us = MS(1000)};
	struct plan_write write = {.token = 9, .function = 6, .address = 50, .count = 1};
	struct plan *plan = make(&unit, 1);
	struct plan_step step;

	(void)state;
	expect_read(plan, 0, 0, 2);
	assert_int_equal(plan_write(plan, &write), 0);
	plan_next(plan, at_ms(20), &step);
	end(plan, &step, 40, ERR_CRC);
	assert_false(plan_final(plan));
	plan_next(plan, at_ms(40), &step);
	assert_int_equal(step.what, PLAN_WRITE);
	refuse(plan, &step, 60, 3);
	assert_true(plan_final(plan));
	assert_int_equal(plan_writes(plan, 0), 0);
	plan_free(plan);
}

static void the_queue_of_a_unit_is_bounded(void **state)
{
	struct plan_unit_cfg unit = {.unit = 1, .ranges = one, .range_count = 1};
	struct plan_write write = {.token = 1, .function = 16, .address = 50, .count = 2};
	struct plan *plan = make(&unit, 1);
	struct plan_step step;
	int dropped = 0;

	(void)state;
	for (int i = 0; i < PLAN_WRITES_MAX; i++) {
		assert_int_equal(plan_write(plan, &write), 0);
	}
	assert_int_equal(plan_write(plan, &write), ERR_FULL);
	write.function = 3;
	assert_int_equal(plan_write(plan, &write), ERR_RANGE);
	write.function = 16;
	write.count = 9;
	assert_int_equal(plan_write(plan, &write), ERR_RANGE);
	write.count = 1;
	write.unit = 1;
	assert_int_equal(plan_write(plan, &write), ERR_RANGE);
	while (plan_drop(plan, &step)) {
		dropped++;
	}
	assert_int_equal(dropped, PLAN_WRITES_MAX);
	plan_free(plan);
}

static void one_refused_register_never_costs_its_neighbours(void **state)
{
	static const struct plan_range ranges[] = {{3, 0, 2, POLL_FAST}, {3, 2, 2, POLL_FAST},
		{3, 4, 2, POLL_FAST}, {3, 6, 2, POLL_FAST}};
	struct plan_unit_cfg unit = {
		.unit = 1, .ranges = ranges, .range_count = 4, .fast_us = MS(1000)};
	struct plan *plan = make(&unit, 1);
	struct mono now = at_ms(0);
	int good[8] = {0}, refused = 0, reads = 0;

	(void)state;
	while (now.us < at_ms(100000).us) {
		struct plan_step step;

		plan_next(plan, now, &step);
		if (step.what == PLAN_WAIT) {
			now = step.until;
			continue;
		}
		reads++;
		now = mono_add_us(now, MS(20));
		if (step.address <= 4 && step.address + step.count > 4) {
			refused++;
			refuse(plan, &step, now.us / US_PER_MS, 2);
			continue;
		}
		for (int r = step.address; r < step.address + step.count; r++) {
			good[r]++;
		}
		end(plan, &step, now.us / US_PER_MS, 0);
	}
	assert_in_range(good[0], 99, 102);
	assert_in_range(good[3], 99, 102);
	assert_in_range(good[7], 99, 102);
	assert_int_equal(good[4], 0);
	assert_in_range(refused, 2, 5);
	/* Merged again around the hole: two reads a second, not three. */
	assert_in_range(reads, 198, 212);
	plan_free(plan);
}

static void a_gap_that_cannot_be_read_is_cut(void **state)
{
	static const struct plan_range ranges[] = {{3, 0, 2, POLL_FAST}, {3, 4, 2, POLL_FAST}};
	struct plan_unit_cfg unit = {
		.unit = 1, .ranges = ranges, .range_count = 2, .max_gap = 4, .fast_us = MS(1000)};
	struct plan *plan = make(&unit, 1);
	struct mono now = at_ms(0);
	int refused = 0, good = 0;

	(void)state;
	while (now.us < at_ms(20000).us) {
		struct plan_step step;

		plan_next(plan, now, &step);
		if (step.what == PLAN_WAIT) {
			now = step.until;
			continue;
		}
		now = mono_add_us(now, MS(20));
		if (step.count > 2) {
			refused++;
			refuse(plan, &step, now.us / US_PER_MS, 2);
		} else {
			good++;
			end(plan, &step, now.us / US_PER_MS, 0);
		}
	}
	assert_int_equal(refused, 2);
	assert_in_range(good, 38, 42);
	plan_free(plan);
}

static void keepalives_repeat_while_the_unit_answers(void **state)
{
	struct plan_unit_cfg unit = {
		.unit = 1, .ranges = one, .range_count = 1, .fast_us = MS(1000)};
	struct plan_write keep = {
		.function = 6, .address = 50, .count = 1, .values = {1}, .every_us = MS(5000)};
	struct plan_write limit = {
		.token = 3, .function = 6, .address = 50, .count = 1, .values = {16}};
	struct plan *plan = make(&unit, 1);
	struct mono now = at_ms(0);
	int writes = 0;
	uint16_t last = 0;

	(void)state;
	assert_int_equal(plan_keepalive(plan, &keep), 0);
	while (now.us < at_ms(30000).us) {
		struct plan_step step;

		if (now.us > at_ms(12000).us && limit.token) {
			assert_int_equal(plan_write(plan, &limit), 0);
			limit.token = 0;
		}
		plan_next(plan, now, &step);
		if (step.what == PLAN_WAIT) {
			now = step.until;
			continue;
		}
		now = mono_add_us(now, MS(20));
		if (step.what == PLAN_WRITE) {
			writes++;
			last = step.values[0];
		}
		end(plan, &step, now.us / US_PER_MS, 0);
	}
	/* 0, 5, 10, the limit at 12, then 17, 22, 27. */
	assert_in_range(writes, 7, 7);
	assert_int_equal(last, 16);
	plan_free(plan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(neighbours_become_one_read),
		cmocka_unit_test(what_no_request_can_read_is_refused),
		cmocka_unit_test(the_first_round_is_read_once),
		cmocka_unit_test(writes_go_before_the_read_backs_of_others),
		cmocka_unit_test(groups_have_their_periods),
		cmocka_unit_test(asked_for_it_is_read_at_once_and_once),
		cmocka_unit_test(a_step_repeats_until_done_but_gives_way_to_a_write),
		cmocka_unit_test(a_lost_write_is_repeated_a_refused_one_is_not),
		cmocka_unit_test(the_queue_of_a_unit_is_bounded),
		cmocka_unit_test(one_refused_register_never_costs_its_neighbours),
		cmocka_unit_test(a_gap_that_cannot_be_read_is_cut),
		cmocka_unit_test(keepalives_repeat_while_the_unit_answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
