"""The first five minutes with the demonstration district, as one walk through the pages by the people who work there:
the three doors, a street's building workday, a lamp from the table to the resident's answer, a parking matter of two
units, an overdue matter that climbs, the showcase of the fourth quarter of 2019, joint duty, the month's bulletin."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zipfile import ZipFile

import psycopg
import pytest
from playwright.sync_api import Page, expect

from browser.conftest import PHONE, Enter, sound
from browser.test_desk import act, login
from gewu.cases.queries import find_by_number, get_case
from gewu.ledger import ticker
from gewu.ledger.door import now_us
from gewu.occasions import demo as occasions
from gewu.registry.marks import mark_synthetic
from gewu.stories import play
from gewu.stories.files import find_stories
from support.district import Walk, acting, district_id, picture
from support.servers import PACKS

OFFICE = "office-gaosuntang"
LAMP = "matter:01037"
SECTION = "lighting-section"
SQUAD = "squad-gaosuntang"
DAY = 86_400_000_000


@pytest.fixture
def photo(tmp_path: Path) -> str:
    path = tmp_path / "photo.jpg"
    path.write_bytes(picture(640, 480))
    return str(path)


def say(locale: str, en: str, zh: str) -> str:
    return zh if locale.startswith("zh") else en


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
def test_the_first_five_minutes(enter: Enter, photo: str, locale: str) -> None:
    mark_synthetic(district_id())
    occasions.run(district_id(), int(time.time()))
    _the_front_page(enter, locale)
    lamp, parking = _the_table(enter, locale)
    _from_the_bureau_to_the_resident(enter, locale, lamp, photo)
    _two_units_two_clocks(enter, locale, parking)
    _what_is_late_climbs(enter, locale)
    _the_bulletin(enter, locale)


def _the_front_page(enter: Enter, locale: str) -> None:
    page = enter(locale=locale)
    page.goto("/")
    expect(page.locator(".made-up")).to_be_visible()
    expect(page.locator("#territory")).to_contain_text(say(locale, "14 streets, 38 towns", "14 个街道，38 个镇乡"))
    expect(page.locator(".door")).to_have_count(3)
    sound(page)
    for n in range(3):
        page.locator(".door").nth(n).click()
        expect(page.locator("h1")).to_be_visible()
        sound(page)
        page.goto("/")


def _the_table(enter: Enter, locale: str) -> tuple[str, str]:
    """A street clerk sees the month, opens the session, adds the lamp, settles it and the parking. Returns the numbers
    of both cases."""
    clerk = enter(login("unit_clerk", unit=OFFICE), locale=locale)
    clerk.goto("/desk/workdays")
    for state, word in (("held", say(locale, "held", "已开展")), ("not_yet", say(locale, "not yet", "未安排"))):
        expect(clerk.locator(f".wd-table td.wd-{state}").first).to_contain_text(word)
    sound(clerk)
    clerk.locator(".wd-table tr.mine td a").first.click()
    clerk.locator("main a", has_text=re.compile(r"2026|20\d\d")).filter(has_text=re.compile("号$|号")).first.click()
    expect(clerk.locator(".who-has")).to_contain_text(say(locale, "Wangjianglu", "望江路"))
    expect(clerk.locator(".who-has")).to_contain_text("街道党工委书记")
    expect(clerk.locator(".case-side")).to_contain_text(say(locale, "Department", "区级部门"))
    expect(clerk.locator(".wd-matters > li")).to_have_count(4)
    clerk.fill("#collect-words", "4 单元门口路灯不亮")
    clerk.fill("#collect-category", LAMP)
    clerk.fill("#collect-raised", "9")
    clerk.locator(".wd-add .primary").click()
    expect(clerk.locator(".wd-matters > li")).to_have_count(5)
    sound(clerk)
    lamp = _settle(clerk, 5, days="3", tier="small")
    parking = _settle(clerk, 2, days="15", tier="big", assist=SQUAD)
    for paper in clerk.locator(".case-side a", has_text="PDF").all():
        answer = clerk.request.get(str(paper.get_attribute("href")))
        assert answer.body().startswith(b"%PDF"), paper
    return lamp, parking


def _settle(clerk: Page, no: int, *, days: str, tier: str, assist: str = "") -> str:
    """Give a matter its unit, deadline and level; returns the case's number."""
    clerk.locator(f"#matter-{no} a.primary").click()
    clerk.fill("#register_session-limit_days", days)
    clerk.locator(f"[name=tier_proposed][value={tier}], select[name=tier_proposed]").first.evaluate(
        "(e, v) => { if (e.tagName == 'SELECT') e.value = v; else e.checked = true }", tier
    )
    if assist:
        clerk.locator("[data-field=assists] summary").click()
        clerk.check(f"[name=assists][value={assist}]")
    clerk.locator(".wd-settle > form .primary").click()
    number = clerk.locator(f"#matter-{no} .wd-case strong").inner_text()
    assert re.fullmatch(r"500101\d{13}", number), number
    return number


