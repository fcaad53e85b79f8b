"""The figures of a month as a file, in whole numbers."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from openpyxl import Workbook

from gewu.evaluation import api
from gewu.evaluation.api import Definitions, Live, Table
from gewu.surfaces.desk.present import figures
from gewu.surfaces.desk.views.evaluation.asked import ROLES, Asked, asked_of, territory, total_of
from gewu.surfaces.desk.who import Desk, desk_page

_SHEETS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_HEAD = (
    "indicator", "title", "group", "group_name", "numerator", "denominator", "value", "adjusted_numerator",
    "adjusted_denominator", "adjusted_value", "unanswered", "exempt", "left_out", "period", "as_of", "definitions",
)  # fmt: skip


def sheet_url(asked: Asked, form: str) -> str:
    """The address of the file that answers the same question."""
    return f"{reverse('desk:evaluation-sheet', args=[form])}?{urlencode(asked.query)}"


@desk_page(*ROLES)
@require_safe
def sheet(request: HttpRequest, desk: Desk, form: str) -> HttpResponse:
    """All indicators of all groups of the month, in whole numbers, as CSV or XLSX. Two statements."""
    if form not in _SHEETS:
        raise Http404(_("There is no such form."))
    known = api.definitions(desk.district_id)
    asked, errors = asked_of(request, desk, known)
    if errors:
        raise Http404(" ".join(errors))
    listed = known.of(asked.of)
    table = api.evaluate(
        Live(desk.district_id), listed, asked.by, [asked.period], as_of=asked.as_of, where=territory(desk)
    )
    rows = [*_sheet_rows(desk, known, asked, total_of(desk, listed, asked)), *_sheet_rows(desk, known, asked, table)]
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
