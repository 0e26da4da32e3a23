/* The agent itself: run, and check of its configuration. */
#include <stdio.h>

#include "commands.h"
#include "config/config.h"
#include "daemon/daemon.h"

#define CONFIG_DEFAULT "/etc/piled/piled.yaml"

static const char *config_path(const struct cli *cli)
{
	const char *path = cli_option(cli, "config");

	return path != NULL ? path : CONFIG_DEFAULT;
}

int cmd_run(struct cli *cli)
{
	struct daemon_cfg cfg = {.config = config_path(cli),
		.data = cli_option(cli, "data"),
		.socket = cli_option(cli, "socket"),
		.verbose = cli_option(cli, "verbose") != NULL};
	int rc = daemon_run(&cfg);

	/* A wrong configuration does not mend itself: the unit file does not restart on 2. */
	if (rc == ERR_SYNTAX || rc == ERR_NOTFOUND) {
		return CLI_USAGE;
	}
	return rc == 0 ? CLI_OK : CLI_FAILED;
}

static void print_remark(void *arg, const char *line)
{
	(void)arg;
	fprintf(stderr, "%s\n", line);
}

int cmd_check(struct cli *cli)
{
	struct yaml_errors errors = {0};
	struct config *config = NULL;
	int rc = config_load(config_path(cli), NULL, &errors, &config);

	for (size_t i = 0; i < errors.kept; i++) {
		fprintf(stderr, "%s\n", errors.lines[i]);
	}
	if (rc != 0) {
		cli_fail(cli, CLI_FAILED, _("%s: %zu errors"), config_path(cli), errors.count);
	} else if (cli_option(cli, "print") != NULL) {
		config_print(config, stdout);
	} else {
		config_remarks(config, print_remark, NULL);
		printf(_("%s: good: %zu guns, %zu piles, %zu meters, %zu buses\n"),
			config_path(cli), config->gun_count, config->pile_count,
			config->meter_count, config->bus_count);
	}
	yaml_errors_free(&errors);
	config_free(config);
	return rc == 0 ? CLI_OK : CLI_FAILED;
}
