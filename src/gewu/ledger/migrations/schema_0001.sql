-- Tenant tables. Every key begins with the district; foreign keys are immediate.
CREATE TABLE ledger_record (
    district_id integer NOT NULL REFERENCES registry_district (id),
    id uuid NOT NULL,
    kind text NOT NULL,
    playbook text NOT NULL,
    playbook_version integer NOT NULL,
    stage text NOT NULL,
    ended boolean NOT NULL,
    tier text NOT NULL,
    place text COLLATE "C" NOT NULL,
    areas text[] NOT NULL,
    involved text[] NOT NULL,
    due_at timestamptz NOT NULL,
    next_at timestamptz NOT NULL,
    version integer NOT NULL CHECK (version > 0),
    state jsonb NOT NULL,
    head bytea NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (district_id, id)
) WITH (fillfactor = 80);
CREATE INDEX ledger_record_stage ON ledger_record (district_id, kind, stage, due_at, id);
CREATE INDEX ledger_record_due ON ledger_record (district_id, kind, due_at, id) WHERE NOT ended;
CREATE INDEX ledger_record_recent ON ledger_record (district_id, kind, id DESC);
CREATE INDEX ledger_record_place ON ledger_record (district_id, kind, place, id DESC);
CREATE INDEX ledger_record_involved ON ledger_record USING gin (involved);
CREATE INDEX ledger_record_areas ON ledger_record USING gin (areas) WHERE areas <> '{}';

CREATE TABLE ledger_event (
    district_id integer NOT NULL,
    record_id uuid NOT NULL,
    seq integer NOT NULL CHECK (seq > 0),
    at timestamptz NOT NULL,
    actor text NOT NULL,
    unit text NOT NULL,
    kind text NOT NULL,
    command_id uuid NOT NULL,
    payload jsonb NOT NULL,
    sealed bytea,
    previous_hash bytea NOT NULL,
    hash bytea NOT NULL,
    PRIMARY KEY (district_id, record_id, seq),
    UNIQUE (district_id, command_id),
    FOREIGN KEY (district_id, record_id) REFERENCES ledger_record (district_id, id)
);

CREATE TABLE ledger_clock (
    district_id integer NOT NULL,
    record_id uuid NOT NULL,
    clock_id text NOT NULL,
    spec text NOT NULL,
    assignment integer NOT NULL,
    holder text NOT NULL,
    status text NOT NULL,
    limit_value integer NOT NULL,
    unit text NOT NULL,
    started_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    next_at timestamptz NOT NULL,
    stopped_at timestamptz,
    phase integer NOT NULL,
    rung text NOT NULL,
    remaining bigint NOT NULL,
    extended integer NOT NULL,
    provisional boolean NOT NULL,
    version integer NOT NULL,
    PRIMARY KEY (district_id, record_id, clock_id),
    FOREIGN KEY (district_id, record_id) REFERENCES ledger_record (district_id, id)
) WITH (fillfactor = 80);
CREATE INDEX ledger_clock_next ON ledger_clock (district_id, next_at, record_id) WHERE status = 'running';

CREATE TABLE ledger_assignment (
    district_id integer NOT NULL,
    record_id uuid NOT NULL,
    no integer NOT NULL,
    slot text NOT NULL,
    mode text NOT NULL,
    unit text NOT NULL,
    path text NOT NULL,
    role text NOT NULL,
    person text NOT NULL,
    parent integer NOT NULL,
    letter boolean NOT NULL,
    status text NOT NULL,
    live boolean NOT NULL,
    opened_at timestamptz NOT NULL,
    ended_at timestamptz,
    outcome text NOT NULL,
    PRIMARY KEY (district_id, record_id, no),
    FOREIGN KEY (district_id, record_id) REFERENCES ledger_record (district_id, id)
) WITH (fillfactor = 80);
CREATE INDEX ledger_assignment_unit ON ledger_assignment (district_id, unit, role, record_id) WHERE live;
CREATE INDEX ledger_assignment_person ON ledger_assignment (district_id, person, record_id) WHERE live AND person <> '';

