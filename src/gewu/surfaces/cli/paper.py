"""`gewu paper`: make the papers of an office from the command line, for printing by night or for an archive.

The command line sees the whole district; a reporter's name and number are masked in what it makes.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn
from uuid import UUID

import click

from gewu.surfaces.cli.environment import with_database
from gewu.surfaces.cli.output import Exit, Output, command

if TYPE_CHECKING:
    from gewu.papers.model import Paper
    from gewu.papers.setting import Setting

_LANGUAGES = {"zh": "zh-hans", "en": "en"}


def _shared(*forms: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """The options of every paper."""

    def decorate(function: Callable[..., None]) -> Callable[..., None]:
        options = (
            click.option("--district", required=True, metavar="CODE", help="The district's code, 500101."),
            click.option("--format", "form", type=click.Choice(forms), default=forms[0], show_default=True),
            click.option("--language", type=click.Choice(list(_LANGUAGES)), default="zh", show_default=True),
            click.option(
                "-o", "--output", type=click.Path(path_type=Path), help="File or folder (default: here, its own name)."
            ),
        )
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


@click.group()
def paper() -> None:
    """Make a paper: bulletin, dispatch list, case file, follow-up order, official letter, handover."""


@paper.command()
@click.option("--month", required=True, metavar="YYYY-MM", help="The month.")
@click.option("--number", default="", help="The bulletin's own number.")
@click.option("--publication", is_flag=True, help="The edition for publication: public indicators, no ranks.")
@click.option("--annex", is_flag=True, help="With an annex of all indicators (XLSX always has it).")
@_shared("pdf", "docx", "xlsx")
@command
def bulletin(out: Output, *, month: str, number: str, publication: bool, annex: bool, **shared: Any) -> None:
    """The bulletin of a month."""
    try:
        first = date.fromisoformat(f"{month}-01")
    except ValueError as error:
        raise click.BadParameter(f"{month!r} is not a month, such as 2026-11", param_hint="--month") from error

    def make(setting: Setting) -> Paper:
        from gewu.papers.bulletin import Wanted
        from gewu.papers.bulletin import bulletin as made

        whole = annex or shared["form"] == "xlsx"
        return made(setting, Wanted(first.year, first.month, number, publication=publication, annex=whole))

    _write(out, make, **shared)


@paper.command("dispatch")
@click.option("--unit", default="", metavar="CODE", help="Only this unit.")
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="Only what is due by the end of this day.")
@click.option("--place", default="", metavar="CODE", help="Only this street, community or grid.")
@_shared("pdf", "docx", "xlsx")
@command
def dispatch(out: Output, *, unit: str, day: datetime | None, place: str, **shared: Any) -> None:
    """The dispatch list: per unit its open cases, earliest limit first."""

    def make(setting: Setting) -> Paper:
        from gewu.papers.dispatch import Wanted, dispatch_list

        for code, known, what in ((unit, setting.directory.units, "unit"), (place, setting.directory.places, "place")):
            if code and code not in known:
                raise ValueError(f"there is no {what} {code} in this district")
        return dispatch_list(setting, Wanted(unit, place, day.date() if day else None))

    _write(out, make, **shared)


@paper.command("case")
@click.argument("number")
@_shared("pdf", "docx")
@command
def case(out: Output, *, number: str, **shared: Any) -> None:
    """The file of the case NUMBER."""

    def make(setting: Setting) -> Paper:
        from gewu.cases.queries import find_by_number, get_case
        from gewu.papers.casesheet import case_sheet

        record_id = _known(find_by_number(setting.district_id, number), f"there is no case {number}")
        view = get_case(setting.district_id, setting.acting, record_id, private=False)
        return case_sheet(setting, view, setting.playbook(view.state.playbook, view.state.playbook_version))

    _write(out, make, **shared)


@paper.command("order")
@click.argument("number")
@_shared("pdf", "docx")
@command
def order(out: Output, *, number: str, **shared: Any) -> None:
    """The follow-up order NUMBER."""

    def make(setting: Setting) -> Paper:
        from gewu.office.kinds import ORDER
        from gewu.office.queries import find_entry, get_order
        from gewu.papers.orders import follow_up_order

        found = _known(find_entry(setting.district_id, number, ORDER), f"there is no follow-up order {number}")
        return follow_up_order(setting, get_order(setting.district_id, setting.acting, found))

    _write(out, make, **shared)


@paper.command("letter")
@click.argument("number")
@click.option("--contact", default="", metavar="TEXT", help="Whom to call, by name and number.")
@_shared("pdf", "docx")
@command
def letter(out: Output, *, number: str, contact: str, **shared: Any) -> None:
    """The official letter NUMBER, with the form for its reply."""

    def make(setting: Setting) -> Paper:
        from gewu.office.kinds import LETTER
        from gewu.office.queries import find_entry, get_letter
        from gewu.papers.letters import official_letter

        found = _known(find_entry(setting.district_id, number, LETTER), f"there is no letter {number}")
        return official_letter(setting, get_letter(setting.district_id, setting.acting, found), contact.strip())

    _write(out, make, **shared)


@paper.command("handover")
@click.argument("number")
@_shared("pdf", "docx", "xlsx")
@command
def handover(out: Output, *, number: str, **shared: Any) -> None:
    """The shift handover NUMBER."""

    def make(setting: Setting) -> Paper:
        from gewu.office.kinds import HANDOVER
        from gewu.office.queries import find_entry, get_handover
        from gewu.papers.handover import handover_sheet

        found = _known(find_entry(setting.district_id, number, HANDOVER), f"there is no handover {number}")
        return handover_sheet(setting, get_handover(setting.district_id, setting.acting, found))

    _write(out, make, **shared)


def _known(record_id: UUID | None, otherwise: str) -> UUID:
    if record_id is None:
        raise ValueError(otherwise)
    return record_id


def _write(
    out: Output, make: Callable[[Setting], Paper], *, district: str, form: str, language: str, output: Path | None
) -> None:
    """Make the paper and write its file; says which."""
    with_database(out)
    from gewu.ledger.door import SYSTEM
    from gewu.ledger.errors import LedgerError
    from gewu.papers.errors import PaperFault
    from gewu.papers.files import Format, render
    from gewu.papers.links import public_links
    from gewu.papers.setting import Setting
    from gewu.registry.directory import get_directory
    from gewu.registry.models import District

    found = District.objects.filter(code=district).first()
    if found is None:
        _stop(out, f"there is no district {district}", Exit.USAGE)
    setting = Setting(get_directory(found.id), SYSTEM, _LANGUAGES[language], datetime.now(UTC), links=public_links())
    try:
        made = render(make(setting), Format(form))
    except PaperFault as error:
        _stop(out, str(error), Exit.ENVIRONMENT)
    except (ValueError, LedgerError) as error:
        _stop(out, str(error), Exit.PROBLEMS)
    path = output or Path()
    if path.is_dir():
        path = path / made.name
    try:
        path.write_bytes(made.data)
    except OSError as error:
        _stop(out, f"{path} cannot be written: {error.strerror}", Exit.ENVIRONMENT)
    out.result({"file": str(path), "bytes": len(made.data), "media": made.media}, str(path))


def _stop(out: Output, reason: str, code: Exit) -> NoReturn:
    out.result({"error": reason})
    if not out.as_json:
        click.echo(f"gewu: {reason}", err=True)
    out.finish(code)
