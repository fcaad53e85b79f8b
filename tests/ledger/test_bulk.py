"""Bulk writing gives the rows that the door gives for the same commands, and leaves out whole lives or none."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg
from django.db import connection, transaction

from gewu.cases import services
from gewu.cases.demo.month import Maker
from gewu.core.records import Command, Photo
from gewu.ledger import door, rebuild, rows, verify
from gewu.ledger.bulk import Life, Step, execute_many
from gewu.ledger.expiring import expire_due
from gewu.ledger.numbers import numbers
from gewu.ledger.pictures import Upload, stage_pictures
from support.district import POINT, acting, directory, district_id, photo
from support.servers import Session

NOW = 1_795_052_400
"""2026-11-19 10:00 in Chongqing, a Thursday."""
MICRO = 1_000_000

# Columns that hold ids, keys or ciphertext, or follow from them. What an event's payload says of ids is compared under
# other names (see ``Names``).
APART = {
    "ledger_record": {"head"},
    "ledger_event": {"command_id", "sealed", "previous_hash", "hash"},
    "ledger_clock": set(),
    "ledger_assignment": set(),
    "ledger_link": set(),
    "ledger_recordkey": {"wrapped"},
    "ledger_outgoing": {"id"},
    "ledger_attachment": {"id", "wrapped"},
    "cases_case": {"sealed"},
    "evaluation_fact": set(),
}


class Names:
    """Ids as they are called in a comparison: by the order in which the lives name them."""

    def __init__(self) -> None:
        self.given: dict[str, str] = {}

    def of(self, value: Any) -> Any:
        if isinstance(value, UUID):
            return self.given[str(value)]
        if isinstance(value, (list, tuple)):
            return [self.of(item) for item in value]
        if isinstance(value, dict):
            return {key: self.of(item) for key, item in value.items()}
        return self.given.get(value, value) if isinstance(value, str) else value

    def put(self, kind: str, values: Iterable[str]) -> None:
        for number, value in enumerate(values):
            self.given[value] = f"{kind} {number}"


def month(count: int, seed: int = 7) -> tuple[list[Life], list[Upload]]:
    """Lives of every kind that a district has: clocks that fire, assignments, links, photos, messages."""
    made = Maker(directory(), seed, count, NOW).month()
    return [replace(life, mute=False) for life in made.lives], made.uploads


def again(lives: list[Life], uploads: list[Upload]) -> tuple[list[Life], list[Upload]]:
    """The same lives under other ids and case numbers."""
    ids: dict[str, str] = {}
    for life in lives:
        ids[str(life.record_id)] = str(door.new_id())
        for step in life.steps:
            ids[step.command.id] = str(door.new_id())
    ids |= {str(one.id): str(door.new_id()) for one in uploads}

    def other(step: Step) -> Step:
        command = step.command
        args = {key: ids.get(value, value) if isinstance(value, str) else value for key, value in command.args.items()}
        photos = tuple(Photo(ids[p.id], p.role) for p in command.photos)
        detail = dict(step.detail)
        if "number" in detail:
            day = datetime.fromtimestamp(step.at_us // MICRO, UTC).date()
            detail["number"] = numbers.take(district_id(), directory().district.code, day)
        changed = Command(ids[command.id], command.move, args, command.texts, photos, command.version, command.target)
        return replace(step, command=changed, detail=detail)

    copied = [
        replace(life, record_id=UUID(ids[str(life.record_id)]), steps=[other(step) for step in life.steps])
        for life in lives
    ]
    return copied, [replace(one, id=UUID(ids[str(one.id)])) for one in uploads]


def through_the_door(lives: list[Life]) -> None:
    """The same commands one by one through ``execute``, clocks through the ticker's way, in order of time."""
    group: list[Life] = []
    for life in lives:
        group.append(life)
        if not life.tied:
            steps = [(step.at_us, step.command.move != "split_create", n, one) for one in group
                     for n, step in enumerate(one.steps)]  # fmt: skip
            seen: dict[UUID, int] = {}
            for at_us, _, number, one in sorted(steps, key=lambda item: item[:3]):
                if number:
                    fire_before(one.record_id, at_us)
                step = one.steps[number]
                command = replace(step.command, version=seen.get(one.record_id))
                if one.record_id in seen:
                    command = replace(command, version=version_of(one.record_id))
                wish = door.Wish(
                    one.record_id, command, "" if number else one.playbook, step.position, step.detail
                )  # fmt: skip
                seen[one.record_id] = door.execute(district_id(), step.acting, wish, at_us=at_us)[0].seq
            for one in group:
                fire_before(one.record_id, one.until_us)
            group = []


