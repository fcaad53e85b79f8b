-- Alarms of devices (ADR 0003 for the shape of keys): each names its device, its number there and the case it went into.
CREATE TABLE imports_alarm (
    district_id integer NOT NULL REFERENCES registry_district (id),
    device text COLLATE "C" NOT NULL,
    number text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    at timestamptz NOT NULL,
    taken_at timestamptz NOT NULL,
    record_id uuid NOT NULL,
    joined boolean NOT NULL,
    PRIMARY KEY (district_id, device, number),
    FOREIGN KEY (district_id, record_id) REFERENCES ledger_record (district_id, id)
);
CREATE INDEX imports_alarm_taken ON imports_alarm (district_id, taken_at DESC, device, number);
CREATE INDEX imports_alarm_device ON imports_alarm (district_id, device, taken_at DESC);
CREATE INDEX imports_alarm_record ON imports_alarm (district_id, record_id);
