"""`gewu playbook`: draw a playbook, tell it, compare versions, carry records over to a new one."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

import click

from gewu.surfaces.cli.environment import setup_django, with_database
from gewu.surfaces.cli.explain import LANGUAGES
from gewu.surfaces.cli.output import Exit, Output, command

if TYPE_CHECKING:
    from gewu.core.migrate import How
    from gewu.core.playbook import Playbook
    from gewu.core.telling.speech import Names
    from gewu.ledger.newversion import Report
    from gewu.registry.directory import Directory

SHOWN = 20
"""How many records are named in words; ``--json`` names all."""
_PACK = click.option(
    "--pack", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Take it from a pack's folder."
)
_LANGUAGE = click.option("--language", type=LANGUAGES, default="en", show_default=True)
_VERSION = click.option("--version", "number", type=int, help="Another version than the one new records start under.")


@click.group()
def playbook() -> None:
    """Draw a playbook, tell it in sentences, compare it with a new version, carry records over to that."""


@playbook.command()
@click.argument("name")
@_PACK
@_VERSION
@_LANGUAGE
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="A file instead of the terminal.")
@command
def draw(out: Output, *, name: str, pack: Path | None, number: int | None, language: str, output: Path | None) -> None:
    """Draw the playbook NAME as SVG: stages, moves, clocks."""
    book, names = _book(out, name, pack, number, language)
    from gewu.core.telling.drawing import draw as drawn

    svg = drawn(book, language, names)
    if output is not None:
        output.write_text(svg, encoding="utf-8", newline="\n")
        out.result({"file": str(output), "playbook": book.name, "version": book.version}, str(output))
    else:
        out.result({"playbook": book.name, "version": book.version, "svg": svg}, svg.rstrip("\n"))


@playbook.command()
@click.argument("name")
@_PACK
@_VERSION
@_LANGUAGE
@command
def tell(out: Output, *, name: str, pack: Path | None, number: int | None, language: str) -> None:
    """Tell the playbook NAME in plain sentences, stage by stage."""
    book, names = _book(out, name, pack, number, language)
    from gewu.core.telling.book import tell as told

    found = told(book, language, names)
    out.result(found.as_dict(), found.text().rstrip("\n"))


@playbook.command()
@click.argument("pack", type=click.Path(exists=True, file_okay=False, path_type=Path))
@_LANGUAGE
@click.option("--stage", "stages", multiple=True, metavar="OLD=NEW", help="A stage that is called otherwise now.")
@click.option("--clock", "clocks", multiple=True, metavar="OLD=NEW", help="The same for a clock; OLD= stops it.")
@click.option("--keep-deadlines", is_flag=True, help="Leave running deadlines where they are.")
@command
def compare(
    out: Output, *, pack: Path, language: str, stages: Sequence[str], clocks: Sequence[str], keep_deadlines: bool
) -> None:
    """Check PACK, compare its playbooks with the loaded ones, and show what a change would do to open records.

    Nothing is changed. Exit code 1 when the pack could not be loaded, or a record could not go over.
    """
    with_database(out)
    from gewu.core.telling.versions import said_differences
    from gewu.ledger.newversion import preview
    from gewu.registry.names import names_for
    from gewu.registry.packs import check_pack
    from gewu.registry.packs.books import read_books

    how = _how(stages, clocks, keep_deadlines)
    books = read_books(pack)
    problems = books.problems or check_pack(pack)
    for problem in problems:
        out.say(str(problem))
    compared = []
    staying = 0
    for book in books.playbooks.values():
        entries = []
        for directory in _directories():
            loaded = directory.playbook(book.name)
            if loaded is None:
                continue
            found = said_differences(loaded, book, language, names_for(directory, language))
            report = preview(directory, book, how, int(time.time()))
            if not found and not report.records and loaded.version == book.version:
                continue
            staying += len(report.staying)
            out.say(f"{book.name}: {loaded.version} → {book.version} ({directory.district.code})")
            for _change, sentence in found:
                out.say(f"  {sentence}")
            _say_report(out, directory, report, language)
            entries.append(
                {
                    "district": directory.district.code,
                    "loaded": loaded.version,
                    "differences": [
                        {"section": c.section, "name": c.name, "what": c.what, "keys": list(c.keys), "sentence": text}
                        for c, text in found
                    ],
                    **_data(directory, report, language),
                }
            )
        compared.append({"playbook": book.name, "version": book.version, "districts": entries})
    changed = sum(1 for one in compared if one["districts"])
    out.result(
        {"pack": str(pack), "problems": [str(p) for p in problems], "playbooks": compared},
        f"{len(compared)} playbooks, {changed} differ; {staying} open records could not go over",
    )
    out.finish(Exit.PROBLEMS if staying or problems else Exit.OK)


@playbook.command()
@click.argument("name")
@click.option("--to", "number", type=int, required=True, help="The version that records go over to; it must be loaded.")
@click.option("--reason", required=True, help="Why; kept with every record.")
@click.option("--stage", "stages", multiple=True, metavar="OLD=NEW", help="A stage that is called otherwise now.")
@click.option("--clock", "clocks", multiple=True, metavar="OLD=NEW", help="The same for a clock; OLD= stops it.")
@click.option("--keep-deadlines", is_flag=True, help="Leave running deadlines where they are.")
@click.option("--district", default="", help="Code of the district; without it, all of them.")
@click.option("--apply", is_flag=True, help="Do it. Without this, only show what would happen.")
@_LANGUAGE
@command
def migrate(
    out: Output, *, name: str, number: int, reason: str, stages: Sequence[str], clocks: Sequence[str],
    keep_deadlines: bool, district: str, apply: bool, language: str,
) -> None:  # fmt: skip
    """Carry the open records of playbook NAME over to another version, each by an event of its own.

    Interrupted, it can be run again: what went over is not met twice. Records that cannot go over are named with the
    reason and stay under their version; exit code 1 says that there are some.
    """
    with_database(out)
    from gewu.ledger import newversion
    from gewu.ledger.door import now_us

    how = _how(stages, clocks, keep_deadlines)
    if not reason.strip():
        raise click.UsageError("a reason is required; it is kept with every record")
    reports = []
    for directory in _directories(district):
        new = directory.playbook(name, number)
        if new is None:
            continue
        _check_names(directory, name, new, how)
        if apply:
            with out.progress(f"carrying over {name}") as progress:
                report = newversion.migrate(directory, new, how, reason.strip(), now_us(), progress.advance)
        else:
            report = newversion.preview(directory, new, how, int(time.time()))
        _say_report(out, directory, report, language)
        reports.append(_data(directory, report, language))
    if not reports:
        text = f"no district has version {number} of a playbook {name}. Load the pack first: gewu load"
        out.result({"error": text}, text)
        out.finish(Exit.PROBLEMS)
    carried, staying = (
        sum(r[key] if key == "carried" else len(r[key]) for r in reports) for key in ("carried", "staying")
    )
    done = f"{carried} records went over" if apply else f"{carried} records would go over (do it with --apply)"
    out.result({"applied": apply, "districts": reports}, f"{done}, {staying} stay")
    out.finish(Exit.PROBLEMS if staying else Exit.OK)


def _book(out: Output, name: str, pack: Path | None, number: int | None, language: str) -> tuple[Playbook, Names]:
    """A playbook by name and the names it needs: from a pack's folder, else from the first district that has it."""
    if pack is not None:
        setup_django()
        from gewu.registry.names import names_for
        from gewu.registry.packs.books import read_books

        books = read_books(pack)
        found = books.playbooks.get(name)
        if found is None:
            reason = "; ".join(str(p) for p in books.problems) or f"{pack} has no playbook {name}"
            out.result({"error": reason}, reason)
            out.finish(Exit.PROBLEMS)
        plain = names_for(None, language)

        def named(kind: str, code: str) -> str:
            words = books.roles.get(code) if kind == "role" else None
            return words[language] if words is not None else plain(kind, code)

        return found, named
    with_database(out)
    from gewu.registry.names import names_for

    found_in = [(d, book) for d in _directories() if (book := d.playbook(name, number)) is not None]
    if found_in:
        directory, book = found_in[0]
        return book, names_for(directory, language)
    reason = f"no district has a playbook {name}" + (f" of version {number}" if number else "")
    out.result({"error": reason}, reason)
    return out.finish(Exit.PROBLEMS)


