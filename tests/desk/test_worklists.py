"""Saved views, sheets of a queue, and what an open page learns of what changed."""

from __future__ import annotations

import io
import re
import time
from datetime import UTC, datetime, timedelta
from html import unescape
from uuid import UUID

import psycopg
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from desk.conftest import Sit, forms, text
from desk.test_queue import register
from gewu.cases.queries import CAP, Filter, counts, list_cases
from gewu.ledger.door import new_id
from gewu.surfaces.desk import sheetmaker
from gewu.worklists import sheets
from support.district import Walk, acting, district_id

NOW = time.time_ns() // 1000


def ids(html: str, address: str) -> list[str]:
    """The ids in addresses of a page, in its order."""
    return list(dict.fromkeys(re.findall(rf"/desk/{address}/([0-9a-f-]{{36}})", html)))


# ---- views


def test_a_view_is_saved_counted_renamed_ordered_and_removed(sit: Sit) -> None:
    (number,) = register(1)
    seat = sit("intake_officer")
    saved = seat.send("/desk/views/save", queue="open", source="phone", title="By telephone")
    page = seat.client.get(saved["Location"])
    assert "The view is saved" in text(page)
    rail = re.search(r'<a href="([^"]+)"[^>]*title="All open · Source[^"]*"[^>]*>.*?</a>', page.content.decode(), re.S)
    assert rail is not None, page.content.decode()
    assert re.search(r">1</span>", rail[0])
    shown = seat.client.get("/desk/" + unescape(rail[1]))
    assert number in text(shown)
    assert (
        'aria-current="page"'
        in re.search(r"<a [^>]*By telephone|<a [^>]*title=\"All open · S[^>]*", shown.content.decode())[0]
    )
    seat.send("/desk/views/save", queue="done", title="Second")
    first, second = ids(seat.get("/desk/views").content.decode(), "views")
    seat.send(f"/desk/views/{second}", do="up")
    assert ids(seat.get("/desk/views").content.decode(), "views") == [second, first]
    seat.send(f"/desk/views/{first}", title="Renamed", shared="")
    assert "Renamed" in text(seat.get("/desk/"))
    seat.send(f"/desk/views/{second}", do="remove")
    assert ids(seat.get("/desk/views").content.decode(), "views") == [first]
    assert "Give the view a name" in text(seat.client.get(seat.send("/desk/views/save", queue="open")["Location"]))


def test_a_shared_view_is_everybodys_of_the_role_but_only_its_owner_changes_it(sit: Sit) -> None:
    owner = sit("collector", covering="500101023", number=1)
    other = sit("collector", covering="500101023", number=2)
    stranger = sit("dispatcher")
    owner.send("/desk/views/save", queue="open", title="Round of today")
    (view,) = ids(owner.get("/desk/views").content.decode(), "views")
    assert "Round of today" not in text(other.get("/desk/views"))
    owner.send(f"/desk/views/{view}", title="Round of today", shared="role")
    assert "Round of today" in text(other.get("/desk/views"))
    assert "Round of today" not in text(stranger.get("/desk/views"))
    assert other.send(f"/desk/views/{view}", title="Mine now", shared="").status_code == 404
    assert other.send(f"/desk/views/{view}", do="remove").status_code == 404


def test_a_view_of_a_category_that_is_gone_says_so_and_shows_no_other_cases(sit: Sit) -> None:
    (number,) = register(1)
    seat = sit("intake_officer")
    seat.send("/desk/views/save", queue="open", category="matter:06", title="Roads")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE worklists_view SET query = jsonb_set(query, '{category}', '\"matter:99\"')")
    page = seat.get("/desk/views")
    assert "“matter:99” is not in the catalogue (any more)" in text(page)
    link = re.search(r'href="/desk/(\?[^"]+)"><strong>Roads', page.content.decode())
    assert link is not None
    opened = seat.client.get("/desk/" + unescape(link[1]))
    assert opened.status_code == 422
    assert number not in text(opened)


def test_words_of_a_search_are_in_no_view(sit: Sit) -> None:
    seat = sit("intake_officer")
    assert "Save as a view" not in text(seat.look_for("13800000000"))
    seat.send("/desk/views/save", queue="open", s="secret", q="13800000000", title="A view")
    with connection.cursor() as cursor:
        cursor.execute("SELECT query::text FROM worklists_view")
        assert [row[0] for row in cursor.fetchall()] == ['{"queue": "open"}']


