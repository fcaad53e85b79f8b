"""What an import leaves behind: known numbers, new deadlines, reminders, broken-off runs, parallel senders."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from django.db import connections

from gewu.cases import services
from gewu.cases.queries import find_by_number, get_case
from gewu.imports import deadlines, intake, left, runs, worker
from gewu.imports.rows import Item, Judge
from gewu.imports.tables import csv_bytes, fault_table, xlsx_bytes
from gewu.ledger import outbox
from gewu.ledger.door import now_us
from gewu.ledger.erasure import erase
from gewu.ledger.rebuild import rebuild_all
from gewu.ledger.verify import verify_all
from imports import sheets
from support.district import acting, directory, district_id, post


def _view(number: str) -> Any:
    record = find_by_number(district_id(), number)
    assert record is not None
    return get_case(district_id(), acting("shift_leader"), record, private=True)


def _cases(connection: psycopg.Connection) -> dict[str, str]:
    rows = connection.execute("SELECT outside_number, number FROM cases_case").fetchall()
    return {str(outside): str(number) for outside, number in rows}


def test_their_number_and_deadline_stand_beside_ours(app_connection: psycopg.Connection) -> None:
    run = sheets.imported(sheets.book([sheets.row(1), sheets.row(2, 是否紧急="紧急", 联系电话="138****0000")]))
    assert (run.created, run.bad) == (2, 0)
    assert [note[0] for note in run.preview["notes"]] == ["masked_phones"]
    numbers = _cases(app_connection)
    view = _view(numbers[sheets.number(1)])
    assert view.row.outside_number == sheets.number(1)
    assert view.texts["reporter_phone"] == "13800000000"
    assert view.row.reported_at == datetime(2026, 11, 20, 1, 30, tzinfo=UTC)
    assert view.timeline[0].actor == str(post("intake_officer", covering="500101").person)
    assert view.row.category == "matter:06028"
    assert view.row.source == "hotline"
    kept = deadlines.of_records(district_id(), [view.row.record_id])[view.row.record_id]
    assert [(one.platform, one.number) for one in kept] == [(sheets.CODE, sheets.number(1))]
    assert kept[0].deadline_at == datetime(2026, 11, 27, 10, 0, tzinfo=UTC)
    other = _view(numbers[sheets.number(2)])
    assert other.row.urgent
    assert "reporter_phone" not in other.texts
    assert verify_all(district_id()).ok
    assert rebuild_all(district_id()).ok
    assert not run.path.exists()


def test_the_same_number_makes_no_second_case_but_what_is_new_is_noted(app_connection: psycopg.Connection) -> None:
    sheets.imported(sheets.book([sheets.row(1), sheets.row(2), sheets.row(3)]))
    changed = [
        sheets.row(1),
        sheets.row(2, 办理时限="2026-11-24 12:00"),
        sheets.row(3, 诉求内容="油污已扩大到人行道"),
        sheets.row(4),
    ]
    run = sheets.imported(sheets.book(changed))
    assert (run.created, run.changed, run.known, run.bad) == (1, 2, 1, 0)
    again = sheets.imported(sheets.book(changed))
    assert (again.created, again.changed, again.known, again.bad) == (0, 0, 4, 0)
    numbers = _cases(app_connection)
    assert len(numbers) == 4
    moved = _view(numbers[sheets.number(2)])
    assert [entry.kind for entry in moved.timeline] == ["register_intake", "add_note"]
    assert "2026-11-24 12:00" in moved.timeline[1].texts["note"]
    kept = deadlines.of_records(district_id(), [moved.row.record_id])[moved.row.record_id]
    assert kept[0].deadline_at == datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
    assert "油污已扩大到人行道" in _view(numbers[sheets.number(3)]).timeline[1].texts["note"]


def test_bad_rows_come_back_as_they_stood_and_can_be_mended_and_sent_again(db: object) -> None:
    rows = [
        sheets.row(1, 问题分类="不存在的类别", 诉求内容="=1+1 的标牌"),
        sheets.row(2, 经度="120.0"),
        sheets.row(3, 受理时间="前天"),
        sheets.row(4, 办理时限="2026-11-19"),
        sheets.row(5, 联系电话="请回电"),
        sheets.row(6, 工单编号="12"),
        sheets.row(7, 诉求内容=""),
        sheets.row(8, 是否紧急="也许"),
        sheets.row(9, 经度=""),
    ]
    run = sheets.imported(sheets.text(rows), "工单.csv")
    assert (run.created, run.bad) == (0, 9)
    codes = {fault.row: [one.code for one in fault.problems] for fault in left.faults(run)}
    assert codes == {
        2: ["unknown_category"], 3: ["outside_district"], 4: ["bad_time"], 5: ["deadline_before"], 6: ["field"],
        7: ["number_form"], 8: ["required"], 9: ["bad_word"], 10: ["bad_position"],
    }  # fmt: skip
    header, back = fault_table(run, "zh-hans")
    assert header[-2:] == ["行号", "原因"]
    assert back[0][1] == "=1+1 的标牌"
    mended = [list(row) for row in back]
    mended[0][4] = "噪音扰民"
    for data, name in ((csv_bytes(header, mended), "改.csv"), (xlsx_bytes("x", header, mended), "改.xlsx")):
        seen = sheets.looked(data, name)
        assert (seen.preview["good"], seen.preview["bad"]) == (1, 8)
        assert not [note for note in seen.preview["notes"] if note[0] == "unknown_columns"]
        runs.cancel(seen)


def test_an_unknown_category_is_given_a_meaning_or_none(app_connection: psycopg.Connection) -> None:
    rows = [sheets.row(1, 问题分类="邻里琐事"), sheets.row(2, 问题分类="夜市"), sheets.row(3, 问题分类="夜市")]
    seen = sheets.looked(sheets.book(rows))
    assert seen.preview["unknown"] == {"夜市": 2, "邻里琐事": 1}
    assert runs.confirm(seen, {"夜市": "matter:09002", "邻里琐事": "-"}, "en")
    assert worker.step("test")
    assert sheets.found(seen.id).created == 3
    numbers = _cases(app_connection)
    assert _view(numbers[sheets.number(2)]).row.category == "matter:09002"
    assert _view(numbers[sheets.number(1)]).row.stage == "reported"


def test_a_run_that_breaks_off_goes_on_without_doubles(
    app_connection: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        """As if the process had ended."""

    monkeypatch.setattr(worker, "BATCH", 10)
    rows = [sheets.row(n) for n in range(1, 36)]
    rows[20] = sheets.row(21, 问题分类="99999")
    seen = sheets.looked(sheets.book(rows))
    runs.confirm(seen, {}, "en")
    real, calls = runs.settle, []

    def dies(*args: Any) -> None:
        real(*args)
        calls.append(1)
        if len(calls) == 3:
            raise Killed  # after everything of the third batch was written, before it is committed

    monkeypatch.setattr(runs, "settle", dies)
    with pytest.raises(Killed):
        worker.step("first")
    monkeypatch.setattr(runs, "settle", real)
    broken = sheets.found(seen.id)
    assert (broken.status, broken.created) == (runs.RUNNING, 20)
    assert len(_cases(app_connection)) == 20
    assert not worker.step("second")  # the lease of the first still holds
    assert worker.step("second", datetime.now(UTC) + worker.RESUME_AFTER)
    done = sheets.found(seen.id)
    assert (done.status, done.created, done.bad) == (runs.DONE, 34, 1)
    assert len(_cases(app_connection)) == 34
    assert [fault.row for fault in left.faults(done)] == [23]
    row = app_connection.execute("SELECT count(*) FROM imports_item WHERE record_id IS NULL").fetchone()
    assert row == (0,)


def test_a_cancelled_run_stops_and_undoes_its_last_batch(
    app_connection: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "BATCH", 5)
    seen = sheets.looked(sheets.book([sheets.row(n) for n in range(1, 16)]))
    runs.confirm(seen, {}, "en")
    real = runs.settle

    def cancels(run: runs.Run, *rest: Any) -> None:
        if rest[0].next_row:
            app_connection.execute("UPDATE imports_run SET status = 'cancelled' WHERE id = %s", [run.id])
        real(run, *rest)

    monkeypatch.setattr(runs, "settle", cancels)
    assert worker.step("test")
    assert sheets.found(seen.id).created == 5
    assert len(_cases(app_connection)) == 5


def _items(*numbers: int) -> list[Item]:
    judge = Judge(directory(), sheets.hotline(), sheets.clerk(), now_us() // 1_000_000)
    given = [dict(zip(sheets.HEADER, map(str, sheets.row(n)), strict=True)) for n in numbers]
    found = [judge.item(place, one) for place, one in enumerate(given, start=1)]
    assert all(isinstance(one, Item) for one in found), found
    return [one for one in found if isinstance(one, Item)]


def test_the_same_numbers_from_many_at_once_make_one_case_each(app_connection: psycopg.Connection) -> None:
    orders = [[1, 2, 3], [3, 2, 1], [2, 1, 3], [1, 3, 2]]
    prepared = [_items(*order) for order in orders]

    def take(items: list[Item]) -> list[str]:
        try:
            found = intake.take(directory(), sheets.hotline(), sheets.clerk(), items, at_us=now_us(), compare=False)
            return sorted(f"{one.outcome} {one.outside_number} {one.number}" for one in found)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(take, prepared))
    outcomes = [one.split()[0] for result in results for one in result]
    assert outcomes.count("created") == 3
    assert outcomes.count("known") == 9
    assert len({one.split(" ", 1)[1] for result in results for one in result}) == 3
    assert len(_cases(app_connection)) == 3


def test_a_near_case_of_another_number_is_told(db: object) -> None:
    first = sheets.imported(sheets.book([sheets.row(1)]))
    second = sheets.imported(sheets.book([sheets.row(51, 问题分类="噪音扰民")]))
    assert (first.alike, second.alike) == (0, 1)
    assert len(second.preview["alike"][0]) == 2


def test_deadlines_are_told_once_near_and_once_past(app_connection: psycopg.Connection) -> None:
    sheets.imported(sheets.book([sheets.row(1), sheets.row(2, 办理时限="")]))

    def told() -> list[tuple[str, str]]:
        while outbox.deliver(district_id(), datetime.now(UTC) + timedelta(days=30))[0]:
            pass
        rows = app_connection.execute(
            "SELECT message, role FROM ledger_notice WHERE message LIKE 'outside%' ORDER BY at, message"
        ).fetchall()
        return [(str(message), str(role)) for message, role in rows]

    received, deadline = datetime(2026, 11, 20, 1, 30, tzinfo=UTC), datetime(2026, 11, 27, 10, 0, tzinfo=UTC)
    at = received + (deadline - received) * 0.8
    assert deadlines.tell(district_id(), at - timedelta(minutes=1)) == 0
    assert deadlines.tell(district_id(), at + timedelta(minutes=1)) == 1
    assert deadlines.tell(district_id(), at + timedelta(minutes=2)) == 0
    assert told() == [("outside_warn", "dispatcher")]
    assert deadlines.tell(district_id(), deadline + timedelta(minutes=1)) == 1
    assert deadlines.tell(district_id(), deadline + timedelta(minutes=2)) == 0
    assert [one[0] for one in told()] == ["outside_warn", "outside_due"]
    sheets.imported(sheets.book([sheets.row(1, 办理时限="2026-12-04 18:00")]))
    assert deadlines.tell(district_id(), deadline + timedelta(minutes=3)) == 0
    assert deadlines.tell(district_id(), datetime(2026, 12, 4, 11, 0, tzinfo=UTC)) == 1


def test_what_is_kept_is_encrypted_and_goes(db: object) -> None:
    seen = sheets.looked(sheets.book([sheets.row(1), sheets.row(2, 问题分类="99999")]))
    stored = seen.path.read_bytes()
    assert seen.path.stat().st_mode & 0o777 == 0o600
    assert "油污".encode() not in stored
    assert stored[:2] != b"PK"
    later = datetime.now(UTC) + timedelta(days=runs.KEEP_DAYS, minutes=1)
    assert runs.purge(district_id(), later - timedelta(minutes=2)) == 0
    assert runs.purge(district_id(), later) == 1
    gone = sheets.found(seen.id)
    assert gone.status == runs.CANCELLED
    assert gone.wrapped is None
    assert not seen.path.exists()


def test_an_erased_case_takes_no_new_words_and_nothing_of_it_can_be_compared(
    app_connection: psycopg.Connection,
) -> None:
    sheets.imported(sheets.book([sheets.row(1)]))
    record = find_by_number(district_id(), _cases(app_connection)[sheets.number(1)])
    assert record is not None
    erase(district_id(), record, acting("shift_leader"))
    row = app_connection.execute("SELECT digest FROM imports_item").fetchone()
    assert row == (b"",)
    run = sheets.imported(sheets.book([sheets.row(1, 诉求内容="又来电了", 办理时限="2026-11-28 18:00")]))
    assert (run.created, run.changed, run.bad) == (0, 1, 0)
    assert len(_cases(app_connection)) == 1


def test_a_merged_case_that_is_erased_leaves_no_digest_with_the_one_that_goes_on(
    app_connection: psycopg.Connection,
) -> None:
    sheets.imported(sheets.book([sheets.row(1), sheets.row(2)]))
    numbers = _cases(app_connection)
    target, child = (find_by_number(district_id(), numbers[sheets.number(n)]) for n in (1, 2))
    assert target is not None
    assert child is not None
    services.merge(district_id(), acting("intake_officer"), child, target, "同一问题", version=1)
    while outbox.deliver(district_id(), datetime.now(UTC) + timedelta(days=1))[0]:
        pass
    erase(district_id(), child, acting("shift_leader"))
    found = app_connection.execute("SELECT outside_number, digest = '' FROM imports_item ORDER BY 1").fetchall()
    assert found == [(sheets.number(1), False), (sheets.number(2), True)]


def test_a_row_that_was_left_out_goes_with_the_case_it_became_and_the_others_stay(
    app_connection: psycopg.Connection,
) -> None:
    wrong = {"受理时间": "前天"}
    first = sheets.imported(sheets.book([sheets.row(1, **wrong), sheets.row(2, **wrong), sheets.row(3)]))
    assert [fault.row for fault in left.faults(first)] == [3, 4]
    sheets.imported(sheets.book([sheets.row(1)]))
    record = find_by_number(district_id(), _cases(app_connection)[sheets.number(1)])
    assert record is not None
    erase(district_id(), record, acting("shift_leader"))
    (kept,) = left.faults(first)
    assert kept.row == 4
    assert sheets.number(2) in kept.cells


def test_whoever_lost_the_post_imports_nothing(db: object) -> None:
    who = post("dispatcher", covering="500101")
    run_id = runs.upload(
        district_id(), sheets.hotline(), "a.xlsx", sheets.book([sheets.row(1)]), person=str(who.person),
        post=who.code, language="en",
    )  # fmt: skip
    assert worker.step("test")
    refused = sheets.found(run_id)
    assert refused.status == runs.REFUSED
    assert refused.problem is not None
    assert refused.problem.code == "not_allowed"


def test_the_process_works_on_what_waits_until_it_is_told_to_stop(db: object) -> None:
    run_id = sheets.send(sheets.book([sheets.row(1)]))
    stop = threading.Event()

    def process() -> None:
        try:
            worker.run_forever(stop)
        finally:
            connections.close_all()

    thread = threading.Thread(target=process)
    thread.start()
    try:
        end = time.monotonic() + 30
        while sheets.found(run_id).status != runs.CHECKED and time.monotonic() < end:
            time.sleep(0.05)
    finally:
        stop.set()
        thread.join(30)
    assert sheets.found(run_id).status == runs.CHECKED
    assert not thread.is_alive()
