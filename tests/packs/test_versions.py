"""A published version of a playbook is never changed: homes that loaded it refuse another text under its number."""

from __future__ import annotations

import csv
import os
from pathlib import Path

from gewu.registry.packs.playbooks import compile_playbooks, digest
from gewu.registry.packs.problems import Problems
from gewu.registry.packs.reader import read_pack
from gewu.registry.packs.rows import PackData

ROOT = Path(__file__).resolve().parents[2]
PUBLISHED = Path(__file__).with_name("versions.csv")
"""Only grows: ``GEWU_WRITE_VERSIONS=1 pytest tests/packs/test_versions.py`` adds the versions that are new."""

Version = tuple[str, int]


def shipped() -> dict[Version, str]:
    """The digests of the playbooks in the folders of packs."""
    problems = Problems()
    standard = read_pack(ROOT / "packs" / "standard", problems)
    packs: list[tuple[PackData, list[PackData]]] = [(standard, [])]
    packs.append((read_pack(ROOT / "packs" / "wanzhou", problems), [standard]))
    found: dict[Version, str] = {}
    for pack, required in packs:
        compile_playbooks(pack, required, problems)
        found.update({(row.name, row.version): digest(row.text, row.bases) for row in pack.playbooks})
    assert not problems, [str(problem) for problem in problems.sorted()]
    return found


def published() -> dict[Version, str]:
    with PUBLISHED.open(encoding="utf-8", newline="") as file:
        return {(row["playbook"], int(row["version"])): row["sha256"] for row in csv.DictReader(file)}


def test_a_published_version_stays_as_it_is() -> None:
    found, known = shipped(), published()
    if os.environ.get("GEWU_WRITE_VERSIONS"):
        known = {**found, **known}
        lines = [f"{name},{version},{sha256}\n" for (name, version), sha256 in sorted(known.items())]
        PUBLISHED.write_text("".join(["playbook,version,sha256\n", *lines]), encoding="utf-8")
    changed = [key for key, sha256 in found.items() if known.get(key, sha256) != sha256]
    assert changed == [], "these were published with other text: raise the version and say what happens to open records"
    assert sorted(found.keys() - known.keys()) == [], "new versions: write them down (see PUBLISHED)"
    assert len(found) >= 19
