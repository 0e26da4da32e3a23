#ifndef PILED_DAEMON_H
#define PILED_DAEMON_H
/*
 * The agent's process: configuration, core, buses, store and RPC on one loop. Each bus has a thread
 * of its own, so has the store's writer; the core runs on the loop only.
 */
#include <stdbool.h>

struct daemon_cfg {
	const char *config; /* path */
	const char *data;   /* folder of the store; NULL = as configured */
	const char *socket; /* NULL = as configured */
	bool verbose;
};

/* Runs until SIGTERM or SIGINT. Returns 0, or the ERR_* that kept it from starting; what was wrong
 * has been printed. */
int daemon_run(const struct daemon_cfg *cfg);

#endif
