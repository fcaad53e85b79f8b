"""Rounds of the double showcase and honours at the desk."""
