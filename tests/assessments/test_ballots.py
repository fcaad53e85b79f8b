"""Ballots: given anew, sent twice, given while the voting closes, altered behind the system's back, looked at."""

from __future__ import annotations

import json
import logging
import re
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from gewu.assessments import audit, ballots, counting, services
from gewu.assessments.queries.rounds import get_round, turnout
from gewu.ledger.errors import LedgerError, Refused
from support.district import acting, actor_post, district_id, post
from support.showcase import DEPARTMENTS, TRACKS, Showcase, clerk, office, streets


@pytest.fixture
def voting(showcase: Showcase) -> Showcase:
    return showcase.voting()


def faults(error: pytest.ExceptionInfo[Refused]) -> object:
    return error.value.refusal.fields or error.value.refusal.code


def count(voting: Showcase) -> tuple[int, int]:
    cast = counting.collect(district_id(), voting.record_id)
    return len(cast.ballots), len(cast.ratings)


def test_the_last_ballot_counts_and_a_retry_changes_nothing(voting: Showcase) -> None:
    unit, numbers = voting.departments[0], voting.of_track("service")
    first, second = str(uuid4()), str(uuid4())
    one = voting.cast(unit, "service", {numbers[0]: 1}, command_id=first)
    two = voting.cast(unit, "service", {numbers[1]: 1}, command_id=second)
    again = voting.cast(unit, "service", {numbers[0]: 1}, command_id=first)  # the first, sent again by a slow network
    assert (one.replayed, two.replayed, again.replayed) == (False, False, True)
    assert (again.receipt, two.versions) == (two.receipt, 2)
    assert one.receipt != two.receipt
    found = ballots.ground(district_id(), voting.record_id)
    own = ballots.own_ballots(found, ballots.Voter("unit", unit))
    assert own == {"service": ({numbers[1]: 1}, two.receipt)}
    assert count(voting) == (1, 0)


def test_what_a_ballot_may_not_say(voting: Showcase) -> None:
    street, numbers = voting.streets[0], voting.of_track("service")
    mine = next(no for no in numbers if voting.points[no][1] == street)
    other = next(no for no in numbers if no != mine)
    scenery = voting.of_track("scenery")[0]
    for places, wrong in (
        ({mine: 1}, {f"place_{mine}": "own_unit"}),
        ({scenery: 1}, {f"place_{scenery}": "not_found"}),
        ({other: 0}, {f"place_{other}": "place_number"}),
        ({other: 1000}, {f"place_{other}": "place_number"}),
        ({other: True}, {f"place_{other}": "place_number"}),
        ({}, {"places": "required"}),
    ):
        with pytest.raises(Refused) as error:
            voting.cast(street, "service", places)
        assert faults(error) == wrong
    with pytest.raises(Refused) as error:
        voting.cast(street, "beauty", {other: 1})
    assert faults(error) == {"track": "choice"}
    assert count(voting) == (0, 0)


def test_who_may_vote_and_rate(voting: Showcase) -> None:
    number = voting.of_track("service")[0]
    outsider = streets(8)[7]
    for who in (clerk(outsider), office(), acting("worker", unit=voting.departments[0])):
        with pytest.raises(Refused) as error:
            ballots.cast(district_id(), voting.record_id, who, "service", {number: 1})
        assert faults(error) == "not_allowed"
    with pytest.raises(Refused) as error:  # departments do not rate departments
        voting.rate(voting.departments[0], {voting.departments[1]: (5, 5)})
    assert faults(error) == "not_allowed"


def test_what_a_rating_may_not_say(voting: Showcase) -> None:
    street, bureau = voting.streets[0], voting.departments[0]
    for marks, wrong in (
        ({bureau: (0, 3)}, {f"mark_{bureau}": "mark_number"}),
        ({bureau: (6, 3)}, {f"mark_{bureau}": "mark_number"}),
        ({bureau: (True, 3)}, {f"mark_{bureau}": "mark_number"}),
        ({bureau: (3,)}, {f"mark_{bureau}": "type"}),
        ({street: (5, 5)}, {f"mark_{street}": "not_found"}),
        ({bureau: (None, None)}, {"marks": "required"}),
        ({}, {"marks": "required"}),
    ):
        with pytest.raises(Refused) as error:
            voting.rate(street, marks)
        assert faults(error) == wrong
    voting.rate(street, {bureau: (4, None)})
    voting.rate(street, {bureau: (5, None)})
    found = ballots.own_rating(ballots.ground(district_id(), voting.record_id), street)
    assert found is not None
    assert found[0] == {bureau: [5, None]}


