"""Administration: people, posts, units, rosters, catalogue, responsibility, calendars, and the log of all of it."""
