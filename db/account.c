/* Accounts and cards: each change is logged with the hash of the row that it leaves. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ledger_int.h"
#include "tariff_book.h"
#include "tariff_pack.h"
#include "told.h"
#include "view.h"

enum statement {
	S_STATUS,
	S_NEXT,
	S_INSERT,
	S_SET,
	S_STATUS_SET,
	S_PIN,
	S_CARD,
	S_CARD_OF,
	S_UNCARD,
	S_MESSAGE,
	S_MESSAGE_KEY,
	S_LOG_KEY,
	S_TARIFF,
	S_COUNT
};
_Static_assert(S_COUNT <= ACCOUNT_STATEMENTS, "room for the statements");

static const char *const texts[S_COUNT] = {
	[S_STATUS] = "SELECT status FROM account WHERE id = :id",
	[S_NEXT] = "SELECT coalesce(max(no), 0) + 1 FROM account",
	[S_INSERT] = "INSERT INTO account VALUES (:no, :id, :name, :phone, :plate, :class,"
		     " 'active', NULL, :notes, :opened, :opened_by)",
	/* a value that is not given stays; "-" takes it away */
	[S_SET] = "UPDATE account SET"
		  " name = CASE WHEN :name IS NULL THEN name ELSE :name END,"
		  " phone = CASE :phone WHEN '-' THEN NULL ELSE coalesce(:phone, phone) END,"
		  " plate = CASE :plate WHEN '-' THEN NULL ELSE coalesce(:plate, plate) END,"
		  " class = coalesce(:class, class),"
		  " notes = CASE :notes WHEN '-' THEN NULL ELSE coalesce(:notes, notes) END"
		  " WHERE id = :id",
	[S_STATUS_SET] = "UPDATE account SET status = :status WHERE id = :id",
	[S_PIN] = "UPDATE account SET pin = :pin WHERE id = :id",
	[S_CARD] = "INSERT INTO card VALUES (:token, :id, :added, :added_by)",
	[S_CARD_OF] = "SELECT account FROM card WHERE token = :token",
	[S_UNCARD] = "DELETE FROM card WHERE token = :token",
	[S_MESSAGE] = "INSERT INTO message (key, at, account, text, by, kind)"
		      " VALUES (:key, :at, :id, :text, :by, 'words')",
	[S_MESSAGE_KEY] = "SELECT account FROM message WHERE key = :key",
	[S_LOG_KEY] = "SELECT id, subject, target, change FROM ledger_log WHERE key = :key",
	[S_TARIFF] = "INSERT INTO tariff VALUES (:id, :version, :from, :text, :compiled, :hash,"
		     " :at, :by, :origin, :reason)",
};

int account_open_statements(struct ledger *l)
{
	return sql_prepare_all(l->db, texts, l->accounts, S_COUNT);
}

/* ---- What an account is ---- */

int account_status(struct ledger *l, const char *id, enum account_status *out)
{
	sqlite3_stmt *stmt = l->accounts[S_STATUS];
	const char *status;
	int rc;

	sql_bind_text(stmt, ":id", id);
	rc = sql_step(stmt);
	if (rc != 1) {
		return rc == 0 ? ERR_NOACCOUNT : rc;
	}
	status = sql_text(stmt, 0);
	if (account_status_find(status, out) != 0) {
		*out = ACCOUNT_CLOSED;
	}
	sqlite3_reset(stmt);
	return 0;
}

int account_active(struct ledger *l, const char *id)
{
	enum account_status status;
	int rc = account_status(l, id, &status);

	if (rc != 0) {
		return rc;
	}
	return status == ACCOUNT_ACTIVE ? 0 : status == ACCOUNT_FROZEN ? ERR_FROZEN : ERR_ENDED;
}

/* ---- Changes ---- */

/* A key that was used: the first result, where it was the same change. 1: the key is free. */
static int again(struct ledger *l, const char *key, const char *change, const char *account,
	struct money_result *out)
{
	sqlite3_stmt *stmt = l->accounts[S_LOG_KEY];
	int rc;

	if (key[0] == '\0') {
		return 1;
	}
	sql_bind_text(stmt, ":key", key);
	rc = sql_step(stmt);
	if (rc != 1) {
		return rc == 0 ? 1 : rc;
	}
	if (strcmp(sql_text(stmt, 3), change) != 0 ||
		(account[0] != '\0' && strcmp(sql_text(stmt, 2), account) != 0)) {
		sqlite3_reset(stmt);
		out->message = N_("this id is another transaction's");
		return ERR_EXISTS;
	}
	out->again = true;
	out->log = sql_int(stmt, 0);
	if (strcmp(sql_text(stmt, 1), "account") == 0) {
		view_set_text(out->account, sizeof out->account, sql_text(stmt, 2));
	}
	sqlite3_reset(stmt);
	return 0;
}