def test_nothing_is_taken_before_and_after(showcase: Showcase) -> None:
    showcase.announced().nominated().toured()
    number = showcase.of_track("service")[0]
    bureau = showcase.departments[0]
    with pytest.raises(Refused) as error:
        showcase.cast(bureau, "service", {number: 1})
    assert faults(error) == "wrong_stage"
    showcase.opened().all_vote().counted()
    for given in (
        lambda: showcase.cast(bureau, "service", {number: 1}),
        lambda: showcase.rate(showcase.streets[0], {bureau: (1, 1)}),
    ):
        with pytest.raises(Refused) as error:
            given()
        assert faults(error) == "wrong_stage"


# ---- secrecy


def told(value: Any) -> Iterator[object]:
    """Every name and every plain value in what a row holds, however deep."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from told(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from told(inner)
    else:
        yield value


def test_no_table_event_message_or_log_says_what_was_voted(
    voting: Showcase, owner_connection: psycopg.Connection, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    number = voting.of_track("service")[0]
    marked = 777
    voting.cast(voting.departments[0], "service", {number: marked})
    voting.rate(voting.streets[0], {voting.departments[0]: (5, 1)})
    voting.counted()
    tables = ("assessments_ballot", "assessments_rating", "ledger_event", "ledger_outgoing", "assessments_round")
    for table in tables:
        # Read as values: within a text, 777 also stands in a clock of 7776 minutes.
        rows = [row for (row,) in owner_connection.execute(f"SELECT to_jsonb(t) FROM {table} t").fetchall()]
        assert rows, table
        said = list(told(rows))
        assert marked not in said, table
        assert "marks" not in said, table
        for sealed in (one["sealed"] for one in rows if one.get("sealed")):
            plain = bytes.fromhex(sealed.removeprefix("\\x"))
            assert b"places" not in plain, table
            assert b"marks" not in plain, table
    assert not [line for line in caplog.messages if re.search(rf"\b({marked}|marks|places)\b", line)]
    events = owner_connection.execute("SELECT kind, payload FROM ledger_event WHERE kind = 'count'").fetchall()
    assert len(events) == 1
    assert voting.departments[0] not in json.dumps(events[0][1]["detail"]["result"]["tracks"])


def test_the_application_cannot_take_a_ballot_away(voting: Showcase, app_connection: psycopg.Connection) -> None:
    voting.cast(voting.departments[0], "service", {voting.of_track("service")[0]: 1})
    for statement in (
        "DELETE FROM assessments_ballot", "TRUNCATE assessments_ballot", "DELETE FROM assessments_rating",
        "DELETE FROM assessments_code", "DELETE FROM assessments_look", "UPDATE assessments_look SET person = 'x'",
    ):  # fmt: skip
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app_connection.execute(statement)


def test_an_auditor_looks_and_each_look_is_written_down(voting: Showcase) -> None:
    voting.all_vote()
    auditor, seat = acting("assessor"), actor_post(post("assessor", covering="500101").code)
    with pytest.raises(Refused) as error:  # not while ballots are given
        audit.look(district_id(), auditor, seat, voting.record_id, "service", "核对")
    assert faults(error) == "wrong_stage"
    voting.counted()
    for who, track, words, wrong in (
        (office(), "service", "核对", "not_allowed"),
        (clerk(voting.streets[0]), "service", "核对", "not_allowed"),
        (auditor, "service", " ", {"words": "required"}),
        (auditor, "beauty", "核对", {"track": "choice"}),
    ):
        with pytest.raises(Refused) as error:
            audit.look(district_id(), who, seat, voting.record_id, track, words)
        assert faults(error) == wrong
    assert audit.looks(district_id(), auditor, voting.record_id) == []
    shown, at = audit.look(district_id(), auditor, seat, voting.record_id, "service", "异议核查")
    assert len(shown) == 8
    ratings, _ = audit.look(district_id(), auditor, seat, voting.record_id, audit.RATINGS, "异议核查二")
    assert len(ratings) == 5
    found = audit.looks(district_id(), office(), voting.record_id)
    assert [(x.track, x.ballots, x.words, x.post) for x in found] == [
        ("ratings", 5, "异议核查二", seat.post_code),
        ("service", 8, "异议核查", seat.post_code),
    ]
    assert found[1].at == at
    with pytest.raises(Refused):
        audit.looks(district_id(), clerk(voting.streets[0]), voting.record_id)


# ---- counting again


def test_ballots_altered_or_removed_are_noticed(voting: Showcase, owner_connection: psycopg.Connection) -> None:
    voting.all_vote().counted()
    assert counting.recompute(district_id(), voting.record_id).same
    owner_connection.execute("CREATE TABLE kept AS SELECT * FROM assessments_ballot")
    try:
        gone = voting.of_track("service")[0]
        owner_connection.execute(
            "DELETE FROM assessments_ballot WHERE track = 'service' AND voter <> %s", [voting.streets[0]]
        )
        removed = counting.recompute(district_id(), voting.record_id)
        assert (removed.same, removed.same_root, removed.missing) == (False, False, 7)
        assert removed.then["tracks"]["service"]["places"][0]["entry"] == gone
        assert removed.now["tracks"]["service"]["told"] is False
        owner_connection.execute("DELETE FROM assessments_ballot")
        owner_connection.execute("INSERT INTO assessments_ballot SELECT * FROM kept")
        assert counting.recompute(district_id(), voting.record_id).same
        owner_connection.execute("UPDATE assessments_ballot SET at = at - interval '1 minute' WHERE track = 'scenery'")
        altered = counting.recompute(district_id(), voting.record_id)
        assert (altered.same, altered.same_root, altered.missing, altered.then == altered.now) == (
            False,
            False,
            0,
            True,
        )
        flipped = "set_byte(sealed, 20, 255 - get_byte(sealed, 20))"
        owner_connection.execute(f"UPDATE assessments_ballot SET sealed = {flipped} WHERE track = 'scenery'")
        assert counting.recompute(district_id(), voting.record_id).now["unreadable"] == 8
        # Somebody who took no part puts a copy of a ballot in.
        owner_connection.execute("DELETE FROM assessments_ballot")
        owner_connection.execute("INSERT INTO assessments_ballot SELECT * FROM kept")
        owner_connection.execute(
            "INSERT INTO assessments_ballot"
            " SELECT district_id, record_id, track, 'stranger', kind, at, commands, sealed FROM kept LIMIT 1"
        )
        added = counting.recompute(district_id(), voting.record_id)
        assert (added.same, added.missing, added.now["unreadable"]) == (False, -1, 1)
        assert added.now["tracks"] == added.then["tracks"]
    finally:
        owner_connection.execute("DROP TABLE kept")


def test_the_result_does_not_depend_on_the_order_in_which_ballots_came(voting: Showcase) -> None:
    voting.all_vote()
    found = ballots.ground(district_id(), voting.record_id)
    cast = counting.collect(district_id(), voting.record_id)
    turned = counting.Cast(cast.ballots[::-1], cast.ratings[::-1], cast.codes)
    assert counting.tally(found, cast) == counting.tally(found, turned)


# ---- many at once


def test_a_ballot_is_counted_or_refused_while_the_voting_closes(voting: Showcase) -> None:
    """Voters and the one who closes meet: what was acknowledged is in the count, the rest was refused."""
    numbers = voting.of_track("service")
    acknowledged, refused = [], []
    closing = threading.Event()

    def vote(unit: str) -> None:
        try:
            for turn in range(40):
                places = {no: (i + turn) % 3 + 1 for i, no in enumerate(numbers) if voting.points[no][1] != unit}
                try:
                    acknowledged.append((unit, voting.cast(unit, "service", places)))
                except Refused as error:
                    refused.append(error.refusal.code)
                    return
                if turn == 3:
                    closing.set()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        tasks = [pool.submit(vote, unit) for unit in (*voting.streets, *voting.departments)]
        closing.wait(20)
        voting.counted()
        for task in tasks:
            task.result(60)
    assert set(refused) == {"wrong_stage"}, "whoever came too late was refused; nobody met the close if there is none"
    row = get_round(district_id(), office(), voting.record_id).row
    assert row.ballots == len({unit for unit, _ in acknowledged})
    last = {}
    for unit, given in sorted(acknowledged, key=lambda one: one[1].versions):
        last[unit] = given.receipt
    stored = {
        r.voter: ballots.receipt(r.command, r.at, r.sealed)
        for r in counting.collect(district_id(), voting.record_id).ballots
    }
    assert stored == last
    assert counting.recompute(district_id(), voting.record_id).same


def test_a_round_of_the_whole_district_loses_no_ballot(db: object) -> None:
    """11 streets, 11 departments, 66 points, 300 voters, all at once from threads."""
    big = Showcase(streets=streets(11), departments=DEPARTMENTS).announced()
    for unit in big.streets:
        for n in range(6):
            big.built(big.nominate(unit, TRACKS[n % 2], title=f"点位 {n + 1}"))
    big.toured()
    codes = services.issue_codes(district_id(), office(), big.record_id, 278)
    version = services.stands(district_id(), office(), big.record_id).version
    big.move(office(), "open_voting", version=version, args={"vote_by": big.day(5)})
    assert len(big.points) == 66
    voters: list[ballots.Voter] = [ballots.Voter("unit", unit) for unit in (*big.streets, *big.departments)]
    voters += [ballots.delegate(district_id(), code)[1] for code in codes]
    assert len(voters) == 300
    gate = threading.Barrier(16)

    def vote(mine: list[tuple[int, ballots.Voter]]) -> int:
        done = 0
        try:
            gate.wait(30)
            for n, voter in mine:
                for track in TRACKS:
                    able = [no for no in big.of_track(track) if big.points[no][1] != voter.unit]
                    places = {no: (i * 7 + n) % len(able) + 1 for i, no in enumerate(able)}
                    for attempt in range(5):
                        try:
                            ballots.cast(district_id(), big.record_id, voter, track, places, command_id=str(uuid4()))
                            break
                        except LedgerError:
                            assert attempt < 4
                    done += 1
                if voter.unit in big.streets:
                    ballots.rate(
                        district_id(), big.record_id, clerk(voter.unit), dict.fromkeys(DEPARTMENTS, (n % 5 + 1, 4))
                    )
                    done += 1
        finally:
            connections.close_all()
        return done

    with ThreadPoolExecutor(16) as pool:
        given = sum(pool.map(vote, [list(enumerate(voters))[i::16] for i in range(16)]))
    assert given == 611
    assert count(big) == (600, 11)
    with CaptureQueriesContext(connection) as captured:
        began = time.perf_counter()
        big.counted()
        took = time.perf_counter() - began
    assert took < 30, "the limit is 5 s on an idle machine; time is measured by the bench, statements here"
    own = [q["sql"] for q in captured.captured_queries if "assessments_ballot" in q["sql"]]
    assert len(own) == 1, "ballots are read once, however many there are"
    assert len(captured.captured_queries) <= 30
    row = get_round(district_id(), office(), big.record_id).row
    assert (row.ballots, row.ratings) == (600, 11)
    assert row.result is not None
    assert all(t["told"] and len(t["places"]) == 33 for t in row.result["tracks"].values())
    assert turnout(district_id(), big.record_id).delegates == {"service": 278, "scenery": 278}
    assert counting.recompute(district_id(), big.record_id).same


def test_giving_a_ballot_takes_two_statements_and_no_lock_of_its_own(voting: Showcase) -> None:
    who, number = clerk(voting.departments[0]), voting.of_track("service")[0]
    with CaptureQueriesContext(connection) as captured:
        ballots.cast(district_id(), voting.record_id, who, "service", {number: 1})
    assert len(captured.captured_queries) == 2
    assert "FOR SHARE" in captured.captured_queries[1]["sql"]
