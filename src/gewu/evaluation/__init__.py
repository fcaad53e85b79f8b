"""Facts, indicators and scores: the seventh stage, counted from the ledger."""
