"""Rounds and honours as answers; see ``show`` for cases."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from gewu.assessments.counting import Recomputed
from gewu.assessments.queries.points import Shown
from gewu.assessments.queries.rounds import RoundRow, RoundView, ServiceRow
from gewu.core.playbook.model import FormField, Playbook
from gewu.core.records import Command, Refusal
from gewu.core.rules import moves_open
from gewu.ledger.lookups import facts_for
from gewu.surfaces import words
from gewu.surfaces.api.outputs import common, rounds
from gewu.surfaces.api.outputs.cases import MoveOut
from gewu.surfaces.api.problems import ROOT
from gewu.surfaces.api.show import Show

ROUNDS, HONOURS = f"{ROOT}rounds/", f"{ROOT}honours/"
ELSEWHERE = {"issue_codes": "codes"}
"""Moves with an address of their own."""


def field_of(playbook: Playbook | None, move: str, name: str) -> FormField | None:
    """A form field of a move."""
    found = playbook.moves.get(move) if playbook else None
    return next((f for f in found.form if f.name == name), None) if found else None


class ShowRound(Show):
    """Makes answers about rounds for one identity in one language."""

    def choice(self, playbook: Playbook | None, move: str, name: str, value: str) -> common.Named:
        """A value of a choice in the playbook's words."""
        known = field_of(playbook, move, name)
        title = words.choice_name(known, value, self.language) if known and value in known.choices else value
        return common.Named(code=value, name=title)

    def _line(self, row: RoundRow) -> dict[str, Any]:
        playbook = self.directory.playbook(row.playbook, row.playbook_version)
        return {
            "id": row.record_id,
            "period": row.period,
            "version": row.version,
            "stage": self.stage(playbook, row.stage),
            "ended": row.ended,
            "due_at": self.local(row.due_at),
            "quorum": row.quorum,
            "method": row.method,
            "streets": [self.unit_or_code(code) for code in row.streets],
            "departments": [self.unit_or_code(code) for code in row.departments],
            "nominate_by": row.nominate_by,
            "build_by": row.build_by,
            "tour_on": row.tour_on,
            "vote_by": row.vote_by,
            "entries": row.entries,
            "codes": row.delegates,
            "ballots": row.ballots,
            "ratings": row.ratings,
        }

    def line(self, row: RoundRow) -> rounds.RoundRowOut:
        """A round as its list shows it."""
        return rounds.RoundRowOut(**self._line(row))

    def round(self, view: RoundView, missing: Sequence[str] | None) -> rounds.RoundOut:
        """A round with its points, moves and timeline."""
        row, state = view.row, view.state
        playbook = self.directory.playbook(row.playbook, row.playbook_version)
        return rounds.RoundOut(
            **self._line(row),
            place=self.place(state.place),
            points=[self.point(playbook, point, view.cases) for point in view.points],
            services=[self.service(playbook, one) for one in view.services],
            result=self.result(playbook, row.result, row.root) if row.result else None,
            missing=None if missing is None else [self.unit_or_code(code) for code in missing],
            **self._state(playbook, view, ROUNDS),
            counters=dict(state.counters),
        )

    def _state(self, playbook: Playbook | None, view: RoundView, base: str) -> dict[str, Any]:
        state = view.state
        return {
            "clocks": [self.clock(playbook, clock) for clock in state.clocks],
            "assignments": [self.assignment(playbook, part) for part in state.assignments],
            "moves": self._moves(playbook, view, base),
            "timeline": [self.event(playbook, event) for event in view.timeline],
        }

    def _moves(self, playbook: Playbook | None, view: RoundView, base: str) -> list[MoveOut]:
        if playbook is None or self.acting is None:
            return []
        now = int(datetime.now(UTC).timestamp())
        facts = facts_for(self.directory, None, Command("", ""), self.acting.actor, now, None)
        if isinstance(facts, Refusal):
            return []
        base = f"{base}{view.row.record_id}/"
        return [
            self.move(playbook, move, refusal, base)
            for move, refusal in moves_open(playbook, view.state, facts)
            if move.name not in ELSEWHERE
        ]

    def point(self, playbook: Playbook | None, point: Shown, cases: Any) -> rounds.PointOut:
        """A point with its photos and the numbers of its cases."""
        return rounds.PointOut(
            entry=point.no,
            track=self.choice(playbook, "nominate", "track", point.track),
            unit=self.unit_or_code(point.unit),
            place=self.place(point.place),
            title=point.title,
            words=point.words,
            result=point.result,
            built=point.built,
            withdrawn=point.withdrawn,
            cases=[cases.get(case, "") for case in point.cases],
            photos=[rounds.PointPhotoOut(id=p.id, role=p.role, released=p.released) for p in point.photos],
        )

    def service(self, playbook: Playbook | None, one: ServiceRow) -> rounds.ServiceOut:
        """What a department did."""
        return rounds.ServiceOut(
            unit=self.unit_or_code(one.unit),
            item=self.choice(playbook, "record_service", "item", one.item),
            quantity=one.quantity,
            measure=self.choice(playbook, "record_service", "measure", one.measure),
            street=self.unit(one.street),
            day=one.day,
            note=one.note,
        )

    def result(self, playbook: Playbook | None, found: dict[str, Any], root: str) -> rounds.ResultOut:
        """What was counted."""
        names = ("method", "quorum", "fewest", "units", "codes", "left_out", "unreadable")
        return rounds.ResultOut(
            **{name: found[name] for name in names},
            root=root,
            tracks=[
                rounds.TrackOut(
                    **{n: one[n] for n in ("ballots", "units", "delegates", "quorum_met", "told")},
                    track=self.choice(playbook, "nominate", "track", track),
                    places=[
                        rounds.PlacedOut(**{**place, "unit": self.unit_or_code(place["unit"])})
                        for place in one["places"]
                    ],
                )
                for track, one in found["tracks"].items()
            ],
            sheets=found["departments"]["sheets"],
            departments=[
                rounds.DepartmentOut(**{**place, "unit": self.unit_or_code(place["unit"])})
                for place in found["departments"]["places"]
            ],
        )

    def recount(self, playbook: Playbook | None, found: Recomputed, root: str) -> rounds.RecountOut:
        """A result counted again."""
        return rounds.RecountOut(
            same=found.same,
            same_root=found.same_root,
            missing=found.missing,
            ballots=[found.ballots_then, found.ballots_now],
            ratings=[found.ratings_then, found.ratings_now],
            then=self.result(playbook, found.then, root),
            now=self.result(playbook, found.now, ""),
        )

    # ---- honours

    def _honour(self, row: RoundRow) -> dict[str, Any]:
        playbook = self.directory.playbook(row.playbook, row.playbook_version)
        texts = row.texts
        return {
            "id": row.record_id,
            "number": row.number,
            "version": row.version,
            "stage": self.stage(playbook, row.stage),
            "ended": row.ended,
            "honour": self.choice(playbook, "nominate", "class", row.honour),
            "level": self.choice(playbook, "nominate", "level", row.level),
            "place": self.place(row.place),
            "unit": self.unit_or_code(row.unit),
            "subject": texts.get("subject", "") if texts is not None else None,
            "name": name_of(row),
            "notice_until": self.local(row.notice_until),
            "awarded_at": self.local(row.awarded_at),
        }

    def honour_line(self, row: RoundRow) -> rounds.HonourRowOut:
        """An honour as its list shows it."""
        return rounds.HonourRowOut(**self._honour(row))

    def honour(self, view: RoundView) -> rounds.HonourOut:
        """An honour with its moves and timeline; a name that was taken back stands in neither."""
        row = view.row
        playbook = self.directory.playbook(row.playbook, row.playbook_version)
        found = self._state(playbook, view, HONOURS)
        if row.name_withdrawn:
            for number, event in enumerate(found["timeline"]):
                texts = {name: text for name, text in (event.texts or {}).items() if name != "name"}
                found["timeline"][number] = event.model_copy(update={"texts": texts})
        deeds = row.texts.get("deeds", "") if row.texts is not None else None
        return rounds.HonourOut(**self._honour(row), deeds=deeds, **found)


def name_of(row: RoundRow) -> str | None:
    """The name that may be shown; None when there is none, or when it was taken back."""
    return (row.texts or {}).get("name") or None if not row.name_withdrawn else None


def public_places(one: dict[str, Any]) -> list[dict[str, Any]]:
    """Of the ranked points of a track, those whose rank lies in the upper half: last places stay inside."""
    known = [place for place in one["places"] if place["rank"] is not None]
    half = (len(known) + 1) // 2
    return [place for place in known if place["rank"] <= half] if one["told"] else []
