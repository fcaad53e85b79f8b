"""The same through the API, the desk and the command line."""

from __future__ import annotations

import gzip
import io
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from click.testing import CliRunner
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import load_workbook

from api.conftest import Api
from desk.conftest import Seat, Sit, forms, text
from gewu.imports import runs, worker
from gewu.imports.tables import csv_bytes
from gewu.surfaces.cli import main
from imports import sheets
from support.district import district_id

PATH = f"/imports/{sheets.CODE}"


def _item(n: int, **more: Any) -> dict[str, Any]:
    return {**dict(zip(sheets.HEADER, sheets.row(n), strict=True)), **more}


# ---- API


def test_items_by_api_are_answered_each_and_make_one_case(api: Api) -> None:
    officer = api.as_("intake_officer")
    ours = {"number": sheets.number(3), "description": "夜间施工", "category": "matter:06028", "longitude": None}
    body = {"items": [_item(1), _item(2, 问题分类="99999"), ours, _item(1), {"工单编号": "x", "颜色": "红"}]}
    answer = officer.post(PATH, json=body, headers={"Accept-Language": "zh"})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert [one["outcome"] for one in found["items"]] == ["created", "bad", "created", "bad", "bad"]
    assert (found["created"], found["bad"]) == (2, 3)
    assert [one["code"] for one in found["items"][1]["problems"]] == ["unknown_category"]
    assert "99999 不是已知类别" in found["items"][1]["problems"][0]["message"]
    assert [one["code"] for one in found["items"][3]["problems"]] == ["doubled"]
    assert {one["code"] for one in found["items"][4]["problems"]} >= {"unknown_field", "number_form", "required"}
    again = officer.post(PATH, json={"items": [_item(1), ours]}).json()
    assert [one["outcome"] for one in again["items"]] == ["known", "known"]
    assert again["items"][0]["number"] == found["items"][0]["number"]
    assert again["items"][0]["id"] == found["items"][0]["id"]
    seen = officer.get(f"/cases/{found['items'][0]['id']}").json()
    assert seen["outside_number"] == sheets.number(1)
    listed = officer.get("/imports/platforms").json()["items"]
    assert {one["code"] for one in listed} == {"hotline12345", "city_platform", "platform141"}


def test_the_same_number_twice_in_parallel_is_one_case(api: Api, app_connection: psycopg.Connection) -> None:
    authorization = api.as_("intake_officer").headers["Authorization"]
    clients = [api.client(Authorization=authorization) for _ in range(6)]

    def send(client: httpx.Client) -> dict[str, Any]:
        answer = client.post(PATH, json={"items": [_item(1), _item(2)]})
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(send, clients))
    for client in clients:
        client.close()
    assert sum(one["created"] for one in answers) == 2
    assert sum(one["known"] for one in answers) == 10
    assert len({one["items"][0]["number"] for one in answers}) == 1
    row = app_connection.execute("SELECT count(*) FROM cases_case").fetchone()
    assert row == (2,)


def test_who_may_not_register_may_not_import(api: Api) -> None:
    answer = api.as_("dispatcher").post(PATH, json={"items": [_item(1)]})
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
    officer = api.as_("intake_officer")
    assert officer.post("/imports/nowhere", json={"items": [_item(1)]}).status_code == 404
    assert officer.post(PATH, json={"items": []}).status_code == 422
    assert officer.get(f"{PATH}/replies").json() == {"items": []}


# ---- desk


def _upload(seat: Seat, data: bytes, name: str = "工单.xlsx") -> str:
    response = seat.send("/desk/imports", platform=sheets.CODE, file=SimpleUploadedFile(name, data))
    assert response.status_code == 302, text(response)
    return str(response.headers["Location"])


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_sheet_is_sent_looked_through_confirmed_and_told(sit: Sit, language: str) -> None:
    seat = sit("intake_officer", language=language)
    assert seat.get("/desk/imports").status_code == 200
    rows = [sheets.row(1), sheets.row(2, 问题分类="夜市"), sheets.row(3, 经度="=1+1")]
    where = _upload(seat, sheets.book(rows, lambda sheet: sheet.__setitem__("J5", "=SUM(1,2)")))
    assert seat.get(f"{where}/part").status_code == 200
    assert worker.step("test")
    assert seat.get(f"{where}/part").status_code == 204
    looked = seat.get(where)
    assert "夜市" in text(looked)
    assert ("holds a formula" if language == "en" else "含有公式") in text(looked)
    assert "meaning-0" in forms(looked)[f"{where}/decide"]
    unclear = seat.send(f"{where}/decide", do="import", **{"meaning-0": "井盖"})
    assert unclear.status_code == 422
    assert seat.send(f"{where}/decide", do="import", **{"meaning-0": "09002"}).status_code == 302
    assert "<progress" in seat.get(where).content.decode()
    assert worker.step("test")
    done = seat.get(where)
    run = runs.recent(district_id())[0]
    assert (run.status, run.created, run.bad) == (runs.DONE, 2, 1)
    assert ("cases made" if language == "en" else "件已立为新案件") in text(done)
    report = seat.get(f"{where}/report.xlsx")
    assert report["Content-Disposition"].endswith('-bad.xlsx"')
    cells = next(load_workbook(io.BytesIO(report.content)).active.iter_rows(min_row=2, values_only=True))
    assert cells[-2] == "5"
    assert seat.get(f"{where}/report.csv").content.startswith(b"\xef\xbb\xbf")
    assert seat.get(f"{where}/report.exe").status_code == 404
    assert seat.get("/desk/imports/replies").status_code == 200


