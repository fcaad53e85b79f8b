"""M52, the community's notice board: which posts answer, their duty, promise and the line of the office, on every grid.

Everybody reads it without an account; a name is on it only where it was released; the office mends what is missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from desk.conftest import Sit, text
from gewu.registry import boards, publishing
from gewu.registry.directory import refresh
from gewu.registry.models import District, Override, Person, Place, Post, Unit
from gewu.registry.versions import bump
from gewu.surfaces.throttle import budgets
from support.district import CODE, directory, district_id
from support.occasions import OFFICE, STREET

WANGJIANGLU, WULONGCHI = "500101001007", "500101001002"
CLERK = f"clerk-{WANGJIANGLU}"
BOARD = "/boards/"


@pytest.fixture
def corrected(db: object) -> Iterator[District]:
    """The district, whose posts, units, places and people are as before after the test."""
    district = District.objects.get(code=CODE)
    kept = [
        (model, list(model.objects.filter(district=district).values("pk", *fields)))
        for model, fields in (
            (Post, ("person_id", "work_phone", "released")), (Unit, ("work_phone",)), (Person, ("name_zh", "name_en")),
        )
    ]  # fmt: skip
    places = list(Place.objects.filter(district=district, code=WULONGCHI).values("pk", "valid_to", "successor"))
    yield district
    Override.objects.all().delete()
    for model, rows in [*kept, (Place, places)]:
        now = {row["pk"]: row for row in model.objects.filter(district=district).values(*rows[0])}
        for row in rows:
            if now[row["pk"]] != row:
                model.objects.filter(pk=row["pk"]).update(**{k: v for k, v in row.items() if k != "pk"})
    bump()
    refresh()


def visitor(language: str = "en") -> Client:
    return Client(SERVER_NAME="localhost", HTTP_ACCEPT_LANGUAGE=language)


def asked(path: str, language: str = "en", **query: str) -> Any:
    answer = visitor(language).get(f"/api/v1/public{path}", query)
    assert answer.status_code == 200, answer.content
    return answer.json()


def read(path: str, language: str = "en") -> str:
    """The words of a public page."""
    answer = visitor(language).get(path)
    assert answer.status_code == 200
    page = re.sub(r"<[^>]+>", " ", answer.content.decode())
    return re.sub(r"\s+", " ", unescape(page).replace("\u2009", "").replace("\u202f", ""))


def test_everybody_reads_who_answers_for_a_community_and_each_of_its_grids(db: object) -> None:
    streets = asked("/boards", "zh")
    assert streets["street"] is None
    assert {"code": STREET, "name": "高笋塘街道"} in streets["items"]
    assert len(streets["items"]) == 52
    below = asked("/boards", "zh", street=STREET)
    assert {"code": WANGJIANGLU, "name": "望江路社区"} in below["items"]
    found = asked(f"/boards/{WANGJIANGLU}", "zh")
    assert [line["number"] for line in found["lines"]] == ["12345"]
    levels = {one["level"] for one in found["posts"]}
    assert levels == {"community", "grid", "street", "district"}
    [clerk] = [one for one in found["posts"] if one["level"] == "community"]
    assert (clerk["post"], clerk["vacant"], clerk["since"]) == ("望江路社区干部", False, "2025-07-01")
    assert clerk["before"] == [{"name": "望江路社区干部（原）", "last_day": "2025-06-30"}]
    assert all(one["duty"] and one["promise"] and one["phone"] and one["source"] for one in found["posts"])
    grids = {grid.code for grid in directory().places_in(WANGJIANGLU)}
    assert {grid for one in found["posts"] for grid in one["grids"]} == grids
    assert found["buildings"] >= found["buildings_with_head"] > 0
    assert found["party_organisations"] > 0
    said = {
        "zh": ("望江路社区干部", "职责", "承诺", "自2025年7月1日起", "12345"),
        "en": ("Wangjianglu Community, clerk", "Duty", "Promise", "Since 1 Jul 2025", "12345"),
    }
    for language, words in said.items():
        page = read(BOARD + WANGJIANGLU, language)
        assert all(word in page for word in words), page


def test_a_board_is_chosen_by_street_or_found_by_name(db: object) -> None:
    front = visitor("zh").get("/").content.decode()
    assert 'href="/boards"' in front
    for query in ("q=望江路", f"street={STREET}", "q=高笋塘"):
        page = visitor("zh").get(f"/boards?{query}").content.decode()
        wanted = f"/boards?street={STREET}" if query == "q=高笋塘" else f"/boards/{WANGJIANGLU}"
        assert f'href="{wanted}"' in page, query
    assert "没有叫这个名称" in visitor("zh").get("/boards?q=蓬莱仙岛").content.decode()


@pytest.mark.parametrize(
    "path", ["/boards?street=999999999", "/boards/x", "/boards/500101", f"/boards/{STREET}", "/boards/500101001007001",
             "/api/v1/public/boards/x", "/api/v1/public/boards?street=500102001"],
)  # fmt: skip
def test_what_is_no_board(db: object, path: str) -> None:
    assert visitor().get(path).status_code == 404


def test_no_private_number_and_no_unreleased_name_is_anywhere(corrected: District, sit: Sit) -> None:
    """The clerk's own name and the login of every post on the board, and a private mobile that somebody tries."""
    Person.objects.filter(district=corrected).update(name_zh="欧阳隐之", name_en="Ouyang Hidden")
    bump()
    office = sit("unit_clerk", unit=OFFICE)
    form = {"key": CLERK, "seen": "023-0000 7001", "phone": "139 1234 5678", "reason": "他说打手机更快"}
    tried = office.send(f"/desk/district/boards/{WANGJIANGLU}/post", **form)
    assert tried.status_code == 422
    assert "mobile number" in text(tried)
    made = boards.board(directory(), WANGJIANGLU)
    assert made is not None
    logins = {entry.post.login for entry in made.entries if entry.post and entry.post.login}
    assert len(logins) >= 5
    for language in ("zh", "en"):
        for path in (f"/boards/{WANGJIANGLU}", f"/api/v1/public/boards/{WANGJIANGLU}", "/boards", "/boards?q=欧阳"):
            answer = visitor(language).get(path).content.decode()
            for secret in ("欧阳隐之", "Ouyang", "13912345678", "139 1234 5678", *logins):
                assert secret not in answer, (path, secret)
    # The head of a building is a neighbour: counted above, and neither post nor login is listed.
    assert "楼栋长（" not in visitor("zh").get(f"/boards/{WANGJIANGLU}").content.decode()


