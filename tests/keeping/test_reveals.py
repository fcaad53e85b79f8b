"""Names and numbers: masked everywhere, shown once for a purpose, and written down for good."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from gewu.cases import services
from gewu.cases.queries import get_case, list_notices
from gewu.keeping import reveals
from gewu.ledger import outbox
from gewu.ledger.door import SYSTEM
from gewu.ledger.erasure import erase
from gewu.ledger.errors import Erased, NotFound, Refused
from gewu.registry.models import Person, Post
from gewu.registry.people import issue_token
from gewu.surfaces.desk.who import SESSION_POST
from support.district import CODE, Walk, acting, actor_post, directory, district_id, post
from support.servers import Session

NAME, PHONE = "王某", "13800000000"


@pytest.fixture
def walk(db: object) -> Walk:
    return Walk().intake()


def seat(role: str, *, unit: str = "", language: str = "en") -> Client:
    found = post(role, unit=unit, covering="" if unit else CODE)
    client = Client(SERVER_NAME="localhost", HTTP_ACCEPT_LANGUAGE=language, HTTP_ACCEPT="text/html")
    client.force_login(Person.objects.get(pk=found.person), backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    session[SESSION_POST] = found.code
    session.save()
    return client


def ask(role: str, walk: Walk, purpose: str = "call_back", words: str = "", **options: Any) -> reveals.Identity:
    code = post(role, covering=CODE).code
    who = services.acting_of(actor_post(code))
    return reveals.reveal(district_id(), who, actor_post(code), walk.record_id, purpose, words, **options)


def lines(role: str = "comprehensive_office", **wanted: Any) -> list[reveals.Reveal]:
    return reveals.list_reveals(district_id(), acting(role), reveals.Wanted(**wanted))[0]


# ---- who sees what


def test_nobody_reads_a_name_by_opening_a_case(walk: Walk) -> None:
    for role in ("intake_officer", "shift_leader", "dispatcher", "comprehensive_office", "assessor", "administrator"):
        who = SYSTEM if role == "administrator" else acting(role)
        shown = str([entry.texts for entry in get_case(district_id(), who, walk.record_id).timeline])
        assert NAME not in shown
        assert PHONE not in shown


def test_it_is_shown_for_a_purpose_and_written_down_first(walk: Walk) -> None:
    found = ask("intake_officer", walk, "verify")
    assert [(one.seq, one.name, one.phone) for one in found.reporters] == [(1, NAME, PHONE)]
    (line,) = lines()
    assert (line.number, line.post, line.purpose, line.at) == (
        walk.number, post("intake_officer", covering=CODE).code, "verify", found.at,
    )  # fmt: skip


def test_those_who_joined_are_shown_too(walk: Walk) -> None:
    services.join(
        district_id(), acting("intake_officer"), walk.record_id, source="phone",
        texts={"description": "我也看到了", "reporter_name": "李某", "reporter_phone": "13700000000"},
    )  # fmt: skip
    found = ask("shift_leader", walk)
    assert [(one.name, one.phone) for one in found.reporters] == [(NAME, PHONE), ("李某", "13700000000")]
    assert "13700000000" not in str(get_case(district_id(), acting("shift_leader"), walk.record_id))


def test_other_roles_and_whoever_handles_are_refused_and_nothing_is_written(walk: Walk) -> None:
    for role in ("dispatcher", "comprehensive_office", "assessor"):
        with pytest.raises(Refused):
            ask(role, walk)
    unit = post("intake_officer", covering=CODE).unit
    handled = Walk().dispatched(lead=unit)  # the desk's own unit handles it
    with pytest.raises(Refused):
        ask("intake_officer", handled)
    assert lines() == []


def test_a_purpose_is_needed_and_words_for_another_one(walk: Walk) -> None:
    for purpose, words, field in (("", "", "purpose"), ("curiosity", "", "purpose"), ("other", " ", "words")):
        with pytest.raises(reveals.BadPurpose) as caught:
            ask("intake_officer", walk, purpose, words)
        assert caught.value.field == field
    assert lines() == []


def test_one_request_is_answered_once(walk: Walk) -> None:
    wanted = uuid4()
    ask("intake_officer", walk, ask=wanted)
    with pytest.raises(reveals.ShownOnce):
        ask("intake_officer", walk, ask=wanted)
    assert len(lines()) == 1


def test_a_case_without_names_or_erased_has_nothing_to_show(walk: Walk) -> None:
    nameless = Walk().intake(reporter_name="", reporter_phone="")
    with pytest.raises(NotFound):
        ask("intake_officer", nameless)
    erase(district_id(), walk.record_id, acting("shift_leader"))
    with pytest.raises(Erased):
        ask("intake_officer", walk)


# ---- the log


@pytest.fixture
def roles(db: Session) -> Iterator[list[psycopg.Connection[Any]]]:
    with (
        psycopg.connect(db.app(), autocommit=True) as app,
        psycopg.connect(db.owner(), autocommit=True) as owner,
    ):
        yield [app, owner] if db.app() == db.owner() else [app]


def test_a_line_can_be_neither_changed_nor_removed(walk: Walk, roles: list[psycopg.Connection[Any]]) -> None:
    ask("intake_officer", walk)
    for role in roles:
        for statement in (
            "UPDATE keeping_reveal SET purpose = 'other'",
            "DELETE FROM keeping_reveal",
            "TRUNCATE keeping_reveal",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                role.execute(statement)
    assert len(lines()) == 1


def test_the_words_of_a_purpose_go_with_the_case(walk: Walk, owner_connection: psycopg.Connection[Any]) -> None:
    ask("shift_leader", walk, "other", "王某要求补充说明", address="192.0.2.7")
    assert lines()[0].words == "王某要求补充说明"
    stored = str(owner_connection.execute("SELECT t::text FROM keeping_reveal t").fetchall())
    assert "192.0.2.7" not in stored
    assert "补充" not in stored
    erase(district_id(), walk.record_id, acting("shift_leader"))
    assert lines()[0].words is None


def test_the_log_is_filtered_and_pages_on(walk: Walk) -> None:
    other = Walk().intake()
    ask("intake_officer", walk)
    ask("shift_leader", other, "verify")
    ask("shift_leader", walk, "correct")
    assert [line.purpose for line in lines()] == ["correct", "verify", "call_back"]
    assert [line.purpose for line in lines(number=walk.number)] == ["correct", "call_back"]
    assert [line.purpose for line in lines(post=post("shift_leader", covering=CODE).code)] == ["correct", "verify"]
    assert lines(since=datetime.now(UTC) + timedelta(minutes=1)) == []
    first, after = reveals.list_reveals(district_id(), acting("comprehensive_office"), reveals.Wanted(), limit=2)
    rest, end = reveals.list_reveals(district_id(), acting("comprehensive_office"), reveals.Wanted(), after, limit=2)
    assert [line.purpose for line in (*first, *rest)] == ["correct", "verify", "call_back"]
    assert end is None


def test_a_burst_is_told_to_the_office_and_stopped(walk: Walk) -> None:
    for _ in range(reveals.FLAG_AFTER):
        ask("intake_officer", walk)
    outbox.deliver(district_id())
    office = acting("comprehensive_office")
    assert [n.message for n in list_notices(district_id(), office)[0]] == []
    ask("intake_officer", walk)
    ask("intake_officer", walk)
    outbox.deliver(district_id())
    assert [n.message for n in list_notices(district_id(), office)[0]] == ["many_reveals"]
    later = datetime.now(UTC) + reveals.SPAN + timedelta(minutes=1)
    for _ in range(reveals.STOP_AFTER - reveals.FLAG_AFTER - 2):
        ask("intake_officer", walk)
    with pytest.raises(reveals.TooManyReveals):
        ask("intake_officer", walk)
    ask("shift_leader", walk)  # somebody else may
    ask("intake_officer", walk, now=later)  # and so may the same person after an hour


# ---- at the desk


def shown(response: HttpResponse) -> str:
    return response.content.decode()


def test_the_desk_shows_it_on_that_page_only(walk: Walk) -> None:
    client = seat("intake_officer")
    path = f"/desk/cases/{walk.number}"
    assert PHONE not in shown(client.get(path))
    wanted = {"ask": str(uuid4()), "purpose": "call_back"}
    page = client.post(f"{path}/reveal", wanted)
    assert page.status_code == 200
    assert PHONE in shown(page)
    assert NAME in shown(page)
    assert "no-store" in page.headers["Cache-Control"]
    again = client.post(f"{path}/reveal", wanted)
    assert again.status_code == 409
    assert PHONE not in shown(again)
    assert PHONE not in shown(client.get(path))
    assert len(lines()) == 1


def test_the_desk_asks_for_a_purpose_in_both_languages(walk: Walk) -> None:
    for language, words in (("en", "What for"), ("zh-CN", "用途")):
        page = seat("shift_leader", language=language).post(f"/desk/cases/{walk.number}/reveal", {"words": "x"})
        assert page.status_code == 422
        assert words in shown(page)
        assert PHONE not in shown(page)
    refused = seat("dispatcher").post(f"/desk/cases/{walk.number}/reveal", {"purpose": "call_back"})
    assert refused.status_code == 403
    assert lines() == []


def test_the_log_page_and_its_csv_are_for_the_office_and_the_shift_leader(walk: Walk) -> None:
    ask("intake_officer", walk, "other", '=HYPERLINK("x")')
    for role in ("comprehensive_office", "shift_leader"):
        page = seat(role).get("/desk/reveals")
        assert page.status_code == 200
        assert walk.number in shown(page)
        assert "Something else" in shown(page)
        assert PHONE not in shown(page)
    for role in ("intake_officer", "dispatcher"):
        assert seat(role).get("/desk/reveals").status_code == 403
        assert seat(role).get("/desk/reveals.csv").status_code == 403
    client = seat("comprehensive_office")
    assert walk.number not in shown(client.get("/desk/reveals", {"purpose": "verify"}))
    answer = client.get("/desk/reveals.csv")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[1][3] == walk.number
    assert rows[1][5] == '\'=HYPERLINK("x")'


def test_the_case_page_stays_within_its_statements(walk: Walk) -> None:
    client = seat("shift_leader")
    client.get(f"/desk/cases/{walk.number}")
    with CaptureQueriesContext(connection) as captured:
        client.get(f"/desk/cases/{walk.number}")
    tenant = [q["sql"] for q in captured.captured_queries if "_" in q["sql"] and "district_id" in q["sql"]]
    assert len([sql for sql in tenant if "ledger_" in sql or "cases_" in sql or "keeping_" in sql]) <= 8, tenant


# ---- by the API


@pytest.fixture
def api(live_server: str) -> Iterator[Callable[..., httpx.Client]]:
    clients: list[httpx.Client] = []

    def client(role: str, **headers: str) -> httpx.Client:
        code = post(role, covering=CODE).code
        token = issue_token(
            Post.objects.get(district_id=district_id(), code=code), "t", datetime.now(UTC) + timedelta(1)
        )
        clients.append(
            httpx.Client(base_url=f"{live_server}/api/v1", headers={"Authorization": f"Bearer {token}", **headers})
        )
        return clients[-1]

    yield client
    for one in clients:
        one.close()


def test_the_api_shows_it_through_reveal_only(walk: Walk, api: Callable[..., httpx.Client]) -> None:
    officer = api("intake_officer")
    seen = officer.get(f"/cases/{walk.record_id}").json()
    assert seen["reporter"] == {"wants_answer": True, "name": "王*", "phone": "138****0000", "shown": "masked"}
    key = {"Idempotency-Key": str(uuid4())}
    for number in (walk.number, str(walk.record_id)):
        answer = officer.post(f"/cases/{number}/reveal", json={"purpose": "call_back"}, headers=key)
        if number == walk.number:
            assert answer.status_code == 200, answer.text
            assert answer.headers["Cache-Control"] == "no-store"
            (found,) = answer.json()["reporters"]
            assert (found["name"], found["phone"]) == (NAME, PHONE)
        else:  # the same request again
            assert answer.status_code == 409
            assert answer.json()["code"] == "shown_once"
    assert len(lines()) == 1
    assert lines()[0].token


def test_the_api_refuses_what_the_desk_refuses(walk: Walk, api: Callable[..., httpx.Client]) -> None:
    path = f"/cases/{walk.number}/reveal"
    assert api("dispatcher").post(path, json={"purpose": "call_back"}).status_code == 403
    officer = api("intake_officer", **{"Accept-Language": "zh"})
    missing = officer.post(path, json={"purpose": "other"})
    assert missing.status_code == 422
    assert missing.json()["errors"][0]["field"] == "words"
    assert officer.post(path, json={}).status_code == 422
    assert officer.post("/cases/5001012026010100001/reveal", json={"purpose": "verify"}).status_code == 404
    assert directory().district.code == CODE
    assert lines() == []
