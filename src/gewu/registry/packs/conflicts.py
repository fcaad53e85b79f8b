"""What only the database can say against a pack: keys of other packs, versions that may not change."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from gewu.registry import models as m
from gewu.registry.models.base import PackRow
from gewu.registry.packs.playbooks import digest, version_line
from gewu.registry.packs.problems import Problems
from gewu.registry.packs.rows import Row
from gewu.registry.packs.world import World

R = TypeVar("R", bound=Row)


def check_conflicts(world: World, problems: Problems) -> None:
    """Report rows that another loaded pack, not required by this one, already defines; and changed playbook texts."""
    data = world.data
    district = m.District.objects.filter(code=world.district.code).first() if world.district else None
    if data.district and district and district.pack != data.name:
        reason = f"district {district.code} is already defined by pack {district.pack!r}"
        problems.add(data.district.file, data.district.line, reason)
    _taken(m.Role, data.name, data.roles, lambda row: row.code, problems, shared=("name_en", "name_zh"))
    _taken(m.Owner, data.name, data.owners, lambda row: row.code, problems, shared=("name_en", "name_zh"))
    _taken(m.Category, data.name, data.categories, lambda row: row.key, problems)
    _taken(m.Standard, data.name, data.standards, lambda row: row.key, problems)
    if world.district is None or district is not None:
        where = {"district": district}
        _taken(m.CalendarSpec, data.name, data.calendars, lambda row: row.code, problems, where=where)
        _taken(m.CalendarDay, data.name, data.holidays, lambda row: str(row.date), problems, where=where)
        _taken(m.HolidayYear, data.name, data.holiday_years, lambda row: str(row.year), problems, where=where)
        _playbooks(world, district, problems)
    if district is not None:
        where = {"district": district}
        _taken(m.Place, data.name, data.places, lambda row: row.code, problems, where=where)
        _taken(m.Area, data.name, data.areas, lambda row: row.code, problems, where=where)
        _taken(m.Unit, data.name, data.units, lambda row: row.code, problems, where=where)
        _taken(m.Post, data.name, data.posts, lambda row: row.code, problems, where=where)
        _taken(m.Building, data.name, data.buildings, lambda row: row.code, problems, where=where)
        _taken(m.Organisation, data.name, data.organisations, lambda row: row.code, problems, where=where)
    _logins(world, district, problems)


_KEY_COLUMNS: dict[type[PackRow], tuple[str, ...]] = {
    m.Category: ("kind", "code"),
    m.Standard: ("kind", "code"),
    m.CalendarDay: ("date",),
    m.HolidayYear: ("year",),
}


def _taken(
    model: type[PackRow],
    pack: str,
    rows: Iterable[R],
    key: Callable[[R], str],
    problems: Problems,
    *,
    where: dict[str, Any] | None = None,
    shared: tuple[str, ...] = (),
) -> None:
    """Report rows of another pack. With ``shared`` columns given, a row that agrees in them may be used by both."""
    columns = _KEY_COLUMNS.get(model, ("code",))
    others = model.objects.filter(retired_on=None, **(where or {})).exclude(pack=pack)
    found: dict[str, dict[str, Any]] = {
        ":".join(str(row[column]) for column in columns): row for row in others.values("pack", *columns, *shared)
    }
    for row in rows:
        other = found.get(key(row))
        if other is None or (shared and all(getattr(row, column) == other[column] for column in shared)):
            continue
        problems.add(row.file, row.line, f"{key(row)!r} is already defined by pack {other['pack']!r}")


def _playbooks(world: World, district: m.District | None, problems: Problems) -> None:
    stored = {
        (row.name, row.version): row
        for row in m.Playbook.objects.filter(district=district).only("name", "version", "sha256", "pack")
    }
    for playbook in world.data.playbooks:
        old = stored.get((playbook.name, playbook.version))
        if old is not None and old.sha256 != digest(playbook.text, playbook.bases):
            problems.add(
                playbook.file,
                version_line(playbook.text),
                f"playbook {playbook.name} version {playbook.version} is already loaded with other text: "
                "a version never changes, so raise the version",
            )


def _logins(world: World, district: m.District | None, problems: Problems) -> None:
    wanted = [post for post in world.data.posts if post.login]
    people = m.Person.objects.filter(login__in={post.login for post in wanted}).values_list("login", "district_id")
    elsewhere = {login for login, home in people if home != (district.pk if district else None)}
    for post in wanted:
        if post.login in elsewhere:
            problems.add(post.file, post.line, f"login {post.login!r} belongs to somebody outside this district")
