#include "money_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger_head.h"
#include "ledger_int.h"
#include "ledger_verify.h"
#include "reader.h"
#include "record.h"

#define LIMIT_DEFAULT 100

#define WALLET(kind, sign)                                                            \
	" coalesce((SELECT " sign "b.fen FROM ledger_account l JOIN ledger_balance b" \
	" ON b.account = l.id WHERE l.kind = '" kind "' AND l.owner = a.id), 0)"

/* Columns in order of the view's fields. */
static const char accounts_text[] =
	"SELECT a.id, a.name, a.phone, a.plate, a.class, a.status,"
	" (SELECT group_concat(token, ' ') FROM card WHERE account = a.id), a.pin IS NOT NULL,"
	" a.notes, a.opened, a.opened_by," WALLET("wallet", "-") "," WALLET("held", "-") "," WALLET(
		"debt",
		"") ", c.language, c.mail, c.messages, c.low_fen, p.until"
		    " FROM account a LEFT JOIN contact c ON c.account = a.id"
		    " LEFT JOIN pin_try p ON p.account = a.id"
		    " WHERE (:id IS NULL OR a.id = :id)"
		    " AND (:status IS NULL OR a.status = :status) AND (:search IS NULL OR a.id = "
		    ":search"
		    " OR instr(lower(a.name), lower(:search)) > 0 OR instr(a.phone, :search) > 0"
		    " OR instr(lower(a.plate), lower(:search)) > 0"
		    " OR a.id IN (SELECT account FROM card WHERE token = :search))"
		    " ORDER BY a.no LIMIT :limit";

static const char messages_text[] =
	"SELECT id, at, account, text, by, kind, fen, balance_fen, energy_wh, price_e5, gun, bill"
	" FROM message WHERE account = :account ORDER BY id DESC LIMIT :limit";

/* oldest first: each is delivered in its turn */
static const char undelivered_text[] =
	"SELECT id, at, account, text, by, kind, fen, balance_fen, energy_wh, price_e5, gun, bill"
	" FROM message WHERE id > :number AND at >= :from ORDER BY id LIMIT :limit";

#define POSTING                                                                               \
	"SELECT t.id, t.at, t.kind, t.account, t.ref, t.fen,"                                 \
	" (SELECT -sum(e.fen) FROM ledger_entry e JOIN ledger_account l ON l.id = e.account"  \
	" WHERE e.tx = t.id AND l.kind = 'wallet' AND l.owner = t.account), t.balance_fen,"   \
	" (SELECT b.id FROM bill b WHERE b.tx = t.id), t.closes, t.reverses, t.by, t.origin," \
	" t.reason, t.key, lower(hex(t.hash)) FROM ledger_tx t WHERE"
#define IN_RANGE(column) \
	" (:from IS NULL OR " column " >= :from) AND (:to IS NULL OR " column " < :to)"

static const char postings_text[] = POSTING IN_RANGE("t.at") " ORDER BY t.id DESC LIMIT :limit";
/* by the index of its account */
static const char statement_text[] =
	POSTING " t.account = :account AND" IN_RANGE("t.at") " ORDER BY t.id DESC LIMIT :limit";

#define NEWEST_RATING "(SELECT max(id) FROM rating WHERE bill = b.id)"
#define BILL                                                                                     \
	"SELECT b.id, b.tx, b.kind, b.session, b.visit, b.gun, b.\"order\", b.account, b.class," \
	" b.tariff, b.start, b.start_wh, b.start_quality, b.\"end\", b.end_wh, b.end_quality,"   \
	" b.energy_wh, b.elec_fen, b.service_fen, b.parking_fen, b.total_fen,"                   \
	" (SELECT r.fen FROM ledger_tx r WHERE r.reverses = b.tx), b.sealed,"                    \
	" lower(hex(b.evidence)), lower(hex(b.hash)), n.stars, n.remark, n.at, n.by FROM bill b" \
	" LEFT JOIN rating n ON n.id = " NEWEST_RATING " WHERE"
