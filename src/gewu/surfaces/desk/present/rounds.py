"""Rounds and honours as their pages show them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from gewu.assessments import kinds as k
from gewu.assessments.queries.points import Picture, Shown
from gewu.assessments.queries.rounds import RoundRow, RoundView, ServiceRow
from gewu.core.playbook import model as m
from gewu.surfaces import words
from gewu.surfaces.desk.present import names
from gewu.surfaces.desk.who import Desk
from gewu.surfaces.look.forms import Choice

STREET_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Line:
    """A round or honour in a list."""

    row: RoundRow
    title: str
    what: str
    stage: str
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PointLine:
    """A point on the page of its round. ``mine`` when it is of the post's own unit."""

    no: int
    track: str
    unit: str
    place: str
    title: str
    words: str
    result: str
    built: bool
    withdrawn: bool
    mine: bool
    cases: tuple[str, ...]
    before: tuple[Picture, ...]
    after: tuple[Picture, ...]


@dataclass(frozen=True, slots=True)
class ServiceLine:
    """What a department did for the streets."""

    unit: str
    what: str
    street: str
    day: Any
    note: str


@dataclass(frozen=True, slots=True)
class PlaceLine:
    """A point with its rank, or a department with its score."""

    rank: int | None
    name: str
    unit: str
    score: str
    n: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class TrackLines:
    """The result of one track, and why it may not be told."""

    track: str
    ballots: int
    units: int
    delegates: int
    told: bool
    quorum_met: bool
    places: tuple[PlaceLine, ...]


@dataclass(frozen=True, slots=True)
class ResultLines:
    """A result as a page and a sheet show it."""

    raw: Mapping[str, Any]
    tracks: tuple[TrackLines, ...]
    departments: tuple[PlaceLine, ...]
    sheets: int
    raters: int


def choice(playbook: m.Playbook | None, move: str, name: str, value: str, language: str) -> str:
    """A value of a choice in the playbook's words."""
    found = playbook.moves.get(move) if playbook else None
    field = next((f for f in found.form if f.name == name), None) if found else None
    known = field is not None and value in field.choices
    return names.typeset(words.choice_name(field, value, language) if field and known else value, language)


def period_name(period: str, language: str) -> str:
    """``2019Q4`` as people say it."""
    year, _q, quarter = period.partition("Q")
    if words.chinese(language):
        said = {"1": "一", "2": "二", "3": "三", "4": "四"}.get(quarter, quarter)
        return names.typeset(f"{year}年第{said}季度", language)
    return f"Q{quarter} {year}"


def line(row: RoundRow, desk: Desk) -> Line:
    """A round in the list."""
    playbook = desk.playbook_of(row.playbook, row.playbook_version)
    stage = names.typeset(words.stage_name(playbook, row.stage, desk.language), desk.language)
    facts = [_("%(n)d streets") % {"n": len(row.streets)}, _("%(n)d departments") % {"n": len(row.departments)}]
    facts.append(_("%(n)d points") % {"n": row.entries})
    if row.ballots is not None:
        facts.append(_("%(n)d ballots") % {"n": row.ballots})
    title = period_name(row.period, desk.language)
    return Line(
        row, title, playbook_title(playbook, desk), stage, tuple(names.typeset(f, desk.language) for f in facts)
    )


def playbook_title(playbook: m.Playbook | None, desk: Desk) -> str:
    """What a playbook calls its records."""
    return names.typeset(playbook.title[desk.language], desk.language) if playbook else ""


def honour_line(row: RoundRow, desk: Desk) -> Line:
    """An honour in the register."""
    playbook = desk.playbook_of(row.playbook, row.playbook_version)
    language = desk.language
    subject = (row.texts or {}).get("subject", "") if row.texts is not None else _("erased by request")
    facts = [
        choice(playbook, "nominate", "class", row.honour, language),
        choice(playbook, "nominate", "level", row.level, language),
        names.place_short(desk.directory, row.place, language),
    ]
    name = "" if row.name_withdrawn else (row.texts or {}).get("name", "")
    stage = names.typeset(words.stage_name(playbook, row.stage, language), language)
    return Line(row, row.number, f"{subject} {name}".strip(), stage, tuple(facts))


