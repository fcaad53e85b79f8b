"""Maps for all pages: a district's polygons, the base map under them, and the tag that puts one on a page (ADR 31)."""
