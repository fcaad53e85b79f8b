"""The district's own tables: buildings, the Party chain, paired bodies, items of enforcement, bodies and their acts."""
