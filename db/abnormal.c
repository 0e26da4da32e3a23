#include "abnormal.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ledger_int.h"
#include "phrase.h"
#include "text.h"

/* What the pile's own counter may differ from the meter by, besides 2 %. */
#define METER_SLACK_WH 200
/* What may flow between two charges: the pile's own use, rounding. */
#define REST_SLACK_WH 100
/* Seconds that a duration may differ from the time between its ends. */
#define CLOCK_SLACK_S 2
/* For so long charges of one kind are gathered in one entry. */
#define GATHER_MS (INT64_C(86400) * MS_PER_S)

enum statement {
	S_BEFORE,
	S_BEHIND,
	S_ADD,
	S_ADD_ORDER,
	S_BY_ID,
	S_BY_SESSION,
	S_VOIDED,
	S_OPEN,
	S_END,
	S_GATHERED,
	S_GATHERING,
	S_GATHER,
	S_COUNT
};
_Static_assert(S_COUNT <= SETTLE_STATEMENTS, "room for the statements");

#define NEIGHBOUR "SELECT id, start, \"end\", start_wh, end_wh, state FROM session WHERE gun = :gun"
#define INSERT                                                                              \
	"INSERT INTO abnormal (kind, at, gun, session, \"order\", account, bill, evidence," \
	" proposal, state) "
#define ROW "SELECT id, bill, ended IS NULL, kind, session, \"order\" FROM abnormal"

static const char *const texts[S_COUNT] = {
	[S_BEFORE] = NEIGHBOUR " AND start <= :start AND id <> :id ORDER BY start DESC LIMIT 1",
	[S_BEHIND] = NEIGHBOUR " AND start > :start AND id <> :id ORDER BY start LIMIT 1",
	[S_ADD] = INSERT "VALUES (:kind, :at, :gun, :session, :order, :account, :bill, :evidence,"
			 " :proposal, 'open') ON CONFLICT DO NOTHING",
	[S_ADD_ORDER] = INSERT "SELECT :kind, :at, :gun, NULL, :order, :account, :bill, :evidence,"
			       " :proposal, 'open' WHERE NOT EXISTS (SELECT 1 FROM abnormal"
			       " WHERE \"order\" = :order AND kind = :kind)",
	[S_BY_ID] = ROW " WHERE id = :id",
	[S_BY_SESSION] = ROW " WHERE session = :session AND ended IS NULL ORDER BY id LIMIT 1",
	[S_VOIDED] = "SELECT 1 FROM abnormal WHERE session = :session AND state = 'voided'"
		     " AND kind <> 'no_session'",
	[S_OPEN] = "SELECT id FROM abnormal WHERE ended IS NULL"
		   " AND (id = :id OR (:session IS NOT NULL AND session = :session))",
	[S_END] = "UPDATE abnormal SET state = :state, by = :by, reason = :reason, ended = :ended,"
		  " bill = coalesce(:bill, bill) WHERE id = :id",
	[S_GATHERED] = "SELECT 1 FROM ledger_log WHERE key = :key",
	[S_GATHERING] = "SELECT id, (SELECT count(*) FROM ledger_log WHERE subject = 'abnormal'"
			" AND target = CAST(a.id AS TEXT)) FROM abnormal a WHERE kind = :kind"
			" AND session IS NULL AND ended IS NULL AND at > :at - :span AND at <= :at"
			" ORDER BY id DESC LIMIT 1",
	[S_GATHER] = "UPDATE abnormal SET evidence = :evidence WHERE id = :id",
};

static const struct {
	const char *token, *proposal;
	bool review;
} kinds[ABNORMAL_COUNT_] = {
#define ABNORMAL(sym, token, review, proposal, label) {token, proposal, review},
#include "abnormal.def"
#undef ABNORMAL
};

const char *abnormal_token(enum abnormal_kind kind)
{
	return kinds[kind].token;
}

bool abnormal_review(enum abnormal_kind kind)
{
	return kinds[kind].review;
}

int abnormal_open_statements(struct ledger *l)
{
	return sql_prepare_all(l->db, texts, l->abnormal, S_COUNT);
}

/* ---- What is odd ---- */

struct finding {
	struct abnormal *v;
	size_t room, count;
};

/* The evidence is a sentence (phrase.h), its message, then `format`: the arguments. */
static void add(struct finding *f, enum abnormal_kind kind, const char *message, const char *format,
	...) __attribute__((format(printf, 4, 5)));

