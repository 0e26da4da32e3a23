#ifndef PILED_COMMAND_H
#define PILED_COMMAND_H
/*
 * The life of commands: queued -> sent -> read_back -> verified | failed | expired.
 *
 *  queued     accepted; waits for room, or for a stop, unlock or reboot of the same gun
 *  sent       the write went out to the bus
 *  read_back  the device took it, and where it can be read back it reads as asked
 *  verified   the effect is seen in readings that came after it was sent:
 *             start   the gun charges
 *             stop    the gun does not charge any more, or its power is gone
 *             limit   read back, and a gun that charges draws no more than it (+ 5 % + 200 W)
 *             unlock  the device took it (there is no point that would show it)
 *             reboot  the pile's uptime fell; taken, where it gives none
 *             clock   the pile's clock is right within 5 s; taken, where it gives none
 *             tag     no gun concerned charges any more
 *  failed     refused, or the device refused, or the effect did not come in time
 *  expired    it was never sent within its life
 *
 * The same id again gives the same record and never a second write, as long as the command is
 * among the last COMMANDS_MIN + guns. A stop fails every start that has not been verified; one of a
 * pile, a feeder or the site holds its guns until a start anew or a release (halt.h); a new
 * limit fails the one before. Why something was refused stands behind the asker's reason.
 *
 * A limit in W goes to an AC pile that takes mA as W * 1000 / (230 V * phases), rounded down, so
 * that the power never exceeds what was asked at nominal voltage; a gun whose phases are not
 * configured counts as three-phase for the same reason. Lifting writes the gun's maximum, rounded
 * up to the next ampere.
 */
#include "emit.h"

#define NOMINAL_V 230

/* In the order of cmdstate.def. */
enum { CMD_QUEUED, CMD_SENT, CMD_READ_BACK, CMD_VERIFIED, CMD_FAILED, CMD_EXPIRED };

/* NULL where none of this id is kept. */
struct command *command_by_id(const struct site *site, const char *id);

void command_take(struct core *c, const struct event *event);
void command_written(struct core *c, const struct event *event);

/* Moves every command on by what is known now. */
void command_step(struct core *c);

/* Who asked for the session that begins now at a gun: false where nobody did. */
bool command_started_by(
	const struct site *site, uint16_t gun, struct moment now, char *by, size_t size);

void command_view(const struct site *site, const struct command *cmd, struct view_command *out);

/* What a limit in W is in mA for this gun. */
int64_t command_limit_ma(const struct gun_cfg *cfg, int64_t limit_w);
/* And back. */
int64_t command_limit_w(const struct gun_cfg *cfg, int64_t limit_ma);

/* A limit is being written there and has not ended. */
bool command_limits(const struct site *site, struct target target);

/* A start of this gun was sent and has not ended. */
bool command_starts(const struct site *site, uint16_t gun);

/* A start of it was asked for and has not ended: it may wait to be sent. A stop of it the same. */
bool command_will_start(const struct site *site, uint16_t gun);
bool command_stops(const struct site *site, uint16_t gun);

#endif
