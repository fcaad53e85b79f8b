"""How a bulletin counts: every indicator that stands in it, in plain sentences, with its source and version."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import partial

from gewu.evaluation.api import Definitions, Where
from gewu.evaluation.definitions import Indicator, source_words
from gewu.papers import model as m
from gewu.papers.figures import Month, Months
from gewu.papers.plain import Plain
from gewu.papers.setting import Setting
from gewu.papers.words import _, utc
from gewu.registry import names
from gewu.registry.directory import Directory


def method_pages(
    setting: Setting, known: Definitions, indicators: Sequence[Indicator], months: Months, where: Where
) -> list[m.Block]:
    """The pages at the end: periods and instants, rounding, and the definition of every indicator."""
    language = setting.language
    scope = names.listed(
        (names.place_name(setting.directory, code, language) for code in where.places), language
    ) or setting.directory.district.name(language)
    facts = m.Facts(
        (
            m.Fact(_("Territory"), m.Cell(scope), wide=True),
            m.Fact(_("Month"), m.Cell(_period(setting, months.this)), wide=True),
            m.Fact(_("Month before"), m.Cell(_period(setting, months.before)), wide=True),
            m.Fact(_("A year ago"), m.Cell(_period(setting, months.year_ago)), wide=True),
            m.Fact(_("Definitions"), m.Cell(known.version)),
            m.Fact(_("Same problem"), m.Cell(_("within %(d)d m") % {"d": known.recurrence.metres})),
        )
    )
    text = _(
        "Numerators and denominators are whole numbers counted from the ledger. A rate is their quotient, rounded "
        "once, half up, to one decimal when it is printed; a mean is in hours. What came after the instant of a figure "
        "has not come; a limit that still runs then is not judged. Cases without an answer of the reporter are not "
        "counted in what reporters say."
    )
    plain = sayer(setting.directory, language)
    columns = (
        m.Column(_("Indicator"), 2.3, chars=22),
        m.Column(_("Numerator"), 3.4, chars=36),
        m.Column(_("Denominator"), 3.4, chars=36),
        m.Column(_("Put into the month by"), 1.8, chars=18),
        m.Column(_("Source"), 1.9, chars=20),
        m.Column(_("Version"), 1.7, chars=14),
    )
    table = m.Table(
        _("Method"),
        columns,
        [_row(indicator, plain) for indicator in indicators],
        caption=_("Definitions of the indicators"),
        note=_("The sentences are made from the definitions themselves; the digest of each definition is its version."),
        dense=True,
    )
    return [m.Heading(_("How this was counted")), m.paragraph(text), facts, table]


def _period(setting: Setting, month: Month) -> str:
    first, end = (utc(at).astimezone(setting.zone) for at in (month.period.start, month.period.end))
    last = date.fromordinal(end.date().toordinal() - 1)
    return _("%(first)s to %(last)s, as of %(at)s") % {
        "first": setting.day(first.date()),
        "last": setting.day(last),
        "at": setting.instant(utc(month.as_of)),
    }


def sayer(directory: Directory, language: str) -> Plain:
    """Who says definitions in the names of a district; the pages of the desk ask the same one."""
    return Plain(language, partial(_named, directory, language))


def _named(directory: Directory, language: str, column: str, value: str) -> str:
    """What the district and its playbook call a value that a definition names."""
    playbook = directory.current_playbook()
    match column:
        case "category":
            return names.category_name(directory, value, language)
        case "place":
            return names.place_name(directory, value, language)
        case "lead_unit":
            return names.unit_name(directory, value, language)
        case "stage":
            return names.stage_name(playbook, value, language)
        case "tier":
            return names.tier_name(playbook, value, language)
        case _:
            return value


def _row(indicator: Indicator, plain: Plain) -> list[m.Cell]:
    title = indicator.title[plain.language]
    if indicator.note is not None:
        title = f"{title}\n{indicator.note[plain.language]}"
    counted = "\n".join(filter(None, (plain.numerator(indicator), plain.unanswered(indicator))))
    return [
        m.Cell(title),
        m.Cell(counted),
        m.Cell(plain.denominator(indicator)),
        m.Cell(plain.month(indicator)),
        m.Cell(source_words(indicator.source, plain.language)),
        m.Cell(indicator.version),
    ]