def _directories(code: str = "") -> list[Directory]:
    from gewu.registry.directory import get_directory
    from gewu.registry.models import District

    found = District.objects.order_by("id")
    ids = list((found.filter(code=code) if code else found).values_list("id", flat=True))
    if code and not ids:
        raise click.UsageError(f"there is no district {code}")
    return [get_directory(district_id) for district_id in ids]


def _how(stages: Sequence[str], clocks: Sequence[str], keep: bool) -> How:
    from gewu.core.migrate import How

    return How(_pairs(stages, "--stage"), _pairs(clocks, "--clock", may_be_empty=True), keep)


def _pairs(given: Sequence[str], option: str, *, may_be_empty: bool = False) -> dict[str, str]:
    found = {}
    for pair in given:
        old, sign, new = pair.partition("=")
        if not sign or not old or not (new or may_be_empty):
            raise click.UsageError(f"{option} {pair}: write OLD=NEW")
        found[old] = new
    return found


def _check_names(directory: Directory, name: str, new: Playbook, how: How) -> None:
    """Refuse a mapping with a name that no version has: a slip of the pen would strand nobody, but help nobody."""
    books = [directory.playbook(p.name, p.version) for p in directory.playbooks if p.name == name]
    known = [book for book in books if book is not None]
    for kind, section, pairs in (("stage", "stages", how.stages), ("clock", "clocks", how.clocks)):
        for old, to in pairs.items():
            if not any(old in getattr(book, section) for book in known):
                raise click.UsageError(f"no version of {name} has a {kind} {old}")
            if to and to not in getattr(new, section):
                raise click.UsageError(f"version {new.version} of {name} has no {kind} {to}")


