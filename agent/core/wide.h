#ifndef PILED_WIDE_H
#define PILED_WIDE_H
/*
 * Commands wider than one device: stop of a pile with several guns, of a feeder or of the site;
 * reboot of a feeder's or the site's piles; the power of a feeder or of the site. A wide command
 * gives one command to each device that it concerns and ends with the last of them: verified where
 * all are, failed where one is not, saying how many. A stop holds its guns besides (halt.h). A
 * limit is one from outside, without end, of the source "command". For agent/core only.
 */
#include "emit.h"

/* Is this command a wide one? Then *err is 0, or ERR_* with the reason. */
bool wide_check(const struct core *c, struct command *cmd, int *err, char *why, size_t size);

/* Gives its commands. True when there is nothing to do: it is done already. */
bool wide_accept(struct core *c, struct command *cmd);

/* A command that another gave has ended. */
void wide_member_ended(struct core *c, const struct command *member, bool good);

/* Has it ended: 1 verified, -1 some of its commands failed, 0 not yet. */
int wide_seen(const struct core *c, const struct command *cmd, char *why, size_t size);

/* Does the gun charge, or is it about to: what a preview counts and a wide command stops. */
bool wide_charges(const struct site *site, uint16_t gun);

#endif
