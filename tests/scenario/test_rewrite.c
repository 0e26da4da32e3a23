/*
 * A limit that the device forgets: written again within its time, on a virtual bus, from the
 * profile over field map and plan.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "bus/virtual.h"
#include "field.h"

#define LIMIT_AT 1210            /* alfen-eve: f32, A */
#define FORGETS  (25 * US_PER_S) /* after this the device falls back */

/* The device: what was written last, and when. */
struct pile {
	struct bus_port port;
	struct mono now;
	bool silent;
	uint16_t values[2];
	int64_t written_us, longest_us;
	int writes;
};

static void transact(struct bus_port *port, const struct bus_request *q, struct bus_reply *reply)
{
	struct pile *pile = (struct pile *)port;

	memset(reply, 0, sizeof *reply);
	reply->took_us = pile->silent ? 300 * US_PER_MS : 20 * US_PER_MS;
	reply->at = mono_add_us(pile->now, reply->took_us);
	reply->err = pile->silent ? ERR_TIMEOUT : 0;
	if (!pile->silent && q->function == 16) {
		int64_t gap = reply->at.us - pile->written_us;

		assert_int_equal(q->address, LIMIT_AT);
		assert_int_equal(q->count, 2);
		memcpy(pile->values, q->values, sizeof pile->values);
		pile->longest_us =
			pile->writes > 0 && gap > pile->longest_us ? gap : pile->longest_us;
		pile->written_us = reply->at.us;
		pile->writes++;
	} else if (q->address <= LIMIT_AT && q->address + q->count > LIMIT_AT + 1) {
		memcpy(&reply->values[LIMIT_AT - q->address], pile->values, sizeof pile->values);
	}
}

static int open_line(struct bus_port *port)
{
	(void)port;
	return 0;
}

static void nothing(struct bus_port *port)
{
	(void)port;
}

struct rig {
	struct pile pile;
	struct config *config;
	struct field_map *field;
	struct plan *plan;
	struct vbus *vbus;
	int told; /* events of writes */
};

static int setup(void **state)
{
	static const struct bus_port_ops ops = {open_line, transact, nothing, nothing};
	static const char *const folders[] = {"agent/profiles", NULL};
	static const char text[] = "site: {id: x}\ntransformer: {rated: 630 kVA}\n"
				   "buses:\n  lan: {tcp: 127.0.0.1:502}\n"
				   "piles:\n  A1: {profile: alfen-eve, bus: lan, unit: 1}\n";
	char path[] = "/tmp/piled-rewrite-XXXXXX";
	const struct config_unit *units;
	struct yaml_errors errors = {0};
	struct rig *r = calloc(1, sizeof *r);
	struct plan_cfg plan;
	int fd = mkstemp(path);

	assert_non_null(r);
	assert_int_equal(write(fd, text, sizeof text - 1), (ssize_t)sizeof text - 1);
	close(fd);
	assert_int_equal(config_load(path, folders, &errors, &r->config), 0);
	unlink(path);
	yaml_errors_free(&errors);
	r->pile.port.ops = &ops;
	r->pile.now.us = 1000 * US_PER_S;
	assert_int_equal(config_bus_plan(r->config, 0, &plan, &units), 1);
	assert_int_equal(plan_new(&plan, &r->plan), 0);
	assert_int_equal(field_new(r->config, &r->field), 0);
	assert_int_equal(vbus_new(0, r->plan, &r->pile.port, &r->pile.now, &r->vbus), 0);
	*state = r;
	return 0;
}

static int teardown(void **state)
{
	struct rig *r = *state;

	vbus_free(r->vbus);
	field_free(r->field);
	plan_free(r->plan);
	config_free(r->config);
	free(r);
	return 0;
}

static void on_event(void *arg, const struct event *event)
{
	struct rig *r = arg;

	r->told += event->kind == EV_WRITTEN;
}

static void on_result(void *arg, const struct bus_result *result)
{
	struct rig *r = arg;

	field_result(r->field, result, (struct moment){r->pile.now, {1}}, on_event, r);
}

static void run(struct rig *r, int64_t seconds)
{
	vbus_run(r->vbus, mono_add_us(r->pile.now, seconds * US_PER_S), on_result, r);
}

static void limit(struct rig *r, uint32_t token, int64_t ma)
{
	struct action a = {.kind = ACT_WRITE,
		.write = {
			.token = token, .target = {TGT_GUN, 0}, .point = PT_LIMIT_MA, .value = ma}};
	struct plan_write write;
	uint16_t bus;

	assert_int_equal(field_write(r->field, &a, &bus, &write), 0);
	assert_int_equal(plan_write(r->plan, &write), 0);
}

static float written_a(const struct rig *r)
{
	uint32_t bits = (uint32_t)r->pile.values[0] << 16 | r->pile.values[1];
	float a;

	memcpy(&a, &bits, sizeof a);
	return a;
}

static void a_limit_in_force_is_written_again(void **state)
{
	struct rig *r = *state;

	run(r, 60);
	assert_int_equal(r->pile.writes, 0); /* nobody has limited it */
	limit(r, 1, 16000);
	run(r, 600);
	assert_true(r->pile.writes > 600 / 25);
	assert_true(r->pile.longest_us < FORGETS);
	assert_true(written_a(r) == 16.0F);
	limit(r, 2, 8000);
	run(r, 600);
	assert_true(r->pile.longest_us < FORGETS);
	assert_true(written_a(r) == 8.0F);
	/* Sent and read back of each; nobody is told of the repetitions. */
	assert_int_equal(r->told, 4);
}

static void it_is_written_as_soon_as_the_device_is_back(void **state)
{
	struct rig *r = *state;
	int before;

	limit(r, 1, 10000);
	run(r, 30);
	r->pile.silent = true;
	run(r, 120);
	memset(r->pile.values, 0, sizeof r->pile.values);
	before = r->pile.writes;
	r->pile.silent = false;
	for (int k = 0; k < 60 && r->pile.writes == before; k++) {
		run(r, 1);
	}
	assert_true(written_a(r) == 10.0F);
	assert_true(plan_unit_up(r->plan, 0, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_limit_in_force_is_written_again, setup, teardown),
		cmocka_unit_test_setup_teardown(
			it_is_written_as_soon_as_the_device_is_back, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
