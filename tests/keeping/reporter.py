"""A reporter whose words go everywhere that Gewu takes words to: through every door, into every register and paper."""

from __future__ import annotations

import logging
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from datetime import time as clock_time
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import psycopg
from aiosmtpd.controller import Controller
from django.test import Client

from connections.conftest import Clock, hook, house_messages
from connections.receivers import Receiver, dead_port
from desk.conftest import Seat, forms
from gewu.cases import services
from gewu.cases.queries import find_by_number
from gewu.connections import digest, routes
from gewu.home.ports import free_port
from gewu.keeping import holds
from gewu.ledger import outbox
from gewu.ledger.door import now_us
from gewu.ledger.outbox.courier import Courier
from gewu.office.services import Filled, issue_order, open_handover
from gewu.registry import directory as registry
from gewu.registry.models import Person, Post
from gewu.registry.people import issue_token
from gewu.surfaces.desk.who import SESSION_POST
from imports import sheets
from office.conftest import body, unit
from support.district import CODE, NOTHING, POINT, Walk, acting, district_id, photo, post
from support.servers import Session
from support.traces import Words
from support.visitors import Visitor, jpeg

NAME, PHONE = "禤彧麤", "13974208651"
ADDRESS = "爨底巷靐字楼旁石敢当"
MARK = "Zyxqvuworter"
DESCRIPTION = f"铁鸑鷟摆件坠落险些砸中行人 {MARK}"
NOTE = "鬻茶为业夜归较晚恐遭报复"
SAID = (NAME, PHONE, ADDRESS, DESCRIPTION, NOTE)
"""What is said by or of the reporter."""
INDEXED = Words([ADDRESS, DESCRIPTION.split()[0], MARK.lower(), NOTE])
"""What can be found by its words."""
WORDS = Words([NAME, PHONE, "139****8651", MARK, *INDEXED.words])
TEXTS = {"description": DESCRIPTION, "address": ADDRESS, "reporter_name": NAME, "reporter_phone": PHONE}


class Inbox:
    """A mail server that keeps what it takes, as it came."""

    def __init__(self) -> None:
        self.mails: list[bytes] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - the library's name
        self.mails.append(bytes(envelope.content))
        return "250 taken"


@dataclass
class Said:
    """Everything that happened, and where it can be looked for."""

    url: str
    web_log: Path
    own_log: StringIO
    hook: Receiver
    inbox: Inbox
    cases: dict[str, str] = field(default_factory=dict)
    """The reporter's cases by the door they came through: numbers."""
    codes: dict[str, str] = field(default_factory=dict)
    photos: list[UUID] = field(default_factory=list)
    letter: UUID = NOTHING
    order: UUID = NOTHING
    handover: UUID = NOTHING
    runs: dict[str, UUID] = field(default_factory=dict)

    def record(self, door: str) -> UUID:
        found = find_by_number(district_id(), self.cases[door])
        assert found is not None
        return found

    @property
    def records(self) -> list[UUID]:
        return [self.record(door) for door in self.cases]

    def logs(self) -> str:
        return self.own_log.getvalue() + self.web_log.read_text(encoding="utf-8", errors="replace")


OTHERS = ("httpx", "httpcore", "mail.", "asyncio")
"""Loggers of this test's own clients and servers."""


@contextmanager
def listening() -> Iterator[StringIO]:
    """All that this process logs, at the most talkative level, as it would stand in a log."""
    root = logging.getLogger()
    out, level = StringIO(), root.level
    handler = logging.StreamHandler(out)
    handler.setFormatter(root.handlers[0].formatter)
    handler.addFilter(lambda record: not record.name.startswith(OTHERS))
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield out
    finally:
        root.removeHandler(handler)
        root.setLevel(level)


@contextmanager
def web(session: Session, output: Path) -> Iterator[str]:
    """A web server whose whole output goes to a file, at the most talkative level."""
    port = free_port()
    environment = {
        **os.environ, **session.environment(), "GEWU_LOG_LEVEL": "DEBUG", "GEWU_LIFELINE": str(os.getpid()),
    }  # fmt: skip
    with output.open("wb") as handle:
        process = subprocess.Popen(
            [sys.executable, "-m", "gewu", "web", f"--port={port}", "--workers=1"],
            env=environment, stdin=subprocess.DEVNULL, stdout=handle, stderr=subprocess.STDOUT,
        )  # fmt: skip
    url = f"http://127.0.0.1:{port}"
    try:
        end = time.monotonic() + 120
        while time.monotonic() < end and process.poll() is None:
            try:
                httpx.get(f"{url}/healthz", timeout=5)
                break
            except httpx.HTTPError:
                time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait(30)