def version_of(record_id: UUID) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT version FROM ledger_record WHERE district_id = %s AND id = %s", [district_id(), record_id]
        )
        return int(cursor.fetchone()[0])


def fire_before(record_id: UUID, at_us: int) -> None:
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT r.next_at, (SELECT max(e.at) FROM ledger_event e WHERE e.district_id = r.district_id"
                " AND e.record_id = r.id) FROM ledger_record r WHERE r.district_id = %s AND r.id = %s",
                [district_id(), record_id],
            )
            next_at, last_at = (rows.micros(at) for at in cursor.fetchone())
        if next_at >= at_us:
            return
        assert expire_due(district_id(), [record_id], max(next_at, last_at))


def table(name: str, ids: list[UUID], called: Names) -> list[dict[str, Any]]:
    """All rows of some records, under the names of the comparison, in a stable order."""
    key = "id" if name == "ledger_record" else "record_id"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {name} WHERE district_id = %s AND {key} = ANY(%s)", [district_id(), ids])
        columns = [column.name for column in cursor.description]
        found = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
    for row in found:
        for column in APART[name]:
            row[column] = row[column] is None
        for column in ("state", "payload"):
            if isinstance(row.get(column), str):
                row[column] = json.loads(row[column])
    plain = [{k: bytes(v) if isinstance(v, memoryview) else v for k, v in called.of(row).items()} for row in found]
    return sorted(plain, key=lambda row: json.dumps(row, default=str, sort_keys=True))


def naming(lives: list[Life], uploads: list[Upload]) -> Names:
    called = Names()
    called.put("record", [str(life.record_id) for life in lives])
    called.put("photo", [str(one.id) for one in uploads])
    called.put("number", [life.steps[0].detail["number"] for life in lives])
    return called


def test_rows_equal_those_of_the_door(db: Session) -> None:
    lives, uploads = month(60)
    assert any(life.tied for life in lives), "the month has no merger and no split to compare"
    others, other_uploads = again(lives, uploads)
    stage_pictures(district_id(), [*uploads, *other_uploads])
    done = execute_many(district_id(), lives)
    assert done.failed == []
    assert done.records == len(lives)
    through_the_door(others)
    first, second = naming(lives, uploads), naming(others, other_uploads)
    ids, other_ids = [life.record_id for life in lives], [life.record_id for life in others]
    for name in APART:
        bulk, single = table(name, ids, first), table(name, other_ids, second)
        assert bulk, f"{name} has nothing to compare"
        assert bulk == single, name
    assert done.events == len(table("ledger_event", ids, first))
    report = verify.verify_all(district_id())
    assert report.ok, report.faults
    assert report.records == 2 * len(lives)
    rebuilt = rebuild.rebuild_all(district_id())
    assert rebuilt.ok, rebuilt.differences
    assert rebuilt.records == 2 * len(lives)


