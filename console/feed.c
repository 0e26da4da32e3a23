#include "feed.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "i18n.h"
#include "rng.h"
#include "text.h"

#define PAUSE_FIRST_US (US_PER_S / 4)
#define GREETING_US    (8 * US_PER_S)
/* A stage of connecting that lasts longer hangs where no one looks at the time. */
#define STAGE_US  (40 * US_PER_S)
#define PERIOD_MS 1000
#define REPLY_US  (10 * US_PER_S)
/* A heartbeat is late; three are missing. */
#define QUIET_US     (WIRE_HEARTBEAT_MS * US_PER_MS * 3 / 2)
#define SILENCE_US   (3 * WIRE_HEARTBEAT_MS * US_PER_MS)
#define FEED_OUT_MAX WIRE_REQUEST_MAX
#define READS_A_TURN 16

int feed_init(struct feed *f, const struct link_ops *ops, const char *address, struct model *model)
{
	*f = (struct feed){.link = {.ops = ops, .fd = -1}, .address = address, .model = model};
	f->pause_us = PAUSE_FIRST_US;
	f->period_ms = PERIOD_MS;
	f->out = malloc(FEED_OUT_MAX);
	if (f->out == NULL) {
		return ERR_NOMEM;
	}
	return framer_init(&f->framer, WIRE_LINE_MAX);
}

void feed_free(struct feed *f)
{
	if (f->link.ops != NULL) {
		f->link.ops->close(&f->link);
	}
	if (f->link.ops != NULL && f->link.ops->free != NULL) {
		f->link.ops->free(&f->link);
	}
	framer_free(&f->framer);
	free(f->out);
	f->out = NULL;
}

int feed_fd(const struct feed *f)
{
	return f->link.fd;
}

short feed_events(const struct feed *f)
{
	return (short)(POLLIN | (f->out_len > 0 ? POLLOUT : 0));
}

/* Notes why the link is down; `why` is a message id. */
static void go_down(struct feed *f, const char *why, int error)
{
	f->link.ops->close(&f->link);
	f->state = FEED_DOWN;
	f->out_len = 0;
	f->framer.len = 0;
	f->framer.skipping = false;
	memset(f->asked, 0, sizeof f->asked);
	/* Where the link itself knows why, that is nearer to the truth. */
	if (f->link.why[0] != '\0') {
		why = f->link.why;
	}
	view_set_text(f->trouble, sizeof f->trouble, why);
	text_clean(f->detail, sizeof f->detail, error != 0 ? strerror(error) : f->link.detail);
	f->stopped = f->link.stopped;
	f->link.why[0] = f->link.detail[0] = '\0';
	f->link.stopped = false;
	f->next_try = mono_add_us(f->now,
		f->pause_us + rng_noise((uintptr_t)f, 0, (uint64_t)f->now.us, f->pause_us / 4));
	f->pause_us = f->pause_us * 2 > f->link.ops->pause_max_us ? f->link.ops->pause_max_us
								  : f->pause_us * 2;
	f->changed = true;
}

static void flush(struct feed *f)
{
	while (f->out_len > 0 && f->state > FEED_CONNECTING) {
		ssize_t n = f->link.ops->write(&f->link, f->out, f->out_len);

		if (n < 0) {
			go_down(f, N_("the agent closed the connection"), 0);
			return;
		}
		if (n == 0) {
			return;
		}
		f->out_len -= (size_t)n;
		memmove(f->out, f->out + n, f->out_len);
	}
}

static int queue(struct feed *f, const cJSON *request)
{
	int room = (int)(FEED_OUT_MAX - f->out_len) - 1;
	size_t n;

	if (room < 64 ||
		!cJSON_PrintPreallocated((cJSON *)request, f->out + f->out_len, room, false)) {
		return ERR_FULL;
	}
	n = strlen(f->out + f->out_len);
	f->out[f->out_len + n] = '\n';
	f->out_len += n + 1;
	return 0;
}

