/* Tariffs: from the store to the core, and from people to the store. */
#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"
#include "log.h"
#include "tariff_book.h"
#include "tariff_file.h"

/* A session may have begun under a version that ended so long ago. */
#define PAST_MS (35 * S_PER_DAY * MS_PER_S)

static void site_of(const struct daemon *d, struct site_cfg *out)
{
	config_site_cfg(d->plant.config, out);
}

/* ---- To the core ---- */

static int feed(void *arg, const struct tariff_entry *e)
{
	struct daemon *d = arg;
	struct event event = {.kind = EV_TARIFF, .now = moment_now()};

	if (e->replaced || (e->to_ms != VALUE_NONE && e->to_ms < event.now.wall.ms - PAST_MS)) {
		return 0;
	}
	event.tariff = &e->tariff;
	daemon_apply(d, &event);
	return 0;
}

int daemon_tariffs(struct daemon *d)
{
	struct store_reader *reader;
	struct site_cfg site;
	int rc;

	site_of(d, &site);
	if (!site.billing.on) {
		return 0;
	}
	rc = store_reader_open(d->data, &reader);
	if (rc == 0) {
		rc = store_tariffs(reader, NULL, feed, d);
		store_reader_close(reader);
	}
	if (rc != 0) {
		log_line(LOG_ERROR, "store: the tariffs cannot be read: %s", err_text(rc));
	}
	return rc;
}

/* ---- From people ---- */

/* The guns that a tariff is for, and what goes on at them. */
static void use_of(struct daemon *d, const char *id, int64_t *guns, int64_t *sessions)
{
	struct site_cfg site;
	struct view_preview pile;

	site_of(d, &site);
	*guns = *sessions = 0;
	for (uint16_t i = 0; site.billing.on && i < site.pile_count; i++) {
		const char *own = site.piles[i].tariff;

		if (strcmp(own[0] != '\0' ? own : site.billing.tariff, id) == 0 &&
			daemon_preview(d, VERB_STOP, site.piles[i].id, VALUE_NONE, &pile) == 0) {
			*guns += pile.guns;
			*sessions += pile.sessions;
		}
	}
}

/* What the new version would do to those that are there. */
struct effect {
	const struct tariff *new;
	struct wall now;
	int64_t in_force; /* number; VALUE_NONE = none */
	cJSON *replaces;
};

static int look(void *arg, const struct tariff_entry *e)
{
	struct effect *f = arg;
	struct view_tariff view;

	tariff_entry_view(e, f->now, &view);
	if (strcmp(view.state, tariff_state_token(TARIFF_IN_FORCE)) == 0) {
		f->in_force = view.version;
	}
	if (strcmp(view.state, tariff_state_token(TARIFF_PLANNED)) == 0 &&
		view.from >= f->new->from_ms && view.version != f->new->version) {
		cJSON_AddItemToArray(f->replaces, cJSON_CreateNumber((double)view.version));
	}
	return 0;
}

static cJSON *answer(struct daemon *d, const struct tariff *t, bool again, bool dry)
{
	cJSON *o = cJSON_CreateObject();
	int64_t guns, sessions;

	use_of(d, t->id, &guns, &sessions);
	cJSON_AddStringToObject(o, "tariff", t->id);
	cJSON_AddNumberToObject(o, "version", t->version);
	wire_add_int(o, "from", t->from_ms);
	cJSON_AddBoolToObject(o, "again", again);
	cJSON_AddBoolToObject(o, "dry", dry);
	wire_add_int(o, "guns", guns);
	wire_add_int(o, "sessions", sessions);
	return o;
}

static int try_only(struct daemon *d, const struct host_tariff *wanted, struct tariff *t,
	struct wall now, cJSON **result, const char **message)
{
	const struct tariff_asked asked = {wanted->text, now, wanted->replace};
	struct effect effect = {t, now, VALUE_NONE, NULL};
	struct store_reader *reader;
	bool again;
	int rc = store_reader_open(d->data, &reader);

	if (rc != 0) {
		return rc;
	}
	rc = store_tariff_admit(reader, &asked, t, &again, message);
	if (rc == 0) {
		*result = answer(d, t, again, true);
		effect.replaces = cJSON_AddArrayToObject(*result, "replaces");
		rc = store_tariffs(reader, t->id, look, &effect);
		if (effect.in_force != VALUE_NONE) {
			wire_add_int(*result, "in_force", effect.in_force);
		}
	}
	store_reader_close(reader);
	return rc;
}

struct taking {
	struct daemon *d;
	struct rpc_later *later;
	struct tariff tariff;
};

static void on_taken(void *arg, const struct money_result *r)
{
	struct taking *x = arg;

	if (r->err != 0) {
		rpc_finish(x->later, r->err, r->message, NULL);
	} else {
		x->tariff.version = (uint32_t)r->version;
		log_line(LOG_NOTICE, "tariff %s: version %u %s", x->tariff.id,
			(unsigned)x->tariff.version, r->again ? "is there already" : "taken in");
		if (!r->again) {
			daemon_tariffs(x->d);
		}
		rpc_finish(x->later, 0, NULL, answer(x->d, &x->tariff, r->again, false));
	}
	free(x);
}

static int take(struct daemon *d, const struct host_tariff *wanted, const struct tariff *t,
	struct wall now, struct rpc_later *later)
{
	struct money_op op = {.kind = MONEY_TARIFF,
		.at_ms = now.ms,
		.text = wanted->text,
		.blob = t,
		.blob_size = sizeof *t,
		.replace = wanted->replace};
	struct taking *x = calloc(1, sizeof *x);
	int rc;

	if (x == NULL) {
		return ERR_NOMEM;
	}
	*x = (struct taking){d, later, *t};
	view_set_text(op.ref, sizeof op.ref, t->id);
	view_set_text(op.by, sizeof op.by, wanted->by);
	view_set_text(op.origin, sizeof op.origin, wanted->origin);
	view_set_text(op.reason, sizeof op.reason, wanted->reason);
	rc = daemon_money(d, &op, on_taken, x);
	if (rc != 0) {
		free(x);
	}
	return rc;
}

int daemon_tariff_import(void *host, const struct host_tariff *wanted, struct moment now,
	struct rpc_later *later, cJSON **result, const char **message)
{
	struct daemon *d = host;
	struct yaml_errors errors = {0};
	struct site_cfg site;
	struct tariff t;
	int rc;

	site_of(d, &site);
	rc = tariff_parse(
		wanted->name, wanted->text, strlen(wanted->text), &site.zone, &errors, &t);
	if (rc != 0) {
		*message = N_("the tariff has errors; nothing was taken in");
		*result = cJSON_CreateArray();
		for (size_t i = 0; i < errors.kept; i++) {
			cJSON_AddItemToArray(*result, cJSON_CreateString(errors.lines[i]));
		}
	} else if (wanted->dry) {
		rc = try_only(d, wanted, &t, now.wall, result, message);
	} else {
		rc = take(d, wanted, &t, now.wall, later);
	}
	yaml_errors_free(&errors);
	return rc;
}
