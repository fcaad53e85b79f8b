"""What code and templates ask to be translated, also inside of f-strings, which the common extractors pass over."""

from __future__ import annotations

import ast
import io
from collections.abc import Iterator
from pathlib import Path

from babel.messages.extract import extract
from django.utils.translation.template import templatize

Sentence = tuple[str, str]
"""Context and words; of words that are counted, those for one."""
_FIRST = {"_": (None, 0), "gettext": (None, 0), "gettext_lazy": (None, 0), "ngettext": (None, 0)}
_WITH_CONTEXT = {"pgettext": (0, 1), "npgettext": (0, 1), "pgettext_lazy": (0, 1)}
_KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2), "npgettext": ((1, "c"), 2, 3)}


def sentences(folder: Path) -> set[Sentence]:
    """Everything below a folder."""
    found: set[Sentence] = set()
    for path in folder.rglob("*"):
        if path.suffix == ".py":
            found |= set(_of_code(path.read_text(encoding="utf-8")))
        elif path.suffix == ".html":
            found |= set(_of_template(path))
    return found


def _of_code(source: str) -> Iterator[Sentence]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            context, words = {**_FIRST, **_WITH_CONTEXT}.get(node.func.id, (None, -1))
            said = [arg.value if isinstance(arg, ast.Constant) else None for arg in node.args]
            if 0 <= words < len(said) and isinstance(said[words], str):
                yield (str(said[context]) if context is not None else ""), str(said[words])


def _of_template(path: Path) -> Iterator[Sentence]:
    code = templatize(path.read_text(encoding="utf-8"), origin=str(path))
    for _line, message, _comments, context in extract("python", io.BytesIO(code.encode()), keywords=_KEYWORDS):
        if message:
            yield context or "", message if isinstance(message, str) else message[0]
