"""Evaluation at the desk: figures of a month, the records behind each, scores, and one's own figures."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from openpyxl import Workbook

from gewu.core.places import PlaceLevel
from gewu.evaluation import api
from gewu.evaluation.api import By, Definitions, Live, Part, Period, Table, Where
from gewu.evaluation.conditions import forgivable
from gewu.evaluation.definitions import Indicator
from gewu.surfaces import words
from gewu.surfaces.desk.present import figures, names
from gewu.surfaces.desk.who import EVALUATES, Desk, desk_page, page
from gewu.surfaces.look.forms import Choice, Field

ROLES = tuple(sorted(EVALUATES))
PAGE = 50
AREA, DEPARTMENT, POST = "area", "department", "post"
EARLIEST, LATEST = 2000, 2100
_MONTH = re.compile(r"(\d{4})-(\d{2})")
_DAYS = re.compile(r"(\d{4}-\d{2}-\d{2})/(\d{4}-\d{2}-\d{2})")
_LEVELS = {"street": By.STREET, "community": By.COMMUNITY}
_SHEETS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_HEAD = (
    "indicator", "title", "group", "group_name", "numerator", "denominator", "value", "adjusted_numerator",
    "adjusted_denominator", "adjusted_value", "unanswered", "exempt", "left_out", "period", "as_of", "definitions",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """What the page is asked for. ``group`` None lists all groups for one indicator."""

    of: str
    by: By
    period: Period
    as_of: int
    indicator: Indicator | None
    group: str | None
    live: bool
    """Whether ``as_of`` is simply now."""

    @property
    def query(self) -> dict[str, str]:
        """The same question as a query string has it."""
        found = {"of": self.of, "month": self.period.code, "level": self.by.value}
        if not self.live:
            found["as_of"] = str(self.as_of)
        return found


@desk_page(*ROLES)
@require_safe
def evaluation(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Indicators of an area, a department or the posts for a month; or one indicator over all groups.

    Two statements beside session, post and unread notices.
    """
    known = api.definitions(desk.district_id)
    asked, errors = _asked(request, desk, known)
    table = api.evaluate(
        Live(desk.district_id),
        known.of(asked.of),
        asked.by,
        [asked.period],
        as_of=asked.as_of,
        where=territory(desk),
        version=known.version,
    )
    whole = table
    if asked.by is not By.TOTAL and asked.indicator is None and not asked.group:
        whole = _total(desk, known.of(asked.of), asked)
    lines = _lines(desk, asked, table, whole)
    context: dict[str, object] = {
        "asked": asked,
        "tabs": _tabs(asked),
        "fields": _fields(desk, asked, known, table),
        "errors": errors,
        "rows": [(line, _links(asked, line)) for line in lines],
        "definition": figures.definition(asked.indicator, desk.language) if asked.indicator else None,
        "definitions": [figures.definition(i, desk.language) for i in known.of(asked.of)],
        "scores": _scores(desk, known, asked, table, whole),
        "version": known.version,
        "as_of": datetime.fromtimestamp(asked.as_of, timezone.get_current_timezone()),
        "csv_url": _sheet_url(asked, "csv"),
        "xlsx_url": _sheet_url(asked, "xlsx"),
        "none_loaded": not known.indicators,
    }
    return page(request, desk, "desk/evaluation.html", context, status=422 if errors else 200)


def territory(desk: Desk) -> Where:
    """The cases a post may count: those of its territory."""
    scope = desk.acting.scope
    if scope is None or any(desk.directory.district.code.startswith(prefix) for prefix in scope.prefixes):
        return Where()
    if not scope.prefixes:
        raise PermissionDenied(_("This post has no territory of its own, so there is nothing to count for it."))
    return Where(places=tuple(sorted(scope.prefixes)))


def _total(desk: Desk, indicators: Sequence[Indicator], asked: Asked) -> Table:
    return api.evaluate(
        Live(desk.district_id), indicators, By.TOTAL, [asked.period], as_of=asked.as_of, where=territory(desk)
    )


def _asked(request: HttpRequest, desk: Desk, known: Definitions) -> tuple[Asked, list[str]]:
    data, errors = request.GET, []
    of = data.get("of", "") if data.get("of") in (AREA, DEPARTMENT, POST) else AREA
    by = By.UNIT if of == DEPARTMENT else _LEVELS.get(data.get("level", ""), By.STREET)
    zone = desk.directory.district.timezone
    period = period_of(data.get("month", ""), zone)
    if period is None:
        if data.get("month"):
            errors.append(_("Month: four digits, a dash and two digits, for example 2026-11."))
        today = timezone.localdate()
        period = api.month(zone, today.year, today.month)
    as_of = instant_of(data.get("as_of", ""), zone)
    if as_of is None and data.get("as_of"):
        errors.append(_("As of: a day and a time, for example 2026-11-30 18:00."))
    code = data.get("indicator", "")
    indicator = known.indicators.get(code)
    if code and (indicator is None or of not in indicator.of):
        indicator = None
    group = data.get("group") if indicator is None else None
    now = int(timezone.now().timestamp())
    return Asked(of, by, period, now if as_of is None else as_of, indicator, group or None, as_of is None), errors