static int log_change(struct ledger *l, const struct money_op *op, const char *change,
	const char *account, struct money_result *out)
{
	struct log_row row = {.at = op->at_ms,
		.key = op->key,
		.change = change,
		.by = op->by,
		.origin = op->origin,
		.reason = op->reason};
	int rc = ledger_logged(l, LOGGED_ACCOUNT, account, &row);

	if (rc == 0) {
		out->log = row.id;
		view_set_text(out->account, sizeof out->account, account);
	}
	return rc;
}

static int check_class(const char *class, struct money_result *out)
{
	enum account_class found;

	if (class == NULL || class[0] == '\0' || class_find(class, &found) == 0) {
		return 0;
	}
	out->message = N_("class: ordinary, member, staff, discount, white");
	return ERR_INVAL;
}

static int open_account(struct ledger *l, const struct money_op *op, struct money_result *out)
{
	sqlite3_stmt *stmt = l->accounts[S_NEXT];
	char id[20];
	int64_t no;
	int rc = check_class(op->class, out);

	if (rc == 0 && (op->name == NULL || op->name[0] == '\0')) {
		out->message = N_("an account has a name");
		rc = ERR_INVAL;
	}
	rc = rc != 0 ? rc : sql_step(stmt);
	if (rc != 1) {
		return rc;
	}
	no = sql_int(stmt, 0);
	sqlite3_reset(stmt);
	snprintf(id, sizeof id, "C%06" PRId64, no);
	stmt = l->accounts[S_INSERT];
	sql_bind_int(stmt, ":no", no);
	sql_bind_text(stmt, ":id", id);
	sql_bind_text(stmt, ":name", op->name);
	sql_bind_text(stmt, ":phone", op->phone);
	sql_bind_text(stmt, ":plate", op->plate);
	sql_bind_text(stmt, ":class",
		op->class != NULL && op->class[0] != '\0' ? op->class : class_token(0));
	sql_bind_text(stmt, ":notes", op->notes);
	sql_bind_int(stmt, ":opened", op->at_ms);
	sql_bind_text(stmt, ":opened_by", op->by);
	rc = sql_run(stmt);
	return rc != 0 ? rc : log_change(l, op, "open", id, out);
}

static int set_account(struct ledger *l, const struct money_op *op, struct money_result *out)
{
	sqlite3_stmt *stmt = l->accounts[S_SET];
	enum account_status status;
	int rc = account_status(l, op->account, &status);

	rc = rc != 0 ? rc : status == ACCOUNT_CLOSED ? ERR_ENDED : check_class(op->class, out);
	if (rc != 0) {
		return rc;
	}
	sql_bind_text(stmt, ":id", op->account);
	sql_bind_text(stmt, ":name", op->name);
	sql_bind_text(stmt, ":phone", op->phone);
	sql_bind_text(stmt, ":plate", op->plate);
	sql_bind_text(stmt, ":class", op->class);
	sql_bind_text(stmt, ":notes", op->notes);
	rc = sql_run(stmt);
	rc = rc != 0 ? rc : told_contact(l, op, out);
	return rc != 0 ? rc : log_change(l, op, "set", op->account, out);
}

/* Nothing may be left on an account that closes. */
static int check_empty(struct ledger *l, const char *account, struct money_result *out)
{
	static const enum ledger_kind kinds[] = {LEDGER_WALLET, LEDGER_HELD, LEDGER_DEBT};
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < sizeof kinds / sizeof kinds[0]; i++) {
		int64_t fen;

		rc = ledger_balance(l, kinds[i], account, &fen);
		if (rc == 0 && fen != 0) {
			out->message = N_("the account still holds money, a prepayment or a debt");
			rc = ERR_STATE;
		}
	}
	return rc;
}

static int set_status(struct ledger *l, const struct money_op *op, struct money_result *out)
{
	static const struct {
		const char *change;
		enum account_status to, from;
	} table[] = {
		[MONEY_FREEZE] = {"freeze", ACCOUNT_FROZEN, ACCOUNT_ACTIVE},
		[MONEY_UNFREEZE] = {"unfreeze", ACCOUNT_ACTIVE, ACCOUNT_FROZEN},
		[MONEY_CLOSE] = {"close", ACCOUNT_CLOSED, ACCOUNT_ACTIVE},
	};
	sqlite3_stmt *stmt = l->accounts[S_STATUS_SET];
	enum account_status status;
	int rc = account_status(l, op->account, &status);

	if (rc == 0 && status == ACCOUNT_CLOSED) {
		rc = ERR_ENDED;
	} else if (rc == 0 && status != table[op->kind].from && op->kind != MONEY_CLOSE) {
		rc = status == ACCOUNT_FROZEN ? ERR_FROZEN : ERR_STATE;
	}
	if (rc == 0 && op->kind == MONEY_CLOSE) {
		rc = check_empty(l, op->account, out);
	}
	if (rc != 0) {
		return rc;
	}
	sql_bind_text(stmt, ":id", op->account);
	sql_bind_text(stmt, ":status", account_status_token(table[op->kind].to));
	rc = sql_run(stmt);
	return rc != 0 ? rc : log_change(l, op, table[op->kind].change, op->account, out);
}

