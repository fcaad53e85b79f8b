"""What goes on schedule, what is held, and what is written down of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from click.testing import CliRunner, Result
from django.test import Client

from gewu.cases.queries import get_case
from gewu.keeping import holds, releases, retention
from gewu.ledger import attachments, ticker, verify
from gewu.ledger.door import SYSTEM
from gewu.ledger.erasure import erase
from gewu.ledger.errors import Held
from gewu.ledger.rebuild import rebuild_all
from gewu.registry.models import Person
from gewu.surfaces.cli import main
from gewu.surfaces.desk.who import SESSION_POST
from keeping.backed_up import release
from support.district import CODE, Walk, acting, district_id, photo, post

NOW = datetime.now(UTC)


@pytest.fixture(autouse=True)
def house(db: object) -> None:
    ticker._done.clear()  # other tests of this process kept house today


def aged(owner: psycopg.Connection[Any], walk: Walk, days: int) -> UUID:
    """Let a record's last event be so many days ago."""
    owner.execute(
        "UPDATE ledger_record SET updated_at = %s WHERE id = %s", [NOW - timedelta(days=days), walk.record_id]
    )
    return walk.record_id


def adopt(words: int = 100, photos: int = 50) -> None:
    """A schedule of this district's own."""
    data = retention.default().model_dump()
    data["records"]["case_words"]["after_days"] = words
    data["records"]["case_photos"]["after_days"] = photos
    retention.adopt(district_id(), retention.parse(data), "office")


def words_of(record_id: UUID) -> str:
    view = get_case(district_id(), SYSTEM, record_id)
    return "" if view.erased else str((view.texts or {}).get("description", ""))


def photos_of(record_id: UUID) -> list[bool]:
    """For each photo whether it is there to be seen."""
    return [
        attachments.read(district_id(), p.id) is not None for p in get_case(district_id(), SYSTEM, record_id).photos
    ]


def done(passes: list[retention.Done]) -> dict[str, tuple[int, int, int]]:
    return {one.rule: (one.found, one.done, one.held) for one in passes}


def test_until_a_district_has_decided_nothing_of_records_is_erased(owner_connection: psycopg.Connection[Any]) -> None:
    old = aged(owner_connection, Walk().answered(), 4000)
    passes = retention.run(district_id(), NOW)
    assert done(passes)["case_words"] == (1, 0, 0)
    assert all(one.waits for one in passes if one.rule.startswith("case_"))
    assert words_of(old)
    ticker.keep_house(district_id(), NOW)
    assert words_of(old)


def test_photos_go_first_and_words_later_and_the_chain_holds(owner_connection: psycopg.Connection[Any]) -> None:
    adopt(words=100, photos=50)
    young = aged(owner_connection, Walk().answered(), 20)
    middle = aged(owner_connection, Walk().answered(), 60)
    old = aged(owner_connection, Walk().answered(), 200)
    running = aged(owner_connection, Walk().handled(), 200)
    before = retention.run(district_id(), NOW, dry_run=True)
    assert done(before)["case_words"] == (1, 0, 0)
    assert done(before)["case_photos"] == (2, 0, 0)
    assert all(photos_of(old))
    assert retention.last_passes(district_id()) == []
    retention.run(district_id(), NOW)
    assert (words_of(young) != "", all(photos_of(young))) == (True, True)
    assert (words_of(middle) != "", any(photos_of(middle))) == (True, False)
    assert (words_of(old), any(photos_of(old))) == ("", False)
    assert (words_of(running) != "", all(photos_of(running))) == (True, True)
    written = {rule: (found, gone, held) for _, rule, found, gone, held in retention.last_passes(district_id())}
    assert written["case_words"] == (1, 1, 0)
    assert written["case_photos"] == (2, 2, 0)
    assert done(retention.run(district_id(), NOW))["case_photos"] == (0, 0, 0)
    assert verify.verify_all(district_id()).ok
    owner_connection.execute("UPDATE ledger_record r SET updated_at = (SELECT max(at) FROM ledger_event e"
                             " WHERE e.district_id = r.district_id AND e.record_id = r.id)")  # fmt: skip
    assert rebuild_all(district_id()).ok


def test_released_copies_go_with_the_photos_and_stay_while_they_do(owner_connection: psycopg.Connection[Any]) -> None:
    adopt(words=100, photos=50)
    walks = [Walk().answered() for _ in range(3)]
    copies = [release(walk) for walk in walks]
    young, middle, old = (aged(owner_connection, walk, days) for walk, days in zip(walks, (20, 60, 200), strict=True))
    retention.run(district_id(), NOW)
    assert [attachments.read(district_id(), copy) is not None for copy in copies] == [True, False, False]
    assert [attachments.path_of(district_id(), copy).exists() for copy in copies] == [True, False, False]
    assert [releases.public_copy(district_id(), copy) is not None for copy in copies] == [True, False, False]
    for record_id in (middle, old):
        assert [one.why for one in releases.releases_of(district_id(), record_id)] == ["erased"]
    assert [one.why for one in releases.releases_of(district_id(), young)] == [""]


