-- What is found by words, by callers and by place. Rows of the first two vanish when a record is erased.
CREATE TABLE cases_words (
    district_id integer NOT NULL,
    record_id uuid NOT NULL,
    seq integer NOT NULL,
    words tsvector NOT NULL,
    PRIMARY KEY (district_id, record_id, seq),
    FOREIGN KEY (district_id, record_id) REFERENCES ledger_record (district_id, id)
);
-- New entries wait in a list that every search walks through: a megabyte of it, not the usual four.
CREATE INDEX cases_words_words ON cases_words USING gin (words) WITH (gin_pending_list_limit = 1024);

CREATE TABLE cases_caller (
    district_id integer NOT NULL,
    record_id uuid NOT NULL,
    seq integer NOT NULL,
    phone_hash bytea NOT NULL,
    PRIMARY KEY (district_id, record_id, seq),
    FOREIGN KEY (district_id, record_id) REFERENCES ledger_record (district_id, id)
);
CREATE INDEX cases_caller_phone ON cases_caller (district_id, phone_hash);

-- Cells of a thousandth of a degree, about a hundred metres: near cases lie in a few neighbouring ones.
CREATE INDEX cases_case_cell ON cases_case (district_id, (lat_e6 / 1000), (lon_e6 / 1000), reported_at)
    WHERE lat_e6 IS NOT NULL;
