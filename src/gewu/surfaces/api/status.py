"""How the installation is, and what its problems mean."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.db.models import Min
from django.http import HttpRequest
from ninja import Router, Status

from gewu.ledger.models import ClockRow, Outgoing
from gewu.ledger.ticker import live_districts
from gewu.surfaces.api import outputs as o
from gewu.surfaces.api.problems import PROBLEMS, language_of

router = Router(tags=["installation"])
CAP = 1000
LATE_SECONDS = 300
"""A ticker or outbox further behind than this is not well."""


@router.get("/status", response={200: o.StatusOut, 503: o.StatusOut}, auth=None, operation_id="status")
def status(request: HttpRequest) -> Any:
    """Health for monitors: 200 when the database answers and the ticker keeps up, 503 when it does not."""
    del request  # the same for whoever asks
    now = datetime.now(UTC)
    lag = waiting = failed = 0
    for district_id in live_districts():
        running = ClockRow.objects.filter(district_id=district_id, status="running", next_at__lte=now)
        earliest = running.aggregate(at=Min("next_at"))["at"]
        if earliest is not None:
            lag = max(lag, int((now - earliest).total_seconds()))
        mine = Outgoing.objects.filter(district_id=district_id)
        waiting += len(mine.filter(status="waiting", next_at__lte=now).values_list("id")[: CAP + 1])
        failed += len(mine.filter(status="failed").values_list("id")[: CAP + 1])
    ok = lag < LATE_SECONDS
    body = o.StatusOut(
        ok=ok,
        database="ok",
        now=now,
        ticker_lag_seconds=lag,
        outbox_waiting=min(waiting, CAP + 1),
        outbox_failed=min(failed, CAP + 1),
    )
    return Status(200 if ok else 503, body)


@router.get("/problems", response=o.ProblemKinds, auth=None, operation_id="list_problems")
def problems(request: HttpRequest) -> o.ProblemKinds:
    """Every `code` that an error can have, in the language of the request."""
    language = language_of(request)
    return o.ProblemKinds(items=[_kind(code, language) for code in PROBLEMS])


@router.get("/problems/{code}", response=o.ProblemKindOut, auth=None, operation_id="get_problem")
def one_problem(request: HttpRequest, code: str) -> o.ProblemKindOut:
    """What the `type` of an error leads to."""
    from django.http import Http404

    if code not in PROBLEMS:
        raise Http404
    return _kind(code, language_of(request))


def _kind(code: str, language: str) -> o.ProblemKindOut:
    kind = PROBLEMS[code]
    detail = kind.detail[language].format(seconds="…") if kind.detail else ""
    return o.ProblemKindOut(code=code, status=kind.status, title=kind.title[language], detail=detail)
