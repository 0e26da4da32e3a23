/* `piled whatif`: recorded sessions under another transformer, policy or number of guns. */
#include "whatif.h"

#include <cjson/cJSON.h>
#include <langinfo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "commands.h"
#include "config/config.h"
#include "curve.h"
#include "fmt.h"
#include "hourly.h"
#include "print.h"
#include "text.h"
#include "whatif_site.h"

#define RUNS_MAX  8
#define CELL_W    9                     /* five policies in 80 columns */
#define TO_MAX_S  INT64_C(253402300800) /* the year 10000 */
#define PHASE_V   230
#define LEAST_A   6 /* of a phase, IEC 61851-1 */
#define S_PER_MIN 60

struct run {
	enum garage_policy policy;
	struct garage_result result;
	struct whatif_curve curve;
};

struct whatif {
	struct session_rows rows;
	struct garage_cfg cfg;
	int32_t *other;
	int64_t to_s, peak_w;
	struct config *config; /* of the site whose own past is read; NULL = files */
	struct site_cfg site;
	struct whatif_past past;
	struct run runs[RUNS_MAX];
	size_t run_count;
};

static const struct {
	const char *name;
	enum garage_policy policy;
} policies[] = {{"none", GARAGE_NONE}, {"admission", GARAGE_ADMISSION}, {"fair", GARAGE_FAIR},
	{"admission+fair", GARAGE_FAIR_ADMISSION}, {"fair+admission", GARAGE_FAIR_ADMISSION},
	{"laxity", GARAGE_LAXITY}};

#define POLICIES (sizeof policies / sizeof policies[0])

static const char *policy_name(enum garage_policy policy)
{
	size_t i = 0;

	while (policies[i].policy != policy) {
		i++;
	}
	return policies[i].name;
}

/* ---- Options ---- */

static int add_policy(const struct cli *cli, struct whatif *w, const char *name, size_t length)
{
	for (size_t i = 0; i < POLICIES; i++) {
		if (strlen(policies[i].name) != length ||
			strncmp(policies[i].name, name, length) != 0) {
			continue;
		}
		if (w->run_count == RUNS_MAX) {
			return cli_fail(cli, CLI_USAGE, _("--policy: %d at most"), RUNS_MAX);
		}
		w->runs[w->run_count++].policy = policies[i].policy;
		return 0;
	}
	return cli_fail(cli, CLI_USAGE,
		_("--policy: \"%.*s\"; none, admission, fair, admission+fair, laxity are"),
		(int)length, name);
}

static int read_policies(const struct cli *cli, struct whatif *w)
{
	const char *text;
	int rc = 0;

	for (int n = 0; rc == 0 && (text = cli_option_nth(cli, "policy", n)) != NULL; n++) {
		size_t length;

		do {
			length = strcspn(text, ",");
			rc = add_policy(cli, w, text, length);
			text += length;
		} while (rc == 0 && *text++ == ',');
	}
	if (rc == 0 && w->run_count == 0) {
		w->runs[w->run_count++].policy = GARAGE_FAIR_ADMISSION;
	}
	return rc;
}

/* A quantity of an option; *out is left where it was not given. */
static int read_quantity(const struct cli *cli, const char *name, enum unit unit, int64_t min,
	int64_t max, int64_t *out)
{
	const char *text = cli_option(cli, name);
	char low[32], high[32];

	if (text == NULL || fmt_parse(text, unit, min, max, out) == 0) {
		return 0;
	}
	fmt_value(low, sizeof low, unit, min, true);
	fmt_value(high, sizeof high, unit, max, true);
	return cli_fail(
		cli, CLI_USAGE, _("--%s: \"%s\" is not from %s to %s"), name, text, low, high);
}

static int read_time(const struct cli *cli, const char *name, int64_t *out)
{
	const char *text = cli_option(cli, name);

	if (text != NULL && sessions_time(text, out) != 0) {
		return cli_fail(cli, CLI_USAGE,
			_("--%s: \"%s\" is no time; 2026-03-01 and 2026-03-01T06:20 are"), name,
			text);
	}
	return 0;
}

