-- Reservations, view reservation.

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
