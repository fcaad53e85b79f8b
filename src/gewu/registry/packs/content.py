"""Whether the packs on this machine are what the database was loaded from: an update brings newer ones."""

from __future__ import annotations

import hashlib
from pathlib import Path

from gewu.registry import models as m
from gewu.registry.packs.reader import MANIFEST


def content_of(root: Path) -> str:
    """The SHA-256 of all files of a pack's folder with their names, in hexadecimal."""
    whole = hashlib.sha256()
    for path in sorted(path for path in root.rglob("*") if path.is_file()):
        name = path.relative_to(root).as_posix().encode()
        whole.update(b"%d:%s%d:" % (len(name), name, path.stat().st_size))
        whole.update(path.read_bytes())
    return whole.hexdigest()


def outdated(folder: Path) -> list[Path]:
    """The packs in ``folder`` whose last load was of other content, required ones first.

    A pack that was never loaded is nobody's concern; one that was loaded before content was noted counts as other.
    """
    loaded: dict[str, m.PackLoad] = {}
    for load in m.PackLoad.objects.order_by("id"):
        loaded[load.pack] = load
    found = [
        load
        for load in loaded.values()
        if (folder / load.pack / MANIFEST).is_file() and content_of(folder / load.pack) != load.sha256
    ]
    found.sort(key=lambda load: (len(load.requires), load.pack))
    return [folder / load.pack for load in found]
