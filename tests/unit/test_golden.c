/*
 * Every shipped profile against its golden file: registers in, readings out, writes. The files
 * say, a line each:
 *   settings YAML                       of the site, for profiles that need some
 *   guns N
 *   registers FUNCTION ADDRESS: WORDS   numbers, 'text' two characters a register, or u32:N s32:N
 *                                       u64:N s64:N f32:X f64:X, high word first (lu32:N ... low)
 *   reading GUN POINT VALUE             a number, a state, "text", or a quality
 *   write GUN POINT VALUE: FUNCTION ADDRESS WORDS [back FUNCTION ADDRESS COUNT], or an error
 *   ranges N                            reads of one unit
 * Each point that the profile reads must have its line.
 */
#include <dirent.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bus/profile.h"
#include "state.h"
#include "text.h"

#define GOLDEN   "tests/unit/golden"
#define PROFILES "agent/profiles"
#define READINGS 2000

struct run {
	const char *name;
	int line;
	struct profile *profile;
	struct decoder *decoder;
	struct decoded got[READINGS];
	bool expected[READINGS];
	size_t count;
};

static void say(const struct run *r, const char *what)
{
	fail_msg(GOLDEN "/%s.txt:%d: %s", r->name, r->line, what);
}

static int64_t number(const struct run *r, const char *word)
{
	int64_t v = 0;
	const char *digits = word[0] == '-' ? word + 1 : word;

	if (yaml_plain(digits, 0, INT64_MAX, &v) != 0) {
		say(r, "no number");
	}
	return word[0] == '-' ? -v : v;
}

/* The words of a line; 'a b' and "a b" are one. */
static size_t split(char *line, char **words, size_t cap)
{
	size_t n = 0;

	for (char *p = line; *p != '\0' && n < cap;) {
		char end = ' ';

		while (*p == ' ' || *p == '\n') {
			p++;
		}
		if (*p == '\0') {
			break;
		}
		words[n++] = p;
		if (*p == '\'' || *p == '"') {
			end = *p++;
		}
		while (*p != '\0' && *p != end && *p != '\n') {
			p++;
		}
		p += end != ' ' && *p == end;
		if (*p != '\0') {
			*p++ = '\0';
		}
	}
	return n;
}

/* "f32:230.5" into its registers; their number, 0 for what is none. */
static size_t typed(const char *word, uint16_t *out)
{
	bool low = word[0] == 'l';
	const char *type = word + low, *colon = strchr(word, ':');
	size_t words = strncmp(type + 1, "64", 2) == 0 ? 4 : 2;
	uint64_t bits;

	if (colon == NULL || colon != type + 3) {
		return 0;
	}
	if (type[0] == 'f' && words == 2) {
		float f = strtof(colon + 1, NULL);
		uint32_t half;

		memcpy(&half, &f, sizeof half);
		bits = half;
	} else if (type[0] == 'f') {
		double d = strtod(colon + 1, NULL);

		memcpy(&bits, &d, sizeof bits);
	} else {
		bits = (uint64_t)strtoll(colon + 1, NULL, 10);
	}
	for (size_t i = 0; i < words; i++) {
		out[i] = (uint16_t)(bits >> (16 * (low ? i : words - 1 - i)));
	}
	return words;
}

static void take_registers(struct run *r, char **word, size_t n)
{
	uint16_t v[BUS_MAX_READ + 4] = {0};
	size_t count = 0;

	for (size_t i = 3; i < n; i++) {
		size_t more = typed(word[i], v + count);

		if (more > 0) {
			count += more;
			continue;
		}
		if (word[i][0] != '\'') {
			v[count++] = (uint16_t)number(r, word[i]);
			continue;
		}
		for (const char *p = word[i] + 1; *p != '\0' && *p != '\''; p += 2) {
			bool odd = p[1] == '\0' || p[1] == '\'';

			v[count++] = (uint16_t)(p[0] << 8 | (odd ? 0 : p[1]));
			if (odd) {
				break;
			}
		}
	}
	word[2][strlen(word[2]) - 1] = '\0';
	r->count +=
		decoder_block(r->decoder, (uint8_t)number(r, word[1]), (uint16_t)number(r, word[2]),
			v, (uint16_t)count, r->got + r->count, READINGS - r->count);
}

static void check_reading(struct run *r, char **word, size_t n)
{
	enum point p;
	const struct decoded *d = NULL;
	char text[128];

	if (n != 4 || point_find(word[2], &p) != 0) {
		say(r, "expected: reading GUN POINT VALUE");
	}
	for (size_t i = 0; i < r->count; i++) {
		if (r->got[i].point == p && r->got[i].gun == number(r, word[1])) {
			d = &r->got[i];
			r->expected[i] = true;
		}
	}
	if (d == NULL) {
		say(r, "was not read");
		return;
	}
	if (d->quality != Q_GOOD && d->quality != Q_SUBSTITUTE) {
		snprintf(text, sizeof text, "%s", quality_token(d->quality));
	} else if (point_info(p)->unit == UNIT_TEXT) {
		snprintf(text, sizeof text, "\"%s\"", d->text);
	} else if (point_info(p)->unit == UNIT_STATE) {
		snprintf(text, sizeof text, "%s", state_info((enum gun_state)d->value)->token);
	} else {
		snprintf(text, sizeof text, "%" PRId64, d->value);
	}
	if (strcmp(text, word[3]) != 0) {
		fail_msg(
			GOLDEN "/%s.txt:%d: read %s, expected %s", r->name, r->line, text, word[3]);
	}
}

