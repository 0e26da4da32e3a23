/* Tariffs: checked, shown, listed, compared. A name with a slash or ".yaml" is a file, "-" standard
 * input, any other the name of one that the agent has. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "band.h"
#include "commands.h"
#include "fmt.h"
#include "money.h"
#include "tariff_file.h"
#include "tariff_show.h"
#include "text.h"
#include "when.h"
#include "wire.h"
#include "zone.h"

#define ZONEINFO "/usr/share/zoneinfo/"

/* ---- Sources ---- */

static bool is_file(const char *name)
{
	size_t length = strlen(name);

	return strcmp(name, "-") == 0 || strchr(name, '/') != NULL ||
	       (length > 5 && strcmp(name + length - 5, ".yaml") == 0);
}

/* The zone of this machine's clock. */
static void machine_zone(char *dst, size_t size)
{
	const char *tz = getenv("TZ");
	struct zone_rules rules;
	char path[256];
	ssize_t n;

	if (tz != NULL && zone_read(tz, &rules) == 0) {
		snprintf(dst, size, "%s", tz);
		return;
	}
	n = readlink("/etc/localtime", path, sizeof path - 1);
	path[n > 0 ? n : 0] = '\0';
	snprintf(dst, size, "%s", strstr(path, ZONEINFO) == path ? path + strlen(ZONEINFO) : "UTC");
}

/* The zone in which dates of a file begin: --zone, the agent's, this machine's. */
static int find_zone(const struct cli *cli, struct zone_rules *out)
{
	const char *given = cli_option(cli, "zone");
	const cJSON *hello = cli->link == NULL ? NULL
					       : cJSON_GetObjectItemCaseSensitive(
							 link_hello(cli->link), "timezone");
	char name[256];

	machine_zone(name, sizeof name);
	if (hello != NULL && cJSON_IsString(hello)) {
		snprintf(name, sizeof name, "%s", hello->valuestring);
	}
	if (given != NULL) {
		snprintf(name, sizeof name, "%s", given);
	}
	if (zone_read(name, out) != 0 || fmt_zone(name) != 0) {
		return cli_fail(cli, CLI_USAGE, _("--zone: \"%s\" is no time zone"), name);
	}
	return 0;
}

/* "-" is standard input, which is all that a confined account may name. */
static int read_file(const struct cli *cli, const char *path, char **text)
{
	bool standard = strcmp(path, "-") == 0;
	FILE *file;
	size_t n;

	if (cli->confined && !standard) {
		cli_fail(cli, CLI_FAILED,
			_("%s: this account may read no file; - takes standard input"), path);
		return CLI_FAILED;
	}
	file = standard ? stdin : fopen(path, "re");
	*text = malloc(TARIFF_TEXT_MAX + 2);
	if (file == NULL || *text == NULL) {
		free(*text);
		*text = NULL;
		if (file != NULL && !standard) {
			fclose(file);
		}
		cli_fail(cli, CLI_FAILED, _("%s: cannot be read"), path);
		return CLI_FAILED;
	}
	n = fread(*text, 1, TARIFF_TEXT_MAX + 1, file);
	(*text)[n] = '\0';
	if (!standard) {
		fclose(file);
	}
	return 0;
}

/* A text as a tariff; its errors are printed. */
static int parse(const struct cli *cli, const char *name, const char *text, struct tariff *out)
{
	struct yaml_errors errors = {0};
	struct zone_rules zone;
	int rc = find_zone(cli, &zone);

	if (rc != 0) {
		return rc;
	}
	rc = tariff_parse(name, text, strlen(text), &zone, &errors, out);
	for (size_t i = 0; i < errors.kept; i++) {
		fprintf(stderr, "%s\n", errors.lines[i]);
	}
	if (rc != 0) {
		rc = cli_fail(cli, CLI_FAILED, _("%s: %zu errors"), name, errors.count);
	}
	yaml_errors_free(&errors);
	return rc;
}

static int load_file(const struct cli *cli, const char *path, struct tariff *out)
{
	char *text;
	int rc = read_file(cli, path, &text);

	if (rc == 0) {
		rc = parse(cli, path, text, out);
		free(text);
	}
	return rc;
}

