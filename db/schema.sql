-- The present schema, made of db/migrations: do not edit; to renew it run
-- build/tests/unit/test_store_schema --write

-- site.db, schema 3

CREATE TABLE audit (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	at INTEGER NOT NULL,
	person TEXT,
	origin TEXT,
	role TEXT,
	method TEXT NOT NULL,
	params TEXT,
	result TEXT
) STRICT;

CREATE INDEX audit_at ON audit (at);

CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
BEGIN
	SELECT RAISE(ABORT, 'the audit log is append only');
END;

CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
BEGIN
	SELECT RAISE(ABORT, 'the audit log is append only');
END;

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
) STRICT;

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

CREATE TABLE meta (
	key TEXT NOT NULL PRIMARY KEY,
	value TEXT NOT NULL
) STRICT;

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
) STRICT;

CREATE INDEX session_gun ON session (gun, start, duration_s, energy_wh);

CREATE INDEX session_open ON session (start) WHERE "end" IS NULL;

CREATE INDEX session_start ON session (start, gun);

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

CREATE TABLE tag (
	"target" TEXT NOT NULL PRIMARY KEY,
	"by" TEXT,
	"reason" TEXT,
	"since" INTEGER
) STRICT;

CREATE TABLE visit (
	"id" TEXT NOT NULL PRIMARY KEY,
	"gun" TEXT,
	"plugged" INTEGER,
	"unplugged" INTEGER,
	"sessions" INTEGER,
	"flags" TEXT
) STRICT;

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
