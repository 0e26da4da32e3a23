-- Parking is billed by the last charge of a visit.

CREATE INDEX session_visit ON session (visit, "end");

ALTER TABLE session ADD COLUMN device_wh INTEGER;
