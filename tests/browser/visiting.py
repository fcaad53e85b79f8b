"""Somebody of every role who goes through pages and writes down what is wrong with them."""

from __future__ import annotations

import html
import os
import re
from collections.abc import Sequence
from enum import Enum
from pathlib import Path
from types import TracebackType
from typing import Any

from django.http import HttpResponse
from playwright.sync_api import Browser, ConsoleMessage, Page

from browser.axe import violations
from browser.conftest import PHONE, WIDE
from surfaces.world import Someone

ZH, EN = "zh-CN", "en-GB"
LANGUAGE = {ZH: "zh-Hans", EN: "en"}
HEIGHT = {PHONE: 844, WIDE: 900}
FIRST = ("comprehensive_office", "intake_officer", "dispatcher", "shift_leader", "unit_clerk", "administrator")
"""Whose view of a page is taken where several may see it: those to whom it shows most."""
MOST_HIGH = 6000
"""A higher page makes a picture that the browser does not finish in time."""
ONE_LANGUAGE = Path(__file__).with_name("visiting.js").read_text(encoding="utf-8")


class Kind(Enum):
    """What is at an address."""

    PAGE = "a whole page"
    PART = "a part of one, a file, or something to send to"
    NOTHING = "nothing for anybody, or the way to elsewhere"


def is_page(answer: HttpResponse) -> bool:
    """Whether an answer is a whole page (and no part of one, no file, no way to elsewhere)."""
    return (
        answer.status_code == 200
        and answer.headers.get("Content-Type", "").startswith("text/html")
        and not answer.streaming
        and b"<html" in answer.content[:2000]
    )


