-- Limits from outside, view slimit.

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