def test_the_case_and_the_queue_show_their_deadline(sit: Sit) -> None:
    sheets.imported(sheets.book([sheets.row(1, 办理时限="2099-11-27 18:00")]))
    seat = sit("shift_leader")
    queue = seat.get("/desk/", queue="open")
    assert "12345 hotline: until" in text(queue)
    number = text(queue).split("Choose ")[1].split()[0]
    shown = text(seat.get(f"/desk/cases/{number}"))
    assert sheets.number(1) in shown
    assert "their deadline" in shown


def test_a_file_that_cannot_be_read_says_why(sit: Sit) -> None:
    seat = sit("intake_officer", language="zh-hans")
    where = _upload(seat, "姓名,年龄\n甲,1\n".encode(), "x.csv")
    assert worker.step("test")
    assert "未找到表头" in text(seat.get(where))
    city = [
        ["任务号", "问题描述", "上报时间", "小类编码", "经度", "纬度"],
        ["DS2026112200001", "路面破损", "2026-11-20", "06013", "", ""],
    ]
    where = _upload(seat, csv_bytes(city[0], city[1:]), "市级.csv")
    assert worker.step("test")
    assert "而不是12345热线" in text(seat.get(where))
    assert seat.send("/desk/imports", platform="nowhere").status_code == 422
    assert sit("unit_clerk", covering="500101001").get("/desk/imports").status_code == 403


def test_a_mapping_that_cannot_be_used_is_told_where_it_is_missed(
    sit: Sit,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "platform141.yaml").write_text("platform: platform141\nversion: one\n", encoding="utf-8")
    monkeypatch.setenv("GEWU_MAPPINGS", str(tmp_path))
    shown = text(sit("intake_officer").get("/desk/imports"))
    assert "platform141.yaml:2: version" in shown
    assert "12345 hotline" in shown


# ---- command line


def test_the_command_imports_and_writes_the_report(db: object, tmp_path: Path) -> None:
    file, report = tmp_path / "工单.csv", tmp_path / "bad.csv"
    file.write_bytes(
        sheets.text([sheets.row(1), sheets.row(2, 问题分类="夜市"), sheets.row(3, 受理时间="x")], "gb18030")
    )
    run = CliRunner()
    dry = run.invoke(main, ["import", sheets.CODE, str(file), "--dry-run", "--json"])
    assert dry.exit_code == 1, dry.output
    said = json.loads(dry.stdout)
    assert (said["created"], said["bad"], said["unknown_categories"]) == (1, 2, {"夜市": 1})
    options = ["--category", "夜市=matter:09002", "--report", str(report), "--json"]
    done = run.invoke(main, ["import", sheets.CODE, str(file), *options])
    assert done.exit_code == 1, done.output
    said = json.loads(done.stdout)
    assert (said["created"], said["known"], said["bad"]) == (2, 0, 1)
    lines = report.read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) == 2
    assert "is no date and time" in lines[1]
    assert report.stat().st_mode & 0o777 == 0o600
    again = run.invoke(main, ["import", sheets.CODE, str(file), "--category", "夜市=matter:09002"])
    assert "0 imported, 0 known and changed, 2 known, 1 left out" in again.stdout
    assert run.invoke(main, ["import", "nowhere", str(file)]).exit_code == 2


def test_the_event_log_is_had_by_api_for_the_whole_district_only(api: Api) -> None:
    api.as_("intake_officer").post(PATH, json={"items": [_item(1), _item(2)]})
    answer = api.as_("comprehensive_office").get("/logs/cases.xes.gz", params={"since": "2026-11-20"})
    assert answer.status_code == 200, answer.text
    log = gzip.decompress(answer.content).decode()
    assert log.count("<trace>") == 2
    assert "油污" not in log
    later = api.as_("comprehensive_office").get("/logs/cases.xes.gz", params={"since": "2026-11-21"})
    assert gzip.decompress(later.content).decode().count("<trace>") == 0
    assert api.as_("intake_officer").get("/logs/cases.xes.gz").json()["code"] == "not_allowed"
