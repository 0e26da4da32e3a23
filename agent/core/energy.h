#ifndef PILED_ENERGY_H
#define PILED_ENERGY_H
/*
 * The billing register of a gun as it runs: what each new reading of it means.
 *
 *  same    it stands still; a fall of no more than the register's step counts as that
 *  normal  it rose by no more than the gun can deliver in the time (its maximum power + 25 %,
 *          and a slack of 100 Wh + 2 steps for slow registers)
 *  wrap    it fell, but over its end (wrap_wh) it rose by a normal amount
 *  reset   it fell to a value that the gun can have delivered since the last reading
 *  swap    it fell to another value: the meter was exchanged
 *  jump    it rose by more than normal
 *
 * Rule for a session's energy: it is the sum of the normal and wrap movements between its start
 * and its end. A reset, swap or jump adds nothing: what flowed between the two readings around it
 * is not proved and not billed; the session is flagged and a fault is raised. Where nothing of the
 * kind happened the energy is end register - start register, exactly.
 *
 * A reading that looks like a reset, swap or jump is believed only when the next one agrees with
 * it; one that does not come again changes nothing.
 *
 * ESRC_SESSION: the device counts each session from 0 only. Its counter is carried into a virtual
 * register = base + counter; when the counter falls or its session number changes, base takes up
 * what was counted. Readings of it are marked `substitute`.
 */
#include "emit.h"

enum energy_class {
	ENERGY_SAME,
	ENERGY_NORMAL,
	ENERGY_WRAP,
	ENERGY_RESET,
	ENERGY_SWAP,
	ENERGY_JUMP
};

/* What it means that the register goes from `from` to `to` within `dt_us`. `delta` takes the
 * proved movement (0 unless normal or wrap). Pure. Values are 0..ENERGY_MAX_WH. */
#define ENERGY_MAX_WH INT64_C(1000000000000000)
enum energy_class energy_classify(
	const struct gun_cfg *cfg, int64_t from, int64_t to, int64_t dt_us, int64_t *delta);

/* Takes the newest reading of the gun's billing register into its track. */
void energy_take(struct core *c, uint16_t gun);

/* What the device's own session counter says about where its session began, as a latch; false
 * where register and counter are not both good, or not both read at or after `since_us`. The
 * quality is GOOD when both came in one reply. */
bool energy_session_start(
	const struct site *site, uint16_t gun, int64_t since_us, struct latch *out);

#endif
