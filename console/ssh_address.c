#include "ssh_address.h"

#include <stdbool.h>
#include <string.h>

#include "text.h"

#define SCHEME "ssh://"

/* Copies a part without blanks and control characters that begins with no dash. */
static int take(char *dst, size_t size, const char *from, size_t n)
{
	if (n == 0 || n >= size || from[0] == '-') {
		return ERR_SYNTAX;
	}
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)from[i];

		if (c <= ' ' || c >= 0x7F || strchr("'\"`$;&|<>()\\{}*?!", c) != NULL) {
			return ERR_SYNTAX;
		}
	}
	memcpy(dst, from, n);
	dst[n] = '\0';
	return 0;
}

int ssh_address_read(const char *text, struct ssh_address *out)
{
	struct ssh_address a = {0};
	const bool url = strncmp(text, SCHEME, strlen(SCHEME)) == 0;
	const char *host = url ? text + strlen(SCHEME) : text;
	const char *at = strrchr(host, '@');
	size_t n;
	int64_t port = 0;

	if (at != NULL) {
		if (take(a.user, sizeof a.user, host, (size_t)(at - host)) != 0) {
			return ERR_SYNTAX;
		}
		host = at + 1;
	}
	if (host[0] == '[') {
		host++;
		n = strcspn(host, "]");
		if (host[n] != ']') {
			return ERR_SYNTAX;
		}
		text = host + n + 1;
	} else {
		n = strcspn(host, url ? ":/" : "/");
		text = host + n;
	}
	if (take(a.host, sizeof a.host, host, n) != 0) {
		return ERR_SYNTAX;
	}
	if (url && text[0] == ':') {
		char digits[8] = "";
		size_t len = strcspn(text + 1, "/");

		if (len >= sizeof digits) {
			return ERR_SYNTAX;
		}
		memcpy(digits, text + 1, len);
		if (text_int(digits, 1, 65535, &port) != 0) {
			return ERR_SYNTAX;
		}
		text += 1 + len;
	}
	if (text[0] != '\0' && !(url && strcmp(text, "/") == 0)) {
		return ERR_SYNTAX;
	}
	a.port = (int)port;
	*out = a;
	return 0;
}
