"""Items of enforcement and who holds them, with dates."""
