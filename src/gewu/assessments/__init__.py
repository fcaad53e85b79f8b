"""Rounds that score and rank: the double showcase, honours."""
