/* One thread a bus. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "err.h"
#include "queue.h"
#include "stats.h"
#include "thread.h"

#define STACK_SIZE    (128 * 1024)
#define REOPEN_MIN_US (500 * US_PER_MS)
#define REOPEN_MAX_US (10 * US_PER_S)
/* The loop is woken for reads when the bus has a pause, when this many wait, or after this long:
 * a fast TCP bus would wake it for each of thousands. */
#define BATCH    8
#define BATCH_US (20 * US_PER_MS)

enum mail_kind { MAIL_WRITE, MAIL_KEEPALIVE, MAIL_POLL_NOW, MAIL_POLL_ALL };

struct mail {
	enum mail_kind kind;
	struct plan_write write; /* MAIL_POLL_NOW: only its unit */
};

struct unit_stats {
	struct bus_stats stats;
	uint8_t address;
	bool up, asked;
	struct mono next_try;
	size_t mailed, pending; /* writes in the mailbox, and with those in the plan */
};

struct bus {
	char id[24], kind[12], address[80];
	uint16_t index;
	/* The thread's own. */
	struct plan *plan;
	struct bus_port *port;
	struct bus_queue *queue;
	size_t batch; /* read results since the loop was last woken */
	struct mono batch_since;
	int64_t reopen_us;
	struct mono reopen_at;
	pthread_t thread;
	/* Below the lock. */
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool stop, open, lost; /* lost: could not be opened or was closed */
	struct mail mail[BUS_MAIL_MAX];
	size_t mail_head, mail_count;
	struct bus_stats stats;
	struct bus_use use;
	int64_t opened;
	struct unit_stats *units;
	size_t unit_count;
};

static void set_text(char *dst, size_t size, const char *text)
{
	view_set_text(dst, size, text ? text : "");
}

static void post(struct bus *bus, const struct bus_result *result)
{
	bool write = result->step.what == PLAN_WRITE || result->step.what == PLAN_READ_BACK;

	bus_queue_put(bus->queue, result);
	if (bus->batch++ == 0) {
		bus->batch_since = result->reply.at;
	}
	if (write || result->changed || bus->batch >= BATCH ||
		mono_diff_us(result->reply.at, bus->batch_since) >= BATCH_US) {
		bus->batch = 0;
		bus_queue_wake(bus->queue);
	}
}

/* Hands on what waits before the bus does. */
static void flush(struct bus *bus)
{
	if (bus->batch > 0) {
		bus->batch = 0;
		bus_queue_wake(bus->queue);
	}
}

static void refuse(struct bus *bus, const struct plan_step *step, int err)
{
	struct bus_result result = {.bus = bus->index, .step = *step};

	result.reply.err = err;
	result.reply.at = mono_now();
	post(bus, &result);
}

/* Notes how many writes of a unit are under way. */
static void note_pending(struct bus *bus, uint16_t unit)
{
	bus->units[unit].pending = bus->units[unit].mailed + plan_writes(bus->plan, unit);
}

/* Gives up all writes that wait. */
static void drop_writes(struct bus *bus, int err)
{
	struct plan_step step;

	while (plan_drop(bus->plan, &step)) {
		refuse(bus, &step, err);
		pthread_mutex_lock(&bus->lock);
		note_pending(bus, step.unit);
		pthread_mutex_unlock(&bus->lock);
	}
}

static void line_lost(struct bus *bus, int err)
{
	bool news;

	bus->port->ops->close(bus->port);
	pthread_mutex_lock(&bus->lock);
	news = bus->open || !bus->lost;
	bus->open = false;
	bus->lost = true;
	for (size_t i = 0; i < bus->unit_count; i++) {
		bus->units[i].up = false;
	}
	pthread_mutex_unlock(&bus->lock);
	plan_line_lost(bus->plan);
	drop_writes(bus, err);
	for (size_t i = 0; news && i < bus->unit_count; i++) {
		struct bus_result result = {.bus = bus->index, .changed = true};

		result.step.what = PLAN_WAIT;
		result.step.unit = (uint16_t)i;
		result.reply.err = err;
		result.reply.at = mono_now();
		post(bus, &result);
	}
	/* A few per mille of spread by the address of the bus: fifty gateways behind one switch
	 * are not called in one instant. */
	bus->reopen_at =
		mono_add_us(mono_now(), bus->reopen_us + bus->reopen_us / 256 * (bus->index % 64));
	bus->reopen_us = bus->reopen_us * 2 > REOPEN_MAX_US ? REOPEN_MAX_US : bus->reopen_us * 2;
}