#define BILL_MORE                                                                             \
	" AND (:session IS NULL OR b.session = :session)"                                     \
	" AND (:target IS NULL OR b.gun = :target OR (b.gun >= :after AND b.gun < :before)) " \
	"AND" IN_RANGE("b.sealed") " ORDER BY b.id DESC LIMIT :limit"

static const char bill_text_[] = BILL " b.id = :number";
static const char bills_text[] = BILL " 1" BILL_MORE;
static const char account_bills_text[] = BILL " b.account = :account" BILL_MORE;
/* by the index of stars: few are low */
static const char low_bills_text[] =
	BILL " b.id IN (SELECT bill FROM rating WHERE stars <= :stars_max)"
	     " AND n.stars <= :stars_max AND (:account IS NULL OR b.account = :account)" BILL_MORE;

static const char ratings_text[] =
	"SELECT id, at, bill, stars, remark, by, origin FROM rating WHERE bill = :number"
	" ORDER BY id DESC LIMIT :limit";

static const char lines_text[] =
	"SELECT n, \"from\", \"to\", from_wh, to_wh, energy_wh, version, period, elec_e5,"
	" service_e5, elec_fen, service_fen, quality, \"window\", minutes, per_min_e5,"
	" parking_fen FROM bill_line WHERE bill = :number ORDER BY n";

static const char abnormal_text[] =
	"SELECT id, kind, at, gun, session, \"order\", account, bill, evidence, proposal, state,"
	" by, reason, ended FROM abnormal WHERE (:number = 0 OR id = :number)"
	" AND (:session IS NULL OR session = :session) AND (:active = 0 OR ended IS NULL) "
	"AND" IN_RANGE("at") " ORDER BY id DESC LIMIT :limit";

static int ask(struct store_reader *reader, const char *text, enum view_kind kind,
	const struct money_filter *f, money_each each, void *arg)
{
	union {
		struct view_account account;
		struct view_message message;
		struct view_posting posting;
		struct view_bill bill;
		struct view_line line;
		struct view_rating rating;
		struct view_abnormal abnormal;
	} view;
	struct reader_range range;
	sqlite3_stmt *stmt = NULL;
	int rc = sql_prepare(reader->site, text, &stmt);

	if (rc == 0) {
		reader_target(f->target, &range);
		sql_bind_text(stmt, ":id", f->id);
		sql_bind_int(stmt, ":number", f->number);
		sql_bind_text(stmt, ":account", f->account);
		sql_bind_text(stmt, ":session", f->session);
		sql_bind_text(stmt, ":search", f->search);
		sql_bind_text(stmt, ":status", f->status);
		sql_bind_text(stmt, ":target", range.exact);
		sql_bind_text(stmt, ":after", range.after);
		sql_bind_text(stmt, ":before", range.before);
		sql_bind_int(stmt, ":active", f->active);
		sql_bind_int(stmt, ":stars_max", f->stars_max);
		sql_bind_int(stmt, ":from", f->from.ms != 0 ? f->from.ms : VALUE_NONE);
		sql_bind_int(stmt, ":to", f->to.ms != 0 ? f->to.ms : VALUE_NONE);
		sql_bind_int(stmt, ":limit", f->limit == 0 ? LIMIT_DEFAULT : (int64_t)f->limit);
	}
	while (rc == 0 && (rc = sql_step(stmt)) == 1) {
		record_read(kind, stmt, &view);
		rc = each(arg, &view);
	}
	sqlite3_finalize(stmt);
	return rc;
}

int money_accounts(
	struct store_reader *reader, const struct money_filter *f, money_each each, void *arg)
{
	return ask(reader, accounts_text, VIEW_account, f, each, arg);
}

int money_messages(
	struct store_reader *reader, const struct money_filter *f, money_each each, void *arg)
{
	return ask(reader, messages_text, VIEW_message, f, each, arg);
}

int money_undelivered(
	struct store_reader *reader, const struct money_filter *f, money_each each, void *arg)
{
	return ask(reader, undelivered_text, VIEW_message, f, each, arg);
}

int money_postings(
	struct store_reader *reader, const struct money_filter *f, money_each each, void *arg)
{
	return ask(reader, f->account != NULL ? statement_text : postings_text, VIEW_posting, f,
		each, arg);
}

