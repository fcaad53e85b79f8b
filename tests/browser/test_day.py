"""One day of the whole district, by what people see: a resident reports, and at the end the leader's office sees it
counted.

Every step goes through the pages, by the names of what is on them; the checking collector works without a line. Played
in both languages at both widths, each day in a street of its own.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from browser.axe import violations
from browser.conftest import PHONE, WIDE, Enter
from support.district import post
from support.visitors import jpeg

UNIT = "sanitation-section"
"""Whose matter dirty roads are in every street of the town."""
ZH, EN = "zh-CN", "en-GB"


@dataclass(frozen=True)
class Street:
    """Where a day is played: a street by its two names, a point in it, and who goes round there."""

    en: str
    zh: str
    lon: float
    lat: float
    collectors: tuple[str, str]


STREETS = {
    (ZH, PHONE): Street("Gaosuntang Street", "高笋塘街道", 108.3685, 30.8062, ("collector1", "collector2")),
    (EN, PHONE): Street("Pailou Street", "牌楼街道", 108.36, 30.7873, ("collector3", "collector4")),
    (ZH, WIDE): Street("Shahe Street", "沙河街道", 108.36, 30.8272, ("collector5", "collector6")),
    (EN, WIDE): Street("Zhoujiaba Street", "周家坝街道", 108.36, 30.8335, ("collector7", "collector8")),
}


@dataclass
class Day:
    """What all people of a day share."""

    enter: Enter
    locale: str
    width: int
    street: Street
    folder: Path
    steps: list[str] = field(default_factory=list)

    def say(self, en: str, zh: str) -> str:
        """What is written on the page."""
        return zh if self.locale == ZH else en

    def starts(self, en: str, zh: str) -> re.Pattern[str]:
        return re.compile("^" + re.escape(self.say(en, zh)))

    def sits_down(self, role: str, unit: str = "") -> Person:
        """Somebody logs in on a machine of their own."""
        return self.comes_in(post(role, unit=unit, covering="" if unit else "500101").login)

    def comes_in(self, login: str) -> Person:
        page = self.enter(width=self.width, locale=self.locale)
        person = Person(self, page)
        page.goto("/desk/login")
        person.type("Login", "账号", login)
        person.type("Password", "密码", "a-password-for-tests")
        person.press("Log in", "登录")
        expect(page.locator("summary", has_text=re.compile(r"\S")).first).to_be_visible()
        return person

    def photo(self, name: str) -> str:
        path = self.folder / f"{name}.jpg"
        path.write_bytes(jpeg(size=(640, 480)))
        return str(path)


@dataclass
class Person:
    """Somebody at a page, who reads and presses what is on it."""

    day: Day
    page: Page

    def press(self, en: str, zh: str) -> None:
        self.page.get_by_role("button", name=self.day.say(en, zh), exact=True).click()

    def go(self, en: str, zh: str) -> None:
        """Follow the link whose words begin so."""
        self.page.get_by_role("link", name=self.day.starts(en, zh)).first.click()

    def box(self, en: str, zh: str) -> Locator:
        return self.page.get_by_label(self.day.starts(en, zh))

    def type(self, en: str, zh: str, words: str) -> None:
        self.box(en, zh).fill(words)

    def sees(self, en: str, zh: str) -> Locator:
        """Wait until these words stand on the page."""
        found = self.page.get_by_text(self.day.say(en, zh)).first
        expect(found).to_be_visible()
        return found

    def look(self, step: str) -> None:
        """The page as it stands: nothing serious that axe finds, no wider than the screen, no fault."""
        at = f"{step}: {self.page.url}"
        expect(self.page.get_by_role("main")).to_be_visible()
        assert self.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), at
        assert not (found := violations(self.page)), f"{at}: {found}"
        assert self.page.faults == [], f"{at}: {self.page.faults}"
        if folder := os.environ.get("GEWU_PICTURES"):
            name = f"day_{self.day.locale[:2]}_{self.day.width}_{len(self.day.steps):02}_{step}.png"
            self.page.screenshot(path=Path(folder) / name, full_page=True)
        self.day.steps.append(step)

    # ---- a case at the desk

    def opens(self, number: str, queue_en: str, queue_zh: str) -> None:
        """From the queue in which it waits to its page."""
        rail = self.page.get_by_role("navigation", name=self.day.say("Queues", "队列"))
        if self.day.width == PHONE:
            expect(rail.locator("details")).to_have_js_property(
                "open", False
            )  # its script folds it, then it is pressed
            rail.locator("summary").click()
        rail.get_by_role("link", name=self.day.starts(queue_en, queue_zh)).click()
        self.look("queue")
        self.page.locator(f"[data-number='{number}']").get_by_role("link").click()
        self.page.wait_for_url(f"**/desk/cases/{number}")

    def unfolds(self, en: str, zh: str) -> Locator:
        """The form behind a move's name."""
        form = self.page.locator("details.move", has=self.page.locator("summary", has_text=self.day.starts(en, zh)))
        form.locator("summary").first.click()
        return form

    def does(self, form: Locator, en: str, zh: str) -> None:
        form.get_by_role("button", name=self.day.say(en, zh), exact=True).click()

    def stage(self, en: str, zh: str) -> None:
        expect(self.page.get_by_text(self.day.say(en, zh), exact=True).first).to_be_visible()


