/* Who may call what: every method and every verb with every role, over a real socket; what is
 * refused is in the audit log, with what is missing and how to get it. */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "rpc/internal.h"
#include "../tempdir.h"

/* ---- An agent of which only the roles are real ---- */

static struct {
	role_set roles; /* of whoever connects */
	bool shared;    /* it comes by an account that people share */
	size_t audited;
	char person[32], origin[112], roles_text[ROLE_TEXT], method[32], params[512], result[32];
} agent;

static role_set fake_identify(void *host, uid_t uid, gid_t gid, const gid_t *groups, size_t count,
	char *person, size_t size)
{
	(void)host;
	(void)uid;
	(void)gid;
	(void)groups;
	(void)count;
	snprintf(person, size, "alice");
	return agent.roles;
}

static bool fake_may_claim(void *host, uid_t uid)
{
	(void)host;
	(void)uid;
	return agent.shared;
}

static const char *fake_group(void *host, enum role role)
{
	static char name[48];

	(void)host;
	snprintf(name, sizeof name, "group-%s", role_name(role));
	return name;
}

static int fake_rows(void *host, enum view_kind kind, struct moment now,
	int (*each)(void *arg, const void *view), void *arg)
{
	struct view_site site;

	(void)host;
	(void)now;
	view_clear(VIEW_site, &site);
	return kind == VIEW_site ? each(arg, &site) : 0;
}

static int fake_gun(void *host, const char *id, struct moment now, struct view_gun *gun,
	struct view_pile *pile, struct view_session *session, struct view_visit *visit)
{
	(void)host;
	(void)id;
	(void)now;
	(void)gun;
	(void)pile;
	(void)session;
	(void)visit;
	return ERR_NOTFOUND;
}

static int fake_open_sessions(
	void *host, int (*each)(void *arg, const struct view_session *session), void *arg)
{
	(void)host;
	(void)each;
	(void)arg;
	return 0;
}

static int fake_command(
	void *host, const struct host_command *command, struct moment now, struct view_command *out)
{
	(void)host;
	(void)command;
	(void)now;
	(void)out;
	return ERR_NOTFOUND;
}

static int fake_preview(
	void *host, enum verb verb, const char *target, int64_t value, struct view_preview *out)
{
	(void)host;
	(void)verb;
	(void)target;
	(void)value;
	(void)out;
	return ERR_NOTFOUND;
}

static int fake_confirm(
	void *host, const char *id, const char *by, struct moment now, struct view_trial *out)
{
	(void)host;
	(void)id;
	(void)by;
	(void)now;
	(void)out;
	return ERR_NOTFOUND;
}

static int fake_note(
	void *host, const struct view_note *wanted, struct moment now, struct view_note *out)
{
	(void)host;
	(void)wanted;
	(void)now;
	(void)out;
	return ERR_NOTFOUND;
}

static int fake_slimit(void *host, const struct view_slimit *wanted, bool cancel, struct moment now,
	struct view_slimit *out)
{
	(void)host;
	(void)wanted;
	(void)cancel;
	(void)now;
	(void)out;
	return ERR_NOTFOUND;
}

static int fake_alarm(void *host, const struct host_alarm *wanted, struct moment now,
	int (*each)(void *arg, const void *view), void *arg)
{
	(void)host;
	(void)wanted;
	(void)now;
	(void)each;
	(void)arg;
	return ERR_NOTFOUND;
}

static int fake_test(void *host, struct moment now)
{
	(void)host;
	(void)now;
	return ERR_NOTFOUND;
}

static int fake_probe(void *host, const char *unit, struct rpc_later *later)
{
	(void)host;
	(void)unit;
	(void)later;
	return ERR_NOTFOUND;
}

static int fake_read(
	void *host, const char *unit, int function, int address, int count, struct rpc_later *later)
{
	(void)host;
	(void)unit;
	(void)function;
	(void)address;
	(void)count;
	(void)later;
	return ERR_NOTFOUND;
}

static int fake_reload(void *host, cJSON *errors)
{
	(void)host;
	(void)errors;
	return ERR_NOTFOUND;
}

