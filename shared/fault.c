#include "fault.h"

static const struct fault_info faults[] = {
#define FAULT(sym, code, sev, en, zh, meaning, action) \
	{code, (enum severity)(sev), en, zh, meaning, action},
#include "fault.def"
#undef FAULT
};

const struct fault_info *fault_at(size_t i)
{
	return i < sizeof faults / sizeof faults[0] ? &faults[i] : NULL;
}

const struct fault_info *fault_info(int code)
{
	for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
		if (faults[i].code == code) {
			return &faults[i];
		}
	}
	return NULL;
}
