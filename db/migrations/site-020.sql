-- What drivers say of their charges: stars and a remark of a bill, kept in the ledger's log too.

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

CREATE TABLE ledger_log_new (
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

INSERT INTO ledger_log_new SELECT * FROM ledger_log;

DROP TABLE ledger_log;

ALTER TABLE ledger_log_new RENAME TO ledger_log;

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
