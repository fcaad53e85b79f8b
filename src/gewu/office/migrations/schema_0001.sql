CREATE TABLE office_entry (
    district_id integer NOT NULL,
    record_id uuid NOT NULL,
    kind text COLLATE "C" NOT NULL,
    number text NOT NULL,
    year integer NOT NULL,
    counter integer NOT NULL,
    day date NOT NULL,
    own_number text NOT NULL,
    own_day date,
    unit text COLLATE "C" NOT NULL,
    variant text NOT NULL,
    due_on date,
    sent_on date,
    reminders integer NOT NULL,
    returns integer NOT NULL,
    relapses integer NOT NULL,
    result text NOT NULL,
    answered_at timestamptz,
    struck_off_at timestamptz,
    look_back_at timestamptz,
    closed_at timestamptz,
    matters integer,
    late integer,
    related uuid[] NOT NULL,
    sealed bytea,
    PRIMARY KEY (district_id, record_id),
    UNIQUE (district_id, kind, year, counter),
    FOREIGN KEY (district_id, record_id) REFERENCES ledger_record (district_id, id)
) WITH (fillfactor = 80);
CREATE INDEX office_entry_register ON office_entry (district_id, kind, record_id DESC);
CREATE INDEX office_entry_number ON office_entry (district_id, number);
CREATE INDEX office_entry_own_number ON office_entry (district_id, own_number) WHERE own_number <> '';
CREATE INDEX office_entry_unit ON office_entry (district_id, unit, record_id DESC) WHERE unit <> '';
CREATE INDEX office_entry_related ON office_entry USING gin (related);

CREATE TABLE office_counter (
    district_id integer NOT NULL REFERENCES registry_district (id),
    kind text COLLATE "C" NOT NULL,
    year integer NOT NULL,
    next integer NOT NULL,
    PRIMARY KEY (district_id, kind, year)
);

CREATE TABLE office_numberform (
    district_id integer NOT NULL REFERENCES registry_district (id),
    kind text COLLATE "C" NOT NULL,
    form text NOT NULL,
    PRIMARY KEY (district_id, kind)
);