/* "shandong" or "shandong/2" as parameters of a call. */
static void add_name(cJSON *params, const char *name)
{
	const char *slash = strchr(name, '/');
	char id[TARIFF_ID + 8];
	int64_t version;

	if (slash != NULL && text_int(slash + 1, 1, UINT32_MAX, &version) == 0) {
		snprintf(id, sizeof id, "%.*s", (int)(slash - name), name);
		cJSON_AddStringToObject(params, "id", id);
		wire_add_int(params, "version", version);
	} else {
		cJSON_AddStringToObject(params, "id", name);
	}
}

/* Names of the agent's are "name" and "name/2": a slash before a number names no file. */
static bool is_name(const char *name)
{
	const char *slash = strchr(name, '/');

	return !is_file(name) || (slash != NULL && slash[1] != '\0' &&
					 strspn(slash + 1, "0123456789") == strlen(slash + 1));
}

static int ask(struct cli *cli, cJSON *params, cJSON **result)
{
	int rc = cli->link == NULL ? cli_connect(cli) : 0;

	if (rc != 0) {
		cJSON_Delete(params);
		return rc;
	}
	rc = link_call(cli->link, "tariff_show", params, result);
	return rc == 0 ? 0 : cli_fail_call(cli, rc);
}

static int load(struct cli *cli, const char *name, struct tariff *out)
{
	cJSON *params, *result;
	const cJSON *text;
	int rc;

	if (!is_name(name)) {
		return load_file(cli, name, out);
	}
	params = cJSON_CreateObject();
	add_name(params, name);
	rc = ask(cli, params, &result);
	if (rc != 0) {
		return rc;
	}
	text = cJSON_GetObjectItemCaseSensitive(result, "text");
	rc = cJSON_IsString(text) ? parse(cli, name, text->valuestring, out)
				  : cli_fail(cli, CLI_FAILED, "%s", _(err_text(ERR_SYNTAX)));
	cJSON_Delete(result);
	return rc;
}

/* ---- check, diff, list ---- */

int cmd_tariff_check(struct cli *cli)
{
	struct tariff t;
	char from[32];
	int rc = load_file(cli, cli->args[0], &t);

	if (rc == 0) {
		fmt_wall(from, sizeof from, (struct wall){t.from_ms});
		printf(_("%s: good: %s, in force from %.10s\n"), cli->args[0], t.id, from);
	}
	return rc;
}

struct differences {
	bool json;
	cJSON *array;
};

static void on_difference(void *arg, const char *line)
{
	struct differences *d = arg;

	if (d->json) {
		cJSON_AddItemToArray(d->array, cJSON_CreateString(line));
	} else {
		printf("%s\n", line);
	}
}

int cmd_tariff_diff(struct cli *cli)
{
	struct tariff a, b;
	struct differences d = {cli->json, NULL};
	int rc = load(cli, cli->args[0], &a), count;

	rc = rc != 0 ? rc : load(cli, cli->args[1], &b);
	if (rc != 0) {
		return rc;
	}
	d.array = cJSON_CreateArray();
	count = tariff_diff(&a, &b, on_difference, &d);
	if (cli->json) {
		print_json(d.array);
	} else if (count == 0) {
		printf("%s\n", _("no difference"));
	}
	cJSON_Delete(d.array);
	return CLI_OK;
}

static void cell_state(char *dst, size_t size, const void *view)
{
	snprintf(dst, size, "%s", _(tariff_state_label(((const struct view_tariff *)view)->state)));
}

static void cell_from(char *dst, size_t size, const void *view)
{
	char text[32];

	fmt_wall(text, sizeof text, (struct wall){((const struct view_tariff *)view)->from});
	snprintf(dst, size, "%.10s", text);
}

int cmd_tariff_list(struct cli *cli)
{
	static const struct column columns[] = {{"id", NULL, NULL}, {"from", NULL, cell_from},
		{"state", NULL, cell_state}, {"taken", NULL, NULL}, {"by", NULL, NULL},
		{"reason", NULL, NULL}};
	cJSON *params = cJSON_CreateObject();

	if (cli->arg_count > 0) {
		cJSON_AddStringToObject(params, "id", cli->args[0]);
	}
	return list_print(cli, "tariff_list", params, VIEW_tariff, columns,
		sizeof columns / sizeof columns[0],
		N_("no tariffs; `piled tariff import` takes one in"));
}

/* ---- show ---- */

