/* The conversation with an agent that sends whatever it likes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "feed.h"

/* A link whose other end is this test. */
static struct {
	const char *bytes; /* to be read */
	size_t len, step;  /* at most `step` a read */
	bool refuse, close;
	bool slow; /* to become ready */
	int opened;
	char sent[8192];
	size_t sent_len;
} wire;

static int test_open(struct link *link, const char *address)
{
	(void)address;
	wire.opened++;
	if (wire.refuse) {
		return ERR_IO;
	}
	link->fd = 0;
	link->ready = !wire.slow;
	return 0;
}

static ssize_t test_read(struct link *link, void *buf, size_t size)
{
	size_t n = wire.len < wire.step ? wire.len : wire.step;

	(void)link;
	if (n == 0) {
		return wire.close ? ERR_CLOSED : 0;
	}
	n = n < size ? n : size;
	memcpy(buf, wire.bytes, n);
	wire.bytes += n;
	wire.len -= n;
	return (ssize_t)n;
}

static ssize_t test_write(struct link *link, const void *buf, size_t size)
{
	size_t room = sizeof wire.sent - wire.sent_len - 1;
	size_t n = size < room ? size : room;

	(void)link;
	memcpy(wire.sent + wire.sent_len, buf, n);
	wire.sent_len += n;
	wire.sent[wire.sent_len] = '\0';
	return (ssize_t)n;
}

static void test_close(struct link *link)
{
	link->fd = -1;
}

static const struct link_ops ops = {
	.name = "test",
	.pause_max_us = 8 * US_PER_S,
	.open = test_open,
	.read = test_read,
	.write = test_write,
	.close = test_close,
};

static struct model model;
static struct feed feed;
static struct mono now;

static int setup(void **state)
{
	(void)state;
	memset(&wire, 0, sizeof wire);
	wire.step = 100000;
	now = (struct mono){US_PER_S};
	model_init(&model);
	return feed_init(&feed, &ops, "test", &model);
}

static int teardown(void **state)
{
	(void)state;
	feed_free(&feed);
	model_free(&model);
	return 0;
}

static void say(const char *bytes, size_t len)
{
	wire.bytes = bytes;
	wire.len = len;
	while (wire.len > 0 && feed.state != FEED_DOWN) {
		now = mono_add_us(now, 1000);
		feed_run(&feed, now);
	}
	feed_run(&feed, now);
}

static void tell(const char *text)
{
	say(text, strlen(text));
}

#define GREETING                                                                           \
	"{\"jsonrpc\":\"2.0\",\"method\":\"hello\",\"params\":{\"protocol\":1,\"agent\":"  \
	"\"0.1.0\",\"site\":\"s\",\"name\":\"n\",\"role\":\"viewer\"}}\n"                  \
	"{\"method\":\"snapshot\",\"params\":{\"view\":\"gun\",\"rows\":[{\"id\":\"A1.1\"" \
	"}]}}\n{\"method\":\"synced\",\"params\":{\"seq\":1,\"now\":1772359500000}}\n"

static void connect_up(void)
{
	feed_run(&feed, now);
	tell(GREETING);
	assert_int_equal(feed.state, FEED_UP);
	assert_non_null(strstr(wire.sent, "\"subscribe\""));
}

static void byte_by_byte(void **state)
{
	(void)state;
	wire.step = 1;
	connect_up();
	assert_int_equal(model_count(&model, VIEW_gun), 1);
	assert_string_equal(model.hello.role, "viewer");
}

static void nonsense_lines_are_counted_and_skipped(void **state)
{
	static const char *const lines[] = {"\n", "}{\n", "null\n", "[]\n", "7\n", "\"x\"\n",
		"{}\n", "{\"method\":7}\n", "{\"method\":\"nothing\"}\n",
		"{\"method\":\"delta\"}\n", "{\"id\":99,\"result\":{}}\n", "{\"id\":\"1\"}\n",
		"{\"id\":1,\"result\":7}\n", "\x1b[2J\xff\xfe\n",
		"{\"method\":\"synced\",\"params\":{\"seq\":{}}}\n"};

	(void)state;
	connect_up();
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		tell(lines[i]);
		assert_int_equal(feed.state, FEED_UP);
	}
	assert_int_equal(model_count(&model, VIEW_gun), 1);
	assert_true(model.malformed >= 6);
}

static void deep_nesting_is_refused(void **state)
{
	static char line[200001];

	(void)state;
	connect_up();
	memset(line, '[', sizeof line - 1);
	line[sizeof line - 1] = '\n';
	say(line, sizeof line);
	assert_int_equal(feed.state, FEED_UP);
}

