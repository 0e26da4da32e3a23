-- The present schema, made of db/migrations: do not edit; to renew it run
-- build/tests/unit/test_store_schema --write

-- site.db, schema 20

CREATE TABLE abnormal (
	"id" INTEGER PRIMARY KEY,
	"kind" TEXT NOT NULL,
	"at" INTEGER NOT NULL,
	"gun" TEXT,
	"session" TEXT,
	"order" TEXT,
	"account" TEXT,
	"bill" INTEGER,
	"evidence" TEXT NOT NULL,
	"proposal" TEXT NOT NULL,
	"state" TEXT NOT NULL,
	"by" TEXT,
	"reason" TEXT,
	"ended" INTEGER,
	UNIQUE (session, kind)
) STRICT;

CREATE INDEX abnormal_at ON abnormal (at);

CREATE INDEX abnormal_open ON abnormal (at) WHERE ended IS NULL;

CREATE TRIGGER abnormal_no_delete BEFORE DELETE ON abnormal
BEGIN
	SELECT RAISE(ABORT, 'nothing is taken off the work list');
END;

CREATE TABLE account (
	no INTEGER PRIMARY KEY,
	id TEXT NOT NULL UNIQUE,
	name TEXT,
	phone TEXT,
	plate TEXT,
	class TEXT,
	status TEXT NOT NULL CHECK (status IN ('active', 'frozen', 'closed')),
	pin TEXT,
	notes TEXT,
	opened INTEGER NOT NULL,
	opened_by TEXT
) STRICT;

CREATE INDEX account_name ON account (name);

CREATE INDEX account_opened ON account (opened);

CREATE INDEX account_phone ON account (phone);

CREATE INDEX account_plate ON account (plate);

CREATE TABLE alarm (
	"id" TEXT NOT NULL PRIMARY KEY,
	"code" INTEGER,
	"target" TEXT,
	"severity" INTEGER,
	"state" TEXT,
	"raised" INTEGER,
	"returned" INTEGER,
	"acked" INTEGER,
	"acked_by" TEXT,
	"ended" INTEGER,
	"count" INTEGER,
	"chatter" INTEGER,
	"parent" TEXT,
	"shelved_until" INTEGER,
	"shelved_by" TEXT,
	"reason" TEXT,
	"detail" TEXT
) STRICT;

CREATE INDEX alarm_open ON alarm (raised) WHERE ended IS NULL;

CREATE INDEX alarm_raised ON alarm (raised, code, target);

CREATE INDEX alarm_target ON alarm (target, raised);

CREATE TABLE audit (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	at INTEGER NOT NULL,
	person TEXT,
	origin TEXT,
	role TEXT,
	method TEXT NOT NULL,
	params TEXT,
	result TEXT
, hash TEXT) STRICT;

CREATE INDEX audit_at ON audit (at);

CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
BEGIN
	SELECT RAISE(ABORT, 'the audit log is append only');
END;

CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
BEGIN
	SELECT RAISE(ABORT, 'the audit log is append only');
END;

CREATE TABLE bill (
	id INTEGER PRIMARY KEY,
	tx INTEGER NOT NULL UNIQUE REFERENCES ledger_tx (id),
	kind TEXT NOT NULL CHECK (kind IN ('session', 'parking')),
	session TEXT,
	visit TEXT,
	gun TEXT NOT NULL,
	"order" TEXT,
	account TEXT,
	class TEXT NOT NULL,
	tariff TEXT NOT NULL,
	start INTEGER NOT NULL,
	start_wh INTEGER NOT NULL,
	start_quality TEXT NOT NULL,
	"end" INTEGER NOT NULL,
	end_wh INTEGER NOT NULL,
	end_quality TEXT NOT NULL,
	energy_wh INTEGER NOT NULL,
	elec_fen INTEGER NOT NULL,
	service_fen INTEGER NOT NULL,
	parking_fen INTEGER NOT NULL,
	total_fen INTEGER NOT NULL,
	sealed INTEGER NOT NULL,
	evidence BLOB NOT NULL,
	hash BLOB NOT NULL
) STRICT;

CREATE INDEX bill_account ON bill (account, id) WHERE account IS NOT NULL;

CREATE INDEX bill_sealed ON bill (sealed);

CREATE UNIQUE INDEX bill_session ON bill (session) WHERE kind = 'session';

CREATE UNIQUE INDEX bill_visit ON bill (visit) WHERE kind = 'parking';