static void add(
	struct finding *f, enum abnormal_kind kind, const char *message, const char *format, ...)
{
	struct abnormal *v;
	size_t used = 0;
	va_list ap;

	if (f->count == f->room) {
		return;
	}
	v = &f->v[f->count++];
	v->kind = kind;
	text_append(v->evidence, sizeof v->evidence, &used, "%s%c", message, PHRASE_SEPARATOR);
	va_start(ap, format);
	vsnprintf(v->evidence + used, sizeof v->evidence - used, format, ap);
	va_end(ap);
	if (v->evidence[used] == '\0') { /* no arguments */
		v->evidence[used - 1] = '\0';
	}
}

/* Is the word in the list of flags? */
static bool flagged(const struct view_session *s, const char *word)
{
	size_t length = strlen(word);

	for (const char *p = s->flags; (p = strstr(p, word)) != NULL; p += length) {
		if ((p == s->flags || p[-1] == ' ') && (p[length] == ' ' || p[length] == '\0')) {
			return true;
		}
	}
	return false;
}

static void look_at_registers(const struct view_session *s, struct finding *f)
{
	if (s->end < s->start) {
		add(f, ABNORMAL_BACKWARDS, N_("it ends %1 s before it begins"), "%" PRId64,
			(s->start - s->end) / MS_PER_S);
	} else if (s->energy_wh != VALUE_NONE && s->energy_wh < 0) {
		add(f, ABNORMAL_BACKWARDS, N_("register %1 Wh at start, %2 Wh at end"),
			"%" PRId64 "|%" PRId64, s->start_wh, s->end_wh);
	}
	if (flagged(s, "no_end") || s->energy_wh == VALUE_NONE) {
		add(f, ABNORMAL_NO_END, N_("no register after the end; the last was %1 Wh"),
			"%" PRId64, s->end_wh == VALUE_NONE ? 0 : s->end_wh);
	}
	if (flagged(s, "jump") || flagged(s, "reset")) {
		add(f, ABNORMAL_JUMP, N_("register %1 Wh at start, %2 Wh at end, %3 Wh counted"),
			"%" PRId64 "|%" PRId64 "|%" PRId64, s->start_wh, s->end_wh, s->energy_wh);
	}
	if (s->device_wh != VALUE_NONE && s->energy_wh != VALUE_NONE) {
		int64_t d = s->device_wh - s->energy_wh;

		d = d < 0 ? -d : d;
		if (d > METER_SLACK_WH && d * 50 > s->energy_wh) {
			add(f, ABNORMAL_METER, N_("meter %1 Wh, pile %2 Wh"),
				"%" PRId64 "|%" PRId64, s->energy_wh, s->device_wh);
		}
	}
}

static void look_at_clock(const struct view_session *s, struct finding *f)
{
	int64_t d = (s->end - s->start) / MS_PER_S - s->duration_s;

	if (s->duration_s != VALUE_NONE && (d > CLOCK_SLACK_S || d < -CLOCK_SLACK_S)) {
		add(f, ABNORMAL_CLOCK, N_("%1 s by the clock, %2 s in truth"),
			"%" PRId64 "|%" PRId64, (s->end - s->start) / MS_PER_S, s->duration_s);
	} else if (flagged(s, "clock")) {
		add(f, ABNORMAL_UNSYNCED, N_("no time source"), "%s", "");
	}
	if (flagged(s, "restart") || flagged(s, "reboot")) {
		add(f, ABNORMAL_POWER,
			flagged(s, "reboot") ? N_("the pile restarted") : N_("the agent restarted"),
			"%s", "");
	}
}

/* The session that began before this one on its gun, and the next one. */
static int look_at_neighbour(
	struct ledger *l, enum statement which, const struct view_session *s, struct finding *f)
{
	sqlite3_stmt *stmt = l->abnormal[which];
	int64_t start, end, start_wh, end_wh;
	const char *id;
	int rc;

