"""Floor 3: the one door through which records change, and what hangs on it."""
