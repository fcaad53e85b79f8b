"""Rosters, limits, responsibility, days off, units: dated, refused where they would break the house, written down."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from admin.conftest import Administer
from desk.conftest import Sit, text
from gewu.core.deadlines import Limit, TimeUnit, due
from gewu.registry.administration.rosters import on_duty
from gewu.registry.models import Change, Override, ResponsibilityRule, Shift
from gewu.registry.packs.load import load_pack
from support.district import CATEGORY, CODE, directory, district_id, post
from support.packs import ROOT

WHY = "decision 2026-17"
ZONE = ZoneInfo("Asia/Shanghai")


def today() -> date:
    return timezone.localdate()


def test_a_limit_is_changed_from_a_day_on_and_a_reload_keeps_it(administer: Administer) -> None:
    seat = administer()
    standard = directory().standards_for(CATEGORY)[0]
    asked = {
        "limit_value": "90",
        "limit_unit": "urgent_minute",
        "limit_status": "official",
        "from": today().isoformat(),
        "reason": WHY,
    }
    path = f"/admin/catalogue/{standard.key.replace(':', '/')}/limit"
    assert "Deadlines that run stay as they were promised." in text(seat.send(path, **asked))
    assert seat.send(path, **asked, confirmed="1").status_code == 302
    now = directory().standard(standard.key)
    assert now is not None
    assert (now.limit_value, now.limit_unit) == (90, "urgent_minute")
    report = load_pack(ROOT / "packs" / "standard")
    assert any(standard.code in note and "90" in note for note in report.notes)
    again = directory().standard(standard.key)
    assert again is not None
    assert again.limit_value == 90
    # Back to what the pack says: no override is left.
    back = {
        **asked,
        "limit_value": str(standard.limit_value),
        "limit_unit": standard.limit_unit,
        "limit_status": standard.limit_status,
    }
    assert seat.send(path, **back, confirmed="1").status_code == 302
    assert not Override.objects.filter(table="standard", ended_at=None).exists()
    assert seat.send(path, **{**asked, "limit_value": "0"}).status_code == 422


def test_who_would_get_this_and_another_unit_answers(administer: Administer) -> None:
    seat = administer()
    page = text(seat.get("/admin/responsibility", category="06012", place="500101001001"))
    before = directory().responsible(CATEGORY, "500101001001")
    assert before is not None
    assert before.unit.name_en in page
    rule = ResponsibilityRule.objects.get(
        district_id=district_id(),
        kind=before.rule.kind,
        category=before.rule.category,
        place=before.rule.place,
        owner=before.rule.owner,
    )
    other = "lighting-section"
    asked = {"unit": other, "from": today().isoformat(), "reason": WHY, "confirmed": "1"}
    assert seat.send(f"/admin/responsibility/{rule.pk}/set", **asked).status_code == 302
    after = directory().responsible(CATEGORY, "500101001001")
    assert after is not None
    assert after.unit.code == other
    # A second rule for the same is refused; so is one that names nothing.
    new = {
        "kind": rule.kind,
        "category": rule.category,
        "place": rule.place,
        "owner": rule.owner,
        "unit": other,
        "reason": WHY,
        "confirmed": "1",
    }
    assert "There is a rule for just this" in text(seat.send("/admin/responsibility/add", **new))
    bad = {**new, "place": "999999", "category": "99"}
    answer = seat.send("/admin/responsibility/add", **bad)
    assert answer.status_code == 422
    assert "No category begins with 99." in text(answer)
    assert not ResponsibilityRule.objects.filter(place="999999").exists()


def test_days_off_move_deadlines_that_begin_afterwards(administer: Administer) -> None:
    seat = administer()
    plan = directory().calendar_for(None)
    monday = today() + timedelta(days=7 - today().weekday())
    while not all(plan.is_workday(monday + timedelta(days=n)) for n in (-3, 0, 1)):
        monday += timedelta(days=7)
    year = str(monday.year)
    if monday.year not in plan.published_years:
        assert seat.send("/admin/calendar/year", year=year, reason=WHY, confirmed="1").status_code == 302
    began = Change.objects.filter(topic="calendar").count()
    start = int(datetime.combine(monday - timedelta(days=3), datetime.min.time(), ZONE).timestamp()) + 15 * 3600
    one_day = Limit(1, TimeUnit.WORK_DAY)
    before = due(directory().calendar_for(None), start, one_day)
    asked = {"first": monday.isoformat(), "kind": "rest", "name_zh": "区庆", "name_en": "Founding day", "reason": WHY}
    assert "running deadline" in text(seat.send("/admin/calendar/day", **asked))
    assert seat.send("/admin/calendar/day", **asked, confirmed="1").status_code == 302
    assert due(directory().calendar_for(None), start, one_day).at == before.at + 86_400
    assert "Founding day" in text(seat.get("/admin/calendar", year=monday.year))
    twice = seat.send("/admin/calendar/day", **asked, confirmed="1")
    assert twice.status_code == 422
    out = {"day": monday.isoformat(), "reason": WHY, "confirmed": "1"}
    assert seat.send("/admin/calendar/out", **out).status_code == 302
    assert due(directory().calendar_for(None), start, one_day).at == before.at
    assert Change.objects.filter(topic="calendar").count() == began + 2


def test_days_of_a_year_whose_plan_is_not_complete_wait_for_it(administer: Administer) -> None:
    seat = administer()
    year = max(directory().calendar_plan.published_years) + 1
    monday = next(d for n in range(1, 8) if (d := date(year, 3, n)).weekday() == 0)
    asked = {"first": monday.isoformat(), "kind": "rest", "name_zh": "区庆", "name_en": "", "reason": WHY}
    said = text(seat.send("/admin/calendar/day", **asked))
    assert f"The plan of {year} is not said to be complete" in said
    assert "running deadline" not in said
    assert seat.send("/admin/calendar/day", **asked, confirmed="1").status_code == 302
    assert directory().calendar_for(None).is_workday(monday)
    assert seat.send("/admin/calendar/year", year=str(year), reason=WHY, confirmed="1").status_code == 302
    assert not directory().calendar_for(None).is_workday(monday)


def test_a_year_said_to_be_complete_is_no_longer_provisional(administer: Administer) -> None:
    seat = administer()
    year = max(directory().calendar_plan.published_years) + 1
    assert "is not published" in text(seat.get("/admin/calendar", year=year))
    known = set(directory().calendar_plan.published_years)
    assert seat.send("/admin/calendar/year", year=year, reason=WHY, confirmed="1").status_code == 302
    assert set(directory().calendar_plan.published_years) == known | {year}


def test_a_roster_is_entered_taken_in_and_checked(administer: Administer, sit: Sit) -> None:
    seat = administer()
    unit, first, second = "governance-centre", post("shift_leader").login, post("shift_leader", number=1).login
    now = timezone.localtime().replace(second=0, microsecond=0)
    form = "%Y-%m-%dT%H:%M"
    path = f"/admin/rosters/{unit}/put"
    shift = {
        "login": first,
        "duty": "带班",
        "from": (now - timedelta(hours=1)).strftime(form),
        "until": (now + timedelta(hours=7)).strftime(form),
        "days": "1",
    }
    assert seat.send(path, **shift).status_code == 302
    assert [one.login for one in on_duty(directory(), timezone.now(), unit)] == [first]
    assert "On duty now" in text(sit("dispatcher").get("/desk/notices"))
    # The same person in two places at once, and lines that say nothing.
    lines = f"login,from,until\n{first},{now:%Y-%m-%d %H:%M},{now + timedelta(hours=2):%Y-%m-%d %H:%M}\nnobody,x,y\n"
    refused = seat.send(path, verb="sheet", sheet=SimpleUploadedFile("r.csv", lines.encode()))
    assert refused.status_code == 422
    assert "Line 3" in text(refused)
    clash = lines.rsplit("\n", 2)[0] + "\n"
    refused = seat.send(path, verb="sheet", sheet=SimpleUploadedFile("r.csv", clash.encode()))
    assert f"{first} would be on duty twice at once." in text(refused)
    begin, end = now + timedelta(hours=9), now + timedelta(hours=17)
    sheet = f"login,duty,from,until\n{second},,{begin:%Y-%m-%d %H:%M},{end:%Y-%m-%d %H:%M}\n".encode("gb18030")
    assert seat.send(path, verb="sheet", sheet=SimpleUploadedFile("r.csv", sheet)).status_code == 302
    page = text(seat.get(f"/admin/rosters/{unit}"))
    assert "Nobody from" in page  # two hours between the shifts
    saved = seat.get(f"/admin/rosters/{unit}", form="roster").content
    assert seat.send(path, verb="sheet", sheet=SimpleUploadedFile("r.csv", saved)).status_code == 302
    assert Shift.objects.filter(removed_at=None).count() == 2  # what is there already stays once
    row = Shift.objects.get(person__login=second)
    assert seat.send(path, verb="out", shift=row.pk).status_code == 302
    assert Shift.objects.filter(removed_at=None).count() == 1
    assert Change.objects.filter(table="shift").count() == 3


def test_a_unit_and_a_post_are_added_and_the_unit_ends_only_with_what_is_below_it(administer: Administer) -> None:
    seat = administer()
    unit = {
        "code": "night-team",
        "kind": "team",
        "name_zh": "夜间小组",
        "name_en": "Night team",
        "parent": "governance-centre",
        "accounts": "1",
        "valid_from": today().isoformat(),
        "reason": WHY,
    }
    assert seat.send("/admin/add/unit", **unit).status_code == 302
    assert directory().units["night-team"].path.endswith("/governance-centre/night-team/")
    assert "The code night-team is taken." in text(seat.send("/admin/add/unit", **unit))
    seat_of = {
        "unit": "night-team",
        "role": "worker",
        "code": "night-worker-1",
        "name_zh": "夜间作业员",
        "scope": CODE,
        "valid_from": today().isoformat(),
        "reason": WHY,
    }
    assert seat.send("/admin/add/post", **{**seat_of, "scope": "999999"}).status_code == 422
    assert seat.send("/admin/add/post", **seat_of).status_code == 302
    assert "Vacant" in text(seat.get("/admin/posts", state="vacant", unit="night-team"))
    load_pack(ROOT / "packs" / "wanzhou")  # what administrators added is in no pack, and no load ends it
    assert directory().units["night-team"].active
    assert directory().posts["night-worker-1"].active
    ending = {
        "into": "lighting-section",
        "from": today().isoformat(),
        "number": "W-2026-9",
        "title_zh": "撤并",
        "reason": WHY,
    }
    answer = seat.send("/admin/units/governance-centre/end", **ending)
    assert answer.status_code == 422  # units below it go on
    tomorrow = (today() + timedelta(days=1)).isoformat()
    shown = text(seat.send("/admin/units/night-team/end", **{**ending, "from": tomorrow}))
    assert "1 post is a post of the successor from then on" in shown
    assert directory().units["night-team"].active