def intake(at_us: int, tag: str = "", *more: Step, tied: bool = False) -> Life:
    """A telephone call, and what comes after it."""
    position = services.position_of(directory(), services.Where(*POINT))
    day = datetime.fromtimestamp(at_us // MICRO, UTC).date()
    number = numbers.take(district_id(), directory().district.code, day)
    args = {"source": "phone", "category": "matter:06012"}
    command = Command(str(door.new_id()), "register_intake", args, {"description": "路面有油污"})
    first = Step(command, acting("intake_officer"), at_us, position, services.detail_of(number, position))
    return Life(door.new_id(), services.PLAYBOOK, [first, *more], tag, tied=tied)


def step(role: str, move: str, at_us: int, **options: Any) -> Step:
    who = options.pop("who", None) or acting(role)
    return Step(Command(str(door.new_id()), move, **options), who, at_us)


def stored(db: Session, query: str, *values: Any) -> Iterator[Any]:
    with psycopg.connect(db.owner()) as plain:
        yield from plain.execute(query, values).fetchall()


def test_a_refused_step_leaves_the_whole_life_out(db: Session) -> None:
    at = NOW * MICRO
    good = intake(at, "good")
    bad = intake(at, "bad", step("dispatcher", "dispatch", at + MICRO, args={"lead": "municipal-works"}))
    done = execute_many(district_id(), [bad, good])
    assert [(one.tag, one.step, one.move) for one in done.failed] == [("bad", 1, "dispatch")]
    assert "wrong_stage" in done.failed[0].reason
    assert done.records == 1
    assert list(stored(db, "SELECT id FROM ledger_record")) == [(good.record_id,)]
    for name in ("ledger_event", "ledger_clock", "ledger_recordkey", "ledger_outgoing", "cases_case"):
        assert not list(stored(db, f"SELECT 1 FROM {name} WHERE record_id = %s", bad.record_id)), name


def test_tied_lives_are_left_out_together(db: Session) -> None:
    at = NOW * MICRO
    target = intake(at, "target", tied=True)
    merged = step(
        "intake_officer", "merge", at + 2 * MICRO, args={"target": str(target.record_id)}, texts={"reason": ""}
    )
    child = intake(at + MICRO, "child", merged)
    done = execute_many(district_id(), [target, child, intake(at, "alone")])
    assert {one.tag for one in done.failed} == {"target", "child"}
    assert done.records == 1


def test_a_step_before_the_one_it_follows_is_refused(db: Session) -> None:
    at = NOW * MICRO
    done = execute_many(district_id(), [intake(at, "x", step("intake_officer", "send_verify", at - 1))])
    assert [(one.step, one.move) for one in done.failed] == [(1, "send_verify")]


def test_only_free_photos_of_the_actor_are_bound(db: Session) -> None:
    at = NOW * MICRO
    position = services.position_of(directory(), services.Where(*POINT))
    who = acting("collector", covering=position.place)
    mine, foreign = photo(who), photo(acting("shift_leader"))

    def confirmed(tag: str, brought: Photo) -> Life:
        sent = step("intake_officer", "send_verify", at + MICRO)
        return intake(at, tag, sent, step("", "confirm_exists", at + 2 * MICRO, who=who, photos=(brought,)))

    lives = [confirmed("mine", mine), confirmed("twice", mine), confirmed("foreign", foreign)]
    done = execute_many(district_id(), lives)
    assert {one.tag for one in done.failed} == {"twice", "foreign"}
    bound = list(stored(db, "SELECT id, record_id, seq FROM ledger_attachment WHERE record_id IS NOT NULL"))
    assert bound == [(UUID(mine.id), lives[0].record_id, 3)]


def test_muted_lives_send_nothing(db: Session) -> None:
    at = NOW * MICRO

    def life(tag: str) -> Life:
        args = {"category": "matter:06012", "standard": directory().standards_for("matter:06012")[0].key}
        filed = step("shift_leader", "file_unverified", at + MICRO, args=args, texts={"reason": "情况紧急"})
        return intake(at, tag, filed)

    heard, silent = life("heard"), replace(life("silent"), mute=True)
    execute_many(district_id(), [silent, heard])
    assert {row[0] for row in stored(db, "SELECT record_id FROM ledger_outgoing")} == {heard.record_id}
    execute_many(district_id(), [life("also silent")], mute=True)
    assert {row[0] for row in stored(db, "SELECT record_id FROM ledger_outgoing")} == {heard.record_id}


def test_in_a_transaction_of_the_caller_nothing_stays_after_its_rollback(db: Session) -> None:
    told: list[int] = []
    with transaction.atomic():
        done = execute_many(district_id(), [life_number(n) for n in range(3)], progress=told.append)
        assert done.records == 3
        transaction.set_rollback(True)
    assert told == [3]
    assert not list(stored(db, "SELECT 1 FROM ledger_record"))


def life_number(n: int) -> Life:
    """An intake whose number is made up, because blocks of numbers cannot be taken inside a transaction."""
    position = services.position_of(directory(), services.Where(*POINT))
    args = {"source": "phone", "category": "matter:06012"}
    command = Command(str(door.new_id()), "register_intake", args, {"description": "路面有油污"})
    detail = services.detail_of(f"500101202611199{n:04d}", position)
    return Life(
        door.new_id(), services.PLAYBOOK, [Step(command, acting("intake_officer"), NOW * MICRO, position, detail)]
    )  # fmt: skip


def test_each_is_told_the_state_that_was_written(db: Session) -> None:
    told: dict[str, str] = {}
    lives = [
        intake(NOW * MICRO, "waits"),
        intake(NOW * MICRO, "sent", step("intake_officer", "send_verify", NOW * MICRO + MICRO)),
    ]
    execute_many(district_id(), lives, each=lambda life, state: told.update({life.tag: state.stage}))
    assert told == {"waits": "registered", "sent": "verifying"}


def test_clocks_fire_at_their_own_times_up_to_the_given_instant(db: Session) -> None:
    life = replace(intake(NOW * MICRO), expire=True, until_us=(NOW + 16 * 60) * MICRO)
    execute_many(district_id(), [life])
    fired = list(
        stored(db, "SELECT extract(epoch FROM at)::bigint FROM ledger_event WHERE kind = 'expire' ORDER BY seq")
    )
    assert [at - NOW for (at,) in fired] == [12 * 60, 15 * 60]
