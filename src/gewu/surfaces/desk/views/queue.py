"""The queue: which cases there are, whose turn it is, and how long is left."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from gewu.cases.queries import CAP, BadCursor, Filter, Page, count_by_stage, find_by_number, list_cases
from gewu.cases.search import MOST_LETTERS, Piece, search
from gewu.core.playbook.model import Playbook
from gewu.imports.deadlines import of_records
from gewu.surfaces import words
from gewu.surfaces.desk import find
from gewu.surfaces.desk.asked import seal, unseal
from gewu.surfaces.desk.present import names
from gewu.surfaces.desk.present.rows import line
from gewu.surfaces.desk.who import Desk, desk_page, page
from gewu.surfaces.look.forms import Choice, Field

TURN, DECIDE, MINE, OPEN, OVERDUE, DONE = "turn", "decide", "mine", "open", "overdue", "done"
DECISIONS = ("step", "objection", "extension", "suspension", "appeal")
"""Parts that wait for somebody's word."""
SEARCH = "search"
"""The list of what was looked for, in every stage: not one of the rail."""
FILTERS = ("category", "place", "unit", "source", "late")


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
    playbook = desk.playbook
    turn = your_turn(playbook, desk)
    code = SEARCH if asked else request.GET.get("queue") or (TURN if turn else MINE)
    wanted, fields, errors = _filter(request, desk)
    wanted = _of_queue(code, wanted, turn, playbook)
    pieces: list[tuple[Piece, ...]] = []
    try:
        after = request.GET.get("after") or None
        if asked:
            matches = search(desk.district_id, desk.acting, asked, wanted, after=after)
            found, pieces = Page([m.row for m in matches.found], matches.after), [m.pieces for m in matches.found]
        else:
            found = list_cases(desk.district_id, desk.acting, wanted, after=after)
    except BadCursor as error:
        errors.append(words.error_text(error, desk.language))
        found = Page([], None)
    counted = replace(wanted, stages=_open_stages(playbook), ended=None, overdue_at=None, mine=False)
    counts = count_by_stage(desk.district_id, desk.acting, counted)
    kept = {k: str(v) for k, v in request.GET.items() if v and k not in ("after", "queue")}
    lines = [line(row, desk.directory, desk.playbook_of, desk.language) for row in found.rows]
    at = {} if asked else {"queue": code}
    context: dict[str, object] = {
        "lines": lines,
        "outside": of_records(desk.district_id, [row.record_id for row in found.rows if row.outside_number]),
        "shown": list(zip(lines, pieces or [()] * len(lines), strict=True)),
        "queues": _rail(code, turn, counts, playbook, desk, {k: v for k, v in kept.items() if k != "s"}),
        "queue": code,
        "queue_title": _title(code, playbook, desk),
        "fields": fields,
        "filtered": any(k != "s" for k in kept),
        "errors": errors,
        "next_url": f"?{urlencode({**kept, **at, 'after': found.after})}" if found.after else "",
        "first_url": f"?{urlencode({**kept, **at})}" if request.GET.get("after") else "",
        "bulk": bulk_moves(playbook, desk),
        "asked": asked,
        "sealed": sealed,
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


def your_turn(playbook: Playbook | None, desk: Desk) -> tuple[str, ...]:
    """The stages in which the post's role makes a forward move without needing a part of its own."""
    if playbook is None:
        return ()
    return tuple(
        stage.name
        for stage in playbook.stages.values()
        if not stage.end and desk.roles & set(names.stage_actors(playbook, stage.name))
    )


def _decides(playbook: Playbook | None, desk: Desk) -> bool:
    """Whether the post's role is one whose word is waited for."""
    if playbook is None:
        return False
    rules = (rule for move in playbook.moves.values() for rule in move.actors)
    return any(rule.slot in DECISIONS and rule.role in desk.roles for rule in rules)


def bulk_moves(playbook: Playbook | None, desk: Desk) -> list[tuple[str, str]]:
    """The moves that the post's role may make on many cases at once: (name, title)."""
    if playbook is None:
        return []
    return [
        (move.name, names.said(move.title, desk.language))
        for move in playbook.moves.values()
        if move.bulk and any(rule.role in desk.roles for rule in move.actors)
    ]


def _open_stages(playbook: Playbook | None) -> tuple[str, ...]:
    return tuple(s.name for s in playbook.stages.values() if not s.end) if playbook else ()


def _of_queue(code: str, wanted: Filter, turn: tuple[str, ...], playbook: Playbook | None) -> Filter:
    if code == TURN and turn:
        return replace(wanted, stages=turn)
    if code == DECIDE:
        return replace(wanted, mine=True, slots=DECISIONS)
    if code == MINE:
        return replace(wanted, mine=True, ended=False)
    if code == OVERDUE:
        return replace(wanted, overdue_at=wanted.overdue_at or timezone.now())
    if code == SEARCH:
        return wanted
    if code == DONE:
        return replace(wanted, ended=True, order="recent")
    if playbook is not None and code in playbook.stages:
        return replace(wanted, stages=(code,))
    return replace(wanted, ended=False)


def _title(code: str, playbook: Playbook | None, desk: Desk) -> str:
    fixed = _fixed_titles()
    return fixed.get(code) or names.typeset(words.stage_name(playbook, code, desk.language), desk.language)


def _fixed_titles() -> dict[str, str]:
    return {
        TURN: _("Your turn"),
        DECIDE: _("Waiting for your decision"),
        MINE: _("Assigned to you"),
        OPEN: _("All open"),
        OVERDUE: _("Overdue"),
        DONE: _("Ended"),
        SEARCH: _("Found"),
    }


def _rail(
    code: str,
    turn: tuple[str, ...],
    counts: dict[str, int],
    playbook: Playbook | None,
    desk: Desk,
    kept: dict[str, str],
) -> list[Queue]:
    def entry(name: str, title: str, count: str = "", *, yours: bool = False, first: bool = False) -> Queue:
        return Queue(name, title, count, name == code, f"?{urlencode({**kept, 'queue': name})}", yours, first)

    fixed = _fixed_titles()
    rail = [entry(TURN, fixed[TURN], capped([counts.get(s, 0) for s in turn]))] if turn else []
    rail += [entry(DECIDE, fixed[DECIDE])] if _decides(playbook, desk) else []
    rail += [
        entry(MINE, fixed[MINE]),
        entry(OVERDUE, fixed[OVERDUE]),
        entry(OPEN, fixed[OPEN], capped(counts.values())),
    ]
    for number, stage in enumerate(_open_stages(playbook)):
        title = names.typeset(words.stage_name(playbook, stage, desk.language), desk.language)
        rail.append(entry(stage, title, capped([counts.get(stage, 0)]), yours=stage in turn, first=number == 0))
    return [*rail, entry(DONE, fixed[DONE])]


def capped(numbers: Iterable[int]) -> str:
    """A sum of capped counts as people read it: ``12``, ``1000+``."""
    values = list(numbers)
    return f"{CAP}+" if any(n > CAP for n in values) or sum(values) > CAP else str(sum(values))


# ---- filters


def _filter(request: HttpRequest, desk: Desk) -> tuple[Filter, list[Field], list[str]]:
    """The filter that was asked for, its inputs, and what in it could not be understood."""
    data, directory, language = request.GET, desk.directory, desk.language
    errors: list[str] = []
    category = data.get("category", "").strip()
    known_majors = {f"{c.kind}:{c.major}" for c in directory.categories.values()}
    place = _meant(find.meant_place(directory, data.get("place", ""), language), _("Place"), errors)
    unit = _meant(find.meant_unit(directory, data.get("unit", ""), language), _("Lead unit"), errors)
    source = data.get("source", "")
    wanted = Filter(
        category=category if category in known_majors or category in directory.categories else "",
        place=place,
        unit=unit,
        source=source,
        overdue_at=timezone.now() if data.get("late") == "1" else None,
    )
    fields = [
        Field("category", _("Category"), "select", category, choices=_majors(desk), prefix="f", required=True),
        Field(
            "place",
            _("Place"),
            value=data.get("place", ""),
            prefix="f",
            attrs={"data-find": "places", "autocomplete": "off"},
            required=True,
        ),
        Field(
            "unit",
            _("Lead unit"),
            value=data.get("unit", ""),
            prefix="f",
            attrs={"data-find": "units", "autocomplete": "off"},
            required=True,
        ),
        Field("source", _("Source"), "select", source, choices=_sources(desk), prefix="f", required=True),
        Field("late", _("Overdue only"), "checkbox", data.get("late") == "1", prefix="f", required=True),
    ]
    return wanted, fields, errors


def _meant(meant: find.Meant, label: str, errors: list[str]) -> str:
    if meant.several:
        errors.append(
            _("%(field)s: several fit; choose one of: %(several)s")
            % {"field": label, "several": " · ".join(meant.several[:6])}
        )
    elif meant.unknown:
        errors.append(_("%(field)s: nothing has this name or code") % {"field": label})
    return meant.code


def _majors(desk: Desk) -> list[Choice]:
    """Majors by kind, as prefixes of category keys."""
    found: dict[str, Choice] = {}
    for category in sorted(desk.directory.categories.values(), key=lambda c: (c.kind != "matter", c.code)):
        key = f"{category.kind}:{category.major}"
        if key not in found and category.active:
            kind = names.KINDS[category.kind][desk.language] if category.kind in names.KINDS else category.kind
            title = names.typeset(f"{category.major} {category.major_name(desk.language)}", desk.language)
            found[key] = Choice(key, title, group=kind)
    return [Choice("", _("All")), *found.values()]


def _sources(desk: Desk) -> list[Choice]:
    field = desk.playbook.fields.get("source") if desk.playbook else None
    choices = [
        Choice(value, names.said(title, desk.language))
        for value, title in (zip(field.choices, field.choice_titles, strict=True) if field else ())
    ]
    return [Choice("", _("All")), *choices]