class Visitor:
    """Goes through pages; ``found`` has what is wrong, with the address and who was there."""

    def __init__(self, browser: Browser, base: str, people: Sequence[Someone]) -> None:
        self.browser, self.base = browser, base
        rank = {name: number for number, name in enumerate(FIRST)}
        self.people = sorted(people, key=lambda one: rank.get(one.name, len(rank)))
        self.found: list[str] = []
        self.pages = 0
        self._open: dict[tuple[str, str], Page] = {}
        self._noise: list[str] = []

    def __enter__(self) -> Visitor:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for page in self._open.values():
            page.context.close()

    def who_sees(self, path: str) -> tuple[Someone | None, Kind]:
        """The first who gets a page there; where nobody does, whether somebody gets anything at all."""
        kind = Kind.NOTHING
        for one in self.people:
            answer = one.ask("GET", path)
            if is_page(answer):
                return one, Kind.PAGE
            if answer.status_code in (200, 204):
                return None, Kind.PART
            if answer.status_code == 405:
                kind = Kind.PART
        return None, kind

    def sees(self, who: Someone, path: str) -> bool:
        """Whether somebody gets a page there."""
        return is_page(who.ask("GET", path))

    def named(self, name: str) -> Someone:
        """One of them, by name."""
        return next(one for one in self.people if one.name == name)

    def link(self, who: Someone, path: str, wanted: str) -> str:
        """The first link on a page that fits."""
        found = re.search(f'href="({wanted})"', who.ask("GET", path).content.decode())
        assert found, f"{path} leads nowhere that fits {wanted}"
        return html.unescape(found[1])

    def told(self) -> str:
        """All that is wrong, line by line."""
        return "\n".join(self.found)

    # ---- in the browser

    def page(self, who: Someone, locale: str) -> Page:
        """The open page of somebody, in a language."""
        key = who.name, locale
        if key not in self._open:
            scheme: Any = "dark" if locale == EN else "light"
            context = self.browser.new_context(
                base_url=self.base, locale=locale, viewport=_size(PHONE), color_scheme=scheme
            )
            cookie = who.client.cookies.get("gewu_session")
            if cookie is not None:
                context.add_cookies([{"name": "gewu_session", "value": cookie.value, "url": self.base}])
            self._open[key] = self.listen(context.new_page())
        return self._open[key]

    def listen(self, page: Page) -> Page:
        """Write down what a page complains of by itself."""
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda error: self._noise.append(f"error: {error}"))
        page.on("console", self._hear)
        return page

    def _hear(self, message: ConsoleMessage) -> None:
        if "status of 422" in message.text:
            return  # a form that was not filled in as it should be: what is looked at is how it says so
        if message.type == "error" or "Content Security Policy" in message.text:
            self._noise.append(f"console: {message.text} {message.location.get('url', '')}")

    def visit(self, who: Someone, path: str, *, unfold: str = "", press: str = "") -> None:
        """All that is asked of a page: in Chinese on the phone, then wide, then in English by night. Folded parts that
        ``unfold`` names are opened one after the other; what ``press`` names is pressed, and what comes looked at, too.
        """
        self.pages += 1
        page = self.page(who, ZH)
        page.set_viewport_size(_size(PHONE))
        page.goto(path)
        self.look(page, ZH, f"{path} as {who.name}")
        for part in page.locator(unfold).all() if unfold else ():
            part.evaluate("(one) => { one.open = true }")
            said = part.evaluate("(one) => one.id || one.textContent.trim().slice(0, 20)")
            self.look(page, ZH, f"{path} with {said} as {who.name}", WIDE)
            part.evaluate("(one) => { one.open = false }")
        self._press(page, press, ZH, path)
        page = self.page(who, EN)
        page.set_viewport_size(_size(PHONE))
        page.goto(path)
        self.look(page, EN, f"{path} as {who.name}")
        self._press(page, press, EN, path)

    def _press(self, page: Page, what: str, locale: str, path: str) -> None:
        if what:
            with page.expect_navigation():
                page.locator(what).click()
            self.look(page, locale, f"{path} after {what}")

    def look(self, page: Page, locale: str, where: str, *widths: int) -> None:
        """A page as it lies open, at both widths or at some."""
        page.wait_for_load_state("load")
        if page.locator("#field").count():
            page.wait_for_selector("#field[data-ready]")
        wrong = [*self._noise, *self._named(page, locale)]
        self._noise.clear()
        foreign = page.evaluate(ONE_LANGUAGE, LANGUAGE[locale])
        wrong += [f"in another language: {one}" for one in foreign]
        for width in widths or (PHONE, WIDE):
            page.set_viewport_size(_size(width))
            wide = page.evaluate("document.documentElement.scrollWidth")
            if wide > width:
                wrong.append(f"{wide} px wide on a screen of {width}")
            if locale == ZH or width == PHONE:
                wrong += [f"axe at {width}: {one}" for one in violations(page)]
            self._picture(page, where, locale, width)
        wrong += self._noise
        self._noise.clear()
        self.found += [f"{where} [{locale}] {one}" for one in wrong]

    def _named(self, page: Page, locale: str) -> list[str]:
        lang, title, heads = page.evaluate(
            "[document.documentElement.lang, document.title.split(' · ')[0].trim(),"
            " [...document.querySelectorAll('h1')].filter((one) => one.textContent.trim()).length]"
        )
        wrong = []
        if lang != LANGUAGE[locale]:
            wrong.append(f"says that its language is {lang!r}")
        if not title:
            wrong.append("has no title")
        if heads != 1:
            wrong.append(f"has {heads} headings of the first level")
        return wrong

    def _picture(self, page: Page, where: str, locale: str, width: int) -> None:
        """For people who want to look: the folder that ``GEWU_PICTURES`` names. Very high pages as far as they show."""
        if folder := os.environ.get("GEWU_PICTURES"):
            name = re.sub(r"[^\w]+", "_", where).strip("_")[:120]
            low = page.evaluate("document.documentElement.scrollHeight") <= MOST_HIGH
            page.screenshot(path=Path(folder) / f"{name}_{locale[:2]}_{width}.png", full_page=low)


def _size(width: int) -> Any:
    return {"width": width, "height": HEIGHT[width]}
