"""The field: a page for phones that works without a line, installable, whole inside messengers (ADR 27, 28)."""
