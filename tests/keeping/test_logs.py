"""No log line of ours ever holds a name, a number or a word of a report, whatever goes well or wrong."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from gewu.home.ports import free_port
from gewu.home.postgres import Postgres
from gewu.registry.models import Post
from gewu.registry.people import issue_token
from support.district import CATEGORY, CODE, POINT, district_id, post
from support.servers import Session

NAME, PHONE = "濮阳某", "13987654321"
WORDS = ("罕见词甲乙丙丁", "门牌戊己庚辛", "备注壬癸子丑")


@pytest.fixture
def server(db: Session, tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A web server whose whole output goes to a file, at the most talkative level."""
    port, output = free_port(), tmp_path / "output.log"
    environment = {
        **os.environ, **db.environment(), "GEWU_LOG_LEVEL": "DEBUG", "GEWU_LIFELINE": str(os.getpid()),
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
        yield url, output
    finally:
        process.terminate()
        process.wait(30)


def client(url: str, role: str) -> httpx.Client:
    from datetime import UTC, datetime, timedelta

    holder = Post.objects.get(district_id=district_id(), code=post(role, covering=CODE).code)
    token = issue_token(holder, "test", datetime.now(UTC) + timedelta(hours=1))
    return httpx.Client(base_url=f"{url}/api/v1", headers={"Authorization": f"Bearer {token}"}, timeout=60)


def test_a_walk_with_mistakes_leaves_no_word_in_the_log(server: tuple[str, Path], db: Session) -> None:
    url, output = server
    report = {
        "form": {"source": "phone", "category": CATEGORY, "description": WORDS[0], "address": WORDS[1],
                 "reporter_name": NAME, "reporter_phone": PHONE},
        "position": {"lon": POINT[0], "lat": POINT[1]},
    }  # fmt: skip
    with client(url, "intake_officer") as officer, client(url, "dispatcher") as dispatcher:
        made = officer.post("/cases/intakes", json=report)
        assert made.status_code == 201, made.text
        case, number = made.json()["id"], made.json()["number"]
        noted = officer.post(f"/cases/{case}/moves/add_note", json={"form": {"note": WORDS[2]}})
        assert noted.status_code == 200, noted.text
        shown = officer.post(f"/cases/{number}/reveal", json={"purpose": "other", "words": NAME + PHONE})
        assert shown.json()["reporters"][0]["phone"] == PHONE
        # What is refused, does not parse, comes too late or from the wrong side repeats nothing either.
        wrong = [
            officer.post("/cases/intakes", json={**report, "form": {**report["form"], "category": WORDS[0]}}),
            officer.post("/cases/intakes", json={**report, WORDS[1]: NAME}),
            officer.post(
                "/cases/intakes", content=f'{{"form": "{NAME}{PHONE}', headers={"Content-Type": "application/json"}
            ),
            officer.post(f"/cases/{case}/moves/add_note", json={"form": {"note": WORDS[2] * 400}}),
            officer.post("/cases/intakes", json=report, headers={"Idempotency-Key": NAME.encode().hex()}),
            dispatcher.post(
                f"/cases/{case}/moves/file", json={"form": {"reason": WORDS[0]}}, headers={"If-Match": '"9"'}
            ),
            dispatcher.post(f"/cases/{number}/reveal", json={"purpose": "other", "words": NAME}),
            officer.post(f"/cases/{case}/moves/add_note", json={"form": {"note": "\0" + WORDS[2]}}),
        ]
        assert all(400 <= answer.status_code < 500 for answer in wrong), [answer.status_code for answer in wrong]
        key = {"Idempotency-Key": str(uuid4())}
        assert officer.post("/cases/intakes", json=report, headers=key).status_code == 201
    with httpx.Client(base_url=url, timeout=60) as resident:
        body = {"description": WORDS[0], "position": report["position"], "name": NAME, "phone": PHONE}
        resident.post("/api/v1/public/reports", json=body)
        resident.post("/follow", data={"number": number, "code": PHONE})
        resident.get(f"/{NAME}")
    time.sleep(0.5)
    log = output.read_text(encoding="utf-8", errors="replace")
    assert log, "the server said nothing at all, so nothing was looked at"
    for piece in (NAME, PHONE, *WORDS, *(word[:4] for word in WORDS)):
        assert piece not in log, f"{piece} stands in the log"


def test_the_database_server_is_told_to_log_no_statement_of_an_error(db: Session) -> None:
    """Values travel inside statements: what the server logs of a faulty one would hold them."""
    import psycopg

    if db.external:
        pytest.skip("the log of a server of one's own is set there (docs/keeping.md says how)")
    with psycopg.connect(db.owner(), autocommit=True) as connection:
        settings = {
            name: connection.execute(f"SHOW {name}").fetchone()
            for name in ("log_min_error_statement", "log_error_verbosity", "log_parameter_max_length_on_error")
        }
        marker = f"marker{uuid4().hex}"
        with pytest.raises(psycopg.Error):
            connection.execute(f"SELECT '{marker}', 1/0")
    assert settings["log_min_error_statement"] == ("panic",)
    assert settings["log_error_verbosity"] == ("terse",)
    said, end = "", time.monotonic() + 20  # the collector writes when it comes to it
    while "division by zero" not in said and time.monotonic() < end:
        time.sleep(0.1)
        said = "".join(path.read_text(errors="replace") for path in (Postgres(db.home).folder / "log").glob("*.log"))
    assert "division by zero" in said
    assert marker not in said
