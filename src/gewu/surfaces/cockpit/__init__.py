"""The cockpit: what is late, where it recurs, who carries it, for leaders' offices and the two levels of centres."""
