"""The hazards of working without a line, each with the network cut by the browser: nothing is lost, nothing blocks."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Dialog, Route, expect

from browser.conftest import PASSWORD, PHONE, Enter
from browser.outside import (
    answered,
    back_online,
    collector,
    kept,
    line,
    made,
    note,
    outside,
    photo,
    photos_of,
    pictured,
    report,
    states,
    verify,
    verifying,
    whistle,
)
from gewu.cases.queries import get_case
from gewu.ledger.door import SYSTEM
from gewu.registry.models import District
from gewu.registry.people import set_passwords
from support.district import CODE, POINT, acting, district_id


def test_what_was_done_without_a_line_arrives_when_it_is_back(enter: Enter, tmp_path: Path) -> None:
    walk = verifying()
    page = outside(enter(collector(walk.place), width=PHONE))
    page.context.set_offline(True)
    page.reload()
    page.wait_for_selector("#field[data-ready]")
    line(page, "no connection")
    verify(page, walk, photo(tmp_path))
    report(page, "Lamp out", photo(tmp_path, "lamp.jpg"))
    line(page, "2 waiting")
    expect(page.locator(".field-tasks .tag", has_text="done, not sent yet")).to_be_visible()
    assert made("confirm_exists") == []
    back_online(page)
    line(page, "All sent")
    assert len(made("confirm_exists", walk.record_id)) == 1
    (found,) = made("report")
    assert len(photos_of(found)) == 1
    assert found.payload["detail"]["lon_e6"]
    assert found.payload["detail"]["made_at"]


def test_an_arrival_at_a_whistle_is_one_press_and_keeps_its_position_once(enter: Enter) -> None:
    record, login = whistle("emergency")
    page = outside(enter(login, width=PHONE))
    page.click(f".field-tasks a[href='#task/{record}']")
    expect(page.locator("#field")).to_contain_text("Fumes of the night market")
    page.context.set_offline(True)
    page.reload()
    page.wait_for_selector("#field[data-ready]")
    page.click("[data-arrive]")
    expect(page.locator(".notice-success")).to_contain_text("On site")
    line(page, "1 waiting")
    page.goto(f"/field/#task/{record}/add_note")
    page.fill("textarea[name=note]", "the owner is here")
    page.click("form .primary")
    line(page, "2 waiting")
    assert made("arrive") == []
    back_online(page)
    line(page, "All sent")
    (arrived,), (noted,) = made("arrive", record), made("add_note", record)
    where = tuple(round(degrees * 1_000_000) for degrees in POINT)
    assert (arrived.payload["detail"]["site_lon_e6"], arrived.payload["detail"]["site_lat_e6"]) == where
    assert arrived.payload["detail"]["made_at"]
    assert "site_lon_e6" not in noted.payload["detail"]


def test_the_photos_of_a_task_are_seen_without_a_line_and_by_nobody_else(enter: Enter) -> None:
    walk = pictured()
    page = outside(enter(collector(walk.place), width=PHONE))
    page.wait_for_selector("#field[data-pictures]")
    assert kept(page) == 1
    page.context.set_offline(True)
    page.goto(f"/field/#task/{walk.record_id}")
    page.reload()
    seen = page.locator(".photos img")
    expect(seen).to_have_attribute("src", re.compile("^blob:"))
    assert seen.evaluate("async (one) => { await one.decode(); return one.naturalWidth; }") > 0
    seen.click()
    expect(page.locator(".photos button")).to_have_attribute("aria-pressed", "true")
    back_online(page)
    page.on("dialog", lambda dialog: dialog.accept())
    page.click(".who > summary")
    page.click("[data-logout] button")
    page.wait_for_selector("#login")
    assert kept(page) == 0


def test_a_log_out_leaves_what_waits_and_says_so(enter: Enter) -> None:
    login = collector(verifying().place)
    page = outside(enter(login, width=PHONE))
    page.context.route("**/api/v1/field/sync", lambda route: route.abort())
    report(page, "Lamp out")
    asked: list[str] = []

    def refuse(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.dismiss() if len(asked) == 1 else dialog.accept()

    page.on("dialog", refuse)
    page.click(".who > summary")
    with page.expect_event("dialog"):
        page.click("[data-logout] button")
    line(page, "1 waiting")
    page.click("[data-logout] button")
    page.wait_for_selector("#login")
    assert ["1 entries" in one for one in asked] == [True, True]
    page.context.unroute("**/api/v1/field/sync")
    page.goto("/desk/login?next=/field/")
    page.fill("#login", login)
    page.fill("#password", PASSWORD)
    page.click(".login .primary")
    line(page, "All sent")
    assert len(made("report")) == 1


def test_an_answer_that_is_lost_does_nothing_twice(enter: Enter, tmp_path: Path) -> None:
    page = outside(enter(collector(verifying().place), width=PHONE))
    lost = []

    def lose(route: Route) -> None:
        if not lost:
            lost.append(route.fetch().status)  # it arrives, and its answer does not
            route.abort()
        else:
            route.continue_()

    page.context.set_offline(True)
    report(page, "Lamp out")
    page.context.route("**/api/v1/field/sync", lose)
    back_online(page)
    line(page, "All sent")
    assert lost == [200]
    assert len(made("report")) == 1


def test_items_that_arrive_in_another_order_are_done_in_theirs(enter: Enter) -> None:
    walk = verifying()
    page = outside(enter(collector(walk.place), width=PHONE))
    rounds = []

    def shuffle(route: Route) -> None:
        body = json.loads(route.request.post_data or "{}")
        rounds.append(len(body["items"]))
        # First only the last one gets through, then all of them backwards.
        body["items"] = body["items"][-1:] if len(rounds) == 1 else body["items"][::-1]
        route.continue_(post_data=json.dumps(body))

    page.context.set_offline(True)
    for words in ("first", "second", "third"):
        note(page, walk, words)
    line(page, "3 waiting")
    page.context.route("**/api/v1/field/sync", shuffle)
    back_online(page)
    line(page, "All sent")
    assert rounds == [3, 3]
    told = get_case(district_id(), SYSTEM, walk.record_id).timeline
    assert [(e.texts or {}).get("note") for e in told if e.kind == "add_note"] == ["first", "second", "third"]


def test_a_photo_that_fails_is_sent_again_and_holds_up_nothing_else(enter: Enter, tmp_path: Path) -> None:
    page = outside(enter(collector(verifying().place), width=PHONE))
    tries: list[str] = []
    broken = [True]

    def fail(route: Route) -> None:
        tries.append(route.request.url)
        if broken and len(tries) > 1:
            route.abort("connectionreset")
        else:
            route.continue_()

    page.context.set_offline(True)
    report(page, "Two photos", photo(tmp_path, "a.jpg"), photo(tmp_path, "b.jpg"))
    report(page, "No photo")
    page.context.route("**/api/v1/field/photos", fail)
    back_online(page)
    line(page, "1 waiting")
    assert states(page) == {"Report: Two photos": "waiting", "Report: No photo": "sent"}
    cut_off = len(tries)
    broken.clear()
    line(page, "All sent")
    assert len(tries) == cut_off + 1, "only the one that was cut off goes again"
    assert sorted(len(photos_of(event)) for event in made("report")) == [0, 2]


def test_the_same_photo_twice_is_sent_once_and_stands_in_both_cases(enter: Enter, tmp_path: Path) -> None:
    page = outside(enter(collector(verifying().place), width=PHONE))
    sent = []
    page.on("request", lambda request: sent.append(request.url) if request.url.endswith("/field/photos") else None)
    same = photo(tmp_path)
    page.context.set_offline(True)
    report(page, "Here", same)
    report(page, "And there", same)
    back_online(page)
    line(page, "All sent")
    assert len(sent) == 1
    found = [photos_of(event) for event in made("report")]
    assert [len(one) for one in found] == [1, 1]
    assert bytes(found[0][0].sha256) == bytes(found[1][0].sha256)
    assert found[0][0].id != found[1][0].id


def test_a_change_at_the_desk_is_told_and_nobody_is_overwritten(enter: Enter, tmp_path: Path) -> None:
    walk = verifying()
    page = outside(enter(collector(walk.place), width=PHONE))
    page.context.set_offline(True)
    verify(page, walk, photo(tmp_path))
    report(page, "Behind it")
    walk.move(acting("shift_leader"), "recall_verify", texts={"reason": "another street"})
    back_online(page)
    line(page, "1 set aside")
    answered(page)
    assert list(states(page).values()) == ["sent", "conflict"]
    told = page.locator("li[data-state=conflict]")
    expect(told).to_contain_text("Recall the verification")
    expect(told).to_contain_text("The case stands at: Registered")
    assert made("confirm_exists") == []
    told.get_by_role("button", name="Send again").click()
    expect(page.locator("li[data-state=refused]")).to_contain_text("Registered")
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Give up").click()
    expect(page.locator("ol.sent > li")).to_have_count(1)
    line(page, "All sent")


def test_one_poison_item_is_set_aside_with_its_reason_and_the_rest_goes(enter: Enter) -> None:
    page = outside(enter(collector(verifying().place), width=PHONE))
    page.context.set_offline(True)
    for words in ("Before", "Poison", "After"):
        report(page, words)
    page.evaluate("""() => new Promise((resolve, reject) => {
        const asked = indexedDB.open("gewu-field");
        asked.onsuccess = () => {
            const change = asked.result.transaction("items", "readwrite");
            const items = change.objectStore("items");
            items.getAll().onsuccess = (event) => {
                const item = event.target.result.find((one) => one.about.endsWith("Poison"));
                item.body.form.description = "x".repeat(5000);
                items.put(item);
            };
            change.oncomplete = () => { asked.result.close(); resolve(); };
            change.onerror = reject;
        };
    })""")
    back_online(page)
    line(page, "1 set aside")
    answered(page)
    assert states(page) == {"Report: Before": "sent", "Report: Poison": "refused", "Report: After": "sent"}
    expect(page.locator("li[data-state=refused]")).to_contain_text("2000")
    assert len(made("report")) == 2
    page.reload()
    line(page, "1 set aside")


def test_what_was_kept_outlives_a_browser_that_is_killed(
    browser: Browser, live_server: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    set_passwords(District.objects.get(code=CODE), PASSWORD)
    walk = verifying()
    profile = tmp_path / "profile"
    chromium = os.environ.get("GEWU_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")

    def start():  # type: ignore[no-untyped-def]
        return browser.browser_type.launch_persistent_context(
            str(profile), executable_path=chromium, args=["--no-sandbox"], base_url=live_server, locale="en-GB",
            viewport={"width": PHONE, "height": 844},
        )  # fmt: skip

    context = start()
    page = context.new_page()
    page.goto("/desk/login")
    page.fill("#login", collector(walk.place))
    page.fill("#password", PASSWORD)
    page.click(".login .primary")
    page.wait_for_selector(".who")
    cookies = context.cookies()
    outside(page)
    context.set_offline(True)
    verify(page, walk, photo(tmp_path))
    report(page, "Lamp out", photo(tmp_path, "lamp.jpg"))
    line(page, "2 waiting")
    _kill(profile)

    context = start()
    request.addfinalizer(context.close)
    context.add_cookies(cookies)  # type: ignore[arg-type]  # a session cookie ends with its browser
    page = context.new_page()
    page.goto("/field/")
    line(page, "All sent")
    assert len(made("confirm_exists", walk.record_id)) == 1
    assert [len(photos_of(event)) for event in made("report")] == [1]


def _kill(profile: Path) -> None:
    """End the browser of this profile as an empty battery would."""
    killed = 0
    for process in Path("/proc").iterdir():
        if not process.name.isdigit():
            continue
        try:
            command = (process / "cmdline").read_bytes()
        except OSError:
            continue
        if f"--user-data-dir={profile}".encode() in command:
            os.kill(int(process.name), signal.SIGKILL)
            killed += 1
    assert killed
