"""Looks at everything that people, programs and files can show of cases: pages, papers, searches, exports, the dump."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psycopg
from click.testing import CliRunner
from django.contrib.sessions.backends.db import SessionStore

from gewu.home.binaries import Runner, program
from gewu.home.layout import Home
from gewu.home.postgres import Postgres
from gewu.surfaces.cli import main
from imports import sheets
from keeping import reporter
from keeping.reporter import ADDRESS, MARK, NAME, PHONE, WORDS, Said
from support.district import CODE, POINT
from support.servers import Session
from support.visitors import Visitor

Shown = dict[str, bytes]
"""What the system shows, by where it was shown."""


@dataclass
class Looked:
    """The same looks at everything, before and after."""

    shown: Shown = field(default_factory=dict)
    dump: str = ""
    sessions: bytes = b""
    home: dict[str, set[str]] = field(default_factory=dict)


def gewu(*arguments: Any) -> str:
    """A command of the product; returns what it said."""
    done = CliRunner().invoke(main, [str(one) for one in arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output + done.stderr


def plain_dump(dsn: str) -> str:
    """The whole database as SQL."""
    tool = program("pg_dump", Runner(os.geteuid(), os.getegid(), drop=False))
    done = subprocess.run([str(tool), f"--dbname={dsn}"], capture_output=True, check=True)
    return done.stdout.decode()


def look(said: Said, session: Session, folder: Path) -> Looked:
    """Everything that people, programs and files can show, each under a name."""
    folder.mkdir()
    shown = {**_desk(said), **_papers(said), **_programs(said), **_public(said), **_exports(said, folder)}
    with psycopg.connect(session.owner()) as connection:
        rows = connection.execute("SELECT session_data FROM django_session").fetchall()
    sessions = json.dumps([SessionStore().decode(row[0]) for row in rows], ensure_ascii=False).encode()
    return Looked(shown, plain_dump(session.owner()), sessions, WORDS.below(without_cluster(session.home, folder)))


def without_cluster(home: Home, folder: Path) -> Path:
    """A copy of a home without the server's own files: what is in those is in the dump."""
    copy, cluster = folder / "home", Postgres(home).folder
    shutil.copytree(
        home.path, copy, ignore=lambda at, names: [n for n in names if Path(at, n) == cluster or n.startswith(".s.")]
    )
    logs = [path for path in cluster.rglob("*.log") if path.is_file()]
    for path in logs:
        shutil.copy(path, copy / f"server-{path.name}")
    return copy


def _desk(said: Said) -> Shown:
    officer, leader, dispatcher = (reporter.seat(role) for role in ("intake_officer", "shift_leader", "dispatcher"))
    shown: Shown = {}
    for door, number in said.cases.items():
        for part in ("", "/preview", "/near"):
            shown[f"desk case {door}{part}"] = officer.get(f"/desk/cases/{number}{part}").content
    for name, wanted in (("name", NAME), ("phone", PHONE), ("address", ADDRESS), ("mark", MARK)):
        shown[f"desk search {name}"] = _found(said, officer.look_for(wanted).content)
    for path in ("/desk/?queue=open", "/desk/?queue=done", "/desk/notices", "/desk/imports", "/desk/imports/replies"):
        shown[f"desk {path}"] = officer.get(path).content
    for name, run in said.runs.items():
        shown[f"desk run {name}"] = officer.get(f"/desk/imports/{run}").content
        for form in ("csv", "xlsx"):
            shown[f"desk run {name} {form}"] = officer.get(f"/desk/imports/{run}/report.{form}").content
    for form in ("csv", "xlsx"):
        shown[f"desk reply {form}"] = officer.get(f"/desk/imports/replies/{sheets.CODE}.{form}").content
    for slug, entry in (("letters", said.letter), ("orders", said.order), ("handovers", said.handover)):
        shown[f"desk {slug}"] = dispatcher.get(f"/desk/registers/{slug}").content
        shown[f"desk {slug} csv"] = dispatcher.get(f"/desk/registers/{slug}/csv").content
        shown[f"desk {slug} entry"] = dispatcher.get(f"/desk/registers/entries/{entry}").content
    shown["desk reveals"] = leader.get("/desk/reveals").content
    shown["desk reveals csv"] = b"".join(leader.get("/desk/reveals.csv"))
    for photo in said.photos:
        found = leader.get(f"/desk/photos/{photo}/thumb")
        shown[f"photo {photo}"] = b"there" if found.status_code == 200 else b"gone"
    return shown