int feed_ask(struct feed *f, enum ask ask, enum method method, cJSON *params, const char *about)
{
	cJSON *request = NULL;
	int rc = ERR_NOMEM;

	if (f->state <= FEED_CONNECTING) {
		rc = ERR_CLOSED;
		goto out;
	}
	if (f->asked[ask].id != 0 && ask != ASK_SUBSCRIBE) {
		rc = ERR_BUSY;
		goto out;
	}
	request = cJSON_CreateObject();
	if (request == NULL || cJSON_AddStringToObject(request, "jsonrpc", "2.0") == NULL ||
		wire_add_int(request, "id", f->serial + 1) == NULL ||
		cJSON_AddStringToObject(request, "method", method_info(method)->name) == NULL) {
		goto out;
	}
	if (params != NULL) {
		cJSON_AddItemToObject(request, "params", params);
		params = NULL;
	}
	rc = queue(f, request);
	if (rc == 0) {
		f->serial++;
		f->asked[ask].id = f->serial;
		f->asked[ask].at = f->now;
		view_set_text(f->asked[ask].about, sizeof f->asked[ask].about,
			about == NULL ? "" : about);
		flush(f);
	}
out:
	cJSON_Delete(params);
	cJSON_Delete(request);
	return rc;
}

static void subscribe(struct feed *f)
{
	cJSON *params = cJSON_CreateObject();

	model_begin(f->model);
	if (params != NULL) {
		wire_add_int(params, "period_ms", f->period_ms);
		if (f->views != NULL) {
			cJSON_AddStringToObject(params, "views", f->views);
		}
	}
	if (feed_ask(f, ASK_SUBSCRIBE, METHOD_SUBSCRIBE, params, NULL) != 0) {
		go_down(f, N_("no room left"), 0);
	}
}

void feed_want(struct feed *f, const char *views, int64_t period_ms)
{
	const char *before = f->views == NULL ? "" : f->views;

	if (strcmp(before, views == NULL ? "" : views) == 0 && period_ms == f->period_ms) {
		return;
	}
	f->views = views;
	f->period_ms = period_ms;
	if (f->state > FEED_CONNECTING) {
		subscribe(f);
	}
}

void feed_retry(struct feed *f)
{
	f->stopped = false;
	f->pause_us = PAUSE_FIRST_US;
	f->next_try = (struct mono){0};
}

bool feed_silent(const struct feed *f, struct mono now)
{
	return f->state == FEED_UP && mono_diff_us(now, f->heard) > QUIET_US;
}

static void try_open(struct feed *f)
{
	f->link.ready = false;
	f->stage[0] = '\0';
	if (f->link.ops->open(&f->link, f->address) != 0) {
		go_down(f, N_("no agent answers"), errno);
		return;
	}
	f->state = FEED_CONNECTING;
	f->opened = f->now;
	f->changed = true;
}

/* The link may begin to carry bytes, or do another step. */
static void watch_link(struct feed *f)
{
	if (strcmp(f->stage, f->link.stage) != 0) {
		view_set_text(f->stage, sizeof f->stage, f->link.stage);
		f->opened = f->now;
		f->changed = true;
	}
	if (f->link.question.ask != LINK_ASK_NONE) {
		f->opened = f->now;
		f->changed = true;
	}
	if (f->link.ready) {
		f->state = FEED_GREETING;
		f->opened = f->now;
		f->heard = f->now;
		subscribe(f);
	}
}

/* A curve's row is [wall ms, value, min, max, quality]. What comes out of the ordinary is left
 * out, the rest is good. */
static void take_curve(struct history *h, const cJSON *result, int64_t divisor)
{
	const cJSON *rows = cJSON_GetObjectItemCaseSensitive(result, "rows");
	const cJSON *row;

	cJSON_ArrayForEach(row, rows)
	{
		int64_t at = wire_int_of(cJSON_GetArrayItem(row, 0), VALUE_NONE);
		int64_t value = wire_int_of(cJSON_GetArrayItem(row, 3), VALUE_NONE);

		if (at > 0 && value != VALUE_NONE) {
			history_put(h, at, value / divisor);
		}
	}
}

/* The record of a command, or the limits among which it must be. */
static int take_fate(struct feed *f, const char *about, const cJSON *rows, const cJSON *result)
{
	const cJSON *row;

	if (!cJSON_IsArray(rows)) {
		return model_take_command(f->model, result);
	}
	f->lost = true;
	cJSON_ArrayForEach(row, rows)
	{
		const cJSON *id = cJSON_GetObjectItemCaseSensitive(row, "id");

		if (cJSON_IsString(id) && strcmp(id->valuestring, about) == 0) {
			f->found = true;
			f->lost = false;
		}
	}
	return 0;
}

