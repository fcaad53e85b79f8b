"""Seals as files that can be published, and the comparison of published ones with the ledger.

Whoever can write to the database as its owner can rewrite events, recompute every hash and make all seals anew. What
they cannot change is a file that somebody else kept. So the day's seal is written out, shown to everybody, and
``gewu verify --against`` compares what was kept with what the ledger says now.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from django.db import connection

from gewu.home.layout import Home
from gewu.ledger import chain
from gewu.ledger.rows import micros
from gewu.registry.directory import get_directory

log = structlog.get_logger(__name__)

FORMAT = "gewu seal 1"
_HOW = {
    "en": (
        "The hash is the SHA-256 of the line “sealed” in UTF-8. That line names the ledger's format, the district's "
        "number in the ledger, the number of the seal, its time in microseconds since 1970, how many records changed, "
        "the root over the hashes of their histories, and the hash of the seal before. Keep this file: "
        "“gewu verify --against FILE” tells whether anything that happened before it was changed since."
    ),
    "zh": (
        "hash 为 sealed 一行（UTF-8）的 SHA-256 值。该行依次为：账本格式、本区在账本中的编号、封印序号、"
        "以 1970 年起的微秒数表示的时间、变动案件数、各案件历程散列值之根、上一封印的散列值。请妥善保存本文件："
        "运行“gewu verify --against 文件”即可判断此前的记录是否被改动过。"
    ),
}


@dataclass(frozen=True, slots=True)
class SealRow:
    """A seal as the ledger has it."""

    district_id: int
    no: int
    at: datetime
    heads: int
    root: bytes
    previous: bytes
    hash: bytes

    @property
    def sealed(self) -> str:
        """The line whose SHA-256 is the seal's hash."""
        body = [chain.SCHEMA, self.district_id, self.no, micros(self.at), self.heads, self.root.hex()]
        return json.dumps([*body, self.previous.hex()], separators=(",", ":"))

    @property
    def groups(self) -> str:
        """The hash in sixteen groups of four, as people compare it."""
        text = self.hash.hex()
        return " ".join(text[i : i + 4] for i in range(0, len(text), 4))


@dataclass(frozen=True, slots=True)
class Misfit:
    """A published seal that does not fit the ledger, and why."""

    file: str
    district: str
    no: int
    reason: str

    def __str__(self) -> str:
        return f"{self.file}: seal {self.no} of {self.district}: {self.reason}"