@pytest.fixture
def day(enter: Enter, tmp_path: Path, request: pytest.FixtureRequest) -> Day:
    locale, width = request.param
    return Day(enter, locale, width, STREETS[locale, width], tmp_path)


@pytest.mark.parametrize("day", STREETS, indirect=True, ids=lambda one: f"{one[0]}-{one[1]}")
def test_the_whole_day_of_all_roles(day: Day) -> None:
    office = day.sits_down("comprehensive_office")
    before = _the_figure(office)
    number, code = _the_resident_reports(day)
    officer = day.sits_down("intake_officer")
    _intake_registers(officer, number)
    _a_collector_verifies(day.comes_in(day.street.collectors[0]), number)
    leader = day.sits_down("shift_leader")
    _the_leader_files(leader, number)
    dispatcher = day.sits_down("dispatcher")
    _the_dispatcher_dispatches(dispatcher, number)
    clerk = day.sits_down("unit_clerk", UNIT)
    _the_clerk_hands_it_on(clerk, number)
    _the_worker_handles_it(day.sits_down("worker", UNIT), number)
    _the_clerk_reports_back(clerk, number)
    _the_dispatcher_sends_a_check(dispatcher, number)
    _another_collector_checks_without_a_line(day.comes_in(day.street.collectors[1]), number)
    _the_leader_closes(leader, number)
    _the_resident_answers(day, number, code)
    _the_office_sees_it_counted(office, number, before)


def _here(day: Day, page: Page) -> None:
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"longitude": day.street.lon, "latitude": day.street.lat})


def _the_resident_reports(day: Day) -> tuple[str, str]:
    page = day.enter(width=day.width, locale=day.locale)
    _here(day, page)
    one = Person(day, page)
    page.goto("/")
    one.look("home")
    one.go("Report a problem", "反映问题")
    one.type("Your description", "问题描述", "路面有大片油污，行人容易滑倒。")
    one.box("Photos", "照片").set_input_files(day.photo("before"))
    one.look("what")
    one.press("Continue", "继续")
    one.type("Describe the place", "描述地点", "菜市场门口")
    one.press("Use the position of this phone", "使用本机位置")
    one.sees("This is the position of your phone.", "这是您手机的位置。")
    one.look("where")
    one.press("Continue", "继续")
    page.get_by_role("radio", name=day.starts("Yes", "需要")).check()
    one.type("Your name", "您的姓名", "王女士")
    one.type("Your telephone number", "您的电话", "13800000000")
    one.look("who")
    one.press("Send the report", "提交")
    expect(page.get_by_role("heading", level=1)).to_have_text(day.say("Your report is in", "已收到您的反映"))
    one.look("sent")
    return page.locator("#number").inner_text(), page.locator("#code").inner_text()


