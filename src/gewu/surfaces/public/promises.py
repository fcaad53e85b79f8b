"""What happens next, with the limits of the district's own playbook in words."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from gewu.cases import services
from gewu.core.deadlines import Limit
from gewu.registry.directory import Directory
from gewu.surfaces.names import limit_text


@dataclass(frozen=True, slots=True)
class Promise:
    """One step, and how long it may take; ``limit`` is empty when the playbook names none."""

    title: str
    text: str
    limit: str = ""


def clock_limit(directory: Directory, clock: str, language: str) -> str:
    """The limit of a clock of the playbook in words; empty when it has none of its own."""
    playbook = directory.playbook(services.PLAYBOOK)
    found = playbook.clocks.get(clock) if playbook else None
    if found is None or not isinstance(found.limit, Limit):
        return ""
    return limit_text(found.limit.value, str(found.limit.unit), language)


def after_report(directory: Directory, language: str, *, wants: bool) -> list[Promise]:
    """The way of a report, for its reporter."""

    def step(title: str, text: str, clock: str = "") -> Promise:
        return Promise(title, text, clock_limit(directory, clock, language) if clock else "")

    steps = [
        step(pgettext("step", "Read"), _("The duty desk reads your report and accepts it."), "accept"),
        step(pgettext("step", "Looked at"), _("A collector goes to the place and confirms what is there."), "verify"),
        step(
            pgettext("step", "Given out"),
            _("It becomes a case and goes to the unit that has to solve it."),
            "dispatch",
        ),
        step(
            pgettext("step", "Solved"),
            _("That unit solves it. How long it may take depends on the kind of problem."),
        ),
        step(pgettext("step", "Checked"), _("Somebody else goes there and checks the result."), "check"),
    ]
    if wants:
        steps.append(step(pgettext("step", "Answered"), _("You find the answer on the page of your number."), "answer"))
    return steps
