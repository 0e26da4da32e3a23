-- Commands that must be confirmed, view trial.

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
