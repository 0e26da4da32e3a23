#ifndef PILED_GARAGECONF_H
#define PILED_GARAGECONF_H
/* The recorded garage as a configuration of the agent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "vsite.h"

#define GUNS_PER_BUS 10

/* The garage as a configuration: a file, since that is what the agent reads. `more`: sections of
 * it, as lines. */
static inline struct config *garage_config(
	const struct sim_site *site, const char *zone, const char *more)
{
	static const char *const folders[] = {"agent/profiles", NULL};
	struct yaml_errors errors = {0};
	char path[] = "/tmp/piled-garage-XXXXXX";
	struct config *config = NULL;
	int fd = mkstemp(path);
	FILE *f;

	assert_true(fd >= 0);
	f = fdopen(fd, "w");
	fprintf(f,
		"site: {id: garage, timezone: %s}\ntransformer: {rated: 630 kVA}\n"
		"load: {policy: none}\n%sbuses:\n",
		zone, more);
	for (int i = 0; i < site->bus_count; i++) {
		fprintf(f, "  %s: {tcp: 127.0.0.1:%d}\n", site->buses[i].id, 15000 + i);
	}
	fprintf(f,
		"meters:\n  T1: {profile: acrel-dtsd1352, bus: %s, unit: 1, "
		"role: transformer, poll: {fast: 60 s, slow: 3600 s}}\npiles:\n",
		site->buses[site->bus_count - 1].id);
	for (int i = 0; i < site->pile_count; i++) {
		const struct sim_pile_spec *p = &site->piles[i];

		fprintf(f,
			"  %s: {profile: sim-ac, bus: %s, unit: %d, poll: {fast: 5 s, "
			"slow: 3600 s}}\n",
			p->id, site->buses[p->bus].id, p->unit);
	}
	fclose(f);
	if (config_load(path, folders, &errors, &config) != 0) {
		for (size_t i = 0; i < errors.kept; i++) {
			print_message("# %s\n", errors.lines[i]);
		}
	}
	unlink(path);
	assert_non_null(config);
	return config;
}

#endif
