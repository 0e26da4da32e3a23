#ifndef PILED_ALARM_H
#define PILED_ALARM_H
/*
 * Faults raised and cleared; what becomes of them as alarms is the annunciator's (annun.h). Each
 * target has fixed slots by what watches it (DEVICE_FAULT, ...), so that one code of one target is
 * active at most once and their number is bounded.
 */
#include "emit.h"

/* Sets a slot to `code`; FAULT_NONE clears it. The same code again changes nothing; another one
 * clears the first. */
void alarm_gun(struct core *c, uint16_t gun, int slot, int64_t code, const char *detail);
void alarm_pile(struct core *c, uint16_t pile, int slot, int64_t code, const char *detail);
void alarm_meter(struct core *c, uint16_t meter, int slot, int64_t code, const char *detail);
void alarm_target(struct core *c, struct target target, int slot, int64_t code, const char *detail);
void alarm_site(struct core *c, int slot, int64_t code, const char *detail);
void alarm_bus(struct core *c, uint16_t bus, int64_t code, const char *detail);

/* The fault code as a device gave it, as one of the catalogue: FAULT_DEVICE_OTHER where it is not
 * in it. */
int64_t alarm_device_code(int64_t code);

/* Takes a fault that the store knew as active. False where it makes no sense. */
bool alarm_resume(struct core *c, const struct view_fault *view);

/* enum severity of a code; SEVERITY_EQUIPMENT where it is not in the catalogue. */
int64_t alarm_severity(int64_t code);

/* The slot that a code has at a target of this kind; -1 = none. */
int alarm_slot(enum target_kind kind, int64_t code);

/* site_find(), and buses. */
int alarm_find_target(const struct site *site, const char *id, struct target *out);

bool alarm_active(const struct site *site, struct target target, int64_t code);

/* Calls back for each fault that is active, as if it were raised now. */
void alarm_each(struct core *c, void (*each)(struct core *c, struct target target, int64_t code,
					bool on, const char *detail));

/* The slots of a target; NULL where it has none. */
struct fault *alarm_slots(const struct site *site, struct target target, size_t *count);

void alarm_view(const struct site *site, struct target target, const struct fault *fault,
	struct view_fault *out);

#endif
