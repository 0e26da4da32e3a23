#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "fmt.h"
#include "hourly.h"
#include "live.h"
#include "simload.h"
#include "simrun.h"
#include "text.h"
#include "timex.h"

static volatile int stop;

static void on_signal(int number)
{
	(void)number;
	stop = 1;
}

static int complain(const char *text)
{
	fprintf(stderr, "pilesim: %s\n", text);
	return SIMRUN_USAGE;
}

/* Makes a folder and those above it. */
static int make_dir(const char *dir)
{
	char path[256];
	size_t length = strlen(dir);

	if (length == 0 || length >= sizeof path) {
		return ERR_TOOLONG;
	}
	memcpy(path, dir, length + 1);
	for (size_t i = 1; i <= length; i++) {
		if (path[i] == '/' || path[i] == '\0') {
			char kept = path[i];

			path[i] = '\0';
			if (mkdir(path, 0755) < 0 && errno != EEXIST) {
				return ERR_IO;
			}
			path[i] = kept;
		}
	}
	return 0;
}

/* What `run` was told, before it becomes a site. */
struct run {
	struct live_cfg live;
	struct sim_cfg sim;
	struct sim_site site;
	struct session_rows rows;
	int32_t *hours;
	int64_t guns_per_bus, baud;
	int link; /* -1 = as the site has it */
};

static int number(const struct simopts *o, enum simopt opt, const char *name, int64_t min,
	int64_t max, int64_t fallback, int64_t *out)
{
	*out = fallback;
	if (o->value[opt] && text_int(o->value[opt], min, max, out) < 0) {
		fprintf(stderr, "pilesim: --%s is %lld..%lld, not \"%s\"\n", name, (long long)min,
			(long long)max, o->value[opt]);
		return ERR_RANGE;
	}
	return 0;
}

/* The index of a word of a NULL-terminated list. */
static int word(const struct simopts *o, enum simopt opt, const char *name,
	const char *const *words, int fallback, int *out)
{
	*out = fallback;
	if (!o->value[opt]) {
		return 0;
	}
	for (int i = 0; words[i]; i++) {
		if (strcmp(words[i], o->value[opt]) == 0) {
			*out = i;
			return 0;
		}
	}
	fprintf(stderr, "pilesim: --%s cannot be \"%s\"; it is one of:", name, o->value[opt]);
	for (int i = 0; words[i]; i++) {
		fprintf(stderr, " %s", words[i]);
	}
	fputc('\n', stderr);
	return ERR_SYNTAX;
}

static int read_options(const struct simopts *o, struct run *run)
{
	static const char *const LINKS[] = {"tcp", "serial", "rtu-tcp", NULL};
	static const char *const DELIVERIES[] = {"byte", "fifo", "frame", NULL};
	static const char *const AUTHS[] = {"auto", "remote", NULL};
	int64_t port, speed, seed, local_s;
	int delivery, auth;

	if (number(o, SO_PORT, "port", 0, 65000, 15020, &port) < 0 ||
		number(o, SO_SPEED, "speed", 1, 1000, 1, &speed) < 0 ||
		number(o, SO_SEED, "seed", 0, INT64_MAX, 1, &seed) < 0 ||
		number(o, SO_FOR, "for", 1, 100000000, 0, &run->live.for_s) < 0 ||
		number(o, SO_BAUD, "baud", 1200, 230400, 9600, &run->baud) < 0 ||
		number(o, SO_GUNS_PER_BUS, "guns-per-bus", 1, 247, 8, &run->guns_per_bus) < 0 ||
		word(o, SO_LINK, "link", LINKS, -1, &run->link) < 0 ||
		word(o, SO_DELIVERY, "delivery", DELIVERIES, DELIVER_FIFO, &delivery) < 0 ||
		word(o, SO_AUTH, "auth", AUTHS, AUTH_AUTO, &auth) < 0) {
		return ERR_SYNTAX;
	}
	run->live.port = (int)port;
	run->live.speed = (int)speed;
	run->live.delivery = (enum delivery)delivery;
	run->live.address = o->value[SO_LISTEN] ? o->value[SO_LISTEN] : "127.0.0.1";
	run->sim.seed = (uint64_t)seed;
	run->sim.auth = (enum sim_auth)auth;
	run->sim.arrivals = !o->value[SO_NO_ARRIVALS];
	run->sim.lively = !o->value[SO_CALM] && !o->value[SO_NO_ARRIVALS] && !o->value[SO_SESSIONS];
	run->sim.building_w = 120000;
	if (o->value[SO_BUILDING] &&
		fmt_parse(o->value[SO_BUILDING], UNIT_W, 0, 100000000, &run->sim.building_w) < 0) {
		return complain("--building is a power of 0 kW to 100 MW, like \"180 kW\"");
	}

	time_t now = time(NULL);
	struct tm local;

	localtime_r(&now, &local);
	run->sim.utc_offset_s = local.tm_gmtoff;
	run->sim.start.ms = (int64_t)now * 1000;
	if (o->value[SO_START]) {
		if (sessions_time(o->value[SO_START], &local_s) < 0) {
			return complain("--start is YYYY-MM-DD[THH:MM[:SS]]");
		}
		run->sim.start.ms = (local_s - run->sim.utc_offset_s) * 1000;
	}
	return 0;
}