def _intake_registers(one: Person, number: str) -> None:
    one.opens(number, "Reported", "待受理")
    one.look("reported")
    form = one.unfolds("Register", "受理")
    form.get_by_label(one.day.starts("Category", "类别")).press_sequentially(one.day.say("Dirty road", "道路不洁"))
    form.get_by_role("option", name=one.day.starts("Dirty road", "道路不洁")).click()
    one.look("register")
    one.does(form, "Register", "受理")
    one.stage("Registered", "已受理")
    form = one.unfolds("Send for verification", "派发核实")
    one.look("send_verify")
    one.does(form, "Send for verification", "派发核实")
    one.stage("Being verified", "核实中")


def _goes_out(one: Person, number: str) -> None:
    """On the phone: the tasks, and this one."""
    one.go("In the field", "一线")
    expect(one.page.locator("#field[data-ready]")).to_be_attached()
    one.look("tasks")
    one.page.get_by_role("listitem").get_by_role("link", name=one.day.starts("Dirty road", "道路不洁")).click()
    one.sees(number, number)
    one.look("task")


def _sends(one: Person) -> None:
    expect(one.page.get_by_text(one.day.say("All sent", "已全部发送"))).to_be_visible(timeout=30_000)
    one.look("sent")


def _a_collector_verifies(one: Person, number: str) -> None:
    _goes_out(one, number)
    one.go("It exists", "核实属实")
    one.box("Take a photo", "拍照").set_input_files(one.day.photo("seen"))
    one.look("verify")
    one.press("It exists", "核实属实")
    _sends(one)


def _the_leader_files(one: Person, number: str) -> None:
    one.opens(number, "Verified", "待立案")
    form = one.unfolds("File", "立案")
    form.get_by_role("radio").first.check()
    one.look("file")
    one.does(form, "File", "立案")
    one.stage("Filed", "待派遣")


def _the_dispatcher_dispatches(one: Person, number: str) -> None:
    one.opens(number, "Filed", "待派遣")
    form = one.unfolds("Dispatch", "派遣")
    one.look("dispatch")
    one.does(form, "Dispatch", "派遣")
    one.stage("Dispatched", "待认领")


def _the_clerk_hands_it_on(one: Person, number: str) -> None:
    one.opens(number, "Dispatched", "待认领")
    form = one.unfolds("Claim", "认领")
    one.look("claim")
    one.does(form, "Claim", "认领")
    one.stage("Being handled", "处置中")
    form = one.unfolds("Hand on inside the unit", "内部派单")
    workers = form.get_by_label(one.day.starts("Worker", "处置人员"))
    named = workers.get_by_role(
        "option", name=one.day.starts("Affairs Centre, Sanitation Section", "事务中心环境卫生科")
    )
    workers.select_option(named.first.get_attribute("value"))
    one.look("hand_on")
    one.does(form, "Hand on inside the unit", "内部派单")
    one.look("handed_on")


def _the_worker_handles_it(one: Person, number: str) -> None:
    _goes_out(one, number)
    one.go("Work done", "完成处置")
    one.box("Photo after", "处置后照片").set_input_files(one.day.photo("after"))
    one.type("What was done", "处置情况", "已清洗路面并撒沙")
    one.look("work")
    one.press("Work done", "完成处置")
    _sends(one)


def _the_clerk_reports_back(one: Person, number: str) -> None:
    one.page.reload()
    form = one.unfolds("Report handled", "处置反馈")
    form.get_by_label(one.day.starts("Result", "处置结果")).fill("油污已清除")
    form.get_by_label(re.compile("after|处置后")).set_input_files(one.day.photo("result"))
    one.look("report_handled")
    one.does(form, "Report handled", "处置反馈")
    one.stage("Handled", "待核查派发")


