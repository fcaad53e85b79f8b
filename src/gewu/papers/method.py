"""How a bulletin counts: every indicator that stands in it, with its definition, source and version."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import yaml

from gewu.evaluation.api import Definitions, Where
from gewu.evaluation.definitions import Condition, Indicator
from gewu.papers import model as m
from gewu.papers.figures import Month, Months
from gewu.papers.setting import Setting
from gewu.papers.words import _, utc
from gewu.registry import names


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
        [_row(indicator, language) for indicator in indicators],
        caption=_("Definitions of the indicators"),
        note=_("The names in the conditions are columns of the facts; the digest of each definition is its version."),
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


def _row(indicator: Indicator, language: str) -> list[m.Cell]:
    title = indicator.title[language]
    if indicator.note is not None:
        title = f"{title}\n{indicator.note[language]}"
    return [
        m.Cell(title),
        m.Cell(_numerator(indicator)),
        m.Cell(_denominator(indicator)),
        m.Cell(indicator.at),
        m.Cell(indicator.source),
        m.Cell(indicator.version),
    ]


def _numerator(indicator: Indicator) -> str:
    if indicator.entries is not None:
        return ", ".join(indicator.entries.numerator)
    if indicator.span is not None:
        return f"{indicator.span.to} - {indicator.span.from_}"
    if indicator.top is not None:
        return _("of the %(n)d most frequent categories") % {"n": indicator.top}
    text = written(indicator.numerator)
    if indicator.unanswered is not None:
        text += "\n" + _("shown apart: %(text)s") % {"text": written(indicator.unanswered)}
    return text


def _denominator(indicator: Indicator) -> str:
    if indicator.entries is not None:
        return ", ".join(indicator.entries.denominator)
    return written(indicator.denominator) if indicator.denominator is not None else ""


def written(condition: Condition | None) -> str:
    """A condition as it stands in its file, on one line."""
    if condition is None:
        return ""
    plain = condition.model_dump(mode="json", by_alias=True, exclude_none=True)
    return yaml.safe_dump(plain, default_flow_style=True, sort_keys=False, width=10_000, allow_unicode=True).strip()
