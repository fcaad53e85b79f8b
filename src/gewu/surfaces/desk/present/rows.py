"""A line of a queue: clock, number, what, where, who, age."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gewu.cases.queries import CaseRow
from gewu.core.playbook.model import Playbook
from gewu.registry.directory import Directory
from gewu.surfaces import words
from gewu.surfaces.desk.present import names
from gewu.surfaces.look.dates import short_words

PlaybookOf = Callable[[str, int], Playbook | None]


@dataclass(frozen=True, slots=True)
class Line:
    """A case as a queue shows it. ``due`` is None when nothing runs; ``word`` then says how it stands."""

    row: CaseRow
    number: str
    what: str
    where: str
    who: str
    stage: str
    due: datetime | None
    warns_at: datetime | None
    paused: bool
    word: str
    due_short: str
    urgent: bool
    notes: tuple[str, ...]

    @property
    def reported_at(self) -> datetime:
        """Since when the case exists."""
        return self.row.reported_at


def line(row: CaseRow, directory: Directory, playbook_of: PlaybookOf, language: str) -> Line:
    """The line of one case."""
    playbook = playbook_of(row.playbook, row.playbook_version)
    spec = playbook.clocks.get(row.clock) if playbook else None
    stage = names.typeset(words.stage_name(playbook, row.stage, language), language)
    resting = row.clock_status == "paused" or bool(spec and spec.move)
    due = None if row.ended else row.due_at
    return Line(
        row=row,
        number=row.number,
        what=names.category(directory, row.category, language),
        where=names.place_short(directory, row.place, language),
        who=who(row, directory, playbook, language, resting=resting),
        stage=stage,
        due=due,
        warns_at=row.warns_at,
        paused=resting and not row.ended,
        word=stage,
        due_short=_short(due, language) if due else "",
        urgent=row.urgent,
        notes=tuple(names.typeset(words.name(code, language), language) for code in (*row.flags, *row.tags)),
    )


def who(row: CaseRow, directory: Directory, playbook: Playbook | None, language: str, *, resting: bool = False) -> str:
    """Who has it and until when, as a sentence: ``Paifu squad has until 16:30``."""
    holders = list(dict.fromkeys(names.holder(directory, part, language) for part in row.parts))
    if row.ended:
        return names.typeset(words.stage_name(playbook, row.stage, language), language)
    if holders:
        n = len(holders)
        someone = holders[0] if n == 1 else _("%(who)s and %(n)d more") % {"who": holders[0], "n": n - 1}
    else:
        turn = [names.role(directory, code, language) for code in names.stage_actors(playbook, row.stage)]
        someone, n = _(" or ").join(turn), 1
    if row.due_at is None or not someone:
        return someone
    filled = {"who": someone, "at": _short(row.due_at, language)}
    if resting:
        return _("%(who)s, resting until %(at)s") % filled
    if row.due_at < timezone.now():
        return _("%(who)s had until %(at)s") % filled
    return ngettext("%(who)s has until %(at)s", "%(who)s have until %(at)s", n) % filled


def _short(at: datetime, language: str) -> str:
    return short_words(timezone.localtime(at), timezone.localtime(), language)