CREATE TRIGGER bill_insert BEFORE INSERT ON bill
WHEN NEW.id IS NOT (SELECT coalesce(max(id), 0) + 1 FROM bill)
BEGIN
	SELECT RAISE(ABORT, 'bills have no gaps');
END;

CREATE TRIGGER bill_no_delete BEFORE DELETE ON bill
BEGIN
	SELECT RAISE(ABORT, 'a bill is sealed');
END;

CREATE TRIGGER bill_no_update BEFORE UPDATE ON bill
BEGIN
	SELECT RAISE(ABORT, 'a bill is sealed');
END;

CREATE TABLE bill_line (
	bill INTEGER NOT NULL REFERENCES bill (id) DEFERRABLE INITIALLY DEFERRED,
	n INTEGER NOT NULL,
	"from" INTEGER,
	"to" INTEGER,
	from_wh INTEGER,
	to_wh INTEGER,
	energy_wh INTEGER,
	version INTEGER,
	period TEXT,
	elec_e5 INTEGER,
	service_e5 INTEGER,
	elec_fen INTEGER,
	service_fen INTEGER,
	quality TEXT,
	"window" INTEGER,
	minutes INTEGER,
	per_min_e5 INTEGER,
	parking_fen INTEGER,
	PRIMARY KEY (bill, n)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER bill_line_insert BEFORE INSERT ON bill_line
WHEN NEW.bill IS NOT (SELECT coalesce(max(id), 0) + 1 FROM bill)
BEGIN
	SELECT RAISE(ABORT, 'a bill is sealed');
END;

CREATE TRIGGER bill_line_no_delete BEFORE DELETE ON bill_line
BEGIN
	SELECT RAISE(ABORT, 'a bill is sealed');
END;

CREATE TRIGGER bill_line_no_update BEFORE UPDATE ON bill_line
BEGIN
	SELECT RAISE(ABORT, 'a bill is sealed');
END;

CREATE TABLE card (
	token TEXT NOT NULL PRIMARY KEY,
	account TEXT NOT NULL REFERENCES account (id),
	added INTEGER NOT NULL,
	added_by TEXT
) STRICT;

CREATE INDEX card_account ON card (account);

CREATE TABLE cash_day (
	day INTEGER NOT NULL,
	kind TEXT NOT NULL,
	ledger TEXT NOT NULL,
	n INTEGER NOT NULL,
	fen INTEGER NOT NULL,
	PRIMARY KEY (day, kind, ledger)
) STRICT, WITHOUT ROWID;

CREATE TABLE command (
	"id" TEXT NOT NULL PRIMARY KEY,
	"verb" TEXT,
	"target" TEXT,
	"value" INTEGER,
	"state" TEXT,
	"error" TEXT,
	"by" TEXT,
	"origin" TEXT,
	"reason" TEXT,
	"asked" INTEGER,
	"sent" INTEGER,
	"read_back" INTEGER,
	"ended" INTEGER,
	"took_ms" INTEGER
) STRICT;

CREATE INDEX command_asked ON command (asked);

CREATE INDEX command_open ON command (asked) WHERE ended IS NULL;

CREATE INDEX command_target ON command (target, asked);

CREATE TABLE contact (
	account TEXT NOT NULL PRIMARY KEY REFERENCES account (id),
	language TEXT,
	mail TEXT,
	messages TEXT,
	low_fen INTEGER
) STRICT;

CREATE TABLE decision (
	"id" TEXT NOT NULL PRIMARY KEY,
	"at" INTEGER,
	"gun" TEXT,
	"from_w" INTEGER,
	"to_w" INTEGER,
	"max_w" INTEGER,
	"power_w" INTEGER,
	"rule" TEXT,
	"rule_since" INTEGER,
	"place" INTEGER,
	"by_kind" TEXT,
	"by_node" TEXT,
	"by_phase" TEXT,
	"by_load_va" INTEGER,
	"by_limit_va" INTEGER,
	"by_pm" INTEGER,
	"by_source" TEXT,
	"by_until" INTEGER,
	"yield_gun" TEXT,
	"yield_w" INTEGER,
	"yield_soc_pm" INTEGER,
	"session_start" INTEGER,
	"tag" TEXT,
	"tag_by" TEXT
, "halt" TEXT, "halt_by" TEXT, "priority" TEXT) STRICT;

CREATE INDEX decision_at ON decision ("at");

CREATE INDEX decision_gun ON decision ("gun", "at");

CREATE TABLE fault (
	"id" TEXT NOT NULL PRIMARY KEY,
	"code" INTEGER,
	"target" TEXT,
	"severity" INTEGER,
	"raised" INTEGER,
	"cleared" INTEGER,
	"detail" TEXT
) STRICT;

CREATE INDEX fault_active ON fault (raised) WHERE cleared IS NULL;

CREATE INDEX fault_raised ON fault (raised);

CREATE INDEX fault_target ON fault (target, raised);

CREATE TABLE ledger_account (
	id INTEGER PRIMARY KEY,
	kind TEXT NOT NULL,
	owner TEXT NOT NULL,
	UNIQUE (kind, owner)
) STRICT;

CREATE TRIGGER ledger_account_no_delete BEFORE DELETE ON ledger_account
BEGIN
	SELECT RAISE(ABORT, 'the ledger is append only');
END;

CREATE TRIGGER ledger_account_no_update BEFORE UPDATE ON ledger_account
BEGIN
	SELECT RAISE(ABORT, 'the ledger is append only');
END;

CREATE TABLE ledger_balance (
	account INTEGER PRIMARY KEY REFERENCES ledger_account (id),
	fen INTEGER NOT NULL
) STRICT;

CREATE TABLE ledger_entry (
	tx INTEGER NOT NULL REFERENCES ledger_tx (id) DEFERRABLE INITIALLY DEFERRED,
	n INTEGER NOT NULL,
	account INTEGER NOT NULL REFERENCES ledger_account (id),
	fen INTEGER NOT NULL,
	PRIMARY KEY (tx, n)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER ledger_entry_insert BEFORE INSERT ON ledger_entry
WHEN NEW.tx IS NOT (SELECT coalesce(max(id), 0) + 1 FROM ledger_tx)
BEGIN
	SELECT RAISE(ABORT, 'the ledger is append only');
END;

CREATE TRIGGER ledger_entry_no_delete BEFORE DELETE ON ledger_entry
BEGIN
	SELECT RAISE(ABORT, 'the ledger is append only');
END;

CREATE TRIGGER ledger_entry_no_update BEFORE UPDATE ON ledger_entry
BEGIN
	SELECT RAISE(ABORT, 'the ledger is append only');
END;

CREATE TABLE ledger_head (
	day TEXT NOT NULL PRIMARY KEY,
	at INTEGER NOT NULL,
	tx INTEGER NOT NULL,
	hash BLOB NOT NULL,
	log INTEGER NOT NULL,
	log_hash BLOB NOT NULL,
	signature BLOB NOT NULL
) STRICT;

CREATE TRIGGER ledger_head_no_delete BEFORE DELETE ON ledger_head
BEGIN
	SELECT RAISE(ABORT, 'the ledger is append only');
END;

CREATE TRIGGER ledger_head_no_update BEFORE UPDATE ON ledger_head
BEGIN
	SELECT RAISE(ABORT, 'the ledger is append only');
END;

CREATE TABLE "ledger_log" (
	id INTEGER PRIMARY KEY,
	key TEXT UNIQUE,
	at INTEGER NOT NULL,
	subject TEXT NOT NULL
		CHECK (subject IN ('account', 'tariff', 'order', 'reservation', 'abnormal',
			'message', 'contact', 'rating')),
	target TEXT NOT NULL,
	change TEXT NOT NULL,
	by TEXT,
	origin TEXT,
	reason TEXT,
	row_hash BLOB NOT NULL,
	hash BLOB NOT NULL
) STRICT;

CREATE INDEX ledger_log_target ON ledger_log (subject, target, id);

CREATE TRIGGER ledger_log_insert BEFORE INSERT ON ledger_log
WHEN NEW.id IS NOT (SELECT coalesce(max(id), 0) + 1 FROM ledger_log)
BEGIN
	SELECT RAISE(ABORT, 'the ledger is append only');
END;

CREATE TRIGGER ledger_log_no_delete BEFORE DELETE ON ledger_log
BEGIN
	SELECT RAISE(ABORT, 'the ledger is append only');
END;

CREATE TRIGGER ledger_log_no_update BEFORE UPDATE ON ledger_log
BEGIN
	SELECT RAISE(ABORT, 'the ledger is append only');
END;

CREATE TABLE ledger_tx (
	id INTEGER PRIMARY KEY,
	key TEXT NOT NULL UNIQUE,
	at INTEGER NOT NULL,
	kind TEXT NOT NULL,
	account TEXT REFERENCES account (id),
	ref TEXT,
	fen INTEGER NOT NULL,
	balance_fen INTEGER,
	closes INTEGER REFERENCES ledger_tx (id),
	reverses INTEGER REFERENCES ledger_tx (id),
	by TEXT,
	origin TEXT,
	reason TEXT,
	bill_hash BLOB,
	hash BLOB NOT NULL
) STRICT;

CREATE INDEX ledger_tx_account ON ledger_tx (account, id) WHERE account IS NOT NULL;

CREATE INDEX ledger_tx_at ON ledger_tx (at);

CREATE UNIQUE INDEX ledger_tx_closes ON ledger_tx (closes) WHERE closes IS NOT NULL;

CREATE UNIQUE INDEX ledger_tx_reverses ON ledger_tx (reverses) WHERE reverses IS NOT NULL;

CREATE TRIGGER ledger_tx_insert BEFORE INSERT ON ledger_tx
WHEN NEW.id IS NOT (SELECT coalesce(max(id), 0) + 1 FROM ledger_tx)
	OR (SELECT count(*) < 2 OR sum(fen) <> 0 FROM ledger_entry WHERE tx = NEW.id)
BEGIN
	SELECT RAISE(ABORT, 'a transaction has two entries at least, and their sum is zero');
END;

CREATE TRIGGER ledger_tx_no_delete BEFORE DELETE ON ledger_tx
BEGIN
	SELECT RAISE(ABORT, 'the ledger is append only');
END;

CREATE TRIGGER ledger_tx_no_update BEFORE UPDATE ON ledger_tx
BEGIN
	SELECT RAISE(ABORT, 'the ledger is append only');
END;

CREATE TABLE mark (
	"session" TEXT NOT NULL,
	"at" INTEGER NOT NULL,
	"read_at" INTEGER,
	"wh" INTEGER NOT NULL,
	"quality" TEXT NOT NULL,
	PRIMARY KEY (session, at)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER mark_no_delete BEFORE DELETE ON mark
BEGIN
	SELECT RAISE(ABORT, 'marks are append only');
END;

CREATE TRIGGER mark_no_update BEFORE UPDATE ON mark
BEGIN
	SELECT RAISE(ABORT, 'marks are append only');
END;

CREATE TABLE message (
	id INTEGER PRIMARY KEY,
	key TEXT UNIQUE,
	at INTEGER NOT NULL,
	account TEXT NOT NULL REFERENCES account (id),
	text TEXT NOT NULL,
	by TEXT
, event TEXT, kind TEXT, fen INTEGER, balance_fen INTEGER, energy_wh INTEGER, price_e5 INTEGER, gun TEXT, bill INTEGER) STRICT;

CREATE INDEX message_account ON message (account, id);

CREATE INDEX message_at ON message (at);

CREATE UNIQUE INDEX message_event ON message (event) WHERE event IS NOT NULL;

CREATE TRIGGER message_no_delete BEFORE DELETE ON message
BEGIN
	SELECT RAISE(ABORT, 'messages are append only');
END;

CREATE TRIGGER message_no_update BEFORE UPDATE ON message
BEGIN
	SELECT RAISE(ABORT, 'messages are append only');
END;

CREATE TABLE meta (
	key TEXT NOT NULL PRIMARY KEY,
	value TEXT NOT NULL
) STRICT;

CREATE TABLE note (
	"id" TEXT NOT NULL PRIMARY KEY,
	"at" INTEGER,
	"target" TEXT,
	"by" TEXT,
	"text" TEXT
) STRICT;

CREATE INDEX note_at ON note ("at");

CREATE INDEX note_target ON note (target, "at");

CREATE TABLE "order" (
	"id" TEXT NOT NULL PRIMARY KEY,
	"gun" TEXT,
	"account" TEXT,
	"card" TEXT,
	"class" TEXT,
	"kind" TEXT,
	"limit" TEXT,
	"limit_value" INTEGER,
	"hold_fen" INTEGER,
	"state" TEXT,
	"error" TEXT,
	"session" TEXT,
	"tariff" TEXT,
	"by" TEXT,
	"origin" TEXT,
	"reason" TEXT,
	"asked" INTEGER,
	"ended" INTEGER,
	"stop_cause" TEXT
) STRICT;

CREATE INDEX order_account ON "order" (account, asked);

CREATE INDEX order_asked ON "order" (asked);

CREATE INDEX order_open ON "order" (asked) WHERE ended IS NULL;

CREATE TABLE outbox (
	"id" TEXT NOT NULL PRIMARY KEY,
	"kind" TEXT,
	"program" TEXT,
	"recipient" TEXT,
	"severity" INTEGER,
	"subject" TEXT,
	"text" TEXT,
	"state" TEXT,
	"created" INTEGER,
	"due" INTEGER,
	"tries" INTEGER,
	"merged" INTEGER,
	"ended" INTEGER,
	"error" TEXT
, account TEXT, language TEXT, expires INTEGER) STRICT;

CREATE INDEX outbox_created ON outbox (created);

CREATE INDEX outbox_open ON outbox (created) WHERE ended IS NULL;

CREATE INDEX outbox_recipient ON outbox (recipient, created);

CREATE TABLE pin_try (
	account TEXT NOT NULL PRIMARY KEY REFERENCES account (id),
	wrong INTEGER NOT NULL,
	until INTEGER
) STRICT;

CREATE TABLE rating (
	id INTEGER PRIMARY KEY,
	key TEXT UNIQUE,
	at INTEGER NOT NULL,
	bill INTEGER NOT NULL REFERENCES bill (id),
	stars INTEGER NOT NULL CHECK (stars BETWEEN 1 AND 5),
	remark TEXT,
	by TEXT,
	origin TEXT
) STRICT;

CREATE INDEX rating_bill ON rating (bill, id, stars);

CREATE INDEX rating_stars ON rating (stars, bill);

CREATE TRIGGER rating_no_delete BEFORE DELETE ON rating
BEGIN
	SELECT RAISE(ABORT, 'ratings are append only');
END;

CREATE TRIGGER rating_no_update BEFORE UPDATE ON rating
BEGIN
	SELECT RAISE(ABORT, 'ratings are append only');
END;

CREATE TABLE reservation (
	"id" TEXT NOT NULL PRIMARY KEY,
	"gun" TEXT,
	"account" TEXT,
	"from" INTEGER,
	"until" INTEGER,
	"held_until" INTEGER,
	"fee_fen" INTEGER,
	"state" TEXT,
	"cause" TEXT,
	"order" TEXT,
	"by" TEXT,
	"origin" TEXT,
	"reason" TEXT,
	"asked" INTEGER,
	"ended" INTEGER,
	"ended_by" TEXT
) STRICT;

CREATE INDEX reservation_from ON reservation ("from");

CREATE INDEX reservation_gun ON reservation (gun, "from");

CREATE INDEX reservation_open ON reservation ("from") WHERE ended IS NULL;

CREATE TABLE sale_day (
	gun TEXT NOT NULL,
	day INTEGER NOT NULL,
	item TEXT NOT NULL,
	n INTEGER NOT NULL,
	energy_wh INTEGER NOT NULL,
	duration_s INTEGER NOT NULL,
	elec_fen INTEGER NOT NULL,
	service_fen INTEGER NOT NULL,
	parking_fen INTEGER NOT NULL,
	flat_fen INTEGER NOT NULL,
	PRIMARY KEY (gun, day, item)
) STRICT, WITHOUT ROWID;

CREATE TABLE session (
	"id" TEXT NOT NULL PRIMARY KEY,
	"visit" TEXT,
	"gun" TEXT,
	"state" TEXT,
	"start" INTEGER,
	"end" INTEGER,
	"duration_s" INTEGER,
	"start_wh" INTEGER,
	"start_quality" TEXT,
	"start_at" INTEGER,
	"end_wh" INTEGER,
	"end_quality" TEXT,
	"end_at" INTEGER,
	"energy_wh" INTEGER,
	"soc_start_pm" INTEGER,
	"soc_end_pm" INTEGER,
	"peak_w" INTEGER,
	"stop_reason" INTEGER,
	"started_by" TEXT,
	"flags" TEXT,
	"device_no" INTEGER,
	"counter_wh" INTEGER,
	"boot_us" INTEGER,
	"boot_id" TEXT
, "order" TEXT, device_wh INTEGER) STRICT;

CREATE INDEX session_gun ON session (gun, start, duration_s, energy_wh);

CREATE INDEX session_open ON session (start) WHERE "end" IS NULL;

CREATE INDEX session_start ON session (start, gun);

CREATE INDEX session_visit ON session (visit, "end");

CREATE TABLE slimit (
	"id" TEXT NOT NULL PRIMARY KEY,
	"node" TEXT,
	"limit_w" INTEGER,
	"from" INTEGER,
	"to" INTEGER,
	"state" TEXT,
	"source" TEXT,
	"by" TEXT,
	"reason" TEXT,
	"asked" INTEGER,
	"ended" INTEGER
) STRICT;

CREATE INDEX slimit_from ON slimit ("from");

CREATE INDEX slimit_open ON slimit ("from") WHERE ended IS NULL;

CREATE TABLE standing (
	"gun" TEXT NOT NULL PRIMARY KEY,
	"at" INTEGER,
	"halt_by" TEXT,
	"halt" TEXT,
	"halted" INTEGER,
	"lag_us" INTEGER,
	"ratio_ppm" INTEGER,
	"learnt" INTEGER
) STRICT;

CREATE TABLE tag (
	"target" TEXT NOT NULL PRIMARY KEY,
	"by" TEXT,
	"reason" TEXT,
	"since" INTEGER
) STRICT;

CREATE TABLE tariff (
	id TEXT NOT NULL,
	version INTEGER NOT NULL,
	"from" INTEGER NOT NULL,
	text TEXT NOT NULL,
	compiled BLOB NOT NULL,
	hash BLOB NOT NULL,
	at INTEGER NOT NULL,
	by TEXT,
	origin TEXT,
	reason TEXT,
	PRIMARY KEY (id, version)
) STRICT;

CREATE TRIGGER tariff_no_delete BEFORE DELETE ON tariff
BEGIN
	SELECT RAISE(ABORT, 'tariffs are append only');
END;

CREATE TRIGGER tariff_no_update BEFORE UPDATE ON tariff
BEGIN
	SELECT RAISE(ABORT, 'tariffs are append only');
END;

CREATE TABLE trial (
	"id" TEXT NOT NULL PRIMARY KEY,
	"verb" TEXT,
	"target" TEXT,
	"value" INTEGER,
	"state" TEXT,
	"by" TEXT,
	"reason" TEXT,
	"asked" INTEGER,
	"until" INTEGER,
	"ended" INTEGER,
	"ended_by" TEXT,
	"was" INTEGER,
	"was_by" TEXT,
	"was_reason" TEXT
) STRICT;

CREATE INDEX trial_asked ON trial (asked);

CREATE INDEX trial_open ON trial (asked) WHERE ended IS NULL;

CREATE TABLE visit (
	"id" TEXT NOT NULL PRIMARY KEY,
	"gun" TEXT,
	"plugged" INTEGER,
	"unplugged" INTEGER,
	"sessions" INTEGER,
	"flags" TEXT
, "departs" INTEGER, "wants_wh" INTEGER, "pauses" TEXT) STRICT;

CREATE INDEX visit_gun ON visit (gun, plugged);

CREATE INDEX visit_open ON visit (plugged) WHERE unplugged IS NULL;

CREATE INDEX visit_plugged ON visit (plugged);

-- history.db, schema 1

CREATE TABLE block (
	id INTEGER PRIMARY KEY,
	rows INTEGER NOT NULL,
	data BLOB NOT NULL
) STRICT;

CREATE TABLE day (
	id INTEGER PRIMARY KEY,
	rows INTEGER NOT NULL,
	first_at INTEGER NOT NULL,
	last_at INTEGER NOT NULL,
	last_state INTEGER,
	start_wh INTEGER,
	end_wh INTEGER,
	energy_wh INTEGER NOT NULL,
	resets INTEGER NOT NULL,
	power_rows INTEGER NOT NULL,
	power_sum_w INTEGER NOT NULL,
	min_w INTEGER,
	max_w INTEGER,
	charging_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE meta (
	key TEXT NOT NULL PRIMARY KEY,
	value TEXT NOT NULL
) STRICT;

CREATE TABLE quarter (
	id INTEGER PRIMARY KEY,
	rows INTEGER NOT NULL,
	first_at INTEGER NOT NULL,
	last_at INTEGER NOT NULL,
	last_state INTEGER,
	start_wh INTEGER,
	end_wh INTEGER,
	energy_wh INTEGER NOT NULL,
	resets INTEGER NOT NULL,
	power_rows INTEGER NOT NULL,
	power_sum_w INTEGER NOT NULL,
	min_w INTEGER,
	max_w INTEGER,
	charging_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE series (
	id INTEGER PRIMARY KEY,
	name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE tail (
	id INTEGER PRIMARY KEY,
	hour INTEGER NOT NULL,
	series INTEGER NOT NULL,
	data BLOB NOT NULL
) STRICT;

CREATE INDEX tail_hour ON tail (hour, series);
