-- Alarms, view alarm: each raising from its begin until it is over.

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
