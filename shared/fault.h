#ifndef PILED_FAULT_H
#define PILED_FAULT_H
/*
 * The fault catalogue: code, both languages, severity, what it means, what to do, and what makes
 * an alarm of it. Codes 1..999 are those of the Shenzhen supervision interface (AlarmCode); from
 * 1000 on they are the agent's own. See fault.def and alarm.def.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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
	const char *symbol; /* "GUN_HOT": its name in capitals, see fault_name() */
	const char *en, *zh;
	const char *meaning; /* message ids */
	const char *action;
	const char *cause;
	int64_t act_s;       /* a person may take so long; 0 = at once */
	bool latching;       /* its alarm stays until a person resets it */
	int64_t on_s, off_s; /* delays of its alarm */
};

/* The row of a code; NULL for one that is not in the catalogue. */
const struct fault_info *fault_info(int code);
/* The i-th row, in order of code; NULL past the end. */
const struct fault_info *fault_at(size_t i);

/* Finds a fault by its code ("18") or name ("gun_hot", "gun-hot"). ERR_NOTFOUND. */
int fault_find(const char *text, const struct fault_info **out);

/* Its name as profiles and the command line write it: "gun_hot". */
void fault_name(char *dst, size_t size, const struct fault_info *fault);
/* Its title in the language in use. */
const char *fault_title(const struct fault_info *fault);
/* "safety", ... as message id; "-" for what is no severity. */
const char *fault_severity(int64_t severity);
/* How a fire or emergency input signs what it takes out of service: "input fire". It silences
 * nothing, as a person who does the same would. */
#define FAULT_INPUT_SIGN "input "
bool fault_input_signed(const char *by);
/* "act at once", "act within 10 min"; in the language in use. */
void fault_urgency(char *dst, size_t size, const struct fault_info *fault);

#endif
