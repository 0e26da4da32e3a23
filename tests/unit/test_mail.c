/* A message as mail, and from alarms to messages. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "fault.h"
#include "herald.h"
#include "mail.h"
#include "outbox.h"

static struct view_alarm an_alarm(const char *target, int64_t code, const char *state)
{
	struct view_alarm a;

	view_clear(VIEW_alarm, &a);
	VIEW_SET(&a, id, "A1.2-18-1700000000000");
	VIEW_SET(&a, target, target);
	VIEW_SET(&a, state, state);
	VIEW_SET(&a, detail, "device \033[31m says\nso");
	a.code = code;
	a.severity = fault_info((int)code)->severity;
	a.raised = INT64_C(1700000000000);
	return a;
}

static void the_mail_is_plain_and_its_id_stays(void **state)
{
	struct view_outbox m;
	char mail[MAIL_MAX];

	(void)state;
	view_clear(VIEW_outbox, &m);
	VIEW_SET(&m, id, "A1.2-18-1700000000000:raised:0badcafe");
	VIEW_SET(&m, recipient, "ops@example.org");
	VIEW_SET(&m, subject, "East\nBcc: x@y: gun over temperature");
	VIEW_SET(&m, text, "one\ntwo");
	m.created = INT64_C(1700000000000);
	mail_compose(&m, "piled@example.org", "east", mail, sizeof mail);
	assert_string_equal(mail,
		"From: piled@example.org\nTo: ops@example.org\n"
		"Subject: East?Bcc: x@y: gun over temperature\n"
		"Date: Tue, 14 Nov 2023 22:13:20 +0000\n"
		"Message-ID: <A1.2-18-1700000000000.raised.0badcafe@east.piled>\n"
		"Auto-Submitted: auto-generated\nMIME-Version: 1.0\n"
		"Content-Type: text/plain; charset=UTF-8\nContent-Transfer-Encoding: 8bit\n\n"
		"one\ntwo\n");
}

/* Chinese is encoded in words of whole characters, none of them longer than a line may be. */
static void a_chinese_subject_is_encoded(void **state)
{
	struct view_outbox m;
	char mail[MAIL_MAX], *line, *save = NULL;
	int words = 0;

	(void)state;
	view_clear(VIEW_outbox, &m);
	VIEW_SET(&m, id, "x");
	VIEW_SET(&m, recipient, "ops@example.org");
	VIEW_SET(&m, subject, "东门充电站：A1.2 充电枪过温，人身安全，请立即处理并通知值班人员");
	m.created = 0;
	mail_compose(&m, "", "east", mail, sizeof mail);
	assert_non_null(strstr(mail, "Subject: =?UTF-8?B?5Lic6Zeo5YWF55S156uZ77ya"));
	for (line = strtok_r(mail, "\n", &save); line != NULL; line = strtok_r(NULL, "\n", &save)) {
		assert_true(strlen(line) <= 78);
		words += strstr(line, "=?UTF-8?B?") != NULL;
	}
	assert_true(words >= 2);
}

static void what_is_told_of_an_alarm(void **state)
{
	static const struct {
		const char *state;
		bool returned, ended;
		enum herald_event event;
	} rows[] = {
		{"unack", false, false, HERALD_RAISED},
		{"unack", false, true, HERALD_NOTHING},
		{"acked", false, false, HERALD_NOTHING},
		{"folded", false, false, HERALD_NOTHING},
		{"shelved", false, false, HERALD_NOTHING},
		{"returned", true, false, HERALD_RETURNED},
		{"latched", true, false, HERALD_RETURNED},
		{"normal", true, true, HERALD_RETURNED},
		{"shelved_idle", true, false, HERALD_NOTHING},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct view_alarm a = an_alarm("A1.2", FAULT_GUN_HOT, rows[i].state);

		a.returned = rows[i].returned ? a.raised + 1000 : VALUE_NONE;
		a.ended = rows[i].ended ? a.raised + 2000 : VALUE_NONE;
		assert_int_equal(herald_event(&a), rows[i].event);
	}
}

static void who_is_told(void **state)
{
	struct config_notify who = {.mail = true, .severity = SEVERITY_EQUIPMENT};
	struct view_alarm safety = an_alarm("A1.2", FAULT_GUN_HOT, "unack");
	struct view_alarm notice = an_alarm("A1", FAULT_FAN, "unack");

	(void)state;
	assert_true(herald_tells(&who, &safety, HERALD_RAISED));
	assert_false(herald_tells(&who, &notice, HERALD_RAISED));
	assert_false(herald_tells(&who, &safety, HERALD_RETURNED));
	who.returned = true;
	assert_true(herald_tells(&who, &safety, HERALD_RETURNED));
	who.target_count = 1;
	memcpy(who.targets[0], "A1", 3);
	assert_true(herald_tells(&who, &safety, HERALD_RAISED));
	memcpy(who.targets[0], "A1.1", 5);
	assert_false(herald_tells(&who, &safety, HERALD_RAISED));
	VIEW_SET(&safety, target, "A12");
	memcpy(who.targets[0], "A1", 3);
	assert_false(herald_tells(&who, &safety, HERALD_RAISED));
}

