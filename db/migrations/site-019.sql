-- How customers are reached is kept in the ledger's log too. What is there already is taken into it
-- at the first opening.

CREATE TABLE ledger_log_new (
	id INTEGER PRIMARY KEY,
	key TEXT UNIQUE,
	at INTEGER NOT NULL,
	subject TEXT NOT NULL
		CHECK (subject IN ('account', 'tariff', 'order', 'reservation', 'abnormal',
			'message', 'contact')),
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

INSERT INTO meta SELECT 'adopt', '1' WHERE EXISTS (SELECT 1 FROM contact)
	AND NOT EXISTS (SELECT 1 FROM meta WHERE key = 'adopt');
