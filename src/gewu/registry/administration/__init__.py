"""What administrators change in the registry: judged as a pack would be, dated, and written down."""