static void an_endless_line_is_bounded(void **state)
{
	static char part[65536];

	(void)state;
	connect_up();
	memset(part, 'x', sizeof part);
	for (int i = 0; i < 64; i++) {
		say(part, sizeof part);
	}
	assert_true(feed.framer.cap <= WIRE_LINE_MAX);
	tell("\n");
	assert_int_equal(feed.state, FEED_UP);
	tell("{\"method\":\"delta\",\"params\":{\"seq\":2,\"gun\":[{\"id\":\"A1.2\"}]}}\n");
	assert_int_equal(model_count(&model, VIEW_gun), 1 + 1);
}

static void half_a_line_and_then_nothing(void **state)
{
	(void)state;
	connect_up();
	tell("{\"method\":\"delta\",\"par");
	wire.close = true;
	feed_run(&feed, now);
	assert_int_equal(feed.state, FEED_DOWN);
	assert_int_equal(model_count(&model, VIEW_gun), 1);
}

static void a_gap_subscribes_again(void **state)
{
	(void)state;
	connect_up();
	wire.sent_len = 0;
	tell("{\"method\":\"delta\",\"params\":{\"seq\":5}}\n");
	assert_non_null(strstr(wire.sent, "\"subscribe\""));
	assert_int_equal(feed.state, FEED_UP);
}

static void pauses_grow_and_end_with_success(void **state)
{
	(void)state;
	wire.refuse = true;
	for (int i = 0; i < 60 * 100; i++) {
		now = mono_add_us(now, 10 * US_PER_MS);
		feed_run(&feed, now);
	}
	/* 0.25, 0.5, 1, 2, 4 s, then each 8 s: in a minute about a dozen tries. */
	assert_in_range(wire.opened, 8, 16);
	wire.refuse = false;
	now = mono_add_us(now, 11 * US_PER_S); /* the pause and its jitter of a quarter */
	connect_up();
}

static void another_protocol_is_refused(void **state)
{
	static const char line[] = "{\"method\":\"hello\",\"params\":{\"protocol\":2}}\n";

	(void)state;
	feed_run(&feed, now);
	tell(line);
	assert_int_equal(feed.state, FEED_DOWN);
	assert_non_null(strstr(feed.trouble, "another protocol"));
}

static void silence_ends_the_link(void **state)
{
	(void)state;
	connect_up();
	now = mono_add_us(now, 30 * US_PER_S);
	feed_run(&feed, now);
	assert_int_equal(feed.state, FEED_DOWN);
}

static void a_link_may_take_its_time(void **state)
{
	(void)state;
	wire.slow = true;
	feed_run(&feed, now);
	assert_int_equal(feed.state, FEED_CONNECTING);
	assert_int_equal(feed_ask(&feed, ASK_GUN, METHOD_GUN, NULL, "A1.1"), ERR_CLOSED);
	assert_int_equal(wire.sent_len, 0);
	/* While the user thinks about a question, nothing runs out. */
	feed.link.question.ask = LINK_ASK_HOST_KEY;
	for (int i = 0; i < 600; i++) {
		now = mono_add_us(now, US_PER_S);
		feed_run(&feed, now);
	}
	assert_int_equal(feed.state, FEED_CONNECTING);
	feed.link.question.ask = LINK_ASK_NONE;
	feed.link.ready = true;
	tell(GREETING);
	assert_int_equal(feed.state, FEED_UP);
	assert_non_null(strstr(wire.sent, "\"subscribe\""));
}

static void a_link_that_hangs_is_given_up(void **state)
{
	(void)state;
	wire.slow = true;
	for (int i = 0; i < 60 && wire.opened < 2; i++) {
		now = mono_add_us(now, US_PER_S);
		feed_run(&feed, now);
	}
	assert_int_equal(wire.opened, 2);
}

static void a_stopped_link_waits_for_the_user(void **state)
{
	(void)state;
	connect_up();
	feed.link.stopped = true;
	wire.close = true;
	for (int i = 0; i < 600; i++) {
		now = mono_add_us(now, US_PER_S);
		feed_run(&feed, now);
	}
	assert_int_equal(wire.opened, 1);
	wire.close = false;
	feed_retry(&feed);
	feed_run(&feed, now);
	assert_int_equal(wire.opened, 2);
}

static void silence_is_seen_before_the_link_is_given_up(void **state)
{
	(void)state;
	connect_up();
	assert_false(feed_silent(&feed, now));
	now = mono_add_us(now, 8 * US_PER_S);
	feed_run(&feed, now);
	assert_int_equal(feed.state, FEED_UP);
	assert_true(feed_silent(&feed, now));
}