# ---- sheets


def test_a_sheet_is_written_beside_the_page_without_words_and_fetched_by_its_owner_only(sit: Sit) -> None:
    officer, number = acting("intake_officer"), register(1, reporter_name="=1+1", reporter_phone="13812345678")[0]
    assert officer.actor.person
    seat, colleague = sit("intake_officer"), sit("shift_leader")
    page = seat.client.get(seat.send("/desk/sheets/ask", queue="open", source="phone")["Location"])
    assert "waits for its turn" in text(page)
    assert 'data-watch="/desk/sheets/part"' in page.content.decode()
    assert seat.get("/desk/sheets/part").status_code == 200
    assert sheetmaker.step("one")
    assert seat.get("/desk/sheets/part").status_code == 204
    (sheet,) = ids(seat.get("/desk/sheets").content.decode(), "sheets")
    answer = seat.get(f"/desk/sheets/{sheet}.xlsx")
    book = load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    rows = [[str(cell.value or "") for cell in row] for row in book.active.iter_rows()]
    assert rows[0][:3] == ["Number", "Outside number", "Stage"]
    assert number in [row[0] for row in rows[1:]]
    everything = "\n".join(cell for row in rows for cell in row)
    assert "13812345678" not in everything
    assert "case 0" not in everything
    assert "1+1" not in everything
    assert colleague.get(f"/desk/sheets/{sheet}.xlsx").status_code == 404
    with connection.cursor() as cursor:
        cursor.execute("UPDATE worklists_sheet SET sight = 'as it was before'")
    assert seat.get(f"/desk/sheets/{sheet}.xlsx").status_code == 404
    assert "What you may see has changed since" in text(seat.get("/desk/sheets"))