static int read_options(const struct cli *cli, struct whatif *w)
{
	struct garage_cfg *cfg = &w->cfg;
	int64_t kva = 315, phases = 3, target_pm = 900;
	int rc = cli_option_int(cli, "kva", 1, 100000, kva, &kva);

	if (rc == 0) {
		rc = cli_option_int(cli, "phases", 1, 3, phases, &phases);
	}
	if (rc == 0 && phases == 2) {
		rc = cli_fail(cli, CLI_USAGE, _("--phases: 1 or 3"));
	}
	cfg->three_phase = phases == 3;
	cfg->min_w = PHASE_V * LEAST_A * phases;
	cfg->gun_w = cfg->three_phase ? 11000 : 6600;
	if (rc == 0) {
		rc = read_quantity(cli, "gun-power", UNIT_W, cfg->min_w, 1000000, &cfg->gun_w);
	}
	if (rc == 0) {
		rc = read_quantity(cli, "target", UNIT_PM, 100, 1000, &target_pm);
	}
	if (rc == 0) {
		rc = read_quantity(cli, "load-peak", UNIT_W, 1, 100000000, &w->peak_w);
	}
	cfg->rated_va = kva * 1000;
	cfg->target_pm = (int32_t)target_pm;
	cfg->step_s = WHATIF_STEP_S;
	cfg->seed = 1;
	return rc == 0 ? read_policies(cli, w) : rc;
}

/* ---- The site's own past ---- */

/* A gun as it is configured; those that were added are as --gun-power and --phases say. */
static void fit(void *arg, const char *station, struct limit_gun *gun)
{
	const struct site_cfg *site = arg;

	for (uint16_t i = 0; i < site->gun_count; i++) {
		const struct gun_cfg *g = &site->guns[i];

		if (strcmp(g->id, station) != 0) {
			continue;
		}
		gun->max_w = g->max_w;
		gun->min_w = g->min_w;
		gun->safe_w = g->min_w;
		gun->phases = g->phases == 0 ? 7 : 0;
		for (int k = 0; k < ALLOC_PHASES; k++) {
			if (g->phases >> k & 1) {
				gun->phases |= (uint8_t)(1 << (k + g->phase_of_l1) % ALLOC_PHASES);
			}
		}
	}
}

static int read_site(const struct cli *cli, struct whatif *w)
{
	const char *path = cli_option(cli, "config"), *data = cli_option(cli, "data");
	struct yaml_errors errors = {0};
	int rc = config_load(
		path != NULL ? path : "/etc/piled/piled.yaml", NULL, &errors, &w->config);

	for (size_t i = 0; i < errors.kept; i++) {
		fprintf(stderr, "%s\n", errors.lines[i]);
	}
	yaml_errors_free(&errors);
	if (rc != 0) {
		return cli_fail(cli, CLI_FAILED, "%s",
			_("--sessions names recorded sessions, --config the site whose own are "
			  "read"));
	}
	config_site_cfg(w->config, &w->site);
	w->past.folder = data != NULL ? data : w->config->store.folder;
	w->past.utc_offset_s = zone_offset_s(&w->site.zone, wall_now());
	for (uint16_t i = 0; i < w->site.meter_count; i++) {
		if (w->site.meters[i].role == METER_TRANSFORMER) {
			w->past.meter = w->site.meters[i].id;
		}
	}
	w->cfg.fit = fit;
	w->cfg.fit_arg = &w->site;
	if (cli_option(cli, "kva") == NULL) {
		w->cfg.rated_va = w->site.rated_va;
	}
	return 0;
}

/* ---- Files ---- */

static int read_rows(const struct cli *cli, struct whatif *w, int64_t from_s, int64_t to_s)
{
	char why[512];
	int rc;

	if (w->config == NULL) {
		rc = sessions_read(cli_option(cli, "sessions"), 1, &w->rows, why, sizeof why);
		return rc == 0 ? 0 : cli_fail(cli, CLI_FAILED, "%s", why);
	}
	w->past.from_s = from_s;
	w->past.to_s = to_s;
	rc = whatif_past_sessions(&w->past, &w->rows);
	if (rc == ERR_NOTFOUND) {
		return cli_fail(
			cli, CLI_FAILED, _("%s: no session begins in that time"), w->past.folder);
	}
	return rc == 0 ? 0 : cli_fail(cli, CLI_FAILED, "%s: %s", w->past.folder, _(err_text(rc)));
}

