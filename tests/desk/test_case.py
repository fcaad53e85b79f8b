"""A case: everybody sees the moves of their post, forbidden ones say why, and nothing typed is lost."""

from __future__ import annotations

import re
import time
from uuid import uuid4

import pytest

from desk.conftest import Sit, forms, jpeg, text
from support.district import CATEGORY, Walk, acting, directory, photo

NOW = time.time_ns() // 1000
STANDARD = "matter:06012-1"


@pytest.fixture
def walk(db: object) -> Walk:
    return Walk(at_us=NOW)


def moves_of(page: str) -> set[str]:
    return set(re.findall(r'id="move-(\w+)"', page))


def test_each_role_sees_its_moves_and_why_not_the_others(walk: Walk, sit: Sit) -> None:
    walk.filed()
    path = f"/desk/cases/{walk.number}"
    dispatcher = sit("dispatcher").get(path)
    assert {"dispatch", "return_to_intake", "add_note", "merge"} <= moves_of(dispatcher.content.decode())
    assert "force_close" not in moves_of(dispatcher.content.decode())
    assert "This is done by: Shift leader" in text(dispatcher)
    leader = sit("shift_leader").get(path)
    assert "force_close" in moves_of(leader.content.decode())
    assert "dispatch" not in moves_of(leader.content.decode())
    assert "This is done by: Dispatcher" in text(leader)
    assert moves_of(sit("assessor").get(path).content.decode()) == set()


def test_who_has_the_part_that_a_move_takes_is_named_and_one_reason_stands_once(walk: Walk, sit: Sit) -> None:
    walk.handling()
    path = f"/desk/cases/{walk.number}"
    leader = text(sit("shift_leader").get(path))
    assert "Uphold the objection · Reject the objection Nobody has a part “Objection under review” now." in leader
    assert "Your post is not one of them" not in leader
    assert leader.count("This is done by: Dispatcher.") == 1
    stranger = text(sit("unit_clerk", unit="lighting-section").get(path))
    assert "“Handling” is with Affairs Centre, Sanitation Section (in hand)." in stranger
    moves = re.search(r"(\d+) moves of other posts", leader)
    assert moves is not None
    assert int(moves[1]) > leader.count("This is done by:")


def test_a_guard_is_explained_in_both_languages(walk: Walk, sit: Sit) -> None:
    walk.intake().move(acting("intake_officer"), "send_verify")
    collector = walk.collector()
    walk.move(collector, "report_absent", texts={"note": "干净"})
    path = f"/desk/cases/{walk.number}"
    assert "The collector has not confirmed that it exists" in text(sit("shift_leader").get(path))
    assert "监督员尚未核实属实" in text(sit("shift_leader", language="zh-CN").get(path))


def test_the_page_takes_at_most_eight_statements(walk: Walk, sit: Sit) -> None:
    walk.checked()
    found = sit("shift_leader").tenant_statements(f"/desk/cases/{walk.number}")
    assert len(found) <= 8, found


def test_one_timeline_holds_events_words_photos_and_clocks(walk: Walk, sit: Sit) -> None:
    walk.dispatched()
    walk.later(5).move(walk.clerk(), "return_case", texts={"reason": "not our road"})
    answer = sit("dispatcher").get(f"/desk/cases/{walk.number}")
    page, html = text(answer), answer.content.decode()
    for words in ("Register", "Send for verification", "It exists", "File", "Dispatch", "Return: not ours"):
        assert words in page
    assert "not our road" in page
    assert "Handling (lead): Affairs Centre, Sanitation Section" in page
    assert "Claim: 4 working hours, until" in page
    assert "Told Dispatcher" in page
    assert html.index("Register") < html.index("Return: not ours")
    assert '<li class="back' in html
    assert "/thumb" in html


def test_the_reporter_is_masked_to_everybody_and_hidden_from_whoever_handles(walk: Walk, sit: Sit) -> None:
    walk.handling()
    path = f"/desk/cases/{walk.number}"
    for role in ("dispatcher", "shift_leader", "intake_officer"):
        masked = text(sit(role).get(path))
        assert "13800000000" not in masked
        assert "138****0000" in masked
    clerk = text(sit("unit_clerk", unit=walk.lead).get(path))
    assert "138****0000" not in clerk
    assert "王" not in clerk
    assert walk.follow_code not in text(sit("dispatcher").get(path))
    assert walk.follow_code in text(sit("intake_officer").get(path))


def test_a_case_out_of_sight_is_not_there(walk: Walk, sit: Sit) -> None:
    walk.intake()
    seat = sit("collector", away=walk.place)
    assert seat.get(f"/desk/cases/{walk.number}").status_code == 404
    assert seat.get("/desk/cases/1").status_code == 404


