"""How the district works: its playbooks drawn and told, and why a case stands where it stands."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from gewu.core.playbook import Playbook
from gewu.core.records import State
from gewu.core.telling.book import tell
from gewu.core.telling.drawing import draw
from gewu.ledger.history import COUNTED, count_late, count_standing
from gewu.occasions.kinds import DECIDED_AT
from gewu.occasions.queries import numbers_of
from gewu.registry.names import names_for
from gewu.surfaces.desk.present import names
from gewu.surfaces.desk.views.case import open_case, record_of
from gewu.surfaces.desk.who import Desk, desk_page, page
from gewu.surfaces.reasons import explain

SVG_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
"""A drawing brings its own few lines of style and nothing else."""


@dataclass(frozen=True, slots=True)
class Line:
    """A playbook in the list."""

    name: str
    title: str
    kind: str
    version: int
    stages: int
    moves: int
    open: str


@dataclass(frozen=True, slots=True)
class Said:
    """A move, a clock or a tier, and what there is to say of it."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Section:
    """A stage on the page: where it stands, and what is said there."""

    at: str
    title: str
    text: str
    items: list[Said]


@dataclass(frozen=True, slots=True)
class Stand:
    """A stage with how many records are open there and how many of them late, each with the queue that shows them."""

    title: str
    open: str
    url: str
    late: str
    late_url: str


@desk_page()
@require_safe
def playbooks(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The playbooks in force, with how many records are open under each."""
    lines = []
    for name in sorted({p.name for p in desk.directory.playbooks if p.active}):
        book = desk.directory.playbook(name)
        if book is None:
            continue
        counts = count_standing(desk.district_id, book).values()
        title = names.said(book.title, desk.language)
        lines.append(Line(name, title, book.kind, book.version, len(book.stages), len(book.moves), _capped(counts)))
    return page(request, desk, "desk/playbooks.html", {"lines": lines})


@desk_page()
@require_safe
def playbook(request: HttpRequest, desk: Desk, name: str) -> HttpResponse:
    """One playbook: its drawing with open records at each stage, and what it says, in sentences."""
    book = _book(request, desk, name)
    current = desk.directory.playbook(name)
    known = names_for(desk.directory, desk.language)
    standing, late = count_standing(desk.district_id, book), count_late(desk.district_id, book)
    counts = {stage: _standing(found, late.get(stage, 0)) for stage, found in standing.items() if found}
    told = tell(book, desk.language, known)
    links = {chapter.code: f"#{anchor(chapter.code)}" for chapter in told.chapters}
    svg = draw(book, desk.language, known, counts=counts, links=links, inline=True)
    versions = sorted({p.version for p in desk.directory.playbooks if p.name == name}, reverse=True)
    context: dict[str, object] = {
        "book": book,
        "title": names.said(book.title, desk.language),
        "told": told,
        "introduction": told.joint.join(told.sentences),
        "chapters": [
            Section(
                anchor(chapter.code),
                chapter.title,
                told.joint.join(chapter.sentences),
                [Said(item.title, told.joint.join(item.sentences)) for item in chapter.items],
            )
            for chapter in told.chapters
        ],
        "stands": _stands(desk, book, standing, late),
        "svg": mark_safe(svg),  # noqa: S308 - made by us, every word in it is escaped
        "versions": [v for v in versions if v != book.version],
        "old": current is not None and current.version != book.version,
        "svg_url": reverse("desk:playbook-svg", args=[name]) + f"?version={book.version}",
    }
    return page(request, desk, "desk/playbook.html", context)


@desk_page()
@require_safe
def drawing(request: HttpRequest, desk: Desk, name: str) -> HttpResponse:
    """The drawing alone, as a file."""
    book = _book(request, desk, name)
    svg = draw(book, desk.language, names_for(desk.directory, desk.language))
    response = HttpResponse(svg, content_type="image/svg+xml; charset=utf-8")
    response.headers["Content-Security-Policy"] = SVG_POLICY
    response.headers["Content-Disposition"] = f'inline; filename="{book.name}-{book.version}.svg"'
    return response


@desk_page()
@require_safe
def why(request: HttpRequest, desk: Desk, number: str) -> HttpResponse:
    """Why a case is where it is: who owes what by when, what may happen next, what happens if nobody acts."""
    opened = open_case(desk, record_of(desk, number))
    reasons = explain(desk.directory, opened.record_id, desk.language, int(time.time()))
    if reasons is None:
        raise Http404(_("The playbook of this case is not loaded. Ask the people who run this system."))
    book = opened.playbook
    context: dict[str, object] = {
        "number": number,
        "reasons": reasons,
        "decided": _decided(desk, opened.view.state),
        "can": [n for n in reasons.next if n.open],
        "cannot": [n for n in reasons.next if not n.open],
        "playbook_url": f"{reverse('desk:playbook', args=[book.name])}?version={book.version}#{anchor(reasons.stage)}",
    }
    return page(request, desk, "desk/why.html", context)


def _decided(desk: Desk, state: State) -> list[tuple[str, str]]:
    """The meetings that decided on this case: number and address."""
    ids = list(dict.fromkeys(UUID(other) for kind, other in state.links if kind == DECIDED_AT))
    found = numbers_of(desk.district_id, ids)
    return [
        (found[one][1], reverse("desk:workday", args=[one]) if desk.sees_workdays else "")
        for one in ids
        if one in found
    ]


def anchor(code: str) -> str:
    """Where a chapter stands on the page."""
    return f"at-{code}"


def _standing(found: int, late: int) -> str:
    """What stands in the box of a stage: how many records, and how many of them are late."""
    said = ngettext("%(n)s open", "%(n)s open", found) % {"n": _capped([found])}
    behind = _("%(n)s late") % {"n": _capped([late])}
    return f"{said} · {behind}" if late else said


def _stands(desk: Desk, book: Playbook, standing: Mapping[str, int], late: Mapping[str, int]) -> list[Stand]:
    """The stages that are no end, in order, with what stands there; those of cases open their queue."""
    queues = book.kind == "case" and not desk.in_field
    found = []
    for stage in book.stages.values():
        if stage.end:
            continue
        url = f"{reverse('desk:home')}?{urlencode({'queue': stage.name})}" if queues else ""
        at = {"queue": stage.name, "clock": "late"}
        found.append(
            Stand(
                names.said(stage.title, desk.language),
                _capped([standing.get(stage.name, 0)]),
                url,
                _capped([late.get(stage.name, 0)]),
                f"{reverse('desk:home')}?{urlencode(at)}" if queues else "",
            )
        )
    return found


def _book(request: HttpRequest, desk: Desk, name: str) -> Playbook:
    """The playbook of the address, in the version that is asked for. Raises ``Http404``."""
    asked = request.GET.get("version", "")
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 9 else None
    found = desk.directory.playbook(name, number)
    if found is None:
        raise Http404(_("The district has no playbook of this name and version."))
    return found


def _capped(counts: Iterable[int]) -> str:
    found = sum(counts)
    return f"{COUNTED}+" if found > COUNTED else str(found)
