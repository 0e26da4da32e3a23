-- Telemetry in column blocks (db/block.h) and its roll-ups. Keys are composed so that every table
-- grows at its end and one block or slot is found by one seek: number of the time slot since
-- 1970 UTC, times 65536, plus the series.
CREATE TABLE series (
	id INTEGER PRIMARY KEY,
	name TEXT NOT NULL UNIQUE
) STRICT;

-- One merged block a series and hour. id: hour * 65536 + series.
CREATE TABLE block (
	id INTEGER PRIMARY KEY,
	rows INTEGER NOT NULL,
	data BLOB NOT NULL
) STRICT;

-- Chunks of the last minutes, not merged yet, in order of arrival.
CREATE TABLE tail (
	id INTEGER PRIMARY KEY,
	hour INTEGER NOT NULL,
	series INTEGER NOT NULL,
	data BLOB NOT NULL
) STRICT;

CREATE INDEX tail_hour ON tail (hour, series);

-- Roll-up of a quarter of an hour. id: quarter * 65536 + series. start_wh is the last register
-- before the slot, so that a step between two slots is in the later one.
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

-- Roll-up of a site day. id: day * 65536 + series, where day counts local days (utc_offset_s).
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
