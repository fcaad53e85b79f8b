-- What the queues of the desk are narrowed by, beside the deadline that they are in the order of (ADR 0032). The columns
-- follow from the state, so the database computes them: no writer can forget them, and rebuilding needs nothing new.
ALTER TABLE ledger_record
    ADD COLUMN category text COLLATE "C" GENERATED ALWAYS AS (coalesce(state->'fields'->>'category', '')) STORED,
    ADD COLUMN source text COLLATE "C" GENERATED ALWAYS AS (coalesce(state->'fields'->>'source', '')) STORED,
    ADD COLUMN lead_unit text COLLATE "C" GENERATED ALWAYS AS (coalesce(jsonb_path_query_array(
        state, '$.assignments[*] ? (@.slot == "handle" && @.mode == "lead").unit')->>-1, '')) STORED,
    ADD COLUMN warned boolean GENERATED ALWAYS AS (jsonb_path_exists(
        state, '$.clocks[*] ? (@.status == "running" && @.phase > 0)')) STORED;
-- Open records are few, however many there have been: these stay as small as the work that is left.
CREATE INDEX ledger_record_open_stage ON ledger_record (district_id, kind, stage, due_at, id) WHERE NOT ended;
CREATE INDEX ledger_record_open_place ON ledger_record (district_id, kind, place, due_at, id) WHERE NOT ended;
CREATE INDEX ledger_record_open_category ON ledger_record (district_id, kind, category, due_at, id) WHERE NOT ended;
CREATE INDEX ledger_record_open_source ON ledger_record (district_id, kind, source, due_at, id) WHERE NOT ended;
CREATE INDEX ledger_record_open_unit ON ledger_record (district_id, kind, lead_unit, due_at, id) WHERE NOT ended;
CREATE INDEX ledger_record_open_involved ON ledger_record USING gin (involved) WHERE NOT ended;
-- Those that are over, newest first. A record enters once, when it ends.
CREATE INDEX ledger_record_done_category ON ledger_record (district_id, kind, category, id DESC) WHERE ended;
CREATE INDEX ledger_record_done_source ON ledger_record (district_id, kind, source, id DESC) WHERE ended;
CREATE INDEX ledger_record_done_unit ON ledger_record (district_id, kind, lead_unit, id DESC) WHERE ended;
-- Those of which a clock that still runs has warned: the amber ones, and the late ones before them.
CREATE INDEX ledger_record_open_warned ON ledger_record (district_id, kind, due_at, id) WHERE NOT ended AND warned;