static int read_sessions(const struct cli *cli, struct whatif *w)
{
	int64_t guns = 0, from_s = 86400, to_s = TO_MAX_S; /* all that there is */
	int rc = read_time(cli, "from", &from_s);

	if (rc == 0) {
		rc = read_time(cli, "to", &to_s);
	}
	if (rc == 0) {
		rc = cli_option_int(cli, "add-guns", 0, GARAGE_GUNS, 0, &guns);
	}
	if (rc == 0) {
		rc = read_rows(cli, w, from_s, to_s);
	}
	if (rc != 0) {
		return rc;
	}
	whatif_between(&w->rows, from_s, to_s);
	if (w->rows.count == 0) {
		return cli_fail(cli, CLI_FAILED, _("%s: no session begins in that time"),
			w->config != NULL ? w->past.folder : cli_option(cli, "sessions"));
	}
	w->cfg.from_s = w->rows.rows[0].plug_s;
	w->to_s = 0;
	for (size_t i = 0; i < w->rows.count; i++) {
		const struct session_row *row = &w->rows.rows[i];

		w->cfg.from_s = row->plug_s < w->cfg.from_s ? row->plug_s : w->cfg.from_s;
		w->to_s = row->plug_s > w->to_s ? row->plug_s : w->to_s;
	}
	/* Whole days of the clock on the wall. */
	w->cfg.from_s -= w->cfg.from_s % 86400;
	w->to_s += 86400 - w->to_s % 86400;
	rc = whatif_add_guns(&w->rows, (size_t)guns, 1);
	w->cfg.days = whatif_days(&w->rows, w->cfg.from_s);
	if (rc == ERR_FULL) {
		return cli_fail(cli, CLI_FAILED, _("%d guns at most"), GARAGE_GUNS);
	}
	if (w->cfg.days > WHATIF_DAYS_MAX) {
		return cli_fail(cli, CLI_FAILED,
			_("%lld days; choose %d at most with --from and --to"),
			(long long)w->cfg.days, WHATIF_DAYS_MAX);
	}
	w->cfg.rows = &w->rows;
	return rc == 0 ? 0 : cli_fail(cli, CLI_FAILED, "%s", _(err_text(rc)));
}

/* What the transformer's meter counted beside the guns. */
static int read_own_load(const struct cli *cli, struct whatif *w)
{
	size_t count = (size_t)w->cfg.days * 24;
	int32_t *hours = calloc(count, sizeof *hours);
	int64_t top;
	int rc = ERR_NOMEM;

	if (hours != NULL) {
		w->past.from_s = w->cfg.from_s;
		rc = whatif_past_load(&w->past, hours, count);
	}
	if (rc == 0) {
		rc = whatif_other(hours, count, 0, w->cfg.days, w->peak_w, &w->other, &top);
	}
	free(hours);
	if (rc != 0) {
		return cli_fail(cli, CLI_FAILED, "%s: %s", w->past.folder, _(err_text(rc)));
	}
	w->cfg.other_w = w->other;
	w->cfg.worst_va = top;
	return 0;
}

static int read_load(const struct cli *cli, struct whatif *w)
{
	static int32_t hours[HOURLY_MAX];
	const char *path = cli_option(cli, "load");
	int64_t top;
	int line, n, rc;

	if (path == NULL) {
		return w->config == NULL ? 0 : read_own_load(cli, w);
	}
	n = hourly_read(path, hours, HOURLY_MAX, &line);
	if (n == ERR_SYNTAX) {
		return cli_fail(cli, CLI_FAILED,
			_("%s:%d: a row is hour_ending,load_kw, one an hour from January 1st"),
			path, line);
	}
	if (n < 0) {
		return cli_fail(cli, CLI_FAILED, _("%s: cannot be read"), path);
	}
	if (n == 0) {
		return cli_fail(cli, CLI_FAILED, _("%s: no hours in it"), path);
	}
	rc = whatif_other(hours, (size_t)n, (size_t)hourly_index(w->cfg.from_s), w->cfg.days,
		w->peak_w, &w->other, &top);
	if (rc != 0) {
		return cli_fail(cli, CLI_FAILED, "%s", _(err_text(rc)));
	}
	w->cfg.other_w = w->other;
	w->cfg.worst_va = top;
	return 0;
}

/* ---- Output ---- */

enum figure {
	F_ENERGY,
	F_PART,
	F_SERVED,
	F_STARVED,
	F_NEVER,
	F_WAIT,
	F_SUM,
	F_PHASE,
	F_PEAK,
	F_PEAK_PM,
	F_WRITES,
	F_COUNT_
};