def test_filing_through_the_page(walk: Walk, sit: Sit) -> None:
    walk.intake().move(acting("intake_officer"), "send_verify")
    collector = walk.collector()
    walk.move(collector, "confirm_exists", photos=[photo(collector)])
    seat = sit("shift_leader")
    path = f"/desk/cases/{walk.number}"
    page = seat.get(path)
    assert directory().standards[STANDARD].closing.en in text(page)
    form = {k: v[0] for k, v in forms(page)[f"{path}/file"].items() if v}
    answer = seat.send(f"{path}/file", **form | {"standard": STANDARD})
    assert answer.status_code == 302, text(answer)
    assert "Filed" in text(seat.get(path))


def test_a_conflict_shows_what_is_new_and_keeps_what_was_typed(walk: Walk, sit: Sit) -> None:
    walk.dispatched()
    seat = sit("unit_clerk", unit=walk.lead)
    path = f"/desk/cases/{walk.number}"
    form = {k: v[0] for k, v in forms(seat.get(path))[f"{path}/object"].items() if v}
    walk.move(acting("intake_officer"), "remind", texts={"note": "please hurry"}, version=None)
    walk.move(walk.clerk(), "claim")
    answer = seat.send(f"{path}/return_case", **form | {"reason": "the road belongs to the highway office"})
    page = text(answer)
    assert answer.status_code == 409
    assert "New since you opened the page" in page
    assert "please hurry" in page
    kept = forms(answer)[f"{path}/return_case"]
    assert kept["reason"] == ["the road belongs to the highway office"]
    assert kept["version"] == [str(walk.version)]


def seat_clerk(walk: Walk):
    return acting("unit_clerk", unit=walk.lead)


def test_sending_twice_makes_one_event(walk: Walk, sit: Sit) -> None:
    walk.dispatched()
    seat = sit("unit_clerk", unit=walk.lead)
    path = f"/desk/cases/{walk.number}"
    form = {k: v[0] for k, v in forms(seat.get(path))[f"{path}/claim"].items() if v}
    assert [seat.send(f"{path}/claim", **form).status_code for _ in range(2)] == [302, 302]
    assert text(seat.get(path)).count("Handling (lead): taken up by") == 1


def test_missing_words_and_photos_are_named_beside_the_form(walk: Walk, sit: Sit) -> None:
    walk.handling()
    seat = sit("unit_clerk", unit=walk.lead)
    path = f"/desk/cases/{walk.number}"
    form = {"command_id": str(uuid4()), "version": str(walk.version)}
    answer = seat.send(f"{path}/report_handled", **form, result="", photo_after=jpeg())
    assert answer.status_code == 422
    assert "please fill this in" in text(answer).lower()
    kept = forms(answer)[f"{path}/report_handled"]
    assert len(kept["kept"]) == 1
    answer = seat.send(f"{path}/report_handled", **form, result="washed")
    assert answer.status_code == 422
    assert "Photos are missing" in text(answer)
    assert forms(answer)[f"{path}/report_handled"]["result"] == ["washed"]
    answer = seat.send(f"{path}/report_handled", **form, result="washed", kept=kept["kept"][0])
    assert answer.status_code == 302, text(answer)


def test_a_file_that_is_no_photo_is_refused_by_name(walk: Walk, sit: Sit) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    walk.handling()
    seat = sit("unit_clerk", unit=walk.lead)
    path = f"/desk/cases/{walk.number}/report_handled"
    fake = SimpleUploadedFile("street.jpg", b"<html><script>alert(1)</script></html>", content_type="image/jpeg")
    answer = seat.send(path, version=str(walk.version), result="washed", photo_after=fake)
    assert answer.status_code == 422
    assert "street.jpg: The file is not a JPEG, PNG or WebP photo" in text(answer)


def test_dispatch_offers_who_is_responsible_and_takes_another_unit_by_name(walk: Walk, sit: Sit) -> None:
    walk.filed()
    seat = sit("dispatcher")
    path = f"/desk/cases/{walk.number}"
    page = seat.get(path)
    form = {k: v[0] for k, v in forms(page)[f"{path}/dispatch"].items() if v}
    assert form["lead"] == "sanitation-section"
    assert "06012 Dirty road" in text(page)
    wrong = seat.send(f"{path}/dispatch", **form | {"lead_other": "no such unit"})
    assert wrong.status_code == 422
    assert "Nothing has this name or code" in text(wrong)
    assert forms(wrong)[f"{path}/dispatch"]["lead_other"] == ["no such unit"]
    sent = seat.send(f"{path}/dispatch", **form | {"lead_other": "Affairs Centre, Landscaping Section"})
    assert sent.status_code == 302, text(sent)
    assert "Handling (lead): Affairs Centre, Landscaping Section" in text(seat.get(path))


