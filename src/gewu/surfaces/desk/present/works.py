"""Teams and projects as the desk shows them: planned against done, funds, what the residents said."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from gewu.cases.queries import TimelineEntry
from gewu.cases.telling import Entry
from gewu.core.playbook.model import Playbook
from gewu.occasions.kinds import ATTEND, COLLECT, CONSULT, FUND, PLAN
from gewu.occasions.measures import measures
from gewu.occasions.queries import OccasionView, numbers_of
from gewu.occasions.queries.works import PollRow, get_works
from gewu.surfaces import words
from gewu.surfaces.desk.present import names
from gewu.surfaces.desk.present.duties import item_choices
from gewu.surfaces.desk.present.moves import MoveForm
from gewu.surfaces.desk.present.workdays import choice
from gewu.surfaces.desk.who import Desk

HANDED = "handed_to"


@dataclass(frozen=True, slots=True)
class Bar:
    """A consultation: counts, and how wide each part of the bar is, in thousandths."""

    poll: PollRow
    agree: int
    against: int
    against_at: int

    @property
    def half(self) -> int:
        return 500


@dataclass(frozen=True, slots=True)
class Item:
    """An item: planned, done, and how far; ``url`` opens the lines that were done."""

    title: str
    measure: str
    planned: int
    done: int
    share: str
    url: str


@dataclass(frozen=True, slots=True)
class Money:
    """A line of funds or labour."""

    line: int
    source: str
    amount: int
    measure: str
    day: date
    note: str


@dataclass(frozen=True, slots=True)
class ShownWorks:
    """Everything that the page of a team or project has beside its moves. ``has`` names what its type knows of."""

    name: str
    sort: str
    traits: tuple[str, ...]
    items: tuple[Item, ...]
    funds: tuple[Money, ...]
    totals: tuple[tuple[int, str], ...]
    polls: tuple[Bar, ...]
    handed: tuple[tuple[str, str], ...]
    has_tasks: bool
    has_members: bool
    has_plan: bool
    has_funds: bool
    has_polls: bool
    list_url: str


def share_of(part: int, whole: int) -> str:
    """A part of a whole in percent without decimals, rounded down: what is not done is not called done."""
    return f"{100 * part // whole} %" if whole else ""


def measure_name(desk: Desk, item: str, measure: str) -> str:
    """A unit of measure in words: as the item's list says it, else as the playbooks do."""
    known = measures(desk.district_id).get(item)
    if known is not None:
        return known.unit(desk.language)
    return {"yuan": _("yuan"), "person-day": _("person-days"), "person": _("people")}.get(measure, measure)


def item_name(desk: Desk, item: str) -> str:
    """What an item is called; its code where no list names it any more."""
    known = measures(desk.district_id).get(item)
    return names.typeset(known.title(desk.language), desk.language) if known is not None else item


def show_works(view: OccasionView, desk: Desk, playbook: Playbook) -> ShownWorks:
    """Prepare a team or project for its page: four statements, one more where it was handed over."""
    row, moves = view.row, playbook.moves
    works = get_works(desk.district_id, desk.acting, row.type, row.record_id)
    results = {"type": row.type, "occasion": str(row.record_id)}
    items = tuple(
        Item(
            item_name(desk, one.item), measure_name(desk, one.item, one.measure), one.planned, one.done,
            share_of(one.done, one.planned), f"{reverse('desk:results')}?{urlencode({**results, 'item': one.item})}",
        )
        for one in works.progress
    )  # fmt: skip
    sums: dict[str, int] = {}
    for line in works.funds:
        sums[line.measure] = sums.get(line.measure, 0) + line.quantity
    return ShownWorks(
        name=row.name or row.number,
        sort=choice(playbook, "sort", row.sort, desk.language),
        traits=tuple(
            names.said(playbook.fields[name].title, desk.language)
            for name in ("no_manager", "no_fund", "no_organisation")
            if name in playbook.fields and view.state.fields.get(name)
        ),
        items=items,
        funds=tuple(
            Money(
                line.line, choice(playbook, "source", line.key, desk.language), line.quantity,
                measure_name(desk, "", line.measure), line.at.date(), line.note,
            )
            for line in works.funds
        ),
        totals=tuple((amount, measure_name(desk, "", measure)) for measure, amount in sorted(sums.items())),
        polls=tuple(_bar(poll) for poll in reversed(works.polls)),
        handed=_handed(view, desk),
        has_tasks=COLLECT in moves,
        has_members=ATTEND in moves,
        has_plan=PLAN in moves,
        has_funds=FUND in moves,
        has_polls=CONSULT in moves,
        list_url=f"{reverse('desk:estate-list')}?{urlencode({'type': row.type})}",
    )  # fmt: skip


def tell_quantities(entries: Iterable[Entry], view: OccasionView, desk: Desk, playbook: Playbook) -> None:
    """Say in the timeline what was planned, paid and answered: these moves set no field that it would tell of."""
    events = {event.seq: event for event in view.timeline if event.kind in (PLAN, FUND, CONSULT)}
    for entry in entries:
        event = events.get(entry.seq)
        if event is not None:
            entry.effects[:0] = [names.typeset(text, desk.language) for text in _quantities(event, desk, playbook)]


def _quantities(event: TimelineEntry, desk: Desk, playbook: Playbook) -> list[str]:
    args, joiner = event.args, "：" if words.chinese(desk.language) else ": "

    def labelled(name: str) -> str:
        return f"{words.field_name(playbook, event.kind, name, desk.language)}{joiner}{int(args[name]):,}"

    if event.kind == CONSULT:
        return [labelled(name) for name in ("asked", "agree", "against") if name in args]
    if event.kind == PLAN:
        item = str(args["item"])
        known = measures(desk.district_id).get(item)
        said = f"{item_name(desk, item)}{joiner}{int(args['quantity']):,} {known.unit(desk.language) if known else ''}"
    else:
        source = choice(playbook, "source", str(args["source"]), desk.language)
        said = f"{source}{joiner}{int(args['amount']):,} {measure_name(desk, '', str(args['measure']))}"
    return [said.rstrip(), *([labelled("corrects")] if args.get("corrects") else [])]


def _bar(poll: PollRow) -> Bar:
    agree, against = 1000 * poll.agree // poll.asked, 1000 * poll.against // poll.asked
    return Bar(poll, agree, against, agree)


def _handed(view: OccasionView, desk: Desk) -> tuple[tuple[str, str], ...]:
    ids = [UUID(other) for kind, other in view.state.links if kind == HANDED]
    return tuple(
        (number, reverse("desk:workday", args=[record_id]))
        for record_id, (_type, number) in numbers_of(desk.district_id, ids).items()
    )


def dress_items(forms: Iterable[MoveForm], desk: Desk) -> None:
    """Items are chosen with their units of measure; the own unit stands in the form."""
    own = desk.directory.units.get(desk.post.unit_code)
    for form in forms:
        for one in form.fields:
            if one.name == "item":
                one.kind, one.attrs = "select", {}
                one.choices = item_choices(desk.district_id, desk.language, _("– choose –"))
            elif one.name == "unit" and not one.value and own is not None:
                one.value = names.unit_label(own, desk.language)
