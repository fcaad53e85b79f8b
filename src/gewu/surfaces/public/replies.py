"""The two forms of a reporter on the page of a report: a note, and an opinion on the result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from gewu.cases.queries import CaseView
from gewu.core.playbook.model import FormField
from gewu.core.records import Actor, Command, Facts
from gewu.core.rules import moves_open
from gewu.ledger.door import now_us
from gewu.ledger.lookups import facts_for
from gewu.registry.directory import Directory
from gewu.surfaces.look.forms import Choice, Field
from gewu.surfaces.names import choice_name
from gewu.surfaces.public.report import text_fault
from gewu.surfaces.public.site import MAX_PHOTOS, language
from gewu.surfaces.public.story import playbook_of
from gewu.surfaces.words import fault_text

NOTE = "add_note"
OPINION = "follow_up"
ADDED = "note"
"""The words of a note, as they are sent."""
UNREACHED = "no_answer"
"""A choice for the clerk who calls: who answers here was reached."""


@dataclass(slots=True)
class Typed:
    """What was typed into one of the two forms, and what is wrong with it."""

    values: Mapping[str, str]
    faults: Mapping[str, str]
    general: str = ""

    @property
    def bad(self) -> bool:
        """Whether it has to be corrected."""
        return bool(self.faults or self.general)

    @property
    def begun(self) -> bool:
        """Whether anything was typed or chosen."""
        return any(value.strip() for value in self.values.values())


def open_moves(directory: Directory, view: CaseView, actor: Actor) -> dict[str, dict[str, FormField]]:
    """The reporter's moves that are open now, with their forms. After erasure no more words are taken."""
    playbook = playbook_of(directory, view)
    if playbook is None or view.erased:
        return {}
    facts = facts_for(directory, None, Command("", ""), actor, now_us() // 1_000_000, None)
    if not isinstance(facts, Facts):
        return {}
    found = moves_open(playbook, view.state, facts)
    return {move.name: {f.name: f for f in move.form} for move, refusal in found if refusal is None}


def posted(name: str) -> str:
    """The name under which an answer of the follow-up is sent: both forms have words, and stand in one."""
    return f"o-{name}" if name == ADDED else name


def note_typed(request: HttpRequest) -> Typed:
    """The words of the note, as they were sent with either form."""
    return Typed({ADDED: request.POST.get(ADDED, "").replace("\r\n", "\n")}, {})


def opinion_typed(request: HttpRequest, form: Mapping[str, FormField]) -> Typed:
    """The answers of the follow-up, as they were sent with either form."""
    return Typed({name: request.POST.get(posted(name), "").replace("\r\n", "\n") for name in form}, {})


def note_fields(typed: Typed | None) -> list[Field]:
    """The form of a note."""
    values, faults = (typed.values, typed.faults) if typed else ({}, {})
    return [
        Field(
            ADDED,
            _("Add something to your report"),
            "textarea",
            values.get(ADDED, ""),
            _("The people who work on it read this."),
            faults.get(ADDED, ""),
            required=True,
        ),
        Field(
            "photos",
            pgettext("resident", "Photos"),
            "file",
            hint=_("Up to %(most)d, JPEG, PNG or WebP, 15 MB each.") % {"most": MAX_PHOTOS},
            error=faults.get("photos", ""),
            attrs={"accept": "image/jpeg,image/png,image/webp", "multiple": ""},
        ),
    ]


def opinion_fields(form: Mapping[str, FormField], typed: Typed | None) -> list[Field]:
    """The form of the follow-up as the playbook declares it, asked of the reporter and not about one."""
    values, faults = (typed.values, typed.faults) if typed else ({}, {})
    titles = {
        "solved": _("Is the problem solved?"),
        "satisfied": _("Are you satisfied with how it was handled?"),
        "note": _("Anything you want to add"),
    }
    out = []
    for name, field in form.items():
        title = titles.get(name, field.title[language()])
        choices = [Choice(c, choice_name(field, c, language())) for c in field.choices if c != UNREACHED]
        kind = "radios" if choices else "textarea"
        value, error = values.get(name, ""), faults.get(name, "")
        sent = posted(name)
        prefix = "" if sent.startswith("o-") else "o"
        out.append(Field(sent, title, kind, value, "", error, field.required, choices, prefix=prefix, rows=2))
    return out


def opinion_faults(form: Mapping[str, FormField], values: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with an opinion, by field."""
    faults: dict[str, str] = {}
    for name, field in form.items():
        if not field.choices:
            fault = text_fault(field, values[name], required=field.required)
        elif values[name]:
            known = values[name] in field.choices and values[name] != UNREACHED
            fault = "" if known else fault_text("choice", language())
        else:
            fault = fault_text("choice", language()) if field.required else ""
        if fault:
            faults[name] = fault
    return faults


def given(form: Mapping[str, FormField], view: CaseView) -> str:
    """What was said before to the questions of the follow-up, in words; empty when nothing was."""
    said = []
    chinese = language().startswith("zh")
    for name, field in form.items():
        value = view.state.fields.get(name)
        if field.choices and value:
            choice = choice_name(field, str(value), language())
            said.append(f"{field.title[language()]}{'：' if chinese else ' '}{choice}")
    return ("；" if chinese else "; ").join(said)
