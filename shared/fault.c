#include "fault.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "i18n.h"
#include "text.h"

#define CODE_MAX 65535

/* A fault without a row in alarm.def does not compile. */
#define ALARM(sym, cause, act, latch, on, off)                                         \
	enum { act_##sym = act, latch_##sym = latch, on_##sym = on, off_##sym = off }; \
	static const char cause_##sym[] = cause;
#include "alarm.def"
#undef ALARM

static const struct fault_info faults[] = {
#define FAULT(sym, code, sev, en, zh, meaning, action)                                      \
	{code, (enum severity)(sev), #sym, en, zh, meaning, action, cause_##sym, act_##sym, \
		latch_##sym, on_##sym, off_##sym},
#include "fault.def"
#undef FAULT
};
#define COUNT (sizeof faults / sizeof faults[0])

const struct fault_info *fault_at(size_t i)
{
	return i < COUNT ? &faults[i] : NULL;
}

enum {
#define FAULT(sym, code, sev, en, zh, meaning, action) ROW_##sym,
#include "fault.def"
#undef FAULT
};

/* A jump table: it is asked for at every reading of every device. */
const struct fault_info *fault_info(int code)
{
	switch (code) {
#define FAULT(sym, code, sev, en, zh, meaning, action) \
	case code:                                     \
		return &faults[ROW_##sym];
#include "fault.def"
#undef FAULT
	default:
		return NULL;
	}
}

/* '-' and '_', small and capital letters are the same. */
static bool same_name(const char *symbol, const char *text)
{
	for (; *symbol != '\0' && *text != '\0'; symbol++, text++) {
		char c = *text == '-' ? '_' : (char)toupper((unsigned char)*text);

		if (c != *symbol) {
			return false;
		}
	}
	return *symbol == *text;
}

int fault_find(const char *text, const struct fault_info **out)
{
	const struct fault_info *found = NULL;
	int64_t code;

	if (text_int(text, 1, CODE_MAX, &code) == 0) {
		found = fault_info((int)code);
	}
	for (size_t i = 0; found == NULL && i < COUNT; i++) {
		if (same_name(faults[i].symbol, text)) {
			found = &faults[i];
		}
	}
	if (found == NULL) {
		return ERR_NOTFOUND;
	}
	*out = found;
	return 0;
}

void fault_name(char *dst, size_t size, const struct fault_info *fault)
{
	size_t i = 0;

	for (; fault->symbol[i] != '\0' && i + 1 < size; i++) {
		dst[i] = (char)tolower((unsigned char)fault->symbol[i]);
	}
	dst[i] = '\0';
}

const char *fault_title(const struct fault_info *fault)
{
	return i18n_lang() == LANG_ZH ? fault->zh : fault->en;
}

const char *fault_severity(int64_t severity)
{
	switch (severity) {
	case SEVERITY_SAFETY:
		return N_("safety");
	case SEVERITY_EQUIPMENT:
		return N_("equipment");
	case SEVERITY_NOTICE:
		return N_("notice");
	default:
		return "-";
	}
}

bool fault_input_signed(const char *by)
{
	return strncmp(by, FAULT_INPUT_SIGN, strlen(FAULT_INPUT_SIGN)) == 0;
}

void fault_urgency(char *dst, size_t size, const struct fault_info *fault)
{
	if (fault->act_s == 0) {
		snprintf(dst, size, "%s", _("act at once"));
	} else if (fault->act_s % 3600 == 0) {
		snprintf(dst, size, _("act within %lld h"), (long long)(fault->act_s / 3600));
	} else {
		snprintf(dst, size, _("act within %lld min"), (long long)(fault->act_s / 60));
	}
}
