"""A unit ends and another takes its place, by an act of reform: what follows is shown, then carried out."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gewu.enforcement.acts import Act, Merge
from gewu.enforcement.plan import make_plan
from gewu.enforcement.reform import NotPossible, apply
from gewu.ledger.errors import Busy
from gewu.registry.administration.changes import note
from gewu.registry.models import Unit
from gewu.surfaces.admin import shared as s
from gewu.surfaces.desk.present import names
from gewu.surfaces.desk.who import Desk

TOPIC = "units"


def end_form(desk: Desk, found: Unit) -> s.Form:
    """The form by which a unit ends and another takes over."""
    others = [c for c in s.unit_choices(desk) if c.value != found.code]
    return s.Form(
        _("End the unit; another follows"),
        reverse("admin:unit-act", args=[found.code, "end"]),
        [
            s.select("into", _("In its place stands"), others, prefix="end", nothing=_("Choose")),
            s.day_field("from", _("From"), s.today(desk), prefix="end"),
            s.text(
                "number",
                _("Number of the decision"),
                prefix="end",
                most=64,
                hint=_("Under this number it is found, and taken back by another."),
                exact=True,
            ),
            s.text("title_zh", _("Title in Chinese"), prefix="end"),
            s.reason_field("end"),
        ],
        _("Show what follows"),
        _(
            "Open work, rules and posts go over to the successor with their deadlines. Closed records stay with "
            "the unit that earned them."
        ),
        danger=True,
    )


def end(request: HttpRequest, desk: Desk, found: Unit, errors: s.Errors, reason: str) -> HttpResponse | None:
    """Preview the act that merges the unit, then carry it out; None with errors."""
    into = s.needed(request, "into", errors, 64)
    number, title = s.needed(request, "number", errors, 64), s.needed(request, "title_zh", errors, 100)
    day = s.from_today(request, desk, errors)
    if into and into not in desk.directory.units:
        errors["into"] = _("There is no such unit.")
    if errors or day is None:
        return None
    said = {
        "number": number,
        "date": day.isoformat(),
        "title": title,
        "merge": [found.code],
        "into": into,
        "why": reason,
    }
    text = json.dumps(said, ensure_ascii=False)
    wanted = Act(number, day, title, title, reason, merges=(Merge((found.code,), into),), text=text)
    back = reverse("admin:unit", args=[found.code])
    if request.POST.get("confirmed") == "1":
        try:
            plan = apply(desk.district_id, wanted, f"{desk.person.login} ({desk.post.post_code})")
        except NotPossible as error:
            return _back(request, desk, found, error.plan.problems)
        except Busy:
            return _back(
                request, desk, found, [_("A record is being changed by somebody. Wait a minute, then try again.")]
            )
        note(
            s.district_of(desk),
            s.by_of(desk, reason),
            topic=TOPIC,
            verb="reform",
            table="unit",
            key=found.code,
            before=found.code,
            after=said,
        )
        messages.success(
            request,
            ngettext("%(n)d record went over.", "%(n)d records went over.", plan.records) % {"n": plan.records}
            if day <= s.today(desk)
            else _("Planned for %(day)s. It is checked again on that day.") % {"day": day.isoformat()},
        )
        return redirect(back)
    plan = make_plan(desk.district_id, wanted)
    if plan.problems:
        return _back(request, desk, found, plan.problems)
    wish = s.Wish([], TOPIC, _("End the unit; another follows"), "", back, day)
    wish.lines = [
        (
            _("Unit"),
            names.unit(desk.directory, found.code, desk.language),
            names.unit(desk.directory, into, desk.language),
        ),
        (_("Last day"), str(found.valid_to or _("no end set")), (day - timedelta(days=1)).isoformat()),
    ]
    wish.consequences = _follows(desk, plan, into)
    return s.before(request, desk, wish)


def _back(request: HttpRequest, desk: Desk, found: Unit, problems: list[str]) -> HttpResponse:
    return s.sent_back(request, desk, TOPIC, end_form(desk, found), [s.sentence(one) for one in problems])


def _follows(desk: Desk, plan: Any, into: str) -> list[str]:
    name = names.unit(desk.directory, into, desk.language)
    records = len({part.record_id for part in plan.parts})
    return [
        ngettext(
            "It has a part in %(n)d open record; that goes to %(unit)s with its deadline.",
            "It has a part in %(n)d open records; they go to %(unit)s with their deadlines.",
            records,
        )
        % {"n": records, "unit": name},
        ngettext(
            "%(n)d rule of responsibility answers with the successor.",
            "%(n)d rules of responsibility answer with the successor.",
            len(plan.rules),
        )
        % {"n": len(plan.rules)},
        ngettext(
            "%(n)d post is a post of the successor from then on; its holder goes on.",
            "%(n)d posts are posts of the successor from then on; their holders go on.",
            len(plan.posts),
        )
        % {"n": len(plan.posts)},
        _("It holds no item of enforcement any more, and cannot be chosen. Another decision can take this back."),
    ]
