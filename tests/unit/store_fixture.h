#ifndef STORE_FIXTURE_H
#define STORE_FIXTURE_H
/* What the tests of the store share: a folder of their own, views to store. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "../tempdir.h"
#include "store.h"

#define FIXTURE_PATH 256

struct fixture {
	char folder[64];
	char path[FIXTURE_PATH];
	char why[512];
	struct store_cfg cfg;
};

static inline int fixture_make(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	if (f == NULL) {
		return -1;
	}
	if (tempdir_make(f->folder, sizeof f->folder) != 0) {
		free(f);
		return -1;
	}
	f->cfg.folder = f->folder;
	f->cfg.retention_days = 400;
	f->cfg.why = f->why;
	f->cfg.why_size = sizeof f->why;
	*state = f;
	return 0;
}

static inline int fixture_remove(void **state)
{
	struct fixture *f = *state;

	tempdir_remove(f->folder);
	free(f);
	return 0;
}

/* The path of a file in the folder; valid until the next call. */
static inline const char *fixture_path(struct fixture *f, const char *name)
{
	snprintf(f->path, sizeof f->path, "%s/%s", f->folder, name);
	return f->path;
}

static inline struct view_session a_session(const char *id, const char *gun, int64_t start_ms)
{
	struct view_session s;

	view_clear(VIEW_session, &s);
	VIEW_SET(&s, id, id);
	VIEW_SET(&s, gun, gun);
	VIEW_SET(&s, state, "open");
	s.start = start_ms;
	return s;
}

/* Rows collected by a callback. */
#define ROWS_MAX 4096
struct rows {
	size_t count;
	struct view_session session[64];
};

static inline int take_session(void *arg, const void *view)
{
	struct rows *rows = arg;

	if (rows->count < 64) {
		rows->session[rows->count] = *(const struct view_session *)view;
	}
	rows->count++;
	return 0;
}

static inline int count_row(void *arg, const void *view)
{
	(void)view;
	(*(size_t *)arg)++;
	return 0;
}

#endif
