-- By the posts of which units a person is told: where such a unit keeps a roster, whoever is on duty is told first.
ALTER TABLE ledger_telling ADD COLUMN units text[] NOT NULL DEFAULT '{}';
-- Who else is told of a notice.
CREATE INDEX ledger_telling_notice ON ledger_telling (district_id, notice_id);
