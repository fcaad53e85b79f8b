"""Restoring a backup into an empty home, and proving afterwards that it is whole.

The order matters: everything that can be checked is checked before anything is made; a mark says that the home is not
to be used until the last check is passed.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
from psycopg import sql

import gewu
from gewu.home import database
from gewu.home import instance as settings
from gewu.home.errors import HomeError
from gewu.home.layout import Home, write_private
from gewu.home.postgres import Postgres
from gewu.keeping import journal
from gewu.keeping.backup import manifest as m
from gewu.keeping.backup import programs, sources
from gewu.keeping.backup.make import Step

NUMBER_GAP = 20_000
"""Case numbers that are passed over on the days since the backup: those given after it are never given again."""
_MAY_BE_THERE = frozenset({"key", "key.lock", "erasures.jsonl", "logs", "postgres.lock", "instance.lock"})
"""What may lie in a home that counts as empty: the key file, an erasure journal, and what asking about it leaves."""

_LIBRARIES = frozenset({"auth", "contenttypes", "sessions"})
"""Applications of Django itself: their migrations come with Django."""

Migrate = Callable[[], list[str]]


@dataclass(slots=True)
class Restored:
    """What was restored, and whether every check was passed."""

    backup: Path
    manifest: m.Manifest
    home: Path
    migrations: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    events: int = 0
    records: int = 0
    seals: int = 0
    erased: int = 0
    erased_unknown: int = 0
    notes: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether nothing is missing and nothing was altered."""
        return not self.faults


def restore_backup(
    given: Path,
    *,
    step: Step,
    migrate: Migrate,
    journals: tuple[Path, ...] = (),
    jobs: int = 2,
) -> Restored:
    """Restore a backup into the home that GEWU_HOME names (or into the empty database of GEWU_DATABASE_URL).

    `migrate` loads Django and applies the migrations that are waiting; that may happen only once the home has its
    settings. `journals` are further journals of erasures. Raises `HomeError` when the backup, the keys or the place are
    not fit, before anything is made; after that, a failure leaves the mark that stops every other command from using
    the home.
    """
    home = Home.current()
    for path in journals:
        list(journal.read(path))  # readable, before anything begins
    backup = sources.locate(given)
    unpacked = home.path / "restore.part"
    _refuse_unless_empty(home)
    try:
        if backup.is_file():
            _check_space(home, 2 * backup.stat().st_size)
            shutil.rmtree(unpacked, ignore_errors=True)
            home.ensure()
            source = sources.unpack(backup, unpacked)
        else:
            source = backup
        found = sources.manifest_of(source)
        _refuse_newer(found)
        sources.check_keys(found, home)
        photos = sources.check_files(source, found, step)
        _check_space(home, found.photo_bytes + 4 * int(found.files[m.DUMP]["size"]))
        done = Restored(backup, found, home.path)
        try:
            _restore(done, home, source, photos, step, migrate, journals, jobs)
        finally:
            if home.restore_mark.exists() and database.embedded():
                Postgres(home).stop()
        return done
    finally:
        shutil.rmtree(unpacked, ignore_errors=True)


def _restore(
    done: Restored,
    home: Home,
    source: Path,
    photos: dict[str, tuple[int, str]],
    step: Step,
    migrate: Migrate,
    journals: tuple[Path, ...],
    jobs: int,
) -> None:
    found = done.manifest
    home.ensure()
    write_private(home.restore_mark, f"The restore of {done.backup} began at {datetime.now(UTC).isoformat()}\n")
    _make_database(home)
    owner = database.owner_dsn(home)
    with psycopg.connect(owner, autocommit=True) as connection:
        pg_restore = programs.find("pg_restore", max(found.server, connection.info.server_version) // 10_000)
        step("restoring the database", None)
        programs.run(
            pg_restore,
            ["--no-owner", "--no-privileges", "--exit-on-error", f"--jobs={jobs}", str(source / m.DUMP)],
            owner,
        )
        _protect(connection, found)
        done.faults += _compare(connection, found)
        connection.execute("ANALYZE")
        _pass_over_numbers(connection, found)
    _put_photos(home, source, photos, step)
    _put_files(home, source, found)
    entries = _journal(home, source, journals)
    done.migrations = migrate()
    _verify(done, step)
    done.erased, done.erased_unknown = _forget(entries)
    done.faults += _missing_photos(found)
    if done.ok:
        if not database.embedded():
            with psycopg.connect(owner, autocommit=True) as connection:
                connection.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(database.UNFINISHED)))
        home.restore_mark.unlink()


