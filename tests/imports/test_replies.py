"""Replies go back in the platform's own form: in a sheet that somebody takes along, or to its interface."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from openpyxl import load_workbook

from gewu.cases import services
from gewu.cases.queries import find_by_number
from gewu.imports import deadlines, mapping, replies
from gewu.imports.tables import xlsx_bytes
from gewu.ledger import outbox
from gewu.ledger.erasure import erase
from gewu.ledger.outbox import Courier
from imports import sheets
from support.district import Walk, acting, directory, district_id, photo

ANSWER = "=HYPERLINK 噪声已制止，感谢反映。"


def _record(connection: psycopg.Connection, n: int) -> UUID:
    row = connection.execute("SELECT number FROM cases_case WHERE outside_number = %s", [sheets.number(n)]).fetchone()
    assert row is not None
    found = find_by_number(district_id(), row[0])
    assert found is not None
    return found


def _walk(record: UUID) -> Walk:
    """An imported case, from where it stands to where it waits for its answer."""
    walk = Walk(int(datetime.now(UTC).timestamp() * 1_000_000) + 60_000_000, record)
    state = services.act(
        district_id(), acting("intake_officer"), record, "add_note", texts={"note": "x"}, at_us=walk.at_us
    )
    walk.outcomes.append(state)
    assert state.state is not None
    walk.place = state.state.place
    walk.later(1).move(acting("intake_officer"), "send_verify")
    who = walk.collector()
    walk.later(1).move(who, "confirm_exists", photos=[photo(who)])
    category = str(walk.outcomes[-1].state.fields["category"])
    standard = directory().standards_for(category)[0].key
    walk.later(1).move(acting("shift_leader"), "file", args={"category": category, "standard": standard})
    lead = services.suggested_unit(district_id(), record)
    walk.later(1).move(acting("dispatcher"), "dispatch", args={"lead": lead})
    walk.later(1).move(walk.clerk(), "claim")
    clerk = walk.clerk()
    walk.later(1).move(clerk, "report_handled", texts={"result": "已处理"}, photos=[photo(clerk, "after")])
    walk.later(1).move(acting("dispatcher"), "send_check")
    who = walk.collector(1)
    walk.later(1).move(who, "check_pass", photos=[photo(who)])
    return walk.later(1).move(acting("shift_leader"), "close", args={"closing_condition": True})


def _answered(record: UUID, text: str = ANSWER) -> Walk:
    return _walk(record).later(1).move(acting("intake_officer"), "answer", texts={"reply": text})


def _deliver() -> None:
    while outbox.deliver(district_id(), datetime.now(UTC) + timedelta(days=1))[0]:
        pass


def test_an_answer_waits_in_their_form_and_is_taken_along_once(app_connection: psycopg.Connection) -> None:
    sheets.imported(sheets.book([sheets.row(1), sheets.row(2), sheets.row(3)]))
    _answered(_record(app_connection, 1))
    declined = _record(app_connection, 2)
    services.act(district_id(), acting("shift_leader"), declined, "decline", texts={"reason": "属私人纠纷"}, version=1)
    Walk().answered()  # a telephone call, which no platform waits for
    _deliver()
    waiting = sorted(replies.waiting(district_id()), key=lambda one: one.outside_number)
    assert [(one.outside_number, one.stage) for one in waiting] == [
        (sheets.number(1), "answered"), (sheets.number(2), "declined"),
    ]  # fmt: skip
    chart = sheets.hotline()
    forms = [replies.composed(district_id(), one, chart) for one in waiting]
    assert list(forms[0]) == [column.name for column in chart.spec.reply.columns]
    assert (forms[0]["工单编号"], forms[0]["办理状态"], forms[0]["办理结果"]) == (sheets.number(1), "已办结", ANSWER)
    assert forms[0]["承办单位"]
    assert (forms[1]["办理状态"], forms[1]["办理结果"]) == ("不予受理", "属私人纠纷")
    book = load_workbook(io.BytesIO(xlsx_bytes("x", list(forms[0]), [list(one.values()) for one in forms])))
    assert book.active["C2"].data_type == "s"
    assert book.active["C2"].value == ANSWER
    stored = app_connection.execute("SELECT string_agg(payload::text, '') FROM ledger_outgoing").fetchone()
    assert stored is not None
    assert "噪声已制止" not in stored[0]
    now = datetime.now(UTC)
    assert replies.mark_taken(district_id(), [one.id for one in waiting], "1", now) == 2
    assert replies.mark_taken(district_id(), [one.id for one in waiting], "1", now) == 0
    assert not replies.waiting(district_id())
    assert [one.status for one in replies.latest(district_id())] == ["taken", "taken"]


def test_a_merged_case_is_answered_with_the_one_that_goes_on(app_connection: psycopg.Connection) -> None:
    sheets.imported(sheets.book([sheets.row(1), sheets.row(2)]))
    target, child = _record(app_connection, 1), _record(app_connection, 2)
    services.merge(district_id(), acting("intake_officer"), child, target, "同一问题", version=1)
    _deliver()
    assert not replies.waiting(district_id())
    kept = deadlines.of_records(district_id(), [target, child])
    assert [one.number for one in kept[target]] == [sheets.number(1), sheets.number(2)]
    assert child not in kept
    again = sheets.imported(sheets.book([sheets.row(2, 办理时限="2026-11-25 12:00")]))
    assert (again.created, again.changed) == (0, 1)
    row = app_connection.execute(
        "SELECT count(*) FROM ledger_event WHERE record_id = %s AND kind = 'add_note'", [target]
    ).fetchone()
    assert row == (1,)
    _answered(target)
    _deliver()
    waiting = replies.waiting(district_id())
    assert {one.outside_number for one in waiting} == {sheets.number(1), sheets.number(2)}
    assert {replies.composed(district_id(), one, sheets.hotline())["办理结果"] for one in waiting} == {ANSWER}


def test_erased_words_do_not_leave(app_connection: psycopg.Connection) -> None:
    sheets.imported(sheets.book([sheets.row(1)]))
    record = _record(app_connection, 1)
    _answered(record)
    _deliver()
    erase(district_id(), record, acting("shift_leader"))
    form = replies.composed(district_id(), replies.waiting(district_id())[0], sheets.hotline())
    assert form["办理结果"] == sheets.hotline().spec.reply.erased
    assert "噪声" not in json.dumps(form, ensure_ascii=False)


class Platform(ThreadingHTTPServer):
    """A platform's interface: keeps what it gets and answers what it is told to."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.got: list[tuple[dict[str, str], Any]] = []
        self.answers: list[tuple[int, bytes]] = []