def test_the_street_sees_what_is_missing_and_mends_it_as_a_logged_act(corrected: District, sit: Sit) -> None:
    Unit.objects.filter(district=corrected, code=OFFICE).update(work_phone="")
    bump()
    office = sit("unit_clerk", unit=OFFICE)
    listed = text(office.get("/desk/district/boards", state="incomplete"))
    assert "Wulongchi Community" in listed
    assert "Post is vacant" in listed
    assert "No work telephone" in listed
    assert "Taibai" not in listed.replace("Taibailu", "")  # its own territory only
    before = [e.gap for e in _entries(WULONGCHI) if e.unit and e.unit.code == OFFICE]
    assert boards.NO_PHONE in before
    address = f"/desk/district/boards/{WULONGCHI}"
    form = {"key": OFFICE, "seen": "", "phone": "023-0000 2002", "reason": "街道办通知 2026-11 号"}
    assert office.send(f"{address}/office", **form).status_code == 302
    page = text(office.get(address))
    assert "023-0000 2002" in page
    assert "街道办通知" in page
    act = publishing.acts(district_id(), [], [OFFICE])[0]
    assert (act.value, act.by, act.reason) == ("023-0000 2002", "clerk-office-gaosuntang", "街道办通知 2026-11 号")
    told = asked(f"/boards/{WULONGCHI}", "zh")["posts"]
    assert {p["phone"] for p in told if p["unit"]["code"] == OFFICE} == {"023-0000 2002"}
    # Who looked before it was corrected is told so, and nothing is overwritten in silence.
    stale = office.send(f"{address}/office", **{**form, "phone": "023-0000 3003"})
    assert stale.status_code == 422
    assert "meanwhile" in text(stale)
    assert publishing.acts(district_id(), [], [OFFICE])[0].value == "023-0000 2002"


def _entries(code: str) -> list[boards.Entry]:
    made = boards.board(directory(), code)
    assert made is not None
    return made.entries


def test_a_name_stands_there_only_while_its_holder_holds_the_post(corrected: District, sit: Sit) -> None:
    office = sit("unit_clerk", unit=OFFICE)
    squad = "clerk-squad-gaosuntang"
    address = f"/desk/district/boards/{WANGJIANGLU}"
    form = {"key": squad, "zh": "示例中队", "en": "Sample Squad", "basis": "law", "reason": "政务公开目录"}
    for gap in ({"basis": ""}, {"zh": ""}, {"reason": " "}, {"en": "x" * 61}):
        assert office.send(f"{address}/name", **{**form, **gap}).status_code == 422, gap
    assert office.send(f"{address}/name", **form).status_code == 302
    assert "示例中队" in read(BOARD + WANGJIANGLU, "zh")
    held = [p["holder"] for p in asked(f"/boards/{WANGJIANGLU}")["posts"] if p["holder"]]
    assert {"name": "Sample Squad", "basis": "law"} in held
    other = Person.objects.get(login="worker1-squad-gaosuntang")
    Post.objects.filter(district=corrected, code=squad).update(person=other)
    bump()
    assert "示例中队" not in read(BOARD + WANGJIANGLU, "zh")
    assert "示例姓名" in read(BOARD + WANGJIANGLU, "zh")  # that of the community's clerk, who stays
    assert office.send(f"{address}/withdraw", key=CLERK).status_code == 302
    assert "示例姓名" not in read(BOARD + WANGJIANGLU, "zh")
    log = text(office.get(address))
    assert "示例姓名" not in log
    assert "name withdrawn" in log