int money_bills(
	struct store_reader *reader, const struct money_filter *f, money_each each, void *arg)
{
	return ask(reader,
		f->number != 0       ? bill_text_
		: f->stars_max != 0  ? low_bills_text
		: f->account != NULL ? account_bills_text
				     : bills_text,
		VIEW_bill, f, each, arg);
}

int money_lines(struct store_reader *reader, int64_t bill, money_each each, void *arg)
{
	return ask(
		reader, lines_text, VIEW_line, &(struct money_filter){.number = bill}, each, arg);
}

int money_ratings(
	struct store_reader *reader, const struct money_filter *f, money_each each, void *arg)
{
	return ask(reader, ratings_text, VIEW_rating, f, each, arg);
}

int money_abnormal(
	struct store_reader *reader, const struct money_filter *f, money_each each, void *arg)
{
	return ask(reader, abnormal_text, VIEW_abnormal, f, each, arg);
}

int money_balances(struct store_reader *reader, money_each each, void *arg)
{
	struct view_balance view;
	sqlite3_stmt *stmt = NULL;
	int rc = sql_prepare(reader->site,
		"SELECT count(*), coalesce(sum(b.fen), 0) FROM ledger_account l"
		" JOIN ledger_balance b ON b.account = l.id WHERE l.kind = :kind",
		&stmt);

	for (int kind = 0; rc == 0 && kind < LEDGER_COUNT_; kind++) {
		sql_bind_text(stmt, ":kind", ledger_token((enum ledger_kind)kind));
		rc = sql_step(stmt);
		if (rc != 1) {
			break;
		}
		view_clear(VIEW_balance, &view);
		VIEW_SET(&view, kind, ledger_token((enum ledger_kind)kind));
		view.accounts = sql_int(stmt, 0);
		view.fen = sql_int(stmt, 1);
		sqlite3_reset(stmt);
		rc = each(arg, &view);
	}
	sqlite3_finalize(stmt);
	return rc;
}

struct heads {
	money_each each;
	void *arg;
	const char *day;
};

static int on_head(void *arg, const struct ledger_head *h)
{
	static const char digits[] = "0123456789abcdef";
	const struct heads *s = arg;
	struct view_head view;

	if (s->day != NULL && strcmp(s->day, h->day) != 0) {
		return 0;
	}
	view_clear(VIEW_head, &view);
	VIEW_SET(&view, day, h->day);
	VIEW_SET(&view, before, h->before);
	view.at = h->at;
	view.tx = h->tx;
	view.log = h->log;
	chain_hex(h->hash, view.hash);
	chain_hex(h->log_hash, view.log_hash);
	for (size_t i = 0; i < LEDGER_SIGN; i++) {
		view.signature[2 * i] = digits[h->signature[i] >> 4];
		view.signature[2 * i + 1] = digits[h->signature[i] & 15];
	}
	return s->each(s->arg, &view);
}

int money_heads(
	struct store_reader *reader, const struct money_filter *f, money_each each, void *arg)
{
	struct heads s = {each, arg, f->id};

	return ledger_heads(reader->site, f->id != NULL ? f->id : "", on_head, &s);
}

int money_bill_verify(struct store_reader *reader, int64_t bill, struct view_proof *out)
{
	return ledger_verify_bill(reader->site, bill, out);
}

int money_bill_text(struct store_reader *reader, int64_t bill, char **text)
{
	return ledger_bill_text(reader->site, bill, text);
}

int money_pin(struct store_reader *reader, const char *account, char dst[MONEY_PIN_MAX])
{
	sqlite3_stmt *stmt = NULL;
	int rc = sql_prepare(reader->site, "SELECT pin FROM account WHERE id = :id", &stmt);

	if (rc == 0) {
		sql_bind_text(stmt, ":id", account);
		rc = sql_step(stmt);
		rc = rc == 0 ? ERR_NOACCOUNT : rc;
	}
	if (rc == 1) {
		rc = view_set_text(dst, MONEY_PIN_MAX, sql_text(stmt, 0));
	}
	sqlite3_finalize(stmt);
	return rc;
}