static void print_parking(const cJSON *day)
{
	const cJSON *windows = cJSON_GetObjectItemCaseSensitive(day, "windows"), *w;
	int64_t cap = wire_int(day, "cap_fen", 0), no_show = wire_int(day, "no_show_fen", 0);
	char price[24];

	cJSON_ArrayForEach(w, windows)
	{
		int from = (int)wire_int(w, "from_min", 0), to = (int)wire_int(w, "to_min", 0);

		money_price_format(price, sizeof price, wire_int(w, "per_min_e5", 0));
		printf(_("parking %02d:%02d-%02d:%02d: %s yuan a minute\n"), from / 60, from % 60,
			to / 60, to % 60, price);
	}
	if (cJSON_GetArraySize(windows) > 0) {
		printf(_("free for %d min from the end of the charge\n"),
			(int)wire_int(day, "free_min", 0));
	}
	if (cap > 0) {
		money_format(price, sizeof price, cap);
		printf(_("%s yuan at most for one parking\n"), price);
	}
	if (no_show > 0) {
		money_format(price, sizeof price, no_show);
		printf(_("reservation that nobody came for: %s yuan\n"), price);
	}
}

static void cell_period(char *dst, size_t size, const void *view)
{
	enum period period = PERIOD_FLAT;

	period_find(((const struct view_price *)view)->period, &period);
	snprintf(dst, size, "%s", _(period_info(period)->label));
}

static void cell_times(char *dst, size_t size, const void *view)
{
	const struct view_price *p = view;
	char from[32], to[32];

	fmt_wall(from, sizeof from, (struct wall){p->from});
	fmt_wall(to, sizeof to, (struct wall){p->to});
	snprintf(dst, size, "%.5s-%.5s", from + 11,
		strcmp(to + 11, "00:00:00") == 0 ? "24:00" : to + 11);
}

static void print_band(const struct cli *cli, const struct rows *prices)
{
	bool ascii = cli_option(cli, "ascii") != NULL;
	struct band band;
	char row[BAND_ROW(1)];

	band_of((const void *)prices->v, prices->count, &band);
	band_names(&band, 1, row, sizeof row);
	printf("\n%s\n", row);
	band_levels(&band, 1, ascii, row, sizeof row);
	printf("%s\n", row);
	band_hours(&band, 1, row, sizeof row);
	printf("%s\n\n", row);
}

static int print_day(const struct cli *cli, const cJSON *day)
{
	static const struct column columns[] = {{"from", N_("time"), cell_times},
		{"period", NULL, cell_period}, {"elec_e5", NULL, NULL}, {"service_e5", NULL, NULL},
		{"total_e5", NULL, NULL}};
	struct rows prices;
	int rc = rows_take(VIEW_price, cJSON_GetObjectItemCaseSensitive(day, "prices"), &prices);

	if (rc != 0) {
		return cli_fail(cli, CLI_FAILED, "%s", _(err_text(rc)));
	}
	print_band(cli, &prices);
	print_rows(cli, &prices, columns, sizeof columns / sizeof columns[0], N_("no prices"));
	print_parking(day);
	rows_free(&prices);
	return CLI_OK;
}

/* "workday", "ordinary" and the like in the reader's language. */
static const char *word_of(const cJSON *day, const char *key)
{
	const cJSON *v = cJSON_GetObjectItemCaseSensitive(day, key);
	enum account_class class;

	if (!cJSON_IsString(v)) {
		return "-";
	}
	return class_find(v->valuestring, &class) == 0 ? _(class_label(class)) : _(v->valuestring);
}

static int print_shown(const struct cli *cli, struct wall on, const cJSON *result)
{
	const cJSON *day = cJSON_GetObjectItemCaseSensitive(result, "day");
	struct view_tariff t;
	char from[32], date[32];

	if (cli->json) {
		print_json(result);
		return CLI_OK;
	}
	view_clear(VIEW_tariff, &t);
	if (view_from_json(VIEW_tariff, &t, cJSON_GetObjectItemCaseSensitive(result, "tariff")) !=
		0) {
		return cli_fail(cli, CLI_FAILED, "%s", _(err_text(ERR_SYNTAX)));
	}
	fmt_wall(from, sizeof from, (struct wall){t.from});
	fmt_wall(date, sizeof date, on);
	printf(_("%s, in force from %.10s%s%s\n"), t.id, from, t.state[0] != '\0' ? ": " : "",
		_(tariff_state_label(t.state)));
	printf("%.10s, %s, %s\n", date, word_of(day, "kind"), word_of(day, "class"));
	return print_day(cli, day);
}

