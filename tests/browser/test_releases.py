"""Photos for the public in a browser: covered by mouse and by keyboard, looked at, released, withdrawn."""

from __future__ import annotations

import base64
import io
import time

from PIL import Image, ImageDraw, ImageStat
from playwright.sync_api import Locator, Page, expect

from browser.conftest import PHONE, Enter, sound
from browser.test_desk import login
from gewu.core.records import Photo
from gewu.ledger import attachments
from support.district import Walk, acting, district_id

COLUMNS, ROWS = 16, 12
STEP = 50
"""Pixels of a field on the photo and, because it is smaller than copies may be, on the copy."""


def checkered() -> bytes:
    """A photo on which every field holds black and white: what is covered is told by what is not there any more."""
    image = Image.new("RGB", (COLUMNS * STEP, ROWS * STEP), "white")
    draw = ImageDraw.Draw(image)
    for x in range(0, image.width, 10):
        for y in range(x // 10 % 2 * 10, image.height, 20):
            draw.rectangle((x, y, x + 9, y + 9), fill="black")
    out = io.BytesIO()
    image.save(out, "JPEG", quality=95)
    return out.getvalue()


def spread(picture: Image.Image, field: int) -> int:
    """How far the lightest and the darkest pixel inside a field are apart."""
    row, column = divmod(field, COLUMNS)
    inner = picture.crop((column * STEP + 17, row * STEP + 17, (column + 1) * STEP - 17, (row + 1) * STEP - 17))
    return max(high - low for low, high in ImageStat.Stat(inner.convert("RGB")).extrema)


def draw(page: Page, board: Locator, begin: tuple[int, int], end: tuple[int, int]) -> None:
    """Press in the middle of one field (column, row) and let go in the middle of another."""
    box = board.bounding_box()
    assert box is not None
    points = [
        (box["x"] + box["width"] * (x + 0.5) / COLUMNS, box["y"] + box["height"] * (y + 0.5) / ROWS)
        for x, y in (begin, end)
    ]
    page.mouse.move(*points[0])
    page.mouse.down()
    page.mouse.move(*points[1], steps=3)
    page.mouse.up()


def test_what_is_covered_by_mouse_and_keyboard_is_gone_from_what_everybody_sees(enter: Enter) -> None:
    walk = Walk().handling()
    who, original = walk.clerk(), checkered()
    staged = attachments.stage(district_id(), original, who.actor.person, "after")
    walk.later(20).move(who, "report_handled", texts={"result": "已清洗"}, photos=[Photo(str(staged.id), "after")])
    walk.later(5).move(acting("dispatcher"), "send_check")
    checker = walk.collector(1)
    found = attachments.stage(district_id(), checkered(), checker.actor.person, "scene")
    walk.later(15).move(checker, "check_pass", photos=[Photo(str(found.id), "scene")])
    walk.later(5).move(acting("shift_leader"), "close", args={"closing_condition": True})

    page = enter(login("shift_leader"))
    page.goto("/desk/releases")
    page.get_by_role("link", name=f"Look at the photos {walk.number}").click()
    page.locator(f"a[href$='{staged.id}']").click()
    board, count = page.locator("[data-mark]"), page.locator("[data-mark-count]")
    expect(board.locator("input")).to_have_count(COLUMNS * ROWS)
    expect(count).to_have_text("Nothing is covered")
    board.scroll_into_view_if_needed()
    draw(page, board, (2, 1), (4, 2))
    expect(count).to_have_text("6 fields covered")
    draw(page, board, (4, 1), (4, 2))  # begun on a covered field it uncovers
    expect(count).to_have_text("4 fields covered")
    # The board keeps the keyboard where it was: from field (4, 1) down to (4, 5), and on with Shift.
    for key in ("ArrowDown", "ArrowDown", "ArrowDown", "ArrowDown", "Shift+ArrowRight", "ArrowRight", "Space"):
        page.keyboard.press(key)
    expect(count).to_have_text("7 fields covered")
    covered = {y * COLUMNS + x for x, y in ((2, 1), (3, 1), (2, 2), (3, 2), (4, 5), (5, 5), (6, 5))}
    ticked = board.locator("input:checked").evaluate_all("found => found.map((one) => Number(one.value))")
    assert set(ticked) == covered
    sound(page)

    page.get_by_role("button", name="See the copy").click()
    expect(page.locator("main")).to_contain_text("7 fields are covered")
    shown = page.locator(".release-copy").get_attribute("src")
    assert shown is not None
    look = Image.open(io.BytesIO(base64.b64decode(shown.partition(",")[2])))
    assert all((spread(look, n) < 12) == (n in covered) for n in range(COLUMNS * ROWS))
    sound(page)
    page.get_by_role("button", name="Release this copy").click()
    expect(page.locator(".field-bad")).to_contain_text("Look at the copy and confirm it first")
    page.get_by_label("I looked at this copy").check()
    page.get_by_role("button", name="Release this copy").click()
    expect(page.locator("main")).to_contain_text("Public now")
    expect(page.locator(".release-public img")).to_have_count(1)
    sound(page)

    resident = enter(width=PHONE, locale="zh-CN")
    resident.goto("/solved")
    picture = resident.locator(".solved-list img")
    # Which cases are solved is looked up once a minute, and somebody may have asked just before.
    until = time.monotonic() + 75
    while not picture.count() and time.monotonic() < until:
        resident.wait_for_timeout(3000)
        resident.reload()
    expect(picture).to_have_count(1)
    address = str(picture.get_attribute("src"))
    answer = resident.request.get(address)
    assert answer.status == 200
    public = Image.open(io.BytesIO(answer.body()))
    assert public.size == (COLUMNS * STEP, ROWS * STEP)
    assert all((spread(public, n) < 12) == (n in covered) for n in range(COLUMNS * ROWS))
    assert answer.body() != original
    sound(resident)
    for photo in (staged.id, found.id):
        for secret in (f"/solved/photo/{photo}", f"/desk/photos/{photo}", f"/desk/photos/{photo}/thumb"):
            refused = resident.request.get(secret, max_redirects=0)
            assert refused.status in (302, 303, 403, 404), secret
            assert b"\xff\xd8\xff" not in refused.body()

    page.get_by_role("button", name="Withdraw").click()
    expect(page.locator(".release-public img")).to_have_count(0)
    assert resident.request.get(address).status == 404
    resident.reload()
    expect(resident.locator(".solved-list img")).to_have_count(0)
