-- A line of results has a number, a day and a strand; a line that replaces or strikes another does so once.
ALTER TABLE occasions_result
    ADD COLUMN line integer NOT NULL DEFAULT 0,
    ADD COLUMN on_day date NOT NULL DEFAULT '1990-01-01',
    ADD COLUMN strand text COLLATE "C" NOT NULL DEFAULT '',
    ADD COLUMN struck boolean NOT NULL DEFAULT false,
    ADD COLUMN sealed bytea;
ALTER TABLE occasions_result
    ALTER COLUMN line DROP DEFAULT,
    ALTER COLUMN on_day DROP DEFAULT,
    ALTER COLUMN strand DROP DEFAULT,
    ALTER COLUMN struck DROP DEFAULT;
DROP INDEX occasions_result_item;
CREATE INDEX occasions_result_item ON occasions_result (district_id, item, on_day);
CREATE INDEX occasions_result_day ON occasions_result (district_id, on_day, record_id, seq);
CREATE UNIQUE INDEX occasions_result_once ON occasions_result (district_id, record_id, corrects) WHERE corrects > 0;

CREATE TABLE measure_file (
    pack text PRIMARY KEY,
    body text NOT NULL,
    loaded_at timestamptz NOT NULL
);