/* The words, without what a terminal or a header could choke on; the same id every time. */
static void the_words(void **state)
{
	const struct herald_site site = {"East Gate", 28800};
	struct config_notify who = {.mail = true}, other = {.mail = true};
	struct view_alarm a = an_alarm("A1.2", FAULT_GUN_HOT, "unack");
	struct view_outbox m, again, third;

	(void)state;
	memcpy(who.to, "ops@example.org", 16);
	memcpy(other.to, "boss@example.org", 17);
	herald_compose(&who, &a, HERALD_RAISED, &site, &m);
	herald_compose(&who, &a, HERALD_RAISED, &site, &again);
	herald_compose(&other, &a, HERALD_RAISED, &site, &third);
	assert_string_equal(m.id, again.id);
	assert_string_not_equal(m.id, third.id);
	assert_string_equal(m.subject, "East Gate: A1.2 gun over temperature, safety");
	assert_non_null(strstr(m.text, "A1.2: 18 gun over temperature"));
	assert_non_null(strstr(m.text, "act at once"));
	assert_non_null(strstr(m.text, "raised 2023-11-15 06:13:20"));
	assert_non_null(strstr(m.text, "Stop using the gun."));
	assert_null(strchr(m.text, '\033'));
	assert_null(strstr(m.text, "says\nso"));
	herald_compose(&who, &a, HERALD_RETURNED, &site, &again);
	assert_string_not_equal(m.id, again.id);
	assert_string_equal(again.subject, "East Gate: A1.2 gun over temperature, returned");
}

/* By each way that there is an address for, in the customer's language, what is wanted only. */
static void a_customer_is_told(void **state)
{
	const struct herald_site site = {"East Gate", 28800};
	struct config_messages cfg = {.hook = "/bin/sms", .mail = true, .told = 1};
	struct view_outbox out[HERALD_WAYS];
	struct view_account account;
	struct view_message m;

	(void)state;
	view_clear(VIEW_account, &account);
	VIEW_SET(&account, id, "C000001");
	VIEW_SET(&account, phone, "13812345678");
	view_clear(VIEW_message, &m);
	VIEW_SET(&m, kind, "topup");
	m.id = 7;
	m.at = INT64_C(1700000000000);
	m.fen = 5000;
	m.balance_fen = 6050;
	assert_int_equal(herald_customer(&cfg, &m, &account, &site, out), 1);
	assert_string_equal(out[0].id, "message:7:hook");
	assert_string_equal(out[0].program, "/bin/sms");
	assert_string_equal(out[0].recipient, "13812345678");
	assert_string_equal(out[0].account, "C000001");
	assert_string_equal(out[0].subject, "East Gate: topped up");
	assert_string_equal(out[0].text,
		"East Gate 2023-11-15 06:13: 50.00 yuan topped up; balance 60.50 yuan");
	assert_int_equal(out[0].expires, m.at + INT64_C(86400000));
	VIEW_SET(&account, mail, "li@example.org");
	assert_int_equal(herald_customer(&cfg, &m, &account, &site, out), 2);
	assert_string_equal(out[1].program, "");
	assert_string_equal(out[1].recipient, "li@example.org");
	VIEW_SET(&account, language, "zh");
	assert_int_equal(herald_customer(&cfg, &m, &account, &site, out), 2);
	assert_string_equal(out[0].language, "zh");
	/* optional: not to those who do without */
	VIEW_SET(&account, messages, "needed");
	assert_int_equal(herald_customer(&cfg, &m, &account, &site, out), 0);
	VIEW_SET(&m, kind, "refund");
	assert_int_equal(herald_customer(&cfg, &m, &account, &site, out), 2);
	/* no option of the program */
	VIEW_SET(&account, phone, "--help");
	VIEW_SET(&account, mail, "");
	assert_int_equal(herald_customer(&cfg, &m, &account, &site, out), 0);
	/* late, it is nobody's any more */
	VIEW_SET(&account, phone, "13812345678");
	VIEW_SET(&account, messages, "");
	VIEW_SET(&m, kind, "begun");
	assert_int_equal(herald_customer(&cfg, &m, &account, &site, out), 1);
	assert_int_equal(out[0].expires, m.at + INT64_C(6) * 3600000);
}

static void keep_one(void *arg, const struct view_outbox *m)
{
	*(struct view_outbox *)arg = *m;
}

static void what_is_late_is_not_sent(void **state)
{
	struct view_outbox kept, m;
	const struct outbox_cfg cfg = {.keep = keep_one, .arg = &kept};
	struct moment now = {.wall = {INT64_C(1700000000000)}};
	struct outbox *outbox;

	(void)state;
	assert_int_equal(outbox_open(&cfg, &outbox), 0);
	view_clear(VIEW_outbox, &m);
	VIEW_SET(&m, id, "message:1:hook");
	VIEW_SET(&m, program, "/bin/false");
	VIEW_SET(&m, account, "C000001");
	m.expires = now.wall.ms + 1000;
	outbox_put(outbox, &m, now);
	assert_string_equal(kept.state, "queued");
	now.wall.ms = m.expires;
	outbox_step(outbox, now);
	assert_string_equal(kept.state, "expired");
	assert_int_equal(kept.tries, 0);
	assert_int_equal(kept.ended, m.expires);
	assert_int_equal(outbox_running(outbox), 0);
	outbox_free(outbox);
}

