"""Notice boards at the desk: which are incomplete, and the corrections an office makes on its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from gewu.registry import boards, contacts, publishing
from gewu.registry.boards import Board, Entry
from gewu.registry.entries import PlaceInfo, PostInfo, UnitInfo
from gewu.registry.models import District
from gewu.registry.overrides import OverrideError
from gewu.surfaces.desk.present import names
from gewu.surfaces.desk.views.district import shared as s
from gewu.surfaces.desk.who import Desk, desk_page, page
from gewu.surfaces.look.forms import Choice, Field
from gewu.surfaces.look.typography import sign

PAGE = 50
CORRECTORS = frozenset({"comprehensive_office", "administrator"})
"""Roles that correct every board of their district; the clerk of an office corrects what is its own."""
LONGEST_REASON = 200


@desk_page()
@require_safe
def overview(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The boards of the post's territory with what is missing on each. No statement beside session and post."""
    words, state = s.asked_words(request).lower(), request.GET.get("state", "")
    gap_names = _gap_names()
    maker = boards.Maker(desk.directory)
    rows, whole, grids, told = [], Counter[str](), 0, 0
    for place in _territory(desk):
        made = maker.board(place.code)
        if made is None:
            continue
        found = Counter(gap for gap, _entry in made.gaps)
        count = len(desk.directory.places_in(place.code))
        grids, told = grids + count, told + (0 if found else count)
        whole.update(found.keys() or ["complete"])
        wanted = not state or (state == "complete" and not found) or (state == "incomplete" and found) or state in found
        if wanted and all(
            word in f"{place.code} {place.name_zh} {place.name_en}".lower() for word in words.split()[:5]
        ):
            rows.append((place, made, found))
    sheet = s.Sheet("boards", _("Notice boards"))
    total = sum(1 for _place in _territory(desk))
    sheet.facts = [
        s.Fact(_("Boards"), total, reverse("desk:boards")),
        s.Fact(_("Complete"), whole["complete"], _state_url("complete"), s.share(whole["complete"], total)),
        *(s.Fact(title, whole[gap], _state_url(gap)) for gap, title in gap_names.items() if whole[gap]),
        s.Fact(_("Grids with a complete notice"), told, "", _("of %(n)s") % {"n": grids}),
    ]
    choices = [
        Choice("", _("All")), Choice("incomplete", _("Something is missing")), Choice("complete", _("Complete")),
        *(Choice(gap, title) for gap, title in gap_names.items()),
    ]  # fmt: skip
    sheet.fields = [
        Field("state", _("State"), "select", state, prefix="f", required=True, choices=choices),
        s.words_field(request),
    ]
    sheet.clear = reverse("desk:boards") if words or state else ""
    sheet.saved = _table(request, desk, sheet, rows)
    sheet.tables = [sheet.saved]
    sheet.notes = [
        _("Residents read these boards without an account; names stand there only where they were released.")
    ]
    return s.answer(request, desk, sheet)


def _table(
    request: HttpRequest, desk: Desk, sheet: s.Sheet, rows: list[tuple[PlaceInfo, Board, Counter[str]]]
) -> s.Table:
    if request.GET.get("form", "") not in s.FORMS:
        rows = [row for row in rows if row[0].code > request.GET.get("after", "")]
        if len(rows) > PAGE:
            rows = rows[:PAGE]
            sheet.next_after = rows[-1][0].code
    columns = [
        s.Column(_("Community")), s.Column(_("Street")), s.Column(_("What is missing")),
        s.Column(_("Answers for the community")), s.Column(_("Telephone")),
    ]  # fmt: skip
    made = []
    for place, board, found in rows:
        missing = sign(",", desk.language).join(
            _gap_names()[gap] for gap in (*boards.GAPS, boards.NO_LINE) if found[gap]
        )
        first = next((e for part in board.parts if part.duty.level == "community" for e in part.entries), None)
        made.append([
            s.Cell(place.name(desk.language), reverse("desk:board", args=[place.code])),
            s.Cell(board.street.name(desk.language) if board.street else ""),
            s.Cell(missing or _("nothing"), soft=not missing),
            s.Cell(_post_name(desk, first) if first else ""),
            s.Cell(first.phone if first else "", code=True),
        ])  # fmt: skip
    empty = _("Widen or clear the filters. Communities come from the pack's places.csv.")
    return s.Table("boards", columns, made, empty_title=_("No board is found"), empty=empty)


def _territory(desk: Desk) -> Iterable[PlaceInfo]:
    """The communities of the post's territory by code; of a post without one, those of its district."""
    prefixes = desk.post.scope.prefixes or (desk.directory.district.code,)
    found = (p for p in desk.directory.places.values() if p.kind == "community" and p.active)
    return sorted((p for p in found if p.code.startswith(prefixes)), key=lambda place: place.code)