static void open_line(struct bus *bus)
{
	int err = bus->port->ops->open(bus->port);

	if (err) {
		line_lost(bus, err);
		return;
	}
	pthread_mutex_lock(&bus->lock);
	bus->open = true;
	bus->lost = false;
	bus->opened++;
	pthread_mutex_unlock(&bus->lock);
}

/* Takes the mail into the plan, which has room: bus_write() sees to it. */
static void take_mail(struct bus *bus)
{
	pthread_mutex_lock(&bus->lock);
	for (; bus->mail_count > 0; bus->mail_count--) {
		struct mail *mail = &bus->mail[bus->mail_head];

		switch (mail->kind) {
		case MAIL_WRITE:
			bus->units[mail->write.unit].mailed--;
			(void)plan_write(bus->plan, &mail->write);
			note_pending(bus, mail->write.unit);
			break;
		case MAIL_KEEPALIVE:
			(void)plan_keepalive(bus->plan, &mail->write);
			break;
		case MAIL_POLL_NOW:
		case MAIL_POLL_ALL:
			plan_poll_now(bus->plan, mail->write.unit, mail->kind == MAIL_POLL_ALL);
			break;
		}
		bus->mail_head = (bus->mail_head + 1) % BUS_MAIL_MAX;
	}
	pthread_mutex_unlock(&bus->lock);
}

static void count(struct bus *bus, const struct plan_step *step, const struct bus_reply *reply,
	bool up, struct mono next_try)
{
	struct unit_stats *unit = &bus->units[step->unit];

	pthread_mutex_lock(&bus->lock);
	bus_stats_add(&bus->stats, reply);
	bus_use_add(&bus->use, mono_add_us(reply->at, -reply->took_us), reply->at);
	bus_stats_add(&unit->stats, reply);
	unit->up = up;
	unit->asked = true;
	unit->next_try = next_try;
	note_pending(bus, step->unit);
	pthread_mutex_unlock(&bus->lock);
}

static void carry_out(struct bus *bus, const struct plan_step *step)
{
	struct bus_result result = {.bus = bus->index, .step = *step};
	struct bus_request request = {.unit = bus->units[step->unit].address,
		.function = step->function,
		.address = step->address,
		.count = step->count,
		.values = step->values};
	bool write = step->what != PLAN_READ, final;
	struct mono next_try;

	bus->port->ops->transact(bus->port, &request, &result.reply);
	if (result.reply.err == ERR_CLOSED || result.reply.err == ERR_IO) {
		/* The line, not the unit: what was in hand goes with the rest. */
		line_lost(bus, result.reply.err);
		return;
	}
	bus->reopen_us = REOPEN_MIN_US;
	result.changed = plan_done(bus->plan, step, &result.reply);
	result.up = plan_unit_up(bus->plan, step->unit, &next_try);
	final = !write || plan_final(bus->plan);
	count(bus, step, &result.reply, result.up, next_try);
	if (final || result.changed) {
		post(bus, &result);
	}
}

/* Waits until then, for mail, or for the end. */
static void wait_until(struct bus *bus, struct mono until)
{
	struct timespec at;
	int64_t us;

	flush(bus);
	us = mono_diff_us(until, mono_now());
	if (us <= 0) {
		return;
	}
	clock_gettime(CLOCK_MONOTONIC, &at);
	at.tv_sec += us / US_PER_S;
	at.tv_nsec += us % US_PER_S * 1000;
	if (at.tv_nsec >= 1000000000) {
		at.tv_sec++;
		at.tv_nsec -= 1000000000;
	}
	pthread_mutex_lock(&bus->lock);
	while (!bus->stop && bus->mail_count == 0 &&
		pthread_cond_timedwait(&bus->wake, &bus->lock, &at) != ETIMEDOUT) {
	}
	pthread_mutex_unlock(&bus->lock);
}

