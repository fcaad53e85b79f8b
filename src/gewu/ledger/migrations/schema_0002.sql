-- The outbox keeps what it knows of a destination, leases what is on its way, and gathers notices for digests.
ALTER TABLE ledger_outgoing
    ALTER COLUMN destination TYPE text COLLATE "C",
    ADD COLUMN lease uuid,
    ADD COLUMN leased_until timestamptz,
    ADD COLUMN first_at timestamptz,
    ADD COLUMN tried_at timestamptz,
    ADD COLUMN last_code integer NOT NULL DEFAULT 0,
    ADD COLUMN last_ms integer NOT NULL DEFAULT 0;

-- Messages inside the house are found by topic, so that a backlog towards an outside destination is never walked over.
DROP INDEX ledger_outgoing_due;
CREATE INDEX ledger_outgoing_due ON ledger_outgoing (district_id, topic, next_at) WHERE status = 'waiting';
CREATE INDEX ledger_outgoing_queue ON ledger_outgoing (district_id, destination, id)
    WHERE status IN ('waiting', 'sending') AND topic NOT IN ('notice', 'letter', 'reply');
CREATE INDEX ledger_outgoing_log ON ledger_outgoing (district_id, destination, id DESC)
    WHERE topic NOT IN ('notice', 'letter', 'reply');
CREATE INDEX ledger_outgoing_failed ON ledger_outgoing (district_id, id) WHERE status = 'failed';

CREATE TABLE ledger_destination (
    district_id integer NOT NULL REFERENCES registry_district (id),
    destination text COLLATE "C" NOT NULL,
    failures integer NOT NULL DEFAULT 0,
    failing_since timestamptz,
    resume_at timestamptz NOT NULL,
    lease uuid,
    busy_until timestamptz,
    taken bigint NOT NULL DEFAULT 0,
    refused bigint NOT NULL DEFAULT 0,
    last_at timestamptz,
    taken_at timestamptz,
    last_code integer NOT NULL DEFAULT 0,
    last_ms integer NOT NULL DEFAULT 0,
    last_error text NOT NULL DEFAULT '',
    PRIMARY KEY (district_id, destination)
) WITH (fillfactor = 70);

CREATE TABLE ledger_telling (
    district_id integer NOT NULL REFERENCES registry_district (id),
    route_id integer NOT NULL,
    notice_id uuid NOT NULL,
    urgent boolean NOT NULL,
    added_at timestamptz NOT NULL,
    told_at timestamptz,
    message_id uuid,
    PRIMARY KEY (district_id, route_id, notice_id),
    FOREIGN KEY (district_id, notice_id) REFERENCES ledger_notice (district_id, id) ON DELETE CASCADE
);
CREATE INDEX ledger_telling_waiting ON ledger_telling (district_id, route_id) WHERE told_at IS NULL;
CREATE INDEX ledger_telling_told ON ledger_telling (district_id, route_id, told_at);