def _found(said: Said, page: bytes) -> bytes:
    """Which of the cases a page of what was found leads to; the question itself stands in it as well."""
    return b" ".join(number.encode() for number in said.cases.values() if f"/desk/cases/{number}".encode() in page)


def _papers(said: Said) -> Shown:
    leader, dispatcher = reporter.seat("shift_leader"), reporter.seat("dispatcher")
    shown: Shown = {}
    for form in ("docx", "pdf"):
        for door in ("telephone", "page"):
            address = f"/desk/cases/{said.cases[door]}/papers/file"
            shown[f"paper case {door} {form}"] = leader.get(address, format=form).content
        shown[f"paper order {form}"] = (
            reporter.seat("comprehensive_office").get(f"/desk/papers/orders/{said.order}", format=form).content
        )
    for form in ("docx", "pdf", "xlsx"):
        shown[f"paper dispatch {form}"] = dispatcher.get("/desk/papers/dispatch", format=form).content
        shown[f"paper handover {form}"] = leader.get(f"/desk/papers/handovers/{said.handover}", format=form).content
    return shown


def _programs(said: Said) -> Shown:
    shown: Shown = {}
    with reporter.api(said.url) as http:
        for name, wanted in (("name", NAME), ("phone", PHONE), ("address", ADDRESS), ("mark", MARK)):
            shown[f"api search {name}"] = http.get("/cases", params={"q": wanted}).content
        for door in said.cases:
            shown[f"api case {door}"] = http.get(f"/cases/{said.record(door)}").content
        near = {"lon": POINT[0], "lat": POINT[1], "category": "matter:06012"}
        shown["api near"] = http.get("/cases/near", params=near).content
        shown["api replies"] = http.get(f"/imports/{sheets.CODE}/replies").content
        shown["api notices"] = http.get("/notices").content
    with reporter.api(said.url, "dispatcher") as http:
        shown["api letters"] = http.get("/registers/letters").content
        shown["api letter"] = http.get(f"/registers/entries/{said.letter}").content
        shown["api order"] = http.get(f"/registers/entries/{said.order}").content
    for form in ("json", "xml"):
        for what in ("requests", "servicerequestupdates"):
            asked = {"service_request_id": ",".join(said.cases.values()), "extensions": "true"}
            with httpx.Client(base_url=f"{said.url}/open311/v2", timeout=60) as http:
                shown[f"open311 {what} {form}"] = http.get(f"/{what}.{form}", params=asked).content
    return shown


def _public(said: Said) -> Shown:
    shown: Shown = {}
    for door, code in said.codes.items():
        visitor = Visitor(said.url, "127.83.11.8", "zh-CN")
        visitor.go("/follow")
        visitor.post("/follow", {"number": said.cases[door], "code": code})
        shown[f"public follow {door}"] = visitor.page.content
        visitor.http.close()
        with httpx.Client(base_url=f"{said.url}/api/v1/public", timeout=60) as http:
            told = http.post(f"/reports/{said.cases[door]}/follow", json={"code": code})
        shown[f"api follow {door}"] = told.content
    with httpx.Client(base_url=said.url, timeout=60) as http:
        shown["public results"] = http.get("/results").content
    return shown


def _exports(said: Said, folder: Path) -> Shown:
    """What the commands write."""
    gewu("export", "--parquet", folder / "parquet", "--district", CODE)
    gewu("xes", folder / "log.xes", "--titles", "zh", "--district", CODE)
    with reporter.api(said.url, "comprehensive_office") as http:
        shown = {"api xes": http.get("/logs/cases.xes.gz").content}
    for path in [*(folder / "parquet").iterdir(), folder / "log.xes"]:
        shown[f"export {path.name}"] = path.read_bytes()
    return shown