/* Whose a card is; "" = nobody's. */
static int card_owner(struct ledger *l, const char *token, char *dst, size_t size)
{
	sqlite3_stmt *stmt = l->accounts[S_CARD_OF];
	int rc;

	sql_bind_text(stmt, ":token", token);
	rc = sql_step(stmt);
	dst[0] = '\0';
	if (rc == 1) {
		view_set_text(dst, size, sql_text(stmt, 0));
		sqlite3_reset(stmt);
		rc = 0;
	}
	return rc;
}

static int give_card(struct ledger *l, const struct money_op *op, struct money_result *out)
{
	sqlite3_stmt *stmt = l->accounts[S_CARD];
	char owner[20];
	int rc = account_active(l, op->account);

	rc = rc != 0 ? rc : card_owner(l, op->ref, owner, sizeof owner);
	if (rc == 0 && (op->ref[0] == '\0' || owner[0] != '\0')) {
		out->message = op->ref[0] == '\0' ? N_("a card has a number")
						  : N_("this card is an account's already");
		rc = op->ref[0] == '\0' ? ERR_INVAL : ERR_EXISTS;
	}
	if (rc != 0) {
		return rc;
	}
	sql_bind_text(stmt, ":token", op->ref);
	sql_bind_text(stmt, ":id", op->account);
	sql_bind_int(stmt, ":added", op->at_ms);
	sql_bind_text(stmt, ":added_by", op->by);
	rc = sql_run(stmt);
	return rc != 0 ? rc : log_change(l, op, "card", op->account, out);
}

static int take_card(struct ledger *l, const struct money_op *op, struct money_result *out)
{
	sqlite3_stmt *stmt = l->accounts[S_UNCARD];
	char owner[20];
	enum account_status status;
	int rc = account_status(l, op->account, &status);

	rc = rc != 0 ? rc : card_owner(l, op->ref, owner, sizeof owner);
	if (rc == 0 && strcmp(owner, op->account) != 0) {
		out->message = N_("the account has no such card");
		rc = ERR_NOTFOUND;
	}
	if (rc != 0) {
		return rc;
	}
	sql_bind_text(stmt, ":token", op->ref);
	rc = sql_run(stmt);
	return rc != 0 ? rc : log_change(l, op, "uncard", op->account, out);
}

static int set_pin(struct ledger *l, const struct money_op *op, struct money_result *out)
{
	sqlite3_stmt *stmt = l->accounts[S_PIN];
	enum account_status status;
	int rc = account_status(l, op->account, &status);

	if (rc != 0 || status == ACCOUNT_CLOSED) {
		return rc != 0 ? rc : ERR_ENDED;
	}
	sql_bind_text(stmt, ":id", op->account);
	sql_bind_text(stmt, ":pin", op->text);
	rc = sql_run(stmt);
	rc = rc != 0 ? rc : pin_forget(l, op->account);
	return rc != 0 ? rc : log_change(l, op, "pin", op->account, out);
}

static int add_message(struct ledger *l, const struct money_op *op, struct money_result *out)
{
	sqlite3_stmt *stmt = l->accounts[S_MESSAGE_KEY];
	enum account_status status;
	int rc = account_status(l, op->account, &status);

	if (rc == 0 && (op->text == NULL || op->text[0] == '\0')) {
		out->message = N_("a message has a text");
		rc = ERR_INVAL;
	}
	if (rc != 0) {
		return rc;
	}
	view_set_text(out->account, sizeof out->account, op->account);
	sql_bind_text(stmt, ":key", op->key);
	rc = op->key[0] == '\0' ? 0 : sql_step(stmt);
	if (rc == 1) {
		bool same = strcmp(sql_text(stmt, 0), op->account) == 0;

		sqlite3_reset(stmt);
		out->again = same;
		return same ? 0 : ERR_EXISTS;
	}
	if (rc != 0) {
		return rc;
	}
	stmt = l->accounts[S_MESSAGE];
	sql_bind_text(stmt, ":key", op->key);
	sql_bind_int(stmt, ":at", op->at_ms);
	sql_bind_text(stmt, ":id", op->account);
	sql_bind_text(stmt, ":text", op->text);
	sql_bind_text(stmt, ":by", op->by);
	l->noticed = true;
	rc = sql_run(stmt);
	return rc != 0 ? rc : ledger_message(l, op, op->at_ms);
}

