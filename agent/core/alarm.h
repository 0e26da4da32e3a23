#ifndef PILED_ALARM_H
#define PILED_ALARM_H
/*
 * Faults raised and cleared. Each target has fixed slots by what watches it (DEVICE_FAULT, ...), so
 * that one code of one target is active at most once and their number is bounded.
 */
#include "emit.h"

/* Sets a slot to `code`; FAULT_NONE clears it. The same code again changes nothing; another one
 * clears the first. */
void alarm_gun(struct core *c, uint16_t gun, int slot, int64_t code, const char *detail);
void alarm_pile(struct core *c, uint16_t pile, int slot, int64_t code, const char *detail);
void alarm_meter(struct core *c, uint16_t meter, int slot, int64_t code, const char *detail);

/* The fault code as a device gave it, as one of the catalogue: FAULT_DEVICE_OTHER where it is not
 * in it. */
int64_t alarm_device_code(int64_t code);

/* Takes a fault that the store knew as active. False where it makes no sense. */
bool alarm_resume(struct core *c, const struct view_fault *view);

/* The slots of a target; NULL where it has none. */
struct fault *alarm_slots(const struct site *site, struct target target, size_t *count);

void alarm_view(const struct site *site, struct target target, const struct fault *fault,
	struct view_fault *out);

#endif
