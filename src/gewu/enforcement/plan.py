"""What an act would do, worked out before it is done: which units end, and what would go where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from gewu.enforcement.acts import Act, Move
from gewu.enforcement.holders import Book
from gewu.enforcement.models import Item, Transfer
from gewu.ledger.succession import Handed, OpenPart, open_parts
from gewu.registry.directory import Directory
from gewu.registry.models import Reform, Succession
from gewu.registry.snapshot import build


@dataclass(frozen=True, slots=True)
class UnitStep:
    """A unit that ends; ``last_day`` is its last, ``into`` stands in its place from the next. A revival has the two
    turned round: ``into`` gives back what it took over, and ``revived`` is true."""

    code: str
    into: str
    last_day: date
    revived: bool = False


@dataclass(frozen=True, slots=True)
class ItemStep:
    """Items that go from one unit to another."""

    old: str
    new: str
    codes: tuple[str, ...]


@dataclass(slots=True)
class Plan:
    """All that an act would do on its day. ``problems`` are why it cannot be done; then nothing is."""

    act: Act
    done: Reform | None = None
    counters: Reform | None = None
    units: list[UnitStep] = field(default_factory=list)
    items: list[ItemStep] = field(default_factory=list)
    parts: list[OpenPart] = field(default_factory=list)
    handed: list[Handed] = field(default_factory=list)
    rules: list[tuple[str, str, str]] = field(default_factory=list)
    posts: list[tuple[str, str, str]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def records(self) -> int:
        """How many records have a part that goes over."""
        return len({part.record_id for part in self.handed})

    @property
    def clocks(self) -> int:
        """How many of these parts have a running deadline; it goes on as it is."""
        going = {(part.record_id, part.no) for part in self.handed}
        return sum(1 for part in self.parts if part.due_at and (part.record_id, part.no) in going)

    def as_dict(self) -> dict[str, Any]:
        """The plan as JSON values."""
        act = self.act
        return {
            "number": act.number,
            "date": act.day.isoformat(),
            "title": {"en": act.title_en, "zh": act.title_zh},
            "counter_of": act.counter_of or None,
            "applied": self.done is not None,
            "problems": self.problems,
            "units": [
                {"unit": s.code, "into": s.into, "last_day": s.last_day.isoformat(), "revived": s.revived}
                for s in self.units
            ],
            "items": [{"from": s.old, "to": s.new, "count": len(s.codes), "codes": list(s.codes)} for s in self.items],
            "records": self.records,
            "parts": [{"record": str(p.record_id), "part": p.no, "from": p.old, "to": p.new} for p in self.handed],
            "clocks": self.clocks,
            "rules": [{"rule": rule, "from": old, "to": new} for rule, old, new in self.rules],
            "posts": [{"post": post, "from": old, "to": new} for post, old, new in self.posts],
            "teams": teams(act),
        }


def teams(act: Act) -> dict[str, Any]:
    """The team list of an act with its counts, which are counted and not written; empty without a list."""
    if not act.teams:
        return {}
    rows = [{"code": t.code, "name_en": t.name_en, "name_zh": t.name_zh, "into": t.into} for t in act.teams]
    return {"basis": act.teams_basis, "note": act.teams_note, "rows": rows}


def team_counts(listed: dict[str, Any]) -> tuple[int, int]:
    """Teams before and after, of a list as ``teams`` gives it."""
    rows = listed.get("rows", [])
    return len(rows), len({row["into"] for row in rows})


def make_plan(district_id: int, act: Act) -> Plan:
    """Work out an act against the district as it stands. Changes nothing."""
    plan = Plan(act, done=Reform.objects.filter(district_id=district_id, number=act.number).first())
    if plan.done is not None:
        if plan.done.sha256 != act.sha256:
            plan.problems.append(f"act {act.number} was applied already with other text: an act never changes")
        return plan
    before, at = build(district_id, act.day - timedelta(days=1)), build(district_id, act.day)
    if act.counter_of:
        _counter(district_id, act, plan)
    else:
        _merges(district_id, act, plan, before, at)
        _moves(district_id, act, plan, before, at)
    if not plan.problems:
        _follows(district_id, plan)
    return plan


# ---- merging


def _merges(district_id: int, act: Act, plan: Plan, before: Directory, at: Directory) -> None:
    into_of = {code: merge.into for merge in act.merges for code in merge.units}
    named = [code for merge in act.merges for code in merge.units]
    later = {
        s.old.code: s
        for s in Succession.objects.filter(district_id=district_id, old__code__in=named, valid_to=None).select_related(
            "old", "reform"
        )
    }
    for code in named:
        unit, into = before.unit(code), at.unit(into_of[code])
        if named.count(code) > 1:
            plan.problems.append(f"unit {code} is merged twice")
        if unit is None:
            plan.problems.append(f"there is no unit {code}")
        elif code in later:
            plan.problems.append(
                f"unit {code} ends already by act {later[code].reform.number} on {later[code].valid_from}"
            )
        elif not unit.active:
            plan.problems.append(f"unit {code} did not stand on {before.as_of}: it ended on {unit.valid_to}")
        if into is None:
            plan.problems.append(f"there is no unit {into_of[code]}")
        elif not into.active or into.code in into_of:
            plan.problems.append(f"unit {into.code} does not stand on {act.day}, so nothing can be merged into it")
        elif into.path.startswith(unit.path if unit else "\0"):
            plan.problems.append(f"unit {into.code} is below {code}: it would end with it")
        for child in at.children(code):
            if child.code not in into_of:
                plan.problems.append(f"unit {child.code} is below {code} and goes on: say what becomes of it")
        plan.units.append(UnitStep(code, into_of[code], act.day - timedelta(days=1)))


# ---- items


def _moves(district_id: int, act: Act, plan: Plan, before: Directory, at: Directory) -> None:
    if not act.moves:
        return
    book = Book(district_id)
    fields = dict(Item.objects.filter(district_id=district_id, retired_on=None).values_list("code", "field"))
    moved: set[str] = set()
    for move in act.moves:
        codes = move.codes or tuple(sorted(code for code, of_field in fields.items() if of_field == move.field))
        for unit, directory in ((move.old, before), (move.new, at)):
            known = directory.unit(unit)
            if known is None or not known.active:
                plan.problems.append(f"unit {unit} does not stand on {directory.as_of}")
        if move.count is not None and move.count != len(codes):
            plan.problems.append(f"{move.count} items of {_said(move)} are said to move, but there are {len(codes)}")
        if not codes:
            plan.problems.append(f"there are no items of {_said(move)}")
        for code in codes:
            plan.problems += _item_problems(act, move, code, book, fields, moved)
            moved.add(code)
        plan.items.append(ItemStep(move.old, move.new, codes))
    later = Transfer.objects.filter(district_id=district_id, item__in=moved, valid_to=None, valid_from__gte=act.day)
    for transfer in later.select_related("reform"):
        plan.problems.append(
            f"item {transfer.item} moves by act {transfer.reform.number} on {transfer.valid_from} already"
        )


def _item_problems(act: Act, move: Move, code: str, book: Book, fields: dict[str, str], moved: set[str]) -> list[str]:
    if code not in fields:
        return [f"there is no item {code}"]
    if code in moved:
        return [f"item {code} is moved twice"]
    found = book.on(code, act.day - timedelta(days=1))
    if found is None or found.unit != move.old:
        holds = found.unit if found else "nobody"
        return [f"item {code} is held by {holds} on the day before, not by {move.old}"]
    return []


def _said(move: Move) -> str:
    return f"field {move.field}" if move.field else " ".join(move.codes[:3])


# ---- what follows


def _follows(district_id: int, plan: Plan) -> None:
    """Open parts, rules and posts of the units that end (or come back), as they stand now."""
    if plan.act.counter_of:
        _returning(district_id, plan)
    else:
        heirs = {step.code: step.into for step in plan.units}
        plan.parts = open_parts(district_id, sorted(heirs))
        plan.handed = [Handed(p.record_id, p.no, p.unit, heirs[p.unit]) for p in plan.parts]
    heirs = {step.code: step.into for step in plan.units}
    back = plan.act.counter_of != ""
    # A revival is looked up in the rules as they were written, since today's name the unit that followed.
    plan.rules = [(key, into, code) if back else (key, code, into) for key, code, into in _rules(district_id, heirs)]
    plan.posts = [(key, into, code) if back else (key, code, into) for key, code, into in _posts(district_id, heirs)]


def _rules(district_id: int, heirs: dict[str, str]) -> list[tuple[str, str, str]]:
    from gewu.registry.models import ResponsibilityRule

    rows = ResponsibilityRule.objects.filter(district_id=district_id, retired_on=None, unit__code__in=heirs)
    return [(str(row), row.unit.code, heirs[row.unit.code]) for row in rows.select_related("unit")]


def _posts(district_id: int, heirs: dict[str, str]) -> list[tuple[str, str, str]]:
    from gewu.registry.models import Post

    rows = Post.objects.filter(district_id=district_id, retired_on=None, valid_to=None, unit__code__in=heirs)
    return [(row.code, row.unit.code, heirs[row.unit.code]) for row in rows.select_related("unit")]


# ---- taking back


def _counter(district_id: int, act: Act, plan: Plan) -> None:
    target = Reform.objects.filter(district_id=district_id, number=act.counter_of).first()
    if target is None:
        plan.problems.append(f"there is no act {act.counter_of} to take back")
        return
    plan.counters = target
    if target.counter_of_id is not None:
        plan.problems.append(f"act {target.number} takes another one back: decide anew instead of taking it back too")
    earlier = target.counters.first()
    if earlier is not None:
        plan.problems.append(f"act {target.number} was taken back by act {earlier.number} already")
    if act.day < target.day:
        plan.problems.append(f"act {target.number} is of {target.day}: it cannot be taken back before")
    steps = list(Succession.objects.filter(reform=target).select_related("old", "new"))
    for step in steps:
        old = step.old
        if old.valid_to is not None and old.valid_to < act.day:
            plan.problems.append(f"unit {old.code} ended on {old.valid_to} by its pack, so no act can bring it back")
        plan.units.append(UnitStep(old.code, step.new.code, act.day - timedelta(days=1), revived=True))
    on = Succession.objects.filter(district_id=district_id, old__in=[s.new_id for s in steps], valid_to=None)
    for later in on.exclude(reform=target).select_related("old", "reform"):
        plan.problems.append(f"unit {later.old.code} ended since by act {later.reform.number}: take that back first")
    moves: dict[tuple[str, str], list[str]] = {}
    for transfer in Transfer.objects.filter(reform=target).order_by("item"):
        moves.setdefault((transfer.old, transfer.new), []).append(transfer.item)
    plan.items = [ItemStep(new, old, tuple(codes)) for (old, new), codes in moves.items()]
    codes = [code for step in plan.items for code in step.codes]
    since = Transfer.objects.filter(district_id=district_id, item__in=codes, valid_to=None, reform_id__gt=target.pk)
    for later_move in since.select_related("reform"):
        plan.problems.append(f"item {later_move.item} moved on by act {later_move.reform.number}: take that back first")


def _returning(district_id: int, plan: Plan) -> None:
    """Parts that the act handed over and that are still open with the unit that took them."""
    assert plan.counters is not None
    moved: Sequence[Sequence[Any]] = plan.counters.moved
    wanted = {(str(record), int(no)): (old, new) for record, no, old, new in moved}
    units = sorted({new for _old, new in wanted.values()})
    plan.parts = open_parts(district_id, units)
    for part in plan.parts:
        pair = wanted.get((str(part.record_id), part.no))
        if pair is not None and pair[1] == part.unit:
            plan.handed.append(Handed(part.record_id, part.no, part.unit, pair[0]))