static void check_write(struct run *r, char **word, size_t n)
{
	struct plan_write w;
	char text[256];
	size_t used = 0, length = 0;
	char expected[256];
	enum point p = PT_STATE;
	int err;

	if (n < 5 || point_find(word[2], &p) != 0) {
		say(r, "expected: write GUN POINT VALUE: ...");
	}
	word[3][strlen(word[3]) - 1] = '\0';
	err = profile_write(r->profile, (int)number(r, word[1]), p, number(r, word[3]), &w);
	if (err != 0) {
		snprintf(text, sizeof text, " %s", err_token(err));
	} else {
		text_append(text, sizeof text, &used, " %d %d", w.function, w.address);
		for (int i = 0; i < w.count; i++) {
			text_append(text, sizeof text, &used, " %d", w.values[i]);
		}
		if (w.back_function != 0) {
			text_append(text, sizeof text, &used, " back %d %d %d", w.back_function,
				w.back_address, w.back_count);
		}
	}
	for (size_t i = 4; i < n; i++) {
		int64_t v;

		if (yaml_plain(word[i], 0, INT64_MAX, &v) == 0) {
			text_append(expected, sizeof expected, &length, " %" PRId64, v);
		} else {
			text_append(expected, sizeof expected, &length, " %s", word[i]);
		}
	}
	if (strcmp(text, expected) != 0) {
		fail_msg(GOLDEN "/%s.txt:%d: writes%s, expected%s", r->name, r->line, text,
			expected);
	}
}

/* Loads the profile with what the first lines of the file say of the site. */
static void load(struct run *r, FILE *file)
{
	struct yaml_errors errors = {0};
	struct yaml_doc *doc = NULL;
	struct profile_site site = {0};
	char line[1024], path[300], text[2048] = "{}";

	while (fgets(line, sizeof line, file) != NULL) {
		if (strncmp(line, "settings ", 9) == 0) {
			snprintf(text, sizeof text, "%s", line + 9);
		} else if (strncmp(line, "guns ", 5) == 0) {
			int64_t guns;

			line[strcspn(line, "\n")] = '\0';
			assert_int_equal(text_int(line + 5, 1, 64, &guns), 0);
			site.guns = (int)guns;
		}
	}
	rewind(file);
	assert_int_equal(yaml_load_text("settings", text, strlen(text), &errors, &doc), 0);
	site.doc = doc;
	site.device = yaml_root(doc);
	site.settings = strcmp(text, "{}") != 0 ? yaml_root(doc) : NULL;
	snprintf(path, sizeof path, PROFILES "/%s.yaml", r->name);
	profile_load(path, &site, &errors, &r->profile);
	for (size_t i = 0; i < errors.kept; i++) {
		print_message("# %s\n", errors.lines[i]);
	}
	assert_int_equal(errors.count, 0);
	assert_non_null(r->profile);
	yaml_errors_free(&errors);
	yaml_release(doc);
}

/* Each range that is polled must have been given, and each reading been expected. */
static void check_complete(struct run *r)
{
	for (size_t i = 0; i < r->count; i++) {
		if (!r->expected[i]) {
			fail_msg(GOLDEN "/%s.txt: no line for reading %d %s", r->name,
				r->got[i].gun, point_info((enum point)r->got[i].point)->name);
		}
	}
	for (int p = 0; p < PT_COUNT_; p++) {
		bool seen = !profile_reads(r->profile, (enum point)p);

		for (size_t i = 0; i < r->count && !seen; i++) {
			seen = r->got[i].point == p;
		}
		if (!seen) {
			fail_msg(GOLDEN "/%s.txt: no registers for %s", r->name,
				point_info((enum point)p)->name);
		}
	}
}

static void run_file(const char *name)
{
	static struct run r;
	char path[300], line[1024], *word[200];
	FILE *file;

	memset(&r, 0, sizeof r);
	r.name = name;
	snprintf(path, sizeof path, GOLDEN "/%s.txt", name);
	file = fopen(path, "r");
	if (file == NULL) {
		fail_msg("%s is missing: every shipped profile has a golden file", path);
	}
	load(&r, file);
	assert_int_equal(decoder_new(r.profile, &r.decoder), 0);
	for (int pass = 1; pass <= 2; pass++) {
		r.count = 0; /* the second time the ratios are known */
		rewind(file);
		for (r.line = 1; fgets(line, sizeof line, file) != NULL; r.line++) {
			size_t n = split(line, word, 200);

			if (n >= 4 && strcmp(word[0], "registers") == 0) {
				take_registers(&r, word, n);
			}
		}
	}
	rewind(file);
	for (r.line = 1; fgets(line, sizeof line, file) != NULL; r.line++) {
		size_t n = split(line, word, 200);

		if (n > 0 && strcmp(word[0], "reading") == 0) {
			check_reading(&r, word, n);
		} else if (n > 0 && strcmp(word[0], "write") == 0) {
			check_write(&r, word, n);
		} else if (n > 1 && strcmp(word[0], "ranges") == 0) {
			assert_int_equal(profile_ranges(r.profile, NULL, 0), number(&r, word[1]));
		}
	}
	fclose(file);
	check_complete(&r);
	decoder_free(r.decoder);
	profile_free(r.profile);
}

static void every_profile_has_its_golden_readings(void **state)
{
	DIR *dir = opendir(PROFILES);
	struct dirent *entry;
	int count = 0;

	(void)state;
	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL) {
		char name[sizeof entry->d_name];
		size_t length = strlen(entry->d_name);

		if (length > 5 && strcmp(entry->d_name + length - 5, ".yaml") == 0) {
			snprintf(name, sizeof name, "%.*s", (int)(length - 5), entry->d_name);
			run_file(name);
			count++;
		}
	}
	closedir(dir);
	assert_true(count >= 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_profile_has_its_golden_readings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