def point(one: Shown, view: RoundView, playbook: m.Playbook | None, desk: Desk) -> PointLine:
    """A point with its pictures."""
    language = desk.language
    gone = _("erased by request")
    return PointLine(
        one.no,
        choice(playbook, "nominate", "track", one.track, language),
        names.unit(desk.directory, one.unit, language),
        names.place_short(desk.directory, one.place, language),
        gone if one.title is None else one.title,
        one.words or "",
        one.result or "",
        one.built,
        one.withdrawn,
        one.unit == desk.post.unit_code,
        tuple(view.cases.get(case, "") for case in one.cases),
        tuple(p for p in one.photos if p.role == "before"),
        tuple(p for p in one.photos if p.role == "after"),
    )


def service(one: ServiceRow, playbook: m.Playbook | None, desk: Desk) -> ServiceLine:
    """What a department did, with quantity and unit of measure."""
    language = desk.language
    item = choice(playbook, "record_service", "item", one.item, language)
    measure = choice(playbook, "record_service", "measure", one.measure, language)
    amount = f"{one.quantity:,}"
    joined = f"{item} {amount} {measure}" if not words.chinese(language) else f"{item}{amount}{measure}"
    street = names.unit(desk.directory, one.street, language) if one.street else ""
    unit = names.unit(desk.directory, one.unit, language)
    return ServiceLine(unit, names.typeset(joined, language), street, one.day, one.note or "")


def score(value: int | None) -> str:
    """Hundredths with their two places; a dash where nothing is told."""
    return "–" if value is None else f"{value // 100}.{value % 100:02d}"


def result(view: RoundView, playbook: m.Playbook | None, desk: Desk, raw: Mapping[str, Any]) -> ResultLines:
    """The result by track, and of the departments."""
    language = desk.language
    titles = {one.no: one.title or "" for one in view.points}
    tracks = []
    for track, one in raw["tracks"].items():
        places = tuple(
            PlaceLine(
                p["rank"],
                titles.get(p["entry"], ""),
                names.unit(desk.directory, p["unit"], language),
                score(p["score"]),
                p["n"],
                f"{_('No.')} {p['entry']}",
            )
            for p in one["places"]
        )
        tracks.append(
            TrackLines(
                choice(playbook, "nominate", "track", track, language),
                one["ballots"], one["units"], one["delegates"], one["told"], one["quorum_met"], places,
            )
        )  # fmt: skip
    departments = tuple(
        PlaceLine(
            p["rank"],
            names.unit(desk.directory, p["unit"], language),
            p["unit"],
            score(p["score"]),
            min(p["answered"]),
            _("quality %(q)s, efficiency %(e)s, unanswered %(u)s")
            % {"q": score(p["means"][0]), "e": score(p["means"][1]), "u": " / ".join(map(str, p["unanswered"]))},
        )
        for p in raw["departments"]["places"]
    )
    return ResultLines(raw, tuple(tracks), departments, raw["departments"]["sheets"], raw["departments"]["raters"])


def steps(playbook: m.Playbook, stage: str, language: str) -> list[tuple[str, str]]:
    """The stages of a round in their order, each ``done``, ``now`` or ``to come``; a voided one stands alone."""
    known = list(playbook.stages)
    if stage == k.VOIDED or stage not in known:
        return [(words.stage_name(playbook, stage, language), "now")]
    way = [name for name in known if name != k.VOIDED]
    at = way.index(stage)
    return [
        (
            names.typeset(words.stage_name(playbook, name, language), language),
            "now" if i == at else "done" if i < at else "",
        )
        for i, name in enumerate(way)
    ]


def candidates(desk: Desk) -> tuple[list[Choice], list[Choice]]:
    """Units that can take part: those of a street or town, and departments of the district, each with a clerk."""
    directory, language = desk.directory, desk.language
    held = {p.unit for p in directory.holders(k.CLERK) if p.person is not None}
    streets, departments = [], []
    known = [directory.units[code] for code in held if code in directory.units]
    for unit in sorted(known, key=lambda u: (u.place, u.code)):  # streets before towns, as their codes have it
        code = unit.code
        if not unit.active or not unit.accounts:
            continue
        above = directory.units.get(unit.parent)
        option = Choice(code, names.unit(directory, code, language))
        if len(unit.place) == STREET_DIGITS and (above is None or above.place != unit.place):
            streets.append(option)
        elif unit.place == directory.district.code and above is not None and not above.parent:
            departments.append(option)
    return streets, departments


def unit_names(codes: Sequence[str], desk: Desk) -> list[str]:
    """Units by name."""
    return [names.unit(desk.directory, code, desk.language) for code in codes]


def key_of(record_id: UUID) -> str:
    """A short mark of a record in the name of a file."""
    return record_id.hex[-8:]
