"""Pages on paired bodies, items of enforcement and who holds them, bodies with their dates, and acts."""

from __future__ import annotations

from collections import Counter
from datetime import date
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from gewu.enforcement import bodies as reforms
from gewu.enforcement import holders
from gewu.enforcement.models import Item
from gewu.enforcement.plan import team_counts
from gewu.registry import pairings
from gewu.registry.models import Reform
from gewu.surfaces.desk.views.district import shared as s
from gewu.surfaces.desk.who import Desk, desk_page
from gewu.surfaces.look.forms import Choice, Field

PAGE = 100


@desk_page()
@require_safe
def paired(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Who is paired with whom on a day. One statement."""
    errors: list[str] = []
    day = s.asked_day(request, desk, errors)
    columns = [
        s.Column(_("Task force")),
        s.Column(_("Department")),
        s.Column(_("From")),
        s.Column(_("To")),
        s.Column(_("Source")),
    ]
    rows = [
        [
            s.unit_cell(desk, row.task_force), s.unit_cell(desk, row.department), s.Cell(row.valid_from),
            s.Cell(row.valid_to), s.Cell(s.cited(row.source), soft=True),
        ]
        for row in pairings.on(desk.district_id, day)
    ]  # fmt: skip
    empty = _("Choose another day. A pack brings pairs in the file pairings.csv.")
    table = s.Table("pairings", columns, rows, empty_title=_("Nobody was paired on this day"), empty=empty)
    sheet = s.Sheet(
        "pairings", _("Task forces and their departments"), [table], fields=[s.day_field(day)], errors=errors
    )
    return s.answer(request, desk, sheet)


# ---- items


@desk_page()
@require_safe
def items(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Who holds which item on a day: counts by field and holder, then the items. Five statements."""
    errors: list[str] = []
    day = s.asked_day(request, desk, errors)
    words, field_code, unit = s.asked_words(request), request.GET.get("field", ""), request.GET.get("unit", "")
    book = holders.Book(desk.district_id)
    every = holders.find(desk.district_id)
    fields = {row.field: row.field_name(desk.language) for row in every}
    said = {row.code for row in holders.find(desk.district_id, words=words)} if words else None
    shown, counted = [], Counter[tuple[str, str, bool]]()
    for row in every:
        holder = book.on(row.code, day)
        key = (row.field, holder.unit if holder else "", holder is not None and holder.power)
        counted[key] += 1
        wanted = (not field_code or row.field == field_code) and (not unit or key[1] == unit)
        if wanted and (said is None or row.code in said):
            shown.append((row, holder))
    title = _("Enforcement items on %(day)s") % {"day": day.isoformat()}
    sheet = s.Sheet("items", title, errors=errors)
    choices = [Choice("", _("All fields")), *(Choice(code, name) for code, name in sorted(fields.items()))]
    sheet.fields = [
        s.day_field(day),
        Field("field", _("Field"), "select", field_code, prefix="f", required=True, choices=choices),
        s.words_field(request),
    ]
    sheet.clear = reverse("desk:items") if words or field_code or unit else ""
    sheet.notes = s.made_up(sum(row.synthetic for row in every), len(every))
    sheet.saved = _item_table(request, desk, sheet, shown, day)
    sheet.tables = [sheet.saved]
    if not (words or unit or request.GET.get("after")) and every:
        sheet.tables.insert(0, _holder_table(desk, fields, counted, day))
    return s.answer(request, desk, sheet)


def _item_table(
    request: HttpRequest, desk: Desk, sheet: s.Sheet, shown: list[tuple[Item, holders.Holder | None]], day: date
) -> s.Table:
    if request.GET.get("form", "") not in s.FORMS:
        shown = [pair for pair in shown if pair[0].code > request.GET.get("after", "")]
        if len(shown) > PAGE:
            shown = shown[:PAGE]
            sheet.next_after = shown[-1][0].code
    columns = [
        s.Column(_("Item")), s.Column(_("What")), s.Column(_("Field of origin")), s.Column(_("Holder on this day")),
        s.Column(_("Since")), s.Column(_("By act")), s.Column(_("Basis in law")),
    ]  # fmt: skip
    rows = []
    for row, holder in shown:
        url = f"{reverse('desk:item', args=[row.code])}?{urlencode({'day': day.isoformat()})}"
        rows.append([
            s.Cell(row.code, url), s.Cell(row.name(desk.language)), s.Cell(row.field_name(desk.language)),
            _holder_cell(desk, holder), s.Cell(holder.since if holder else None), s.Cell(holder.act if holder else ""),
            s.Cell(row.basis, soft=True),
        ])  # fmt: skip
    empty = _("Widen or clear the filters. A pack brings items in the files items.csv and holdings.csv.")
    return s.Table("items", columns, rows, empty_title=_("No item is found"), empty=empty)


def _holder_cell(desk: Desk, holder: holders.Holder | None) -> s.Cell:
    if holder is None:
        return s.Cell(_("nobody"), soft=True)
    note = "" if holder.power else _("has ended, and nobody follows: nobody may act")
    return s.unit_cell(desk, holder.unit, note)


def _holder_table(desk: Desk, fields: dict[str, str], counted: Counter[tuple[str, str, bool]], day: date) -> s.Table:
    columns = [s.Column(_("Field of origin")), s.Column(_("Holder on this day")), s.Column(_("Items"), True)]
    rows = []
    for (field_code, unit, power), count in sorted(counted.items()):
        url = f"{reverse('desk:items')}?{urlencode({'day': day.isoformat(), 'field': field_code, 'unit': unit})}"
        holder = holders.Holder("", unit, "", None, power) if unit else None
        rows.append([s.Cell(fields[field_code]), _holder_cell(desk, holder), s.Cell(count, url)])
    return s.Table("item-holders", columns, rows, title=_("By field and holder"))


@desk_page()
@require_safe
def item(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """One item: its words, who holds it on a day, and every holder it had. Five statements."""
    errors: list[str] = []
    day = s.asked_day(request, desk, errors)
    row = Item.objects.filter(district_id=desk.district_id, code=code).first()
    if row is None:
        raise Http404(_("There is no such item."))
    book = holders.Book(desk.district_id, [code])
    now = _holder_cell(desk, book.on(code, day))
    spans = book.history(code)
    columns = [s.Column(_("Holder")), s.Column(_("From")), s.Column(_("To")), s.Column(_("By act"))]
    rows = [
        [
            _holder_cell(desk, holders.Holder(code, span.unit, span.act, span.valid_from, span.power)),
            s.Cell(span.valid_from), s.Cell(span.valid_to), s.Cell(span.act),
        ]
        for span in spans
    ]  # fmt: skip
    title = f"{row.code} {row.name(desk.language)}"
    sheet = s.Sheet("items", title, back=(_("Enforcement items"), reverse("desk:items")), errors=errors)
    sheet.fields = [s.day_field(day)]
    sheet.facts = [
        s.Fact(_("Holder on %(day)s") % {"day": day.isoformat()}, now.value, now.url, now.note),
        s.Fact(_("Field of origin"), row.field_name(desk.language)),
        s.Fact(_("Basis in law"), row.basis),
        s.Fact(_("Order"), row.order),
        s.Fact(_("Fine for a person, yuan"), _fine(row.fine_individual)),
        s.Fact(_("Fine for a unit, yuan"), _fine(row.fine_unit)),
        s.Fact(_("Measure"), row.measure),
        s.Fact(_("Source"), s.cited(row.source)),
    ]
    if row.synthetic:
        sheet.notes = [_("This item is synthetic: its number is printed, its words are not.")]
    sheet.tables = [s.Table("item-history", columns, rows, title=_("Every holder"), empty_title=_("Nobody held it"))]
    return s.answer(request, desk, sheet)


# ---- bodies


@desk_page()
@require_safe
def bodies(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Bodies with their dates and who follows them, as of a day. Two statements."""
    errors: list[str] = []
    day = s.asked_day(request, desk, errors)
    words = s.asked_words(request)
    state = request.GET.get("state", "") if request.GET.get("state") in ("all", "ended") else "standing"
    every = reforms.Bodies(desk.district_id)
    rows = []
    for body in every.on(day):
        if state != "all" and body.stands == (state == "ended"):
            continue
        if any(word not in f"{body.code} {body.name_en} {body.name_zh}".lower() for word in words.lower().split()[:5]):
            continue
        way = every.way(body.code, day)
        url = f"{reverse('desk:body', args=[body.code])}?{urlencode({'day': day.isoformat()})}"
        rows.append([
            s.Cell(body.name(desk.language), url), s.Cell(body.code, code=True), s.Cell(body.valid_from),
            s.Cell(body.last_day), s.unit_cell(desk, way[-1].new) if way else s.Cell(""),
            s.Cell(way[0].act if way else ""), s.Cell(s.cited(body.source), soft=True),
        ])  # fmt: skip
    columns = [
        s.Column(_("Body")), s.Column(_("Code")), s.Column(_("From")), s.Column(_("Stood until")),
        s.Column(_("Now in its place")), s.Column(_("By act")), s.Column(_("Source")),
    ]  # fmt: skip
    table = s.Table("bodies", columns, rows, empty_title=_("No body is found"), empty=_("Widen or clear the filters."))
    sheet = s.Sheet("bodies", _("Bodies on %(day)s") % {"day": day.isoformat()}, [table], errors=errors)
    states = [Choice("standing", _("Standing")), Choice("ended", _("Ended or to come")), Choice("all", _("All"))]
    sheet.fields = [
        s.day_field(day),
        Field("state", _("State"), "select", state, prefix="f", required=True, choices=states),
        s.words_field(request),
    ]
    sheet.clear = reverse("desk:bodies") if words or state != "standing" else ""
    return s.answer(request, desk, sheet)


@desk_page()
@require_safe
def body(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """Where a body came from and where it went. Six statements."""
    errors: list[str] = []
    day = s.asked_day(request, desk, errors)
    every = reforms.Bodies(desk.district_id)
    found = every.get(code, day)
    if found is None:
        raise Http404(_("There is no such unit."))
    way = every.way(code, day)
    book = holders.Book(desk.district_id)
    held = sum(1 for item_code in book.items if (h := book.on(item_code, day)) and h.unit == code and h.power)
    sheet = s.Sheet("bodies", found.name(desk.language), back=(_("Bodies"), reverse("desk:bodies")), errors=errors)
    sheet.fields = [s.day_field(day)]
    items_url = f"{reverse('desk:items')}?{urlencode({'day': day.isoformat(), 'unit': code})}" if held else ""
    above = desk.directory.unit(found.parent)
    sheet.facts = [
        s.Fact(_("On %(day)s") % {"day": day.isoformat()}, _("stands") if found.stands else _("does not stand")),
        s.Fact(_("From"), found.valid_from),
        s.Fact(_("Stood until"), found.last_day),
        s.Fact(_("Now in its place"), every.name(way[-1].new, desk.language) if way else ""),
        s.Fact(_("Items it may act on"), held, items_url),
        s.Fact(_("Below"), above.name(desk.language) if above else ""),
        s.Fact(_("Works"), _("in Gewu") if found.accounts else _("by official letter")),
        s.Fact(_("Source"), s.cited(found.source)),
    ]
    steps = [*every.into(code), *every.out_of(code), *way[1:]]
    columns = [
        s.Column(_("Unit that ended")), s.Column(_("In its place")), s.Column(_("From")),
        s.Column(_("Taken back, last day")), s.Column(_("By act")),
    ]  # fmt: skip
    rows = [
        [
            s.unit_cell(desk, step.old), s.unit_cell(desk, step.new), s.Cell(step.valid_from), s.Cell(step.valid_to),
            s.Cell(step.act, reverse("desk:reform", args=[step.act_id])),
        ]
        for step in sorted(set(steps), key=lambda step: (step.valid_from, step.old))
    ]  # fmt: skip
    empty = _("No act has merged anything into it or ended it.")
    table = s.Table("body-history", columns, rows, title=_("Where it came from and where it went"), empty_title=empty)
    sheet.tables = [table]
    return s.answer(request, desk, sheet)


# ---- acts


@desk_page()
@require_safe
def acts(request: HttpRequest, desk: Desk) -> HttpResponse:
    """All acts, the newest first. Two statements and one for each act's units."""
    columns = [
        s.Column(_("Number")), s.Column(_("Day")), s.Column(_("What")), s.Column(_("Units"), True),
        s.Column(_("Items"), True), s.Column(_("Open parts handed over"), True), s.Column(_("Taken back by")),
    ]  # fmt: skip
    rows = []
    for row in reforms.acts(desk.district_id):
        counter = next(iter(row.counters.all()), None)
        rows.append([
            s.Cell(row.number, reverse("desk:reform", args=[row.pk])), s.Cell(row.day), s.Cell(_act_title(desk, row)),
            s.Cell(row.succession_set.count()), s.Cell(row.items), s.Cell(len(row.moved)),
            s.Cell(counter.number if counter else ""),
        ])  # fmt: skip
    empty = _("The people who run this system carry acts out with the command gewu reform; see docs/reform.md.")
    table = s.Table("acts", columns, rows, empty_title=_("No act has been carried out"), empty=empty)
    return s.answer(request, desk, s.Sheet("acts", _("Acts that reformed bodies"), [table]))


def _act_title(desk: Desk, row: Reform) -> str:
    return row.title_zh if desk.language.startswith("zh") else row.title_en


@desk_page()
@require_safe
def act(request: HttpRequest, desk: Desk, act_id: int) -> HttpResponse:
    """One act: which units ended, which items moved, what was handed over, its teams. Four statements."""
    row = reforms.act(desk.district_id, act_id)
    if row is None:
        raise Http404(_("There is no such act."))
    sheet = s.Sheet("acts", f"{row.number} {_act_title(desk, row)}", back=(_("Acts"), reverse("desk:acts")))
    counter = row.counters.first()
    before, after = team_counts(row.teams)
    sheet.facts = [
        s.Fact(_("Day"), row.day),
        s.Fact(_("Open parts handed over"), len(row.moved)),
        s.Fact(_("Takes back"), row.counter_of.number if row.counter_of else ""),
        s.Fact(_("Taken back by"), counter.number if counter else ""),
        s.Fact(_("Source"), s.cited(row.source)),
        s.Fact(_("Carried out by"), row.by),
    ]
    columns = [
        s.Column(_("Unit that ended")),
        s.Column(_("In its place")),
        s.Column(_("From")),
        s.Column(_("Taken back, last day")),
    ]
    units = [
        [
            s.unit_cell(desk, step.old.code),
            s.unit_cell(desk, step.new.code),
            s.Cell(step.valid_from),
            s.Cell(step.valid_to),
        ]
        for step in row.succession_set.select_related("old", "new").order_by("id")
    ]
    moved = Counter(row.transfers.values_list("old", "new"))
    item_rows = [[s.unit_cell(desk, old), s.unit_cell(desk, new), s.Cell(count)] for (old, new), count in moved.items()]
    heads = [s.Column(_("From unit")), s.Column(_("To unit")), s.Column(_("Items"), True)]
    if units:
        sheet.tables.append(s.Table("act-units", columns, units, title=_("Units")))
    if item_rows:
        sheet.tables.append(s.Table("act-items", heads, item_rows, title=_("Items")))
    if before:
        sheet.facts += [
            s.Fact(_("Teams before"), before),
            s.Fact(_("Teams after"), after, note=_("%(share)s fewer") % {"share": _hundredths(before - after, before)}),
        ]
        sheet.notes = [_basis(row.teams["basis"]), *([s.cited(row.teams["note"])] if row.teams["note"] else [])]
        sheet.tables.append(_teams(desk, row))
    return s.answer(request, desk, sheet)


def _hundredths(part: int, whole: int) -> str:
    """A share in percent with two decimals, as the article prints it."""
    found = (20_000 * part + whole) // (2 * whole)
    return f"{found // 100}.{found % 100:02d} %"


def _fine(text: str) -> str:
    """A fine in yuan as the pack has it; one for each day is said to be so."""
    return _("%(sum)s a day") % {"sum": text.removesuffix("/day")} if text.endswith("/day") else text


def _basis(basis: str) -> str:
    return {
        "printed": _("The list of teams is printed."),
        "inference": _("The list of teams is an inference, not a printed fact."),
        "assumption": _("The list of teams is an assumption."),
    }.get(basis, basis)


def _teams(desk: Desk, row: Reform) -> s.Table:
    key = "name_zh" if desk.language.startswith("zh") else "name_en"
    names = {team["code"]: team[key] for team in row.teams["rows"]}
    rows = [[s.Cell(team[key]), s.Cell(names.get(team["into"], team["into"]))] for team in row.teams["rows"]]
    return s.Table("teams", [s.Column(_("Team before")), s.Column(_("Team after"))], rows, title=_("Teams"))
