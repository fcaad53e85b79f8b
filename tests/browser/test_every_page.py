"""Every page of the installation, as the resolver has them, in the system's Chromium: nothing serious that axe finds,
no fault and nothing refused by the policy for contents, no wider than a phone, named, and in one language.

A page is visited by somebody who may see it, with records made for it: on a phone and on a wide screen in Chinese, and
on a phone in English by night. Pages that need a record of another stage have a visit of their own (``VISITS``); where
none is made, the reason stands in ``NOT_HERE``. A page that is in neither fails, so that a new page cannot stay away.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

import psycopg
import pytest
from playwright.sync_api import Browser, Page

from browser.visiting import EN, ZH, Kind, Visitor
from browser.visits import HOUR_US, IN_REGISTRY, VISITS, Visit
from enforcement.conftest import wanzhou
from gewu.connections.models import Channel, Webhook
from gewu.ledger.door import now_us
from support.district import POINT, Walk, acting, post
from support.occasions import OFFICE
from support.visitors import jpeg
from surfaces.addresses import addresses, patterns
from surfaces.world import ANONYMOUS, Someone, everybody, examples, seated

__all__ = ["wanzhou"]

PARTS = 4
"""Among so many tests the pages are shared out, so that several workers take part."""
NOT_PAGES = ("api", "i18n", "healthz", "jsi18n", "look", "open311")
FILES = re.compile(
    r"\.(svg|png|json|xlsx|csv|<(slug:)?form>)$|/photos?/|/papers/(bulletin|handovers|letters)|(^|/)maps/"
)
STEPS = "report/<token>/"
NOT_HERE = {
    "desk/login/code": "between password and second factor: looked at in test_signin.py",
    "desk/login/provider": "leads to the login of a provider where one is set up: tests/desk/test_oidc.py",
    "desk/login/provider/back": "comes back from there",
    "desk/imports/<run_id>/part": "a part of that page",
    "desk/registers": "leads to the first register",
    "follow/<number>/note": "leads back to the page of the report, which is visited",
    "follow/<number>/opinion": "leads back there, too",
    "follow/<number>/leave": "leads back to the question for number and code",
}


def surfaces() -> list[str]:
    """The first parts of all addresses that may be pages."""
    return sorted({pattern.split("/")[0] for pattern in patterns()} - set(NOT_PAGES))


@pytest.mark.parametrize("part", range(PARTS))
def test_every_page_is_sound(browser: Browser, live_server: str, part: int) -> None:
    given = examples()
    away = []
    with Visitor(browser, live_server, everybody()) as visitor:
        for address in addresses(given, *surfaces())[part::PARTS]:
            found, kind = visitor.who_sees(address.path)
            if found is not None:
                visitor.visit(found, address.path)
            elif kind is Kind.NOTHING and not FILES.search(address.name):
                away.append(address.name)
        assert visitor.pages > 10
        elsewhere = {name.partition(" ")[0] for name in (*VISITS, *IN_REGISTRY)} | set(NOT_HERE)
        visitor.found += [
            f"/{name}: nobody of whom we know sees a page there: say who does, in VISITS"
            for name in away
            if name not in elsewhere and not name.startswith(STEPS)
        ]
        assert not visitor.found, visitor.told()


def _go(visitor: Visitor, visits: Mapping[str, Callable[[], Visit]]) -> None:
    for name, prepare in visits.items():
        wanted = prepare()
        who = visitor.named(wanted.who)
        path = visitor.link(who, wanted.path, wanted.link) if wanted.link else wanted.path
        assert visitor.sees(who, path), f"{name}: {who.name} gets no page at {path}"
        visitor.visit(who, path, press=wanted.press)
    assert not visitor.found, visitor.told()


@pytest.fixture
def _kept_clean(db: object) -> Iterator[None]:
    yield
    Webhook.objects.all().delete()
    Channel.objects.all().delete()


@pytest.fixture
def _no_devices(owner_connection: psycopg.Connection) -> Iterator[None]:
    owner_connection.execute("DELETE FROM registry_device")
    yield
    owner_connection.execute("TRUNCATE imports_alarm")
    owner_connection.execute("DELETE FROM registry_device")


@pytest.mark.usefixtures("_kept_clean")
def test_pages_that_need_more_are_sound(browser: Browser, live_server: str) -> None:
    with Visitor(browser, live_server, [*everybody(), *_more()]) as visitor:
        _go(visitor, VISITS)


@pytest.mark.usefixtures("wanzhou", "_no_devices")
def test_pages_of_reforms_and_devices_are_sound(browser: Browser, live_server: str) -> None:
    with Visitor(browser, live_server, everybody()) as visitor:
        _go(visitor, IN_REGISTRY)


STAGES: dict[str, tuple[str, Callable[[Walk], Walk]]] = {
    "reported and at the desk": ("intake_officer", Walk.intake),
    "in the collector's hands": (
        "collector",
        lambda walk: walk.intake().move(acting("intake_officer"), "send_verify"),
    ),
    "filed": ("dispatcher", Walk.filed),
    "dispatched": ("dispatcher", Walk.dispatched),
    "being handled": ("clerk", Walk.handling),
    "checked": ("shift_leader", Walk.checked),
    "answered": ("intake_officer", Walk.answered),
}


def test_a_case_at_every_stage_is_sound(browser: Browser, live_server: str) -> None:
    """With the forms of whoever has it, each of them unfolded."""
    with Visitor(browser, live_server, [*everybody(), *_more()]) as visitor:
        for name, (role, prepare) in STAGES.items():
            who, path = visitor.named(role), f"/desk/cases/{prepare(Walk(at_us=now_us() - HOUR_US)).number}"
            assert visitor.sees(who, path), f"{name}: {who.name} gets no page at {path}"
            visitor.visit(who, path, unfold="details.move")
        assert not visitor.found, visitor.told()


@pytest.mark.parametrize("locale", [ZH, EN])
def test_the_questions_of_a_report_are_sound(browser: Browser, live_server: str, locale: str) -> None:
    """A draft lives in its browser: one goes through every step, joins a case near by, and looks after a report."""
    Walk(at_us=now_us() - HOUR_US).intake()
    answered = Walk(at_us=now_us() - 6 * HOUR_US).answered()
    with Visitor(browser, live_server, everybody()) as visitor:
        page = visitor.page(visitor.named(ANONYMOUS), locale)
        _reports(visitor, page, locale)
        page.goto(f"/follow#{answered.number}-{answered.follow_code}")
        page.locator("#opinion").wait_for()
        visitor.look(page, locale, "the report that was answered")
        for asked in page.locator("#opinion fieldset").all():
            asked.get_by_role("radio").first.check()
        page.locator("#opinion button").click()
        page.locator("#opinion .notice-success").wait_for()
        visitor.look(page, locale, "what was said of the answer")
        assert not visitor.found, visitor.told()


def _reports(visitor: Visitor, page: Page, locale: str) -> None:
    page.goto("/report")
    photo = {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": jpeg(*POINT, size=(640, 480))}

    def goes_on(to: str, button: str = ".actions .primary") -> None:
        page.locator(button).click()
        page.wait_for_url(f"**/{to}")
        visitor.look(page, locale, f"the step {to}")

    page.locator(".actions .primary").click()
    page.locator(".error-summary").wait_for()
    visitor.look(page, locale, "the step what without words")
    page.locator("#description").fill("路边道路不洁，一大片油污，老人滑倒了")
    page.locator("input[type=file]").set_input_files([photo])
    goes_on("where")
    page.goto(page.url.replace("/where", "/what"))
    page.locator(".photos img").wait_for()
    visitor.look(page, locale, "the step what with a photo")
    goes_on("where")
    goes_on("same")
    goes_on("who", "button[name=join] >> nth=0")
    page.locator("input[name=wants][value=yes]").check()
    goes_on("done")
    page.goto(str(page.locator("[data-copy*='#']").get_attribute("data-copy")))
    page.locator("#note-form").wait_for()
    visitor.look(page, locale, "the report as its reporter sees it")


def _more() -> list[Someone]:
    return [
        Someone("street", seated(post("unit_clerk", unit=OFFICE))),
        Someone("clerk", seated(post("unit_clerk", unit="sanitation-section"))),
    ]