/* What the agent would answer for a tariff of its own. */
static int show_file(struct cli *cli, const struct tariff *t, struct wall on, unsigned class)
{
	cJSON *result = cJSON_CreateObject();
	struct view_tariff view;
	int rc;

	view_clear(VIEW_tariff, &view);
	VIEW_SET(&view, id, t->id);
	VIEW_SET(&view, tariff, t->id);
	view.from = t->from_ms;
	cJSON_AddItemToObject(result, "tariff", view_to_json(VIEW_tariff, &view, NULL));
	cJSON_AddItemToObject(result, "day", tariff_day_json(t, cal_at(&t->zone, on).day, class));
	rc = print_shown(cli, on, result);
	cJSON_Delete(result);
	return rc;
}

/* Reads --on and --class, in the zone that is in force by now. */
static int read_options(const struct cli *cli, struct wall *on, enum account_class *class)
{
	const char *text = cli_option(cli, "on"), *word = cli_option(cli, "class");

	*on = wall_now();
	*class = CLASS_ORDINARY;
	if (text != NULL && when_parse(text, *on, on) != 0) {
		return cli_fail(cli, CLI_USAGE, _("--%s: \"%s\" is no time"), "on", text);
	}
	if (word != NULL && class_find(word, class) != 0) {
		return cli_fail(cli, CLI_USAGE,
			_("--class: \"%s\"; ordinary, member, staff, discount, white are"), word);
	}
	return 0;
}

int cmd_tariff_show(struct cli *cli)
{
	const char *name = cli->arg_count > 0 ? cli->args[0] : NULL;
	enum account_class class;
	cJSON *params, *result;
	struct tariff t;
	struct wall on;
	int rc;

	if (name != NULL && !is_name(name)) {
		rc = load_file(cli, name, &t);
		rc = rc != 0 ? rc : read_options(cli, &on, &class);
		return rc != 0 ? rc : show_file(cli, &t, on, class);
	}
	rc = cli_connect(cli);
	rc = rc != 0 ? rc : read_options(cli, &on, &class);
	if (rc != 0) {
		return rc;
	}
	params = cJSON_CreateObject();
	if (name != NULL) {
		add_name(params, name);
	}
	wire_add_int(params, "on", on.ms);
	cJSON_AddStringToObject(params, "class", class_token(class));
	rc = ask(cli, params, &result);
	if (rc != 0) {
		return rc;
	}
	if (cli_option(cli, "text") != NULL) {
		const cJSON *text = cJSON_GetObjectItemCaseSensitive(result, "text");

		fputs(cJSON_IsString(text) ? text->valuestring : "", stdout);
	} else {
		rc = print_shown(cli, on, result);
	}
	cJSON_Delete(result);
	return rc;
}

/* ---- simulate ---- */

static void cell_row(char *dst, size_t size, const void *view)
{
	const struct view_simulation *v = view;
	enum period period;

	if (period_find(v->period, &period) == 0) {
		snprintf(dst, size, "%s", _(period_info(period)->label));
	} else {
		snprintf(dst, size, "%s", _("in all"));
	}
}

static int print_simulated(const struct cli *cli, const cJSON *result)
{
	static const struct column columns[] = {{"period", NULL, cell_row},
		{"energy_wh", NULL, NULL}, {"elec_fen", NULL, NULL}, {"service_fen", NULL, NULL},
		{"total_fen", NULL, NULL}, {"billed_fen", N_("billed"), NULL},
		{"change_fen", NULL, NULL}};
	struct rows rows;
	int rc;

	if (cli->json) {
		print_json(result);
		return CLI_OK;
	}
	rc = rows_take(VIEW_simulation, cJSON_GetObjectItemCaseSensitive(result, "rows"), &rows);
	if (rc != 0) {
		return cli_fail(cli, CLI_FAILED, "%s", _(err_text(rc)));
	}
	print_rows(cli, &rows, columns, sizeof columns / sizeof columns[0], N_("no sessions"));
	rows_free(&rows);
	printf(_("%lld sessions"), (long long)wire_int(result, "sessions", 0));
	printf(_(", %lld without a bill"), (long long)wire_int(result, "unbilled", 0));
	printf(_(", %lld with a computed register"), (long long)wire_int(result, "substitutes", 0));
	printf(_(", %lld cannot be billed\n"), (long long)wire_int(result, "skipped", 0));
	return CLI_OK;
}