static void take_result(struct feed *f, enum ask ask, const char *about, const cJSON *result)
{
	struct model *m = f->model;
	const cJSON *rows = cJSON_GetObjectItemCaseSensitive(result, "rows");
	int64_t rated_va = model_site(m)->rated_va;
	int rc = 0;

	switch (ask) {
	case ASK_GUN:
		rc = model_take_detail(m, result, f->now);
		break;
	case ASK_LOAD:
		/* VA to per mille of the rating. */
		if (rated_va >= 1000) {
			take_curve(&m->load, result, rated_va / 1000);
		}
		break;
	case ASK_POWER:
	case ASK_SOC:
		if (strcmp(m->curve_gun, about) == 0) {
			take_curve(ask == ASK_SOC ? &m->soc : &m->power, result, 1);
		}
		break;
	case ASK_ALARMS:
		rc = model_take_rows(&m->past_alarms, VIEW_alarm, rows);
		break;
	case ASK_SESSIONS:
		rc = model_take_rows(&m->sessions, VIEW_session, rows);
		break;
	case ASK_COMMANDS:
		rc = model_take_rows(&m->past_commands, VIEW_command, rows);
		break;
	case ASK_DECISIONS:
		view_set_text(m->decisions_of, sizeof m->decisions_of, about);
		rc = model_take_rows(&m->decisions, VIEW_decision, rows);
		break;
	case ASK_NOTES:
		view_set_text(m->notes_of, sizeof m->notes_of, about);
		rc = model_take_rows(&m->notes, VIEW_note, rows);
		break;
	case ASK_ORDERS:
		view_set_text(m->orders_of, sizeof m->orders_of, about);
		rc = model_take_rows(&m->orders, VIEW_order, rows);
		break;
	case ASK_ACCOUNTS:
		rc = model_take_rows(&m->accounts, VIEW_account, rows);
		break;
	case ASK_STATEMENT:
		view_set_text(m->statement_of, sizeof m->statement_of, about);
		rc = model_take_rows(&m->statement, VIEW_posting, rows);
		break;
	case ASK_BILLS:
		rc = model_take_rows(&m->bills, VIEW_bill, rows);
		break;
	case ASK_BILL:
		m->bill_of = strtoll(about, NULL, 10);
		rc = model_take_rows(
			&m->lines, VIEW_line, cJSON_GetObjectItemCaseSensitive(result, "lines"));
		break;
	case ASK_ABNORMAL:
		rc = model_take_rows(&m->abnormal, VIEW_abnormal, rows);
		break;
	case ASK_TASK:  /* the verdict says it */
	case ASK_QUOTE: /* feed.quote */
	case ASK_FATE:  /* feed.fate */
		break;
	case ASK_HOME:
		rc = model_take_rows(&m->figures, VIEW_figure, rows);
		break;
	case ASK_REPORT:
		rc = model_take_rows(&m->report, VIEW_report, rows);
		if (rc == 0) {
			view_set_text(m->report_span, sizeof m->report_span, about);
		}
		break;
	case ASK_FINANCE:
		rc = model_take_rows(&m->finance, VIEW_report, rows);
		if (rc == 0) {
			view_set_text(m->finance_of, sizeof m->finance_of, about);
		}
		break;
	case ASK_HEAD:
		rc = model_take_rows(&m->heads, VIEW_head, rows);
		break;
	case ASK_TARIFF:
		rc = view_from_json(VIEW_tariff, &m->tariff,
			cJSON_GetObjectItemCaseSensitive(result, "tariff"));
		if (rc == 0) {
			rc = model_take_rows(&m->prices, VIEW_price,
				cJSON_GetObjectItemCaseSensitive(
					cJSON_GetObjectItemCaseSensitive(result, "day"), "prices"));
		}
		break;
	case ASK_TARIFFS:
		rc = model_take_rows(&m->tariffs, VIEW_tariff, rows);
		break;
	case ASK_TARIFF_TEXT:
		rc = model_take_tariff_text(m, result);
		break;
	case ASK_INTAKE: /* the verdict and feed.intake say it */
		break;
	case ASK_AUDIT:
		rc = model_take_rows(&m->audit, VIEW_audit, rows);
		break;
	case ASK_PREVIEW:
		rc = view_from_json(VIEW_preview, &m->preview, result);
		break;
	case ASK_CONFIRM:
		break; /* the row comes with the next delta */
	case ASK_DO:
		rc = model_take_command(m, result);
		break;
	case ASK_COMMAND:
		rc = take_fate(f, about, rows, result);
		break;
	case ASK_LIMIT:
	case ASK_ALARM: /* the rows come by the subscription */
	case ASK_SUBSCRIBE:
	case ASK_COUNT_:
		break;
	}
	if (rc != 0) {
		m->malformed++;
	}
}

