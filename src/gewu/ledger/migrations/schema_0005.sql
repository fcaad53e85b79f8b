-- For whom a notice came and who has read it: one row for each person who held a post that it was for when it came.
-- ``reader`` is a person's id as the events have it, or post:CODE of a post that nobody held.
CREATE TABLE ledger_reading (
    district_id integer NOT NULL REFERENCES registry_district (id),
    notice_id uuid NOT NULL,
    reader text COLLATE "C" NOT NULL,
    read_at timestamptz,
    PRIMARY KEY (district_id, notice_id, reader),
    FOREIGN KEY (district_id, notice_id) REFERENCES ledger_notice (district_id, id) ON DELETE CASCADE
);
-- What is left to read, newest first: as small as that is, however many notices there have been.
CREATE INDEX ledger_reading_unread ON ledger_reading (district_id, reader, notice_id DESC) WHERE read_at IS NULL;

-- What was read so far was read for everybody at the same desk; what nobody has read waits for whoever sees it now.
INSERT INTO ledger_reading (district_id, notice_id, reader, read_at)
SELECT DISTINCT n.district_id, n.id, coalesce(p.person_id::text, 'post:' || p.code), n.read_at
FROM ledger_notice n
JOIN registry_post p ON p.district_id = n.district_id AND p.retired_on IS NULL
JOIN registry_unit u ON u.id = p.unit_id
JOIN registry_role o ON o.id = p.role_id
LEFT JOIN ledger_record r ON r.district_id = n.district_id AND r.id = n.record_id
WHERE n.role <> 'reporter' AND n.role IN ('', o.code) AND n.unit IN ('', u.code)
    AND n.person IN ('', p.person_id::text) AND n.role || n.unit || n.person <> ''
    AND (n.record_id IS NULL OR r.involved @> ARRAY[u.path::text]
        OR EXISTS (SELECT 1 FROM jsonb_array_elements_text(p.scope_prefixes) x WHERE starts_with(r.place, x))
        OR EXISTS (SELECT 1 FROM jsonb_array_elements_text(p.scope_areas) x WHERE x = ANY (r.areas)));

DROP INDEX ledger_notice_waiting;
ALTER TABLE ledger_notice DROP COLUMN read_at;
-- What the house tells about itself: looked at before it is told again.
CREATE INDEX ledger_notice_house ON ledger_notice (district_id, role, message) WHERE record_id IS NULL;