def test_closing_asks_for_the_condition_by_its_words(walk: Walk, sit: Sit) -> None:
    walk.checked()
    seat = sit("shift_leader")
    path = f"/desk/cases/{walk.number}"
    page = seat.get(path)
    assert f"Condition: {directory().standards[STANDARD].closing.en}" in text(page)
    form = {k: v[0] for k, v in forms(page)[f"{path}/close"].items() if v}
    unticked = seat.send(f"{path}/close", **{k: v for k, v in form.items() if k != "closing_condition"})
    assert unticked.status_code == 422
    assert seat.send(f"{path}/close", **form | {"closing_condition": "1"}).status_code == 302


def test_a_move_of_another_post_is_refused_with_its_reason(walk: Walk, sit: Sit) -> None:
    walk.filed()
    answer = sit("shift_leader").send(
        f"/desk/cases/{walk.number}/dispatch", lead="sanitation-section", version=str(walk.version), note="kept words"
    )
    assert answer.status_code == 422
    assert "This is done by: Dispatcher" in text(answer)
    assert "kept words" in answer.content.decode()


def test_merging_by_number_changes_both(walk: Walk, sit: Sit) -> None:
    walk.intake()
    other = Walk(at_us=NOW).intake()
    seat = sit("intake_officer")
    path = f"/desk/cases/{walk.number}"
    form = {"version": str(walk.version), "reason": "the same oil stain"}
    assert "There is no case with this number" in text(seat.send(f"{path}/merge", **form, target="99"))
    assert "cannot be merged into itself" in text(seat.send(f"{path}/merge", **form, target=walk.number))
    assert seat.send(f"{path}/merge", **form, target=other.number).status_code == 302
    assert f"Merged into {other.number}" in text(seat.get(path))
    assert f"Took in {walk.number}" in text(seat.get(f"/desk/cases/{other.number}"))


def test_splitting_makes_a_case_that_is_tied(walk: Walk, sit: Sit) -> None:
    walk.filed()
    seat = sit("dispatcher")
    path = f"/desk/cases/{walk.number}/split"
    form = {k: v[0] for k, v in forms(seat.get(path))[""].items() if v}
    assert seat.send(path, **form).status_code == 422
    answer = seat.send(path, **form | {"description": "the drain is blocked too", "category": CATEGORY})
    assert answer.status_code == 302, text(answer)
    child = answer["Location"].rpartition("/")[2]
    assert f"Split from {walk.number}" in text(seat.get(f"/desk/cases/{child}"))
    assert f"Split off {child}" in text(seat.get(f"/desk/cases/{walk.number}"))


def test_photos_are_for_those_who_see_the_case(walk: Walk, sit: Sit) -> None:
    walk.filed()
    page = sit("dispatcher").get(f"/desk/cases/{walk.number}").content.decode()
    found = re.search(r'src="(/desk/photos/[^"]+/thumb)"', page)
    assert found is not None
    answer = sit("dispatcher").get(found[1])
    assert answer["Content-Type"] == "image/jpeg"
    assert answer.content[:2] == b"\xff\xd8"
    assert sit("collector", away=walk.place).get(found[1]).status_code == 404


def test_the_preview_leads_to_the_forms(walk: Walk, sit: Sit) -> None:
    walk.filed()
    page = sit("dispatcher").get(f"/desk/cases/{walk.number}/preview").content.decode()
    assert f"/desk/cases/{walk.number}?move=dispatch#move-dispatch" in page


def test_near_a_boundary_both_sides_are_offered(sit: Sit, db: object) -> None:
    from gewu.cases import services
    from support.district import district_id

    lon, lat = boundary()
    made = services.register_intake(
        district_id(),
        acting("intake_officer"),
        services.Intake(
            {"source": "phone", "category": CATEGORY}, {"description": "on the line"}, services.Where(lon, lat)
        ),
    )
    assert made.position.on_boundary
    seat = sit("intake_officer")
    path = f"/desk/cases/{made.number}"
    page = seat.get(path)
    assert "The point lies on a boundary" in text(page)
    other = next(code for code in made.position.candidates if code != made.position.place)
    form = {k: v[0] for k, v in forms(page)[f"{path}/relocate"].items() if v}
    assert f'value="{other}"' in page.content.decode()
    answer = seat.send(f"{path}/relocate", **form | {"place": other, "reason": "seen on site"})
    assert answer.status_code == 302, text(answer)


def boundary() -> tuple[float, float]:
    """A point on the edge between two grids."""
    from gewu.registry.models import Place
    from gewu.registry.positions import locate

    grid = Place.objects.get(code="500101001001001")
    for lon, lat in grid.geometry["coordinates"][0]:
        found = locate(directory(), lon, lat)
        if found.on_boundary and len(found.candidates) > 1:
            return lon, lat
    raise AssertionError("no point of this grid lies between two")