static void copy_text(char *dst, size_t size, const cJSON *object, const char *key)
{
	const cJSON *s = cJSON_GetObjectItemCaseSensitive(object, key);

	text_clean(dst, size, cJSON_IsString(s) ? s->valuestring : "");
}

static void take_verdict(struct verdict *v, const cJSON *result, const cJSON *error)
{
	const cJSON *data = cJSON_GetObjectItemCaseSensitive(error, "data");

	*v = (struct verdict){.fresh = true};
	if (error == NULL) {
		copy_text(v->id, sizeof v->id, result, "id");
		return;
	}
	copy_text(v->message, sizeof v->message, error, "message");
	copy_text(v->error, sizeof v->error, data, "error");
	copy_text(v->role, sizeof v->role, data, "role");
	if (v->error[0] == '\0') {
		view_set_text(v->error, sizeof v->error, err_token(ERR_INVAL));
	}
}

/* An order is a record also where the charge cannot begin. */
static void take_task(struct verdict *v, const cJSON *result, const cJSON *error)
{
	take_verdict(v, result, error);
	if (error == NULL) {
		copy_text(v->error, sizeof v->error, result, "error");
	}
}

static void take_fate_of_task(struct fate_answer *a, const cJSON *result)
{
	a->fresh = true;
	copy_text(a->state, sizeof a->state, result, "state");
	copy_text(a->error, sizeof a->error, result, "error");
	copy_text(a->message, sizeof a->message, result, "message");
}

static void on_reply(struct feed *f, const cJSON *message)
{
	const cJSON *id = cJSON_GetObjectItemCaseSensitive(message, "id");
	const cJSON *result = cJSON_GetObjectItemCaseSensitive(message, "result");
	const cJSON *error = cJSON_GetObjectItemCaseSensitive(message, "error");

	/* Before the greeting it is about the connection: no agent there, too many clients. */
	if (cJSON_IsNull(id) && error != NULL && f->state == FEED_GREETING) {
		copy_text(f->link.detail, sizeof f->link.detail, error, "message");
		go_down(f, N_("no agent answers"), 0);
		return;
	}
	for (int ask = 0; ask < ASK_COUNT_; ask++) {
		if (f->asked[ask].id == 0 || !cJSON_IsNumber(id) ||
			id->valuedouble != (double)f->asked[ask].id) {
			continue;
		}
		f->asked[ask].id = 0;
		if (ask == ASK_ALARM) {
			take_verdict(&f->alarm_verdict, result, error);
		} else if (ask == ASK_DO || ask == ASK_LIMIT) {
			take_verdict(&f->verdict, result, error);
		} else if (ask == ASK_TASK) {
			take_task(&f->task_verdict, result, error);
		} else if (ask == ASK_FATE) {
			take_fate_of_task(&f->fate, result);
		} else if (ask == ASK_QUOTE) {
			quote_take(&f->quote, f->asked[ask].about, result, error);
			f->quote_at = f->now;
		} else if (ask == ASK_FINANCE) {
			take_verdict(&f->finance_verdict, result, error);
		} else if (ask == ASK_INTAKE) {
			take_verdict(&f->intake_verdict, result, error);
			intake_take(&f->intake, result, error);
		}
		if (error == NULL) {
			take_result(f, (enum ask)ask, f->asked[ask].about, result);
		} else if (ask == ASK_COMMAND) {
			f->lost = true;
		} else if (ask == ASK_SUBSCRIBE && f->views != NULL) {
			/* An older agent that does not know one of them: all, then. */
			f->views = NULL;
			subscribe(f);
		} else if (ask == ASK_SUBSCRIBE) {
			go_down(f, N_("the agent refuses the subscription"), 0);
		}
		f->changed = true;
		return;
	}
}

