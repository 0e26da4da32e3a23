-- Times in which the site itself held a car: they are no parking.

ALTER TABLE visit ADD COLUMN "pauses" TEXT;
