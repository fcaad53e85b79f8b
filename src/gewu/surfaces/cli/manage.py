"""`gewu manage`: Django's own management commands, for developers."""

from __future__ import annotations

import click

from gewu.surfaces.cli.environment import setup_django, with_database
from gewu.surfaces.cli.output import Output

_WITHOUT_DATABASE = {"makemigrations", "check", "diffsettings", "help", "makemessages", "compilemessages"}


@click.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def manage(arguments: tuple[str, ...]) -> None:
    """Run a management command of Django, for developers."""
    from django.core.management import execute_from_command_line

    if arguments and arguments[0] in _WITHOUT_DATABASE:
        setup_django()
    else:
        with_database(Output(as_json=False), migrated=False)
    execute_from_command_line(["gewu manage", *arguments])
