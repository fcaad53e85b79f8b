"""The queue: which cases there are, whose turn it is, and how long is left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from gewu.cases.queries import BadCursor, Filter, Page, counts, find_by_number, list_cases
from gewu.cases.search import MOST_LETTERS, Piece, search
from gewu.core.playbook.model import Playbook
from gewu.imports.deadlines import of_records
from gewu.surfaces import words
from gewu.surfaces.desk.asked import seal, unseal
from gewu.surfaces.desk.present import names
from gewu.surfaces.desk.present.rows import line
from gewu.surfaces.desk.queues import (
    DECIDE,
    DONE,
    FILTERS,
    MINE,
    OPEN,
    OVERDUE,
    SOON,
    TURN,
    VIEW,
    asked_for,
    capped,
    decides,
    of_queue,
    open_stages,
    saved_views,
    title,
    your_turn,
)
from gewu.surfaces.desk.who import Desk, desk_page, page


@dataclass(frozen=True, slots=True)
class Queue:
    """An entry of the rail."""

    code: str
    title: str
    count: str
    current: bool
    url: str
    yours: bool = False
    first_stage: bool = False
    heading: str = ""
    """A view that somebody saved: what stands above the first of them."""
    hint: str = ""
    gone: bool = False


@desk_page()
@require_safe
def home(request: HttpRequest, desk: Desk) -> HttpResponse:
    """One page of 50 cases of a queue, with filters. At most three statements beside session and post."""
    if desk.in_field and not request.GET:
        return redirect("desk:tasks")
    sealed = request.GET.get("s", "")
    asked = unseal(sealed, desk.post.post_code)
    if sealed and not asked:
        return redirect("desk:home")
    wanted = asked_for(desk, request.GET.dict(), searching=bool(asked))
    errors = list(wanted.errors)
    pieces: list[tuple[Piece, ...]] = []
    after = request.GET.get("after") or None
    try:
        if errors:
            found = Page([], None)
        elif asked:
            matches = search(desk.district_id, desk.acting, asked, wanted.filter, after=after)
            found, pieces = Page([m.row for m in matches.found], matches.after), [m.pieces for m in matches.found]
        else:
            found = list_cases(desk.district_id, desk.acting, wanted.filter, after=after)
    except BadCursor as error:
        errors.append(words.error_text(error, desk.language))
        found = Page([], None)
    kept = {k: str(v) for k, v in request.GET.items() if v and k not in ("after", "queue")}
    lines = [line(row, desk.directory, desk.playbook_of, desk.language) for row in found.rows]
    at = {} if asked else {"queue": wanted.code}
    context: dict[str, object] = {
        "lines": lines,
        "outside": of_records(desk.district_id, [row.record_id for row in found.rows if row.outside_number]),
        "shown": list(zip(lines, pieces or [()] * len(lines), strict=True)),
        "queues": rail(desk, wanted.code, wanted.base, {k: v for k, v in kept.items() if k != "s"}),
        "queue": wanted.code,
        "queue_title": title(wanted.code, desk),
        "map_url": f"{reverse('desk:queue-map')}?{urlencode({**kept, **at})}",
        "fields": wanted.fields,
        "filtered": any(k in FILTERS or k == "late" for k in kept),
        "save": [(key, value) for key, value in {**at, **kept}.items() if key in ("queue", *FILTERS)],
        "errors": errors,
        "next_url": f"?{urlencode({**kept, **at, 'after': found.after})}" if found.after else "",
        "first_url": f"?{urlencode({**kept, **at})}" if request.GET.get("after") else "",
        "bulk": bulk_moves(desk.playbook, desk),
        "asked": asked,
        "sealed": sealed,
        "live": "" if asked else urlencode({**kept, **at, **({"after": after} if after else {})}),
    }
    return page(request, desk, "desk/queue.html", context, status=422 if errors else 200)


@desk_page()
@require_POST
def look_for(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Go to the case whose number was typed, or to the list of what the words are found in. Nothing changes."""
    asked = request.POST.get("q", "").strip()[:MOST_LETTERS]
    if not asked:
        return redirect("desk:home")
    if asked.isascii() and asked.isdigit() and find_by_number(desk.district_id, asked) is not None:
        return redirect("desk:case", asked)
    kept = {k: v for k in FILTERS if (v := request.POST.get(k, ""))}
    return redirect(f"{reverse('desk:home')}?{urlencode({'s': seal(asked, desk.post.post_code), **kept})}")


def bulk_moves(playbook: Playbook | None, desk: Desk) -> list[tuple[str, str]]:
    """The moves that the post's role may make on many cases at once: (name, title)."""
    if playbook is None:
        return []
    return [
        (move.name, names.said(move.title, desk.language))
        for move in playbook.moves.values()
        if move.bulk and any(rule.role in desk.roles for rule in move.actors)
    ]


def rail(desk: Desk, code: str, base: Filter, kept: Mapping[str, str]) -> list[Queue]:
    """The queues of a post with their numbers under the filters of this one, in one statement."""
    playbook = desk.playbook
    stages = open_stages(playbook)
    turn = your_turn(playbook, desk)
    counted = [*([DECIDE] if decides(playbook, desk) else []), MINE, OVERDUE, SOON]
    saved = saved_views(desk)
    wanted = [of_queue(one, base, desk) for one in counted]
    wanted += [one.filter for one in saved if one.filter is not None]
    of_stage, others = counts(desk.district_id, desk.acting, replace(base, stages=stages), wanted)
    codes = [*counted, *(one.code for one in saved if one.filter is not None)]
    numbers = {one: capped([n]) for one, n in zip(codes, others, strict=True)}
    numbers |= {stage: capped([n]) for stage, n in of_stage.items()}
    numbers[TURN], numbers[OPEN] = capped([of_stage.get(s, 0) for s in turn]), capped(of_stage.values())
    first = stages[0] if stages else ""
    plain = {key: value for key, value in kept.items() if key != "view"}

    def entry(name: str) -> Queue:
        url = f"?{urlencode({**plain, 'queue': name})}"
        here = name == code and "view" not in kept
        return Queue(name, title(name, desk), numbers.get(name, ""), here, url, name in turn, name == first)

    begin = [TURN] if turn else []
    return [
        *(entry(name) for name in (*begin, *counted, OPEN)),
        *(
            Queue(
                one.code, one.title, numbers.get(one.code, ""), one.code == f"{VIEW}{kept.get('view', '')}", one.url,
                heading=_("Saved views") if number == 0 else "", hint=one.gone or one.summary, gone=bool(one.gone),
            )
            for number, one in enumerate(saved)
        ),
        *(entry(name) for name in (*stages, DONE)),
    ]  # fmt: skip
