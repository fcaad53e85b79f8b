"""The pure core: time, place, playbooks, and what a command does to a record. No database, no clock of its own."""