static void on_notification(struct feed *f, const char *method, const cJSON *params)
{
	int rc = model_notify(f->model, method, params, f->now);

	if (rc == MODEL_RESUBSCRIBE) {
		subscribe(f);
	} else if (rc == MODEL_SYNCED) {
		f->state = FEED_UP;
		f->synced = true;
		f->pause_us = PAUSE_FIRST_US;
		f->trouble[0] = '\0';
	}
	if (strcmp(method, "hello") == 0 && f->model->hello.protocol != WIRE_PROTOCOL) {
		f->link.stopped = true;
		go_down(f,
			f->model->hello.protocol > WIRE_PROTOCOL
				? N_("the agent speaks another protocol; update this console")
				: N_("the agent speaks an older protocol; update the agent"),
			0);
	}
	f->changed = true;
}

static int on_line(void *arg, char *line)
{
	struct feed *f = arg;
	cJSON *message;
	const cJSON *method;

	if (line == NULL) {
		f->model->malformed++;
		return 0;
	}
	message = cJSON_Parse(line);
	if (message == NULL) {
		f->model->malformed++;
		return 0;
	}
	method = cJSON_GetObjectItemCaseSensitive(message, "method");
	if (cJSON_IsString(method)) {
		on_notification(f, method->valuestring,
			cJSON_GetObjectItemCaseSensitive(message, "params"));
	} else if (cJSON_IsObject(message)) {
		on_reply(f, message);
	} else {
		f->model->malformed++;
	}
	cJSON_Delete(message);
	return f->state == FEED_DOWN ? ERR_CLOSED : 0;
}

static void receive(struct feed *f)
{
	char buf[LINK_READ_MIN];

	for (int turn = 0; turn < READS_A_TURN && f->state != FEED_DOWN; turn++) {
		ssize_t n = f->link.ops->read(&f->link, buf, sizeof buf);
		int rc;

		if (f->state == FEED_CONNECTING && n >= 0) {
			watch_link(f);
		}
		if (n == 0) {
			return;
		}
		if (n < 0) {
			go_down(f, N_("the agent closed the connection"), 0);
			return;
		}
		f->heard = f->now;
		rc = framer_push(&f->framer, buf, (size_t)n, on_line, f);
		if (rc != 0 && f->state != FEED_DOWN) {
			go_down(f, err_text(rc), 0);
		}
	}
}

static void check_deadlines(struct feed *f)
{
	for (int ask = 0; ask < ASK_COUNT_; ask++) {
		if (f->asked[ask].id != 0 && mono_diff_us(f->now, f->asked[ask].at) > REPLY_US) {
			f->asked[ask].id = 0;
			if (ask == ASK_DO || ask == ASK_LIMIT) {
				f->verdict = (struct verdict){.fresh = true};
				view_set_text(f->verdict.error, sizeof f->verdict.error,
					err_token(ERR_TIMEOUT));
				f->changed = true;
			}
		}
	}
	if (f->state == FEED_CONNECTING && mono_diff_us(f->now, f->opened) > STAGE_US) {
		go_down(f, f->stage[0] == '\0' ? N_("no agent answers") : f->stage, ETIMEDOUT);
	} else if (f->state == FEED_GREETING && mono_diff_us(f->now, f->opened) > GREETING_US) {
		go_down(f, N_("the agent does not greet"), 0);
	} else if (f->state == FEED_UP && mono_diff_us(f->now, f->heard) > SILENCE_US) {
		go_down(f, N_("the agent has fallen silent"), 0);
	}
}

void feed_run(struct feed *f, struct mono now)
{
	f->now = now;
	if (f->state == FEED_DOWN && !f->stopped && !mono_before(now, f->next_try)) {
		try_open(f);
		if (f->link.ready) {
			watch_link(f);
		}
	}
	if (f->state != FEED_DOWN) {
		receive(f);
	}
	flush(f);
	check_deadlines(f);
}

struct mono feed_deadline(const struct feed *f)
{
	return f->state == FEED_DOWN && !f->stopped ? f->next_try : mono_add_us(f->now, US_PER_S);
}