class _Handler(BaseHTTPRequestHandler):
    server: Platform

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((dict(self.headers.items()), json.loads(body)))
        status, said = self.server.answers.pop(0) if self.server.answers else (200, b'{"code": "0"}')
        self.send_response(status)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *args: Any) -> None:
        """Be quiet."""


@pytest.fixture
def interface(db: object, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Platform]:
    """The hotline with an interface, named in a mapping of the installation's own."""
    server = Platform()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    port = server.server_address[1]
    shipped = Path(mapping.SHIPPED / f"{sheets.CODE}.yaml").read_text(encoding="utf-8")
    way = (
        f"\n  envelope: data\n  interface:\n    url: http://127.0.0.1:{port}/reply\n"
        '    secret_variable: GEWU_TEST_HOTLINE\n    timeout: 5\n    accepted: {field: code, values: ["0"]}\n'
    )
    (tmp_path / f"{sheets.CODE}.yaml").write_text(shipped.rstrip() + way, encoding="utf-8")
    monkeypatch.setenv("GEWU_MAPPINGS", str(tmp_path))
    monkeypatch.setenv("GEWU_EGRESS_ALLOW", f"http://127.0.0.1:{port}")
    monkeypatch.setenv("GEWU_TEST_HOTLINE", "Bearer abc")
    yield server
    server.shutdown()
    server.server_close()


def test_a_platform_with_an_interface_gets_the_reply_until_it_says_yes(
    interface: Platform, app_connection: psycopg.Connection
) -> None:
    interface.answers = [(503, b""), (200, b'{"code": "500", "msg": "busy"}')]
    sheets.imported(sheets.book([sheets.row(1)]))
    _answered(_record(app_connection, 1))
    _deliver()
    assert not replies.waiting(district_id())
    times = iter(datetime.now(UTC) + timedelta(days=n) for n in range(1, 50))
    taken = 0
    for at in times:
        courier = Courier(clock=lambda at=at: at)
        taken += courier.round(district_id())
        courier.close(5)
        if taken:
            break
    assert taken == 1
    assert len(interface.got) == 3
    headers, body = interface.got[-1]
    assert headers["Authorization"] == "Bearer abc"
    assert len({one[0]["Idempotency-Key"] for one in interface.got}) == 1
    assert body["data"][0]["工单编号"] == sheets.number(1)
    assert body["data"][0]["办理结果"] == ANSWER
    assert [one.status for one in replies.latest(district_id())] == ["sent"]


def test_a_host_that_is_not_allowed_is_not_reached(
    interface: Platform, app_connection: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GEWU_EGRESS_ALLOW", "hotline.example.org")
    sheets.imported(sheets.book([sheets.row(1)]))
    _answered(_record(app_connection, 1))
    _deliver()
    courier = Courier(clock=lambda: datetime.now(UTC) + timedelta(hours=1))
    assert courier.round(district_id()) == 0
    courier.close(5)
    assert not interface.got
    assert "inside" in replies.latest(district_id())[0].error