def period_of(text: str, zone: str) -> Period | None:
    """A month (``2026-11``), a year, or days (``2026-11-01/2026-11-15``); None when it is none."""
    try:
        if found := _MONTH.fullmatch(text):
            year, number = int(found[1]), int(found[2])
            return api.month(zone, year, number) if EARLIEST <= year < LATEST and 1 <= number <= 12 else None
        if found := _DAYS.fullmatch(text):
            first, last = date.fromisoformat(found[1]), date.fromisoformat(found[2])
            good = first <= last and first.year >= EARLIEST and last.year < LATEST
            return api.days(zone, first, last) if good else None
    except ValueError:
        return None
    if re.fullmatch(r"\d{4}", text) and EARLIEST <= int(text) < LATEST:
        return api.year_of(zone, int(text))
    return None


def instant_of(text: str, zone: str) -> int | None:
    """An instant: seconds since the epoch, or local time as a form gives it; None when it is none."""
    text = text.strip()
    if re.fullmatch(r"\d{1,12}", text):
        at = int(text)
    else:
        try:
            found = datetime.fromisoformat(text.replace(" ", "T"))
        except ValueError:
            return None
        at = int((found if found.tzinfo else found.replace(tzinfo=ZoneInfo(zone))).timestamp())
    return at if datetime(EARLIEST, 1, 1, tzinfo=ZoneInfo(zone)).timestamp() <= at < 4_102_444_800 else None


def _tabs(asked: Asked) -> list[tuple[str, str, bool]]:
    titles = {AREA: _("By area"), DEPARTMENT: _("By department"), POST: _("By post")}
    kept = {k: v for k, v in asked.query.items() if k in ("month", "as_of")}
    return [(title, f"?{urlencode({'of': of, **kept})}", of == asked.of) for of, title in titles.items()]


def _fields(desk: Desk, asked: Asked, known: Definitions, table: Table) -> list[Field]:
    fields = [
        Field(
            "month", _("Month"), value=asked.period.code, prefix="f", required=True, attrs={"placeholder": "2026-11"}
        ),
        Field(
            "as_of",
            _("As of"),
            "text",
            ""
            if asked.live
            else f"{datetime.fromtimestamp(asked.as_of, timezone.get_current_timezone()):%Y-%m-%d %H:%M}",
            prefix="f",
            required=True,
            attrs={"placeholder": _("Empty: now")},
        ),
        Field(
            "indicator",
            _("Indicator"),
            "select",
            asked.indicator.code if asked.indicator else "",
            prefix="f",
            required=True,
            choices=(
                Choice("", _("All, for one group")),
                *(Choice(i.code, figures.title(i, desk.language)) for i in known.of(asked.of)),
            ),
        ),
    ]
    groups = dict.fromkeys([*table.groups(), *([asked.group] if asked.group else [])])
    whole = _("All departments") if asked.of == DEPARTMENT else _("The whole territory")
    named = [Choice(g, figures.group_name(desk.directory, asked.by, g, desk.language)) for g in groups if g]
    fields.append(
        Field(
            "group",
            _("Department") if asked.of == DEPARTMENT else _("Area"),
            "select",
            asked.group or "",
            prefix="f",
            required=True,
            choices=(Choice("", whole), *named),
        )
    )
    if asked.of != DEPARTMENT:
        levels = (Choice("street", _("Streets")), Choice("community", _("Communities")))
        fields.append(Field("level", _("Level"), "select", asked.by.value, prefix="f", required=True, choices=levels))
    return fields


def _lines(desk: Desk, asked: Asked, table: Table, whole: Table) -> list[figures.Line]:
    if asked.indicator is not None:
        return [
            figures.line(
                asked.indicator,
                group,
                figures.group_name(desk.directory, asked.by, group, desk.language),
                table.cell(asked.indicator.code, group),
            )
            for group in table.groups()
            if table.cell(asked.indicator.code, group).n or table.cell(asked.indicator.code, group).unanswered
        ]
    chosen, group = (table, asked.group) if asked.group else (whole, "")
    return [
        figures.line(i, group, figures.title(i, desk.language), chosen.cell(i.code, group))
        for i in chosen.indicators
        if isinstance(i, Indicator)
    ]


