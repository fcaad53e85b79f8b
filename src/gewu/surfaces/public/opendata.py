"""Open data: a page that says what there is, and the files: CSV with a byte order mark, JSON with its dictionary."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from dataclasses import dataclass
from datetime import UTC, datetime

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from gewu.registry.directory import Directory
from gewu.surfaces.look.dates import chinese
from gewu.surfaces.look.typography import spaced
from gewu.surfaces.public.datasets import BY_CODE, DATASETS, Dataset, Row, Value
from gewu.surfaces.public.remembered import Remembered
from gewu.surfaces.public.site import language, polite, with_district
from gewu.surfaces.throttle import budgets

HOUR = 3600


@dataclass(frozen=True, slots=True)
class Made:
    """The rows of a table as they stood at a full hour."""

    at: datetime
    rows: list[Row]


_kept: Remembered[Made] = Remembered(HOUR, most=32)


@require_safe
@polite
@with_district
def page(request: HttpRequest, directory: Directory) -> HttpResponse:
    """What there is, with its dictionary, method and licence. It makes no table."""
    budgets.spend_here(request, budgets.BOARD)
    said = "zh" if chinese(language()) else "en"
    context: dict[str, object] = {
        "district": _said(directory.district.name(language())),
        "sets": [
            {
                "code": one.code,
                "title": _said(one.title[said]),
                "method": _said(one.method[said]),
                "columns": [(column.name, _said(column.said(said))) for column in one.columns],
            }
            for one in DATASETS
        ],
        "licence": settings.OPEN_DATA_LICENCE,
        "as_of": _hour(),
    }
    return render(request, "public/open_data.html", context)


@require_safe
@polite
@with_district
def download(request: HttpRequest, directory: Directory, code: str, form: str) -> HttpResponse:
    """A table as it stood at the last full hour; whoever has that one already is told so."""
    budgets.spend_here(request, budgets.BOARD)
    one = BY_CODE.get(code)
    if one is None or form not in ("csv", "json"):
        raise Http404
    at = _hour()
    key = (directory.district.id, directory.version, directory.as_of, code, at)
    made = _kept.get(key, lambda: Made(at, one.rows(directory, at)))
    body = _csv(one, made) if form == "csv" else _json(directory, one, made)
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    if request.headers.get("If-None-Match") == tag:
        response = HttpResponse(status=304)
    else:
        kind = "text/csv" if form == "csv" else "application/json"
        response = HttpResponse(body, content_type=f"{kind}; charset=utf-8")
        name = f"{directory.district.code}-{code}.{form}"
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["ETag"] = tag
    response.headers["Cache-Control"] = "public, max-age=300"
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def _hour() -> datetime:
    now = int(timezone.now().timestamp())
    return datetime.fromtimestamp(now // HOUR * HOUR, UTC)


def _csv(one: Dataset, made: Made) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([column.name for column in one.columns])
    writer.writerows([_cell(value) for value in row] for row in made.rows)
    return "\ufeff".encode() + out.getvalue().encode()


def _cell(value: Value) -> Value:
    """Text that a spreadsheet would take for a formula is shown as text."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


def _json(directory: Directory, one: Dataset, made: Made) -> bytes:
    names = [column.name for column in one.columns]
    document = {
        "dataset": one.code,
        "district": directory.district.code,
        "title": one.title,
        "method": one.method,
        "as_of": made.at.isoformat(),
        "licence": settings.OPEN_DATA_LICENCE or None,
        "fields": [{"name": column.name, "en": column.en, "zh": column.zh} for column in one.columns],
        "rows": [dict(zip(names, row, strict=True)) for row in made.rows],
    }
    return (json.dumps(document, ensure_ascii=False) + "\n").encode()


def _said(text: str) -> str:
    return spaced(text) if chinese(language()) else text
