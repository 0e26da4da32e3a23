#ifndef PILED_REMOTE_H
#define PILED_REMOTE_H
/*
 * --host: the agent or the command of another machine, through the ssh program, which has its own
 * configuration, keys and questions. What asks the agent speaks to it through `piled attach` there,
 * and all else is done here; what looks at the machine itself runs there.
 */
#include <sys/types.h>

#include "cli.h"

/* Starts ssh to the agent of `host`. The link is the caller's. 0 or an exit code, which has been
 * explained. */
int remote_connect(struct cli *cli, const char *host, struct link **out);

/* Runs the command there; its exit code. */
int remote_run(struct cli *cli, const char *host);

/* Ends the ssh that remote_connect() started, behind link_close(). */
void remote_end(void);

#endif
