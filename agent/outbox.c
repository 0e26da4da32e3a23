#include "outbox.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "i18n.h"
#include "log.h"
#include "herald.h"
#include "mail.h"
#include "text.h"

#define HOUR_MS        (3600 * MS_PER_S)
#define BACKOFF_MS     (5 * MS_PER_S)
#define BACKOFF_MAX_MS (900 * MS_PER_S)
/* So many failures in a row of one message, and people should know. */
#define FAILING_TRIES 4
/* Ids that are remembered beyond those that wait. */
#define KNOWN_MAX  8192
#define PEOPLE_MAX 64
#define ENV_MAX    16
#define ENV_BYTES  512

struct job {
	struct outbox *outbox;
	struct job *next;
	uv_process_t process;
	uv_pipe_t in, err;
	uv_timer_t timer;
	uv_write_t write;
	unsigned handles; /* open ones; the last frees the job */
	char id[sizeof((struct view_outbox *)0)->id];
	char body[MAIL_MAX];
	char error[sizeof((struct view_outbox *)0)->error];
	char read[256];
	int64_t status;
	int signal;
	bool exited, heard, late, done;
};

/* How much went to one recipient in this hour. */
struct person {
	uint64_t key;
	int64_t hour_ms;
	int64_t sent;
};

struct outbox {
	struct outbox_cfg cfg;
	struct outbox_ways ways;
	struct view_outbox *waiting;
	size_t count, cap;
	struct job *jobs;
	size_t running;
	uint64_t known[KNOWN_MAX];
	size_t known_next;
	struct person people[PEOPLE_MAX];
	uv_work_t work;
	bool settling, stopping;
	struct moment now;
};

static uint64_t hash(const char *text)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	for (; *text != '\0'; text++) {
		h = (h ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
	}
	return h == 0 ? 1 : h;
}

int outbox_open(const struct outbox_cfg *cfg, struct outbox **out)
{
	struct outbox *o = calloc(1, sizeof *o);

	if (o == NULL) {
		return ERR_NOMEM;
	}
	o->cfg = *cfg;
	o->ways = (struct outbox_ways){"", "", "", INT64_MAX, INT64_MAX};
	o->work.data = o;
	*out = o;
	return 0;
}

void outbox_set_ways(struct outbox *o, const struct outbox_ways *ways)
{
	o->ways = *ways;
}

/* ---- What waits ---- */

static struct view_outbox *find(struct outbox *o, const char *id)
{
	for (size_t i = 0; i < o->count; i++) {
		if (strcmp(o->waiting[i].id, id) == 0) {
			return &o->waiting[i];
		}
	}
	return NULL;
}

bool outbox_knows(const struct outbox *o, const char *id)
{
	uint64_t h = hash(id);

	for (size_t i = 0; i < KNOWN_MAX; i++) {
		if (o->known[i] == h) {
			return true;
		}
	}
	return false;
}

static struct view_outbox *add(struct outbox *o, const struct view_outbox *m)
{
	if (o->count == OUTBOX_MAX) {
		return NULL;
	}
	if (o->count == o->cap) {
		size_t cap = o->cap == 0 ? 16 : 2 * o->cap;
		struct view_outbox *more = realloc(o->waiting, cap * sizeof *more);

		if (more == NULL) {
			return NULL;
		}
		o->waiting = more;
		o->cap = cap;
	}
	o->waiting[o->count] = *m;
	return &o->waiting[o->count++];
}

static void end(struct outbox *o, struct view_outbox *m, const char *state)
{
	VIEW_SET(m, state, state);
	m->ended = o->now.wall.ms;
	m->due = VALUE_NONE;
	o->cfg.keep(o->cfg.arg, m);
	o->count--;
	memmove(m, m + 1, (size_t)(&o->waiting[o->count] - m) * sizeof *m);
}

/* Who is told, for the log: a customer's number or address is nobody else's. */
static const char *whom(const struct view_outbox *m, char to[sizeof m->recipient])
{
	if (m->recipient[0] == '\0') {
		return m->program;
	}
	memcpy(to, m->recipient, sizeof m->recipient);
	if (m->account[0] != '\0') {
		text_mask(to, sizeof m->recipient, 3, 4);
	}
	return to;
}

