"""`gewu devices`: take in the register of devices, count what stands."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from gewu.surfaces.cli.environment import with_database
from gewu.surfaces.cli.output import Exit, Output, command

if TYPE_CHECKING:
    from gewu.registry.models import District


@click.command("devices")
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--district", default="", help="Code of the district; needed only where there are several.")
@click.option("--dry-run", is_flag=True, help="Only look through the file.")
@command
def devices(out: Output, *, file: Path | None, district: str, dry_run: bool) -> None:
    """Take in devices from a CSV file, whole or not at all; without a FILE count those that are registered.

    Columns: code, kind, place, unit, spot, since, until, state, synthetic, source. A device that the file does not name
    stays as it is; one that is gone gets a day in the column until. Exit code 1 where the file has problems.
    """
    with_database(out)
    from gewu.registry import devices as register
    from gewu.registry.devicekinds import kind_of
    from gewu.registry.directory import get_directory

    found = _district(district)
    if file is not None:
        try:
            text = file.read_bytes().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise click.UsageError(f"{file} is not UTF-8: {error.reason} at byte {error.start}") from error
        rows, problems = register.read(get_directory(found.pk), text, file.name)
        if problems:
            lines = [str(problem) for problem in sorted(problems)]
            out.result({"ok": False, "problems": lines}, "\n".join(lines))
            out.finish(Exit.PROBLEMS)
        if dry_run:
            out.result({"ok": True, "rows": len(rows)}, f"{len(rows)} rows, nothing to object to")
            return
        loaded = register.store(found.pk, rows, datetime.now(UTC))
        out.result(
            {"ok": True, "created": loaded.created, "changed": loaded.changed, "unchanged": loaded.unchanged},
            f"{loaded.created} new, {loaded.changed} changed, {loaded.unchanged} unchanged",
        )
        return
    directory = get_directory(found.pk)
    counts = register.counts(found.pk, register.Wanted(datetime.now(ZoneInfo(found.timezone)).date()))
    out.result(
        {"ok": True, "kinds": {one.kind: {"devices": one.devices, "online": one.online} for one in counts}},
        "\n".join(f"{kind_of(directory, one.kind).title_en}: {one.devices}, online {one.online}" for one in counts)
        or "no devices are registered",
    )


def _district(code: str) -> District:
    from gewu.registry.models import District

    districts = District.objects.order_by("id")
    found = list(districts.filter(code=code) if code else districts)
    if len(found) != 1:
        codes = ", ".join(one.code for one in districts)
        raise click.UsageError(f"choose the district with --district; there are: {codes or 'none'}")
    return found[0]
