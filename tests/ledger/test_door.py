"""The door: one winner, all or none, and the first answer again."""

from __future__ import annotations

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from gewu.cases import services
from gewu.core.records import Command
from gewu.ledger import door, verify
from gewu.ledger.errors import Busy, CommandReused, Conflict, NotFound, Refused
from support.district import CATEGORY, POINT, START_US, Walk, acting, directory, district_id, photo


def _in_threads(count: int, work: Any) -> list[Any]:
    """Results or exceptions of parallel calls that start together, each on its own connection."""
    from django.db import connections

    barrier = threading.Barrier(count)

    def run(number: int) -> Any:
        barrier.wait()
        try:
            return work(number)
        except Exception as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def test_parallel_exclusive_commands_have_one_winner(db: object) -> None:
    walk = Walk().filed()
    units = [c.unit.code for c in directory().candidates(CATEGORY, walk.place)]
    results = _in_threads(
        8,
        lambda n: services.act(
            district_id(), acting("dispatcher"), walk.record_id, "dispatch",
            args={"lead": units[n % len(units)]}, version=walk.version, at_us=walk.at_us,
        ),
    )  # fmt: skip
    won = [r for r in results if isinstance(r, door.Outcome)]
    lost = [r for r in results if isinstance(r, Conflict)]
    assert len(won) == 1, results
    assert len(lost) == 7
    assert {c.version for c in lost} == {won[0].seq}


def test_parallel_additive_commands_are_all_kept(db: object) -> None:
    walk = Walk().handling()
    results = _in_threads(
        8,
        lambda n: services.act(
            district_id(), acting("dispatcher"), walk.record_id, "add_note", texts={"note": f"说明 {n}"},
            at_us=walk.at_us,
        ),
    )  # fmt: skip
    assert sorted(r.seq for r in results) == list(range(walk.version + 1, walk.version + 9))
    assert verify.verify_all(district_id()).ok


def test_a_command_id_gives_its_first_answer_again(db: object) -> None:
    walk = Walk().filed()
    lead = services.suggested_unit(district_id(), walk.record_id)
    command_id = str(uuid.uuid4())

    def dispatch() -> door.Outcome:
        return services.act(
            district_id(), acting("dispatcher"), walk.record_id, "dispatch", args={"lead": lead},
            version=walk.version, command_id=command_id, at_us=walk.at_us,
        )  # fmt: skip

    first, again = dispatch(), dispatch()
    assert (again.seq, again.replayed) == (first.seq, True)
    with pytest.raises(CommandReused):
        services.act(
            district_id(), acting("dispatcher"), walk.record_id, "remind", command_id=command_id, at_us=walk.at_us
        )


def test_the_same_create_sent_eight_times_makes_one_case(db: object) -> None:
    command_id = str(uuid.uuid4())
    intake = services.Intake(
        {"source": "phone", "category": CATEGORY}, {"description": "井盖松动"}, services.Where(*POINT),
        command_id=command_id,
    )  # fmt: skip
    results = _in_threads(8, lambda n: services.register_intake(district_id(), acting("intake_officer"), intake))
    assert all(isinstance(r, services.Made) for r in results), results
    assert len({r.outcome.record_id for r in results}) == 1
    assert len({r.number for r in results}) == 1
    assert len({r.follow_code for r in results}) == 1
    assert sum(not r.outcome.replayed for r in results) == 1


def test_several_records_change_together_or_not_at_all(db: object) -> None:
    child, target = Walk().intake(), Walk().answered()
    before = verify.verify_all(district_id()).events
    with pytest.raises(Refused):  # the target has ended, it absorbs nothing
        services.merge(
            district_id(), acting("intake_officer"), child.record_id, target.record_id, "同一问题",
            version=child.version, at_us=child.at_us,
        )  # fmt: skip
    assert verify.verify_all(district_id()).events == before
    going = Walk().handling()
    outcomes = services.merge(
        district_id(), acting("intake_officer"), child.record_id, going.record_id, "同一问题",
        version=child.version, at_us=child.at_us,
    )  # fmt: skip
    assert [o.state.stage for o in outcomes if o.state] == ["merged", "handling"]
    assert outcomes[1].state is not None
    assert outcomes[1].state.fields["has_reporter"] is True


def test_crossing_merges_do_not_deadlock(db: object) -> None:
    """Two merges that name the same two records the other way round: locks are taken in one order."""
    one, two = Walk().intake(), Walk().intake()
    pairs = [(one, two), (two, one)] * 4
    results = _in_threads(
        8,
        lambda n: services.merge(
            district_id(), acting("intake_officer"), pairs[n][0].record_id, pairs[n][1].record_id, "重复",
            version=1, at_us=START_US,
        ),
    )  # fmt: skip
    won = [r for r in results if isinstance(r, list)]
    assert len(won) == 1
    assert all(isinstance(r, (Conflict, Refused)) for r in results if not isinstance(r, list)), results


def test_a_held_lock_ends_in_a_clean_refusal(db: object, app_connection: psycopg.Connection) -> None:
    walk = Walk().intake()
    with app_connection.transaction():
        app_connection.execute("SELECT 1 FROM ledger_record WHERE id = %s FOR UPDATE", [walk.record_id])
        with pytest.raises(Busy):
            walk.move(acting("shift_leader"), "void", texts={"reason": "测试"})


def test_a_foreign_territory_is_not_found(db: object) -> None:
    walk = Walk().intake()
    zone = services.acting_of(_actor_with_area("etdz"))
    with pytest.raises(NotFound):
        walk.move(zone, "add_note", texts={"note": "x"})


def _actor_with_area(area: str) -> Any:
    from support.district import actor_post

    posts = [p for p in directory().posts.values() if p.areas == (area,) and not p.prefixes and p.person]
    return actor_post(sorted(p.code for p in posts)[0])


def test_a_photo_of_somebody_else_is_refused_and_nothing_is_written(db: object) -> None:
    walk = Walk().handling()
    strange = photo(acting("dispatcher"), "after")
    with pytest.raises(Refused) as refused:
        walk.move(walk.clerk(), "report_handled", texts={"result": "x"}, photos=[strange])
    assert refused.value.refusal.fields == {"photos": "not_found"}
    assert verify.verify_all(district_id()).events == walk.version


def test_events_take_no_floats(db: object) -> None:
    command = Command(str(uuid.uuid4()), "add_note", {}, {"note": "x"})
    walk = Walk().intake()
    with pytest.raises(TypeError):
        door.execute(district_id(), acting("dispatcher"), door.Wish(walk.record_id, command, detail={"lon": 1.5}))


def test_numbers_are_unique_across_threads(db: object) -> None:
    intake = services.Intake({"source": "phone", "category": CATEGORY}, {"description": "积水"}, services.Where(*POINT))

    def make(_: int) -> list[str]:
        return [services.register_intake(district_id(), acting("intake_officer"), intake).number for _ in range(8)]

    numbers = [n for result in _in_threads(8, make) for n in result]
    assert len(set(numbers)) == 64
    assert all(len(n) == 19 and n.startswith("500101") for n in numbers)
