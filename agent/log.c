#include "log.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct entry {
	struct wall at;
	enum log_level level;
	char text[LOG_LINE_MAX];
};

static struct {
	pthread_mutex_t lock;
	enum log_level level;
	bool journal;
	size_t next, count;
	struct entry *ring; /* LOG_RING entries, kept until the process ends */
} state = {.lock = PTHREAD_MUTEX_INITIALIZER, .level = LOG_NOTICE};

static const struct {
	const char *name;
	int priority; /* of syslog(3) */
} levels[] = {
	[LOG_ERROR] = {"error", 3},
	[LOG_WARNING] = {"warning", 4},
	[LOG_NOTICE] = {"notice", 5},
	[LOG_DETAIL] = {"detail", 7},
};

const char *log_level_name(enum log_level level)
{
	return (unsigned)level < sizeof levels / sizeof levels[0] ? levels[level].name : "error";
}

void log_init(enum log_level level)
{
	state.level = level;
	state.journal = getenv("JOURNAL_STREAM") != NULL;
	if (state.ring == NULL) {
		state.ring = calloc(LOG_RING, sizeof *state.ring);
	}
}

static void clean(char *text)
{
	for (char *p = text; *p != '\0'; p++) {
		if ((unsigned char)*p < 0x20 || *p == 0x7f) {
			*p = ' ';
		}
	}
}

static void print(const struct entry *e)
{
	if (state.journal) {
		fprintf(stderr, "<%d>%s\n", levels[e->level].priority, e->text);
	} else {
		time_t s = (time_t)(e->at.ms / MS_PER_S);
		struct tm tm;
		char when[32] = "";

		if (localtime_r(&s, &tm) != NULL) {
			strftime(when, sizeof when, "%Y-%m-%d %H:%M:%S", &tm);
		}
		fprintf(stderr, "%s.%03d %-7s %s\n", when, (int)(e->at.ms % MS_PER_S),
			levels[e->level].name, e->text);
	}
}

void log_line(enum log_level level, const char *format, ...)
{
	struct entry e = {.level = level};
	va_list args;

	if (level > state.level) {
		return;
	}
	e.at = wall_now();
	va_start(args, format);
	if (vsnprintf(e.text, sizeof e.text, format, args) < 0) {
		e.text[0] = '\0';
	}
	va_end(args);
	clean(e.text);
	pthread_mutex_lock(&state.lock);
	print(&e);
	if (state.ring != NULL) {
		state.ring[state.next] = e;
		state.next = (state.next + 1) % LOG_RING;
		state.count += state.count < LOG_RING;
	}
	pthread_mutex_unlock(&state.lock);
}

int log_last(size_t lines,
	int (*each)(void *arg, struct wall at, enum log_level level, const char *text), void *arg)
{
	int rc = 0;

	pthread_mutex_lock(&state.lock);
	if (lines > state.count) {
		lines = state.count;
	}
	for (size_t i = 0; i < lines && rc == 0; i++) {
		const struct entry *e = &state.ring[(state.next + LOG_RING - lines + i) % LOG_RING];

		rc = each(arg, e->at, e->level, e->text);
	}
	pthread_mutex_unlock(&state.lock);
	return rc;
}