def _the_dispatcher_sends_a_check(one: Person, number: str) -> None:
    one.page.reload()
    form = one.unfolds("Send for a result check", "派发核查")
    one.look("send_check")
    one.does(form, "Send for a result check", "派发核查")
    one.stage("Being checked", "核查中")


def _another_collector_checks_without_a_line(one: Person, number: str) -> None:
    one.go("In the field", "一线")
    expect(one.page.locator("#field[data-ready]")).to_be_attached()
    one.page.evaluate(
        "navigator.serviceWorker.controller ? 0 : new Promise("
        "(done) => navigator.serviceWorker.addEventListener('controllerchange', () => done(0)))"
    )
    one.page.context.set_offline(True)
    one.page.reload()
    one.sees("no connection", "无网络")
    one.page.get_by_role("listitem").get_by_role("link", name=one.day.starts("Dirty road", "道路不洁")).click()
    one.look("task_offline")
    one.go("Solved on site", "核查通过")
    one.box("Take a photo", "拍照").set_input_files(one.day.photo("checked"))
    one.press("Solved on site", "核查通过")
    one.sees("1 waiting", "1 项待发送")
    one.look("kept")
    one.page.context.set_offline(False)
    _sends(one)


def _the_leader_closes(one: Person, number: str) -> None:
    one.page.reload()
    one.stage("Checked", "待结案")
    form = one.unfolds("Close", "结案")
    form.get_by_label(one.day.starts("The closing condition is met", "已达到结案条件")).check()
    one.look("close")
    one.does(form, "Close", "结案")
    one.stage("Closed, to be answered", "已结案，待答复")
    one.look("closed")


def _the_resident_answers(day: Day, number: str, code: str) -> None:
    page = day.enter(width=day.width, locale=day.locale)
    one = Person(day, page)
    page.goto("/")
    one.go("Follow", "查询进度")
    one.type("Number of the report", "编号", number)
    one.type("Follow code", "查询码", code)
    one.look("follow")
    one.press("Show", "查询")
    page.get_by_role("group", name=day.starts("Is the problem solved?", "问题解决了吗？")).get_by_label(
        day.starts("Yes", "已解决")
    ).check()
    page.get_by_role("group", name=day.starts("Are you satisfied", "您对办理情况满意吗？")).get_by_label(
        day.starts("Yes", "满意")
    ).check()
    one.look("opinion")
    one.press("Send your opinion", "提交评价")
    one.sees("You said:", "您的评价：")
    one.look("answered")


def _the_figure(one: Person) -> int:
    """How many reporters of the street were asked whether it is solved: 0 where no figure stands yet."""
    one.go("Cockpit", "驾驶舱")
    one.box("Street or town", "镇街").select_option(label=one.day.say(one.day.street.en, one.day.street.zh))
    one.press("Show", "查询")
    one.look("cockpit")
    return _n(one)


def _n(one: Person) -> int:
    tile = one.page.locator("dl > div", has_text=one.day.say("Solved, say the reporters", "解决率（回访）")).first
    found = re.search(r"n = (\d+)", tile.inner_text())
    assert found
    return int(found[1])


def _the_office_sees_it_counted(one: Person, number: str, before: int) -> None:
    """Figures are counted once a minute: the office looks again until its page was counted anew."""
    counted = one.page.get_by_role("main").locator("time").first
    expect(counted).to_be_visible()
    for _again in range(100):
        one.page.reload()
        if _n(one) != before:
            break
        one.page.wait_for_timeout(1000)
    assert _n(one) == before + 1
    one.look("counted")
    tile = one.page.locator("dl > div", has_text=one.day.say("Solved, say the reporters", "解决率（回访）")).first
    tile.get_by_role("link").click()
    one.look("records")
    one.go(number, number)
    expect(one.page.get_by_role("heading", level=1)).to_contain_text(one.day.say("Dirty road", "道路不洁"))
    one.look("case")