static const struct {
	const char *key;   /* JSON */
	const char *label; /* message id */
	enum unit unit;
} figures[F_COUNT_] = {
	[F_ENERGY] = {"energy_wh", N_("energy delivered, kWh"), UNIT_WH},
	[F_PART] = {"energy_pm", N_("  of what is asked"), UNIT_PM},
	[F_SERVED] = {"served", N_("served to 95 %"), UNIT_NONE},
	[F_STARVED] = {"starved", N_("starved: below 50 %"), UNIT_NONE},
	[F_NEVER] = {"never", N_("never started"), UNIT_NONE},
	[F_WAIT] = {"wait_p95_s", N_("wait of 95 %, at most"), UNIT_S},
	[F_SUM] = {"over_sum_min", N_("minutes over the sum"), UNIT_NONE},
	[F_PHASE] = {"over_phase_min", N_("minutes over a phase"), UNIT_NONE},
	[F_PEAK] = {"peak_va", N_("peak load"), UNIT_VA},
	[F_PEAK_PM] = {"peak_pm", N_("  of the transformer"), UNIT_PM},
	[F_WRITES] = {"writes_per_gun_day_m", N_("writes per gun and day"), UNIT_NONE},
};

static int64_t minutes(int64_t s)
{
	return (s + S_PER_MIN - 1) / S_PER_MIN;
}

static int64_t value_of(const struct whatif *w, const struct run *run, enum figure f)
{
	const struct garage_result *r = &run->result;

	switch (f) {
	case F_ENERGY:
		return r->energy_wh;
	case F_PART:
		return r->asked_wh > 0 ? r->energy_wh * 1000 / r->asked_wh : 1000;
	case F_SERVED:
		return (int64_t)r->served;
	case F_STARVED:
		return (int64_t)r->starved;
	case F_NEVER:
		return (int64_t)r->never;
	case F_WAIT:
		return r->wait_p95_s;
	case F_SUM:
		return minutes(r->over_s);
	case F_PHASE:
		return minutes(r->over_phase_s);
	case F_PEAK:
		return r->peak_va;
	case F_PEAK_PM:
		return r->peak_va * 1000 / w->cfg.rated_va;
	case F_WRITES:
		return r->writes * 1000 / ((int64_t)r->guns * w->cfg.days);
	default:
		return VALUE_NONE;
	}
}

/* A local time's day. */
static void put_date(char *dst, size_t size, int64_t local_s)
{
	time_t t = (time_t)local_s;
	struct tm tm;

	dst[0] = '\0';
	if (gmtime_r(&t, &tm) != NULL) {
		strftime(dst, size, "%Y-%m-%d", &tm);
	}
}

static void figure_text(
	char *dst, size_t size, const struct whatif *w, const struct run *run, enum figure f)
{
	int64_t value = value_of(w, run, f);

	if (f == F_WRITES || f == F_ENERGY) {
		fmt_decimal(dst, size, value, 1000, 1);
	} else {
		fmt_value(dst, size, figures[f].unit, value, true);
	}
}

static void print_head(const struct whatif *w)
{
	const struct garage_result *r = &w->runs[0].result;
	char from[24], to[24], asked[32], rated[32], gun[32];

	put_date(from, sizeof from, w->cfg.from_s);
	put_date(to, sizeof to, w->to_s - 86400);
	fmt_value(asked, sizeof asked, UNIT_WH, r->asked_wh, true);
	fmt_value(rated, sizeof rated, UNIT_VA, w->cfg.rated_va, true);
	fmt_value(gun, sizeof gun, UNIT_W, w->cfg.gun_w, true);
	printf(_("%s to %s: %zu sessions at %zu guns ask %s\n"), from, to, r->sessions, r->guns,
		asked);
	printf(_("transformer %s, %d %% of it used; guns of %s, %s\n\n"), rated,
		(int)w->cfg.target_pm / 10, gun,
		w->cfg.three_phase ? _("three phases") : _("one phase in rotation"));
}

