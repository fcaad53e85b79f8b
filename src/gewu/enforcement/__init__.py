"""Items of enforcement and who holds them on a day; reforms of bodies, carried out and taken back by numbered acts."""
