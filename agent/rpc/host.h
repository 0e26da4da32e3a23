#ifndef PILED_HOST_H
#define PILED_HOST_H
/*
 * What the RPC server needs of the agent around it: a table of functions, so that the server knows
 * neither core nor buses and can be tested alone. All but flush() are called on the
 * loop's thread.
 */
#include <sys/types.h>

#include "event.h"
#include "ledger.h"
#include "role.h"
#include "view.h"

struct cJSON;
struct rpc_later;

/* What somebody asks for by the method "do". Texts are borrowed for the call. */
struct host_command {
	enum verb verb;
	const char *target;
	int64_t value;  /* VALUE_NONE = none */
	const char *id; /* NULL = the agent makes one */
	const char *by, *origin, *reason;
	int64_t expires_us; /* 0 = default */
	int64_t confirm_us; /* undone after this unless confirmed; 0 = never */
};

/* What somebody does with alarms. */
struct host_alarm {
	enum alarm_op op;
	const char *which; /* an id, TARGET-CODE, a target, or "all" */
	const char *by, *reason;
	int64_t until_ms; /* of shelving */
};

/* A tariff that somebody wants to be taken in. Texts are borrowed for the call. */
struct host_tariff {
	const char *name; /* stands in its errors */
	const char *text;
	bool dry;     /* only say what it would do */
	bool replace; /* it may take the place of planned versions */
	const char *by, *origin, *reason;
};

/* What somebody wants to know before a charge or a reservation. Texts are borrowed for the call. */
struct host_quote {
	const char *gun;
	const char *account;            /* who pays; NULL = nobody is named */
	const struct view_order *limit; /* limit and its value: what is held for it; NULL = none */
	int64_t from_ms;                /* a reservation begins then; VALUE_NONE = none */
	bool cards;                     /* the account may be told by its card */
};