static void views_that_an_agent_does_not_know_are_not_asked_for_again(void **state)
{
	(void)state;
	feed_want(&feed, "site,nothing", 5000);
	feed_run(&feed, now);
	assert_non_null(strstr(wire.sent, "\"views\":\"site,nothing\""));
	wire.sent_len = 0;
	tell("{\"id\":1,\"error\":{\"code\":-32602,\"message\":\"views\"}}\n");
	assert_int_equal(feed.state, FEED_GREETING);
	assert_non_null(strstr(wire.sent, "\"subscribe\""));
	assert_null(strstr(wire.sent, "views"));
}

static void questions_are_bounded(void **state)
{
	(void)state;
	assert_int_equal(feed_ask(&feed, ASK_GUN, METHOD_GUN, NULL, "A1.1"), ERR_CLOSED);
	connect_up();
	assert_int_equal(feed_ask(&feed, ASK_GUN, METHOD_GUN, NULL, "A1.1"), 0);
	assert_int_equal(feed_ask(&feed, ASK_GUN, METHOD_GUN, NULL, "A1.1"), ERR_BUSY);
	/* One that is never answered does not block the next for ever. */
	for (int i = 0; i < 12; i++) {
		now = mono_add_us(now, US_PER_S);
		tell("{\"method\":\"nothing\"}\n");
	}
	assert_int_equal(feed_ask(&feed, ASK_GUN, METHOD_GUN, NULL, "A1.1"), 0);
}

static void a_quote_says_whose_form_it_is_for(void **state)
{
	(void)state;
	connect_up();
	assert_int_equal(feed_ask(&feed, ASK_QUOTE, METHOD_QUOTE, NULL, "7"), 0);
	tell("{\"id\":2,\"result\":{\"now\":{\"period\":\"peak\",\"elec_e5\":98600,"
	     "\"service_e5\":40000,\"from\":5},\"next\":[7],\"account\":\"C1\\u001b[2J\","
	     "\"balance_fen\":1e300,\"hold_fen\":200,\"reservation\":\"none\"}}\n");
	assert_int_equal(feed.quote.form, 7);
	assert_string_equal(feed.quote.error, "");
	assert_int_equal(feed.quote.now.e5, 138600);
	assert_int_equal(feed.quote.next.e5, VALUE_NONE);
	assert_null(strchr(feed.quote.account, '\x1b'));
	assert_int_equal(feed.quote.balance_fen, VALUE_NONE);
	assert_int_equal(feed.quote.hold_fen, 200);
	assert_int_equal(feed.quote.fee_fen, VALUE_NONE);
	/* One that fails is for its form too, and leaves nothing of the one before. */
	assert_int_equal(feed_ask(&feed, ASK_QUOTE, METHOD_QUOTE, NULL, "8"), 0);
	tell("{\"id\":3,\"error\":{\"code\":-32001,\"message\":\"no\"}}\n");
	assert_int_equal(feed.quote.form, 8);
	assert_string_equal(feed.quote.error, err_token(ERR_INVAL));
	assert_int_equal(feed.quote.now.e5, VALUE_NONE);
	assert_string_equal(feed.quote.account, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(byte_by_byte, setup, teardown),
		cmocka_unit_test_setup_teardown(
			nonsense_lines_are_counted_and_skipped, setup, teardown),
		cmocka_unit_test_setup_teardown(deep_nesting_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(an_endless_line_is_bounded, setup, teardown),
		cmocka_unit_test_setup_teardown(half_a_line_and_then_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(a_gap_subscribes_again, setup, teardown),
		cmocka_unit_test_setup_teardown(pauses_grow_and_end_with_success, setup, teardown),
		cmocka_unit_test_setup_teardown(another_protocol_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(silence_ends_the_link, setup, teardown),
		cmocka_unit_test_setup_teardown(a_link_may_take_its_time, setup, teardown),
		cmocka_unit_test_setup_teardown(a_link_that_hangs_is_given_up, setup, teardown),
		cmocka_unit_test_setup_teardown(a_stopped_link_waits_for_the_user, setup, teardown),
		cmocka_unit_test_setup_teardown(
			silence_is_seen_before_the_link_is_given_up, setup, teardown),
		cmocka_unit_test_setup_teardown(
			views_that_an_agent_does_not_know_are_not_asked_for_again, setup, teardown),
		cmocka_unit_test_setup_teardown(questions_are_bounded, setup, teardown),
		cmocka_unit_test_setup_teardown(a_quote_says_whose_form_it_is_for, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