def test_a_hold_keeps_a_record_until_it_is_lifted(owner_connection: psycopg.Connection[Any]) -> None:
    adopt()
    old = aged(owner_connection, Walk().answered(), 4000)
    holds.put(district_id(), old, acting("comprehensive_office"), "litigation", "案号一", None)
    assert done(retention.run(district_id(), NOW))["case_words"] == (1, 0, 1)
    assert words_of(old)
    with pytest.raises(Held):
        erase(district_id(), old, acting("administrator"))
    assert words_of(old)
    (hold,) = holds.list_holds(district_id(), old)
    assert (hold.reason, hold.words) == ("litigation", "案号一")
    assert holds.lift(district_id(), old, acting("comprehensive_office")) == 1
    retention.run(district_id(), NOW)
    assert words_of(old) == ""


def test_a_hold_with_a_last_day_ends_after_it(owner_connection: psycopg.Connection[Any]) -> None:
    record = Walk().answered().record_id
    with pytest.raises(ValueError, match="past"):
        holds.put(district_id(), record, SYSTEM, "appeal", until=NOW.date() - timedelta(days=3))
    with pytest.raises(ValueError, match="words"):
        holds.put(district_id(), record, SYSTEM, "other")
    holds.put(district_id(), record, SYSTEM, "appeal", until=NOW.date() + timedelta(days=3))
    assert holds.held(district_id(), [record]) == {record}
    owner_connection.execute("UPDATE keeping_hold SET until = current_date - 2")
    assert holds.held(district_id(), [record]) == set()


def test_an_appeal_and_a_case_that_goes_on_keep_their_records(owner_connection: psycopg.Connection[Any]) -> None:
    adopt()
    late = Walk().handling()
    late.later(60 * 24 * 30)
    ticker.run_until(district_id(), late.at_us)
    view = get_case(district_id(), SYSTEM, late.record_id)
    owner_connection.execute(
        "UPDATE ledger_record SET ended = true, stage = 'answered' WHERE id = %s", [late.record_id]
    )
    assert any(part.live for part in view.state.assignments)
    aged(owner_connection, late, 4000)
    assert done(retention.run(district_id(), NOW))["case_words"] == (0, 0, 0)


def test_an_appeal_against_a_score_keeps_the_case(owner_connection: psycopg.Connection[Any]) -> None:
    adopt()
    old = aged(owner_connection, Walk().answered(), 4000)
    appeal = Walk().intake().record_id
    owner_connection.execute(
        "INSERT INTO evaluation_appeal (district_id, record_id, number, indicator, case_id, unit, stage, lodged_at)"
        " VALUES (%s, %s, 'A1', 'on_time', %s, 'u', 'lodged', 0)",
        [district_id(), appeal, old],
    )
    assert done(retention.run(district_id(), NOW))["case_words"] == (1, 0, 1)
    owner_connection.execute("UPDATE evaluation_appeal SET rejected_at = 1")
    retention.run(district_id(), NOW)
    assert words_of(old) == ""


def test_the_ticker_does_it_once_a_day_and_says_what_it_did(owner_connection: psycopg.Connection[Any]) -> None:
    adopt()
    old = aged(owner_connection, Walk().answered(), 4000)
    ticker.keep_house(district_id(), NOW)
    assert words_of(old) == ""
    again = aged(owner_connection, Walk().answered(), 4000)
    ticker.keep_house(district_id(), NOW)
    assert words_of(again)
    ticker.keep_house(district_id(), NOW + timedelta(days=1))
    assert words_of(again) == ""
    rows = [row for row in retention.last_passes(district_id()) if row[1] == "case_words"]
    assert [row[3] for row in rows] == [1, 1]


def test_work_that_fails_does_not_stop_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[str] = []

    def broken(_district: int, _now: datetime) -> None:
        called.append("broken")
        raise RuntimeError("on purpose")

    monkeypatch.setattr(ticker, "_DAILY", {"broken": broken, "fine": lambda _d, _n: called.append("fine")})
    ticker.keep_house(district_id(), NOW)
    assert called == ["broken", "fine"]


def test_a_long_backlog_goes_in_parts(owner_connection: psycopg.Connection[Any]) -> None:
    adopt()
    old = [aged(owner_connection, Walk().answered(), 4000) for _ in range(2)]
    with pytest.raises(ticker.Unfinished):
        retention.run(district_id(), NOW, seconds=0)
    while True:
        try:
            retention.run(district_id(), NOW, seconds=0)
        except ticker.Unfinished:
            continue
        break
    assert [words_of(record) for record in old] == ["", ""]