struct host_ops {
	/* The roles of a peer and its name, by what the kernel says of it. Asks no name service. */
	role_set (*identify)(void *host, uid_t uid, gid_t gid, const gid_t *groups, size_t count,
		char *person, size_t size);
	/* May this account say which of those that share it is there? */
	bool (*may_claim)(void *host, uid_t uid);
	/* The Unix group that gives a role. */
	const char *(*role_group)(void *host, enum role role);
	/* The present rows of a view (site gun pile meter bus unit fault alarm command tag
	 * node slimit decision), one after the other; a non-zero return of `each` ends. Rows are
	 * only valid for the call. */
	int (*rows)(void *host, enum view_kind kind, struct moment now,
		int (*each)(void *arg, const void *view), void *arg);
	/* One gun with its surroundings; session and visit are cleared (id "") where there is none.
	 * ERR_NOTFOUND. */
	int (*gun)(void *host, const char *id, struct moment now, struct view_gun *gun,
		struct view_pile *pile, struct view_session *session, struct view_visit *visit);
	/* The open sessions as they stand now; the store has them as they began. */
	int (*open_sessions)(
		void *host, int (*each)(void *arg, const struct view_session *session), void *arg);
	/* What a kWh charged saves, mg CO2; VALUE_NONE = not said; *source: where that comes from.
	 * NULL = nobody knows. */
	int64_t (*carbon)(void *host, const char **source);
	/* The points of a gun and of its pile as last read. */
	int (*points)(void *host, const char *id, struct moment now,
		int (*each)(void *arg, const struct view_point *point), void *arg);
	/* Gives a command to the core; its record as it stands after that. An error means that
	 * there is no record (unknown target, ...); a refused command has one, with its error.
	 * ERR_INVAL: it concerns more than a pile and has no reason. */
	int (*command)(void *host, const struct host_command *command, struct moment now,
		struct view_command *out);
	/* What a command would affect. ERR_NOTFOUND. */
	int (*preview)(void *host, enum verb verb, const char *target, int64_t value,
		struct view_preview *out);
	/* Confirms a command that would be undone; its record. ERR_NOTFOUND; ERR_STATE: it is
	 * undone already, or was replaced. */
	int (*confirm)(void *host, const char *id, const char *by, struct moment now,
		struct view_trial *out);
	/* Keeps a note (id, target, by, text); its record. A known id is answered with the record
	 * that it has: ERR_EXISTS where that says something else. ERR_NOTFOUND: no such target. */
	int (*note)(void *host, const struct view_note *wanted, struct moment now,
		struct view_note *out);
	/* Gives a limit from outside (id, node, limit_w, from, to, source, by, reason), or cancels
	 * it by its id; its record after that. A known id is answered with the record that it has:
	 * ERR_EXISTS where that is another limit. ERR_UNSUPPORTED: the site is not managed;
	 * ERR_NOTFOUND, ERR_FULL. */
	int (*slimit)(void *host, const struct view_slimit *wanted, bool cancel, struct moment now,
		struct view_slimit *out);
	/* Takes a tariff in. 0 with *result NULL: `later` is answered when it is durable or
	 * refused; 0 with *result: that is the answer (dry). An error: with *message, and for
	 * ERR_SYNTAX *result has the lines. */
	int (*tariff_import)(void *host, const struct host_tariff *wanted, struct moment now,
		struct rpc_later *later, struct cJSON **result, const char **message);
	/* Acknowledges, resets, shelves or unshelves; calls back with each alarm that changed.
	 * ERR_NOTFOUND: no such alarm; ERR_STATE: none of them changed; ERR_EXISTS: several, and
	 * only one can be shelved at a time. */
	int (*alarm)(void *host, const struct host_alarm *wanted, struct moment now,
		int (*each)(void *arg, const void *view), void *arg);
	/* Sends a message to everybody who is told of alarms. ERR_NOTFOUND: nobody is. */
	int (*test_messages)(void *host, struct moment now);
	/* Begins a charge: who pays is looked up, a prepayment held, the gun started; answers with
	 * the order's record. A known id is answered with the record that it has. `message` says
	 * more about an error. */
	int (*charge)(void *host, const struct view_order *wanted, struct rpc_later *later,
		const char **message);
	/* Ends an order: stops its charge, or the start. ERR_NOTFOUND; the record after that. */
	int (*order_cancel)(void *host, const char *id, struct view_order *out);
	/* Holds a gun for an account (id, gun, account, from, until, by, origin, reason, asked;
	 * id "" and from VALUE_NONE: the agent's choice), and a fee until it is known whether
	 * anybody came; answers with its record. A known id is answered with the record that it
	 * has: ERR_EXISTS where that is another one. `message` says more about an error. */
	int (*reserve)(void *host, const struct view_reservation *wanted, struct rpc_later *later,
		const char **message);
	/* Ends one (id, ended_by, reason): before it begins, or later, when its fee is due unless
	 * it is waived. ERR_NOTFOUND; its record after that. */
	int (*reserve_cancel)(void *host, const struct view_reservation *wanted, bool waive,
		struct view_reservation *out);
	/* Price now and next, and what is asked for beyond that. */
	int (*quote)(void *host, const struct host_quote *wanted, struct cJSON *out,
		const char **message);
	/* Reads each point of a unit once; answers later through rpc_finish(). An error: no answer
	 * will come. */
	int (*probe)(void *host, const char *unit, struct rpc_later *later);
	/* Reads raw registers, as probe(). */
	int (*read)(void *host, const char *unit, int function, int address, int count,
		struct rpc_later *later);
	/* Reads the configuration again. 0, or ERR_SYNTAX with `errors` (an array) filled. */
	int (*reload)(void *host, struct cJSON *errors);
	/* Waits until the store has what was handed to it before, so that a question asked after a
	 * command sees it; not where that was done less than `age_us` ago. Called from the thread
	 * pool; NULL where there is no store. */
	void (*flush)(void *host, int64_t age_us);
	/* Asks the ledger for something and waits until it is durable or refused. 0, or ERR_* where
	 * it could not be asked. Called from the thread pool; NULL where there is no store. */
	int (*money)(void *host, const struct money_op *op, struct money_result *out);
	/* Somebody verified the ledger: the row that is wrong, "" = none. From the pool too. */
	void (*broken)(void *host, const char *row);
	/* One line of the audit log. */
	void (*audit)(void *host, struct wall at, const char *person, const char *origin,
		const char *role, const char *method, const char *params, const char *result);
};

#endif
