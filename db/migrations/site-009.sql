-- What was said of a visit: when the car leaves, how much energy it wants.

ALTER TABLE visit ADD COLUMN "departs" INTEGER;
ALTER TABLE visit ADD COLUMN "wants_wh" INTEGER;
