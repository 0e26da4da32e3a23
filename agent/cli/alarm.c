/* Alarms: the present ones, those of any time, and what a person does with them. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "fault.h"
#include "fmt.h"
#include "print.h"

#define SHELF_MIN_S    60
#define SHELF_MAX_S    (7 * 86400)
#define KPI_DEFAULT_MS (7 * 24 * 3600 * MS_PER_S)

static void cell_code(char *dst, size_t size, const void *view)
{
	cell_fault(dst, size, ((const struct view_alarm *)view)->code);
}

static void cell_severity(char *dst, size_t size, const void *view)
{
	snprintf(dst, size, "%s", _(fault_severity(((const struct view_alarm *)view)->severity)));
}

static void cell_actor(char *dst, size_t size, const void *view)
{
	cell_fault(dst, size, ((const struct view_actor *)view)->code);
}

static const char *state_label(const char *token)
{
	static const char *const words[][2] = {
#define ALARMSTATE(sym, token, raised, label) {token, label},
#include "alarmstate.def"
#undef ALARMSTATE
	};

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		if (strcmp(words[i][0], token) == 0) {
			return _(words[i][1]);
		}
	}
	return token;
}

static void cell_state(char *dst, size_t size, const void *view)
{
	const struct view_alarm *a = view;
	char until[32];

	cell_wall(until, sizeof until, a->shelved_until);
	snprintf(dst, size, "%s%s%s%s", state_label(a->state), a->chatter > 0 ? ", " : "",
		a->chatter > 0 ? _("chatters") : "",
		a->ended != VALUE_NONE && strcmp(a->state, "normal") != 0 ? _(", closed") : "");
	if (a->shelved_until != VALUE_NONE) {
		snprintf(dst, size, _("%s until %s"), state_label(a->state), until);
	} else if (a->parent[0] != '\0') {
		snprintf(dst, size, _("under %s"), a->parent);
	}
}

static void cell_name(char *dst, size_t size, const void *view)
{
	const struct view_alarm *a = view;
	const char *time = strrchr(a->id, '-');

	snprintf(dst, size, "%.*s", time == NULL ? (int)strlen(a->id) : (int)(time - a->id), a->id);
}

static const struct column columns[] = {{"id", NULL, cell_name}, {"code", N_("alarm"), cell_code},
	{"severity", NULL, cell_severity}, {"state", NULL, cell_state}, {"raised", NULL, NULL},
	{"returned", NULL, NULL}, {"acked_by", N_("acknowledged by"), NULL}, {"count", NULL, NULL},
	{"detail", NULL, NULL}};
#define COLUMNS (sizeof columns / sizeof columns[0])

static bool is_hidden(const struct view_alarm *a)
{
	return strncmp(a->state, "shelved", 7) == 0 || strcmp(a->state, "folded") == 0 ||
	       strcmp(a->state, "out_of_service") == 0;
}

/* Leaves out what is shelved, folded or out of service; how many of each. */
static void hide(struct rows *rows, size_t *shelved, size_t *folded, size_t *out)
{
	struct view_alarm *v = (struct view_alarm *)(void *)rows->v;
	size_t kept = 0;

	*shelved = *folded = *out = 0;
	for (size_t i = 0; i < rows->count; i++) {
		if (!is_hidden(&v[i])) {
			v[kept++] = v[i];
		} else if (strcmp(v[i].state, "folded") == 0) {
			(*folded)++;
		} else if (strcmp(v[i].state, "out_of_service") == 0) {
			(*out)++;
		} else {
			(*shelved)++;
		}
	}
	rows->count = kept;
}

static void explain(const struct rows *rows)
{
	const struct fault_info *f;

	for (size_t i = 0; (f = fault_at(i)) != NULL; i++) {
		size_t k = 0;

		while (k < rows->count &&
			((const struct view_alarm *)row_at(rows, k))->code != f->code) {
			k++;
		}
		if (k < rows->count) {
			putchar('\n');
			fault_print(f);
		}
	}
}

static void print_alarms(const struct cli *cli, struct rows *rows, bool present)
{
	size_t shelved = 0, folded = 0, out = 0;

	if (present && cli_option(cli, "all") == NULL) {
		hide(rows, &shelved, &folded, &out);
	}
	print_rows(cli, rows, columns, COLUMNS, N_("no alarms"));
	if (cli->json) {
		return;
	}
	if (out > 0) {
		printf(_("%zu of what is out of service: --all shows them\n"), out);
	}
	if (folded + shelved > 0) {
		printf(_("%zu folded under another alarm, %zu shelved: --all shows them\n"), folded,
			shelved);
	}
	if (cli_option(cli, "explain") != NULL) {
		explain(rows);
	}
}

static int fetch(struct cli *cli, const char *method, cJSON *params, struct rows *rows)
{
	cJSON *result;
	int rc = link_call(cli->link, method, params, &result);

	if (rc != 0) {
		return cli_fail_call(cli, rc);
	}
	rc = rows_take(VIEW_alarm, cJSON_GetObjectItemCaseSensitive(result, "rows"), rows);
	cJSON_Delete(result);
	return rc == 0 ? 0 : cli_fail(cli, CLI_FAILED, "%s", _(err_text(rc)));
}