/* ---- Tariffs ---- */

void tariff_row_hash_begin(struct chain *chain, const struct tariff_row *row)
{
	chain_begin(chain, NULL);
	chain_text(chain, row->id);
	chain_int(chain, row->version);
	chain_int(chain, row->from_ms);
	chain_text(chain, row->text);
	chain_bytes(chain, row->compiled, row->compiled_size);
	chain_int(chain, row->at);
	chain_text(chain, row->by);
	chain_text(chain, row->origin);
	chain_text(chain, row->reason);
}

static int insert_tariff(struct ledger *l, const struct money_op *op, struct tariff *t,
	unsigned char hash[CHAIN_SIZE])
{
	sqlite3_stmt *stmt = l->accounts[S_TARIFF];
	unsigned char packed[TARIFF_PACKED_MAX];
	struct pack p = pack_writer(packed, sizeof packed);
	struct tariff_row row = {op->ref, op->text, op->by, op->origin, op->reason, t->version,
		t->from_ms, op->at_ms, packed, 0};
	int rc;

	tariff_pack(&p, t);
	if (p.bad) {
		return ERR_INVAL;
	}
	row.compiled_size = p.len;
	tariff_row_hash_begin(l->chain, &row);
	rc = chain_end(l->chain, hash);
	if (rc != 0) {
		return rc;
	}
	sql_bind_text(stmt, ":id", op->ref);
	sql_bind_int(stmt, ":version", row.version);
	sql_bind_int(stmt, ":from", row.from_ms);
	sql_bind_text(stmt, ":text", op->text);
	sql_bind_blob(stmt, ":compiled", packed, row.compiled_size);
	sql_bind_blob(stmt, ":hash", hash, CHAIN_SIZE);
	sql_bind_int(stmt, ":at", op->at_ms);
	sql_bind_text(stmt, ":by", op->by);
	sql_bind_text(stmt, ":origin", op->origin);
	sql_bind_text(stmt, ":reason", op->reason);
	return sql_run(stmt);
}

static int add_tariff(struct ledger *l, const struct money_op *op, struct money_result *out)
{
	const struct tariff_asked asked = {op->text, {op->at_ms}, op->replace};
	unsigned char hash[CHAIN_SIZE];
	struct tariff t;
	struct log_row log = {0, op->at_ms, op->key, "tariff", op->ref, "import", op->by,
		op->origin, op->reason, hash, sizeof hash};
	int rc;

	if (op->text == NULL || op->blob_size != sizeof t) {
		return ERR_INVAL;
	}
	memcpy(&t, op->blob, sizeof t);
	if (tariff_valid(&t) != 0 || strcmp(t.id, op->ref) != 0) {
		return ERR_INVAL;
	}
	rc = tariff_admit(l->db, &asked, &t, &out->again, &out->message);
	out->version = t.version;
	if (rc != 0 || out->again) {
		return rc;
	}
	rc = insert_tariff(l, op, &t, hash);
	rc = rc != 0 ? rc : ledger_log(l, &log);
	evidence_forget(l->evidence);
	out->log = log.id;
	return rc;
}

int account_do(struct ledger *l, const struct money_op *op, struct money_result *out)
{
	static const struct {
		int (*run)(struct ledger *l, const struct money_op *op, struct money_result *out);
		const char *change;
		bool why; /* a reason must be given */
	} table[] = {
		[MONEY_OPEN] = {open_account, "open", false},
		[MONEY_SET] = {set_account, "set", false},
		[MONEY_FREEZE] = {set_status, "freeze", true},
		[MONEY_UNFREEZE] = {set_status, "unfreeze", true},
		[MONEY_CLOSE] = {set_status, "close", true},
		[MONEY_CARD] = {give_card, "card", false},
		[MONEY_UNCARD] = {take_card, "uncard", false},
		[MONEY_PIN] = {set_pin, "pin", false},
		[MONEY_MESSAGE] = {add_message, "message", false},
		[MONEY_PINTRY] = {pin_do, "", false},
		[MONEY_PINWRONG] = {pin_do, "", false},
		[MONEY_PINRIGHT] = {pin_do, "", false},
		[MONEY_TARIFF] = {add_tariff, "import", false},
	};
	int rc;

	if (table[op->kind].why && op->reason[0] == '\0') {
		out->message = N_("a reason must be given");
		return ERR_INVAL;
	}
	rc = again(l, op->key, table[op->kind].change,
		op->kind == MONEY_TARIFF ? op->ref : op->account, out);
	return rc != 1 ? rc : table[op->kind].run(l, op, out);
}