/* The share of an hour, then one summary in the customer's language, with the figures. */
static void a_customer_is_not_flooded(void **state)
{
	struct view_outbox kept, m;
	const struct outbox_cfg cfg = {.keep = keep_one, .arg = &kept};
	const struct outbox_ways ways = {"", "", "East", 100, 2};
	struct moment now = {.wall = {INT64_C(1700000000000)}};
	struct outbox *outbox;

	(void)state;
	assert_int_equal(outbox_open(&cfg, &outbox), 0);
	outbox_set_ways(outbox, &ways);
	for (int i = 0; i < 4; i++) {
		view_clear(VIEW_outbox, &m);
		snprintf(m.id, sizeof m.id, "message:%d:hook", i);
		VIEW_SET(&m, program, "/bin/false");
		VIEW_SET(&m, recipient, "13812345678");
		VIEW_SET(&m, account, "C000001");
		VIEW_SET(&m, subject, "topped up");
		snprintf(m.text, sizeof m.text, "topped up %d", i);
		outbox_put(outbox, &m, now);
		outbox_put(outbox, &m, now);
	}
	assert_string_equal(kept.kind, "summary");
	assert_string_equal(kept.text, "topped up 2\ntopped up 3");
	assert_string_equal(kept.subject, "East: 2 more messages");
	outbox_free(outbox);
}

#define RECORDS 16

struct records {
	char id[RECORDS][32], state[RECORDS][16];
	size_t count;
};

static void keep_all(void *arg, const struct view_outbox *m)
{
	struct records *r = arg;

	assert_true(r->count < RECORDS);
	snprintf(r->id[r->count], sizeof r->id[0], "%.31s", m->id);
	snprintf(r->state[r->count++], sizeof r->state[0], "%s", m->state);
}

static void settle_nothing(void *arg)
{
	(void)arg;
}

/* What is left of the money is not read before what was taken. */
static void a_customer_reads_things_in_their_order(void **state)
{
	static const struct {
		const char *id, *to, *state;
	} expected[] = {
		{"message:1:hook", "13812345678", "queued"},
		{"message:2:hook", "13812345678", "queued"},
		{"message:3:hook", "13987654321", "queued"},
		{"message:1:hook", "", "sending"},
		{"message:3:hook", "", "sending"},
		{"message:1:hook", "", "sent"},
		{"message:3:hook", "", "sent"},
		{"message:2:hook", "", "sending"},
		{"message:2:hook", "", "sent"},
	};
	struct records r = {.count = 0};
	uv_loop_t loop;
	const struct outbox_cfg cfg = {
		.loop = &loop, .keep = keep_all, .settle = settle_nothing, .arg = &r};
	struct moment now = {.wall = {INT64_C(1700000000000)}};
	struct outbox *outbox;
	struct view_outbox m;

	(void)state;
	signal(SIGPIPE, SIG_IGN); /* a program may end unread, as in the agent */
	assert_int_equal(uv_loop_init(&loop), 0);
	assert_int_equal(outbox_open(&cfg, &outbox), 0);
	for (int i = 0; i < 3; i++) {
		view_clear(VIEW_outbox, &m);
		VIEW_SET(&m, id, expected[i].id);
		VIEW_SET(&m, program, "/bin/true");
		VIEW_SET(&m, recipient, expected[i].to);
		VIEW_SET(&m, account, i < 2 ? "C000001" : "C000002");
		outbox_put(outbox, &m, now);
	}
	for (int round = 0; round < 2; round++) {
		outbox_step(outbox, now);
		uv_run(&loop, UV_RUN_DEFAULT);
	}
	assert_int_equal(r.count, sizeof expected / sizeof expected[0]);
	for (size_t i = 0; i < r.count; i++) {
		bool either = i == 5 || i == 6; /* two programs end as they like */

		if (!either) {
			assert_string_equal(r.id[i], expected[i].id);
		}
		assert_string_equal(r.state[i], expected[i].state);
	}
	outbox_free(outbox);
	assert_int_equal(uv_loop_close(&loop), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_mail_is_plain_and_its_id_stays),
		cmocka_unit_test(a_chinese_subject_is_encoded),
		cmocka_unit_test(what_is_told_of_an_alarm),
		cmocka_unit_test(who_is_told),
		cmocka_unit_test(the_words),
		cmocka_unit_test(a_customer_is_told),
		cmocka_unit_test(what_is_late_is_not_sent),
		cmocka_unit_test(a_customer_is_not_flooded),
		cmocka_unit_test(a_customer_reads_things_in_their_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
