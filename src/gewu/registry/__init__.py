"""Who, where, what: packs, places, units, posts, the catalogue, its standards, and who answers for what."""