/* ---- Limits and summaries ---- */

/* True while less than most_an_hour went to this recipient in this hour. What endangers people has
 * a count of its own. */
static bool allowed(struct outbox *o, const struct view_outbox *m)
{
	char text[512];
	struct person *p = NULL;
	uint64_t key;

	snprintf(text, sizeof text, "%s %s %d", m->program, m->recipient, m->severity == 1);
	key = hash(text);
	for (size_t i = 0; i < PEOPLE_MAX && p == NULL; i++) {
		p = o->people[i].key == key ? &o->people[i] : NULL;
	}
	for (size_t i = 0; i < PEOPLE_MAX; i++) {
		if (p == NULL || (p->key != key && o->people[i].hour_ms < p->hour_ms)) {
			p = &o->people[i];
		}
	}
	if (p->key != key || o->now.wall.ms - p->hour_ms >= HOUR_MS ||
		o->now.wall.ms < p->hour_ms) {
		*p = (struct person){key, o->now.wall.ms, 0};
	}
	return p->sent++ <
	       (m->account[0] != '\0' ? o->ways.most_to_customer : o->ways.most_an_hour);
}

static struct view_outbox *open_summary(struct outbox *o, const struct view_outbox *m)
{
	for (size_t i = 0; i < o->count; i++) {
		struct view_outbox *s = &o->waiting[i];

		if (strcmp(s->kind, "summary") == 0 && s->tries == 0 &&
			strcmp(s->state, "queued") == 0 && strcmp(s->program, m->program) == 0 &&
			strcmp(s->recipient, m->recipient) == 0) {
			return s;
		}
	}
	return NULL;
}

/* One line of the message joins the summary that waits, or begins one. */
static void summarise(struct outbox *o, const struct view_outbox *m)
{
	struct view_outbox *s = open_summary(o, m), fresh;
	enum lang own = i18n_lang();
	char to[sizeof m->recipient];
	size_t used;

	if (s == NULL) {
		fresh = *m;
		snprintf(fresh.id, sizeof fresh.id, "summary:%08x:%lld",
			(unsigned)hash(m->recipient), (long long)o->now.wall.ms);
		VIEW_SET(&fresh, kind, "summary");
		VIEW_SET(&fresh, state, "queued");
		fresh.text[0] = '\0';
		fresh.tries = 0;
		fresh.merged = 0;
		fresh.due = o->now.wall.ms + OUTBOX_GATHER_MS;
		fresh.ended = VALUE_NONE;
		fresh.expires = VALUE_NONE;
		s = add(o, &fresh);
		if (s == NULL) {
			log_line(LOG_ERROR,
				"outbox: full; what is told to %s is in the list of "
				"alarms only",
				whom(m, to));
			return;
		}
	}
	s->merged++;
	s->severity = m->severity < s->severity ? m->severity : s->severity;
	used = strlen(s->text);
	text_append(s->text, sizeof s->text, &used, "%s%s", used > 0 ? "\n" : "",
		m->account[0] != '\0' ? m->text : m->subject);
	herald_language(m->language);
	snprintf(s->subject, sizeof s->subject, _("%s: %lld more messages"), o->ways.site,
		(long long)s->merged);
	if (own != i18n_lang()) {
		i18n_set(own);
	}
	o->cfg.keep(o->cfg.arg, s);
}

void outbox_put(struct outbox *o, const struct view_outbox *message, struct moment now)
{
	struct view_outbox m = *message;

	if (o->stopping || outbox_knows(o, m.id)) {
		return;
	}
	o->now = now;
	o->known[o->known_next++ % KNOWN_MAX] = hash(m.id);
	VIEW_SET(&m, state, "queued");
	m.created = m.due = now.wall.ms;
	m.tries = 0;
	m.merged = VALUE_NONE;
	m.ended = VALUE_NONE;
	if (allowed(o, &m) && add(o, &m) != NULL) {
		o->cfg.keep(o->cfg.arg, &m);
		return;
	}
	VIEW_SET(&m, state, "merged");
	m.ended = now.wall.ms;
	m.due = VALUE_NONE;
	o->cfg.keep(o->cfg.arg, &m);
	summarise(o, &m);
}

