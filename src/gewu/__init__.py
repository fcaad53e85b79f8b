"""Gewu 格物: fine-grained governance of a city district on one append-only ledger."""

__version__ = "0.1.0"