def test_rows_of_the_house_go(owner_connection: psycopg.Connection[Any]) -> None:
    from gewu.ledger import outbox

    who = acting("intake_officer")
    left = photo(who)
    Walk().dispatched()
    outbox.deliver(district_id())
    owner_connection.execute("UPDATE ledger_notice SET at = now() - interval '400 days'")
    owner_connection.execute("UPDATE ledger_outgoing SET sent_at = now() - interval '200 days' WHERE status = 'sent'")
    owner_connection.execute(
        "UPDATE ledger_attachment SET uploaded_at = now() - interval '2 days' WHERE record_id IS NULL"
    )
    client = Client(SERVER_NAME="localhost")
    client.session.save()
    owner_connection.execute(
        "INSERT INTO django_session (session_key, session_data, expire_date)"
        " VALUES ('old', '', now() - interval '1 day')"
    )
    found = done(retention.run(district_id(), NOW))
    for rule in ("notices", "messages", "sessions", "photos_unbound"):
        assert found[rule][0] == found[rule][1] > 0, rule
    for table in (
        "ledger_notice",
        "ledger_attachment WHERE record_id IS NULL",
        "django_session WHERE session_key = 'old'",
    ):
        row = owner_connection.execute(f"SELECT count(*) FROM {table}").fetchone()
        assert row == (0,), table
    assert not attachments.path_of(district_id(), UUID(left.id)).exists()


# ---- schedules


def test_a_bad_schedule_is_refused_with_every_reason(tmp_path: Path) -> None:
    data = retention.default().model_dump()
    data["records"]["case_words"]["after_days"] = 0
    data["records"]["case_words"]["what"] = "everything"
    data["house"]["teapots"] = data["house"]["notices"]
    with pytest.raises(retention.BadSchedule) as caught:
        retention.parse(data)
    assert "records.case_words.after_days" in str(caught.value)
    assert "records.case_words.what" in str(caught.value)
    data = retention.default().model_dump()
    data["house"]["teapots"] = data["house"]["notices"]
    with pytest.raises(retention.BadSchedule, match="teapots"):
        retention.parse(data)
    (tmp_path / "x.yaml").write_text("status: [", encoding="utf-8")
    with pytest.raises(retention.BadSchedule):
        retention.read(tmp_path / "x.yaml")


def test_a_district_s_decision_replaces_the_assumption_and_is_kept() -> None:
    assert retention.of_district(district_id()).schedule.status == "assumption"
    adopt(words=1000)
    adopt(words=2000)
    found = retention.of_district(district_id())
    assert (found.version, found.schedule.status, found.set_by) == (2, "decided", "office")
    assert found.schedule.records["case_words"].after_days == 2000


# ---- by the command line and at the desk


def gewu(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["retention", *arguments])


def test_the_command_shows_adopts_holds_and_erases(owner_connection: psycopg.Connection[Any]) -> None:
    walk = Walk().answered()
    aged(owner_connection, walk, 4000)
    assert "adopted no schedule" in gewu("--dry-run").stdout
    assert gewu("adopt", "--yes").exit_code == 0
    assert gewu("hold", walk.number, "--reason", "inspection").exit_code == 0
    assert walk.number in gewu("holds").stdout
    held = json.loads(gewu("--json").stdout.splitlines()[-1])
    assert next(p for p in held["passes"] if p["rule"] == "case_words")["held"] == 1
    assert gewu("release", walk.number).exit_code == 0
    assert gewu("release", walk.number).exit_code == 1
    assert "1 would go" in gewu("--dry-run").stdout
    assert words_of(walk.record_id)
    assert "1 went" in gewu().stdout
    assert words_of(walk.record_id) == ""
    assert "version 1, adopted" in gewu("schedule").stdout
    assert gewu("hold", "1", "--reason", "appeal").exit_code == 1


def test_the_office_holds_and_releases_at_the_desk() -> None:
    walk = Walk().answered()
    found = post("comprehensive_office", covering=CODE)
    client = Client(SERVER_NAME="localhost", HTTP_ACCEPT_LANGUAGE="en", HTTP_ACCEPT="text/html")
    client.force_login(Person.objects.get(pk=found.person), backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    session[SESSION_POST] = found.code
    session.save()
    path = f"/desk/cases/{walk.number}"
    missing = client.post(f"{path}/hold", {"reason": "other"})
    assert missing.status_code == 422
    assert (
        client.post(f"{path}/hold", {"reason": "litigation", "words": "案号二", "until": "2020-01-01"}).status_code
        == 422
    )
    assert client.post(f"{path}/hold", {"reason": "litigation", "words": "案号二"}).status_code == 302
    assert "案号二" in client.get(path).content.decode()
    assert client.post(f"{path}/release").status_code == 302
    assert "案号二" not in client.get(path).content.decode()
