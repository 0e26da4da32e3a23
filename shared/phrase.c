#include "phrase.h"

#include <string.h>

#include "i18n.h"
#include "text.h"
#include "view.h"

#define ID_MAX       160
#define SENTENCE_MAX 512

/* The n-th argument, from 1, and its length; "" where it is not there. */
static const char *argument(const char *kept, int n, size_t *length)
{
	for (; n > 0; n--) {
		kept = strchr(kept, PHRASE_SEPARATOR);
		if (kept == NULL) {
			*length = 0;
			return "";
		}
		kept++;
	}
	*length = strcspn(kept, (const char[]){PHRASE_SEPARATOR, '\0'});
	return kept;
}

void phrase_show(char *dst, size_t size, const char *kept)
{
	char id[ID_MAX], text[SENTENCE_MAX] = "";
	size_t length, used = 0;

	argument(kept, 0, &length);
	if (length >= sizeof id) {
		view_set_text(dst, size, kept);
		return;
	}
	memcpy(id, kept, length);
	id[length] = '\0';
	for (const char *p = _(id); *p != '\0';) {
		size_t n = strcspn(p, "%");

		text_append(text, sizeof text, &used, "%.*s", (int)n, p);
		p += n;
		if (p[0] == '%' && p[1] >= '1' && p[1] <= '9') {
			const char *given = argument(kept, p[1] - '0', &length);

			text_append(text, sizeof text, &used, "%.*s", (int)length, given);
			p += 2;
		} else if (*p == '%') {
			text_append(text, sizeof text, &used, "%%");
			p++;
		}
	}
	view_set_text(dst, size, text); /* cut at a whole character */
}
