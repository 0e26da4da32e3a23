/* `piled probe`: each point of a unit once, with a verdict. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>

#include "bus/probe.h"
#include "commands.h"
#include "fmt.h"
#include "line.h"
#include "print.h"

#define RANGES_MAX  256
#define DECODED_MAX 512
#define POINTS_MAX  1024

/* What was read of a unit; the points in the order in which they came. */
struct probing {
	struct probe *probe;
	struct decoder *decoder;
	struct decoded block[DECODED_MAX];
	struct decoded points[POINTS_MAX];
	size_t count, answered;
};

static void take_block(struct probing *p, size_t n)
{
	n = n < DECODED_MAX ? n : DECODED_MAX;
	probe_take(p->probe, p->block, n);
	for (size_t i = 0; i < n && p->count < POINTS_MAX; i++) {
		p->points[p->count++] = p->block[i];
	}
}

static void read_range(
	struct probing *p, struct bus_port *port, uint8_t unit, const struct plan_range *r)
{
	struct bus_request request = {
		.unit = unit, .function = r->function, .address = r->address, .count = r->count};
	struct bus_reply reply;

	bus_port_once(port, &request, &reply);
	if (reply.err == 0) {
		p->answered++;
		take_block(p, decoder_block(p->decoder, r->function, r->address, reply.values,
				      r->count, p->block, DECODED_MAX));
	} else if (reply.err == ERR_EXCEPTION) {
		p->answered++;
		take_block(p, decoder_refused(p->decoder, r->function, r->address, r->count,
				      p->block, DECODED_MAX));
	} else {
		fprintf(stderr, "%u..%u: %s\n", r->address, (unsigned)r->address + r->count - 1,
			_(err_text(reply.err)));
	}
}

static void fill_point(const struct probing *p, const struct decoded *d, struct view_point *view)
{
	const struct point_info *info = point_info((enum point)d->point);
	const char *doubt = probe_doubt(p->probe, d->gun, (enum point)d->point);

	view_clear(VIEW_point, view);
	if (d->gun > 0) {
		snprintf(view->name, sizeof view->name, "%u.%s", (unsigned)d->gun % 1000,
			info->name);
	} else {
		VIEW_SET(view, name, info->name);
	}
	if (info->unit == UNIT_TEXT) {
		VIEW_SET(view, text, d->text);
	} else if (d->quality == Q_GOOD) {
		view->value = d->value;
		fmt_value(view->text, sizeof view->text, info->unit, d->value, true);
	}
	VIEW_SET(view, unit, unit_suffix(info->unit));
	VIEW_SET(view, quality, quality_token(d->quality));
	if (d->quality == Q_GOOD) {
		VIEW_SET(view, verdict, doubt != NULL ? _(doubt) : _("plausible"));
	}
	view->age_ms = 0;
}

static int print_probe(const struct cli *cli, const struct probing *p)
{
	struct view_point *points = calloc(p->count + 1, sizeof *points);
	struct rows rows = {VIEW_point, (void *)points, p->count};

	if (points == NULL) {
		return ERR_NOMEM;
	}
	for (size_t i = 0; i < p->count; i++) {
		fill_point(p, &p->points[i], &points[i]);
	}
	print_points(cli, &rows);
	rows_free(&rows);
	return 0;
}

static int probe_unit(
	struct cli *cli, struct bus_port *port, const struct profile *profile, uint8_t unit)
{
	static struct plan_range ranges[RANGES_MAX];
	struct probing *p = calloc(1, sizeof *p);
	size_t count = profile_ranges(profile, ranges, RANGES_MAX), answered = 0;
	int rc = p == NULL ? ERR_NOMEM : probe_new(profile, &p->probe);

	if (rc == 0) {
		rc = decoder_new(profile, &p->decoder);
	}
	/* twice: the ratios are known then, and registers have a reading to be judged against */
	for (int round = 0; rc == 0 && round < 2 && (round == 0 || p->answered > 0); round++) {
		p->count = p->answered = 0;
		for (size_t i = 0; i < count && i < RANGES_MAX; i++) {
			read_range(p, port, unit, &ranges[i]);
		}
	}
	if (rc == 0) {
		rc = print_probe(cli, p);
		answered = p->answered;
	}
	if (p != NULL) {
		decoder_free(p->decoder);
		probe_free(p->probe);
		free(p);
	}
	if (rc != 0) {
		return cli_fail(cli, CLI_FAILED, "%s", _(err_text(rc)));
	}
	return answered > 0 ? CLI_OK : CLI_TIMEOUT;
}

static int probe_direct(struct cli *cli)
{
	const char *name = cli_option(cli, "profile");
	struct profile *profile;
	struct bus_port *port;
	int64_t unit, timeout_us;
	int rc = cli_option_int(cli, "unit", 0, 255, 1, &unit);

	if (rc == 0 && name == NULL) {
		rc = cli_fail(cli, CLI_USAGE, _("--profile is missing: which device is it?"));
	}
	if (rc == 0) {
		rc = line_timeout(cli, 500 * US_PER_MS, &timeout_us);
	}
	if (rc == 0) {
		rc = profile_by_name(cli, name, &profile);
	}
	if (rc != 0) {
		return rc;
	}
	rc = line_open(cli, timeout_us, &port);
	if (rc == 0) {
		rc = probe_unit(cli, port, profile, (uint8_t)unit);
		line_close(port);
	}
	profile_free(profile);
	return rc;
}

int cmd_probe(struct cli *cli)
{
	cJSON *params, *result;
	struct rows rows;
	int rc;

	if (cli->arg_count == 0) {
		if (cli_option(cli, "tcp") == NULL && cli_option(cli, "serial") == NULL) {
			return cli_fail(cli, CLI_USAGE,
				_("name a unit of the agent, or --tcp or --serial"));
		}
		return probe_direct(cli);
	}
	rc = cli_connect(cli);
	if (rc != 0) {
		return rc;
	}
	params = cJSON_CreateObject();
	cJSON_AddStringToObject(params, "unit", cli->args[0]);
	rc = link_call(cli->link, "probe", params, &result);
	if (rc != 0) {
		return cli_fail_call(cli, rc);
	}
	rc = rows_take(VIEW_point, cJSON_GetObjectItemCaseSensitive(result, "rows"), &rows);
	cJSON_Delete(result);
	if (rc != 0) {
		return cli_fail(cli, CLI_FAILED, "%s", _(err_text(rc)));
	}
	print_points(cli, &rows);
	rows_free(&rows);
	return CLI_OK;
}