def list_seals(district_id: int, before: int | None = None, limit: int = 100) -> list[SealRow]:
    """The seals of a district, latest first, from the one before number ``before``."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT no, at, heads, root, previous_hash, hash FROM ledger_seal"
            " WHERE district_id = %s AND no < %s ORDER BY no DESC LIMIT %s",
            [district_id, before if before is not None else 2**31 - 1, limit],
        )
        return [SealRow(district_id, *row[:3], *(bytes(value) for value in row[3:])) for row in cursor.fetchall()]


def one_seal(district_id: int, no: int) -> SealRow | None:
    """One seal by its number."""
    found = list_seals(district_id, before=no + 1, limit=1) if 0 < no < 2**31 - 1 else []
    return found[0] if found and found[0].no == no else None


def document(seal: SealRow) -> dict[str, Any]:
    """A seal as it is published: nothing in it is about a person."""
    district = get_directory(seal.district_id).district
    return {
        "format": FORMAT,
        "district": district.code,
        "district_name": {"en": district.name("en"), "zh": district.name("zh")},
        "no": seal.no,
        "at": seal.at.astimezone(UTC).isoformat(),
        "records": seal.heads,
        "root": seal.root.hex(),
        "previous": seal.previous.hex(),
        "hash": seal.hash.hex(),
        "algorithm": "SHA-256",
        "sealed": seal.sealed,
        "how_to_check": _HOW,
    }


def text_of(seal: SealRow) -> str:
    """The file that is published."""
    return json.dumps(document(seal), ensure_ascii=False, indent=2) + "\n"


def file_name(seal: SealRow) -> str:
    """``2026-11-22-17.json``: the day in the district, and the number."""
    zone = ZoneInfo(get_directory(seal.district_id).district.timezone)
    return f"{seal.at.astimezone(zone):%Y-%m-%d}-{seal.no}.json"


def folder_of(district_code: str, home: Home | None = None) -> Path:
    """Where the files of a district lie."""
    return (home or Home.current()).path / "seals" / district_code


def publish(district_id: int) -> list[Path]:
    """Write a file for every seal that has none yet; returns those that were written, oldest first.

    A file that is there stays as it is, whatever the ledger says by now.
    """
    folder = folder_of(get_directory(district_id).district.code)
    written: list[Path] = []
    before: int | None = None
    while True:
        page = list_seals(district_id, before)
        fresh = [seal for seal in page if not (folder / file_name(seal)).exists()]
        for seal in fresh:
            folder.mkdir(parents=True, exist_ok=True, mode=0o755)
            written.append(_write(folder / file_name(seal), text_of(seal)))
        if not page or not fresh:  # seals are made in order: before one that has its file, all have theirs
            break
        before = page[-1].no
    if written:
        log.info("seals.published", district=district_id, files=len(written), latest=written[0].name)
    return written[::-1]


def daily(district_id: int, _now: datetime) -> None:
    """The daily work of ``publish`` (see ``gewu.ledger.ticker.register_daily``)."""
    publish(district_id)


def _write(path: Path, text: str) -> Path:
    """A file that everybody may read, under a name that appears only when it is whole."""
    fresh = path.with_suffix(".new")
    with fresh.open("w", encoding="utf-8") as handle:
        handle.write(text)
        handle.flush()
    fresh.chmod(0o644)
    fresh.replace(path)
    return path


# ---- comparing


def compare(paths: Iterable[Path]) -> tuple[int, list[Misfit]]:
    """Compare published files (or folders of them) with the ledger. Returns how many were read, and the misfits.

    The earliest misfit of a district is the one to look at: what was changed lies before that seal and after the last
    one that fits.
    """
    from gewu.registry.models import District

    districts = dict(District.objects.values_list("code", "id"))
    count, found = 0, []
    for path in sorted({file for given in paths for file in _files(given)}):
        count += 1
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            code, no, sealed = str(data["district"]), int(data["no"]), str(data["sealed"])
            claimed = str(data["hash"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            found.append(Misfit(str(path), "?", 0, f"this is not a published seal ({type(error).__name__})"))
            continue
        reason = _misfit(districts.get(code), no, sealed, claimed, data)
        if reason:
            found.append(Misfit(str(path), code, no, reason))
    return count, sorted(found, key=lambda one: (one.district, one.no))


def _misfit(district_id: int | None, no: int, sealed: str, claimed: str, data: dict[str, Any]) -> str:
    if hashlib.sha256(sealed.encode()).hexdigest() != claimed or not _says_the_same(sealed, data):
        return "the file was altered: its hash is not that of what it says"
    if district_id is None:
        return "there is no such district in this ledger"
    here = one_seal(district_id, no)
    if here is None:
        return "the ledger has no such seal any more"
    if here.hash.hex() != claimed:
        return (
            f"the ledger has another seal under this number: {here.hash.hex()} instead of {claimed}. "
            f"What happened before {data['at']} is not what it was when this file was published"
        )
    return ""


def _says_the_same(sealed: str, data: dict[str, Any]) -> bool:
    """Whether the legible parts of a file agree with the line that its hash covers."""
    try:
        _schema, _district, no, at_us, heads, root, previous = json.loads(sealed)
        return (no, heads, root, previous) == (data["no"], data["records"], data["root"], data["previous"]) and micros(
            datetime.fromisoformat(data["at"])
        ) == at_us
    except (ValueError, KeyError, TypeError):
        return False


def _files(given: Path) -> Sequence[Path]:
    return sorted(given.rglob("*.json")) if given.is_dir() else [given]
