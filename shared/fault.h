#ifndef PILED_FAULT_H
#define PILED_FAULT_H
/*
 * The fault catalogue: code, both languages, severity, what it means, what to do.
 * Codes 1..999 are those of the Shenzhen supervision interface (AlarmCode); from 1000 on they are
 * the agent's own. See fault.def.
 */
#include <stddef.h>

#include "err.h"

enum severity { SEVERITY_SAFETY = 1, SEVERITY_EQUIPMENT = 2, SEVERITY_NOTICE = 3 };

enum fault_code {
	FAULT_NONE = 0,
#define FAULT(sym, code, sev, en, zh, meaning, action) FAULT_##sym = code,
#include "fault.def"
#undef FAULT
};

struct fault_info {
	int code;
	enum severity severity;
	const char *en, *zh;
	const char *meaning; /* message ids */
	const char *action;
};

/* The row of a code; NULL for one that is not in the catalogue. */
const struct fault_info *fault_info(int code);
/* The i-th row, in order of code; NULL past the end. */
const struct fault_info *fault_at(size_t i);

#endif
