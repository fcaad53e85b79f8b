"""Bulk moves, suggestions, maps, and pages for what went wrong."""

from __future__ import annotations

import json
import re
import time

from desk.conftest import Sit, forms, text
from support.district import Walk, acting

NOW = time.time_ns() // 1000
EARLIER = NOW - 3_600_000_000


def test_bulk_dispatch_shows_the_unit_of_each_case_and_then_what_became_of_it(sit: Sit) -> None:
    first, second = Walk(at_us=NOW).filed(), Walk(at_us=NOW).filed()
    seat = sit("dispatcher")
    chosen = [str(first.record_id), str(second.record_id)]
    plan = seat.send("/desk/bulk", move="dispatch", case=chosen)
    assert "Affairs Centre, Sanitation Section" in text(plan)
    form = forms(plan)[""]
    assert form[f"lead_{first.record_id}"] == ["sanitation-section"]
    second.later(1).move(acting("dispatcher"), "return_to_intake", texts={"reason": "not clear"})
    given = {k: v for k, v in form.items() if v} | {f"lead_{first.record_id}": ["landscaping-section"]}
    done = seat.client.post("/desk/bulk", given)
    page = text(done)
    assert "1 case went" in page
    assert "1 stayed as it was" in page
    assert "The case moved on" in page
    assert "Landscaping Section" in text(seat.get(f"/desk/cases/{first.number}"))
    again = text(seat.client.post("/desk/bulk", given))
    assert "1 case went" in again
    assert text(seat.get(f"/desk/cases/{first.number}")).count("Claim: 4 working hours") == 1


def test_bulk_without_cases_or_with_a_foreign_move_changes_nothing(sit: Sit) -> None:
    walk = Walk(at_us=NOW).filed()
    seat = sit("dispatcher")
    assert seat.send("/desk/bulk", move="dispatch")["Location"] == "/desk/"
    assert seat.send("/desk/bulk", move="file", case=str(walk.record_id))["Location"] == "/desk/"


def found(answer: object) -> list[str]:
    return [one["label"] for one in json.loads(answer.content)["found"]]


def test_categories_are_found_by_code_name_and_condition_in_both_languages(sit: Sit) -> None:
    english, chinese = sit("intake_officer"), sit("intake_officer", language="zh-CN")
    assert found(english.get("/desk/find/categories", q="06012"))[0] == "Dirty road (matter 06012)"
    assert found(english.get("/desk/find/categories", q="dirty road"))[0] == "Dirty road (matter 06012)"
    assert found(chinese.get("/desk/find/categories", q="道路不洁"))[0].startswith("道路不洁（事件")
    assert any("06012" in label for label in found(chinese.get("/desk/find/categories", q="油污")))
    assert found(english.get("/desk/find/categories", q="zzzz")) == []
    assert english.get("/desk/find/nothing", q="a").status_code == 404


def test_places_and_units_are_found(sit: Sit) -> None:
    seat = sit("intake_officer")
    assert "500101001008" in found(seat.get("/desk/find/places", q="高笋塘社区"))[0]
    assert any("sanitation-section" in label for label in found(seat.get("/desk/find/units", q="sanitation")))


def test_the_map_hatches_what_was_generated_and_says_so(sit: Sit) -> None:
    seat = sit("intake_officer")
    answer = seat.get("/desk/map.svg", at="108.4087,30.8075", span="0.02", point="108.4087,30.8075")
    drawn = answer.content.decode()
    assert answer["Content-Type"].startswith("image/svg+xml")
    assert "Synthetic grid" in drawn
    assert 'fill="url(#h)"' in drawn
    west, south, east, north = (float(x) for x in answer["X-Map-Bounds"].split(","))
    assert west < 108.4087 < east
    assert south < 30.8075 < north
    assert "<script" not in drawn
    whole = seat.get("/desk/map.svg", at="not,numbers", span="inf")
    assert whole.status_code == 200
    assert "示意街镇界线" in sit("intake_officer", language="zh-CN").get("/desk/map.svg").content.decode()


def test_errors_are_told_in_the_look_and_in_the_language(sit: Sit) -> None:
    answer = sit("dispatcher", language="zh-CN").get("/desk/cases/nope")
    assert answer.status_code == 404
    assert "此地址没有内容" in text(answer)
    assert 'class="brand"' in answer.content.decode()


def test_no_page_carries_inline_scripts_styles_or_handlers(sit: Sit) -> None:
    walk = Walk(at_us=NOW).filed()
    seat = sit("dispatcher")
    for path in ("/desk/", f"/desk/cases/{walk.number}", "/desk/notices", "/desk/keys"):
        answer = seat.get(path)
        html = answer.content.decode()
        assert not re.search(r"<script(?![^>]*\ssrc=)", html), path
        assert not re.search(r"<style|\sstyle=|\son\w+=", html), path
        assert "default-src 'self'" in answer["Content-Security-Policy"]
