"""What a backup says of itself: versions, counts, the last seals, the hash of every file, which keys it needs.

The manifest carries a keyed hash of itself under the current master key. Whoever alters a backup without the key file
cannot make it fit again.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import IO, Any

from gewu.home.errors import HomeError
from gewu.home.keys import MasterKey

FORMAT = 1
NAME = "manifest.json"
DUMP = "database.dump"
PHOTOS = "attachments.jsonl"
JOURNAL = "erasures.jsonl"
ALONG = ("seals", "mappings")
"""Folders of the home that come along: published seals, and how the district reads sheets of other platforms."""
_BLOCK = 1 << 20


@dataclass(slots=True)
class Manifest:
    """See the module. Instants are ISO 8601, UTC."""

    format: int = FORMAT
    gewu: str = ""
    started: str = ""
    snapshot: str = ""
    """When the snapshot of the database was taken: what was committed before it is in the backup."""
    finished: str = ""
    server: int = 0
    """Version number of the server, as `180004`."""
    migrations: list[str] = field(default_factory=list)
    districts: list[dict[str, Any]] = field(default_factory=list)
    """id, code, timezone, live, and the last seal (no, hash, at) or null."""
    counts: dict[str, int] = field(default_factory=dict)
    """Rows of every table."""
    left_out: list[str] = field(default_factory=list)
    """Tables whose rows were left out: logins, unsent drafts, counters of attempts."""
    protected: dict[str, list[str]] = field(default_factory=dict)
    """Tables on which the app role does not have all four rights, and those that it has."""
    keys: dict[str, str] = field(default_factory=dict)
    """Ids of the master keys that are needed, each with a check value that tells nothing about the key."""
    lookup_key: str = ""
    photos: int = 0
    photo_bytes: int = 0
    gone: list[str] = field(default_factory=list)
    """Photos that the snapshot names and that were erased, or missing, before they could be copied."""
    files: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Size and SHA-256 of each file but the photos, which are listed in `attachments.jsonl`."""
    signed_with: str = ""
    mac: str = ""

    def text(self) -> str:
        """The file."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1, sort_keys=True) + "\n"

    def sign(self, key: MasterKey) -> None:
        """Put the keyed hash of everything else into the manifest."""
        self.signed_with = key.id
        self.mac = self._mac(key)

    def signed_by(self, key: MasterKey) -> bool:
        """Tell whether the manifest is as it was when this key signed it."""
        return hmac.compare_digest(self.mac, self._mac(key))

    def _mac(self, key: MasterKey) -> str:
        data = {name: value for name, value in asdict(self).items() if name != "mac"}
        body = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
        return hmac.digest(key.secret, b"gewu backup manifest v1/" + body, "sha256").hex()


def check_value(key: MasterKey) -> str:
    """A value by which a key is known again: ids alone are the same in every installation."""
    return hmac.digest(key.secret, b"gewu key check v1", "sha256").hex()[:16]


def parse(text: str, where: Path) -> Manifest:
    """Read a manifest. Raises `HomeError` for a file that is none, or of a format that is not known."""
    try:
        data = json.loads(text)
    except ValueError:
        data = None
    if isinstance(data, dict) and isinstance(data.get("format"), int) and data["format"] > FORMAT:
        raise HomeError(
            f"The backup {where} has format {data['format']}, this Gewu reads {FORMAT}. "
            f"Restore it with the Gewu that made it ({data.get('gewu', '?')}) or a later one."
        )
    if not isinstance(data, dict) or set(data) != {one.name for one in fields(Manifest)}:
        raise HomeError(f"{where} has no readable {NAME}: it is not a backup, or it was damaged.")
    return Manifest(**data)


def sha256_of(stream: IO[bytes]) -> tuple[int, str]:
    """Size and SHA-256 of what is left of a stream."""
    digest, size = hashlib.sha256(), 0
    while block := stream.read(_BLOCK):
        digest.update(block)
        size += len(block)
    return size, digest.hexdigest()


class Hashing:
    """A stream that is hashed while somebody reads it."""

    def __init__(self, stream: IO[bytes]) -> None:
        """Wrap a stream."""
        self._stream = stream
        self._digest = hashlib.sha256()
        self.size = 0

    def read(self, size: int = -1) -> bytes:
        """Read and hash."""
        block = self._stream.read(size)
        self._digest.update(block)
        self.size += len(block)
        return block

    @property
    def sha256(self) -> str:
        """The hash of all that was read."""
        return self._digest.hexdigest()


def entry(size: int, sha256: str) -> dict[str, Any]:
    """What the manifest says of a file."""
    return {"size": size, "sha256": sha256}


def seals_of(manifest: Manifest) -> Mapping[int, Mapping[str, Any] | None]:
    """The last seal of each district by its id."""
    return {int(one["id"]): one["seal"] for one in manifest.districts}
