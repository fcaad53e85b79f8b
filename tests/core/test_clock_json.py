"""A clock in an event: every field by name, in any order, and events from before a field was there."""

from gewu.core.evolve import clock_from_json, clock_json, evolve
from gewu.core.records import Clock, Event

CLOCK = Clock(
    "handle:2", "handle", 2, "B12", "running", 3, "work_day", 1_000, 9_000, 8_000, 1, 40, 1, True, 5, "leader", 700
)


def test_every_field_stands_in_the_json_form_by_its_name() -> None:
    written = clock_json(CLOCK)
    assert list(written.items()) == list(CLOCK._asdict().items())
    assert clock_from_json(written) == CLOCK


def test_the_order_of_the_names_does_not_matter() -> None:
    assert clock_from_json(dict(sorted(clock_json(CLOCK).items(), reverse=True))) == CLOCK


def test_an_event_from_before_a_field_was_there_applies_with_its_default() -> None:
    older = clock_json(CLOCK)
    del older["stopped_at"], older["rung"]
    effects = [["birth", "case", "case", 1], ["stage", "handling"], ["clock", older]]
    state = evolve(None, Event("register", 1, 1_000, "P1", "B12", {"effects": effects}))
    assert state.clocks == (CLOCK._replace(stopped_at=0, rung=""),)


def test_a_later_clock_of_the_same_id_takes_the_place_of_the_earlier() -> None:
    first, second = CLOCK, CLOCK._replace(id="level", spec="level")
    effects = [["birth", "case", "case", 1], ["clock", clock_json(first)], ["clock", clock_json(second)]]
    state = evolve(None, Event("register", 1, 1_000, "P1", "B12", {"effects": effects}))
    changed = first._replace(status="stopped", version=6)
    state = evolve(state, Event("stop", 2, 2_000, "P1", "B12", {"effects": [["clock", clock_json(changed)]]}))
    assert state.clocks == (changed, second)
