CREATE TABLE assessments_round (
    district_id integer NOT NULL,
    record_id uuid NOT NULL,
    playbook text COLLATE "C" NOT NULL,
    period text COLLATE "C" NOT NULL,
    number text NOT NULL,
    year integer NOT NULL,
    counter integer NOT NULL,
    method text COLLATE "C" NOT NULL,
    quorum integer NOT NULL,
    streets text[] COLLATE "C" NOT NULL,
    departments text[] COLLATE "C" NOT NULL,
    nominate_by date,
    build_by date,
    tour_on date,
    vote_by date,
    entries integer NOT NULL,
    delegates integer NOT NULL,
    voting_at timestamptz,
    closed_at timestamptz,
    counted_at timestamptz,
    published_at timestamptz,
    voided_at timestamptz,
    ballots integer,
    ratings integer,
    root bytea,
    result text,
    class text COLLATE "C" NOT NULL,
    level text COLLATE "C" NOT NULL,
    unit text COLLATE "C" NOT NULL,
    notice_at timestamptz,
    notice_until timestamptz,
    awarded_at timestamptz,
    name_withdrawn boolean NOT NULL,
    sealed bytea,
    PRIMARY KEY (district_id, record_id),
    FOREIGN KEY (district_id, record_id) REFERENCES ledger_record (district_id, id)
) WITH (fillfactor = 80);
CREATE INDEX assessments_round_list ON assessments_round (district_id, playbook, period DESC, record_id DESC);
CREATE INDEX assessments_round_class ON assessments_round (district_id, playbook, class, record_id DESC) WHERE class <> '';
CREATE UNIQUE INDEX assessments_round_period ON assessments_round (district_id, playbook, period)
    WHERE period <> '' AND voided_at IS NULL;

CREATE TABLE assessments_entry (
    district_id integer NOT NULL,
    record_id uuid NOT NULL,
    seq integer NOT NULL,
    what text COLLATE "C" NOT NULL,
    entry integer NOT NULL,
    at timestamptz NOT NULL,
    unit text COLLATE "C" NOT NULL,
    track text COLLATE "C" NOT NULL,
    place text COLLATE "C" NOT NULL,
    case_id uuid,
    photo uuid,
    PRIMARY KEY (district_id, record_id, seq),
    FOREIGN KEY (district_id, record_id) REFERENCES ledger_record (district_id, id)
);
CREATE INDEX assessments_entry_case ON assessments_entry (district_id, case_id) WHERE case_id IS NOT NULL;
CREATE INDEX assessments_entry_photo ON assessments_entry (district_id, photo) WHERE photo IS NOT NULL;

CREATE TABLE assessments_service (
    district_id integer NOT NULL,
    record_id uuid NOT NULL,
    seq integer NOT NULL,
    at timestamptz NOT NULL,
    unit text COLLATE "C" NOT NULL,
    item text COLLATE "C" NOT NULL,
    quantity bigint NOT NULL,
    measure text COLLATE "C" NOT NULL,
    street text COLLATE "C" NOT NULL,
    day date NOT NULL,
    PRIMARY KEY (district_id, record_id, seq),
    FOREIGN KEY (district_id, record_id) REFERENCES ledger_record (district_id, id)
);
CREATE INDEX assessments_service_unit ON assessments_service (district_id, unit, day);

-- What voters say. ``sealed`` is the ballot under the record's key; ``commands`` the ids of every version of it, so that a
-- retry of an older one changes nothing. ``voter`` is a unit's code, or the keyed hash of a delegate's code.
CREATE TABLE assessments_ballot (
    district_id integer NOT NULL,
    record_id uuid NOT NULL,
    track text COLLATE "C" NOT NULL,
    voter text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL CHECK (kind IN ('unit', 'delegate')),
    at timestamptz NOT NULL,
    commands uuid[] NOT NULL,
    sealed bytea NOT NULL,
    PRIMARY KEY (district_id, record_id, track, voter),
    FOREIGN KEY (district_id, record_id) REFERENCES ledger_record (district_id, id)
);

CREATE TABLE assessments_rating (
    district_id integer NOT NULL,
    record_id uuid NOT NULL,
    voter text COLLATE "C" NOT NULL,
    at timestamptz NOT NULL,
    commands uuid[] NOT NULL,
    sealed bytea NOT NULL,
    PRIMARY KEY (district_id, record_id, voter),
    FOREIGN KEY (district_id, record_id) REFERENCES ledger_record (district_id, id)
);

-- Codes for delegates, as keyed hashes: the slip of paper is the only place where a code stands.
CREATE TABLE assessments_code (
    district_id integer NOT NULL,
    record_id uuid NOT NULL,
    hash bytea NOT NULL,
    batch integer NOT NULL,
    made_at timestamptz NOT NULL,
    made_by text NOT NULL,
    PRIMARY KEY (district_id, record_id, hash),
    FOREIGN KEY (district_id, record_id) REFERENCES ledger_record (district_id, id)
);
CREATE INDEX assessments_code_hash ON assessments_code (district_id, hash);

-- Who looked at ballots, when and why. Append-only.
CREATE TABLE assessments_look (
    district_id integer NOT NULL,
    id uuid NOT NULL,
    record_id uuid NOT NULL,
    at timestamptz NOT NULL,
    person text NOT NULL,
    post text COLLATE "C" NOT NULL,
    track text COLLATE "C" NOT NULL,
    ballots integer NOT NULL,
    sealed bytea,
    PRIMARY KEY (district_id, id),
    FOREIGN KEY (district_id, record_id) REFERENCES ledger_record (district_id, id)
);
CREATE INDEX assessments_look_record ON assessments_look (district_id, record_id, id DESC);