def _gap_names() -> dict[str, str]:
    return {
        boards.NO_POST: _("No post is set up"),
        boards.VACANT: _("Post is vacant"),
        boards.NO_PHONE: _("No work telephone"),
        boards.NO_LINE: _("No complaint line"),
    }


def _state_url(state: str) -> str:
    return f"{reverse('desk:boards')}?{urlencode({'state': state})}"


def _post_name(desk: Desk, entry: Entry) -> str:
    return names.typeset(entry.post.name(desk.language), desk.language) if entry.post else _("No post is set up")


# ---- one board


@dataclass(frozen=True, slots=True)
class Line:
    """A post or an office on a board with the forms for what may be corrected."""

    title: str
    below: str
    gap: str
    phone: str
    of_office: bool
    name: str
    basis: str
    phone_fields: list[Field]
    name_fields: list[Field]
    withdraws: bool
    code: str


@desk_page()
@require_safe
def board(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """One board: what is missing, the corrections the post may make, and those that were made. One statement."""
    return _page(request, desk, code)


def _page(request: HttpRequest, desk: Desk, code: str, error: str = "") -> HttpResponse:
    found = boards.board(desk.directory, code)
    if found is None:
        raise Http404(_("There is no such community."))
    gap_names = _gap_names()
    offices = list({entry.unit.code: entry.unit for entry in found.entries if entry.unit}.values())
    posts = [entry for entry in found.entries if entry.post and entry.duty.level != "district"]
    missing = [(gap_names[gap], _post_name(desk, entry) if entry else "") for gap, entry in found.gaps]
    corrects = any(may_correct(desk, unit) for unit in offices)
    context: dict[str, object] = {
        "error": error,
        "board": found,
        "place": names.typeset(found.place.name(desk.language), desk.language),
        "street": names.typeset(found.street.name(desk.language), desk.language) if found.street else "",
        "missing": missing,
        "posts": [_line(desk, entry) for entry in posts],
        "offices": [_office(desk, unit) for unit in offices],
        "corrects": corrects,
        "acts": _acts(desk, posts, offices) if corrects else [],
        "public_url": reverse("public:board", args=[code]),
    }
    return page(request, desk, "desk/board.html", context, status=422 if error else 200)


def _acts(desk: Desk, posts: list[Entry], offices: list[UnitInfo]) -> list[tuple[datetime, str, str, str, str]]:
    """The log of corrections for those who make them. One statement."""
    made = publishing.acts(desk.district_id, [e.post.code for e in posts if e.post], [unit.code for unit in offices])
    return [(act.at, _of_act(desk, act), _value_of(desk, act), act.by, act.reason) for act in made]


def _line(desk: Desk, entry: Entry) -> Line:
    post, unit = entry.post, entry.unit
    assert post is not None
    assert unit is not None
    may = may_correct(desk, unit)
    held = entry.name
    return Line(
        names.typeset(post.name(desk.language), desk.language),
        names.typeset(unit.name(desk.language), desk.language),
        _gap_names().get(entry.gap, ""),
        entry.phone,
        entry.of_office,
        held.name(desk.language) if held else "",
        _bases()[held.basis] if held else "",
        _phone_fields(f"p-{post.code}", post.work_phone) if may else [],
        _name_fields(f"n-{post.code}") if may and post.person is not None and held is None else [],
        may and held is not None,
        post.code,
    )


def _office(desk: Desk, unit: UnitInfo) -> Line:
    fields = _phone_fields(f"u-{unit.code}", unit.work_phone) if may_correct(desk, unit) else []
    name = names.typeset(unit.name(desk.language), desk.language)
    gap = "" if unit.work_phone else _gap_names()[boards.NO_PHONE]
    return Line(name, "", gap, unit.work_phone, False, "", "", fields, [], False, unit.code)


def may_correct(desk: Desk, unit: UnitInfo) -> bool:
    """Whether the post corrects what boards say of a unit: the comprehensive office all, a unit's clerk its own and
    what is below."""
    if desk.roles & CORRECTORS:
        return True
    return "unit_clerk" in desk.roles and unit.path.startswith(desk.post.unit_path)


def _phone_fields(prefix: str, now: str) -> list[Field]:
    return [
        Field("seen", "", "hidden", now),
        Field(
            "phone", _("Work telephone"), "tel", now, prefix=prefix, required=True,
            hint=_("The line of the office, never a private or mobile number. Empty takes it off the board."),
            attrs={"maxlength": "24", "autocomplete": "off"},
        ),
        _reason_field(prefix, _("On what this rests")),
    ]  # fmt: skip


def _name_fields(prefix: str) -> list[Field]:
    attrs = {"maxlength": str(contacts.LONGEST_NAME), "autocomplete": "off"}
    return [
        Field("zh", _("Name in Chinese"), prefix=prefix, required=True, attrs=attrs),
        Field("en", _("Name in English or pinyin"), prefix=prefix, required=True, attrs=attrs),
        Field(
            "basis", _("Why it may be published"), "select", prefix=prefix, required=True,
            choices=[Choice("", _("– choose –")), *(Choice(code, title) for code, title in _bases().items())],
        ),
        _reason_field(prefix, _("The paper it rests on: consent of which day, or which provision")),
    ]  # fmt: skip


def _reason_field(prefix: str, label: str) -> Field:
    return Field("reason", label, prefix=prefix, required=True, attrs={"maxlength": str(LONGEST_REASON)})


def _bases() -> dict[str, str]:
    return {contacts.AGREED: _("its holder agreed"), contacts.LAW: _("the law has it published")}


def _of_act(desk: Desk, act: publishing.Act) -> str:
    of: PostInfo | UnitInfo | None = (
        desk.directory.post(act.key) if act.table == "post" else desk.directory.unit(act.key)
    )
    return names.typeset(of.name(desk.language), desk.language) if of else act.key


def _value_of(desk: Desk, act: publishing.Act) -> str:
    if act.field == publishing.PHONE:
        return str(act.value) or _("telephone taken off")
    if not act.value:
        return _("name withdrawn") if act.value is not None else _("a name, withdrawn or replaced since")
    return str(act.value["zh" if desk.language.startswith("zh") else "en"])


# ---- corrections


@desk_page()
@require_POST
def correct(request: HttpRequest, desk: Desk, code: str, what: str) -> HttpResponse:
    """Correct a telephone, publish or withdraw a name: a dated, logged act by whoever is logged in."""
    found = boards.board(desk.directory, code)
    if found is None:
        raise Http404(_("There is no such community."))
    if not desk.roles & (CORRECTORS | {"unit_clerk"}):
        raise PermissionDenied(_not_yours())
    key, data = request.POST.get("key", ""), request.POST
    unit = _on_board(found, what, key)
    if unit is None:
        raise Http404(_("This does not stand on the board."))
    if not may_correct(desk, unit):
        raise PermissionDenied(_not_yours())
    reason = data.get("reason", "").strip()
    if what not in ("post", "office", "name", "withdraw"):
        raise Http404(_("There is no such correction."))
    if what == "withdraw" and not reason:
        reason = _("withdrawn at the desk")
    if not reason or len(reason) > LONGEST_REASON or not reason.isprintable():
        return _page(request, desk, code, _("Nothing was changed: write in one line on what this rests."))
    try:
        _carry_out(desk, what, key, data, reason)
    except publishing.Changed:
        return _page(
            request, desk, code, _("Somebody else corrected this telephone meanwhile: look again. Nothing was changed.")
        )
    except OverrideError as error:
        return _page(request, desk, code, _("Nothing was changed: %(why)s") % {"why": said_fault(error)})
    messages.success(request, _("Done. The board shows it within seconds; the act is in the log below."))
    return redirect("desk:board", code)


def _not_yours() -> str:
    return _("The board's own office or the comprehensive office corrects this.")


def _on_board(found: Board, what: str, key: str) -> UnitInfo | None:
    """The unit whose board entry ``key`` names: an office, or the office of a post; None where it is not on it."""
    if what == "office":
        return next((e.unit for e in found.entries if e.unit and e.unit.code == key), None)
    fits = [e for e in found.entries if e.post and e.post.code == key and e.duty.level != "district"]
    return fits[0].unit if fits else None


def _carry_out(desk: Desk, what: str, key: str, data: QueryDict, reason: str) -> None:
    district = District.objects.get(pk=desk.district_id)
    if what in ("post", "office"):
        table: publishing.Table = "post" if what == "post" else "unit"
        seen, phone = data.get("seen", ""), data.get("phone", "").strip()
        publishing.set_phone(district, table, key, phone, seen=seen, reason=reason, by=desk.person)
    elif what == "name":
        given = data.get("zh", ""), data.get("en", ""), data.get("basis", "")
        publishing.release_name(district, key, *given, on=s.today(desk), reason=reason, by=desk.person)
    else:
        publishing.withdraw_name(district, key, reason=reason, by=desk.person)


def said_fault(error: OverrideError) -> str:
    """What is wrong with a correction, for people."""
    text = str(error)
    if "mobile number" in text:
        return _("this is a mobile number, and only the line of an office is told to everybody.")
    if "telephone number" in text or "work_phone" in text:
        return _("a telephone has digits, blanks and hyphens, such as 023-58000000.")
    if "both languages" in text:
        return _("write the name in both languages.")
    if "nobody holds" in text:
        return _("nobody holds the post, so there is nobody to name.")
    if "basis" in text:
        return _("choose why the name may be published.")
    if "one line" in text:
        return _("a name is one line of at most %(n)s characters.") % {"n": contacts.LONGEST_NAME}
    return text
