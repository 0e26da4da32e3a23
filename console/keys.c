#include "keys.h"

#include <string.h>

#include "text.h"

static const char *const names[] = {
#define KEY(sym, name) name,
#include "keys.def"
#undef KEY
};

int keys_find(const char *name, uint32_t *key)
{
	size_t n;
	uint32_t cp;

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		if (strcmp(names[i], name) == 0) {
			*key = (uint32_t)(KEYS_FIRST_ + 1 + i);
			return 0;
		}
	}
	if (name[0] == 'C' && name[1] == '-' && name[2] >= 'a' && name[2] <= 'z' &&
		name[3] == '\0') {
		*key = (uint32_t)(name[2] - 'a' + 1);
		return 0;
	}
	cp = text_decode(name, &n);
	if (n == 0 || name[n] != '\0' || cp == 0xFFFD) {
		return ERR_NOTFOUND;
	}
	*key = cp;
	return 0;
}
