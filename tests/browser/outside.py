"""What tests of the field share: a phone on a page, photos, what the ledger has of it."""

from __future__ import annotations

import itertools
import time
from pathlib import Path
from typing import Any
from uuid import UUID

from playwright.sync_api import Page, expect

from gewu.ledger.models import Attachment, Event
from gewu.occasions.services import Filled, schedule
from gewu.registry.models import Post
from support.district import POINT, Walk, acting, district_id, picture, post
from support.district import photo as staged
from support.occasions import COMMUNITY, OFFICE

_widths = itertools.count()


def verifying() -> Walk:
    """A case that waits for verification on site."""
    return Walk().intake().move(acting("intake_officer"), "send_verify")


def pictured() -> Walk:
    """A case that waits for verification, with a photo that came with its report."""
    walk, officer = verifying(), acting("intake_officer")
    return walk.move(officer, "add_note", texts={"note": "Photo from the caller"}, photos=[staged(officer)])


def whistle(cause: str = "hard") -> tuple[UUID, str]:
    """A whistle of a street office, and the login of the clerk of the squad that it calls."""
    called = post("unit_clerk", unit="squad-gaosuntang")
    args: dict[str, Any] = {
        "cause": cause, "unit": OFFICE, "place": COMMUNITY, "starts_at": int(time.time()), "units": (called.unit,),
    }  # fmt: skip
    filled = Filled(args, {"subject": "Fumes of the night market", "where": "Wangjiang crossing"})
    made = schedule(district_id(), acting("unit_clerk", unit=OFFICE), "whistle", filled)
    return made.outcome.record_id, called.login


def collector(place: str, number: int = 0) -> str:
    """The login of a collector of this place."""
    found = Post.objects.get(district_id=district_id(), code=post("collector", covering=place, number=number).code)
    assert found.person is not None
    return found.person.login


def photo(folder: Path, name: str = "photo.jpg") -> str:
    """A photo of its own as a file. Shades that lie side by side are the same bytes in a JPEG: widths are not."""
    path = folder / name
    path.write_bytes(picture(320 + next(_widths), 240))
    return str(path)


def outside(page: Page) -> Page:
    """Open the field with a position at hand, and wait until its worker rules over the page."""
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"longitude": POINT[0], "latitude": POINT[1]})
    page.goto("/field/")
    page.wait_for_selector("#field[data-ready]")
    page.evaluate(
        "navigator.serviceWorker.controller ? 0 : new Promise("
        "(done) => navigator.serviceWorker.addEventListener('controllerchange', () => done(0)))"
    )
    return page


def report(page: Page, words: str, *photos: str) -> None:
    """Report a find at the phone's position."""
    page.click("a[href='#new/report']")
    for file in photos:
        page.set_input_files("input[data-role=scene]", file)
    page.click(".here")
    expect(page.locator(".hint[role=status]")).to_contain_text(f"{POINT[1]:.5f}")
    page.fill("textarea[name=description]", words)
    page.click("form .primary")
    page.wait_for_selector(".notice-success")


def note(page: Page, walk: Walk, words: str) -> None:
    """Add a note to a case."""
    page.goto(f"/field/#task/{walk.record_id}/add_note")
    page.fill("textarea[name=note]", words)
    page.click("form .primary")
    page.wait_for_selector(".notice-success")


def verify(page: Page, walk: Walk, file: str) -> None:
    """Say that a case exists, with a photo."""
    page.goto(f"/field/#task/{walk.record_id}/confirm_exists")
    page.set_input_files("input[data-role=scene]", file)
    page.click("form .primary")
    page.wait_for_selector(".notice-success")


def back_online(page: Page) -> None:
    """The line comes back; the page notices by itself."""
    page.context.set_offline(False)


def line(page: Page, text: str) -> None:
    """What the line about the outbox says in the end."""
    expect(page.locator("#field-line")).to_contain_text(text, timeout=30_000)


def answered(page: Page) -> None:
    """Wait until nothing waits any more: answers are shown one by one, so that one may be told before the next."""
    expect(page.locator("#field-line")).not_to_contain_text("waiting", timeout=30_000)


def states(page: Page) -> dict[str, str]:
    """What became of each item, by the words that the list shows."""
    page.goto("/field/#outbox")
    page.wait_for_selector("ol.sent")
    rows = page.locator("ol.sent > li")
    return {row.locator(".sent-what").inner_text(): row.get_attribute("data-state") or "" for row in rows.all()}


def made(kind: str, record: UUID | None = None) -> list[Event]:
    """The events of a kind, of one case or of all."""
    found = Event.objects.filter(district_id=district_id(), kind=kind).order_by("at", "seq")
    return list(found.filter(record_id=record) if record else found)


def photos_of(event: Event) -> list[Attachment]:
    """The photos that an event brought."""
    return list(Attachment.objects.filter(district_id=district_id(), record_id=event.record_id, seq=event.seq))


def kept(page: Page) -> int:
    """How many pictures of tasks the phone keeps."""
    found: int = page.evaluate("""() => new Promise((resolve, reject) => {
        const asked = indexedDB.open("gewu-field");
        asked.onerror = reject;
        asked.onsuccess = () => {
            const count = asked.result.transaction("pictures").objectStore("pictures").count();
            count.onsuccess = () => { asked.result.close(); resolve(count.result); };
        };
    })""")
    return found
