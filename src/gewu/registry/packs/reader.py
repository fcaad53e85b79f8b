"""Reads a pack folder into rows, and says what is wrong with the files themselves; ``validate`` says the rest."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from gewu.core.deadlines import TimeUnit
from gewu.registry import contacts
from gewu.registry.packs import chain, manifest, playbooks, shapes
from gewu.registry.packs.extras import extra_files
from gewu.registry.packs.problems import Problems
from gewu.registry.packs.rows import (
    AREA_PREFIX,
    CATEGORY_KINDS,
    DAY_KINDS,
    LIMIT_STATUSES,
    PLACE_KINDS,
    AreaRow,
    CategoryRow,
    HolidayRow,
    OwnerRow,
    PackData,
    PlaceRow,
    PostRow,
    RoleRow,
    RuleRow,
    StandardRow,
    UnitRow,
)
from gewu.registry.packs.tables import Columns, Fields, read_csv, read_text

R = TypeVar("R")
MANIFEST = "pack.yaml"
_VALIDITY = ("valid_from", "valid_to")
_RELEASED = ("released_zh", "released_en", "released_basis", "released_on")


def _role(row: Fields) -> RoleRow:
    return RoleRow(row.file, row.line, row.code("code"), row.name("name_en"), row.name("name_zh"), row.text("note"))


def _category(row: Fields) -> CategoryRow:
    return CategoryRow(
        row.file,
        row.line,
        kind=row.choice("kind", CATEGORY_KINDS),
        code=row.code("code"),
        major=row.code("major"),
        major_name_en=row.name("major_name_en"),
        major_name_zh=row.name("major_name_zh"),
        name_en=row.name("name_en"),
        name_zh=row.name("name_zh"),
        legacy_code=row.code("legacy_code", required=False),
        local_extension=row.flag("local_extension"),
        source=row.text("source"),
    )


def _standard(row: Fields) -> StandardRow:
    return StandardRow(
        row.file,
        row.line,
        kind=row.choice("kind", CATEGORY_KINDS),
        code=row.code("code"),
        category=row.code("category"),
        filing_en=row.text("filing_en", required=True),
        filing_zh=row.text("filing_zh", required=True),
        closing_en=row.text("closing_en", required=True),
        closing_zh=row.text("closing_zh", required=True),
        limit_value=_limit(row),
        limit_unit=row.choice("limit_unit", tuple(unit.value for unit in TimeUnit)),
        urgent=row.flag("urgent"),
        limit_status=row.choice("limit_status", LIMIT_STATUSES),
        source=row.text("source"),
    )


def _limit(row: Fields) -> int:
    text = row.text("limit_value", required=True)
    if text.isascii() and text.isdigit() and 0 < int(text[:9]) <= 100_000 and len(text) < 9:
        return int(text)
    if text:
        row.bad(f"limit_value {text!r} is not a whole number from 1 to 100000")
    return 1


def _place(row: Fields) -> PlaceRow:
    kind = row.choice("kind", PLACE_KINDS)
    start, end = row.validity()
    return PlaceRow(
        row.file,
        row.line,
        code=row.code("code"),
        kind=kind,
        parent=row.code("parent", required=kind != "district"),
        name_en=row.name("name_en"),
        name_zh=row.name("name_zh"),
        valid_from=start,
        valid_to=end,
        successor=row.code("successor", required=False),
        synthetic=row.flag("synthetic"),
        source=row.text("source"),
    )


def _area(row: Fields) -> AreaRow:
    start, end = row.validity()
    return AreaRow(
        row.file,
        row.line,
        code=row.code("code"),
        kind=row.code("kind"),
        name_en=row.name("name_en"),
        name_zh=row.name("name_zh"),
        prefixes=row.words("places"),
        shape=row.text("shape"),
        valid_from=start,
        valid_to=end,
        source=row.text("source"),
    )


def _unit(row: Fields) -> UnitRow:
    start, end = row.validity()
    return UnitRow(
        row.file,
        row.line,
        code=row.code("code"),
        parent=row.code("parent", required=False),
        kind=row.code("kind"),
        name_en=row.name("name_en"),
        name_zh=row.name("name_zh"),
        place=row.code("place", required=False),
        calendar=row.code("calendar", required=False),
        accounts=row.flag("accounts", default=True),
        valid_from=start,
        valid_to=end,
        source=row.text("source"),
        work_phone=_phone(row),
    )


def _phone(row: Fields) -> str:
    phone = row.text("work_phone")
    fault = contacts.phone_fault(phone)
    if fault:
        row.bad(f"work_phone {phone!r} {fault}")
    return phone


def _released(row: Fields, login: str) -> dict[str, str]:
    """The name that may be told of who holds a post, from its four columns."""
    written = {name: row.text(f"released_{name}", longest=contacts.LONGEST_NAME) for name in ("zh", "en", "basis")}
    since = row.day("released_on")
    if not any(written.values()) and since is None:
        return {}
    found = {**written, "holder": login, "on": since.isoformat() if since else ""}
    fault = contacts.release_fault(found, login)
    if fault:
        row.bad(f"released name: {fault}")
    return found


def _post(row: Fields) -> PostRow:
    start, end = row.validity()
    scope = row.words("scope")
    login = row.code("login", required=False)
    return PostRow(
        row.file,
        row.line,
        code=row.code("code"),
        unit=row.code("unit"),
        role=row.code("role"),
        login=login,
        name_en=row.name("name_en"),
        name_zh=row.name("name_zh"),
        prefixes=tuple(word for word in scope if not word.startswith(AREA_PREFIX)),
        areas=tuple(word.removeprefix(AREA_PREFIX) for word in scope if word.startswith(AREA_PREFIX)),
        valid_from=start,
        valid_to=end,
        source=row.text("source"),
        work_phone=_phone(row),
        released=_released(row, login),
        successor=row.code("successor", required=False),
    )


def _owner(row: Fields) -> OwnerRow:
    return OwnerRow(row.file, row.line, row.code("code"), row.name("name_en"), row.name("name_zh"))


def _rule(row: Fields) -> RuleRow:
    return RuleRow(
        row.file,
        row.line,
        kind=row.choice("kind", (*CATEGORY_KINDS, "*")),
        category=row.text("category", required=True, longest=64),
        place=row.text("place", required=True, longest=64),
        owner=row.text("owner", required=True, longest=64),
        unit=row.code("unit"),
        queue=row.flag("queue"),
        source=row.text("source"),
    )


def _holiday(row: Fields) -> HolidayRow | None:
    day = row.day("date")
    kind = row.choice("kind", DAY_KINDS)
    name_en, name_zh = row.name("name_en", required=False), row.name("name_zh", required=False)
    if day is None:
        if not row.text("date"):
            row.bad("date is empty")
        return None
    return HolidayRow(row.file, row.line, day, kind, name_en, name_zh)


_NAMES = ("name_zh", "name_en")
_CONDITIONS = ("filing_zh", "filing_en", "closing_zh", "closing_en")
_COLUMNS = {
    "roles.csv": Columns(("code", *_NAMES), ("note",)),
    "categories.csv": Columns(
        ("kind", "code", "major", "major_name_zh", "major_name_en", *_NAMES),
        ("legacy_code", "local_extension", "source"),
    ),
    "standards.csv": Columns(
        ("code", "kind", "category", *_CONDITIONS, "limit_value", "limit_unit", "urgent", "limit_status"),
        ("source",),
    ),
    "places.csv": Columns(("code", "kind", "parent", *_NAMES), (*_VALIDITY, "successor", "synthetic", "source")),
    "areas.csv": Columns(("code", "kind", *_NAMES, "places"), ("shape", *_VALIDITY, "source")),
    "units.csv": Columns(
        ("code", "parent", "kind", *_NAMES), ("place", "calendar", "accounts", *_VALIDITY, "work_phone", "source")
    ),
    "posts.csv": Columns(
        ("code", "unit", "role", "login", *_NAMES, "scope"),
        (*_VALIDITY, "successor", "work_phone", *_RELEASED, "source"),
    ),
    "owners.csv": Columns(("code", *_NAMES)),
    "responsibility.csv": Columns(("kind", "category", "place", "owner", "unit"), ("queue", "source")),
    "holidays.csv": Columns(("date", "kind"), _NAMES),
    **chain.COLUMNS,
}


def read_pack(root: Path, problems: Problems) -> PackData:
    """Everything in the folder ``root``. Rows with problems of their own are left in, as far as they can be read."""
    data = PackData()
    if not root.is_dir():
        problems.add(MANIFEST, 1, f"{root} is not a folder")
        return data
    if not (root / MANIFEST).is_file():
        problems.add(MANIFEST, 1, f"is missing: a pack is a folder with a {MANIFEST}")
        return data
    manifest.read_manifest(root, MANIFEST, data, problems)
    data.roles = _table(root, "roles.csv", _role, problems)
    data.categories = _table(root, "categories.csv", _category, problems)
    data.standards = _table(root, "standards.csv", _standard, problems)
    data.places = _table(root, "places.csv", _place, problems)
    data.areas = _table(root, "areas.csv", _area, problems)
    data.units = _table(root, "units.csv", _unit, problems)
    data.posts = _table(root, "posts.csv", _post, problems)
    data.owners = _table(root, "owners.csv", _owner, problems)
    data.rules = _table(root, "responsibility.csv", _rule, problems)
    data.buildings = _table(root, chain.BUILDINGS, chain.building, problems)
    data.organisations = _table(root, chain.ORGANISATIONS, chain.organisation, problems)
    data.pairings = _table(root, chain.PAIRINGS, chain.pairing, problems)
    data.holidays = [row for row in _table(root, "holidays.csv", _holiday, problems) if row is not None]
    data.calendars = manifest.read_calendars(root, "calendars.yaml", problems)
    data.shapes = shapes.read_shapes(root, problems)
    data.playbook_sources = playbooks.read_sources(root, problems)
    found = {file: read_text(root / file, file, problems) for file in sorted(extra_files()) if (root / file).exists()}
    data.extras = {file: text for file, text in found.items() if text is not None}
    _stray_files(root, problems)
    return data


def _table(root: Path, file: str, parse: Callable[[Fields], R], problems: Problems) -> list[R]:
    path = root / file
    if not path.exists():
        return []
    return [parse(fields) for fields in read_csv(path, file, _COLUMNS[file], problems)]


def _stray_files(root: Path, problems: Problems) -> None:
    """A table under a misspelt name would silently not be loaded, so it is refused."""
    known = {MANIFEST, "calendars.yaml", *_COLUMNS, *extra_files()}
    for path in sorted(root.iterdir()):
        if path.suffix in (".csv", ".yaml", ".yml", ".geojson", ".json") and path.name not in known:
            problems.add(path.name, 1, f"unknown file: a pack knows {', '.join(sorted(known))}, shapes/ and playbooks/")