# ---- before


def _refuse_unless_empty(home: Home) -> None:
    """Only an empty place is restored into: nothing of an installation is ever overwritten or removed."""
    there = sorted(path.name for path in home.path.iterdir()) if home.path.is_dir() else []
    if home.restore_mark.exists():
        raise HomeError(
            f"An earlier restore into {home.path} did not finish. Keep the key file, remove the rest of that folder "
            "(stop its database first: gewu db stop) or set GEWU_HOME to another one, and restore again."
        )
    used = [name for name in there if name not in _MAY_BE_THERE and name != home.key_file.name]
    if database.embedded() and used:
        raise HomeError(
            f"The home {home.path} is in use (it holds {', '.join(used[:4])}). A restore needs an empty one: set "
            "GEWU_HOME to a new folder, with nothing in it but the key file."
        )
    if not database.embedded():
        if home.attachments.exists() and any(home.attachments.iterdir()):
            raise HomeError(f"{home.attachments} holds photos already. Set GEWU_HOME to a new folder.")
        with psycopg.connect(database.owner_dsn(), connect_timeout=10) as connection:
            database.check_version(connection)
            row = connection.execute(
                "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                " WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p', 'v', 'S')"
            ).fetchone()
        if row and row[0]:
            raise HomeError(
                "The database of GEWU_DATABASE_URL is not empty. A restore needs an empty one: create a new database "
                "and point GEWU_DATABASE_URL and GEWU_OWNER_DATABASE_URL at it."
            )


def _refuse_newer(found: m.Manifest) -> None:
    """Neither a schema that this program does not know nor the format of a later server can be restored."""
    package = Path(gewu.__file__).parent
    known = {f"{path.parent.parent.name}.{path.stem}" for path in package.rglob("migrations/[0-9]*.py")}
    newer = [name for name in found.migrations if name not in known and name.split(".")[0] not in _LIBRARIES]
    if newer:
        raise HomeError(
            f"The backup was made by a later Gewu ({found.gewu}): this one ({gewu.__version__}) does not know "
            f"{newer[0]}. Install that version, then restore."
        )
    if database.embedded():
        return
    with psycopg.connect(database.owner_dsn(), connect_timeout=10) as connection:
        here = connection.info.server_version // 10_000
    if here < found.server // 10_000:
        raise HomeError(
            f"The backup comes from PostgreSQL {found.server // 10_000}, the database server is PostgreSQL {here}. "
            "Restore into a server of the same or a later version."
        )


def _check_space(home: Home, needed: int) -> None:
    folder = home.path
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise HomeError(
            f"The disk of {home.path} has {free / 1e6:,.0f} MB left; the restore may need {needed / 1e6:,.0f} MB. "
            "Make room, or set GEWU_HOME to a folder on a larger disk."
        )


# ---- the database


