#include "mail.h"

#include <string.h>
#include <time.h>

#include "text.h"
#include "timex.h"

/* A line of a header is 76 columns at most: so many bytes of text in one encoded word. */
#define WORD_BYTES 42

static bool plain(const char *text)
{
	for (; *text != '\0'; text++) {
		if ((unsigned char)*text < 32 || (unsigned char)*text > 126) {
			return false;
		}
	}
	return true;
}

/* `dst` has room for four bytes for each three, and a zero. */
static void base64(char *dst, const unsigned char *src, size_t size)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < size; i += 3) {
		unsigned word = (unsigned)src[i] << 16 |
				(i + 1 < size ? (unsigned)src[i + 1] << 8 : 0) |
				(i + 2 < size ? src[i + 2] : 0);

		*dst++ = digits[word >> 18];
		*dst++ = digits[word >> 12 & 63];
		*dst++ = i + 1 < size ? digits[word >> 6 & 63] : '=';
		*dst++ = i + 2 < size ? digits[word & 63] : '=';
	}
	*dst = '\0';
}

/* The subject in encoded words (RFC 2047), each of whole characters. */
static void add_subject(const char *subject, char *dst, size_t size, size_t *used)
{
	char clean[256], encoded[4 * WORD_BYTES];
	const char *p = clean;

	text_clean(clean, sizeof clean, subject);
	if (plain(clean)) {
		text_append(dst, size, used, "Subject: %s\n", clean);
		return;
	}
	text_append(dst, size, used, "Subject:");
	while (*p != '\0') {
		size_t n = 0, length;

		while (p[n] != '\0' && (text_decode(p + n, &length), n + length <= WORD_BYTES)) {
			n += length;
		}
		base64(encoded, (const unsigned char *)p, n);
		text_append(dst, size, used, " =?UTF-8?B?%s?=\n", encoded);
		p += n;
	}
}

static void add_date(int64_t wall_ms, char *dst, size_t size, size_t *used)
{
	static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	static const char *const months[] = {
		"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	time_t s = (time_t)(wall_ms / MS_PER_S);
	struct tm tm;

	if (gmtime_r(&s, &tm) != NULL) {
		text_append(dst, size, used, "Date: %s, %02d %s %d %02d:%02d:%02d +0000\n",
			days[tm.tm_wday], tm.tm_mday, months[tm.tm_mon], tm.tm_year + 1900,
			tm.tm_hour, tm.tm_min, tm.tm_sec);
	}
}

/* An id of a message holds whatever the ids of devices do: what has no place in a Message-ID
 * becomes a dot. */
static void add_id(const char *id, const char *site, char *dst, size_t size, size_t *used)
{
	text_append(dst, size, used, "Message-ID: <");
	for (; *id != '\0'; id++) {
		bool good = (*id >= '0' && *id <= '9') || (*id >= 'A' && *id <= 'Z') ||
			    (*id >= 'a' && *id <= 'z') || *id == '-' || *id == '_';

		text_append(dst, size, used, "%c", good ? *id : '.');
	}
	text_append(dst, size, used, "@%s.piled>\n", site);
}

size_t mail_compose(
	const struct view_outbox *m, const char *from, const char *site, char *dst, size_t size)
{
	size_t used = 0;

	if (from[0] != '\0') {
		text_append(dst, size, &used, "From: %s\n", from);
	}
	text_append(dst, size, &used, "To: %s\n", m->recipient);
	add_subject(m->subject, dst, size, &used);
	add_date(m->created, dst, size, &used);
	add_id(m->id, site, dst, size, &used);
	text_append(dst, size, &used,
		"Auto-Submitted: auto-generated\nMIME-Version: 1.0\n"
		"Content-Type: text/plain; charset=UTF-8\nContent-Transfer-Encoding: 8bit\n\n%s\n",
		m->text);
	return used;
}
