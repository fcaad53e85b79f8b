CREATE TABLE occasions_occasion (
    district_id integer NOT NULL,
    record_id uuid NOT NULL,
    type text COLLATE "C" NOT NULL,
    number text NOT NULL,
    year integer NOT NULL,
    counter integer NOT NULL,
    day date NOT NULL,
    period text COLLATE "C" NOT NULL,
    place text COLLATE "C" NOT NULL,
    community text COLLATE "C" NOT NULL,
    street text COLLATE "C" NOT NULL,
    building text COLLATE "C" NOT NULL,
    unit text COLLATE "C" NOT NULL,
    led_by text COLLATE "C" NOT NULL,
    starts_at timestamptz,
    ends_at timestamptz,
    opened_at timestamptz,
    adjourned_at timestamptz,
    settled_at timestamptz,
    followed_at timestamptz,
    noticed_at timestamptz,
    closed_at timestamptz,
    cancelled_at timestamptz,
    postponed_at timestamptz,
    postponements integer NOT NULL,
    attendance integer NOT NULL,
    matters integer NOT NULL,
    withdrawn integer NOT NULL,
    cases integer NOT NULL,
    joined integer NOT NULL,
    answered integer NOT NULL,
    ended integer NOT NULL,
    answers integer NOT NULL,
    tellings integer NOT NULL,
    matters_open integer NOT NULL,
    cases_open integer NOT NULL,
    sealed bytea,
    PRIMARY KEY (district_id, record_id),
    UNIQUE (district_id, type, year, counter),
    FOREIGN KEY (district_id, record_id) REFERENCES ledger_record (district_id, id)
) WITH (fillfactor = 80);
CREATE INDEX occasions_occasion_type ON occasions_occasion (district_id, type, record_id DESC);
CREATE INDEX occasions_occasion_period ON occasions_occasion (district_id, type, period, unit);
CREATE INDEX occasions_occasion_street ON occasions_occasion (district_id, type, street, record_id DESC);
CREATE INDEX occasions_occasion_number ON occasions_occasion (district_id, number);
CREATE INDEX occasions_occasion_followed ON occasions_occasion (district_id, record_id) WHERE cases_open > 0;

CREATE TABLE occasions_matter (
    district_id integer NOT NULL,
    record_id uuid NOT NULL,
    seq integer NOT NULL,
    no integer NOT NULL,
    part integer NOT NULL,
    phase text COLLATE "C" NOT NULL,
    source text COLLATE "C" NOT NULL,
    category text COLLATE "C" NOT NULL,
    place text COLLATE "C" NOT NULL,
    building text COLLATE "C" NOT NULL,
    raised integer NOT NULL,
    at timestamptz NOT NULL,
    sealed bytea,
    PRIMARY KEY (district_id, record_id, seq),
    UNIQUE (district_id, record_id, part),
    FOREIGN KEY (district_id, record_id) REFERENCES ledger_record (district_id, id)
);

CREATE TABLE occasions_outcome (
    district_id integer NOT NULL,
    record_id uuid NOT NULL,
    seq integer NOT NULL,
    part integer NOT NULL,
    outcome text COLLATE "C" NOT NULL,
    case_id uuid,
    follow integer NOT NULL,
    unit text COLLATE "C" NOT NULL,
    limit_days integer,
    tier text COLLATE "C" NOT NULL,
    solved text COLLATE "C" NOT NULL,
    at timestamptz NOT NULL,
    sealed bytea,
    PRIMARY KEY (district_id, record_id, seq),
    UNIQUE (district_id, record_id, part),
    FOREIGN KEY (district_id, record_id) REFERENCES ledger_record (district_id, id)
);
CREATE INDEX occasions_outcome_case ON occasions_outcome (district_id, case_id) WHERE case_id IS NOT NULL;

CREATE TABLE occasions_attendance (
    district_id integer NOT NULL,
    record_id uuid NOT NULL,
    seq integer NOT NULL,
    line integer NOT NULL,
    level text COLLATE "C" NOT NULL,
    unit text COLLATE "C" NOT NULL,
    heads integer NOT NULL,
    corrects integer NOT NULL,
    at timestamptz NOT NULL,
    sealed bytea,
    PRIMARY KEY (district_id, record_id, seq),
    FOREIGN KEY (district_id, record_id) REFERENCES ledger_record (district_id, id)
);

CREATE TABLE occasions_reply (
    district_id integer NOT NULL,
    record_id uuid NOT NULL,
    seq integer NOT NULL,
    matter integer NOT NULL,
    unit text COLLATE "C" NOT NULL,
    at timestamptz NOT NULL,
    sealed bytea,
    PRIMARY KEY (district_id, record_id, seq),
    FOREIGN KEY (district_id, record_id) REFERENCES ledger_record (district_id, id)
);

CREATE TABLE occasions_telling (
    district_id integer NOT NULL,
    record_id uuid NOT NULL,
    seq integer NOT NULL,
    final boolean NOT NULL,
    posted_on date NOT NULL,
    way text COLLATE "C" NOT NULL,
    heads integer,
    at timestamptz NOT NULL,
    sealed bytea,
    PRIMARY KEY (district_id, record_id, seq),
    FOREIGN KEY (district_id, record_id) REFERENCES ledger_record (district_id, id)
);

CREATE TABLE occasions_result (
    district_id integer NOT NULL,
    record_id uuid NOT NULL,
    seq integer NOT NULL,
    unit text COLLATE "C" NOT NULL,
    item text COLLATE "C" NOT NULL,
    quantity bigint NOT NULL,
    measure text COLLATE "C" NOT NULL,
    place text COLLATE "C" NOT NULL,
    corrects integer NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (district_id, record_id, seq),
    FOREIGN KEY (district_id, record_id) REFERENCES ledger_record (district_id, id)
);
CREATE INDEX occasions_result_item ON occasions_result (district_id, item, unit);

CREATE TABLE occasions_reminder (
    district_id integer NOT NULL REFERENCES registry_district (id),
    programme text COLLATE "C" NOT NULL,
    member text COLLATE "C" NOT NULL,
    period text COLLATE "C" NOT NULL,
    step text COLLATE "C" NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (district_id, programme, member, period, step)
);

CREATE TABLE programme_file (
    pack text PRIMARY KEY,
    body text NOT NULL,
    loaded_at timestamptz NOT NULL
);