	sql_bind_text(stmt, ":gun", s->gun);
	sql_bind_text(stmt, ":id", s->id);
	sql_bind_int(stmt, ":start", s->start);
	rc = sql_step(stmt);
	if (rc != 1) {
		return rc;
	}
	id = sql_text(stmt, 0);
	start = sql_int(stmt, 1);
	end = sql_int(stmt, 2);
	start_wh = sql_int(stmt, 3);
	end_wh = sql_int(stmt, 4);
	if (s->energy_wh > 0 && start_wh == s->start_wh && end_wh == s->end_wh) {
		add(f, ABNORMAL_DUPLICATE, N_("%1 has the same registers"), "%s", id);
	} else if (start < s->end && (end == VALUE_NONE || end > s->start)) {
		add(f, ABNORMAL_OVERLAP, N_("%1 ran on this gun at the same time"), "%s", id);
	} else if (which == S_BEFORE && end_wh != VALUE_NONE && s->start_wh != VALUE_NONE &&
		   s->start_wh - end_wh > REST_SLACK_WH) {
		add(f, ABNORMAL_NO_SESSION, N_("%1 Wh since %2"), "%" PRId64 "|%s",
			s->start_wh - end_wh, id);
	}
	sqlite3_reset(stmt);
	return 0;
}

int abnormal_look(struct ledger *l, const struct view_session *s, struct abnormal *found,
	size_t room, size_t *count)
{
	struct finding f = {found, room, 0};
	int rc;

	look_at_registers(s, &f);
	look_at_clock(s, &f);
	rc = look_at_neighbour(l, S_BEFORE, s, &f);
	rc = rc != 0 ? rc : look_at_neighbour(l, S_BEHIND, s, &f);
	*count = f.count;
	return rc;
}

/* ---- The list ---- */

/* What an entry says is logged, so that none is changed or taken off the list unseen. `op`: who did
 * it; NULL = nobody. `key`: of what happens once; NULL = none. */
static int log_entry(struct ledger *l, int64_t id, const char *change, const char *key,
	const struct money_op *op, int64_t at_ms)
{
	struct log_row row = {.at = at_ms,
		.key = key,
		.change = change,
		.by = op != NULL ? op->by : NULL,
		.origin = op != NULL ? op->origin : NULL,
		.reason = op != NULL ? op->reason : NULL};
	char target[24];

	snprintf(target, sizeof target, "%" PRId64, id);
	return ledger_logged(l, LOGGED_ABNORMAL, target, &row);
}

static int insert(struct ledger *l, enum statement which, const struct abnormal *what,
	const struct view_session *s, const struct view_order *o, int64_t bill, int64_t at_ms)
{
	sqlite3_stmt *stmt = l->abnormal[which];

	sql_bind_text(stmt, ":kind", kinds[what->kind].token);
	sql_bind_int(stmt, ":at", at_ms);
	sql_bind_text(stmt, ":gun", s != NULL ? s->gun : o != NULL ? o->gun : NULL);
	sql_bind_text(stmt, ":session", s != NULL ? s->id : NULL);
	sql_bind_text(stmt, ":order", o != NULL ? o->id : s != NULL ? s->order : NULL);
	sql_bind_text(stmt, ":account", o != NULL ? o->account : NULL);
	sql_bind_int(stmt, ":bill", bill);
	sql_bind_text(stmt, ":evidence", what->evidence);
	sql_bind_text(stmt, ":proposal", kinds[what->kind].proposal);
	return sql_run(stmt);
}

/* The entry that gathers such charges now, and how many it has; 0 = none. */
static int find_gathering(
	struct ledger *l, enum abnormal_kind kind, int64_t at_ms, int64_t *id, int64_t *count)
{
	sqlite3_stmt *stmt = l->abnormal[S_GATHERING];
	int rc;

	sql_bind_text(stmt, ":kind", kinds[kind].token);
	sql_bind_int(stmt, ":at", at_ms);
	sql_bind_int(stmt, ":span", GATHER_MS);
	rc = sql_step(stmt);
	*id = *count = 0;
	if (rc == 1) {
		*id = sql_int(stmt, 0);
		*count = sql_int(stmt, 1);
		sqlite3_reset(stmt);
		rc = 0;
	}
	return rc;
}

static int grow(struct ledger *l, int64_t id, const char *evidence)
{
	sqlite3_stmt *stmt = l->abnormal[S_GATHER];

	sql_bind_int(stmt, ":id", id);
	sql_bind_text(stmt, ":evidence", evidence);
	return sql_run(stmt);
}

/* Whether a charge is in an entry already: 1 or 0. */
static int gathered(struct ledger *l, const char *key)
{
	sqlite3_stmt *stmt = l->abnormal[S_GATHERED];
	int rc;

	sql_bind_text(stmt, ":key", key);
	rc = sql_step(stmt);
	if (rc == 1) {
		sqlite3_reset(stmt);
	}
	return rc;
}

