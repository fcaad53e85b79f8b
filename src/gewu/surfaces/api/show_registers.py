"""Entries of the registers as answers; see ``show`` for cases."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from gewu.core.playbook.model import Move, Playbook
from gewu.core.records import Command, Refusal, State
from gewu.core.rules import moves_open
from gewu.ledger.lookups import facts_for
from gewu.office.kinds import ADDRESS, LETTER
from gewu.office.queries import EntryRow, EntryView, Linked, OpenMatter, OpenMatters, matters_from
from gewu.office.services import ALONG, MAKING
from gewu.surfaces import words
from gewu.surfaces.api import outputs as o
from gewu.surfaces.api.forms import form_schema
from gewu.surfaces.api.problems import ROOT
from gewu.surfaces.api.show import Show

ENTRIES = f"{ROOT}registers/entries/"


class ShowEntry(Show):
    """Makes answers about entries for one identity in one language."""

    def register(self, playbook: Playbook, counts: tuple[int, int], roles: frozenset[str]) -> o.RegisterOut:
        """A register with its counts (open, late), and how somebody with these roles makes an entry of it."""
        move = playbook.moves.get(MAKING[playbook.kind])
        may = move is not None and any(rule.role in roles for rule in move.actors)
        return o.RegisterOut(
            name=ADDRESS[playbook.kind],
            kind=playbook.kind,
            title=playbook.title[self.language],
            open=counts[0],
            late=counts[1],
            make=self.making(playbook.kind, move) if move is not None and may else None,
        )

    def making(self, kind: str, move: Move) -> o.MakingOut:
        """The move by which entries are made."""
        return o.MakingOut(
            title=move.title[self.language],
            hint=move.hint[self.language] if move.hint else "",
            needs_photos=dict(move.photos),
            form=form_schema(move, self.language),
            href=f"{ROOT}registers/{ADDRESS[kind]}",
        )

    # ---- a line of a register

    def line(self, row: EntryRow) -> o.EntryRowOut:
        """An entry as its list shows it."""
        return o.EntryRowOut(**self._line(row))

    def _line(self, row: EntryRow) -> dict[str, Any]:
        playbook = self.directory.playbook(row.playbook, row.playbook_version)
        clock = None
        if row.clock:
            clock = o.Named(code=row.clock, name=words.clock_name(playbook, row.clock, self.language))
        return {
            "id": row.record_id,
            "kind": row.kind,
            "number": row.number,
            "version": row.version,
            "stage": self.stage(playbook, row.stage),
            "ended": row.ended,
            "erased": row.erased,
            "day": row.day,
            "own_number": row.own_number,
            "own_day": row.own_day,
            "unit": self.unit(row.unit),
            "variant": self._choice(playbook, "variant", row.variant),
            "sent_on": row.sent_on,
            "due_on": row.due_on,
            "clock": clock,
            "due_at": self.local(row.due_at),
            "reminders": row.reminders,
            "returns": row.returns,
            "relapses": row.relapses,
            "result": self._choice(playbook, "result", row.result),
            "matters": row.matters,
            "late_matters": row.late,
            "times": {
                "answered": self.local(row.answered_at),
                "struck_off": self.local(row.struck_off_at),
                "look_back": self.local(row.look_back_at),
                "closed": self.local(row.closed_at),
            },
            "excerpt": row.excerpt,
        }

    def _choice(self, playbook: Playbook | None, field: str, value: str) -> o.Named | None:
        if not value:
            return None
        known = playbook.fields.get(field) if playbook else None
        return o.Named(code=value, name=words.choice_name(known, value, self.language) if known else value)

    # ---- one entry

    def entry(self, view: EntryView) -> o.EntryOut:
        """An entry with its timeline, its clocks and every move of its stage."""
        state = view.state
        playbook = self.directory.playbook(state.playbook, state.playbook_version)
        lists = [detail["open_matters"] for detail in view.details if "open_matters" in detail]
        return o.EntryOut(
            **self._line(view.row),
            playbook=state.playbook,
            playbook_version=state.playbook_version,
            place=self.place(state.place),
            areas=list(state.areas),
            texts=_texts_now(view),
            fields=dict(state.fields),
            counters=dict(state.counters),
            clocks=[self.clock(playbook, clock) for clock in state.clocks],
            assignments=[self.assignment(playbook, part) for part in state.assignments],
            moves=self.entry_moves(playbook, view.row, state),
            links=[self._tie(link) for link in view.links],
            photos=[self.photo(photo) for photo in view.photos],
            timeline=[self.event(playbook, event) for event in view.timeline],
            matters_listed=self.matters(matters_from(lists[-1])) if lists else None,
        )

    def entry_moves(self, playbook: Playbook | None, row: EntryRow, state: State) -> list[o.MoveOut]:
        """Every move from the present stage, open or with the reason why it is closed."""
        if playbook is None or self.acting is None:
            return []
        now = int(datetime.now(UTC).timestamp())
        facts = facts_for(self.directory, None, Command("", ""), self.acting.actor, now, None)
        if isinstance(facts, Refusal):
            return []
        base = f"{ENTRIES}{row.record_id}/"
        return [
            self.move(playbook, move, refusal, base)
            for move, refusal in moves_open(playbook, state, facts)
            if move.name not in ALONG
        ]

    def _tie(self, link: Linked) -> o.TieOut:
        playbook = self.directory.playbook(link.playbook, link.playbook_version)
        return o.TieOut(
            how=link.how,
            id=link.record_id,
            kind=link.kind,
            number=link.number,
            stage=self.stage(playbook, link.stage),
            inward=link.inward,
        )

    # ---- open matters of a handover

    def matters(self, found: OpenMatters) -> o.MattersOut:
        """What was open when it was listed."""
        cases = self.directory.current_playbook()
        return o.MattersOut(
            at=self.at(found.at),
            until=self.at(found.soon_until),
            stages=[
                o.StageCountOut(stage=self.stage(cases, stage), open=n, late=late, soon=soon)
                for stage, (n, late, soon) in found.stages.items()
            ],
            cases=[self._matter(one) for one in found.cases],
            cases_not_listed=found.cases_not_listed,
            registers=[self._matter(one) for one in found.registers],
            registers_not_listed=found.registers_not_listed,
        )

    def _matter(self, one: OpenMatter) -> o.MatterOut:
        playbook = self.directory.current_playbook(one.kind)
        return o.MatterOut(
            number=one.number,
            kind=one.kind,
            stage=self.stage(playbook, one.stage),
            due_at=self.at(one.due_at) if one.due_at else None,
            late=one.late,
            soon=one.soon,
        )


def _texts_now(view: EntryView) -> dict[str, str] | None:
    """The first words, with what a letter's draft was changed to since; None once they are erased."""
    if view.texts is None or view.row.kind != LETTER:
        return view.texts
    revised = [event.texts or {} for event in view.timeline if event.kind == "revise"]
    return {name: text for texts in (view.texts, *revised) for name, text in texts.items()}
