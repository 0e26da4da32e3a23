/* Questions about money, in the pool. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"
#include "i18n.h"
#include "ledger_verify.h"
#include "mask.h"
#include "money_read.h"
#include "query_money.h"
#include "rating.h"
#include "text.h"

#define LIMIT_DEFAULT 100
#define LIMIT_MAX     1000

struct list {
	enum view_kind kind;
	bool masked;
	cJSON *rows;
};

static int add_row(void *arg, const void *view)
{
	struct list *l = arg;
	union {
		struct view_account account;
		struct view_bill bill;
		struct view_rating rating;
	} v;

	if (l->kind == VIEW_account) {
		v.account = *(const struct view_account *)view;
		if (v.account.pin_until != VALUE_NONE && v.account.pin_until <= wall_now().ms) {
			v.account.pin_until = VALUE_NONE; /* over */
		}
		if (l->masked) {
			mask_view(VIEW_account, &v.account);
		}
		view = &v;
	} else if (l->kind == VIEW_bill && l->masked) {
		v.bill = *(const struct view_bill *)view;
		mask_view(VIEW_bill, &v.bill);
		view = &v;
	} else if (l->kind == VIEW_rating && l->masked) {
		v.rating = *(const struct view_rating *)view;
		mask_view(VIEW_rating, &v.rating);
		view = &v;
	}
	cJSON_AddItemToArray(l->rows, view_to_json(l->kind, view, NULL));
	return 0;
}

static int filter_of(const struct money_asked *q, struct money_filter *f, const char **message)
{
	int64_t limit = params_int(q->params, "limit", LIMIT_DEFAULT);

	*f = (struct money_filter){
		.from = {params_int(q->params, "from", 0)},
		.to = {params_int(q->params, "to", 0)},
		.account = params_text(q->params, "account"),
		.target = params_text(q->params, "target"),
		.session = params_text(q->params, "session"),
		.search = params_text(q->params, "search"),
		.status = params_text(q->params, "status"),
		.active = params_bool(q->params, "active"),
		.number = params_int(q->params, "entry", 0),
		.stars_max = params_int(q->params, "stars_max", 0),
		.id = params_text(q->params, "day"),
		.limit = (size_t)limit,
	};
	if (limit < 1 || limit > LIMIT_MAX) {
		*message = N_("limit: 1 to 1000");
		return ERR_RANGE;
	}
	if (f->stars_max != 0 && (f->stars_max < 1 || f->stars_max > RATING_MAX)) {
		*message = N_("stars_max: 1 to 5");
		return ERR_RANGE;
	}
	return 0;
}

static int found(void *arg, const void *view)
{
	(void)view;
	*(bool *)arg = true;
	return 0;
}

/* A mistyped account is no account without transactions. */
static int find_account(const struct money_asked *q, const char *account)
{
	const struct money_filter f = {.id = account, .limit = 1};
	bool known = false;
	int rc = money_accounts(q->reader, &f, found, &known);

	return rc != 0 ? rc : known ? 0 : ERR_NOACCOUNT;
}

static int list_of(const struct money_asked *q, struct money_filter *f, cJSON **result)
{
	struct list l = {.masked = q->masked, .rows = cJSON_CreateArray()};
	struct store_reader *r = q->reader;
	int rc;

	rc = f->account == NULL ? 0 : find_account(q, f->account);
	if (rc != 0) {
		cJSON_Delete(l.rows);
		return rc;
	}
	switch (q->method) {
	case METHOD_ACCOUNTS:
		l.kind = VIEW_account;
		rc = money_accounts(r, f, add_row, &l);
		break;
	case METHOD_STATEMENT:
		l.kind = VIEW_posting;
		rc = money_postings(r, f, add_row, &l);
		break;
	case METHOD_LEDGER_BALANCE:
		l.kind = VIEW_balance;
		rc = money_balances(r, add_row, &l);
		break;
	case METHOD_LEDGER_HEAD:
		l.kind = VIEW_head;
		rc = money_heads(r, f, add_row, &l);
		break;
	case METHOD_BILLS:
		l.kind = VIEW_bill;
		rc = money_bills(r, f, add_row, &l);
		break;
	default:
		l.kind = VIEW_abnormal;
		rc = money_abnormal(r, f, add_row, &l);
		break;
	}
	*result = cJSON_CreateObject();
	cJSON_AddItemToObject(*result, "rows", l.rows);
	return rc;
}