def _from_the_bureau_to_the_resident(enter: Enter, locale: str, number: str, photo: str) -> None:
    """Claimed, handed to a worker, photographed, checked by somebody else, closed, answered."""
    bureau = enter(login("unit_clerk", unit=SECTION), locale=locale)
    bureau.goto(f"/desk/cases/{number}")
    act(bureau, "claim")
    bureau.goto(f"/desk/cases/{number}?move=assign_inside")
    bureau.select_option("#assign_inside-worker", index=1)
    act(bureau, "assign_inside")
    worker = enter(login("worker", unit=SECTION), width=PHONE, locale=locale)
    worker.click(f".card:has-text('{number}')")
    worker.locator("#move-work_done summary").first.click()
    worker.set_input_files("#work_done-photo-after", photo)
    worker.fill("#work_done-note", "灯具已更换")
    act(worker, "work_done")
    worker.wait_for_url("**/tasks")
    bureau.goto(f"/desk/cases/{number}?move=report_handled")
    bureau.fill("#report_handled-result", "灯具已更换")
    bureau.set_input_files("#report_handled-photo-after", photo)
    act(bureau, "report_handled")

    dispatcher = enter(login("dispatcher"), locale=locale)
    dispatcher.goto(f"/desk/cases/{number}?move=send_check")
    act(dispatcher, "send_check")
    place = _place(number)
    checker = enter(login("collector", covering=place, number=1), width=PHONE, locale=locale)
    checker.click(f".card:has-text('{number}')")
    checker.locator("#move-check_pass summary").first.click()
    checker.set_input_files("#check_pass-photo-other", photo)
    act(checker, "check_pass")
    checker.wait_for_url("**/tasks")

    leader = enter(login("shift_leader"), locale=locale)
    leader.goto(f"/desk/cases/{number}?move=close")
    leader.check("#close-closing_condition")
    act(leader, "close")
    officer = enter(login("intake_officer"), locale=locale)
    officer.goto(f"/desk/cases/{number}?move=follow_up")
    officer.check("[name=solved][value=solved]")
    officer.select_option("#follow_up-satisfied", "satisfied")
    act(officer, "follow_up")
    expect(officer.locator(".timeline")).to_contain_text(say(locale, "follow-up call", "回访"))
    sound(officer)


def _place(number: str) -> str:
    record = find_by_number(district_id(), number)
    assert record is not None
    return get_case(district_id(), acting("assessor"), record).row.place


def _two_units_two_clocks(enter: Enter, locale: str, number: str) -> None:
    """The parking is a big matter: the police lead, the street assists, each under a clock of its own."""
    police = enter(login("unit_clerk", unit="traffic-police"), locale=locale)
    police.goto(f"/desk/cases/{number}")
    act(police, "claim")
    side = police.locator(".case-side")
    expect(side).to_contain_text(say(locale, "Big matter", "大事"))
    expect(side).to_contain_text(say(locale, "Traffic and Patrol Police Detachment", "交巡警支队"))
    expect(side).to_contain_text(say(locale, "Gaosuntang Street Enforcement Squad", "高笋塘街道综合行政执法中队"))
    expect(police.locator(".part .clock-line")).to_have_count(2)
    sound(police)


