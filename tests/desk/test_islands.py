"""Islands: the tag gives the files that the build named, and says what to do when there was none."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template import Context, Template

from gewu.surfaces.look import islands

MANIFEST = {
    "src/map/main.ts": {
        "file": "map-a1b2c3d4.js",
        "isEntry": True,
        "imports": ["_shared-e5f6a7b8.js"],
        "css": ["map-0f0f0f0f.css"],
    },
    "_shared-e5f6a7b8.js": {"file": "shared-e5f6a7b8.js", "css": ["shared-1a1a1a1a.css"]},
}


def write(folder: Path, value: object) -> Path:
    path = folder / "manifest.json"
    path.write_text(json.dumps(value), encoding="utf-8")
    return path


def test_the_tag_loads_script_parts_and_styles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, MANIFEST)
    found = islands.island("map", path)
    monkeypatch.setattr(islands, "island", lambda _name: found)
    shown = Template('{% load islands %}{% island "map" %}').render(Context())
    assert shown == (
        '<link rel="stylesheet" href="/static/built/map-0f0f0f0f.css">'
        '<link rel="stylesheet" href="/static/built/shared-1a1a1a1a.css">'
        '<link rel="modulepreload" href="/static/built/shared-e5f6a7b8.js">'
        '<script type="module" src="/static/built/map-a1b2c3d4.js"></script>'
    )


def test_a_page_without_its_bundle_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(islands.NotBuilt, match="make install"):
        islands.island("map", tmp_path / "manifest.json")
    with pytest.raises(islands.NotBuilt, match="no island 'chart'"):
        islands.island("chart", write(tmp_path, MANIFEST))


def test_a_new_build_is_seen_without_a_restart(tmp_path: Path) -> None:
    import os

    path = write(tmp_path, MANIFEST)
    assert islands.island("map", path).script == "map-a1b2c3d4.js"
    write(tmp_path, {"src/map/main.ts": {"file": "map-99999999.js", "isEntry": True}})
    os.utime(path, ns=(1, 1))
    assert islands.island("map", path).files == ("map-99999999.js",)


def test_only_names_with_a_hash_are_kept_for_ever() -> None:
    kept = re.compile(settings.WHITENOISE_IMMUTABLE_FILE_TEST)
    assert kept.match("/static/built/field-CP79L0QC.js")
    assert not kept.match("/static/built/manifest.json")
    assert not kept.match("/static/look/look.js")