@contextmanager
def outside() -> Iterator[tuple[Receiver, Inbox]]:
    """A receiver of webhooks and a mail server, both connected, both told of every step."""
    receiver, inbox = Receiver([200]), Inbox()
    controller = Controller(inbox, hostname="127.0.0.1", port=dead_port())
    controller.start()
    try:
        hook(receiver.url)
        given = {"host": "127.0.0.1", "port": str(controller.port), "security": "none", "sender": "gewu@a.example"}
        channel = routes.save_channel(district_id(), "mail", "mail", given)
        quiet = {"quiet_from": clock_time(0), "quiet_to": clock_time(0), "digest_minutes": 1, "language": "zh-hans"}
        wish = routes.Wish(address="d@a.example", **quiet)
        routes.save_route(channel, wish, person=post("dispatcher", covering=CODE).person)
        registry.recheck()
        yield receiver, inbox
    finally:
        controller.stop()
        receiver.close()


def seat(role: str, language: str = "zh-hans") -> Seat:
    """Somebody at the desk."""
    found = post(role, covering=CODE)
    client = Client(SERVER_NAME="localhost", HTTP_ACCEPT_LANGUAGE=language, HTTP_ACCEPT="text/html")
    client.force_login(Person.objects.get(pk=found.person), backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    session[SESSION_POST] = found.code
    session.save()
    return Seat(client, found.code, str(found.person))


def token(role: str = "intake_officer") -> str:
    """A token of a post with this role, for a day."""
    holder = Post.objects.get(district_id=district_id(), code=post(role, covering=CODE).code)
    return issue_token(holder, "test", datetime.now(UTC) + timedelta(days=1))


def tell(said: Said) -> None:
    """Let it all happen: five doors, the work on the first case, the registers, those who are told."""
    _by_telephone(said)
    _by_sheet(said)
    _by_open311(said)
    _by_the_public_pages(said)
    _at_the_api(said)
    _in_the_registers(said)
    _outbox()
    with psycopg.connect(os.environ["GEWU_DATABASE_URL"]) as connection:
        rows = connection.execute("SELECT id FROM ledger_attachment WHERE record_id = ANY(%s)", [said.records])
        said.photos = [row[0] for row in rows.fetchall()]


class Call(Walk):
    """A walk that begins with this reporter's call."""

    def intake(self, **texts: str) -> Walk:
        return super().intake(**{**TEXTS, **texts})


def _by_telephone(said: Said) -> None:
    """A call that becomes a case, is verified, filed and dispatched; a note, a photo, a hold; somebody joins."""
    officer = acting("intake_officer")
    walk = Call(at_us=now_us() - 7_200_000_000).dispatched(lead=body())
    walk.move(officer, "add_note", texts={"note": NOTE}, photos=[photo(officer, "other")], version=None)
    joining = {name: text for name, text in TEXTS.items() if name != "address"}
    services.join(district_id(), officer, walk.record_id, source="phone", texts=joining, photos=[photo(officer)])
    holds.put(district_id(), walk.record_id, acting("comprehensive_office"), "other", NOTE)
    holds.lift(district_id(), walk.record_id, acting("comprehensive_office"))
    said.cases["telephone"], said.codes["telephone"] = walk.number, walk.follow_code


def _by_sheet(said: Said) -> None:
    """A sheet without its header, one with a mistake, the mended one, the same once more; the case is declined."""
    told = {"诉求内容": DESCRIPTION, "事发地址": ADDRESS, "来电人": NAME, "联系电话": PHONE}
    bare = sheets.text([sheets.row(1, **told)]).partition(b"\r\n")[2]
    said.runs["headless"] = sheets.looked(bare, "1.csv").id
    said.runs["mistaken"] = sheets.imported(sheets.book([sheets.row(1, **told, 受理时间="前天")])).id
    said.runs["mended"] = sheets.imported(sheets.book([sheets.row(1, **told)])).id
    said.runs["again"] = sheets.imported(sheets.book([sheets.row(1, **{**told, "诉求内容": DESCRIPTION + NOTE})])).id
    found = sheets.found(said.runs["mended"])
    assert (found.created, found.bad) == (1, 0)
    with psycopg.connect(os.environ["GEWU_DATABASE_URL"]) as connection:
        row = connection.execute("SELECT number FROM cases_case WHERE outside_number = %s", [sheets.number(1)])
        said.cases["sheet"] = str(row.fetchone()[0])
    reason = {"reason": f"{NAME}：{NOTE}"}
    services.act(district_id(), acting("shift_leader"), said.record("sheet"), "decline", texts=reason, version=2)


def _by_open311(said: Said) -> None:
    sent = {
        "api_key": token(), "service_code": "matter-06012", "description": DESCRIPTION, "long": POINT[0],
        "lat": POINT[1], "address_string": ADDRESS, "last_name": NAME[0], "first_name": NAME[1:], "phone": PHONE,
    }  # fmt: skip
    files = {"media": ("a.jpg", jpeg(*POINT), "image/jpeg")}
    with httpx.Client(base_url=said.url, timeout=60) as http:
        made = http.post("/open311/v2/requests.json", data=sent, files=files)
    assert made.status_code == 200, made.text
    said.cases["open311"] = str(made.json()[0]["service_request_id"])


def _by_the_public_pages(said: Said) -> None:
    """A report with a photo; the same visitor begins another and leaves it."""
    visitor = Visitor(said.url, "127.83.11.7", "zh-CN")
    visitor.what(DESCRIPTION, photos=[("a.jpg", jpeg())]).where(address=ADDRESS)
    visitor.who("yes", name=NAME, phone=PHONE)
    said.cases["page"], said.codes["page"] = visitor.result
    visitor.what(DESCRIPTION).where(address=ADDRESS)
    visitor.http.close()


def _at_the_api(said: Said) -> None:
    """Searches, reveals, and what is refused."""
    with api(said.url) as http:
        for wanted in SAID:
            assert http.get("/cases", params={"q": wanted}).status_code == 200
        revealed = http.post(f"/cases/{said.cases['page']}/reveal", json={"purpose": "other", "words": NAME + NOTE})
        assert revealed.json()["reporters"][0]["phone"] == PHONE
        wrong = http.post("/cases/intakes", json={"form": {**TEXTS, "category": NAME}, ADDRESS: PHONE})
        assert wrong.status_code == 422
    officer = seat("intake_officer")
    page = officer.get(f"/desk/cases/{said.cases['telephone']}")
    form = next(found for where, found in forms(page).items() if "/reveal" in where)
    ask = {name: values[0] for name, values in form.items() if values and values[0]}
    shown = officer.send(f"/desk/cases/{said.cases['telephone']}/reveal", **{**ask, "purpose": "other", "words": NOTE})
    assert PHONE in shown.content.decode()


def _in_the_registers(said: Said) -> None:
    """A letter about the first case, filled from it; an order and a handover."""
    dispatcher = seat("dispatcher")
    new = f"/desk/registers/letters/new?case={said.cases['telephone']}"
    fields = next(found for found in forms(dispatcher.get(new)).values() if "subject" in found)
    assert MARK in fields["words"][0], "the form of a letter begins with the case's words"
    given = {name: fields[name][0] for name in ("subject", "words", "case", "command_id")}
    made = dispatcher.send(new, **given, unit=body())
    assert made.status_code == 302, made.content.decode()
    said.letter = UUID(re.findall(r"[0-9a-f-]{36}", made["Location"])[0])
    office, day = acting("comprehensive_office"), (datetime.now(UTC) + timedelta(days=5)).date().isoformat()
    args = {"unit": unit(), "due_on": day, "case": str(said.record("telephone"))}
    filled = Filled(args, {"matter": "商铺招牌", "demand": "逐一检查。"})
    said.order = issue_order(district_id(), office, filled).outcome.record_id
    noted = Filled({"variant": "day"}, {"notes": "无"})
    said.handover = open_handover(district_id(), acting("shift_leader"), noted).outcome.record_id


def _outbox() -> None:
    """Deliver everything, inside and outside."""
    clock = Clock(datetime.now(UTC) + timedelta(minutes=1))
    courier = Courier(threads=2, clock=clock, seed=1)
    try:
        for _ in range(4):
            house_messages(clock.now)
            digest.gather(district_id(), clock.now)
            courier.round(district_id())
            clock.later(minutes=16)
    finally:
        courier.close(5)
    while outbox.deliver(district_id(), clock.now)[0]:
        pass


def api(url: str, role: str = "intake_officer") -> httpx.Client:
    """A program with a token."""
    return httpx.Client(base_url=f"{url}/api/v1", headers={"Authorization": f"Bearer {token(role)}"}, timeout=60)