static bool stopping(struct bus *bus, bool *open)
{
	bool stop;

	pthread_mutex_lock(&bus->lock);
	stop = bus->stop;
	*open = bus->open;
	pthread_mutex_unlock(&bus->lock);
	return stop;
}

static void *run(void *arg)
{
	struct bus *bus = arg;
	char name[16]; /* all that the kernel keeps */
	bool open;

	(void)view_set_text(name, sizeof name, bus->id);
	(void)pthread_setname_np(pthread_self(), name);
	while (!stopping(bus, &open)) {
		struct plan_step step;

		take_mail(bus);
		if (!open) {
			drop_writes(bus, ERR_CLOSED);
			if (mono_before(mono_now(), bus->reopen_at)) {
				wait_until(bus, bus->reopen_at);
			} else {
				open_line(bus);
			}
			continue;
		}
		plan_next(bus->plan, mono_now(), &step);
		if (step.what == PLAN_WAIT) {
			wait_until(bus, step.until);
		} else {
			carry_out(bus, &step);
		}
	}
	bus->port->ops->close(bus->port);
	take_mail(bus);
	drop_writes(bus, ERR_CLOSED);
	flush(bus);
	return NULL;
}

static int start_thread(struct bus *bus)
{
	sigset_t all, old;
	pthread_attr_t attr;
	int err;

	if (pthread_attr_init(&attr)) {
		return ERR_NOMEM;
	}
	/* Signals are the loop's; SIGPIPE of a lost connection comes as an error. */
	sigfillset(&all);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	pthread_sigmask(SIG_BLOCK, &all, &old);
	err = pthread_create(&bus->thread, &attr, run, bus);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_attr_destroy(&attr);
	return err ? ERR_NOMEM : 0;
}

static void release(struct bus *bus)
{
	if (!bus) {
		return;
	}
	plan_free(bus->plan);
	pthread_cond_destroy(&bus->wake);
	pthread_mutex_destroy(&bus->lock);
	free(bus->units);
	free(bus);
}

int bus_start(const struct bus_cfg *cfg, struct bus **out)
{
	struct bus *bus = calloc(1, sizeof *bus);
	pthread_condattr_t attr;
	int err;

	if (!bus) {
		return ERR_NOMEM;
	}
	pthread_mutex_init(&bus->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&bus->wake, &attr);
	pthread_condattr_destroy(&attr);
	set_text(bus->id, sizeof bus->id, cfg->id);
	set_text(bus->kind, sizeof bus->kind, cfg->kind);
	set_text(bus->address, sizeof bus->address, cfg->address);
	bus->index = cfg->index;
	bus->queue = cfg->queue;
	bus->reopen_us = REOPEN_MIN_US;
	bus->unit_count = cfg->plan.unit_count;
	bus->units = calloc(bus->unit_count + 1, sizeof *bus->units);
	if (!bus->units) {
		err = ERR_NOMEM;
		goto fail;
	}
	for (size_t i = 0; i < bus->unit_count; i++) {
		bus->units[i].address = cfg->plan.units[i].unit;
	}
	err = plan_new(&cfg->plan, &bus->plan);
	if (err) {
		goto fail;
	}
	bus->port = cfg->port;
	err = start_thread(bus);
	if (err) {
		goto fail;
	}
	*out = bus;
	return 0;
fail:
	release(bus);
	return err;
}

void bus_stop(struct bus *bus)
{
	pthread_mutex_lock(&bus->lock);
	bus->stop = true;
	pthread_cond_signal(&bus->wake);
	pthread_mutex_unlock(&bus->lock);
}

void bus_free(struct bus *bus)
{
	if (!bus) {
		return;
	}
	bus_stop(bus);
	pthread_join(bus->thread, NULL);
	bus->port->ops->free(bus->port);
	release(bus);
}

