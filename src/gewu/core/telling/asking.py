"""What is known of a record that is to be explained, and what more than one part of the explanation asks of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from gewu.core.playbook import model as m
from gewu.core.records import Assignment, Event, Facts, State
from gewu.core.telling.speech import Names, Speaker


@dataclass(slots=True)
class Asking:
    """What is known of a record, and how instants are written. ``book`` gives a version of its playbook."""

    playbook: m.Playbook
    state: State
    events: Sequence[Event]
    facts: Facts
    when: Callable[[int], str]
    names: Names
    language: str
    book: Callable[[int], m.Playbook | None]
    speaker: Speaker = field(init=False)

    def __post_init__(self) -> None:
        self.speaker = Speaker(self.playbook, self.language, self.names)


def versions(events: Sequence[Event], version: int) -> Iterator[tuple[Event, int]]:
    """Each event with the version of the playbook that it was judged by."""
    first = next((e[3] for event in events[:1] for e in event.effects if e[0] == "birth"), version)
    now = int(first)
    for event in events:
        for effect in event.effects:
            if effect[0] == "adopt":
                now = int(effect[2])
        yield event, now


def move_of(book: m.Playbook | None, event: Event) -> m.Move | None:
    """The move an event made; of a clock that ran out, the one that the clock makes."""
    if book is None:
        return None
    if event.kind in book.moves:
        return book.moves[event.kind]
    name = str(event.payload.get("args", {}).get("clock", "")).partition(":")[0].partition("~")[0]
    spec = book.clocks.get(name)
    return book.moves.get(spec.move) if spec is not None else None


def book_rule(s: Speaker, book: m.Playbook) -> str:
    return s.say(
        "playbook “{t}” ({name}), version {n}", "流程“{t}”（{name}）第 {n} 版",
        t=book.title[s.language], name=book.name, n=book.version,
    )  # fmt: skip


def holder(asking: Asking, part: Assignment) -> str:
    names = asking.names
    if part.person:
        return names("post", f"{part.person}@{part.unit}") or names("person", part.person) or part.person
    unit = names("unit", part.unit) or part.unit
    role = asking.speaker.role(part.role) if part.role else ""
    if unit and role:
        return asking.speaker.say("{unit} ({role})", "{unit}（{role}）", unit=unit, role=role)
    return unit or role or asking.speaker.say("nobody in particular", "未指定")
