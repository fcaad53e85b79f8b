"""What commands say: lines for people or one line of JSON, progress on standard error, exit codes."""

from __future__ import annotations

import functools
import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import IntEnum
from types import TracebackType
from typing import Any, NoReturn

import click


class Exit(IntEnum):
    """The exit codes of every command."""

    OK = 0
    PROBLEMS = 1
    USAGE = 2
    ENVIRONMENT = 3


class Progress:
    """How far a long step is. On a terminal one line that renews itself, otherwise a line for every tenth.

    Other rooms take it as anything with `advance(n)`, or as a function of how many parts are done and how many there
    are.
    """

    def __init__(self, label: str, total: int | None = None, *, quiet: bool = False) -> None:
        """Begin a step of `total` parts; `None` means that the number is not known beforehand."""
        self.label = label
        self.total = total
        self.done = 0
        self.quiet = quiet
        self._terminal = sys.stderr.isatty()
        self._shown = 0.0
        self._tenth = -1
        self._begun = time.monotonic()

    def advance(self, count: int = 1) -> None:
        """Say that `count` more parts are done."""
        self.done += count
        if self.quiet:
            return
        now = time.monotonic()
        if self._terminal and now - self._shown >= 0.1:
            self._shown = now
            click.echo(f"\r\033[K{self._text()}", err=True, nl=False)
        elif not self._terminal and self.total:
            tenth = 10 * self.done // self.total
            if tenth > self._tenth:
                self._tenth = tenth
                click.echo(self._text(), err=True)

    def __call__(self, done: int, total: int) -> None:
        """Say that `done` parts of `total` are done."""
        self.total = total
        self.advance(done - self.done)

    def close(self) -> None:
        """End the step and say how long it took."""
        if self.quiet:
            return
        text = f"{self._text()} ({time.monotonic() - self._begun:.1f} s)"
        click.echo(f"\r\033[K{text}" if self._terminal else text, err=True)

    def __enter__(self) -> Progress:
        """Begin."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """End."""
        self.close()

    def _text(self) -> str:
        if not self.total:
            return f"{self.label}: {self.done}"
        return f"{self.label}: {min(100, 100 * self.done // self.total):3d} % ({self.done} of {self.total})"


class Output:
    """Where a command speaks. With `--json` standard output carries exactly one line, the result."""

    def __init__(self, *, as_json: bool) -> None:
        """Speak JSON or in words."""
        self.as_json = as_json

    def say(self, text: str) -> None:
        """Tell people something on standard output; silent with `--json`."""
        if not self.as_json:
            click.echo(text)

    def note(self, text: str) -> None:
        """Tell people how it goes, on standard error; silent with `--json`."""
        if not self.as_json:
            click.echo(text, err=True)

    def progress(self, label: str, total: int | None = None) -> Progress:
        """Begin a long step."""
        return Progress(label, total, quiet=self.as_json)

    def result(self, data: Mapping[str, Any] | Sequence[Any], text: str | None = None) -> None:
        """Give the result: `data` as one line of JSON with `--json`, `text` otherwise."""
        if self.as_json:
            click.echo(json.dumps(data, ensure_ascii=False, default=str))
        elif text is not None:
            click.echo(text)

    def finish(self, code: Exit) -> NoReturn:
        """End the command with an exit code."""
        raise click.exceptions.Exit(int(code))


@contextmanager
def steps(out: Output) -> Iterator[Callable[[str, int | None], Progress]]:
    """Steps one after the other: the function begins one with a label and a total, and ends the one before."""
    running: list[Progress] = []

    def step(label: str, total: int | None) -> Progress:
        while running:
            running.pop().close()
        running.append(out.progress(label, total))
        return running[-1]

    try:
        yield step
    finally:
        while running:
            running.pop().close()


def command(function: Callable[..., None]) -> Callable[..., None]:
    """Give a command `--json`, an `Output` as its first argument, and exit code 3 for what the environment lacks."""

    @click.option("--json", "as_json", is_flag=True, help="Print the result as one line of JSON.")
    @functools.wraps(function)
    def run(*, as_json: bool, **options: Any) -> None:
        out = Output(as_json=as_json)
        try:
            function(out, **options)
        except Exception as error:
            reason = _environment_fault(error)
            if reason is None:
                raise
            out.result({"error": reason})
            if not as_json:
                click.echo(f"gewu: {reason}", err=True)
            out.finish(Exit.ENVIRONMENT)

    return run


def _environment_fault(error: Exception) -> str | None:
    """Return what to say about an error that is the environment's, `None` for any other."""
    from gewu.home.database import is_connection_loss
    from gewu.home.errors import HomeError

    if isinstance(error, HomeError):
        return str(error)
    if is_connection_loss(error):
        return f"The database server cannot be reached: {str(error).strip()}. Run: gewu db start"
    return None
