"""The dispatch list (派遣单): per unit the open cases it has, where, what, and until when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from gewu.cases.queries import CaseRow, Filter, list_cases
from gewu.papers import model as m
from gewu.papers.setting import Setting
from gewu.papers.words import _, cases_words, left_words, speaking
from gewu.registry import names

MOST_ROWS = 5000
_PAGE = 500


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list shows: the open cases of one unit or of all, at a place, due by the end of a day; all when empty."""

    unit: str = ""
    place: str = ""
    day: date | None = None


def dispatch_list(setting: Setting, wanted: Wanted) -> m.Paper:
    """The list, earliest deadline first; at most 5,000 cases, of which no more than the actor's own sight holds.

    It takes one statement for 500 cases.
    """
    rows, more = _rows(setting, wanted)
    by_unit: dict[str, list[CaseRow]] = {}
    for row in rows:
        by_unit.setdefault(row.lead_unit, []).append(row)
    with speaking(setting.language):
        blocks: list[m.Block] = [m.paragraph(_summary(setting, wanted, rows), indent=False)]
        if more:
            text = _("Only the first %(n)d cases are listed; choose a unit or a day for the others.")
            blocks.append(m.paragraph(text % {"n": MOST_ROWS}, indent=False, bold=True))
        for unit in sorted(by_unit, key=lambda code: (setting.unit_name(code), code)):
            blocks.append(_table(setting, unit, by_unit[unit]))
        if not rows:
            blocks.append(m.paragraph(_("No open case fits."), indent=False))
        lines = (_("Signature:"), _("Date and time:"))
        blocks.append(m.Signatures((m.Signature(_("Dispatched by"), lines), m.Signature(_("Received by"), lines))))
        return m.Paper(
            kind="dispatch-list",
            language=setting.language,
            title=_("Dispatch list"),
            stem=_stem(setting, wanted),
            day=setting.today,
            office=setting.office,
            number="",
            date_line=setting.instant(setting.now),
            standing=_("As of %(at)s, time zone %(zone)s")
            % {"at": setting.instant(setting.now), "zone": setting.directory.district.timezone},
            landscape=True,
            blocks=tuple(blocks),
        )


def _rows(setting: Setting, wanted: Wanted) -> tuple[list[CaseRow], bool]:
    """The cases, and whether there are more than fit."""
    found: list[CaseRow] = []
    for row in _open_cases(setting, wanted):
        if len(found) == MOST_ROWS:
            return found, True
        found.append(row)
    return found, False


def _open_cases(setting: Setting, wanted: Wanted) -> Iterator[CaseRow]:
    """Open cases that a unit has, by deadline; later deadlines than the day's end are not read."""
    until = _end_of(wanted.day, setting) if wanted.day else None
    chosen = Filter(ended=False, unit=wanted.unit, place=wanted.place)
    after: str | None = None
    while True:
        page = list_cases(setting.district_id, setting.acting, chosen, after=after, limit=_PAGE)
        for row in page.rows:
            if until is not None and (row.due_at is None or row.due_at >= until):
                return
            if row.lead_unit:
                yield row
        after = page.after
        if after is None:
            return


def _end_of(day: date, setting: Setting) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), setting.zone)


def _summary(setting: Setting, wanted: Wanted, rows: list[CaseRow]) -> str:
    late = sum(1 for row in rows if row.due_at is not None and row.due_at < setting.now)
    filled = {"cases": cases_words(len(rows)), "late": late}
    if wanted.day:
        filled["day"] = setting.day(wanted.day)
        text = _("%(cases)s due by the end of %(day)s, of which %(late)d past the limit.") % filled
    else:
        text = _("%(cases)s open, of which %(late)d past the limit.") % filled
    if wanted.place:
        text += " " + _("Place: %(place)s.") % {
            "place": names.place_name(setting.directory, wanted.place, setting.language)
        }
    return text


def _stem(setting: Setting, wanted: Wanted) -> str:
    parts = [_("Dispatch list")]
    if wanted.unit:
        parts.append(setting.unit_name(wanted.unit))
    parts.append((wanted.day or setting.today).isoformat())
    return " ".join(parts)


def _table(setting: Setting, unit: str, rows: list[CaseRow]) -> m.Table:
    columns = (
        m.Column(_("No."), 0.6, m.Align.CENTRE, 6),
        m.Column(_("Number"), 2.25, chars=22),
        m.Column(_("Category"), 1.5, chars=18),
        m.Column(_("Place"), 2.1, chars=28),
        m.Column(_("What"), 3.6, chars=48),
        m.Column(_("Stage"), 1.1, chars=12),
        m.Column(_("Due"), 1.75, chars=17),
        m.Column(_("Left or past"), 1.35, chars=14),
        m.Column(_("Done (signature)"), 1.4, chars=16),
    )
    name = setting.unit_name(unit)
    caption = _("%(unit)s: %(cases)s") % {"unit": name, "cases": cases_words(len(rows))}
    return m.Table(name, columns, [_line(setting, n, row) for n, row in enumerate(rows, 1)], caption=caption)


def _line(setting: Setting, n: int, row: CaseRow) -> list[m.Cell]:
    directory, language = setting.directory, setting.language
    playbook = setting.playbook(row.playbook, row.playbook_version)
    spec = playbook.clocks.get(row.clock) if playbook else None
    resting = row.clock_status == "paused" or bool(spec and spec.move)
    left = names.name("paused", language) if resting else left_words(row.due_at, setting.now) if row.due_at else ""
    category = names.category_name(directory, row.category, language) if row.category else ""
    return [
        m.whole(n),
        m.Cell(row.number, link=setting.links.case(row.number)),
        m.Cell(f"{category}{_(' (urgent)') if row.urgent else ''}"),
        m.Cell(names.place_name(directory, row.place, language)),
        m.Cell(row.excerpt),
        m.Cell(names.stage_name(playbook, row.stage, language)),
        m.Cell(setting.short(row.due_at) if row.due_at else ""),
        m.Cell(left),
        m.Cell(),
    ]
