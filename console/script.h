#ifndef PILETOP_SCRIPT_H
#define PILETOP_SCRIPT_H
/*
 * The console without a terminal: one frame as text, or keys from a file.
 *
 * A script is lines, one a step; blank lines and lines that begin with "#" are skipped:
 *   KEY            one key by its name (keys.def), "q", "Enter", "C-l"
 *   type TEXT      each character of the text as a key
 *   wait TEXT      until the text is on the screen
 *   gone TEXT      until it is no more
 *   settle         until the agent has answered all that was asked
 *   size WxH       the screen changes its size
 *   snap FILE      the screen as text into a file, "-" = standard output
 */
#include "app.h"

/* Draws one frame when the snapshot is complete. Returns the exit code: 0, 1 = no agent. */
int script_once(struct app *app);

/* Plays a file. Returns the exit code: 0, 1 = a wait was in vain, 2 = the file is at fault. */
int script_play(struct app *app, const char *path);

#endif
