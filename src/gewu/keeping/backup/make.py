"""Making a backup while everything else goes on.

One snapshot of the database is held while pg_dump reads it; counts, seals and the list of photos come from the same
one. A photo's file is written before its row and never changed, so every photo of the snapshot is there to be copied
afterwards, unless it was erased in the meantime, which is noted.
"""

from __future__ import annotations

import fcntl
import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import gewu
from gewu.home import database
from gewu.home.errors import HomeError
from gewu.home.keys import load_master_keys
from gewu.home.layout import Home
from gewu.keeping import journal
from gewu.keeping.backup import manifest as m
from gewu.keeping.backup import programs, snapshot
from gewu.keeping.backup.sinks import FolderSink, Sink, TarSink
from gewu.ledger.progress import Progress

PREFIX = "gewu-"
_RESERVE = 64 * 1024 * 1024
_CIPHER = 28
"""Bytes that encrypting adds to a photo: nonce and tag."""

Step = Callable[[str, int | None], Progress]
Known = Mapping[str, tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that is whole. `linked` photos are shared with an earlier backup in the same folder."""

    path: Path
    manifest: m.Manifest
    linked: int
    removed: tuple[str, ...]
    sha256: str
    """Of the manifest: who writes it down elsewhere knows the backup again."""


def make_backup(target: Path, *, step: Step, keep: int | None = None, full: bool = False) -> Made:
    """Back up the database and its photos into a new folder below `target`, or into the file `target` (`.tar`).

    `keep` removes all but so many of the newest backups of a folder afterwards; `full` copies every photo anew instead
    of sharing those of the backup before. Raises `HomeError` when the disk is too full, a program is missing, another
    backup is being made there, or the server cannot be reached; then nothing is left behind.
    """
    as_file = target.suffix == ".tar"
    folder = target.parent if as_file else target
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise HomeError(
            f"{folder} cannot be created ({error.strerror}). Name a folder that you may write to."
        ) from error
    with _alone(folder):
        for left in folder.glob(f".{PREFIX}*.part" if not as_file else f".{target.name}.part"):
            shutil.rmtree(left, ignore_errors=True)  # of a backup that was killed
        for left in folder.glob(f"{PREFIX}*"):
            if left.is_dir() and not as_file and not (left / m.NAME).exists():
                shutil.rmtree(left, ignore_errors=True)  # of one whose removal was
        before = None if as_file or full else newest(folder)
        started = datetime.now(UTC)
        final = target if as_file else folder / f"{PREFIX}{programs.now_text(started.timestamp())}"
        sink = TarSink(final) if as_file else FolderSink(final)
        try:
            made = _fill(sink, before, started, step)
            path = sink.finish()
        except BaseException:
            sink.abandon()
            raise
        removed = () if as_file or keep is None else tuple(_rotate(folder, keep))
    return Made(path, made.manifest, made.linked, removed, made.sha256)


def newest(folder: Path) -> Path | None:
    """The newest whole backup of a folder."""
    return max(every(folder), default=None)


def every(folder: Path) -> list[Path]:
    """All whole backups of a folder; their names begin with the instant, so that sorting them orders them."""
    return [path for path in folder.glob(f"{PREFIX}*") if (path / m.NAME).is_file()]


@dataclass(frozen=True, slots=True)
class _Filled:
    manifest: m.Manifest
    linked: int
    sha256: str


def _fill(sink: Sink, before: Path | None, started: datetime, step: Step) -> _Filled:
    home = Home.current()
    found = m.Manifest(gewu=gewu.__version__, started=started.isoformat())
    keys = load_master_keys(home)
    known = photos_of(before) if before is not None else {}
    with snapshot.snapshot() as (connection, name):
        snapshot.describe(connection, found)
        needed = {*snapshot.key_ids(connection), next(iter(keys)), list(keys)[-1]}
        if missing := needed - set(keys):
            raise HomeError(
                f"The database uses the master keys {', '.join(sorted(missing))}, which are not in the key file "
                f"{home.key_file}. Add their lines again from its copy: without them a backup cannot be read."
            )
        listed = snapshot.photos(connection)
        fresh = sum(size + _CIPHER for district, photo, size in listed if photo_name(district, photo) not in known)
        _check_space(sink.part, snapshot.database_size(connection) // 2 + fresh)
        lost = [entry for entry in snapshot.erased(connection) if entry.key not in _journal_keys(home)]
        found.files[m.DUMP] = _dump(sink, connection.info.server_version // 10_000, name, found, step)
    journal.append(lost, home)
    found.keys = {key_id: m.check_value(keys[key_id]) for key_id in sorted(needed)}
    found.lookup_key = next(iter(keys))
    linked = _photos(sink, listed, before, known, found, step)
    for folder in m.ALONG:
        for path in sorted((home.path / folder).rglob("*")):
            if path.is_file():
                name = path.relative_to(home.path).as_posix()
                found.files[name] = m.entry(*sink.copy(name, path))
    # Last: what was erased while the backup was made is in the journal that goes with it.
    erased = journal.journal_of(home)
    text = erased.read_text(encoding="utf-8") if erased.exists() else ""
    found.files[m.JOURNAL] = m.entry(*sink.text(m.JOURNAL, text))
    found.finished = datetime.now(UTC).isoformat()
    found.sign(list(keys.values())[-1])
    _, digest = sink.text(m.NAME, found.text())
    return _Filled(found, linked, digest)


def _dump(sink: Sink, major: int, snapshot_name: str, found: m.Manifest, step: Step) -> dict[str, Any]:
    pg_dump = programs.find("pg_dump", major)
    target = sink.part / "dump.new"
    progress = step("dumping the database (bytes)", None)
    left_out = [f"--exclude-table-data=public.{table}" for table in found.left_out]
    programs.run(
        pg_dump,
        [
            "--format=custom",
            f"--file={target}",
            f"--snapshot={snapshot_name}",
            "--no-owner",
            "--no-privileges",
            "--lock-wait-timeout=60s",
            *left_out,
        ],
        database.owner_dsn(),
        programs.growth(target, progress.advance),
    )
    return m.entry(*sink.take(m.DUMP, target))


def _photos(
    sink: Sink, listed: list[tuple[int, UUID, int]], before: Path | None, known: Known, found: m.Manifest, step: Step
) -> int:
    """Copy the photos, or share those of the backup before; write their list. Returns how many are shared."""
    from gewu.ledger.attachments import path_of  # not before Django is loaded; a restore reads this module earlier

    linked, lines = 0, []
    progress = step("photos", len(listed))
    for district, photo, _ in listed:
        name = photo_name(district, photo)
        shared = _share(sink, name, path_of(district, photo), before, known)
        try:
            size, digest = known[name] if shared else sink.copy(name, path_of(district, photo))
        except FileNotFoundError:
            found.gone.append(str(photo))
        else:
            linked += shared
            found.photos += 1
            found.photo_bytes += size
            lines.append(json.dumps([name, size, digest]))
        progress.advance(1)
    text = "".join(f"{line}\n" for line in lines)
    found.files[m.PHOTOS] = m.entry(*sink.text(m.PHOTOS, text))
    return linked


def _share(sink: Sink, name: str, source: Path, before: Path | None, known: Known) -> bool:
    """Take a photo from the backup before, if that has it whole: a photo is written once and never changed.

    One whose file is gone was erased meanwhile, and is not taken from an earlier backup either.
    """
    if before is None or name not in known or not isinstance(sink, FolderSink):
        return False
    try:
        same = (before / name).stat().st_size == source.stat().st_size == known[name][0]
    except OSError:
        return False
    return same and sink.link(name, before / name)


def photo_name(district_id: int, photo: UUID) -> str:
    """Where a photo lies in a backup: as in the home."""
    return f"attachments/{district_id}/{photo.hex[-2:]}/{photo.hex}.bin"


def photos_of(backup: Path) -> dict[str, tuple[int, str]]:
    """Size and SHA-256 of every photo of a backup, by its name there."""
    found: dict[str, tuple[int, str]] = {}
    with (backup / m.PHOTOS).open(encoding="utf-8") as handle:
        for line in handle:
            name, size, digest = json.loads(line)
            found[name] = (int(size), str(digest))
    return found


def _journal_keys(home: Home) -> set[tuple[int, UUID, str]]:
    path = journal.journal_of(home)
    return {entry.key for entry in journal.read(path)} if path.exists() else set()


def _check_space(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed + _RESERVE:
        raise HomeError(
            f"The disk of {folder.parent} has {free / 1e6:,.0f} MB left; the backup may need {needed / 1e6:,.0f} MB. "
            "Make room, or choose another folder."
        )


def _rotate(folder: Path, keep: int) -> Iterator[str]:
    """Remove the oldest whole backups until `keep` are left; yields their names."""
    for path in sorted(every(folder))[:-keep]:
        (path / m.NAME).unlink()  # from here on it is no backup any more, even if removing the rest is interrupted
        shutil.rmtree(path)
        yield path.name


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One backup at a time in a folder."""
    with (folder / ".gewu-backup.lock").open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise HomeError(
                f"Another backup is being made in {folder} at this moment. Wait until it is done."
            ) from error
        yield
