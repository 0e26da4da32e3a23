-- Decisions of load management, view decision.

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