def _by(asked: Asked, line: figures.Line) -> By:
    return asked.by if asked.indicator is not None or line.group else By.TOTAL


def _links(asked: Asked, line: figures.Line) -> dict[str, str]:
    """Addresses of the records behind a row, by part; and of the same indicator over all groups."""
    base = {
        "indicator": line.indicator.code,
        "by": _by(asked, line).value,
        "group": line.group,
        "period": asked.period.code,
        "as_of": str(asked.as_of),
    }
    found = {part.value: f"{reverse('desk:figure-records')}?{urlencode({**base, 'part': part.value})}" for part in Part}
    found["groups"] = f"?{urlencode({**asked.query, 'indicator': line.indicator.code})}"
    found["one"] = f"?{urlencode({**asked.query, 'group': line.group})}"
    return found


def _scores(desk: Desk, known: Definitions, asked: Asked, table: Table, whole: Table) -> list[figures.ScoreLine]:
    """Scores of the chosen group, or of all groups with their ranks; posts are scored for the territory, unranked."""
    formulas = [f for f in known.formulas.values() if f.of == asked.of]
    if asked.indicator is not None:
        return []
    wanted = {t.indicator for f in formulas for t in f.terms} - {i.code for i in table.indicators}
    if wanted:
        listed = [*known.of(asked.of), *(known[code] for code in sorted(wanted))]
        table = api.evaluate(
            Live(desk.district_id), listed, asked.by, [asked.period], as_of=asked.as_of, where=territory(desk)
        )
        whole = table if whole is table else _total(desk, listed, asked)
    ranked = asked.of != POST
    chosen = table if asked.group or ranked else whole
    groups = None if ranked else [asked.group or ""]
    made = api.scores(chosen, formulas, known.grades, groups=groups, rank=ranked)
    by = asked.by if chosen is table else By.TOTAL
    shown = [
        figures.score_line(known, s, figures.group_name(desk.directory, by, s.group, desk.language), desk.language)
        for s in made
        if (s.group or not ranked) and (not asked.group or s.group == asked.group) and _is_place(s.group, by)
    ]
    return sorted(shown, key=lambda s: (s.title, s.score.rank or len(shown) + 1, s.score.group))


def _is_place(code: str, by: By) -> bool:
    """Leaves out what has no place of the level: the district itself is not one of its streets."""
    return by is not By.STREET or len(code) == PlaceLevel.STREET.digits


# ---- the records behind a figure


@desk_page(*ROLES)
@require_safe
def records(request: HttpRequest, desk: Desk) -> HttpResponse:
    """One page of the cases behind a number, oldest first. One statement (two for a share of top categories)."""
    data, zone = request.GET, desk.directory.district.timezone
    indicator = api.definitions(desk.district_id).indicators.get(data.get("indicator", ""))
    period = period_of(data.get("period", ""), zone)
    as_of = instant_of(data.get("as_of", ""), zone)
    if indicator is None or period is None or data.get("by") not in list(By):
        raise Http404(_("There is no such figure."))
    by, group = By(data["by"]), data.get("group", "")
    part = Part(data["part"]) if data.get("part") in list(Part) else Part.DENOMINATOR
    at = int(timezone.now().timestamp()) if as_of is None else as_of
    found = api.records_of(
        desk.district_id,
        indicator,
        part,
        by,
        group,
        period,
        as_of=at,
        where=territory(desk),
        limit=PAGE + 1,
        after=_after(data.get("after", "")),
    )
    query = {"indicator": indicator.code, "by": by.value, "group": group, "period": period.code, "as_of": str(at)}
    more = found[PAGE - 1] if len(found) > PAGE else None
    after = {"after": f"{more.at}.{more.record_id}"} if more else {}
    context: dict[str, object] = {
        "title": figures.title(indicator, desk.language),
        "group": figures.group_name(desk.directory, by, group, desk.language),
        "period": period.code,
        "as_of": datetime.fromtimestamp(at, timezone.get_current_timezone()),
        "parts": [
            (title, f"?{urlencode({**query, 'part': one.value})}", one is part)
            for one, title in _part_titles(indicator).items()
        ],
        "rows": [_record(one, desk) for one in found[:PAGE]],
        "next_url": f"?{urlencode({**query, 'part': part.value, **after})}" if more else "",
        "first_url": f"?{urlencode({**query, 'part': part.value})}" if data.get("after") else "",
        "definition": figures.definition(indicator, desk.language),
    }
    return page(request, desk, "desk/evaluation_records.html", context)


