"""Reading a backup: finding it, unpacking a tar file, checking every hash before anything is touched."""

from __future__ import annotations

import tarfile
from pathlib import Path

from gewu.home.errors import HomeError
from gewu.home.keys import MasterKey, load_master_keys
from gewu.home.layout import Home
from gewu.keeping.backup import manifest as m
from gewu.keeping.backup.make import Step, newest, photos_of


def locate(given: Path) -> Path:
    """Return the folder or tar file of a backup; of a folder of backups the newest. Raises `HomeError`."""
    if given.is_file() or (given / m.NAME).is_file():
        return given
    found = newest(given) if given.is_dir() else None
    if found is None:
        raise HomeError(f"{given} is no backup and holds none: there is no {m.NAME} in it.")
    return found


def unpack(archive: Path, folder: Path) -> Path:
    """Unpack a tar file into a new private folder. Raises `HomeError` for a damaged one and for odd members."""
    folder.mkdir(parents=True, mode=0o700)
    try:
        with tarfile.open(archive, "r:") as tar:
            for member in tar:
                name = Path(member.name)
                if not member.isreg() or name.is_absolute() or ".." in name.parts:
                    raise HomeError(
                        f"{archive} holds {member.name}, which no backup of Gewu has. Nothing was restored."
                    )
                target = folder / name
                target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                member.mode = 0o600
                tar.extract(member, folder, set_attrs=False, filter="data")
                target.chmod(0o600)
    except (tarfile.TarError, OSError, EOFError) as error:
        raise HomeError(f"{archive} cannot be unpacked ({error}): it is damaged or no tar file.") from error
    return folder


def manifest_of(backup: Path) -> m.Manifest:
    """The manifest of an unpacked backup. Raises `HomeError`."""
    try:
        text = (backup / m.NAME).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise HomeError(f"{backup} has no readable {m.NAME}: it is not a backup, or it was damaged.") from error
    return m.parse(text, backup)


def check_keys(found: m.Manifest, home: Home) -> dict[str, MasterKey]:
    """Return the master keys, once every one that the backup needs is there and is the right one.

    Raises `HomeError`; a key file is never made here, because a new key would open nothing.
    """
    names = ", ".join(sorted(found.keys))
    if not home.key_file.exists():
        raise HomeError(
            f"The backup needs the master keys {names}, and there is no key file {home.key_file}. Put the copy of the "
            "key file there (mode 0600), or name it in GEWU_KEY_FILE. Without it no word of the backup can be read."
        )
    keys = load_master_keys(home)
    wrong = [
        key_id for key_id, check in found.keys.items() if key_id not in keys or m.check_value(keys[key_id]) != check
    ]
    if wrong:
        raise HomeError(
            f"The key file {home.key_file} does not hold the master keys {', '.join(wrong)} of this backup (or holds "
            "others under the same name). Use the copy of the key file of the installation that made the backup."
        )
    if next(iter(keys)) != found.lookup_key:
        raise HomeError(
            f"The first key of {home.key_file} has to be {found.lookup_key}: telephone numbers are found and follow "
            "codes are made with it. Put the lines in the order of the copy."
        )
    if not found.signed_by(keys[found.signed_with]):
        raise HomeError("The manifest was changed after the backup was made. Nothing was restored; use another backup.")
    return keys


def check_files(backup: Path, found: m.Manifest, step: Step) -> dict[str, tuple[int, str]]:
    """Compare every file with its hash; return the photos. Raises `HomeError` naming the first that differs."""
    total = sum(int(one["size"]) for one in found.files.values()) + found.photo_bytes
    progress = step("checking the backup (bytes)", total)
    for name, said in found.files.items():
        _check(backup, name, int(said["size"]), str(said["sha256"]))
        progress.advance(int(said["size"]))
    photos = photos_of(backup)
    for name, (size, digest) in photos.items():
        _check(backup, name, size, digest)
        progress.advance(size)
    return photos


def _check(backup: Path, name: str, size: int, digest: str) -> None:
    path = backup / name
    if Path(name).is_absolute() or ".." in Path(name).parts:
        raise HomeError(f"The backup names the file {name}, which lies outside it. Nothing was restored.")
    try:
        with path.open("rb") as handle:
            found = m.sha256_of(handle)
    except OSError as error:
        raise HomeError(f"{path} is missing in the backup ({error.strerror}). Nothing was restored.") from error
    if found != (size, digest):
        raise HomeError(
            f"{path} was altered or damaged: its hash is not the one of the manifest. Nothing was restored."
        )