def _say_report(out: Output, directory: Directory, report: Report, language: str) -> None:
    """What would happen, or happened, in words."""
    data = _data(directory, report, language)
    for (version, stage), count in sorted(report.under.items()):
        out.say(f"  {count} open under version {version} at {stage}")
    for one in data["staying"][:SHOWN]:
        out.say(f"  stays: {one['number'] or one['record']}: {'; '.join(one['reasons'])}")
    for one in data["moving"][:SHOWN]:
        out.say(f"  {one['number'] or one['record']}: {one['title']}: {one['from']} → {one['to'] or '-'}")
    for rest, what in ((data["staying"][SHOWN:], "stay"), (data["moving"][SHOWN:], "deadlines move")):
        if rest:
            out.say(f"  and {len(rest)} more {what} (--json names all)")


def _data(directory: Directory, report: Report, language: str) -> dict[str, Any]:
    """A report as JSON values."""
    from gewu.core.telling.speech import Speaker
    from gewu.core.telling.versions import hindrance_text
    from gewu.registry.names import names_for

    zone = ZoneInfo(directory.district.timezone)
    numbers = _numbers(report)
    names = names_for(directory, language)
    speakers: dict[int, Speaker] = {}
    current = directory.playbook(report.playbook)
    for version in {s.version for s in report.staying}:
        book = directory.playbook(report.playbook, version) or current
        if book is not None:
            speakers[version] = Speaker(book, language, names)

    def at(seconds: int) -> str:
        return datetime.fromtimestamp(seconds, zone).isoformat(timespec="minutes") if seconds else ""

    def title(spec: str) -> str:
        return next((b.clocks[spec].title[language] for b in books if spec in b.clocks), spec)

    books = [b for b in (directory.playbook(report.playbook, report.to), current) if b is not None]
    moved = Counter(m.shift.spec for m in report.moving)
    return {
        "district": directory.district.code,
        "to": report.to,
        "open": [{"version": v, "stage": s, "records": n} for (v, s), n in sorted(report.under.items())],
        "carried": report.carried,
        "deadlines": dict(moved),
        "staying": [
            {
                "record": str(s.record_id),
                "number": numbers.get(s.record_id, ""),
                "version": s.version,
                "codes": [h.code for h in s.hindrances],
                "reasons": [
                    hindrance_text(speakers[s.version], h) if s.version in speakers else h.code for h in s.hindrances
                ],
            }
            for s in report.staying
        ],
        "moving": [
            {
                "record": str(m.record_id),
                "number": numbers.get(m.record_id, ""),
                "clock": m.shift.clock,
                "title": title(m.shift.spec),
                "from": at(m.shift.before),
                "to": at(m.shift.to),
            }
            for m in report.moving
        ],
    }


def _numbers(report: Report) -> Mapping[UUID, str]:
    """The numbers of those records that are cases."""
    from gewu.cases.models import Case

    ids = [s.record_id for s in report.staying] + [m.record_id for m in report.moving]
    if not ids:
        return {}
    found = Case.objects.filter(district_id=report.district_id, record_id__in=ids)
    return dict(found.values_list("record_id", "number"))