static void fake_audit(void *host, struct wall at, const char *person, const char *origin,
	const char *role, const char *method, const char *params, const char *result)
{
	(void)host;
	(void)at;
	snprintf(agent.origin, sizeof agent.origin, "%s", origin);
	agent.audited++;
	snprintf(agent.person, sizeof agent.person, "%s", person);
	snprintf(agent.roles_text, sizeof agent.roles_text, "%s", role);
	snprintf(agent.method, sizeof agent.method, "%s", method);
	snprintf(agent.params, sizeof agent.params, "%s", params);
	snprintf(agent.result, sizeof agent.result, "%s", result);
}

static int fake_charge(
	void *host, const struct view_order *wanted, struct rpc_later *later, const char **message)
{
	(void)host;
	(void)wanted;
	(void)later;
	(void)message;
	return ERR_NOTFOUND;
}

static int fake_cancel(void *host, const char *id, struct view_order *out)
{
	(void)host;
	(void)id;
	(void)out;
	return ERR_NOTFOUND;
}

static int fake_reserve(void *host, const struct view_reservation *wanted, struct rpc_later *later,
	const char **message)
{
	(void)host;
	(void)wanted;
	(void)later;
	(void)message;
	return ERR_NOTFOUND;
}

static int fake_unreserve(
	void *host, const struct view_reservation *wanted, bool waive, struct view_reservation *out)
{
	(void)host;
	(void)wanted;
	(void)waive;
	(void)out;
	return ERR_NOTFOUND;
}

static int fake_quote(void *host, const struct host_quote *wanted, cJSON *out, const char **message)
{
	(void)host;
	(void)wanted;
	(void)out;
	(void)message;
	return ERR_NOTFOUND;
}

static const struct host_ops ops = {
	.identify = fake_identify,
	.may_claim = fake_may_claim,
	.role_group = fake_group,
	.rows = fake_rows,
	.gun = fake_gun,
	.open_sessions = fake_open_sessions,
	.command = fake_command,
	.preview = fake_preview,
	.confirm = fake_confirm,
	.note = fake_note,
	.slimit = fake_slimit,
	.charge = fake_charge,
	.order_cancel = fake_cancel,
	.reserve = fake_reserve,
	.reserve_cancel = fake_unreserve,
	.quote = fake_quote,
	.alarm = fake_alarm,
	.test_messages = fake_test,
	.probe = fake_probe,
	.read = fake_read,
	.reload = fake_reload,
	.audit = fake_audit,
};

static char folder[64], path[96];
static uv_loop_t loop;
static struct rpc_server *server;

static int start(void **state)
{
	struct rpc_cfg cfg = {.loop = &loop, .path = path, .ops = &ops};

	(void)state;
	agent.shared = true;
	if (tempdir_make(folder, sizeof folder) != 0) {
		return -1;
	}
	snprintf(path, sizeof path, "%s/socket", folder);
	uv_loop_init(&loop);
	return rpc_open(&cfg, &server);
}

static int stop(void **state)
{
	(void)state;
	rpc_close(server);
	uv_run(&loop, UV_RUN_DEFAULT);
	uv_loop_close(&loop);
	tempdir_remove(folder);
	return 0;
}

/* An agent that has not refused anything yet. */
static void anew(void)
{
	stop(NULL);
	assert_int_equal(start(NULL), 0);
}

/* ---- A client of it ---- */

struct peer {
	int fd;
	char buf[65536];
	size_t used;
};

static struct peer *join(role_set roles)
{
	struct peer *peer = calloc(1, sizeof *peer);
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	assert_non_null(peer);
	memcpy(address.sun_path, path, strlen(path));
	agent.roles = roles;
	peer->fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(connect(peer->fd, (struct sockaddr *)&address, sizeof address), 0);
	return peer;
}

static void leave(struct peer *peer)
{
	close(peer->fd);
	free(peer);
	uv_run(&loop, UV_RUN_NOWAIT);
}

/* The next line of the agent, NULL when it closed. The caller's. */
static cJSON *next_line(struct peer *peer)
{
	char *end;
	cJSON *line;

	while ((end = memchr(peer->buf, '\n', peer->used)) == NULL) {
		struct pollfd p = {.fd = peer->fd, .events = POLLIN};

		uv_run(&loop, UV_RUN_NOWAIT);
		if (poll(&p, 1, 1) > 0) {
			ssize_t n = read(
				peer->fd, peer->buf + peer->used, sizeof peer->buf - peer->used);

			if (n <= 0) {
				return NULL;
			}
			peer->used += (size_t)n;
		}
	}
	*end = '\0';
	line = cJSON_Parse(peer->buf);
	assert_non_null(line);
	peer->used -= (size_t)(end + 1 - peer->buf);
	memmove(peer->buf, end + 1, peer->used);
	return line;
}

