-- Who asked for a reporter's name and number, when and what for. Rows are added and never changed.
CREATE TABLE keeping_reveal (
    district_id integer NOT NULL,
    id uuid NOT NULL,
    ask uuid NOT NULL,
    record_id uuid NOT NULL,
    person text NOT NULL,
    post text COLLATE "C" NOT NULL,
    token text NOT NULL,
    at timestamptz NOT NULL,
    purpose text NOT NULL,
    sealed bytea,
    address bytea,
    PRIMARY KEY (district_id, id),
    UNIQUE (district_id, ask),
    FOREIGN KEY (district_id, record_id) REFERENCES ledger_record (district_id, id)
);
CREATE INDEX keeping_reveal_person ON keeping_reveal (district_id, person, at);
CREATE INDEX keeping_reveal_record ON keeping_reveal (district_id, record_id, at);

-- Records that must be kept as they are for now.
CREATE TABLE keeping_hold (
    district_id integer NOT NULL,
    id uuid NOT NULL,
    record_id uuid NOT NULL,
    reason text NOT NULL,
    sealed bytea,
    until date,
    set_by text NOT NULL,
    set_at timestamptz NOT NULL,
    lifted_by text NOT NULL,
    lifted_at timestamptz,
    PRIMARY KEY (district_id, id),
    FOREIGN KEY (district_id, record_id) REFERENCES ledger_record (district_id, id)
);
CREATE INDEX keeping_hold_record ON keeping_hold (district_id, record_id) WHERE lifted_at IS NULL;

-- How long a district keeps what; the highest version holds.
CREATE TABLE keeping_schedule (
    district_id integer NOT NULL REFERENCES registry_district (id),
    version integer NOT NULL,
    body jsonb NOT NULL,
    set_by text NOT NULL,
    set_at timestamptz NOT NULL,
    PRIMARY KEY (district_id, version)
);

-- What each pass of the schedule did.
CREATE TABLE keeping_pass (
    district_id integer NOT NULL REFERENCES registry_district (id),
    id uuid NOT NULL,
    rule text NOT NULL,
    at timestamptz NOT NULL,
    found integer NOT NULL,
    done integer NOT NULL,
    held integer NOT NULL,
    PRIMARY KEY (district_id, id)
);
