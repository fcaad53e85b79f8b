"""From what the rooms below know to what a page shows: rows, timelines, forms, maps. Nothing here asks the database."""
