"""What axe-core finds on a page: the version that web/package-lock.json names, put in by `make install`."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

SOURCE = Path(__file__).resolve().parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
GRAVE = ("serious", "critical")


@lru_cache(maxsize=1)
def _source() -> str:
    assert SOURCE.exists(), f"{SOURCE} is not there: `make install` puts it in"
    return SOURCE.read_text(encoding="utf-8")


def violations(page: Page, *rules: str) -> list[str]:
    """Each serious or critical violation with the elements that have it. All rules of axe that are on by themselves, or
    only those named.

    The script goes in by the browser's own door for debuggers, which the page's policy for contents does not rule.
    """
    if not page.evaluate("Boolean(window.axe)"):
        page.evaluate(_source())
    options: dict[str, Any] = {"resultTypes": ["violations"], "preload": False}
    if rules:
        options["runOnly"] = {"type": "rule", "values": list(rules)}
    found = page.evaluate("(options) => axe.run(document, options)", options)
    return [
        f"{one['id']} ({one['impact']}): " + " | ".join(_node(node) for node in one["nodes"][:4])
        for one in found["violations"]
        if one["impact"] in GRAVE
    ]


def _node(node: dict[str, Any]) -> str:
    said = next((check["message"] for check in node["any"] + node["all"] + node["none"]), "")
    return f"{node['html'][:160]} ({said})"
