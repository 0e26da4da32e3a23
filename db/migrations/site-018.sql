-- PINs that were tried in vain: how many in a row, and until when the PIN is refused.

CREATE TABLE pin_try (
	account TEXT NOT NULL PRIMARY KEY REFERENCES account (id),
	wrong INTEGER NOT NULL,
	until INTEGER
) STRICT;
