"""Where people meet to act: building workdays, roadside offices, joint duty, councils, joint meetings."""
