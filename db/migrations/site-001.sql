-- Records: one table a view of shared/view.def, one column a field; times are ms since 1970 UTC,
-- an absent value is NULL. Fields that the view gains later are added at opening (db/record.c).

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

CREATE TABLE visit (
	"id" TEXT NOT NULL PRIMARY KEY,
	"gun" TEXT,
	"plugged" INTEGER,
	"unplugged" INTEGER,
	"sessions" INTEGER,
	"flags" TEXT
) STRICT;

CREATE TABLE fault (
	"id" TEXT NOT NULL PRIMARY KEY,
	"code" INTEGER,
	"target" TEXT,
	"severity" INTEGER,
	"raised" INTEGER,
	"cleared" INTEGER,
	"detail" TEXT
) STRICT;

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

CREATE TABLE tag (
	"target" TEXT NOT NULL PRIMARY KEY,
	"by" TEXT,
	"reason" TEXT,
	"since" INTEGER
) STRICT;

CREATE INDEX session_start ON session (start, gun);
CREATE INDEX session_gun ON session (gun, start, duration_s, energy_wh);
CREATE INDEX session_open ON session (start) WHERE "end" IS NULL;
CREATE INDEX visit_plugged ON visit (plugged);
CREATE INDEX visit_gun ON visit (gun, plugged);
CREATE INDEX visit_open ON visit (plugged) WHERE unplugged IS NULL;
CREATE INDEX fault_raised ON fault (raised);
CREATE INDEX fault_target ON fault (target, raised);
CREATE INDEX fault_active ON fault (raised) WHERE cleared IS NULL;
CREATE INDEX command_asked ON command (asked);
CREATE INDEX command_target ON command (target, asked);
CREATE INDEX command_open ON command (asked) WHERE ended IS NULL;

-- Who did what. Append only; "id" has no gaps.
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

CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
BEGIN
	SELECT RAISE(ABORT, 'the audit log is append only');
END;

CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
BEGIN
	SELECT RAISE(ABORT, 'the audit log is append only');
END;

CREATE TABLE meta (
	key TEXT NOT NULL PRIMARY KEY,
	value TEXT NOT NULL
) STRICT;