def test_only_the_boards_own_office_and_the_comprehensive_office_correct_it(corrected: District, sit: Sit) -> None:
    address = f"/desk/district/boards/{WANGJIANGLU}"
    form = {"key": CLERK, "seen": "023-0000 7001", "phone": "023-0000 7002", "reason": "换线"}
    for role, unit in (("unit_clerk", "office-taibai"), ("collector", ""), ("assessor", ""), ("community_clerk", "")):
        seat = sit(role, unit=unit, covering="" if unit or role == "assessor" else WANGJIANGLU)
        assert seat.send(f"{address}/post", **form).status_code == 403, role
        assert "Correct the telephone" not in text(seat.get(address)), role
    assert visitor().post(f"{address}/post", form).status_code == 302  # to the login page
    head = sit("comprehensive_office")
    assert head.send(f"{address}/post", **form).status_code == 302
    assert head.send(f"{address}/post", **{**form, "key": "clerk-office-taibai"}).status_code == 404
    assert head.send(f"{address}/nothing", **form).status_code == 404
    assert head.send(f"{address}/post", **{**form, "seen": "023-0000 7002", "phone": "x" * 99}).status_code == 422


def test_two_correct_the_same_telephone_at_the_same_moment(corrected: District) -> None:
    by = Person.objects.get(login="clerk-office-gaosuntang")

    def correct(n: int) -> bool:
        try:
            given = {"seen": "023-0000 7001", "reason": f"第 {n} 次", "by": by}
            publishing.set_phone(corrected, "post", CLERK, f"023-0000 80{n:02}", **given)
        except publishing.Changed:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(correct, range(6))) == 1
    acts = publishing.acts(district_id(), [CLERK], [])
    assert [act.value for act in acts] == [Post.objects.get(district=corrected, code=CLERK).work_phone]


def test_a_community_that_ended_leads_to_its_successor(corrected: District) -> None:
    last = directory().as_of - timedelta(days=1)
    Place.objects.filter(district=corrected, code=WULONGCHI).update(valid_to=last, successor=WANGJIANGLU)
    bump()
    found = asked(f"/boards/{WULONGCHI}")
    assert found["ended"]
    assert found["successor"]["code"] == WANGJIANGLU
    assert found["posts"] == []
    assert f'href="/boards/{WANGJIANGLU}"' in visitor().get(BOARD + WULONGCHI).content.decode()
    assert WULONGCHI not in {item["code"] for item in asked("/boards", street=STREET)["items"]}


def test_grids_with_a_complete_notice_are_counted(db: object, sit: Sit) -> None:
    page = text(sit("comprehensive_office").get("/desk/district/boards"))
    every = [place for place in directory().places.values() if place.kind == "community" and place.active]
    maker = boards.Maker(directory())
    whole = [place for place in every if (made := maker.board(place.code)) and not made.gaps]
    grids = sum(len(directory().places_in(place.code)) for place in whole)
    total = sum(len(directory().places_in(place.code)) for place in every)
    assert [place.code for place in whole if place.code.startswith(STREET)] == [WANGJIANGLU]
    assert re.search(rf"Grids with a complete notice\s*{grids} of {total}\b", page), page[:1500]
    sheet = sit("comprehensive_office").get("/desk/district/boards", form="csv", state="complete")
    assert len(sheet.content.decode("utf-8-sig").splitlines()) == len(whole) + 1


def test_a_board_costs_few_statements_and_a_crowd_waits(db: object) -> None:
    client = visitor()
    client.get(BOARD + WANGJIANGLU)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(BOARD + WANGJIANGLU).status_code == 200
    assert len([q for q in captured.captured_queries if "registry_" in q["sql"]]) <= 2
    with suppress(budgets.TooMany):
        while True:
            budgets.spend(budgets.BOARD, "127.0.0.1")
    refused = client.get(BOARD + WANGJIANGLU)
    assert (refused.status_code, bool(refused["Retry-After"])) == (429, True)
    assert client.get(f"/api/v1/public/boards/{WANGJIANGLU}").status_code == 429
    budgets.forgive(budgets.BOARD, "127.0.0.1")
