"""Keeping: backups, retention and erasing, audited reveals, seals that can be published."""
