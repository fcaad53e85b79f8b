"""Open data: documented, withheld where small, asked again cheaply, and nothing of anybody in it."""

from __future__ import annotations

import csv
import io
import json
import re
from html import unescape

import pytest
from django.test import Client, override_settings

from gewu.surfaces.public import datasets, remembered
from gewu.surfaces.public.datasets import DATASETS, FEW
from support.district import POINT, Walk, acting, directory


@pytest.fixture
def page(db: object) -> Client:
    remembered.forget()
    return Client(SERVER_NAME="localhost", HTTP_ACCEPT_LANGUAGE="en", HTTP_ACCEPT="text/html")


def rows(client: Client, code: str) -> list[dict[str, str]]:
    body = client.get(f"/open-data/{code}.csv").content.decode()
    assert body.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(body.removeprefix("\ufeff"))))


def test_every_table_is_the_same_in_both_formats_and_explains_its_columns(page: Client) -> None:
    Walk().closed()
    shown = page.get("/open-data").content.decode()
    for one in DATASETS:
        found = json.loads(page.get(f"/open-data/{one.code}.json").content)
        names = [field["name"] for field in found["fields"]]
        assert all(field["en"] and field["zh"] for field in found["fields"])
        assert all(f'<dt class="mono">{name}</dt>' in shown for name in names)
        table = rows(page, one.code)
        assert len(table) == len(found["rows"]) > (0 if one.code != "seals" else -1), one.code
        assert all(list(row) == names for row in table)
    assert "has not set a licence" in shown
    with override_settings(OPEN_DATA_LICENCE="CC BY 4.0"):
        assert "CC BY 4.0" in page.get("/open-data").content.decode()
        assert json.loads(page.get("/open-data/units.json").content)["licence"] == "CC BY 4.0"
    assert page.get("/open-data/nothing.csv").status_code == 404
    assert page.get("/open-data/units.xml").status_code == 404


def test_an_answer_that_did_not_change_is_not_sent_again(page: Client) -> None:
    first = page.get("/open-data/categories.csv")
    assert first.headers["Content-Disposition"] == 'attachment; filename="500101-categories.csv"'
    again = page.get("/open-data/categories.csv", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert "session" not in str(first.cookies)


def test_small_counts_are_withheld_and_cannot_be_worked_out(page: Client) -> None:
    Walk().closed()
    (line,) = [row for row in rows(page, "cases") if row["month"] == "2026-11"]
    assert (line["state"], line["n"], line["withheld"]) == ("solved", "", "1")
    cells = {("m", "s", "a", "open"): FEW - 1, ("m", "s", "a", "solved"): 40, ("m", "s", "b", "open"): 7,
             ("m", "t", "a", "open"): FEW}  # fmt: skip
    assert datasets._withheld(cells) == {("m", "s", "a", "open"), ("m", "s", "b", "open")}
    for _ in range(FEW - 1):
        Walk().closed()
    remembered.forget()
    (line,) = [row for row in rows(page, "cases") if row["month"] == "2026-11"]
    assert (line["n"], line["withheld"]) == (str(FEW), "0")
    assert directory().places[line["street"]].name_zh == line["street_zh"]


SECRET = ("路面有大片油污", "行人易滑", "王某", "13800000000", "独一号院七单元", "孩子在这里摔倒")
"""What the reporters of this world said, and who they are."""
LEFT = re.compile(r"^/(desk|field|cockpit|api|static|i18n|look|open311|healthz)\b")


def test_no_public_answer_has_a_word_name_number_or_position_of_a_reporter(page: Client) -> None:
    """Everything that can be reached from the first page in both languages, and what programs are told."""
    walk = Walk().intake(address="独一号院七单元").later(3)
    walk.move(acting("intake_officer"), "send_verify")
    done = Walk().answered()
    done.later(9).move(
        acting("intake_officer"), "follow_up", args={"solved": "solved"}, texts={"note": "孩子在这里摔倒"}
    )
    seen: dict[str, str] = {}
    waiting = ["/", "/robots.txt", "/sitemap.xml", "/open311/v2/requests.json?jurisdiction_id=",
               "/open311/v2/services.json", "/api/v1/public/boards", f"/follow/{walk.number}", f"/follow/{done.number}",
               "/solved/points.json", "/stations/points.json"]  # fmt: skip
    for language in ("zh-CN", "en"):
        client = Client(SERVER_NAME="localhost", HTTP_ACCEPT_LANGUAGE=language, HTTP_ACCEPT="text/html")
        todo = list(waiting)
        known = set(todo)
        kinds: dict[str, int] = {}
        while todo:
            path = todo.pop(0)
            response = client.get(path)
            body = b"".join(response) if response.streaming else response.content
            text = body.decode(errors="replace")
            seen[f"{language} {path}"] = text
            if "html" not in response.headers.get("Content-Type", ""):
                continue
            for link in re.findall(r'(?:href|src|data-points|data-district)="([^"#]+)', text):
                target = unescape(link)
                target = f"{path.split('?')[0]}{target}" if target.startswith("?") else target
                kind = re.sub(r"\d[\w-]*|=[^&]*", "*", target)
                # A few of each kind: boards of six hundred communities are made by one function.
                if not target.startswith("/") or LEFT.match(target) or target in known or kinds.get(kind, 0) >= 3:
                    continue
                known.add(target)
                kinds[kind] = kinds.get(kind, 0) + 1
                todo.append(target)
    assert len(seen) > 80
    for must in (
        "/solved",
        "/stations",
        "/open-data",
        "/open-data/cases.csv",
        "/results",
        "/boards",
        "/seals",
        "/about",
    ):
        assert f"zh-CN {must}" in seen
    exact = (f"{POINT[0]}", f"{POINT[1]}", f"{round(POINT[0] * 1e6)}", f"{round(POINT[1] * 1e6)}")
    leaks = [(path, word) for path, text in seen.items() for word in (*SECRET, *exact) if word in text]
    assert leaks == []
