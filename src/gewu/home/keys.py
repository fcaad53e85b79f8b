"""The master keys under which the keys of records are encrypted.

The key file has one line for each key, `<id> <64 hexadecimal digits>`; the last line is the current key, the others
stay so that what was encrypted under them can still be read. Empty lines and lines that begin with `#` mean nothing.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field

from gewu.home.errors import HomeError
from gewu.home.layout import Home, refuse_if_readable_by_others, write_private

KEY_BYTES = 32
_LINE = re.compile(r"(?P<id>[A-Za-z0-9_.-]{1,40})\s+(?P<key>[0-9a-fA-F]{64})")
_HEAD = "# Master keys of Gewu. Keep a copy apart from the database backups: without it, texts cannot be read again.\n"


@dataclass(frozen=True, slots=True)
class MasterKey:
    """One master key: the id that rows name it by, and 32 bytes that no `repr` shows."""

    id: str
    secret: bytes = field(repr=False)


def load_master_keys(home: Home | None = None) -> dict[str, MasterKey]:
    """Return all master keys by id, oldest first; the last one is current. Makes the file (0600) if it is not there.

    Raises `HomeError` when the file is damaged, holds no key, or can be read by other users.
    """
    home = home or Home.current()
    path = home.key_file
    if not path.exists():
        _create(home)
    refuse_if_readable_by_others(path, "The key file")
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise HomeError(f"The key file {path} cannot be read ({error}). Check who owns it.") from error
    keys: dict[str, MasterKey] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        match = _LINE.fullmatch(line.strip())
        if match is None or match["id"] in keys:
            fault = "is not '<id> <64 hexadecimal digits>'" if match is None else f"names the key {match['id']} again"
            raise HomeError(f"Line {number} of the key file {path} {fault}. Restore the file from its copy.")
        keys[match["id"]] = MasterKey(match["id"], bytes.fromhex(match["key"]))
    if not keys:
        raise HomeError(f"The key file {path} holds no key. Restore it from its copy.")
    return keys


def load_master_key(key_id: str | None = None, home: Home | None = None) -> MasterKey:
    """Return the current master key, or the one with this id. Raises `HomeError` when there is none with this id."""
    keys = load_master_keys(home)
    if key_id is None:
        return list(keys.values())[-1]
    try:
        return keys[key_id]
    except KeyError:
        raise HomeError(
            f"The key {key_id} is not in the key file {(home or Home.current()).key_file}. "
            "Add its line again from the copy of the file."
        ) from None


def add_master_key(home: Home | None = None) -> MasterKey:
    """Append a new master key, which is current from now on, and return it. The older ones stay readable."""
    home = home or Home.current()
    load_master_keys(home)  # makes the file, under the same lock, if there is none
    with home.lock("key"):
        fresh = _new_key(set(load_master_keys(home)))
        text = home.key_file.read_text(encoding="utf-8")
        text += "" if text.endswith("\n") else "\n"
        write_private(home.key_file, f"{text}{fresh.id} {fresh.secret.hex()}\n")
    return fresh


def _new_key(taken: set[str]) -> MasterKey:
    number = len(taken) + 1
    while f"k{number}" in taken:
        number += 1
    return MasterKey(f"k{number}", secrets.token_bytes(KEY_BYTES))


def _create(home: Home) -> None:
    """Make the key file, once even when several processes start together."""
    with home.lock("key"):
        if home.key_file.exists():
            return
        first = _new_key(set())
        try:
            home.key_file.parent.mkdir(parents=True, exist_ok=True)
            write_private(home.key_file, f"{_HEAD}{first.id} {first.secret.hex()}\n")
        except OSError as error:
            raise HomeError(
                f"The key file {home.key_file} cannot be written ({error.strerror}). "
                "Set GEWU_KEY_FILE to a file in a folder that you may write to."
            ) from error
