"""Who was shown what is hidden from others: names of reporters, and ballots. The reasons stay with those who audit."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from gewu.assessments.audit import Looked, every_look
from gewu.assessments.queries.rounds import names_of
from gewu.keeping import reveals
from gewu.surfaces.admin import shared as s
from gewu.surfaces.admin.guard import admin_page
from gewu.surfaces.desk.present import keeping as present
from gewu.surfaces.desk.present import names
from gewu.surfaces.desk.who import Desk
from gewu.surfaces.look.dates import instant_words

ALL = 20_000
KINDS = ("names", "ballots")


@admin_page
@require_safe
def access(request: HttpRequest, desk: Desk) -> HttpResponse:
    """One page of reveals or of looks at ballots, latest first. One statement, two for ballots."""
    which = request.GET.get("which", "")
    which = which if which in KINDS else KINDS[0]
    everything = request.GET.get("form") in ("csv", "xlsx")
    after = _id(request.GET.get("after", "")) if not everything else None
    limit = ALL if everything else s.LIST
    sheet = s.Page(
        "access",
        _("Shown names and ballots"),
        lead=_("Who was shown what others do not see, when and what for. What was shown does not stand here."),
    )
    if which == "names":
        found, more = reveals.list_reveals(
            desk.district_id, desk.acting, reveals.Wanted(), str(after) if after else None, limit
        )
        table = _names(desk, found)
        sheet.next_after = more or ""
    else:
        looks, mark = every_look(desk.district_id, after, limit)
        table = _ballots(desk, looks)
        sheet.next_after = str(mark) if mark else ""
    sheet.tables, sheet.saved = [table], table
    choices = [s.Choice("names", _("Names and numbers of reporters")), s.Choice("ballots", _("Ballots, by auditors"))]
    sheet.filters = [s.Field("which", _("What was shown"), "select", which, prefix="f", required=True, choices=choices)]
    return s.show(request, desk, sheet)


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _post(desk: Desk, code: str) -> s.Cell:
    post = desk.directory.posts.get(code)
    name = names.typeset(post.name(desk.language), desk.language) if post else code
    return s.Cell(name, reverse("admin:post", args=[code]) if post else "")


def _names(desk: Desk, found: Iterable[reveals.Reveal]) -> s.Table:
    now = timezone.localtime()
    rows = [
        [
            s.Cell(instant_words(timezone.localtime(one.at), now, desk.language)),
            _post(desk, one.post),
            s.Cell(one.token),
            s.Cell(one.number, code=True),
            s.Cell(present.purpose_name(one.purpose)),
        ]
        for one in found
    ]
    columns = s.columns(_("When"), _("Post"), _("Program"), _("Case number"), _("What for"))
    return s.Table(
        "reveals",
        columns,
        rows,
        empty_title=_("No name was shown"),
        empty=_("Each time somebody asks for a reporter's name, it is written down here."),
    )


def _ballots(desk: Desk, found: list[Looked]) -> s.Table:
    now = timezone.localtime()
    titles = names_of(desk.district_id, [one.record_id for one in found])
    rows = [
        [
            s.Cell(instant_words(timezone.localtime(one.at), now, desk.language)),
            _post(desk, one.post),
            s.Cell(titles.get(one.record_id, ("", ""))[1], code=True),
            s.Cell(one.track),
            s.Cell(one.ballots),
        ]
        for one in found
    ]
    columns = s.columns(_("When"), _("Post"), _("Round"), _("Which ballots"), s.number(_("How many")))
    return s.Table(
        "looks",
        columns,
        rows,
        empty_title=_("No ballot was shown"),
        empty=_("Each time an auditor looks at ballots, it is written down here."),
    )