void outbox_resume(struct outbox *o, const struct view_outbox *message)
{
	o->known[o->known_next++ % KNOWN_MAX] = hash(message->id);
	if (message->ended == VALUE_NONE) {
		struct view_outbox *m = add(o, message);

		if (m != NULL && strcmp(m->state, "queued") != 0) {
			VIEW_SET(m, state, "doubt");
		}
	}
}

/* ---- Programs ---- */

static int64_t backoff_ms(int64_t tries)
{
	int64_t ms = BACKOFF_MS;

	for (int64_t i = 1; i < tries && ms < BACKOFF_MAX_MS; i++) {
		ms *= 2;
	}
	return ms < BACKOFF_MAX_MS ? ms : BACKOFF_MAX_MS;
}

static void failed(struct outbox *o, struct view_outbox *m, const char *why)
{
	char to[sizeof m->recipient];

	text_clean(m->error, sizeof m->error, why);
	if (m->tries == 1 || m->tries == FAILING_TRIES) {
		log_line(LOG_WARNING, "outbox: %s to %s: %s", m->id, whom(m, to), m->error);
	}
	if (o->now.wall.ms - m->created >= OUTBOX_LIFE_MS) {
		end(o, m, "failed");
		return;
	}
	VIEW_SET(m, state, "queued");
	m->due = o->now.wall.ms + backoff_ms(m->tries);
	o->cfg.keep(o->cfg.arg, m);
}

static void on_closed(uv_handle_t *handle)
{
	struct job *job = handle->data;
	struct job **at = &job->outbox->jobs;

	if (--job->handles > 0) {
		return;
	}
	while (*at != job) {
		at = &(*at)->next;
	}
	*at = job->next;
	job->outbox->running--;
	free(job);
}

static void close_one(uv_handle_t *handle)
{
	if (!uv_is_closing(handle)) {
		uv_close(handle, on_closed);
	}
}

/* The program has come to its end, one way or another. */
static void finish(struct job *job)
{
	struct outbox *o = job->outbox;
	struct view_outbox *m = find(o, job->id);
	char why[128];

	if (job->done) {
		return;
	}
	job->done = true;
	if (m != NULL && job->exited && job->status == 0 && job->signal == 0) {
		end(o, m, "sent");
	} else if (m != NULL) {
		if (job->late) {
			snprintf(why, sizeof why, "not done within %d s", OUTBOX_TIME_MS / 1000);
		} else if (job->signal != 0) {
			snprintf(why, sizeof why, "ended by signal %d", job->signal);
		} else {
			job->error[strcspn(job->error, "\n")] = '\0';
			snprintf(why, sizeof why, "exit %lld%s%.80s", (long long)job->status,
				job->error[0] != '\0' ? ": " : "", job->error);
		}
		failed(o, m, why);
	}
	close_one((uv_handle_t *)&job->process);
	close_one((uv_handle_t *)&job->in);
	close_one((uv_handle_t *)&job->err);
	close_one((uv_handle_t *)&job->timer);
}

static void on_end(uv_process_t *process, int64_t status, int signal)
{
	struct job *job = process->data;

	job->exited = true;
	job->status = status;
	job->signal = signal;
	/* What it complained of may still be on its way. */
	if (status == 0 || job->heard || job->late) {
		finish(job);
	}
}

static void on_late(uv_timer_t *timer)
{
	struct job *job = timer->data;

	if (job->exited) {
		finish(job); /* somebody else holds its standard error */
		return;
	}
	job->late = true;
	/* It leads a process group: what it started goes, too. */
	kill(-uv_process_get_pid(&job->process), SIGKILL);
}

static void give_room(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
	struct job *job = handle->data;

	(void)suggested;
	*buf = uv_buf_init(job->read, sizeof job->read);
}

static void on_error_text(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct job *job = stream->data;
	size_t used = strlen(job->error);

	if (n > 0) {
		text_append(job->error, sizeof job->error, &used, "%.*s", (int)n, buf->base);
		return;
	}
	if (n < 0) {
		job->heard = true;
		if (job->exited) {
			finish(job);
		}
	}
}

