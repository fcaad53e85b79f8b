"""The Django application of the ledger."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "gewu.ledger"
    label = "ledger"
    verbose_name = "Ledger"
