"""The pages that are for everybody, and that every word of the public pages exists in Chinese."""

from __future__ import annotations

import io
from pathlib import Path

import httpx
import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from django.utils import translation
from django.utils.translation.template import templatize

import gewu.surfaces.public
from support.visitors import NewVisitor

ROOM = Path(gewu.surfaces.public.__file__).parent
CATALOGUE = ROOM / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
CONTEXT = ((1, "c"), 2)
KEYWORDS = {
    "_": None, "gettext": None, "gettext_lazy": None, "lazy": None, "ngettext": (1, 2),
    "pgettext": CONTEXT, "pgettext_lazy": CONTEXT, "word": CONTEXT,
}  # fmt: skip


Said = str | tuple[str, ...]
"""A sentence, or one thing and many of it."""


def sentences() -> set[tuple[str, Said]]:
    """(context, sentence) of everything that the public pages say."""
    found: set[tuple[str, Said]] = set()
    for file in (*ROOM.rglob("*.html"), *ROOM.rglob("*.py")):
        source = file.read_text()
        code = templatize(source) if file.suffix == ".html" else source
        for _, message, _, context in extract(
            "python", io.BytesIO(code.encode()), keywords=KEYWORDS, options={"encoding": "utf-8"}
        ):
            one = isinstance(message, str) or context is None
            found.add((context or "", message if one else message[-1]))
    return found


def test_every_sentence_has_its_chinese_and_no_other_surface_overrules_it() -> None:
    with CATALOGUE.open("rb") as file:
        catalogue = {(m.context or "", m.id): m.string for m in read_po(file) if m.id}
    assert len(catalogue) > 150
    assert sentences() == set(catalogue)
    with translation.override("zh-hans"):
        for (context, sentence), chinese in catalogue.items():
            if isinstance(sentence, tuple):
                assert translation.ngettext(*sentence, 2) == chinese[0], sentence
                continue
            said = translation.pgettext(context, sentence) if context else translation.gettext(sentence)
            assert said == chinese, sentence


@pytest.mark.parametrize("path", ["/", "/report", "/follow", "/about"])
@pytest.mark.parametrize(("language", "tag"), [("zh-CN,zh;q=0.9", "zh-Hans"), ("en", "en"), ("fr", "en")])
def test_pages_for_everybody_speak_the_language_of_the_browser(
    visitor: NewVisitor, path: str, language: str, tag: str
) -> None:
    one = visitor(language)
    one.go(path)
    assert one.page.status_code == 200
    assert f'<html lang="{tag}"' in one.page.text
    assert not one.http.cookies.get("gewu_session")  # looking leaves nothing behind


def test_the_language_can_be_switched_and_stays(visitor: NewVisitor) -> None:
    one = visitor("en")
    one.post("/i18n/setlang/", {"language": "zh-hans"})
    one.go("/about")
    assert "办理说明" in one.text


def test_the_method_names_the_limits_of_the_playbook(visitor: NewVisitor) -> None:
    one = visitor("en")
    one.go("/about")
    for limit in ("within 15 minutes", "within 30 minutes", "within 1 working day"):
        assert limit in one.text
    assert "assumptions of this installation" in one.text


def test_programs_find_what_is_for_everybody(live_server: str) -> None:
    robots = httpx.get(f"{live_server}/robots.txt")
    assert robots.headers["Content-Type"].startswith("text/plain")
    for path in ("/report/", "/follow/", "/desk/", "/api/"):
        assert f"Disallow: {path}" in robots.text
    sitemap = httpx.get(f"{live_server}/sitemap.xml")
    assert f"<loc>{live_server}/about</loc>" in sitemap.text
    assert f"Sitemap: {live_server}/sitemap.xml" in robots.text


def test_what_is_private_is_kept_out_of_caches(visitor: NewVisitor) -> None:
    one = visitor().what()
    assert "no-store" in one.page.headers["Cache-Control"]
    one.where(address="王牌路").who()
    assert "no-store" in one.page.headers["Cache-Control"]
    number, _ = one.result
    assert "no-store" in one.go(f"/follow/{number}").headers["Cache-Control"]