static cJSON *call(struct peer *peer, const char *method, const char *params)
{
	char text[1024];
	int n = snprintf(text, sizeof text,
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"%s\",\"params\":%s}\n", method, params);
	cJSON *line;

	assert_int_equal(write(peer->fd, text, (size_t)n), n);
	while ((line = next_line(peer)) != NULL && !cJSON_HasObjectItem(line, "id")) {
		cJSON_Delete(line);
	}
	assert_non_null(line);
	return line;
}

static const char *data_of(const cJSON *line, const char *key)
{
	const cJSON *data = cJSON_GetObjectItem(cJSON_GetObjectItem(line, "error"), "data");
	const cJSON *v = cJSON_GetObjectItem(data, key);

	return cJSON_IsString(v) ? v->valuestring : "";
}

/* Parameters that a method's description accepts, so that only the role can refuse it. */
static void valid_params(const char *spec, char *dst, size_t size)
{
	size_t used = (size_t)snprintf(dst, size, "{");
	const char *comma = "";

	for (const char *s = spec; *s != '\0'; s += strcspn(s, " "), s += strspn(s, " ")) {
		size_t name = strcspn(s, ":"), type = strcspn(s + name + 1, " ?");
		bool text = strncmp(s + name + 1, "text", type) == 0;
		bool boolean = strncmp(s + name + 1, "bool", type) == 0;

		used += (size_t)snprintf(dst + used, size - used, "%s\"%.*s\":%s", comma, (int)name,
			s,
			text      ? "\"start\""
			: boolean ? "true"
				  : "1");
		comma = ",";
	}
	snprintf(dst + used, size - used, "}");
}

/* ---- The relation, written down a second time ---- */

#define N ROLE_NOBODY
#define V ROLE_VIEWER
#define O ROLE_OPERATOR
#define C ROLE_CASHIER
#define A ROLE_ADMIN

static bool expected(role_set have, enum role need)
{
	static const bool may[ROLE_COUNT_][ROLE_COUNT_] = {
		[N] = {[N] = true},
		[V] = {[N] = true, [V] = true},
		[O] = {[N] = true, [V] = true, [O] = true},
		[C] = {[N] = true, [V] = true, [C] = true},
		[A] = {[N] = true, [V] = true, [O] = true, [C] = true, [A] = true},
	};
	bool yes = may[N][need];

	for (int r = V; r <= A; r++) {
		yes = yes || ((have & ROLE_BIT(r)) != 0 && may[r][need]);
	}
	return yes;
}

#define SETS (1U << ROLE_COUNT_)

static void the_relation_holds_for_every_set_of_roles(void **state)
{
	(void)state;
	assert_int_equal(ROLE_COUNT_, 5);
	for (role_set set = 0; set < SETS; set += 2) {
		char text[ROLE_TEXT];

		role_text(set, text, sizeof text);
		for (int need = N; need <= A; need++) {
			assert_int_equal(
				role_may(set, (enum role)need), expected(set, (enum role)need));
			assert_int_equal(role_may(role_read(text), (enum role)need),
				expected(set, (enum role)need));
		}
	}
}

static void a_set_is_read_as_it_is_written(void **state)
{
	char text[ROLE_TEXT];

	(void)state;
	role_text(0, text, sizeof text);
	assert_string_equal(text, "nobody");
	role_text(ROLE_BIT(V) | ROLE_BIT(O) | ROLE_BIT(C), text, sizeof text);
	assert_string_equal(text, "operator+cashier");
	role_text(ROLE_BIT(V) | ROLE_BIT(A), text, sizeof text);
	assert_string_equal(text, "admin");
	assert_int_equal(role_read("king"), 0);
	assert_int_equal(role_read("king+viewer"), ROLE_BIT(V));
	assert_int_equal(role_read("oper"), 0);
}

/* ---- Methods and verbs ---- */

