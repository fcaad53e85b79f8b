"""Building workdays and roadside offices at the desk: the month, the list, one session, the table."""
