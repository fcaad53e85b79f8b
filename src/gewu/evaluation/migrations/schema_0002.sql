-- When a street's centre last handed a case up, when the district's sent it on from there, and how often it hopped.
ALTER TABLE evaluation_fact
    ADD COLUMN lifted_at bigint,
    ADD COLUMN landed_at bigint,
    ADD COLUMN hops integer NOT NULL DEFAULT 0;