static void print_row(const struct whatif *w, const char *label, int label_w, int f)
{
	char cell[256], text[64];

	text_cell(cell, sizeof cell, label, label_w, TEXT_LEFT);
	printf("%s", cell);
	for (size_t i = 0; i < w->run_count; i++) {
		const char *name = policy_name(w->runs[i].policy);
		int width = text_width(name) > CELL_W ? text_width(name) : CELL_W;

		if (f == F_COUNT_) {
			view_set_text(text, sizeof text, name);
		} else {
			figure_text(text, sizeof text, w, &w->runs[i], (enum figure)f);
		}
		text_cell(cell, sizeof cell, text, width, TEXT_RIGHT);
		printf(" %s", cell);
	}
	putchar('\n');
}

static void print_text(const struct cli *cli, const struct whatif *w)
{
	bool ascii = cli_option(cli, "ascii") != NULL || strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
	int label_w = 0;

	print_head(w);
	for (int f = 0; f < F_COUNT_; f++) {
		int width = text_width(_(figures[f].label));

		label_w = width > label_w ? width : label_w;
	}
	print_row(w, _("policy"), label_w, F_COUNT_);
	for (int f = 0; f < F_COUNT_; f++) {
		print_row(w, _(figures[f].label), label_w, f);
	}
	if (w->run_count == 1) {
		char day[24];

		put_date(day, sizeof day, w->runs[0].curve.day_s);
		printf(_("\nbusiest day: %s\n"), day);
		curve_print(&w->runs[0].curve, w->cfg.rated_va, ascii);
	}
}

static void print_as_json(const struct whatif *w)
{
	cJSON *all = cJSON_CreateObject(), *runs = cJSON_AddArrayToObject(all, "runs");
	char day[24];

	put_date(day, sizeof day, w->cfg.from_s);
	cJSON_AddStringToObject(all, "from", day);
	put_date(day, sizeof day, w->to_s);
	cJSON_AddStringToObject(all, "to", day);
	wire_add_int(all, "rated_va", w->cfg.rated_va);
	cJSON_AddNumberToObject(all, "target_pm", w->cfg.target_pm);
	wire_add_int(all, "guns", w->runs[0].result.guns);
	wire_add_int(all, "sessions", w->runs[0].result.sessions);
	wire_add_int(all, "asked_wh", w->runs[0].result.asked_wh);
	for (size_t i = 0; i < w->run_count; i++) {
		const struct run *run = &w->runs[i];
		cJSON *object = cJSON_CreateObject(), *total, *other;

		cJSON_AddItemToArray(runs, object);
		cJSON_AddStringToObject(object, "policy", policy_name(run->policy));
		for (int f = 0; f < F_COUNT_; f++) {
			wire_add_int(object, figures[f].key, value_of(w, run, (enum figure)f));
		}
		put_date(day, sizeof day, run->curve.day_s);
		cJSON_AddStringToObject(object, "busiest_day", day);
		cJSON_AddNumberToObject(object, "slot_s", WHATIF_SLOT_S);
		total = cJSON_AddArrayToObject(object, "total_va");
		other = cJSON_AddArrayToObject(object, "other_va");
		for (int s = 0; s < WHATIF_SLOTS; s++) {
			cJSON_AddItemToArray(
				total, cJSON_CreateNumber((double)run->curve.total_va[s]));
			cJSON_AddItemToArray(
				other, cJSON_CreateNumber((double)run->curve.other_va[s]));
		}
	}
	print_json(all);
	cJSON_Delete(all);
}

int cmd_whatif(struct cli *cli)
{
	struct whatif *w = calloc(1, sizeof *w);
	int rc;

	if (w == NULL) {
		return cli_fail(cli, CLI_FAILED, "%s", _(err_text(ERR_NOMEM)));
	}
	rc = read_options(cli, w);
	if (rc == 0 && cli_option(cli, "sessions") == NULL) {
		rc = read_site(cli, w);
	}
	if (rc == 0) {
		rc = read_sessions(cli, w);
	}
	if (rc == 0) {
		rc = read_load(cli, w);
	}
	for (size_t i = 0; rc == 0 && i < w->run_count; i++) {
		int err;

		w->cfg.policy = w->runs[i].policy;
		err = whatif_run(&w->cfg, &w->runs[i].result, &w->runs[i].curve);
		if (err != 0) {
			rc = cli_fail(cli, CLI_FAILED, "%s", _(err_text(err)));
		}
	}
	if (rc == 0 && cli->json) {
		print_as_json(w);
	} else if (rc == 0) {
		print_text(cli, w);
	}
	sessions_clear(&w->rows);
	config_free(w->config);
	free(w->other);
	free(w);
	return rc;
}
