"""The registers of the office: lists, new entries, entries with their moves."""