def test_what_a_search_found_is_written_too_and_its_words_are_nowhere(
    sit: Sit, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = {Walk(at_us=NOW).intake(description=f"人行道井盖破损 {n}").number for n in range(3)}
    found.add(Walk(at_us=NOW).intake(description="井盖破损", reporter_phone="13899990000").number)
    apart = Walk(at_us=NOW).intake(description="井盖完好，破损的是路面").number
    monkeypatch.setattr(sheetmaker, "BATCH", 2)
    seat = sit("intake_officer")

    def export(words: str, **filters: str) -> list[str]:
        """The numbers in the sheet of a search, asked for by what its page holds."""
        page = seat.look_for(words, **filters)
        form = forms(page)["/desk/sheets/ask"]
        assert "queue" not in form
        assert "waits for its turn" in text(seat.client.get(seat.client.post("/desk/sheets/ask", form)["Location"]))
        with connection.cursor() as cursor:
            cursor.execute("SELECT string_agg(query::text || title, '') FROM worklists_sheet")
            kept = cursor.fetchone()[0]
        assert words not in kept
        assert sheetmaker.step("one")
        sheet = ids(seat.get("/desk/sheets").content.decode(), "sheets")[0]
        answer = seat.get(f"/desk/sheets/{sheet}.xlsx")
        assert "found-" in answer["Content-Disposition"]
        book = load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
        rows = [[str(cell.value or "") for cell in row] for row in book.active.iter_rows()]
        assert words not in "".join(cell for row in rows for cell in row)
        return [row[0] for row in rows[1:]]

    assert export("井盖破损") == sorted(found, reverse=True)
    assert apart not in found
    assert export("井盖破损", source="phone") == sorted(found, reverse=True)
    assert len(export("13899990000")) == 1
    (made,) = sheets.of_person(district_id(), seat.person, seat.post)[:1]
    assert (made.done, made.total) == (1, 1)


def test_a_search_is_exported_by_whoever_asked_and_sees_it_only(sit: Sit) -> None:
    Walk(at_us=NOW).intake(reporter_phone="13899990000")
    officer, dispatcher = sit("intake_officer"), sit("dispatcher")
    form = forms(officer.look_for("13899990000"))["/desk/sheets/ask"]
    for wrong in (form["s"][0], "xyz"):
        refused = dispatcher.client.get(dispatcher.send("/desk/sheets/ask", s=wrong)["Location"])
        assert "This search is over" in text(refused)
    assert not sheets.of_person(district_id(), dispatcher.person, dispatcher.post)
    assert "Export as XLSX" not in text(officer.look_for("没有的词"))
    # What cannot be read any more when its turn comes ends the sheet and says what to do.
    officer.client.post("/desk/sheets/ask", form)
    with connection.cursor() as cursor:
        cursor.execute('UPDATE worklists_sheet SET query = \'{"s": "altered"}\'')
    assert sheetmaker.step("one")
    assert "Look for the words again" in text(officer.get("/desk/sheets"))


def test_a_sheet_goes_on_after_its_maker_died_and_ends_when_it_is_stopped(
    sit: Sit, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(5)
    monkeypatch.setattr(sheetmaker, "BATCH", 2)
    seat = sit("intake_officer")
    seat.send("/desk/sheets/ask", queue="open")
    now = datetime.now(UTC)
    left = sheets.claim(district_id(), "died", now)
    assert left is not None
    assert sheets.claim(district_id(), "other", now) is None
    again = sheets.claim(district_id(), "other", now + sheets.LEASE + timedelta(seconds=1))
    assert again is not None
    with pytest.raises(sheets.Superseded):
        sheetmaker.make(left)
    sheetmaker.carry(again)
    (made,) = sheets.of_person(district_id(), seat.person, seat.post)
    assert (made.status, made.done >= 5, made.path.is_file()) == (sheets.DONE, True, True)
    assert not list(made.path.parent.glob("*.part"))
    seat.send(f"/desk/sheets/{made.id}/stop")
    assert not made.path.exists()
    seat.send("/desk/sheets/ask", queue="open")
    stopped = sheets.claim(district_id(), "third", datetime.now(UTC))
    assert stopped is not None
    sheets.cancel(stopped)
    sheetmaker.carry(stopped)
    assert not stopped.path.exists()
    assert sheets.purge(district_id(), datetime.now(UTC) + sheets.KEEP + timedelta(hours=1)) == 2


def test_one_person_has_a_few_sheets_on_their_way(sit: Sit) -> None:
    seat = sit("intake_officer")
    for _ in range(sheets.MOST_WAITING):
        seat.send("/desk/sheets/ask", queue="open")
    assert "on their way already" in text(seat.client.get(seat.send("/desk/sheets/ask", queue="open")["Location"]))
    assert len(sheets.of_person(district_id(), seat.person, seat.post)) == sheets.MOST_WAITING


# ---- what changes meanwhile


def test_an_open_queue_learns_of_new_and_changed_cases_by_one_statement(sit: Sit) -> None:
    walk = Walk(at_us=NOW).intake()
    seat = sit("intake_officer")
    first = seat.get("/desk/now", queue="open")
    known = first.json()["rows"]
    assert known[str(walk.record_id)] == 1
    assert seat.client.get("/desk/now?queue=open", headers={"If-None-Match": first["ETag"]}).status_code == 304
    with CaptureQueriesContext(connection) as captured:
        seat.get("/desk/now", queue="open")
    assert len([q for q in captured.captured_queries if "ledger_" in q["sql"] or "cases_" in q["sql"]]) == 1
    walk.move(acting("intake_officer"), "send_verify")
    (fresh,) = register(1)
    now = seat.client.get("/desk/now?queue=open&numbers=1", headers={"If-None-Match": first["ETag"]}).json()
    assert now["rows"][str(walk.record_id)] == 2
    assert len(now["rows"]) == 2
    assert now["numbers"]["open"] == "2"
    assert fresh
    assert seat.get("/desk/now", queue="open", category="matter:99").status_code == 204
    assert seat.get("/desk/now", queue="open", after="nonsense").status_code == 204


def test_an_open_case_says_what_others_did_and_nothing_before_that(sit: Sit) -> None:
    walk = Walk(at_us=NOW).intake()
    seat = sit("intake_officer")
    address = f"/desk/cases/{walk.number}/now"
    assert seat.get(address, since="1").status_code == 204
    walk.move(acting("intake_officer"), "send_verify")
    told = seat.get(address, since="1")
    assert "Somebody changed this case meanwhile" in text(told)
    assert "Send" in text(told)
    assert seat.get(address, since="2").status_code == 204
    assert seat.get(address, since="x").status_code == 204


# ---- as fast with many

MANY = """
WITH numbered AS (
    SELECT gen_random_uuid() AS id, n FROM generate_series(1, 20000) n
), one AS (SELECT r.* FROM ledger_record r WHERE r.district_id = %(district)s AND r.kind = 'case' LIMIT 1)
INSERT INTO ledger_record (district_id, id, kind, playbook, playbook_version, stage, ended, tier, place, areas,
    involved, due_at, next_at, version, state, head, created_at, updated_at)
SELECT o.district_id, m.id, o.kind, o.playbook, o.playbook_version,
    CASE WHEN m.n %% 300 = 0 THEN 'registered' ELSE 'handling' END, m.n %% 10 > 0, o.tier,
    '500101' || lpad((m.n %% 60)::text, 3, '0') || '001001', o.areas, o.involved, o.due_at + m.n * interval '1 minute',
    o.next_at, 1, jsonb_set(jsonb_set(o.state, '{fields,source}', to_jsonb('source' || m.n %% 40)),
    '{fields,category}', to_jsonb('matter:' || lpad((m.n %% 50)::text, 2, '0') || '001')), o.head, o.created_at,
    o.updated_at
FROM one o, numbered m
"""


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        (Filter(ended=False), "ledger_record_due"),
        (Filter(ended=False, stages=("registered",)), "ledger_record_open_stage"),
        (Filter(ended=False, source="source7"), "ledger_record_open_source"),
        (Filter(ended=False, unit="lighting-section"), "ledger_record_open_unit"),
        (Filter(ended=False, category="matter:07"), "ledger_record_open_category"),
        (Filter(ended=False, place="500101007"), "ledger_record_open_place"),
        (Filter(ended=False, soon_at=datetime(2026, 1, 1, tzinfo=UTC)), "ledger_record_open_warned"),
        (Filter(ended=True, order="recent", unit="lighting-section"), "ledger_record_done_unit"),
    ],
)
def test_a_page_and_its_numbers_are_found_by_an_index_among_many(
    db: object, owner_connection: psycopg.Connection, wanted: Filter, index: str
) -> None:
    """The plans at 20,000 cases: the index that fits the filter, and no walk through the table."""
    register(1)
    leader = acting("shift_leader")
    with CaptureQueriesContext(connection) as captured:
        list_cases(district_id(), leader, wanted)
        counts(district_id(), leader, Filter(**{**_fields(wanted), "stages": ("registered", "handling")}))
    statements = [q["sql"] for q in captured.captured_queries]
    assert len(statements) == 2
    with owner_connection.transaction(force_rollback=True):
        owner_connection.execute(MANY, {"district": district_id()})
        owner_connection.execute("ANALYZE ledger_record")
        plans = [
            "\n".join(row[0] for row in owner_connection.execute(f"EXPLAIN {one}").fetchall()) for one in statements
        ]
    assert index in plans[0], plans[0]
    for plan in plans:
        assert not re.search(r"Seq Scan on ledger_record\b", plan), plan


def _fields(wanted: Filter) -> dict[str, object]:
    return {name: getattr(wanted, name) for name in ("source", "unit", "category", "place", "soon_at")}


def test_the_three_states_of_a_clock_share_the_open_cases_between_them(db: object) -> None:
    walk = Walk(at_us=NOW).dispatched()
    late = Walk(at_us=NOW - 86_400_000_000 * 30).dispatched()
    system, at = acting("shift_leader"), datetime.now(UTC)

    def found(**clock: datetime) -> set[UUID]:
        return {row.record_id for row in list_cases(district_id(), system, Filter(ended=False, **clock)).rows}

    parts = [found(overdue_at=at), found(soon_at=at), found(calm_at=at)]
    assert late.record_id in parts[0]
    assert walk.record_id in parts[2]
    assert not parts[0] & parts[1]
    assert not parts[1] & parts[2]
    before = counts(district_id(), system, Filter(stages=("dispatched",)))[0]["dispatched"]
    assert 2 <= before <= CAP
    due = list_cases(district_id(), system, Filter(records=(walk.record_id,))).rows[0].due_at
    assert due is not None
    assert walk.record_id in found(due_by=due + timedelta(seconds=1))
    assert new_id() not in parts[0]
