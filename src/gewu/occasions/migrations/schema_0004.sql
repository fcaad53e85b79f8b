ALTER TABLE occasions_matter
    ADD COLUMN case_id uuid,
    ADD COLUMN origin_id uuid,
    ADD COLUMN origin_part integer NOT NULL DEFAULT 0;
ALTER TABLE occasions_matter ALTER COLUMN origin_part DROP DEFAULT;
-- A case comes on the table of a meeting once; what was referred is taken up once.
CREATE UNIQUE INDEX occasions_matter_case ON occasions_matter (district_id, case_id, record_id) WHERE case_id IS NOT NULL;
CREATE UNIQUE INDEX occasions_matter_origin ON occasions_matter (district_id, origin_id, origin_part)
    WHERE origin_id IS NOT NULL;
ALTER TABLE occasions_outcome ADD COLUMN due_on date;
CREATE INDEX occasions_outcome_referred ON occasions_outcome (district_id, record_id) WHERE outcome = 'referred';
