-- The outbox: messages to people, view outbox.

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
) STRICT;

CREATE INDEX outbox_created ON outbox (created);

CREATE INDEX outbox_open ON outbox (created) WHERE ended IS NULL;

CREATE INDEX outbox_recipient ON outbox (recipient, created);
