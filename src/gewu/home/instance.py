"""The settings that one installation makes for itself: passwords, ports, the place of its database folder."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields

from gewu.home.errors import HomeError
from gewu.home.layout import Home, refuse_if_readable_by_others, write_private
from gewu.home.ports import free_port

_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"  # no l, o, 0, 1: a password may have to be typed from paper


def new_secret() -> str:
    """Return a secret for machines: 256 random bits, URL-safe."""
    return secrets.token_urlsafe(32)


def new_password() -> str:
    """Return a password for people: 16 characters in four groups, about 79 bits."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(4))


@dataclass(slots=True)
class Instance:
    """What `instance.json` holds. Every value is made on first use and kept from then on."""

    django_secret: str = field(default_factory=new_secret)
    database_port: int = 0
    database_folder: str = ""
    socket_folder: str = ""
    superuser_password: str = field(default_factory=new_secret)
    owner_password: str = field(default_factory=new_secret)
    app_password: str = field(default_factory=new_secret)
    demo_passwords: dict[str, str] = field(default_factory=dict)


def read(home: Home) -> Instance | None:
    """Return the settings of a home, or `None` when it has none yet. Creates nothing.

    Raises `HomeError` when the file is damaged or readable by other users.
    """
    try:
        text = home.instance_file.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise HomeError(f"{home.instance_file} cannot be read ({error.strerror}). Check who owns it.") from error
    refuse_if_readable_by_others(home.instance_file, "The settings file")
    try:
        data = json.loads(text)
        return Instance(**{one.name: data[one.name] for one in fields(Instance) if one.name in data})
    except (ValueError, TypeError) as error:
        raise HomeError(
            f"{home.instance_file} is not valid JSON ({error}). Restore it from a backup: it holds the passwords "
            "of the database in this home."
        ) from error


def update(home: Home, change: Callable[[Instance], None] | None = None) -> Instance:
    """Create the settings if there are none, apply `change` to them under a lock, write and return them."""
    with home.lock("instance"):
        found = read(home)
        instance = found or Instance(database_port=free_port())
        before = None if found is None else asdict(found)
        if change is not None:
            change(instance)
        after = asdict(instance)
        if before != after:
            write_private(home.instance_file, json.dumps(after, indent=2, ensure_ascii=False) + "\n")
        return instance


def demo_password(home: Home, login: str) -> str:
    """Return the password of a demonstration login, made at the first call and the same ever after."""

    def remember(instance: Instance) -> None:
        instance.demo_passwords.setdefault(login, new_password())

    return update(home, remember).demo_passwords[login]