def _what_is_late_climbs(enter: Enter, locale: str) -> None:
    """A big matter that is late proposes the hard level; the office confirms, and a numbered order opens."""
    walk = Walk(at_us=now_us() - 60 * DAY).dispatched()
    walk.later(10).move(walk.clerk(), "claim", args={"tier": "big"})
    while ticker.tick(district_id(), now_us()):
        pass
    office = enter(login("comprehensive_office"), locale=locale)
    office.goto("/desk/?queue=decide")
    office.goto(f"/desk/cases/{walk.number}?move=confirm_step")
    sound(office)
    office.fill("#confirm_step-note", "超时未办结，升为难事")
    office.fill("#confirm_step-order-demand", "由包片领导督办，限期办结")
    office.fill("#confirm_step-order-due_on", f"{datetime.now(UTC) + timedelta(days=30):%Y-%m-%d}")
    act(office, "confirm_step")
    order = office.locator("main a", has_text=re.compile(r"〔\d{4}〕\d+号")).first
    expect(order).to_be_visible()
    expect(office.locator("main")).to_contain_text(say(locale, "Hard matter", "难事"))
    order.click()
    sound(office)
    paper = office.locator("a[href*='papers/orders'][href*=docx]").first
    with office.expect_download() as coming:
        paper.click()
    assert re.search(say(locale, "[Ss]ign", "签"), _text(coming.value.path()))


def _text(document: Path) -> str:
    """The words of a DOCX."""
    with ZipFile(document) as parts:
        return re.sub(r"<[^>]+>", "", parts.read("word/document.xml").decode())


def _the_bulletin(enter: Enter, locale: str) -> None:
    """The month's bulletin comes down as DOCX."""
    office = enter(login("comprehensive_office"), locale=locale)
    office.goto("/desk/papers")
    sound(office)
    with office.expect_download() as coming:
        office.locator("form[action$=bulletin] button", has_text="DOCX").first.click()
    words = _text(coming.value.path())
    assert say(locale, "Wanzhou", "万州") in words, words[:300]


def test_a_year_as_it_was_printed(enter: Enter, owner_connection: psycopg.Connection) -> None:
    """With the story of 2019 told: the fourth quarter's showcase, a recount without some ballots, joint duty."""
    play.tell("wanzhou-2019", find_stories(PACKS[0].parent))
    for locale in ("en-GB", "zh-CN"):
        page = enter(login("comprehensive_office"), locale=locale)
        _the_fourth_quarter(page, locale)
        _joint_duty(page, locale)
    page.goto("/desk/rounds")
    page.locator("a", has_text=re.compile("2019年第四季度")).first.click()
    address = page.url
    page.goto(f"{address}/recount")
    expect(page.locator("main")).to_contain_text("一致")
    owner_connection.execute("ALTER TABLE assessments_ballot DISABLE TRIGGER USER")
    owner_connection.execute(
        "DELETE FROM assessments_ballot WHERE record_id = %s AND voter IN (SELECT voter FROM assessments_ballot"
        " WHERE record_id = %s ORDER BY voter LIMIT 3)",
        [address.rsplit("/", 1)[-1]] * 2,
    )
    owner_connection.execute("ALTER TABLE assessments_ballot ENABLE TRIGGER USER")
    page.goto(f"{address}/recount")
    expect(page.locator("main")).to_contain_text(re.compile(r"\d+\s*张选票或评分表缺失"))
    scores = page.locator("table").filter(has_text="得分")
    then, now = (scores.nth(n).inner_text() for n in (0, scores.count() // 2))
    assert then != now, "the rank is computed again from the ballots that are left"
    owner_connection.execute("DELETE FROM registry_device")  # the registry is shared with the tests that follow


def _the_fourth_quarter(page: Page, locale: str) -> None:
    """11 streets, 11 departments, and the bureau first among departments for the third time."""
    page.goto("/desk/rounds")
    quarter = page.locator("main li, main tr").filter(has_text=say(locale, "Q4 2019", "2019年第四季度")).first
    expect(quarter).to_contain_text(say(locale, "11 streets", "11 个街道"))
    expect(quarter).to_contain_text(say(locale, "11 departments", "11 个部门"))
    page.goto("/desk/rounds/ranks")
    bureau = page.locator("tr", has_text=say(locale, "Urban Management Bureau", "万州区城市管理局"))
    expect(bureau.locator("td").last).to_have_text("3")
    sound(page)


def _joint_duty(page: Page, locale: str) -> None:
    """190 people of three core agencies and those they invited; 3,750 opens 3,750 records."""
    page.goto("/desk/duties?period=2019-06")
    expect(page.locator("main")).to_contain_text(re.compile(r"190\s*(people|人)"))
    sound(page)
    page.goto("/desk/duties?period=2019")
    page.locator("dl.wd-numbers a", has_text=re.compile("3,?750")).click()
    expect(page.locator("main")).to_contain_text(re.compile("3,?750"))
    sound(page)