static int read_files(const struct simopts *o, struct run *run)
{
	char why[300];

	if (o->value[SO_SESSIONS]) {
		if (sessions_read(o->value[SO_SESSIONS], run->sim.seed, &run->rows, why,
			    sizeof why) < 0) {
			complain(why);
			return ERR_SYNTAX;
		}
		run->sim.rows = &run->rows;
	}
	if (o->value[SO_LOAD]) {
		int line = 0;
		int hours;

		run->hours = calloc(HOURLY_MAX, sizeof *run->hours);
		hours = run->hours ? hourly_read(o->value[SO_LOAD], run->hours, HOURLY_MAX, &line)
				   : ERR_NOMEM;
		if (hours <= 0) {
			fprintf(stderr, "pilesim: %s:%d: %s\n", o->value[SO_LOAD], line,
				err_text(hours ? hours : ERR_SYNTAX));
			return ERR_SYNTAX;
		}
		run->sim.hour_w = run->hours;
		run->sim.hours = (size_t)hours;
	}
	return 0;
}

/* "field:BUSESxPILES" or "field:BUSESxPILES:ac" */
static int field_site(const char *text, struct sim_site *site)
{
	char copy[40];
	int64_t buses, piles;
	bool ac = false;

	snprintf(copy, sizeof copy, "%s", text);
	char *colon = strchr(copy, ':');
	char *times = strchr(copy, 'x');

	if (colon) {
		*colon = '\0';
		ac = strcmp(colon + 1, "ac") == 0;
		if (!ac && strcmp(colon + 1, "dc") != 0) {
			return ERR_SYNTAX;
		}
	}
	if (!times) {
		return ERR_SYNTAX;
	}
	*times = '\0';
	if (text_int(copy, 1, 1000, &buses) < 0 || text_int(times + 1, 1, 247, &piles) < 0) {
		return ERR_RANGE;
	}
	return sim_site_field(site, (unsigned)buses, (unsigned)piles, !ac);
}

static int build_site(const struct simopts *o, struct run *run)
{
	const char *name =
		o->value[SO_SITE] ? o->value[SO_SITE] : (o->value[SO_SESSIONS] ? "garage" : "demo");
	int err = ERR_SYNTAX;

	if (strcmp(name, "demo") == 0) {
		err = sim_site_demo(&run->site);
	} else if (strcmp(name, "garage") == 0 && run->rows.count > 0) {
		err = sim_site_garage(&run->site, &run->rows, SIM_SERIAL,
			(unsigned)run->guns_per_bus, o->value[SO_THREE_PHASE] != NULL);
	} else if (strncmp(name, "field:", 6) == 0) {
		err = field_site(name + 6, &run->site);
	}
	if (err) {
		complain("--site is demo, garage (with --sessions FILE), or field:BUSESxPILES[:ac] "
			 "of up to 1000 buses with 1..247 piles each");
		return err;
	}
	for (unsigned i = 0; i < run->site.bus_count; i++) {
		struct sim_bus_spec *bus = &run->site.buses[i];

		bus->baud = (int32_t)run->baud;
		if (bus->link != SIM_TCP && run->link >= 0) {
			bus->link = (enum sim_link)run->link;
		}
	}
	run->sim.site = &run->site;
	return 0;
}

static int live_it(struct run *run, struct sim *sim)
{
	struct sigaction action = {.sa_handler = on_signal};
	struct live live;
	char why[400];
	int err;

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
	err = live_open(&live, &run->live, sim, why, sizeof why);
	if (err) {
		complain(why);
	} else {
		printf("pilesim: site %s is ready in %s: %u buses, %u piles, %u meters\n",
			run->site.id, run->live.dir, run->site.bus_count, run->site.pile_count,
			run->site.meter_count);
		fflush(stdout);
		live_run(&live, &stop);
	}
	live_close(&live);
	return err ? EXIT_FAILURE : EXIT_SUCCESS;
}

int simrun(const struct simopts *o, const char *dir)
{
	struct run run = {.live.dir = dir};
	struct sim *sim = NULL;
	int result = SIMRUN_USAGE;

	if (read_options(o, &run) || read_files(o, &run) || build_site(o, &run)) {
		goto out;
	}
	if (make_dir(dir) < 0) {
		complain("the folder of --dir cannot be made");
		goto out;
	}
	if (sim_new(&run.sim, &sim) < 0) {
		complain("no recorded session begins after --start at a station of the site");
		goto out;
	}
	result = live_it(&run, sim);
out:
	sim_free(sim);
	sim_site_clear(&run.site);
	sessions_clear(&run.rows);
	free(run.hours);
	return result;
}
