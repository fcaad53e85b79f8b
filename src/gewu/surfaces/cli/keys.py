"""`gewu keys`: the master keys."""

from __future__ import annotations

import click

from gewu.home.keys import add_master_key, load_master_keys
from gewu.home.layout import Home
from gewu.surfaces.cli.output import Output, command


@click.command()
@click.option("--add", is_flag=True, help="Add a new key; it is current from then on.")
@command
def keys(out: Output, *, add: bool) -> None:
    """Show the ids of the master keys, never the keys, or add a new one."""
    if add:
        add_master_key()
    found = list(load_master_keys())
    file = Home.current().key_file
    out.result({"file": str(file), "keys": found, "current": found[-1]}, f"{file}: {', '.join(found)} (last: current)")
