"""Every page of the installation, as the resolver has them, in the system's Chromium: nothing serious that axe finds,
no fault and nothing refused by the policy for contents, no wider than a phone, named, and in one language.

A page is visited by somebody who may see it, with records made for it: on a phone and on a wide screen in Chinese, and
on a phone in English by night. Pages that need a record of another stage have a visit of their own (``VISITS``); where
none is made, the reason stands in ``NOT_HERE``. A page that is in neither fails, so that a new page cannot stay away.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser

from browser.visiting import Kind, Visitor
from gewu.connections.models import Channel, Webhook
from gewu.ledger.door import now_us
from gewu.registry.models import District
from support.district import CODE, START_US, Walk, acting, post
from support.occasions import OFFICE, Session
from support.showcase import STREETS, Showcase
from surfaces.addresses import addresses, patterns
from surfaces.world import Someone, everybody, examples, seated

PARTS = 4
"""Among so many tests the pages are shared out, so that several workers take part."""
NOT_PAGES = ("api", "i18n", "healthz", "jsi18n", "look", "open311")
FILES = re.compile(r"\.(svg|png|json|xlsx|csv|<(slug:)?form>)$|/photos?/|/papers/(handovers|letters)/|(^|/)maps/")
NOT_HERE = {
    "desk/login/code": "between password and second factor: looked at in test_signin.py",
    "desk/login/provider": "leads to the login of a provider where one is set up: tests/desk/test_oidc.py",
    "desk/login/provider/back": "comes back from there",
    "desk/imports/<run_id>": "looked at in tests/imports/test_page.py, while an import runs",
    "desk/imports/<run_id>/part": "a part of that page",
    "desk/district/acts/<act_id>": "of the same template as the pages of bodies and buildings; no act in this district",
    "desk/district/devices/one/<code>": "of that template, too; no device in this district",
    "desk/registers": "leads to the first register",
    "follow/<number>/note": "leads back to the page of the report, which is visited",
    "follow/<number>/opinion": "leads back there, too",
    "follow/<number>/leave": "leads back to the question for number and code",
    "report/<token>/what": "a draft lives in its browser: tests/public/test_browser.py and test_day.py go through it",
    "report/<token>/where": "see above",
    "report/<token>/same": "see above",
    "report/<token>/who": "see above",
    "report/<token>/done": "see above",
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
        unseen = sorted(set(away) - set(NOT_HERE) - set(VISITS))
        visitor.found += [
            f"/{name}: nobody of whom we know sees a page there: say who does, in VISITS" for name in unseen
        ]
        assert not visitor.found, visitor.told()


@dataclass(frozen=True)
class Visit:
    """Who goes where. ``link`` is looked for on the page at ``path`` and followed."""

    who: str
    path: str
    link: str = ""


def _split() -> Visit:
    return Visit("shift_leader", f"/desk/cases/{Walk(at_us=now_us()).filed().number}/split")


def _standing() -> Visit:
    Walk(at_us=now_us()).filed()
    return Visit("comprehensive_office", "/cockpit/", r"/cockpit/records\?[^\"]+what=standing[^\"]*")


def _figure() -> Visit:
    Walk(at_us=now_us() - 6 * 3_600_000_000).closed()
    return Visit("comprehensive_office", "/desk/figures", r"/desk/figures/records\?[^\"]+")


def _matter() -> Visit:
    return Visit("street", f"/desk/workdays/{Session(at_us=START_US).scheduled().opened().record_id}/matters/1/case")


def _vote() -> Visit:
    return Visit("street", f"/desk/rounds/{Showcase(streets=STREETS[:5]).voting().record_id}/vote")


def _recount() -> Visit:
    held = Showcase(streets=STREETS[:5], period="2026Q3").voting().all_vote().counted()
    return Visit("comprehensive_office", f"/desk/rounds/{held.record_id}/recount")


def _webhook() -> Visit:
    made = Webhook.objects.create(district=District.objects.get(code=CODE), name="对接系统", url="https://example.org/")
    return Visit("administrator", f"/desk/connections/webhooks/{made.id}")


def _channel() -> Visit:
    made = Channel.objects.create(district=District.objects.get(code=CODE), kind="mail", name="邮件", secrets=b"")
    return Visit("administrator", f"/desk/connections/channels/{made.id}")


VISITS: dict[str, Callable[[], Visit]] = {
    "cockpit/records": _standing,
    "desk/cases/<number>/split": _split,
    "desk/connections/channels/<channel>": _channel,
    "desk/connections/webhooks/<webhook>": _webhook,
    "desk/district/bodies/<code>": lambda: Visit("assessor", "/desk/district/bodies/urban-management-bureau"),
    "desk/district/buildings/<code>": lambda: Visit("assessor", "/desk/district/buildings/500101001007B0001"),
    "desk/district/items/<code>": lambda: Visit("assessor", "/desk/district/items/E001"),
    "desk/figures/records": _figure,
    "desk/rounds/<record_id>/recount": _recount,
    "desk/rounds/<record_id>/vote": _vote,
    "desk/workdays/<record_id>/matters/<no>/case": _matter,
}
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


@pytest.fixture
def _kept_clean(db: object) -> Iterator[None]:
    yield
    Webhook.objects.all().delete()
    Channel.objects.all().delete()


@pytest.mark.usefixtures("_kept_clean")
def test_pages_that_need_more_are_sound(browser: Browser, live_server: str) -> None:
    with Visitor(browser, live_server, [*everybody(), *_more()]) as visitor:
        for name, prepare in VISITS.items():
            wanted = prepare()
            who = visitor.named(wanted.who)
            path = visitor.link(who, wanted.path, wanted.link) if wanted.link else wanted.path
            assert visitor.sees(who, path), f"{name}: {who.name} gets no page at {path}"
            visitor.visit(who, path)
        assert not visitor.found, visitor.told()


def test_a_case_at_every_stage_is_sound(browser: Browser, live_server: str) -> None:
    """With the forms of whoever has it, each of them unfolded."""
    with Visitor(browser, live_server, [*everybody(), *_more()]) as visitor:
        for name, (role, prepare) in STAGES.items():
            who, path = visitor.named(role), f"/desk/cases/{prepare(Walk(at_us=now_us() - 3_600_000_000)).number}"
            assert visitor.sees(who, path), f"{name}: {who.name} gets no page at {path}"
            visitor.visit(who, path, unfold="details.move")
        assert not visitor.found, visitor.told()


def _more() -> list[Someone]:
    return [
        Someone("street", seated(post("unit_clerk", unit=OFFICE))),
        Someone("clerk", seated(post("unit_clerk", unit="sanitation-section"))),
    ]
