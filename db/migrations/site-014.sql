-- What customers are told: how to reach them, and messages that an event made, one for each event.

CREATE TABLE contact (
	account TEXT NOT NULL PRIMARY KEY REFERENCES account (id),
	language TEXT,
	mail TEXT,
	messages TEXT,
	low_fen INTEGER
) STRICT;

ALTER TABLE message ADD COLUMN event TEXT;

ALTER TABLE message ADD COLUMN kind TEXT;

ALTER TABLE message ADD COLUMN fen INTEGER;

ALTER TABLE message ADD COLUMN balance_fen INTEGER;

ALTER TABLE message ADD COLUMN energy_wh INTEGER;

ALTER TABLE message ADD COLUMN price_e5 INTEGER;

ALTER TABLE message ADD COLUMN gun TEXT;

ALTER TABLE message ADD COLUMN bill INTEGER;

CREATE UNIQUE INDEX message_event ON message (event) WHERE event IS NOT NULL;

CREATE INDEX message_at ON message (at);

ALTER TABLE outbox ADD COLUMN account TEXT;

ALTER TABLE outbox ADD COLUMN language TEXT;

ALTER TABLE outbox ADD COLUMN expires INTEGER;
