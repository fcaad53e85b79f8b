"""`gewu demo`: a district to try, from nothing to a served month of cases in one command."""

from __future__ import annotations

from pathlib import Path

import click

from gewu.surfaces.cli.environment import packs_folder, with_database
from gewu.surfaces.cli.load import load_one
from gewu.surfaces.cli.migrate import run_migrations
from gewu.surfaces.cli.output import Exit, Output, command
from gewu.surfaces.cli.serve import run_server

_PACKS = ("standard", "wanzhou")


@click.command()
@click.option("--cases", "count", default=2000, show_default=True, type=click.IntRange(0), help="Synthetic cases.")
@click.option("--seed", default=1, show_default=True, help="The same seed makes the same month.")
@click.option("--serve", "and_serve", is_flag=True, help="Serve it afterwards, until Ctrl-C.")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@command
def demo(out: Output, *, count: int, seed: int, and_serve: bool, host: str, port: int) -> None:
    """Set up Wanzhou with a month of clearly synthetic cases; what is there already stays as it is."""
    folder = packs_folder()
    with_database(out, migrated=False)
    run_migrations(out)
    for name in _PACKS:
        _load(out, folder / name)
    from gewu.cases import demo as room

    with out.progress("synthetic cases") as progress:
        result = room.run(count=count, seed=seed, progress=progress)
    _print_logins(out, result["logins"], f"http://{host}:{port}")
    out.result(result)
    if and_serve:
        run_server(out, host=host, port=port, workers=2, threads=4)


def _load(out: Output, pack: Path) -> None:
    report, text = load_one(out, pack)
    out.note(text)
    if not report["ok"]:
        out.result(report)
        out.finish(Exit.PROBLEMS)


def _print_logins(out: Output, logins: list[dict[str, str]], address: str) -> None:
    """Print who can log in; the passwords were generated for this home and lie in its instance.json."""
    out.say(f"\nLog in at {address}/desk/ as one of:")
    for login in logins:
        out.say(f"  {login['login']:<24} {login['password']}   {login['title']}")
    out.say("")
