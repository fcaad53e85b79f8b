"""What a council adds to an occasion: votes, how resolutions were carried out, what the residents judged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

ADOPTED, REJECTED = "adopted", "rejected"
VOTE = "present, stakeholders, votes_for, votes_against, votes_abstained, executor, until, done_on"
"""Columns of an outcome that belong to a vote, and to the report on what came of it."""


@dataclass(frozen=True, slots=True)
class Execution:
    """That a resolution was carried out (``done``) or was not (``not_done``), and the words for it."""

    outcome: str
    at: datetime
    done_on: date | None
    words: str


@dataclass(frozen=True, slots=True)
class Vote:
    """A vote on a matter: who was there, how they voted, and who carries the motion out until when.

    ``motion`` are the words voted on, ``part`` the part under which it is carried out, 0 for none.
    ``execution`` is None while nobody reported.
    """

    motion: str
    present: int
    stakeholders: int
    votes_for: int
    votes_against: int
    votes_abstained: int
    executor: str
    until: date | None
    part: int
    execution: Execution | None

    @property
    def votes(self) -> int:
        """How many voted."""
        return self.votes_for + self.votes_against + self.votes_abstained


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What the residents judged. Whoever did not answer is counted as such."""

    evaluated_on: date
    asked: int
    satisfied: int
    dissatisfied: int
    words: str

    @property
    def unanswered(self) -> int:
        """Asked, and no answer."""
        return self.asked - self.satisfied - self.dissatisfied


Row = tuple[tuple[Any, ...], dict[str, str]]


def vote_of(row: Row, part: int, report: Row | None) -> Vote | None:
    """The vote in an outcome; ``row`` is (outcome, at, *VOTE) with its words, ``report`` the same of its execution."""
    (outcome, _at, present, stakeholders, yes, no, abstained, executor, until, _done), texts = row
    if outcome not in (ADOPTED, REJECTED):
        return None
    execution = None
    if report is not None:
        (how, at, *_rest, done_on), words = report
        execution = Execution(how, at, done_on, words.get("result") or words.get("reason") or "")
    return Vote(texts.get("motion", ""), present, stakeholders, yes, no, abstained, executor, until, part, execution)
