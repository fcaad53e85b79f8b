"""Occasions as answers; see ``show`` for cases."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from gewu.core.playbook.model import Playbook
from gewu.core.records import Command, Refusal, State
from gewu.core.rules import moves_open
from gewu.ledger.lookups import facts_for
from gewu.occasions.kinds import ALONG, SCHEDULE
from gewu.occasions.obligations import Obligation
from gewu.occasions.queries import CaseState, Matter, MatterRow, OccasionRow, OccasionView, Vote
from gewu.occasions.queries.agencies import Agency, agencies, patrols, plans, supports
from gewu.surfaces import words
from gewu.surfaces.api.forms import form_schema
from gewu.surfaces.api.outputs import occasions as o
from gewu.surfaces.api.outputs.cases import MoveOut
from gewu.surfaces.api.outputs.common import Named
from gewu.surfaces.api.problems import ROOT
from gewu.surfaces.api.show import Show

OCCASIONS = f"{ROOT}occasions/"
_TIMES = ("opened", "adjourned", "settled", "followed", "noticed", "closed", "cancelled")
_COUNTS = (
    "postponements", "attendance", "matters", "withdrawn", "cases", "joined", "answered", "answers", "tellings",
    "matters_open", "cases_open",
)  # fmt: skip


class ShowOccasion(Show):
    """Makes answers about occasions for one identity in one language."""

    def type(self, name: str, playbook: Playbook, roles: frozenset[str]) -> o.OccasionTypeOut:
        """A type, and how one is scheduled."""
        move = playbook.moves[SCHEDULE]
        return o.OccasionTypeOut(
            type=name,
            title=playbook.title[self.language],
            title_of_move=move.title[self.language],
            form=form_schema(move, self.language),
            may_schedule=any(rule.role in roles for rule in move.actors),
        )

    def line(self, row: OccasionRow) -> o.OccasionRowOut:
        """An occasion as its list shows it."""
        return o.OccasionRowOut(**self._line(row))

    def _line(self, row: OccasionRow) -> dict[str, Any]:
        playbook = self.directory.playbook(row.playbook, row.playbook_version)
        clock = Named(code=row.clock, name=words.clock_name(playbook, row.clock, self.language)) if row.clock else None
        return {
            "id": row.record_id,
            "type": Named(code=row.type, name=playbook.title[self.language] if playbook else row.type),
            "number": row.number,
            "version": row.version,
            "stage": self.stage(playbook, row.stage),
            "ended": row.ended,
            "period": row.period,
            "place": self.place(row.place),
            "building": row.building,
            "unit": self.unit(row.unit),
            "led_by": self._choice(playbook, "led_by", row.led_by),
            "leader": row.leader,
            "strand": row.strand,
            "activity": row.activity,
            "subject": row.subject,
            "reached": row.reached,
            "starts_at": self.local(row.starts_at),
            "ends_at": self.local(row.ends_at),
            "times": {name: self.local(getattr(row, f"{name}_at")) for name in _TIMES},
            "counts": {name: getattr(row, name) for name in _COUNTS} | {"ended": row.ended_cases},
            "clock": clock,
            "due_at": self.local(row.due_at),
        }

    def _choice(self, playbook: Playbook | None, field: str, value: str) -> Named | None:
        known = playbook.fields.get(field) if playbook else None
        name = words.choice_name(known, value, self.language) if known else value
        return Named(code=value, name=name) if value else None

    def occasion(self, view: OccasionView) -> o.OccasionOut:
        """An occasion with its matters, its cases as they stand now, and every move of its stage."""
        state = view.state
        playbook = self.directory.playbook(state.playbook, state.playbook_version)
        return o.OccasionOut(
            **self._line(view.row),
            playbook_version=state.playbook_version,
            texts=view.texts,
            heads=view.heads,
            matters=[self.matter(one) for one in view.matters],
            attendance=[
                o.AttendedOut(line=a.line, level=a.level, unit=self.unit(a.unit), body=a.body, heads=a.heads)
                for a in view.attendance
            ],
            told=[
                o.ToldOut(
                    final=t.final,
                    posted_on=t.posted_on,
                    way=t.way,
                    heads=t.heads,
                    words=t.words,
                    days=t.days,
                    where=t.where,
                )
                for t in view.tellings
            ],
            agencies=[self._agency(one) for one in agencies(view)],
            patrols=[
                o.PatrolOut(on=p.on, hours=p.hours, unit=self.unit(p.unit), where=p.where, what=p.what, heads=p.heads)
                for p in patrols(view)
            ],
            supports=[
                o.SupportOut(
                    on=s.on, unit=self.unit(s.unit), helped=self.unit(s.helped), swapped=s.swapped, words=s.words
                )
                for s in supports(view)
            ],
            plans=[o.PlanOut(at=self.here(p.at), teams=p.teams, route=p.route) for p in plans(view)],
            evaluations=[o.EvaluationOut(**asdict(one), unanswered=one.unanswered) for one in view.evaluations],
            clocks=[self.clock(playbook, clock) for clock in state.clocks],
            assignments=[self.assignment(playbook, part) for part in state.assignments],
            moves=self.occasion_moves(playbook, view.row, state),
            photos=[self.photo(photo) for photo in view.photos],
            timeline=[self.event(playbook, event) for event in view.timeline],
        )

    def _agency(self, one: Agency) -> o.AgencyOut:
        return o.AgencyOut(
            unit=self.unit_or_code(one.unit),
            letter=one.letter,
            standing=one.standing,
            from_on=one.from_on,
            until_on=one.until_on,
            status=one.status,
            reason=one.reason,
            task=one.task,
            heads=one.heads,
            due_at=self.local(one.due_at),
            reported_at=self.local(one.reported_at),
            late=one.late,
            words=one.words,
            signature=one.signature,
            signed_at=self.local(one.signed_at),
            signed_by=one.signed_by,
            opinion=one.opinion,
        )

    def matter(self, one: Matter) -> o.TableMatterOut:
        """A matter and what became of it."""
        return o.TableMatterOut(
            no=one.no,
            phase=one.phase,
            words=one.words,
            category=self.category(one.category),
            place=self.place(one.place) if one.place else None,
            building=one.building,
            raised=one.raised,
            source=one.source,
            at=self.here(one.at),
            replies=[
                o.ReplyOut(at=self.here(r.at), unit=self.unit(r.unit), question=r.question, answer=r.answer)
                for r in one.replies
            ],
            outcome=one.outcome,
            settled_at=self.local(one.settled_at),
            unit=self.unit(one.unit),
            limit_days=one.limit_days,
            tier=one.tier,
            solved=one.solved,
            answer=one.answer,
            case=self._followed(one.case) if one.case else None,
            tabled=one.tabled,
            due_on=one.due_on,
            follow=one.follow,
            waiting=one.waiting,
            came_from=one.came_from[1] if one.came_from else "",
            went_to=one.went_to[1] if one.went_to else "",
            topic=one.topic,
            kind=one.kind,
            vote=self._vote(one.vote) if one.vote else None,
        )

    def _vote(self, vote: Vote) -> o.VoteOut:
        done = vote.execution
        given = {name: value for name, value in asdict(vote).items() if name != "part"} | {
            "execution": o.ExecutionOut(**asdict(done) | {"at": self.here(done.at)}) if done else None
        }
        return o.VoteOut(**given)

    def _followed(self, case: CaseState) -> o.FollowedOut:
        playbook = self.directory.playbook(case.playbook, case.playbook_version)
        return o.FollowedOut(
            id=case.record_id,
            number=case.number,
            stage=self.stage(playbook, case.stage),
            ended=case.ended,
            due_at=self.local(case.due_at) if not case.ended and case.due_at else None,
            in_sight=case.row is not None,
        )

    def occasion_moves(self, playbook: Playbook | None, row: OccasionRow, state: State) -> list[MoveOut]:
        """Every move from the present stage, open or with the reason why it is closed."""
        if playbook is None or self.acting is None:
            return []
        now = int(datetime.now(UTC).timestamp())
        facts = facts_for(self.directory, None, Command("", ""), self.acting.actor, now, None)
        if isinstance(facts, Refusal):
            return []
        base = f"{OCCASIONS}{row.record_id}/"
        return [
            self.move(playbook, move, refusal, base)
            for move, refusal in moves_open(playbook, state, facts)
            if move.name not in ALONG
        ]

    def obligation(self, one: Obligation) -> o.ObligationOut:
        """A member's month."""
        return o.ObligationOut(
            member=self.unit_or_code(one.member.member),
            period=one.period,
            least=one.member.least,
            status=one.status,
            street_held=one.count.street_held,
            street_planned=one.count.street_planned,
            leader_held=one.count.leader_held,
            leader_planned=one.count.leader_planned,
            assumed=one.member.assumed,
        )

    def listed(self, row: MatterRow) -> o.ListedMatterOut:
        """A matter in a list over occasions."""
        playbook = self.directory.playbook(row.case_playbook, row.case_version) if row.case_playbook else None
        return o.ListedMatterOut(
            occasion=row.occasion,
            number=row.number,
            no=row.no,
            words=row.words,
            category=self.category(row.category),
            place=self.place(row.place),
            unit=self.unit(row.unit),
            outcome=row.outcome,
            case_number=row.case_number,
            case_stage=self.stage(playbook, row.case_stage) if row.case_stage else None,
        )