int cmd_tariff_simulate(struct cli *cli)
{
	const char *name = cli->args[0];
	cJSON *params = cJSON_CreateObject(), *result;
	struct tariff t;
	char *text = NULL;
	int rc = 0;

	if (is_name(name)) {
		add_name(params, name);
	} else {
		rc = read_file(cli, name, &text);
		rc = rc != 0 ? rc : parse(cli, name, text, &t);
		if (rc == 0) {
			cJSON_AddStringToObject(params, "text", text);
		}
		free(text);
	}
	rc = rc != 0 ? rc : list_range(cli, params, true);
	if (rc != 0) {
		cJSON_Delete(params);
		return rc;
	}
	rc = link_call(cli->link, "tariff_simulate", params, &result);
	if (rc != 0) {
		return cli_fail_call(cli, rc);
	}
	rc = print_simulated(cli, result);
	cJSON_Delete(result);
	return rc;
}

/* ---- import ---- */

static int print_taken(const struct cli *cli, const cJSON *result)
{
	const cJSON *id = cJSON_GetObjectItemCaseSensitive(result, "tariff");
	const cJSON *replaces = cJSON_GetObjectItemCaseSensitive(result, "replaces"), *v;
	bool again = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(result, "again"));
	bool dry = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(result, "dry"));
	int64_t version = wire_int(result, "version", 0), guns = wire_int(result, "guns", 0);
	char name[64], from[32];

	if (cli->json) {
		print_json(result);
		return CLI_OK;
	}
	fmt_wall(from, sizeof from, (struct wall){wire_int(result, "from", 0)});
	snprintf(name, sizeof name, "%.40s/%lld", cJSON_IsString(id) ? id->valuestring : "?",
		(long long)version);
	if (again) {
		printf(_("%s is this text already; nothing changes\n"), name);
	} else if (dry) {
		printf(_("%s would come into force on %.10s, at %lld guns\n"), name, from,
			(long long)guns);
	} else {
		printf(_("%s is taken in, in force from %.10s, at %lld guns\n"), name, from,
			(long long)guns);
	}
	if (!again && wire_int(result, "sessions", 0) > 0) {
		printf(_("%lld sessions are in progress there: what they take before then keeps "
			 "its "
			 "price\n"),
			(long long)wire_int(result, "sessions", 0));
	}
	cJSON_ArrayForEach(v, replaces)
	{
		printf(_("it takes the place of version %d, which was planned\n"), v->valueint);
	}
	if (guns == 0) {
		printf(_("no gun uses it: the configuration names no such tariff\n"));
	}
	return CLI_OK;
}

/* With --dry-run: what changes against the version in force. */
static int print_changes(struct cli *cli, const struct tariff *new, const cJSON *result)
{
	struct differences d = {false, NULL};
	char name[64];
	struct tariff old;
	int rc;

	if (cli->json || cJSON_GetObjectItemCaseSensitive(result, "in_force") == NULL) {
		return CLI_OK;
	}
	snprintf(name, sizeof name, "%s/%lld", new->id, (long long)wire_int(result, "in_force", 0));
	rc = load(cli, name, &old);
	if (rc == 0) {
		printf(_("against %s:\n"), name);
		if (tariff_diff(&old, new, on_difference, &d) == 0) {
			printf("%s\n", _("no difference"));
		}
	}
	return rc;
}

int cmd_tariff_import(struct cli *cli)
{
	const char *reason = cli_option(cli, "reason");
	cJSON *params, *result;
	struct tariff t;
	char *text;
	int rc = read_file(cli, cli->args[0], &text);

	if (rc != 0) {
		return rc;
	}
	rc = parse(cli, cli->args[0], text, &t);
	if (rc != 0) {
		free(text);
		return rc;
	}
	params = cJSON_CreateObject();
	cJSON_AddStringToObject(params, "text", text);
	cJSON_AddStringToObject(params, "name", cli->args[0]);
	cJSON_AddBoolToObject(params, "dry", cli_option(cli, "dry-run") != NULL);
	cJSON_AddBoolToObject(params, "replace", cli_option(cli, "replace") != NULL);
	if (reason != NULL) {
		cJSON_AddStringToObject(params, "reason", reason);
	}
	free(text);
	rc = link_call(cli->link, "tariff_import", params, &result);
	if (rc != 0) {
		return cli_fail_call(cli, rc);
	}
	rc = print_taken(cli, result);
	rc = rc != 0 ? rc : print_changes(cli, &t, result);
	cJSON_Delete(result);
	return rc;
}
