-- Teams and projects: kinds of an occasion, what is planned, who pays, what residents said. A line is replaced once.
ALTER TABLE occasions_occasion ADD COLUMN sort text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE occasions_occasion ALTER COLUMN sort DROP DEFAULT;

CREATE TABLE occasions_plan (
    district_id integer NOT NULL,
    record_id uuid NOT NULL,
    seq integer NOT NULL,
    line integer NOT NULL,
    item text COLLATE "C" NOT NULL,
    measure text COLLATE "C" NOT NULL,
    quantity bigint NOT NULL,
    corrects integer NOT NULL,
    at timestamptz NOT NULL,
    sealed bytea,
    PRIMARY KEY (district_id, record_id, seq),
    FOREIGN KEY (district_id, record_id) REFERENCES ledger_record (district_id, id)
);
CREATE INDEX occasions_plan_item ON occasions_plan (district_id, item, record_id);
CREATE UNIQUE INDEX occasions_plan_once ON occasions_plan (district_id, record_id, corrects) WHERE corrects > 0;

CREATE TABLE occasions_fund (
    district_id integer NOT NULL,
    record_id uuid NOT NULL,
    seq integer NOT NULL,
    line integer NOT NULL,
    source text COLLATE "C" NOT NULL,
    measure text COLLATE "C" NOT NULL,
    amount bigint NOT NULL,
    corrects integer NOT NULL,
    on_day date NOT NULL,
    at timestamptz NOT NULL,
    sealed bytea,
    PRIMARY KEY (district_id, record_id, seq),
    FOREIGN KEY (district_id, record_id) REFERENCES ledger_record (district_id, id)
);
CREATE INDEX occasions_fund_source ON occasions_fund (district_id, source, record_id);
CREATE UNIQUE INDEX occasions_fund_once ON occasions_fund (district_id, record_id, corrects) WHERE corrects > 0;

CREATE TABLE occasions_poll (
    district_id integer NOT NULL,
    record_id uuid NOT NULL,
    seq integer NOT NULL,
    asked integer NOT NULL,
    agree integer NOT NULL,
    against integer NOT NULL,
    carried boolean NOT NULL,
    on_day date NOT NULL,
    at timestamptz NOT NULL,
    sealed bytea,
    PRIMARY KEY (district_id, record_id, seq),
    FOREIGN KEY (district_id, record_id) REFERENCES ledger_record (district_id, id)
);
