-- Notes of people, view note.

CREATE TABLE note (
	"id" TEXT NOT NULL PRIMARY KEY,
	"at" INTEGER,
	"target" TEXT,
	"by" TEXT,
	"text" TEXT
) STRICT;

CREATE INDEX note_at ON note ("at");

CREATE INDEX note_target ON note (target, "at");
