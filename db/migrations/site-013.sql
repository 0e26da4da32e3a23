-- What stands at a gun over restarts, view standing.

CREATE TABLE standing (
	"gun" TEXT NOT NULL PRIMARY KEY,
	"at" INTEGER,
	"halt_by" TEXT,
	"halt" TEXT,
	"halted" INTEGER,
	"lag_us" INTEGER,
	"ratio_ppm" INTEGER,
	"learnt" INTEGER
) STRICT;

-- Why a gun was held at zero, and its class.
ALTER TABLE decision ADD COLUMN "halt" TEXT;
ALTER TABLE decision ADD COLUMN "halt_by" TEXT;
ALTER TABLE decision ADD COLUMN "priority" TEXT;
