"""A form of a move that comes back: as it was sent, with what is wrong beside its fields."""

from __future__ import annotations

from gewu.core.playbook import model as m
from gewu.core.records import Refusal
from gewu.surfaces import words
from gewu.surfaces.desk import formdata
from gewu.surfaces.desk.present.moves import About, MoveForm, form_for
from gewu.surfaces.desk.who import Desk

_MOVED_ON = frozenset({"wrong_stage", "part_ended", "blocked", "guard"})


def refused_as(
    refusal: Refusal, move: m.Move, playbook: m.Playbook, desk: Desk
) -> tuple[dict[str, str], list[str], int]:
    """A refusal as errors by field, errors of the form as a whole, and the status of the answer."""
    text = words.refusal_text(refusal, playbook, desk.language, desk.directory)
    faults = formdata.refused_fields(refusal.fields, move, desk.language)
    if refusal.code == "needs_photos":
        faults |= {f"photo_{'other' if role == 'any' else role}": text for role in refusal.detail}
    return faults, [] if faults else [text], 409 if refusal.code in _MOVED_ON else 422


def sent_again(
    move: m.Move, about: About, given: formdata.Given, version: int, faults: dict[str, str], general: list[str]
) -> MoveForm:
    """The form open as it was sent. ``version`` is the record's, for a form that came without one."""
    form = form_for(move, about, given.typed)
    fill_errors(form, faults, general)
    form.kept = formdata.kept(given)
    form.command_id = given.command_id
    form.version = given.version if given.version is not None else version
    form.open = True
    return form


def fill_errors(form: MoveForm, faults: dict[str, str], general: list[str]) -> None:
    """Put each error beside its field; those without a field of their own stand at the head of the form."""
    left = dict(faults)
    for one in form.inputs:
        one.error = left.pop(one.name, "")
    for wish in form.photos:
        text = left.pop(f"photo_{wish.role}", "")
        form.errors += [text] if text else []
    form.errors += [*general, *left.values()]
