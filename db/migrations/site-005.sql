-- The audit log is chained: each row's hash is over its fields and the hash of the row before it.

ALTER TABLE audit ADD COLUMN hash TEXT;
