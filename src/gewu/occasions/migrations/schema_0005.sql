ALTER TABLE occasions_occasion
    ADD COLUMN strand text COLLATE "C" NOT NULL DEFAULT '',
    ADD COLUMN activity text COLLATE "C" NOT NULL DEFAULT '',
    ADD COLUMN reached integer NOT NULL DEFAULT 0;
CREATE INDEX occasions_occasion_strand ON occasions_occasion (district_id, period, strand) WHERE strand <> '';

ALTER TABLE occasions_matter
    ADD COLUMN topic text COLLATE "C" NOT NULL DEFAULT '',
    ADD COLUMN kind text COLLATE "C" NOT NULL DEFAULT '';

ALTER TABLE occasions_outcome
    ADD COLUMN present integer,
    ADD COLUMN stakeholders integer,
    ADD COLUMN votes_for integer,
    ADD COLUMN votes_against integer,
    ADD COLUMN votes_abstained integer,
    ADD COLUMN executor text COLLATE "C" NOT NULL DEFAULT '',
    ADD COLUMN until date,
    ADD COLUMN done_on date;

ALTER TABLE occasions_telling ADD COLUMN days integer;

CREATE TABLE occasions_evaluation (
    district_id integer NOT NULL,
    record_id uuid NOT NULL,
    seq integer NOT NULL,
    evaluated_on date NOT NULL,
    asked integer NOT NULL,
    satisfied integer NOT NULL,
    dissatisfied integer NOT NULL,
    at timestamptz NOT NULL,
    sealed bytea,
    PRIMARY KEY (district_id, record_id, seq),
    FOREIGN KEY (district_id, record_id) REFERENCES ledger_record (district_id, id)
);