/* One call: refused exactly where the relation says so, and then written down. */
static void check_call(role_set set, enum role need, const char *method, const char *params)
{
	struct peer *peer = join(set);
	bool denied;
	cJSON *line;
	size_t before = agent.audited;

	line = call(peer, method, params);
	denied = strcmp(data_of(line, "error"), "denied") == 0;
	if (denied == expected(set, need)) {
		fail_msg("%s %s with roles 0x%x: %s", method, params, set,
			denied ? "refused" : "allowed");
	}
	if (denied) {
		char group[64];

		snprintf(group, sizeof group, "group-%s", role_name(need));
		assert_string_equal(data_of(line, "role"), role_name(need));
		assert_string_equal(data_of(line, "group"), group);
		assert_string_equal(data_of(line, "person"), "alice");
		assert_int_equal(agent.audited, before + 1);
		assert_string_equal(agent.method, method);
		assert_string_equal(agent.result, "denied");
		assert_string_equal(agent.person, "alice");
		assert_int_equal(role_read(agent.roles_text) != 0, set > 1);
	}
	cJSON_Delete(line);
	leave(peer);
}

static void every_method_is_for_its_role_alone(void **state)
{
	(void)state;
	for (int m = 0; m < METHOD_COUNT_; m++) {
		const struct method_info *info = method_info((enum method)m);
		char params[1024];

		anew();
		valid_params(info->params, params, sizeof params);
		for (role_set set = 0; set < SETS; set += 2) {
			check_call(set, info->role, info->name, params);
		}
	}
}

static void every_verb_is_for_its_role_alone(void **state)
{
	static const struct {
		const char *name;
		enum role role;
	} verbs[] = {
#define VERB(sym, name, value, role, help) {name, ROLE_##role},
#include "verb.def"
#undef VERB
	};

	(void)state;
	for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
		char params[128];

		anew();
		snprintf(params, sizeof params, "{\"verb\":\"%s\",\"target\":\"A1.1\"}",
			verbs[i].name);
		for (role_set set = 0; set < SETS; set += 2) {
			/* "do" itself is the operator's. */
			check_call(set, expected(set, O) ? verbs[i].role : ROLE_OPERATOR, "do",
				params);
		}
	}
}

static void what_changes_something_is_written_down_done_or_not(void **state)
{
	struct peer *peer = join(ROLE_BIT(A));
	size_t before = agent.audited;

	(void)state;
	cJSON_Delete(call(peer, "guns", "{}"));
	assert_int_equal(agent.audited, before);
	cJSON_Delete(call(peer, "do", "{\"verb\":\"stop\",\"target\":\"Z9\"}"));
	assert_int_equal(agent.audited, before + 1);
	assert_string_equal(agent.result, "not_found");
	assert_non_null(strstr(agent.params, "Z9"));
	cJSON_Delete(call(peer, "reload", "{\"x\":1}"));
	assert_int_equal(agent.audited, before + 2);
	assert_string_equal(agent.result, "invalid");
	leave(peer);
}

static void roles_that_are_taken_away_are_gone_at_once(void **state)
{
	struct peer *peer = join(ROLE_BIT(O));
	cJSON *line = call(peer, "do", "{\"verb\":\"stop\",\"target\":\"Z9\"}");

	(void)state;
	assert_string_equal(data_of(line, "error"), "not_found");
	cJSON_Delete(line);
	agent.roles = ROLE_BIT(C);
	rpc_roles_changed(server);
	line = call(peer, "do", "{\"verb\":\"stop\",\"target\":\"Z9\"}");
	assert_string_equal(data_of(line, "error"), "denied");
	assert_string_equal(data_of(line, "have"), "cashier");
	cJSON_Delete(line);
	leave(peer);
}

/* Who has no role may ask for the version, and keeps nobody else out. */
static void those_without_a_role_leave_room_for_the_others(void **state)
{
	struct peer *peers[RPC_CLIENTS_MAX + 1];
	cJSON *line;

	(void)state;
	for (size_t i = 0; i < RPC_CLIENTS_MAX; i++) {
		peers[i] = join(0);
		line = next_line(peers[i]);
		assert_int_equal(cJSON_HasObjectItem(line, "error"), i >= RPC_NOBODY_MAX);
		cJSON_Delete(line);
	}
	peers[RPC_CLIENTS_MAX] = join(ROLE_BIT(V));
	line = call(peers[RPC_CLIENTS_MAX], "version", "{}");
	assert_true(cJSON_HasObjectItem(line, "result"));
	cJSON_Delete(line);
	for (size_t i = 0; i <= RPC_CLIENTS_MAX; i++) {
		leave(peers[i]);
	}
}