def _part_titles(indicator: Indicator) -> dict[Part, str]:
    titles = {Part.NUMERATOR: _("Counted")}
    if not indicator.counts:
        titles[Part.REST] = _("The rest")
        titles[Part.DENOMINATOR] = _("All that were judged")
    if indicator.unanswered is not None:
        titles[Part.UNANSWERED] = _("Unanswered")
    if forgivable(indicator):
        titles[Part.EXEMPT] = _("Exempt by appeal")
    titles[Part.LEFT_OUT] = _("Left out by appeal")
    return titles


def _record(found: api.Found, desk: Desk) -> dict[str, object]:
    return {
        "number": found.number,
        "at": datetime.fromtimestamp(found.at, timezone.get_current_timezone()),
        "category": names.category(desk.directory, found.category, desk.language),
        "place": names.place_short(desk.directory, found.place, desk.language),
        "unit": names.unit(desk.directory, found.lead_unit, desk.language) if found.lead_unit else "",
        "stage": names.typeset(words.stage_name(desk.playbook, found.stage, desk.language), desk.language),
    }


def _after(text: str) -> tuple[int, UUID] | None:
    """Where the page before ended. Raises ``Http404`` for what no page wrote."""
    if not text:
        return None
    at, _dot, record = text.partition(".")
    try:
        return int(at[:12]), UUID(record)
    except ValueError as error:
        raise Http404(_("This address is broken off.")) from error


# ---- one's own


@desk_page()
@require_safe
def own(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What the person at this post did in a month: shown to nobody else, ranked with nobody. One statement."""
    zone = desk.directory.district.timezone
    today = timezone.localdate()
    period = period_of(request.GET.get("month", ""), zone) or api.month(zone, today.year, today.month)
    known = api.definitions(desk.district_id)
    if desk.post.person_id is None:
        raise PermissionDenied(_("Nobody is logged in."))
    mine = [i for i in known.of(POST) if i.actor is not None]
    now = int(timezone.now().timestamp())
    table = api.own_figures(desk.post, desk.post.person_id, mine, [period], as_of=now)
    lines = [figures.line(i, "", figures.title(i, desk.language), table.cell(i.code)) for i in mine]
    context: dict[str, object] = {
        "lines": [one for one in lines if one.cell.n],
        "fields": [Field("month", _("Month"), value=period.code, prefix="f", required=True)],
        "definitions": [figures.definition(i, desk.language) for i in mine],
    }
    return page(request, desk, "desk/evaluation_own.html", context)


# ---- as a file


def _sheet_url(asked: Asked, form: str) -> str:
    return f"{reverse('desk:evaluation-sheet', args=[form])}?{urlencode(asked.query)}"


@desk_page(*ROLES)
@require_safe
def sheet(request: HttpRequest, desk: Desk, form: str) -> HttpResponse:
    """All indicators of all groups of the month, in whole numbers, as CSV or XLSX. Two statements."""
    if form not in _SHEETS:
        raise Http404(_("There is no such form."))
    known = api.definitions(desk.district_id)
    asked, errors = _asked(request, desk, known)
    if errors:
        raise Http404(" ".join(errors))
    listed = known.of(asked.of)
    table = api.evaluate(
        Live(desk.district_id), listed, asked.by, [asked.period], as_of=asked.as_of, where=territory(desk)
    )
    rows = [*_sheet_rows(desk, known, asked, _total(desk, listed, asked)), *_sheet_rows(desk, known, asked, table)]
    body = _csv(rows) if form == "csv" else _xlsx(rows)
    response = HttpResponse(body, content_type=_SHEETS[form])
    name = f"gewu-{asked.of}-{asked.period.code.replace('/', '_')}.{form}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _sheet_rows(desk: Desk, known: Definitions, asked: Asked, table: Table) -> Iterator[list[str | int]]:
    as_of = datetime.fromtimestamp(asked.as_of, timezone.get_current_timezone()).isoformat()
    for indicator in known.of(asked.of):
        for group in table.groups():
            cell = table.cell(indicator.code, group)
            name = figures.group_name(desk.directory, table.by, group, desk.language)
            yield [
                indicator.code, indicator.title[desk.language], group, name, cell.numerator, cell.denominator,
                figures.value_text(indicator, cell.value), cell.adjusted_numerator, cell.adjusted_denominator,
                figures.value_text(indicator, cell.adjusted), cell.unanswered, cell.exempt, cell.left_out,
                asked.period.code, as_of, known.version,
            ]  # fmt: skip


def _csv(rows: Sequence[Sequence[Any]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(_HEAD)
    writer.writerows(rows)
    return ("\ufeff" + out.getvalue()).encode()


def _xlsx(rows: Sequence[Sequence[Any]]) -> bytes:
    book = Workbook(write_only=True)
    page_ = book.create_sheet("figures")
    page_.freeze_panes = "A2"
    page_.append(list(_HEAD))
    for row in rows:
        page_.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