int abnormal_gather(
	struct ledger *l, const struct abnormal *what, const struct view_session *s, int64_t at_ms)
{
	struct abnormal sum = {.kind = what->kind};
	int64_t id, count;
	char key[80];
	int rc;

	snprintf(key, sizeof key, "%s:%s", kinds[what->kind].token, s->id);
	rc = gathered(l, key);
	if (rc != 0) {
		return rc == 1 ? 0 : rc;
	}
	rc = find_gathering(l, what->kind, at_ms, &id, &count);
	snprintf(sum.evidence, sizeof sum.evidence, "%s|%" PRId64 "|%s",
		N_("charges: %1, the last %2"), count + 1, s->id);
	if (rc == 0 && id != 0) {
		rc = grow(l, id, sum.evidence);
	} else if (rc == 0) {
		rc = insert(l, S_ADD, &sum, NULL, NULL, VALUE_NONE, at_ms);
		id = sqlite3_last_insert_rowid(l->db);
	}
	return rc != 0 ? rc : log_entry(l, id, count == 0 ? "listed" : "more", key, NULL, at_ms);
}

int abnormal_add(struct ledger *l, const struct abnormal *what, const struct view_session *s,
	const struct view_order *o, int64_t bill, int64_t at_ms)
{
	int rc = insert(l, s != NULL ? S_ADD : S_ADD_ORDER, what, s, o, bill, at_ms);

	if (rc != 0 || sqlite3_changes(l->db) == 0) {
		return rc; /* or it is on the list already */
	}
	return log_entry(l, sqlite3_last_insert_rowid(l->db), "listed", NULL, NULL, at_ms);
}

int abnormal_find(struct ledger *l, int64_t id, const char *session, struct abnormal_row *out)
{
	sqlite3_stmt *stmt = l->abnormal[id != 0 ? S_BY_ID : S_BY_SESSION];
	int rc;

	sql_bind_int(stmt, ":id", id);
	sql_bind_text(stmt, ":session", session);
	rc = sql_step(stmt);
	if (rc != 1) {
		return rc == 0 ? ERR_NOTFOUND : rc;
	}
	out->id = sql_int(stmt, 0);
	out->bill = sql_int(stmt, 1);
	out->open = sql_int(stmt, 2) == 1;
	VIEW_SET(out, kind, sql_text(stmt, 3));
	VIEW_SET(out, session, sql_text(stmt, 4));
	VIEW_SET(out, order, sql_text(stmt, 5));
	out->gathers = out->session[0] == '\0' && out->order[0] == '\0';
	sqlite3_reset(stmt);
	return 0;
}

int abnormal_voided(struct ledger *l, const char *session)
{
	sqlite3_stmt *stmt = l->abnormal[S_VOIDED];
	int rc;

	sql_bind_text(stmt, ":session", session);
	rc = sql_step(stmt);
	if (rc == 1) {
		sqlite3_reset(stmt);
		return 0;
	}
	return rc == 0 ? ERR_NOTFOUND : rc;
}

static int end_one(
	struct ledger *l, int64_t id, const char *state, const struct money_op *op, int64_t bill)
{
	sqlite3_stmt *stmt = l->abnormal[S_END];
	int rc;

	sql_bind_int(stmt, ":id", id);
	sql_bind_text(stmt, ":state", state);
	sql_bind_text(stmt, ":by", op->by);
	sql_bind_text(stmt, ":reason", op->reason);
	sql_bind_int(stmt, ":ended", op->at_ms);
	sql_bind_int(stmt, ":bill", bill);
	rc = sql_run(stmt);
	return rc != 0 ? rc : log_entry(l, id, state, NULL, op, op->at_ms);
}

int abnormal_end(struct ledger *l, const struct abnormal_row *row, const char *state,
	const struct money_op *op, int64_t bill)
{
	sqlite3_stmt *stmt = l->abnormal[S_OPEN];
	int64_t ids[ABNORMAL_COUNT_ + 1];
	size_t count = 0;
	int rc;

	sql_bind_int(stmt, ":id", row->id);
	sql_bind_text(stmt, ":session", row->session);
	while ((rc = sql_step(stmt)) == 1) {
		if (count == sizeof ids / sizeof ids[0]) {
			sqlite3_reset(stmt);
			return ERR_INTERNAL; /* a session has each kind once */
		}
		ids[count++] = sql_int(stmt, 0);
	}
	for (size_t i = 0; rc == 0 && i < count; i++) {
		rc = end_one(l, ids[i], state, op, bill);
	}
	return rc;
}
