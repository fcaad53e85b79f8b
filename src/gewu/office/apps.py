"""The Django application of the office registers; registers its projection with the ledger and follows erasings."""

from django.apps import AppConfig


class OfficeConfig(AppConfig):
    name = "gewu.office"
    label = "office"
    verbose_name = "Office registers"

    def ready(self) -> None:
        from gewu.ledger.erasure import follow
        from gewu.ledger.projections import register
        from gewu.office import erased
        from gewu.office.kinds import KINDS
        from gewu.office.projection import EntryProjection

        for kind in KINDS:
            register(kind, EntryProjection(kind))
        follow(erased.forget_letters)
