"""What queues there are for a post, and what a queue with filters asks of the cases."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from gewu.cases.queries import CAP, Filter
from gewu.core.playbook.model import Playbook
from gewu.surfaces import words
from gewu.surfaces.desk import find
from gewu.surfaces.desk.present import names
from gewu.surfaces.desk.who import Desk
from gewu.surfaces.look.forms import Choice, Field
from gewu.worklists import views

TURN, DECIDE, MINE, OPEN, DONE = "turn", "decide", "mine", "open", "done"
OVERDUE, SOON = "overdue", "soon"
DECISIONS = ("step", "objection", "extension", "suspension", "appeal")
"""Parts that wait for somebody's word."""
SEARCH = "search"
"""The list of what was looked for, in every stage: not one of the rail."""
FILTERS = ("category", "place", "unit", "source", "clock")
VIEW = "view:"
HOURS = (4, 24)
"""Offered as "due within the next ... hours"."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A queue with its filters as somebody asked for it.

    ``base`` are the filters, ``filter`` the same within the queue; ``errors``: what of it could not be understood.
    """

    code: str
    base: Filter
    filter: Filter
    fields: list[Field]
    errors: list[str]


def asked_for(desk: Desk, data: Mapping[str, str], *, searching: bool = False) -> Asked:
    """The queue and the filters that an address names; without a queue, the one that a post begins with."""
    playbook = desk.playbook
    turn = your_turn(playbook, desk)
    code = SEARCH if searching else data.get("queue") or (TURN if turn else MINE)
    wanted, fields, errors = _filter(data, desk)
    return Asked(code, wanted, of_queue(code, wanted, desk), fields, errors)


def your_turn(playbook: Playbook | None, desk: Desk) -> tuple[str, ...]:
    """The stages in which the post's role makes a forward move without needing a part of its own."""
    if playbook is None:
        return ()
    return tuple(
        stage.name
        for stage in playbook.stages.values()
        if not stage.end and desk.roles & set(names.stage_actors(playbook, stage.name))
    )


def decides(playbook: Playbook | None, desk: Desk) -> bool:
    """Whether the post's role is one whose word is waited for."""
    if playbook is None:
        return False
    rules = (rule for move in playbook.moves.values() for rule in move.actors)
    return any(rule.slot in DECISIONS and rule.role in desk.roles for rule in rules)


def open_stages(playbook: Playbook | None) -> tuple[str, ...]:
    """The stages in which a case is not over, in the order of the playbook."""
    return tuple(s.name for s in playbook.stages.values() if not s.end) if playbook else ()


def known(code: str, desk: Desk) -> bool:
    """Whether there is such a queue for this post today."""
    return code in titles() or code in open_stages(desk.playbook)


def of_queue(code: str, wanted: Filter, desk: Desk) -> Filter:
    """A filter narrowed to a queue."""
    playbook = desk.playbook
    turn = your_turn(playbook, desk)
    if code == SEARCH:
        return wanted
    if code == DONE:
        return replace(wanted, ended=True, order="recent")
    wanted = replace(wanted, ended=False)
    if code == TURN and turn:
        return replace(wanted, stages=turn)
    if code == DECIDE:
        return replace(wanted, mine=True, slots=DECISIONS)
    if code == MINE:
        return replace(wanted, mine=True)
    if code == OVERDUE:
        return replace(wanted, overdue_at=wanted.overdue_at or timezone.now())
    if code == SOON:
        return replace(wanted, soon_at=wanted.soon_at or timezone.now())
    if playbook is not None and code in playbook.stages:
        return replace(wanted, stages=(code,), ended=None if playbook.stages[code].end else False)
    return wanted


def title(code: str, desk: Desk) -> str:
    """What a queue is called."""
    fixed = titles()
    return fixed.get(code) or names.typeset(words.stage_name(desk.playbook, code, desk.language), desk.language)


def titles() -> dict[str, str]:
    """The names of queues that are no stage."""
    return {
        TURN: _("Your turn"),
        DECIDE: _("Waiting for your decision"),
        MINE: _("Assigned to you"),
        OPEN: _("All open"),
        SOON: _("Nearly due"),
        OVERDUE: _("Overdue"),
        DONE: _("Ended"),
        SEARCH: _("Found"),
    }


@dataclass(frozen=True, slots=True)
class SavedView:
    """A view that somebody saved, as this post reads it now.

    ``gone`` says what of it there is not any more; ``filter`` is None then, for it would show other cases.
    """

    id: UUID
    title: str
    url: str
    summary: str
    shared: str
    own: bool
    filter: Filter | None
    gone: str

    @property
    def code(self) -> str:
        """What the view is called in an address of the desk."""
        return f"{VIEW}{self.id}"