static void refusals_do_not_come_without_end(void **state)
{
	size_t before = agent.audited, refused = 0;
	bool cut_off = false;

	(void)state;
	for (int i = 0; i < 1000 && !cut_off; i++) {
		struct peer *peer = join(ROLE_BIT(V));
		const char *text = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"reload\"}\n";
		cJSON *line;

		assert_int_equal(write(peer->fd, text, strlen(text)), (ssize_t)strlen(text));
		cJSON_Delete(next_line(peer));
		line = next_line(peer);
		cut_off = line == NULL;
		refused += line != NULL;
		cJSON_Delete(line);
		leave(peer);
	}
	assert_true(cut_off);
	assert_true(refused >= 100);
	assert_int_equal(agent.audited, before + refused);
}

static void only_a_shared_account_may_say_who_it_is(void **state)
{
	struct peer *peer;
	cJSON *line;

	(void)state;
	agent.shared = false;
	peer = join(ROLE_BIT(V));
	line = call(peer, "identify", "{\"person\":\"bob\"}");
	assert_string_equal(data_of(line, "error"), "denied");
	assert_string_equal(data_of(line, "role"), "");
	cJSON_Delete(line);
	line = call(peer, "identify", "{\"origin\":\"ssh 10.0.0.5\"}");
	assert_true(cJSON_HasObjectItem(line, "result"));
	cJSON_Delete(line);
	cJSON_Delete(call(peer, "identify", "{\"origin\":\"ssh 9.9.9.9\"}"));
	cJSON_Delete(call(peer, "reload", "{}"));
	assert_string_equal(agent.person, "alice");
	assert_non_null(strstr(agent.origin, "ssh 10.0.0.5 (claimed)"));
	leave(peer);
	agent.shared = true;
	peer = join(ROLE_BIT(V));
	cJSON_Delete(call(peer, "identify", "{\"person\":\"bob\"}"));
	cJSON_Delete(call(peer, "reload", "{}"));
	assert_string_equal(agent.person, "bob");
	assert_non_null(strstr(agent.origin, "socket, account alice"));
	/* said once, and it stays so */
	line = call(peer, "identify", "{\"person\":\"carol\"}");
	assert_string_equal(data_of(line, "error"), "invalid");
	cJSON_Delete(line);
	rpc_roles_changed(server);
	cJSON_Delete(call(peer, "reload", "{}"));
	assert_string_equal(agent.person, "bob");
	leave(peer);
}

static void secrets_are_written_down_nowhere(void **state)
{
	static const char spec[] = "account:text pin:secret";
	cJSON *params = cJSON_Parse("{\"account\":\"7\",\"pin\":\"1234\",\"pim\":\"1234\"}");
	char shown[128];

	(void)state;
	params_show(spec, params, shown, sizeof shown);
	assert_string_equal(shown, "{\"account\":\"7\",\"pin\":\"***\",\"pim\":\"***\"}");
	params_show(spec, params, shown, 20);
	assert_string_equal(shown, "(too long)");
	params_show(spec, NULL, shown, sizeof shown);
	assert_string_equal(shown, "");
	cJSON_Delete(params);
	params = cJSON_Parse("[\"1234\"]");
	params_show(spec, params, shown, sizeof shown);
	assert_string_equal(shown, "");
	cJSON_Delete(params);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_relation_holds_for_every_set_of_roles),
		cmocka_unit_test(a_set_is_read_as_it_is_written),
		cmocka_unit_test_setup_teardown(every_method_is_for_its_role_alone, start, stop),
		cmocka_unit_test_setup_teardown(every_verb_is_for_its_role_alone, start, stop),
		cmocka_unit_test_setup_teardown(
			what_changes_something_is_written_down_done_or_not, start, stop),
		cmocka_unit_test_setup_teardown(
			roles_that_are_taken_away_are_gone_at_once, start, stop),
		cmocka_unit_test_setup_teardown(refusals_do_not_come_without_end, start, stop),
		cmocka_unit_test_setup_teardown(
			only_a_shared_account_may_say_who_it_is, start, stop),
		cmocka_unit_test(secrets_are_written_down_nowhere),
		cmocka_unit_test_setup_teardown(
			those_without_a_role_leave_room_for_the_others, start, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
