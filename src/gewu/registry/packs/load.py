"""Checking and loading whole packs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection, transaction

from gewu.core.playbook.lines import Problem
from gewu.registry import models as m
from gewu.registry.packs import playbooks
from gewu.registry.packs.conflicts import check_conflicts
from gewu.registry.packs.content import content_of
from gewu.registry.packs.coverage import check_coverage
from gewu.registry.packs.extras import WorldExtra, extras
from gewu.registry.packs.loaded import read_loaded
from gewu.registry.packs.problems import PackError, Problems
from gewu.registry.packs.reader import MANIFEST, read_pack
from gewu.registry.packs.report import LoadReport, Progress
from gewu.registry.packs.rows import PackData
from gewu.registry.packs.validate import validate
from gewu.registry.packs.world import World
from gewu.registry.packs.writers import Writer
from gewu.registry.versions import bump

PACK_LOCK = 0x6765_7775_7061_636B  # "gewupack": two loads at a time would compare with rows about to change
_COVERAGE_FILES = ("responsibility.csv", "units.csv", "owners.csv", "categories.csv", "areas.csv", "places.csv")


def check_pack(path: str | Path, *, today: date | None = None) -> list[Problem]:
    """Everything wrong with the pack in folder ``path``, by file and line; empty when it may be loaded."""
    return examine_pack(path, today=today).sorted()


def examine_pack(path: str | Path, *, today: date | None = None) -> Problems:
    """Everything wrong with the pack in folder ``path``, and what its owner should know besides.

    Required packs are looked up beside the folder, then among the loaded ones (where a database can be reached).
    ``today`` decides which posts and units still count; without it, the date in the district.
    """
    root = Path(path)
    problems = Problems()
    data = read_pack(root, problems)
    required = required_for_check(root, data, problems, seen=(data.name,))
    _examine(data, required, today, problems, proved=frozenset())
    return problems


def load_pack(path: str | Path, *, progress: Progress | None = None, today: date | None = None) -> LoadReport:
    """Load the pack in folder ``path`` in one transaction; loading it again changes nothing.

    A required pack that was never loaded is loaded first when it lies beside the folder. ``progress.advance(n)`` is
    called when ``n`` more rows are done. Raises ``PackError`` with every problem, and then nothing has been written.
    """
    root = Path(path).resolve()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [PACK_LOCK])
        report = _load(root, progress, today, above=())
        bump()
    return report


def _load(root: Path, progress: Progress | None, today: date | None, above: tuple[str, ...]) -> LoadReport:
    problems = Problems()
    data = read_pack(root, problems)
    report = LoadReport(data.name or root.name, data.version)
    required: dict[str, PackData] = {}
    for name, line in data.requires.items():
        if name in (*above, data.name):
            problems.add(MANIFEST, line, _circle(*above, data.name, name))
            continue
        beside = root.parent / name
        if not _was_loaded(name) and (beside / MANIFEST).is_file():
            report.required.append(_load(beside, progress, today, (*above, data.name)))
        _collect_loaded(name, line, required, problems)
    # What is in the database was proved when it came there, and proving a rich playbook takes its time.
    proved = frozenset(m.Playbook.objects.values_list("sha256", flat=True))
    world = _examine(data, list(required.values()), today, problems, proved)
    check_conflicts(world, problems)
    if problems:
        raise PackError(report.pack, problems.sorted())
    report.notes += [str(remark) for remark in problems.remarks]
    writer = Writer(world, report, progress)
    writer.write()
    m.PackLoad.objects.create(
        pack=data.name,
        version=data.version,
        requires=list(data.requires),
        sha256=content_of(root),
        district=writer.district,
        created=report.created,
        updated=report.updated,
        retired=report.retired,
        unchanged=report.unchanged,
        notes=report.notes,
    )
    return report


def _circle(*names: str) -> str:
    return f"packs require each other in a circle: {' > '.join(names)}"


def _was_loaded(name: str) -> bool:
    return m.PackLoad.objects.filter(pack=name).exists()


def _collect_loaded(name: str, line: int, required: dict[str, PackData], problems: Problems) -> None:
    if name in required:
        return
    pack = read_loaded(name)
    if pack is None:
        problems.add(MANIFEST, line, f"requires pack {name!r}, which is neither loaded nor beside this folder")
        return
    for deeper in pack.requires:
        _collect_loaded(deeper, line, required, problems)
    required[name] = pack


def required_for_check(root: Path, data: PackData, problems: Problems, seen: tuple[str, ...]) -> list[PackData]:
    """The packs that a pack in a folder requires, near and far: from beside it, else from among the loaded ones."""
    found: dict[str, PackData] = {}
    for name, line in data.requires.items():
        if name in seen:
            problems.add(MANIFEST, line, _circle(*seen, name))
            continue
        beside = root.parent / name
        if (beside / MANIFEST).is_file():
            _collect_beside(beside, name, found, problems, (*seen, name))
            continue
        try:
            _collect_loaded(name, line, found, problems)
        except (DatabaseError, ImproperlyConfigured):
            problems.add(MANIFEST, line, f"requires pack {name!r}, which is not beside this folder")
    return list(found.values())


def _collect_beside(
    root: Path, name: str, found: dict[str, PackData], problems: Problems, seen: tuple[str, ...]
) -> None:
    own = Problems()
    pack = read_pack(root, own)
    for deeper in required_for_check(root, pack, own, seen):
        found.setdefault(deeper.name, deeper)
    playbooks.compile_playbooks(pack, list(found.values()), own)
    problems.extend(Problem(f"{name}/{problem.file}", problem.line, problem.reason) for problem in own.sorted())
    found.setdefault(name, pack)


def _examine(
    data: PackData, required: list[PackData], today: date | None, problems: Problems, proved: frozenset[str]
) -> World:
    """All checks that need no database. Playbooks whose digest is in ``proved`` are not proved again."""
    playbooks.compile_playbooks(data, required, problems)
    district = data.district or next((pack.district for pack in required if pack.district), None)
    world = World(data, required, today or _today(district.timezone if district else "UTC"))
    validate(world, problems)
    for extra in extras():
        problems.extend(extra.check(data.extras, [pack.extras for pack in required]))
        if isinstance(extra, WorldExtra):
            extra.check_in(data.extras, world, problems)
    _check_playbooks(world, problems, proved)
    ready = world.district is not None and not problems.in_files(*_COVERAGE_FILES)
    if ready and any(playbooks.files_categories(row.playbook) for _pack, row in world.playbooks):
        check_coverage(world, problems)
    return world


def _check_playbooks(world: World, problems: Problems, proved: frozenset[str]) -> None:
    """The pack's own playbooks whole; of required packs, proved there, what is left of them in this district."""
    held, defined = world.roles_held(), frozenset(world.roles)
    for pack, row in world.playbooks:
        if pack is world.data:
            known = playbooks.digest(row.text, row.bases) in proved
            check = playbooks.check_roles if known else playbooks.prove
            problems.extend(check(row, held, defined))
            problems.remark(playbooks.remarks(row, held, defined))
        elif world.district is not None:
            problems.extend(_of(pack, playbooks.check_roles(row, held, defined)))
            problems.remark(_of(pack, playbooks.remarks(row, held, defined)))


def _of(pack: PackData, found: Iterable[Problem]) -> Iterator[Problem]:
    """Problems of a required pack, under its name."""
    return (Problem(f"{pack.name}/{p.file}", p.line, p.reason) for p in found)


def _today(timezone: str) -> date:
    try:
        return datetime.now(ZoneInfo(timezone)).date()
    except (ValueError, OSError, KeyError):
        return datetime.now(ZoneInfo("UTC")).date()  # the unknown zone is reported with its line
