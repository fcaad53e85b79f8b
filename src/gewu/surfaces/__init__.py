"""The surfaces: REST, desk, public pages and the command line."""
