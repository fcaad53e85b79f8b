-- Photos of closed cases that a person released for the public. The blurred copy is an attachment of the case that
-- belongs to no event (seq is null); the row stays when it is withdrawn and the copy is gone.
CREATE TABLE keeping_release (
    district_id integer NOT NULL,
    id uuid NOT NULL,
    record_id uuid NOT NULL,
    photo_id uuid NOT NULL,
    copy_id uuid NOT NULL,
    side text COLLATE "C" NOT NULL CHECK (side IN ('before', 'after')),
    marks jsonb NOT NULL,
    released_by text NOT NULL,
    released_post text COLLATE "C" NOT NULL,
    released_at timestamptz NOT NULL,
    withdrawn_by text NOT NULL,
    withdrawn_post text COLLATE "C" NOT NULL,
    withdrawn_at timestamptz,
    why text COLLATE "C" NOT NULL,
    PRIMARY KEY (district_id, id),
    UNIQUE (district_id, copy_id),
    FOREIGN KEY (district_id, record_id) REFERENCES ledger_record (district_id, id)
);
CREATE UNIQUE INDEX keeping_release_public ON keeping_release (district_id, record_id, side) WHERE withdrawn_at IS NULL;
CREATE INDEX keeping_release_record ON keeping_release (district_id, record_id, id);
