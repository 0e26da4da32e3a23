#include "guard.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "text.h"

#define BYTE_ORDER_MARK 0xFEFF /* a spreadsheet wants one */
#define CHARACTER_MAX   4
#define CHUNK           4096

/* How long the character is that begins with this byte; 1 where none does. */
static size_t length_of(unsigned char c)
{
	return c >= 0xF0 && c <= 0xF4  ? 4
	       : c >= 0xE0 && c < 0xF0 ? 3
	       : c >= 0xC2 && c < 0xE0 ? 2
				       : 1;
}

/* Bytes of the character at `src` that may stay, 0 = none; *n: its bytes in all. */
static size_t good(const char *src, size_t room, size_t *n)
{
	char one[CHARACTER_MAX + 1] = "";
	uint32_t cp;

	*n = 1;
	if (src[0] == '\n' || src[0] == '\t') {
		return 1;
	}
	if (src[0] == '\r' || src[0] == '\0') {
		return src[0] == '\r' && room > 1 && src[1] == '\n';
	}
	memcpy(one, src, room < CHARACTER_MAX ? room : CHARACTER_MAX);
	cp = text_decode(one, n);
	return cp == BYTE_ORDER_MARK || text_safe(cp) ? *n : 0;
}

size_t guard_clean(char *dst, const char *src, size_t n, int last, size_t *taken)
{
	size_t at = 0, used = 0;

	while (at < n) {
		size_t want = src[at] == '\r' ? 2 : length_of((unsigned char)src[at]);
		size_t len, keep;

		if (want > n - at && last == 0) {
			break;
		}
		keep = good(src + at, n - at, &len);
		if (keep > 0) {
			memcpy(dst + used, src + at, keep);
			used += keep;
		} else {
			dst[used++] = '?';
		}
		at += len;
	}
	*taken = at;
	return used;
}

/* ---- The streams ---- */

struct guard {
	int fd;
	char held[CHARACTER_MAX]; /* the beginning of a character, or of a line's end */
	size_t count;
};

static bool put(int fd, const char *bytes, size_t n)
{
	while (n > 0) {
		ssize_t done = write(fd, bytes, n);

		if (done < 0 && errno == EINTR) {
			continue;
		}
		if (done <= 0) {
			return false;
		}
		bytes += done;
		n -= (size_t)done;
	}
	return true;
}

/* Nothing but what is held back is kept: the stream has the buffer. */
static ssize_t take(void *cookie, const char *bytes, size_t n)
{
	struct guard *g = cookie;
	char in[CHARACTER_MAX + CHUNK], out[CHARACTER_MAX + CHUNK];
	size_t done = 0;

	while (done < n) {
		size_t part = n - done < CHUNK ? n - done : CHUNK;
		size_t taken, used;

		memcpy(in, g->held, g->count);
		memcpy(in + g->count, bytes + done, part);
		used = guard_clean(out, in, g->count + part, 0, &taken);
		g->count = g->count + part - taken;
		memcpy(g->held, in + taken, g->count);
		if (!put(g->fd, out, used)) {
			return 0;
		}
		done += part;
	}
	return (ssize_t)n;
}

static void guard(FILE **stream, struct guard *g, int mode)
{
	const cookie_io_functions_t functions = {.write = take};
	FILE *behind = fopencookie(g, "w", functions);

	if (behind != NULL) {
		fflush(*stream);
		setvbuf(behind, NULL, mode, BUFSIZ);
		*stream = behind;
	}
}

void guard_open(void)
{
	static struct guard out = {.fd = STDOUT_FILENO}, err = {.fd = STDERR_FILENO};

	guard(&stdout, &out, isatty(STDOUT_FILENO) != 0 ? _IOLBF : _IOFBF);
	guard(&stderr, &err, _IONBF);
}