def saved_views(desk: Desk) -> list[SavedView]:
    """The views of somebody at a post and those that are shared with it, in order. One statement."""
    found = []
    for one in views.of_post(desk.district_id, desk.acting, desk.post.post_code):
        asked = asked_for(desk, one.query)
        errors = list(asked.errors)
        if not known(asked.code, desk):
            errors.append(_("This queue does not exist any more"))
        chosen = [_chosen(field) for field in asked.fields]
        found.append(
            SavedView(
                one.id, one.title, f"?{urlencode({**one.query, 'view': str(one.id)})}",
                " · ".join([title(asked.code, desk), *(text for text in chosen if text)]),
                one.shared.partition(":")[0], one.own, None if errors else asked.filter, "; ".join(errors),
            )
        )  # fmt: skip
    return found


def _chosen(field: Field) -> str:
    """What a filter is set to, in words."""
    value = str(field.value or "")
    if not value:
        return ""
    return f"{field.label}: {next((one.label for one in field.choices if one.value == value), value)}"


def capped(numbers: Iterable[int]) -> str:
    """A sum of capped counts as people read it: ``12``, ``200+``."""
    values = list(numbers)
    return f"{CAP}+" if any(n > CAP for n in values) or sum(values) > CAP else str(sum(values))


# ---- filters


def _filter(data: Mapping[str, str], desk: Desk) -> tuple[Filter, list[Field], list[str]]:
    """The filter that was asked for, its inputs, and what in it could not be understood."""
    directory, language = desk.directory, desk.language
    errors: list[str] = []
    category = data.get("category", "").strip()
    known_majors = {f"{c.kind}:{c.major}" for c in directory.categories.values()}
    if category and category not in known_majors and category not in directory.categories:
        errors.append(_("Category: “%(code)s” is not in the catalogue (any more)") % {"code": category[:40]})
    place = _meant(find.meant_place(directory, data.get("place", ""), language), _("Place"), errors)
    unit = _meant(find.meant_unit(directory, data.get("unit", ""), language), _("Lead unit"), errors)
    source, sources = data.get("source", ""), _sources(desk)
    if source and all(source != one.value for one in sources):
        errors.append(_("Source: “%(code)s” is not among the sources (any more)") % {"code": source[:40]})
    clock = data.get("clock", "") or ("late" if data.get("late") == "1" else "")
    wanted = Filter(category=category, place=place, unit=unit, source=source)
    fields = [
        Field("category", _("Category"), "select", category, choices=_majors(desk), prefix="f", required=True),
        Field(
            "place", _("Place"), value=data.get("place", ""), prefix="f",
            attrs={"data-find": "places", "autocomplete": "off"}, required=True,
        ),
        Field(
            "unit", _("Lead unit"), value=data.get("unit", ""), prefix="f",
            attrs={"data-find": "units", "autocomplete": "off"}, required=True,
        ),
        Field("source", _("Source"), "select", source, choices=sources, prefix="f", required=True),
        Field("clock", _("Clock"), "select", clock, choices=_clocks(), prefix="f", required=True),
    ]  # fmt: skip
    return _of_clock(wanted, clock, timezone.now()), fields, errors


def _of_clock(wanted: Filter, clock: str, now: datetime) -> Filter:
    if clock == "late":
        return replace(wanted, overdue_at=now)
    if clock == "soon":
        return replace(wanted, soon_at=now)
    if clock == "time":
        return replace(wanted, calm_at=now)
    for hours in HOURS:
        if clock == f"{hours}h":
            return replace(wanted, due_by=now + timedelta(hours=hours))
    return wanted


def _clocks() -> list[Choice]:
    return [
        Choice("", _("All")),
        Choice("late", _("Overdue")),
        Choice("soon", _("Nearly due")),
        Choice("time", _("In time")),
        *(Choice(f"{n}h", _("Overdue or due within %(n)d hours") % {"n": n}) for n in HOURS),
    ]


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
            name = names.typeset(f"{category.major} {category.major_name(desk.language)}", desk.language)
            found[key] = Choice(key, name, group=kind)
    return [Choice("", _("All")), *found.values()]


def _sources(desk: Desk) -> list[Choice]:
    field = desk.playbook.fields.get("source") if desk.playbook else None
    choices = [
        Choice(value, names.said(name, desk.language))
        for value, name in (zip(field.choices, field.choice_titles, strict=True) if field else ())
    ]
    return [Choice("", _("All")), *choices]
