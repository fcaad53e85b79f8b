"""The figures of a month on one page, with scores; and what the person at a post did."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from gewu.core.places import PlaceLevel
from gewu.evaluation import api
from gewu.evaluation.api import By, Definitions, Live, Part, Table
from gewu.evaluation.definitions import Indicator
from gewu.surfaces.desk.present import figures
from gewu.surfaces.desk.views.evaluation.asked import (
    AREA,
    DEPARTMENT,
    POST,
    ROLES,
    Asked,
    asked_of,
    period_of,
    territory,
    total_of,
)
from gewu.surfaces.desk.views.evaluation.sheets import sheet_url
from gewu.surfaces.desk.who import Desk, desk_page, page
from gewu.surfaces.look.forms import Choice, Field


@desk_page(*ROLES)
@require_safe
def evaluation(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Indicators of an area, a department or the posts for a month; or one indicator over all groups.

    Two statements beside session, post and unread notices.
    """
    known = api.definitions(desk.district_id)
    asked, errors = asked_of(request, desk, known)
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
        whole = total_of(desk, known.of(asked.of), asked)
    lines = _lines(desk, asked, table, whole)
    context: dict[str, object] = {
        "asked": asked,
        "tabs": _tabs(asked),
        "fields": _fields(desk, asked, known, table),
        "errors": errors,
        "rows": [(line, _links(asked, line)) for line in lines],
        "definition": figures.definition(asked.indicator, desk.directory, desk.language) if asked.indicator else None,
        "definitions": [figures.definition(i, desk.directory, desk.language) for i in known.of(asked.of)],
        "scores": _scores(desk, known, asked, table, whole),
        "version": known.version,
        "as_of": datetime.fromtimestamp(asked.as_of, timezone.get_current_timezone()),
        "csv_url": sheet_url(asked, "csv"),
        "xlsx_url": sheet_url(asked, "xlsx"),
        "none_loaded": not known.indicators,
    }
    return page(request, desk, "desk/evaluation.html", context, status=422 if errors else 200)


def _tabs(asked: Asked) -> list[tuple[str, str, bool]]:
    titles = {AREA: _("By area"), DEPARTMENT: _("By department"), POST: _("By post")}
    kept = {k: v for k, v in asked.query.items() if k in ("month", "as_of")}
    return [(title, f"?{urlencode({'of': of, **kept})}", of == asked.of) for of, title in titles.items()]


def _fields(desk: Desk, asked: Asked, known: Definitions, table: Table) -> list[Field]:
    fields = [
        Field(
            "month",
            _("Month or quarter"),
            value=asked.period.code,
            prefix="f",
            required=True,
            attrs={"placeholder": "2026-11"},
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
        whole = table if whole is table else total_of(desk, listed, asked)
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
        "definitions": [figures.definition(i, desk.directory, desk.language) for i in mine],
    }
    return page(request, desk, "desk/evaluation_own.html", context)
