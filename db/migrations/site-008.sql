-- Roll-ups of bills and ledger by site day, so that no report reads ten years of them. Derived: they
-- can be made anew from bill, bill_line, ledger_tx and ledger_entry.

-- gun: '' is all guns. item: "session" (a bill of a session as a whole), "parking", or a tariff
-- period (its lines).
-- flat_fen: what the energy would have cost at the flat period's price.
CREATE TABLE sale_day (
	gun TEXT NOT NULL,
	day INTEGER NOT NULL,
	item TEXT NOT NULL,
	n INTEGER NOT NULL,
	energy_wh INTEGER NOT NULL,
	duration_s INTEGER NOT NULL,
	elec_fen INTEGER NOT NULL,
	service_fen INTEGER NOT NULL,
	parking_fen INTEGER NOT NULL,
	flat_fen INTEGER NOT NULL,
	PRIMARY KEY (gun, day, item)
) STRICT, WITHOUT ROWID;

-- What the transactions of a kind moved on the accounts of a kind: debits less credits.
CREATE TABLE cash_day (
	day INTEGER NOT NULL,
	kind TEXT NOT NULL,
	ledger TEXT NOT NULL,
	n INTEGER NOT NULL,
	fen INTEGER NOT NULL,
	PRIMARY KEY (day, kind, ledger)
) STRICT, WITHOUT ROWID;

CREATE INDEX account_opened ON account (opened);