def _make_database(home: Home) -> None:
    if not database.embedded():
        settings.update(home)
        with psycopg.connect(database.owner_dsn(home), autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE TABLE {} ()").format(sql.Identifier(database.UNFINISHED)))
        database.grant_app_rights(database.owner_dsn(home), database.app_role())
        return
    server = Postgres(home)
    server.start()
    database.bootstrap(server)


def _protect(connection: psycopg.Connection[Any], found: m.Manifest) -> None:
    """Take from the app role the rights that it did not have; with one role only, have triggers refuse it."""
    app = sql.Identifier(database.app_role())
    if not database.single_role():
        for table, rights in found.protected.items():
            name = sql.Identifier(table)
            connection.execute(sql.SQL("REVOKE ALL ON {} FROM {}").format(name, app))
            if rights:
                listed = sql.SQL(", ").join(sql.SQL(right) for right in rights if right in _KNOWN_RIGHTS)
                connection.execute(sql.SQL("GRANT {} ON {} TO {}").format(listed, name, app))
        return
    connection.execute(
        "CREATE OR REPLACE FUNCTION keeping_append_only() RETURNS trigger LANGUAGE plpgsql AS $$"
        " BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege'; END $$"
    )
    for table, rights in found.protected.items():
        if "UPDATE" in rights or _has_trigger(connection, table):
            continue
        name = sql.Identifier(table)
        for trigger, what in (("rows", "UPDATE OR DELETE"), ("table", "TRUNCATE")):
            each = "ROW" if trigger == "rows" else "STATEMENT"
            connection.execute(
                sql.SQL("CREATE TRIGGER {} BEFORE {} ON {} FOR EACH {} EXECUTE FUNCTION keeping_append_only()").format(
                    sql.Identifier(f"append_only_{trigger}"), sql.SQL(what), name, sql.SQL(each)
                )
            )


_KNOWN_RIGHTS = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE"})


def _has_trigger(connection: psycopg.Connection[Any], table: str) -> bool:
    row = connection.execute(
        "SELECT FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
        " WHERE c.relname = %s AND t.tgname = 'append_only_rows'",
        [table],
    ).fetchone()
    return row is not None


def _compare(connection: psycopg.Connection[Any], found: m.Manifest) -> list[str]:
    """Counts and last seals against the manifest."""
    faults = []
    for table, count in found.counts.items():
        row = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone()
        if row is None or row[0] != count:
            faults.append(f"the table {table} has {row[0] if row else 0} rows instead of {count}")
    for district_id, seal in m.seals_of(found).items():
        row = connection.execute(
            "SELECT no, hash FROM ledger_seal WHERE district_id = %s ORDER BY no DESC LIMIT 1", [district_id]
        ).fetchone()
        here = None if row is None else (row[0], bytes(row[1]).hex())
        if here != (None if seal is None else (seal["no"], seal["hash"])):
            faults.append(f"the last seal of district {district_id} is not the one of the manifest")
    return faults


def _pass_over_numbers(connection: psycopg.Connection[Any], found: m.Manifest) -> None:
    """Numbers given between the backup and the loss stand on paper somewhere: they are not given a second time."""
    taken = datetime.fromisoformat(found.snapshot)
    for district in found.districts:
        if not district["live"]:
            continue
        zone = ZoneInfo(district["timezone"])
        for day in {taken.astimezone(zone).date(), datetime.now(zone).date()}:
            connection.execute(
                "INSERT INTO ledger_numberblock (district_id, day, next) VALUES (%s, %s, %s)"
                " ON CONFLICT (district_id, day) DO UPDATE SET next = ledger_numberblock.next + excluded.next - 1",
                [district["id"], day, NUMBER_GAP + 1],
            )


# ---- files


def _put_photos(home: Home, source: Path, photos: dict[str, tuple[int, str]], step: Step) -> None:
    progress = step("photos", len(photos))
    for name in photos:
        target = home.path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        with (source / name).open("rb") as there, target.open("xb") as here:
            shutil.copyfileobj(there, here, 1 << 20)
            here.flush()
            os.fsync(here.fileno())
        progress.advance(1)


def _put_files(home: Home, source: Path, found: m.Manifest) -> None:
    """What came along, as it was."""
    for name in found.files:
        if name.split("/", 1)[0] in m.ALONG and "/" in name:
            target = home.path / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source / name, target)


def _journal(home: Home, source: Path, journals: tuple[Path, ...]) -> list[journal.Entry]:
    """Bring all journals together in the new home; they are repeated from there, and at every restore to come."""
    own = journal.journal_of(home)
    paths = [source / m.JOURNAL, *([own] if own.exists() else []), *journals]
    entries = journal.merged(paths)
    write_private(own, "".join(entry.line() for entry in entries))
    return entries


# ---- after


def _verify(done: Restored, step: Step) -> None:
    from gewu.ledger.verify import verify_all

    report = verify_all(progress=step("verifying", None))
    done.events, done.records, done.seals = report.events, report.records, report.seals
    done.faults += [str(fault) for fault in report.faults]
    done.notes += report.notes


def _forget(entries: list[journal.Entry]) -> tuple[int, int]:
    from gewu.keeping.erasures import replay

    return replay(entries)


def _missing_photos(found: m.Manifest) -> list[str]:
    """Every photo that is not erased has its file, but those that the backup said were gone."""
    from django.db import connection

    from gewu.ledger.attachments import path_of

    gone = set(found.gone)
    with connection.cursor() as cursor:
        cursor.execute("SELECT district_id, id FROM ledger_attachment WHERE wrapped IS NOT NULL")
        rows = cursor.fetchall()
    lost = [photo for district, photo in rows if str(photo) not in gone and not path_of(district, photo).exists()]
    return [f"the photo {photo} has no file" for photo in lost[:20]]