CREATE TABLE ledger_attachment (
    district_id integer NOT NULL REFERENCES registry_district (id),
    id uuid NOT NULL,
    record_id uuid,
    seq integer,
    role text NOT NULL,
    mime text NOT NULL,
    size integer NOT NULL,
    sha256 bytea NOT NULL,
    width integer NOT NULL,
    height integer NOT NULL,
    taken_at timestamptz,
    lon_e6 integer,
    lat_e6 integer,
    uploaded_by text NOT NULL,
    uploaded_at timestamptz NOT NULL,
    key_id text NOT NULL,
    wrapped bytea,
    PRIMARY KEY (district_id, id),
    FOREIGN KEY (district_id, record_id) REFERENCES ledger_record (district_id, id)
);
CREATE INDEX ledger_attachment_record ON ledger_attachment (district_id, record_id, id);

CREATE TABLE ledger_link (
    district_id integer NOT NULL,
    record_id uuid NOT NULL,
    kind text NOT NULL,
    other_id uuid NOT NULL,
    seq integer NOT NULL,
    PRIMARY KEY (district_id, record_id, kind, other_id),
    FOREIGN KEY (district_id, record_id) REFERENCES ledger_record (district_id, id),
    FOREIGN KEY (district_id, other_id) REFERENCES ledger_record (district_id, id)
);

CREATE TABLE ledger_recordkey (
    district_id integer NOT NULL,
    record_id uuid NOT NULL,
    key_id text NOT NULL,
    wrapped bytea,
    erased_at timestamptz,
    erased_by text NOT NULL,
    PRIMARY KEY (district_id, record_id),
    FOREIGN KEY (district_id, record_id) REFERENCES ledger_record (district_id, id)
);

CREATE TABLE ledger_outgoing (
    district_id integer NOT NULL REFERENCES registry_district (id),
    id uuid NOT NULL,
    record_id uuid,
    seq integer NOT NULL,
    topic text NOT NULL,
    destination text NOT NULL,
    payload jsonb NOT NULL,
    status text NOT NULL,
    attempts integer NOT NULL,
    next_at timestamptz NOT NULL,
    last_error text NOT NULL,
    created_at timestamptz NOT NULL,
    sent_at timestamptz,
    PRIMARY KEY (district_id, id)
);
CREATE INDEX ledger_outgoing_due ON ledger_outgoing (district_id, next_at) WHERE status = 'waiting';
CREATE INDEX ledger_outgoing_record ON ledger_outgoing (district_id, record_id);

CREATE TABLE ledger_notice (
    district_id integer NOT NULL REFERENCES registry_district (id),
    id uuid NOT NULL,
    record_id uuid,
    role text NOT NULL,
    unit text NOT NULL,
    person text NOT NULL,
    message text NOT NULL,
    detail jsonb NOT NULL,
    at timestamptz NOT NULL,
    read_at timestamptz,
    PRIMARY KEY (district_id, id)
);
CREATE INDEX ledger_notice_waiting ON ledger_notice (district_id, role, unit, id DESC) WHERE read_at IS NULL;

CREATE TABLE ledger_numberblock (
    district_id integer NOT NULL REFERENCES registry_district (id),
    day date NOT NULL,
    next integer NOT NULL,
    PRIMARY KEY (district_id, day)
);

CREATE TABLE ledger_seal (
    district_id integer NOT NULL REFERENCES registry_district (id),
    no integer NOT NULL,
    at timestamptz NOT NULL,
    heads integer NOT NULL,
    root bytea NOT NULL,
    previous_hash bytea NOT NULL,
    hash bytea NOT NULL,
    PRIMARY KEY (district_id, no)
);
CREATE TABLE ledger_sealedhead (
    district_id integer NOT NULL,
    seal_no integer NOT NULL,
    record_id uuid NOT NULL,
    seq integer NOT NULL,
    hash bytea NOT NULL,
    PRIMARY KEY (district_id, seal_no, record_id),
    FOREIGN KEY (district_id, seal_no) REFERENCES ledger_seal (district_id, no)
);
CREATE INDEX ledger_sealedhead_record ON ledger_sealedhead (district_id, record_id, seq DESC);
CREATE TABLE ledger_standstill (
    district_id integer PRIMARY KEY REFERENCES registry_district (id),
    as_of timestamptz NOT NULL
);
