-- What was solved last, for everybody to read.
CREATE INDEX cases_case_closed ON cases_case (district_id, closed_at DESC, record_id DESC) WHERE closed_at IS NOT NULL;
