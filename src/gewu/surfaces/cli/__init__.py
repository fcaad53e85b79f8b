"""The command line: one module for each command, loaded when it is called."""

from __future__ import annotations

from importlib import import_module
from keyword import iskeyword

import click

import gewu

# The module of each command and what `gewu --help` says about it; modules load on use, so that help is instant.
_COMMANDS: dict[str, tuple[str, str]] = {
    "demo": ("demo", "Set up a district with a month of synthetic cases, and serve it."),
    "serve": ("serve", "Run web, ticker and outbox, and keep them running."),
    "check": ("check", "Check a pack without loading it."),
    "load": ("load", "Load a pack into the registry."),
    "reform": ("reform", "Merge units or move items by a numbered act: preview, then apply."),
    "playbook": ("playbook", "Draw or tell a playbook; compare versions; carry records over to a new one."),
    "explain": ("explain", "Explain why a case stands where it stands, and what comes next."),
    "import": ("imports", "Import a sheet of another platform (12345, the city's, 141)."),
    "devices": ("devices", "Take in the register of devices (cameras, gates), or count it."),
    "xes": ("xes", "Write the event log as XES, for process mining."),
    "story": ("story", "Write a printed story as synthetic records, and compute its figures."),
    "replay": ("replay", "Play an outside export of cases through the door."),
    "export": ("export", "Export facts and events to Parquet."),
    "paper": ("paper", "Make a paper: bulletin, dispatch list, case file, order, handover."),
    "verify": ("verify", "Verify the chains and seals of the ledger."),
    "rebuild": ("rebuild", "Rebuild every record from its events and compare."),
    "backup": ("backup", "Back up database and photos while everything goes on."),
    "restore": ("restore", "Restore a backup into an empty home, and verify it."),
    "retention": ("retention", "Erase what the district's schedule says, or show what would go."),
    "seal": ("administration", "Seal what changed since the last seal."),
    "erase": ("administration", "Destroy the words and photos of a case for good."),
    "token": ("administration", "Issue or end an API token."),
    "password": ("administration", "Set somebody's password."),
    "egress": ("connections", "The list of hosts that may be reached."),
    "webhook": ("connections", "Events told to other systems."),
    "channel": ("connections", "Ways to tell people something outside Gewu."),
    "messages": ("connections", "Messages to the outside: list them, send them again."),
    "migrate": ("migrate", "Bring the tables of the database up to date."),
    "db": ("db", "Start, stop and ask the embedded PostgreSQL."),
    "keys": ("keys", "Show the master keys, or add a new one."),
    "manage": ("manage", "Run a management command of Django, for developers."),
    "web": ("children", "Run the web server alone."),
    "ticker": ("children", "Run the ticker alone."),
    "outbox": ("children", "Run the outbox alone."),
    "imports": ("children", "Run the importer alone."),
    "sheets": ("children", "Run the maker of sheets alone."),
}
_INSIDE = {"manage", "web", "ticker", "outbox", "imports", "sheets"}

EPILOG = (
    "Exit codes: 0 done and nothing to object to; 1 done and problems were found; 2 wrong usage; "
    "3 the environment does not allow it (database, folder, key)."
)


class _Commands(click.Group):
    """A group whose commands come from modules that load on use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names, in the order in which people need them."""
        return [name for name in _COMMANDS if name not in _INSIDE]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return one command, `None` for a name that is none."""
        if cmd_name not in _COMMANDS:
            return None
        module = import_module(f"gewu.surfaces.cli.{_COMMANDS[cmd_name][0]}")
        # A command may be called like a keyword of the language, its function may not.
        command: click.Command = getattr(module, f"{cmd_name}_" if iskeyword(cmd_name) else cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without loading them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, _COMMANDS[name][1]) for name in self.list_commands(ctx)])


@click.group(cls=_Commands, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(gewu.__version__, prog_name="gewu")
def main() -> None:
    """Gewu 格物: fine-grained governance of a city district. State lies in GEWU_HOME (default .gewu)."""
