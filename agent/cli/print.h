#ifndef PILED_PRINT_H
#define PILED_PRINT_H
/*
 * Output of the command line: text for people and JSON for scripts from one description, the view
 * tables of shared/view.def and a list of columns. JSON always holds every field of the view.
 */
#include "cli.h"
#include "view.h"

struct cJSON;

/* Room for one cell of text. */
#define CELL_MAX 400

/* One column. Without `cell` the field is shown in the unit people use, which stands in the head
 * ("power kW"). */
struct column {
	const char *key;  /* of the view's field; with `cell` only its label is used */
	const char *head; /* message id in place of the field's label; NULL = the label */
	/* Writes what stands in the cell; NULL = the field's value. */
	void (*cell)(char *dst, size_t size, const void *view);
};

/* Views read from an answer; `v` is an array of the kind's struct. */
struct rows {
	enum view_kind kind;
	char *v;
	size_t count;
};

/* Takes an array of JSON objects. ERR_SYNTAX, ERR_NOMEM. rows_free() releases it. */
int rows_take(enum view_kind kind, const struct cJSON *array, struct rows *out);
void rows_free(struct rows *rows);
/* Takes one more view. ERR_NOMEM. */
int rows_add(struct rows *rows, const void *view);
const void *row_at(const struct rows *rows, size_t i);

/* Prints a table with its head, or the JSON array of all fields. `none`: what is said in place of
 * an empty table (message id). */
void print_rows(const struct cli *cli, const struct rows *rows, const struct column *columns,
	size_t count, const char *none);

/* Prints one view as "label  value" lines, or as a JSON object. Empty fields are left out of the
 * text. */
void print_view(const struct cli *cli, enum view_kind kind, const void *view);

/* Prints points with value, quality, age and verdict. */
void print_points(const struct cli *cli, const struct rows *rows);

/* Prints an object as a line of JSON. */
void print_json(const struct cJSON *object);

/* Calls a method (`params` is taken over) and prints its answer: as JSON where that is asked for,
 * else by `text`, which returns 0 or ERR_*. The exit code. */
int print_answer(struct cli *cli, const char *method, struct cJSON *params,
	int (*text)(const struct cli *cli, const struct cJSON *answer));

/* Cells that several tables share. */
void cell_fault(char *dst, size_t size, int64_t code);   /* "1001 device does not answer" */
void cell_wall(char *dst, size_t size, int64_t wall_ms); /* "18:02", "03-01 18:02", "-" */

void cell_took(char *dst, size_t size, int64_t ms); /* "0.081 s", "3.21 s", "-" */

#endif
