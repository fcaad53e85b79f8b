"""The timeline of a record as the desk sets it: what is told comes from `gewu.cases.telling`."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from gewu.cases import telling
from gewu.cases.telling import Entry, Linking, Said, link_name
from gewu.core.playbook.model import Playbook
from gewu.registry.directory import Directory
from gewu.surfaces.desk.present import names
from gewu.surfaces.look.dates import instant_words, left_words

__all__ = ["Entry", "Said", "link_name", "teller"]


def teller(view: Linking, directory: Directory, playbook: Playbook | None, language: str) -> telling.Teller:
    """Who tells a record on a page: with thin spaces, and with dates as the page writes them."""

    def when(at: datetime) -> str:
        return instant_words(timezone.localtime(at), timezone.localtime(), language)

    manner = telling.Manner(
        typeset=lambda text: names.typeset(text, language),
        when=when,
        left=lambda due, at: left_words(due, at, language),
    )
    return telling.Teller(view, directory, playbook, language, manner)
