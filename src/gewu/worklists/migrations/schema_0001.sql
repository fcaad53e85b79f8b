-- Tenant tables: every key begins with the district (ADR 0003). Neither holds words of a case.
CREATE TABLE worklists_view (
    district_id integer NOT NULL REFERENCES registry_district (id),
    id uuid NOT NULL,
    person text COLLATE "C" NOT NULL,
    post text COLLATE "C" NOT NULL,
    title text NOT NULL,
    query jsonb NOT NULL,
    shared text COLLATE "C" NOT NULL,
    position integer NOT NULL,
    made_at timestamptz NOT NULL,
    PRIMARY KEY (district_id, id)
);
CREATE INDEX worklists_view_own ON worklists_view (district_id, person, post);
CREATE INDEX worklists_view_shared ON worklists_view (district_id, shared) WHERE shared <> '';

CREATE TABLE worklists_sheet (
    district_id integer NOT NULL REFERENCES registry_district (id),
    id uuid NOT NULL,
    person text COLLATE "C" NOT NULL,
    post text COLLATE "C" NOT NULL,
    language text NOT NULL,
    title text NOT NULL,
    query jsonb NOT NULL,
    sight text COLLATE "C" NOT NULL,
    status text COLLATE "C" NOT NULL,
    total integer NOT NULL,
    done integer NOT NULL,
    size integer NOT NULL,
    worker text NOT NULL,
    lease_until timestamptz,
    made_at timestamptz NOT NULL,
    done_at timestamptz,
    PRIMARY KEY (district_id, id)
);
CREATE INDEX worklists_sheet_own ON worklists_sheet (district_id, person, made_at DESC);
CREATE INDEX worklists_sheet_waiting ON worklists_sheet (district_id, made_at) WHERE status IN ('waiting', 'running');
