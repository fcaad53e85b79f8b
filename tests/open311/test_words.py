"""Every sentence of Open311 exists in Chinese, and no other surface says it otherwise."""

from __future__ import annotations

import io
from pathlib import Path

from babel.messages.extract import extract
from babel.messages.pofile import read_po
from django.utils import translation

import gewu.surfaces.open311

ROOM = Path(gewu.surfaces.open311.__file__).parent


def test_every_sentence_has_its_chinese() -> None:
    said = set()
    for file in ROOM.rglob("*.py"):
        found = extract("python", io.BytesIO(file.read_bytes()), keywords={"_": None}, options={"encoding": "utf-8"})
        said |= {message for _line, message, _comments, _context in found}
    with (ROOM / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po").open("rb") as file:
        catalogue = {m.id: m.string for m in read_po(file) if m.id}
    assert said == set(catalogue)
    with translation.override("zh-hans"):
        for sentence, chinese in catalogue.items():
            assert translation.gettext(sentence) == chinese, sentence
