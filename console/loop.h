#ifndef PILETOP_LOOP_H
#define PILETOP_LOOP_H
/* The one loop: terminal, agent and time through one poll(). */
#include "app.h"

/* Runs until the user quits or a signal ends it. Returns the exit code; a signal's is 128 + n. */
int loop_run(struct app *app);

#endif