static void on_written(uv_write_t *write, int status)
{
	struct job *job = write->data;

	(void)status; /* a program that reads nothing may still do its work */
	close_one((uv_handle_t *)&job->in);
}

static void add_env(
	char (*room)[ENV_BYTES], char **env, size_t *n, const char *name, const char *value)
{
	if (*n < ENV_MAX && value != NULL) {
		snprintf(room[*n], ENV_BYTES, "%s=%s", name, value);
		env[*n] = room[*n];
		(*n)++;
	}
}

/* What the program is told besides its standard input. */
static void fill_env(const struct view_outbox *m, bool doubt, char (*room)[ENV_BYTES], char **env)
{
	char severity[8], tries[24];
	size_t n = 0;

	snprintf(severity, sizeof severity, "%d", (int)m->severity);
	snprintf(tries, sizeof tries, "%lld", (long long)m->tries);
	add_env(room, env, &n, "PATH",
		"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
	add_env(room, env, &n, "HOME", getenv("HOME"));
	add_env(room, env, &n, "LANG", "C.UTF-8");
	add_env(room, env, &n, "PILED_ID", m->id);
	add_env(room, env, &n, "PILED_KIND", m->kind);
	add_env(room, env, &n, "PILED_TO", m->recipient);
	add_env(room, env, &n, "PILED_SUBJECT", m->subject);
	add_env(room, env, &n, "PILED_ACCOUNT", m->account);
	add_env(room, env, &n, "PILED_SEVERITY", severity);
	add_env(room, env, &n, "PILED_TRY", tries);
	add_env(room, env, &n, "PILED_DOUBT", doubt ? "1" : "0");
	env[n] = NULL;
}

static struct job *new_job(struct outbox *o, const struct view_outbox *m)
{
	struct job *job = calloc(1, sizeof *job);

	if (job == NULL) {
		return NULL;
	}
	job->outbox = o;
	snprintf(job->id, sizeof job->id, "%s", m->id);
	uv_pipe_init(o->cfg.loop, &job->in, 0);
	uv_pipe_init(o->cfg.loop, &job->err, 0);
	uv_timer_init(o->cfg.loop, &job->timer);
	job->in.data = job->err.data = job->timer.data = job->process.data = job;
	job->write.data = job;
	job->next = o->jobs;
	o->jobs = job;
	o->running++;
	return job;
}

static void start(struct outbox *o, struct view_outbox *m, bool doubt)
{
	struct job *job = new_job(o, m);
	char room[ENV_MAX][ENV_BYTES], *env[ENV_MAX + 1];
	char dash_i[] = "-i", dashes[] = "--";
	const char *program = m->program[0] != '\0' ? m->program : o->ways.mail_program;
	char *mail_args[] = {(char *)program, dash_i, dashes, m->recipient, NULL};
	char *hook_args[] = {(char *)program, m->recipient[0] != '\0' ? m->recipient : NULL, NULL};
	uv_stdio_container_t stdio[3];
	uv_process_options_t options = {0};
	uv_buf_t body;
	size_t used = 0;
	int rc;

	if (job == NULL) {
		failed(o, m, err_text(ERR_NOMEM));
		return;
	}
	stdio[0].flags = UV_CREATE_PIPE | UV_READABLE_PIPE;
	stdio[0].data.stream = (uv_stream_t *)&job->in;
	stdio[1].flags = UV_IGNORE;
	stdio[2].flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE;
	stdio[2].data.stream = (uv_stream_t *)&job->err;
	fill_env(m, doubt, room, env);
	options.file = program;
	options.args = m->program[0] != '\0' ? hook_args : mail_args;
	options.env = env;
	options.stdio = stdio;
	options.stdio_count = 3;
	options.flags = UV_PROCESS_DETACHED;
	options.exit_cb = on_end;
	rc = uv_spawn(o->cfg.loop, &job->process, &options);
	job->handles = 4;
	if (rc != 0) {
		text_append(
			job->error, sizeof job->error, &used, "%s: %s", uv_strerror(rc), program);
		job->exited = true;
		job->status = 127;
		finish(job);
		return;
	}
	if (m->program[0] != '\0') {
		snprintf(job->body, sizeof job->body, "%s\n", m->text);
		body = uv_buf_init(job->body, (unsigned)strlen(job->body));
	} else {
		body = uv_buf_init(job->body, (unsigned)mail_compose(m, o->ways.mail_from,
						      o->ways.site, job->body, sizeof job->body));
	}
	uv_timer_start(&job->timer, on_late, OUTBOX_TIME_MS, OUTBOX_TIME_MS);
	uv_read_start((uv_stream_t *)&job->err, give_room, on_error_text);
	if (uv_write(&job->write, (uv_stream_t *)&job->in, &body, 1, on_written) != 0) {
		close_one((uv_handle_t *)&job->in);
	}
}

/* ---- The round: marked, on disk, started ---- */

static void on_work(uv_work_t *work)
{
	struct outbox *o = work->data;

	o->cfg.settle(o->cfg.arg);
}

static bool in_flight(const struct outbox *o, const char *id)
{
	for (const struct job *job = o->jobs; job != NULL; job = job->next) {
		if (strcmp(job->id, id) == 0) {
			return true;
		}
	}
	return false;
}

static void on_settled(uv_work_t *work, int status)
{
	struct outbox *o = work->data;

	(void)status;
	o->settling = false;
	for (size_t i = o->count; i-- > 0 && !o->stopping;) {
		struct view_outbox *m = &o->waiting[i];
		bool doubt = strcmp(m->state, "sending again") == 0;

		if ((doubt || strcmp(m->state, "sending") == 0) && !in_flight(o, m->id)) {
			start(o, m, doubt);
		}
	}
}

/* A customer reads what happened in its order: the next message goes when none is on its way. One
 * that failed and waits for its next try holds nobody up. */
static bool awaits_turn(const struct outbox *o, const struct view_outbox *m)
{
	for (size_t i = 0; m->account[0] != '\0' && i < o->count; i++) {
		const struct view_outbox *other = &o->waiting[i];

		if (strncmp(other->state, "sending", 7) == 0 &&
			strcmp(other->program, m->program) == 0 &&
			strcmp(other->recipient, m->recipient) == 0) {
			return true;
		}
	}
	return false;
}

void outbox_step(struct outbox *o, struct moment now)
{
	size_t chosen = 0;

	o->now = now;
	if (o->settling || o->stopping) {
		return;
	}
	for (size_t i = 0; i < o->count && o->running + chosen < OUTBOX_RUNNING_MAX; i++) {
		struct view_outbox *m = &o->waiting[i];
		bool doubt = strcmp(m->state, "doubt") == 0;

		if (m->expires != VALUE_NONE && m->expires <= now.wall.ms &&
			strcmp(m->state, "sending") != 0 &&
			strcmp(m->state, "sending again") != 0) {
			end(o, m, "expired");
			i--;
			continue;
		}
		if (!doubt && (strcmp(m->state, "queued") != 0 || m->due > now.wall.ms)) {
			continue;
		}
		if (awaits_turn(o, m)) {
			continue;
		}
		VIEW_SET(m, state, doubt ? "sending again" : "sending");
		m->tries++;
		o->cfg.keep(o->cfg.arg, m);
		chosen++;
	}
	if (chosen > 0) {
		o->settling = uv_queue_work(o->cfg.loop, &o->work, on_work, on_settled) == 0;
	}
}

size_t outbox_running(const struct outbox *o)
{
	return o->running + o->settling;
}

bool outbox_failing(const struct outbox *o)
{
	for (size_t i = 0; i < o->count; i++) {
		if (o->waiting[i].tries >= FAILING_TRIES) {
			return true;
		}
	}
	return false;
}

void outbox_quiet(struct outbox *o)
{
	o->stopping = true;
}

void outbox_stop(struct outbox *o)
{
	for (struct job *job = o->jobs; job != NULL; job = job->next) {
		job->done = true; /* its message stays in doubt */
		close_one((uv_handle_t *)&job->process);
		close_one((uv_handle_t *)&job->in);
		close_one((uv_handle_t *)&job->err);
		close_one((uv_handle_t *)&job->timer);
	}
}

void outbox_free(struct outbox *o)
{
	if (o != NULL) {
		free(o->waiting);
		free(o);
	}
}