static int send_mail(struct bus *bus, enum mail_kind kind, const struct plan_write *write)
{
	struct unit_stats *unit;
	int err = 0;

	if (write->unit >= bus->unit_count) {
		return ERR_RANGE;
	}
	unit = &bus->units[write->unit];
	pthread_mutex_lock(&bus->lock);
	if (kind == MAIL_WRITE && (bus->lost || bus->stop)) {
		err = ERR_CLOSED;
	} else if (bus->mail_count == BUS_MAIL_MAX ||
		   (kind == MAIL_WRITE && unit->pending == PLAN_WRITES_MAX)) {
		err = ERR_FULL;
	} else {
		struct mail *mail = &bus->mail[(bus->mail_head + bus->mail_count) % BUS_MAIL_MAX];

		mail->kind = kind;
		mail->write = *write;
		bus->mail_count++;
		unit->mailed += kind == MAIL_WRITE ? 1 : 0;
		unit->pending += kind == MAIL_WRITE ? 1 : 0;
		pthread_cond_signal(&bus->wake);
	}
	pthread_mutex_unlock(&bus->lock);
	return err;
}

int bus_write(struct bus *bus, const struct plan_write *write)
{
	if (!plan_write_valid(write)) {
		return ERR_RANGE;
	}
	if (write->token != 0 && bus_queue_crowded(bus->queue)) {
		return ERR_FULL;
	}
	return send_mail(bus, MAIL_WRITE, write);
}

int bus_keepalive(struct bus *bus, const struct plan_write *write)
{
	return send_mail(bus, MAIL_KEEPALIVE, write);
}

int bus_poll_now(struct bus *bus, uint16_t unit, bool all)
{
	struct plan_write only_unit = {.unit = unit};

	return send_mail(bus, all ? MAIL_POLL_ALL : MAIL_POLL_NOW, &only_unit);
}

static int64_t to_wall(struct moment now, struct mono at)
{
	return now.wall.ms - mono_diff_us(now.mono, at) / US_PER_MS;
}

/* Both views have the same counters. */
#define FILL(view, s)                                                                          \
	do {                                                                                   \
		(view)->transactions = (s)->transactions;                                      \
		(view)->p50_us = latency_quantile(&(s)->latency, 500);                         \
		(view)->p99_us = latency_quantile(&(s)->latency, 990);                         \
		(view)->timeouts = (s)->timeouts;                                              \
		(view)->crc = (s)->crc;                                                        \
		(view)->frames = (s)->frames;                                                  \
		(view)->foreign = (s)->foreign;                                                \
		(view)->late = (s)->late;                                                      \
		(view)->exceptions = (s)->exceptions;                                          \
		(view)->last_good = (s)->any_good ? to_wall(now, (s)->last_good) : VALUE_NONE; \
	} while (0)

size_t bus_snapshot(struct bus *bus, struct moment now, struct view_bus *view,
	struct view_unit *units, size_t cap)
{
	view_clear(VIEW_bus, view);
	pthread_mutex_lock(&bus->lock);
	VIEW_SET(view, id, bus->id);
	VIEW_SET(view, kind, bus->kind);
	VIEW_SET(view, address, bus->address);
	VIEW_SET(view, state, bus->open ? "up" : bus->lost ? "down" : "opening");
	view->units = (int64_t)bus->unit_count;
	view->use_pm = bus_use_pm(&bus->use, now.mono);
	view->reconnects = bus->opened > 0 ? bus->opened - 1 : 0;
	FILL(view, &bus->stats);
	for (size_t i = 0; i < bus->unit_count && i < cap; i++) {
		const struct unit_stats *unit = &bus->units[i];

		VIEW_SET(&units[i], bus, bus->id);
		VIEW_SET(&units[i], state,
			unit->up                   ? "up"
			: unit->asked || bus->lost ? "down"
						   : "unknown");
		units[i].unit = unit->address;
		FILL(&units[i], &unit->stats);
		units[i].next_try =
			unit->up || !unit->asked ? VALUE_NONE : to_wall(now, unit->next_try);
	}
	pthread_mutex_unlock(&bus->lock);
	return bus->unit_count;
}
