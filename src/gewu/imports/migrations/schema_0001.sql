-- Tenant tables: every key begins with the district; foreign keys are immediate (ADR 0003).
CREATE TABLE imports_run (
    district_id integer NOT NULL REFERENCES registry_district (id),
    id uuid NOT NULL,
    platform text NOT NULL,
    file_name text NOT NULL,
    size integer NOT NULL,
    person text NOT NULL,
    post text NOT NULL,
    language text NOT NULL,
    status text NOT NULL,
    choices jsonb NOT NULL,
    preview jsonb NOT NULL,
    fault jsonb NOT NULL,
    total integer NOT NULL,
    next_row integer NOT NULL,
    created integer NOT NULL,
    changed integer NOT NULL,
    known integer NOT NULL,
    bad integer NOT NULL,
    alike integer NOT NULL,
    key_id text NOT NULL,
    wrapped bytea,
    worker text NOT NULL,
    lease_until timestamptz,
    made_at timestamptz NOT NULL,
    done_at timestamptz,
    PRIMARY KEY (district_id, id)
);
CREATE INDEX imports_run_waiting ON imports_run (district_id, made_at)
    WHERE status IN ('waiting', 'checking', 'confirmed', 'running');
CREATE INDEX imports_run_kept ON imports_run (district_id, made_at) WHERE wrapped IS NOT NULL;

CREATE TABLE imports_item (
    district_id integer NOT NULL REFERENCES registry_district (id),
    platform text NOT NULL,
    outside_number text COLLATE "C" NOT NULL,
    record_id uuid,
    run_id uuid,
    row_no integer NOT NULL,
    digest bytea NOT NULL,
    received_at timestamptz NOT NULL,
    deadline_at timestamptz,
    warn_at timestamptz,
    told integer NOT NULL,
    times_seen integer NOT NULL,
    last_seen_at timestamptz NOT NULL,
    PRIMARY KEY (district_id, platform, outside_number),
    FOREIGN KEY (district_id, record_id) REFERENCES ledger_record (district_id, id)
);
CREATE INDEX imports_item_record ON imports_item (district_id, record_id);
CREATE INDEX imports_item_warn ON imports_item (district_id, warn_at) WHERE told = 0 AND warn_at IS NOT NULL;
CREATE INDEX imports_item_due ON imports_item (district_id, deadline_at) WHERE told < 2 AND deadline_at IS NOT NULL;

CREATE TABLE imports_fault (
    district_id integer NOT NULL,
    run_id uuid NOT NULL,
    row_no integer NOT NULL,
    codes text[] NOT NULL,
    sealed bytea NOT NULL,
    PRIMARY KEY (district_id, run_id, row_no),
    FOREIGN KEY (district_id, run_id) REFERENCES imports_run (district_id, id)
);

CREATE TABLE imports_reply (
    district_id integer NOT NULL,
    id uuid NOT NULL,
    platform text NOT NULL,
    outside_number text COLLATE "C" NOT NULL,
    record_id uuid NOT NULL,
    stage text NOT NULL,
    seq integer NOT NULL,
    status text NOT NULL,
    made_at timestamptz NOT NULL,
    gone_at timestamptz,
    gone_by text NOT NULL,
    PRIMARY KEY (district_id, id),
    FOREIGN KEY (district_id, platform, outside_number)
        REFERENCES imports_item (district_id, platform, outside_number)
);
CREATE INDEX imports_reply_waiting ON imports_reply (district_id, platform, made_at) WHERE status = 'waiting';
