"""At a big matter whose step waits, the office confirms it and issues the follow-up order in one form."""

from __future__ import annotations

from uuid import UUID

from gewu.core.playbook import model as m
from gewu.ledger.errors import Refused
from gewu.office import raising, services
from gewu.office.kinds import ORDER
from gewu.surfaces.desk import formdata
from gewu.surfaces.desk.present import names
from gewu.surfaces.desk.present.moves import About, MoveForm, form_for
from gewu.surfaces.desk.who import Desk

TOGETHER = ("unit", "matter", "demand", "due_on")
"""What of the order stands in the form; the case it is about is known."""
BELOW_HARD = "big"


def wanted(desk: Desk, move: m.Move, tier: object) -> m.Move | None:
    """The move that issues the order, where this one makes a hard matter of a case and the post may issue."""
    book = desk.directory.current_playbook(ORDER)
    if move.name != raising.CONFIRM or tier != BELOW_HARD or book is None:
        return None
    issue = book.moves[services.MAKING[ORDER]]
    return issue if any(rule.role in desk.roles for rule in issue.actors) else None


def with_order(desk: Desk, form: MoveForm, issue: m.Move, given: formdata.Given | None, lead: str, about: str) -> None:
    """Add what the order needs to the form of the step: its unit and matter stand in it already."""
    book = desk.directory.current_playbook(ORDER)
    if book is None:
        return
    unit = desk.directory.units.get(lead)
    known = {"matter": about, "unit": names.unit_label(unit, desk.language) if unit is not None else ""}
    made = form_for(
        issue, About(desk.directory, book, desk.language, desk.acting.actor), given.typed if given else known
    )
    first = [one for one in form.fields if one.name != "order"]
    number = [one for one in form.fields if one.name == "order"]
    fresh = [one for one in made.fields if one.name in TOGETHER]
    for one in fresh:
        one.prefix = f"{form.name}-order"
        one.required = False  # nothing of it is needed where the number of an order is given
    form.fields = [*first, *fresh, *number]


def read_order(given: formdata.Given, issued: formdata.Given) -> None:
    """Take the order's part of what was sent into the whole, faults and all."""
    given.typed = {**issued.typed, **given.typed}
    given.faults |= {name: text for name, text in issued.faults.items() if name in TOGETHER}


def confirm(desk: Desk, case: UUID, given: formdata.Given, issued: formdata.Given) -> services.Made:
    """Confirm the step and issue the order. Raises what the service raises."""
    step = raising.Step(given.args, given.texts, given.version, given.command_id)
    args = {name: value for name, value in issued.args.items() if name in TOGETHER}
    texts = {name: value for name, value in issued.texts.items() if name in TOGETHER}
    return raising.confirm_with_order(desk.district_id, desk.acting, case, step, services.Filled(args, texts))


def faults_of(error: Refused, issue: m.Move, desk: Desk) -> dict[str, str]:
    """What is wrong with the order's part, by field."""
    mine = {name: code for name, code in error.refusal.fields.items() if name in TOGETHER}
    return formdata.refused_fields(mine, issue, desk.language) if mine else {}
