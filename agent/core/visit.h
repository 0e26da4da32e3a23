#ifndef PILED_VISIT_H
#define PILED_VISIT_H
/*
 * Visits: from plug to unplug of one gun. Opened when the gun is occupied, closed when it is idle
 * or its plug contact says so, or when the device's plug counter tells that the car was changed.
 */
#include "core.h"
#include "emit.h"

void visit_open(struct core *c, uint16_t gun, uint32_t flags);
/* Closes and gives out the record. Nothing where none is open. */
void visit_close(struct core *c, uint16_t gun, uint32_t flags);

/* Opens or closes by the gun's state and plug contact. */
void visit_step(struct core *c, uint16_t gun);

void visit_view(const struct site *site, uint16_t gun, struct view_visit *out);
bool visit_resume(struct core *c, const struct view_visit *view);

/* The words of a set of SFLAG_()s, blank separated; and back. */
void flags_text(uint32_t flags, char *text, size_t size);
uint32_t flags_of(const char *text);

/* A time for a new id of this gun, in ms: the wall clock's, but never one that was used before. */
int64_t visit_id_ms(struct core *c, uint16_t gun);

#endif
