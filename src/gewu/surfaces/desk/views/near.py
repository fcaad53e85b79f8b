"""Near cases at the desk: beside an intake before it is registered, and beside a case that is there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from gewu.cases import services
from gewu.cases.callers import URGE
from gewu.cases.queries import find_by_number
from gewu.cases.ranking import NAMED, SAME
from gewu.cases.similar import Near, near_cases
from gewu.core.records import Arg
from gewu.ledger.door import Outcome
from gewu.ledger.errors import LedgerError, NotFound, Refused
from gewu.surfaces import nearby, words
from gewu.surfaces.desk import find, formdata, where
from gewu.surfaces.desk.present.rows import Line, line
from gewu.surfaces.desk.views.case import open_case, record_of
from gewu.surfaces.desk.who import Desk, desk_page, page

AT_INTAKE, BESIDE = 5, 6
LONGEST = 2000


@dataclass(frozen=True, slots=True)
class Beside:
    """A near case as a page shows it."""

    line: Line
    why: str
    closed: bool
    joinable: bool
    excerpt: str


def shown(desk: Desk, found: Sequence[Near], now: datetime) -> list[Beside]:
    """Near cases with the reasons in words."""
    return [
        Beside(
            line(near.row, desk.directory, desk.playbook_of, desk.language),
            nearby.reasons(near, now, desk.language),
            near.closed_at is not None,
            near.joinable,
            near.row.excerpt,
        )
        for near in found
    ]


@desk_page("intake_officer")
@require_POST
def at_intake(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Cases that the report being written could be about. By POST: words stand in no address. Nothing changes."""
    given = where.read(request.POST, desk)
    category = find.meant_category(desk.directory, request.POST.get("category", ""), desk.language).code
    text = f"{request.POST.get('description', '')}\n{request.POST.get('address', '')}"[:LONGEST]
    found: list[Near] = []
    if given.position is not None:
        at = given.position
        found = near_cases(
            desk.district_id, desk.acting, lon_e6=at.lon_e6, lat_e6=at.lat_e6, place=at.place, category=category,
            text=text, limit=AT_INTAKE * 3,
        )  # fmt: skip
    found = [one for one in found if _helps(one)][:AT_INTAKE]
    context = {"near": shown(desk, found, timezone.now()), "placed": given.position is not None, "joins": True}
    return render(request, "desk/parts/near.html", context)


def _helps(one: Near) -> bool:
    """Whether a near case helps while somebody calls. In a community much is reported, and its name makes words alike:
    what is over has to be of the same kind, what is open of the same kind, alike, or at the very place."""
    same = one.traits.category in (SAME, NAMED)
    return same or (one.joinable and (one.likely or one.traits.metres is not None))


@desk_page()
@require_safe
def beside(request: HttpRequest, desk: Desk, number: str) -> HttpResponse:
    """Cases near one that is there that the post may see, for some to merge it into.

    ``?part=1`` gives what the page of the case shows of it.
    """
    opened = open_case(desk, record_of(desk, number))
    row = opened.view.row
    found = near_cases(
        desk.district_id, desk.acting, lon_e6=row.lon_e6, lat_e6=row.lat_e6, place=row.place, category=row.category,
        text=(opened.view.texts or {}).get("description", ""), besides=opened.record_id, limit=BESIDE,
    )  # fmt: skip
    merges = any(move.name == "merge" for move in opened.moves)
    context: dict[str, object] = {
        "near": shown(desk, found, timezone.now()),
        "placed": True,
        "merges": merges,
        "number": number,
    }
    if request.GET.get("part"):
        return render(request, "desk/parts/near.html", context)
    return page(request, desk, "desk/near.html", context)


JOIN_TEXTS = ("description", "reporter_name", "reporter_phone")


def join(desk: Desk, given: formdata.Given, number: str) -> services.Joined | list[str]:
    """Add what an intake form holds to a case that is there. Returns what to say when it did not go."""
    record_id = find_by_number(desk.district_id, number)
    if record_id is None:
        return [_("There is no case %(number)s in this district.") % {"number": number}]
    texts = {name: given.texts[name] for name in JOIN_TEXTS if given.texts.get(name)}
    if given.texts.get("address"):
        texts["description"] = "\n".join(t for t in (texts.get("description"), given.texts["address"]) if t)[:LONGEST]
    source: Arg = given.args.get("source", "")
    try:
        return services.join(
            desk.district_id, desk.acting, record_id, source=str(source or ""), texts=texts,
            has_reporter=True if given.args.get("has_reporter") else None, photos=given.photos,
            command_id=given.command_id,
        )  # fmt: skip
    except (NotFound, LedgerError) as error:
        return _why_not(desk, error, services.JOIN)


URGE_NOTE = 500


def urge(desk: Desk, given: formdata.Given, number: str) -> Outcome | list[str]:
    """Urge whoever has a case: its reporter calls again. Returns what to say when it did not go."""
    record_id = find_by_number(desk.district_id, number)
    if record_id is None:
        return [_("There is no case %(number)s in this district.") % {"number": number}]
    words_said = given.texts.get("description", "")
    texts = {"note": words_said[:URGE_NOTE]} if words_said else {}
    try:
        return services.act(desk.district_id, desk.acting, record_id, URGE, texts=texts, command_id=given.command_id)
    except (NotFound, LedgerError) as error:
        return _why_not(desk, error, URGE)


def _why_not(desk: Desk, error: LedgerError, name: str) -> list[str]:
    """Why a move was not made on a case that is there, as sentences."""
    playbook = desk.playbook
    if not isinstance(error, Refused):
        return [words.error_text(error, desk.language, playbook, desk.directory)]
    move = playbook.moves.get(name) if playbook else None
    if error.refusal.fields and move is not None:
        return list(formdata.refused_fields(error.refusal.fields, move, desk.language).values())
    return [words.refusal_text(error.refusal, playbook, desk.language, desk.directory)]
