-- Each hop of a matter between the centre of a street and that of the district. The reason stands with the event.
CREATE TABLE cases_hop (
    district_id integer NOT NULL,
    record_id uuid NOT NULL,
    seq integer NOT NULL,
    at timestamptz NOT NULL,
    to_level text COLLATE "C" NOT NULL,
    from_unit text COLLATE "C" NOT NULL,
    to_unit text COLLATE "C" NOT NULL,
    held_s bigint,
    PRIMARY KEY (district_id, record_id, seq),
    FOREIGN KEY (district_id, record_id) REFERENCES ledger_record (district_id, id)
);
CREATE INDEX cases_hop_at ON cases_hop (district_id, to_level, at, record_id, seq);
