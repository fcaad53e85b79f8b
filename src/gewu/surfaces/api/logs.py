"""The event log of a district for process mining, as a file."""

from __future__ import annotations

import gzip
import io
import tempfile
from datetime import date, datetime, time, timedelta
from typing import IO, Annotated, cast
from zoneinfo import ZoneInfo

from django.http import FileResponse, HttpRequest
from ninja import Query, Router

from gewu.cases.xes import Asked, write_xes
from gewu.surfaces import words
from gewu.surfaces.api.identity import Who, who
from gewu.surfaces.api.problems import ProblemError

router = Router(tags=["logs"])
MAY_READ = ("comprehensive_office", "assessor", "shift_leader", "administrator")
IN_MEMORY = 4 * 1024 * 1024
Day = Annotated[date | None, Query(None, description="A day in the district, like 2026-11-22.")]


@router.get("/logs/cases.xes.gz", response={200: None}, operation_id="case_log", openapi_extra={
    "responses": {200: {"description": "The log, packed with gzip", "content": {
        "application/gzip": {"schema": {"type": "string", "format": "binary"}},
    }}},
})  # fmt: skip
def case_log(request: HttpRequest, since: Day = None, until: Day = None) -> FileResponse:
    """All cases reported from a day up to and including another as XES (IEEE 1849-2016), packed.

    It holds codes, instants, units, roles and pseudonyms; no free words and no persons' names.
    """
    found = who(request)
    if not found.has(*MAY_READ):
        raise ProblemError("not_allowed", _only(found))
    if found.acting.scope is not None and not found.acting.scope.covers(found.directory.district.code):
        raise ProblemError("out_of_scope", _whole(found.language))
    zone = ZoneInfo(found.directory.district.timezone)
    asked = Asked(_midnight(since, zone), _midnight(until + timedelta(days=1), zone) if until else None)
    file = cast("IO[bytes]", tempfile.SpooledTemporaryFile(IN_MEMORY))  # noqa: SIM115 - the answer closes it
    with gzip.GzipFile("", "wb", fileobj=file, mtime=0) as packed:
        out = io.TextIOWrapper(packed, "utf-8", newline="\n")
        write_xes(out, found.district_id, asked)
        out.close()
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=f"gewu-{found.directory.district.code}.xes.gz",
                        content_type="application/gzip")  # fmt: skip


def _only(found: Who) -> str:
    roles = words.listed((words.role_name(found.directory, role, found.language) for role in MAY_READ), found.language)
    if found.language.startswith("zh"):
        return f"事件日志仅供以下岗位下载：{roles}。"
    return f"The event log is for: {roles}."


def _whole(language: str) -> str:
    if language.startswith("zh"):
        return "事件日志包含全区案件，请使用管辖全区的岗位。"
    return "The log holds the cases of the whole district; use a post whose territory is the district."


def _midnight(day: date | None, zone: ZoneInfo) -> datetime | None:
    return datetime.combine(day, time.min, zone) if day else None