int cmd_alarms(struct cli *cli)
{
	cJSON *params = cJSON_CreateObject();
	struct rows rows = {.count = 0};
	bool present;
	int rc = list_filter(cli, params);

	present = cJSON_GetObjectItemCaseSensitive(params, "from") == NULL &&
		  cJSON_GetObjectItemCaseSensitive(params, "to") == NULL;
	if (rc != 0) {
		cJSON_Delete(params);
		return rc;
	}
	if (present && cJSON_GetObjectItemCaseSensitive(params, "active") == NULL) {
		cJSON_AddTrueToObject(params, "active");
	}
	if (cJSON_GetObjectItemCaseSensitive(params, "limit") == NULL) {
		cJSON_AddNumberToObject(params, "limit", 1000);
	}
	rc = fetch(cli, "alarms", params, &rows);
	if (rc == 0) {
		print_alarms(cli, &rows, present);
		rows_free(&rows);
	}
	return rc;
}

/* ---- Figures ---- */

static const struct column actor_columns[] = {{"target", NULL, NULL},
	{"code", N_("alarm"), cell_actor}, {"alarms", NULL, NULL}, {"share_pm", NULL, NULL},
	{"times", NULL, NULL}, {"chatter", NULL, NULL}, {"stood_s", NULL, NULL}};

static void print_kpi(const struct cli *cli, const struct view_kpi *k)
{
	static const struct {
		int64_t good, most;
	} rate = {1, 2};
	int64_t tenths = k->mean_pm / 100;

	print_view(cli, VIEW_kpi, k);
	printf(_("%lld.%lld alarms in 10 min: %s\n"), (long long)(tenths / 10),
		(long long)(tenths % 10),
		tenths <= rate.good * 10   ? _("what one person can handle")
		: tenths <= rate.most * 10 ? _("more than one person should have to handle")
					   : _("far more than one person can handle"));
}

static int print_kpis(const struct cli *cli, const cJSON *answer)
{
	struct view_kpi kpi;
	struct rows actors;
	int rc;

	view_clear(VIEW_kpi, &kpi);
	rc = view_from_json(VIEW_kpi, &kpi, cJSON_GetObjectItemCaseSensitive(answer, "kpi"));
	if (rc == 0) {
		rc = rows_take(
			VIEW_actor, cJSON_GetObjectItemCaseSensitive(answer, "actors"), &actors);
	}
	if (rc != 0) {
		return rc;
	}
	print_kpi(cli, &kpi);
	if (actors.count > 0) {
		putchar('\n');
		print_rows(cli, &actors, actor_columns,
			sizeof actor_columns / sizeof actor_columns[0], N_("no alarms"));
	}
	rows_free(&actors);
	return 0;
}

int cmd_alarms_kpi(struct cli *cli)
{
	cJSON *params = cJSON_CreateObject();
	int64_t limit, now_ms = wall_now().ms;
	int rc = list_range(cli, params, false);

	if (rc == 0) {
		rc = cli_option_int(cli, "limit", 1, 1000, 10, &limit);
	}
	if (rc != 0) {
		cJSON_Delete(params);
		return rc;
	}
	wire_add_int(params, "limit", limit);
	if (cJSON_GetObjectItemCaseSensitive(params, "from") == NULL) {
		wire_add_int(params, "from", now_ms - KPI_DEFAULT_MS);
	}
	if (cJSON_GetObjectItemCaseSensitive(params, "to") == NULL) {
		wire_add_int(params, "to", now_ms);
	}
	return print_answer(cli, "alarm_kpi", params, print_kpis);
}

/* ---- What a person does ---- */

/* One call for each alarm that is named; the first that fails ends. */
static int act(struct cli *cli, const char *method, int64_t until_ms)
{
	cJSON *all = cJSON_CreateArray();
	int rc = 0;

	for (int i = 0; i < cli->arg_count && rc == 0; i++) {
		cJSON *params = cJSON_CreateObject();
		struct rows rows = {.count = 0};

		cJSON_AddStringToObject(params, "alarm", cli->args[i]);
		if (until_ms != VALUE_NONE) {
			wire_add_int(params, "until", until_ms);
			cJSON_AddStringToObject(params, "reason", cli_option(cli, "reason"));
		}
		rc = fetch(cli, method, params, &rows);
		for (size_t k = 0; rc == 0 && k < rows.count; k++) {
			const struct view_alarm *a = row_at(&rows, k);
			char name[80], code[CELL_MAX], state[CELL_MAX];

			if (cli->json) {
				cJSON_AddItemToArray(all, view_to_json(VIEW_alarm, a, NULL));
				continue;
			}
			cell_name(name, sizeof name, a);
			cell_code(code, sizeof code, a);
			cell_state(state, sizeof state, a);
			printf("%s: %s: %s\n", name, code, state);
		}
		if (rc == 0) {
			rows_free(&rows);
		}
	}
	if (cli->json && rc == 0) {
		print_json(all);
	}
	cJSON_Delete(all);
	return rc;
}

int cmd_ack(struct cli *cli)
{
	return act(cli, "alarm_ack", VALUE_NONE);
}

int cmd_alarms_reset(struct cli *cli)
{
	return act(cli, "alarm_reset", VALUE_NONE);
}

int cmd_unshelve(struct cli *cli)
{
	return act(cli, "alarm_unshelve", VALUE_NONE);
}

int cmd_shelve(struct cli *cli)
{
	const char *text = cli_option(cli, "for");
	int64_t s;

	if (cli_option(cli, "reason") == NULL || cli_option(cli, "reason")[0] == '\0') {
		return cli_fail(cli, CLI_USAGE, _("--reason is missing: why is %s put aside?"),
			cli->args[0]);
	}
	if (text == NULL || fmt_parse(text, UNIT_S, SHELF_MIN_S, SHELF_MAX_S, &s) != 0) {
		return cli_fail(cli, CLI_USAGE, _("--for: a time from 1min to 7d, like 2h"));
	}
	return act(cli, "alarm_shelve", wall_now().ms + s * MS_PER_S);
}