static int account_of(const struct money_asked *q, cJSON **result)
{
	struct list account = {VIEW_account, q->masked, cJSON_CreateArray()};
	struct list messages = {VIEW_message, q->masked, cJSON_CreateArray()};
	struct money_filter f = {.id = params_text(q->params, "account"), .limit = 10};
	int rc = money_accounts(q->reader, &f, add_row, &account);

	f.account = f.id;
	if (rc == 0 && !q->masked) {
		rc = money_messages(q->reader, &f, add_row, &messages);
	}
	if (rc == 0 && cJSON_GetArraySize(account.rows) == 0) {
		rc = ERR_NOACCOUNT;
	}
	*result = cJSON_CreateObject();
	cJSON_AddItemToObject(*result, "account", cJSON_DetachItemFromArray(account.rows, 0));
	cJSON_AddItemToObject(*result, "messages", messages.rows);
	cJSON_Delete(account.rows);
	return rc;
}

static int bill_of(const struct money_asked *q, cJSON **result)
{
	struct list bill = {VIEW_bill, q->masked, cJSON_CreateArray()};
	struct list lines = {VIEW_line, q->masked, cJSON_CreateArray()};
	struct list ratings = {VIEW_rating, q->masked, cJSON_CreateArray()};
	struct money_filter f = {.number = params_int(q->params, "bill", 0), .limit = 1};
	char *text = NULL;
	int rc = money_bills(q->reader, &f, add_row, &bill);

	f.limit = LIMIT_DEFAULT;
	rc = rc != 0 ? rc : money_lines(q->reader, f.number, add_row, &lines);
	rc = rc != 0 ? rc : money_ratings(q->reader, &f, add_row, &ratings);
	rc = rc != 0 ? rc : money_bill_text(q->reader, f.number, &text);
	*result = cJSON_CreateObject();
	cJSON_AddItemToObject(*result, "bill", cJSON_DetachItemFromArray(bill.rows, 0));
	cJSON_AddItemToObject(*result, "lines", lines.rows);
	cJSON_AddItemToObject(*result, "ratings", ratings.rows);
	if (text != NULL) {
		cJSON_AddStringToObject(*result, "text", text);
	}
	free(text);
	cJSON_Delete(bill.rows);
	return rc;
}

static int prove(const struct money_asked *q, cJSON **result)
{
	struct view_proof proof;
	char path[512];
	int rc;

	if (q->method == METHOD_BILL_VERIFY) {
		rc = money_bill_verify(q->reader, params_int(q->params, "bill", 0), &proof);
	} else {
		snprintf(path, sizeof path, "%s/%s", q->folder, STORE_SITE_FILE);
		rc = ledger_verify(path, NULL, &proof);
		if (rc == 0) {
			q->ops->broken(q->host, proof.wrong);
		}
	}
	if (rc == 0) {
		*result = view_to_json(VIEW_proof, &proof, NULL);
	}
	return rc;
}

int query_money(const struct money_asked *q, cJSON **result, const char **message)
{
	struct money_filter f;
	int rc = filter_of(q, &f, message);

	if (rc != 0) {
		return rc;
	}
	if (q->method == METHOD_ACCOUNTS && q->masked && f.search != NULL) {
		/* what is masked would be found out by trying parts of it */
		f.id = f.search;
		f.search = NULL;
	}
	switch (q->method) {
	case METHOD_ACCOUNT:
		rc = account_of(q, result);
		break;
	case METHOD_BILL:
		rc = bill_of(q, result);
		break;
	case METHOD_BILL_VERIFY:
	case METHOD_LEDGER_VERIFY:
		rc = prove(q, result);
		break;
	default:
		rc = list_of(q, &f, result);
		break;
	}
	if (rc != 0) {
		cJSON_Delete(*result);
		*result = NULL;
	}
	return rc;
}
