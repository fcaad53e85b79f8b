-- What devices outside have sent, item by item, and what became of it (ADR 28). No words and no photos are in here: an
-- item that was accepted is an event, and the words of one that was not stay on the device.
CREATE TABLE ledger_received (
    district_id integer NOT NULL REFERENCES registry_district (id),
    device uuid NOT NULL,
    item uuid NOT NULL,
    seq integer NOT NULL,
    person text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    status text COLLATE "C" NOT NULL,
    code text COLLATE "C" NOT NULL,
    record_id uuid,
    first_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    times integer NOT NULL DEFAULT 1,
    PRIMARY KEY (district_id, device, item)
) WITH (fillfactor = 80);
CREATE INDEX ledger_received_item ON ledger_received (district_id, item);
CREATE INDEX ledger_received_old ON ledger_received (district_id, last_at);

-- A photo that was sent once is found by its content, by whoever sent it.
CREATE INDEX ledger_attachment_content ON ledger_attachment (district_id, uploaded_by, sha256);
