"""Operations of agencies as the desk shows them: who takes part and how they stand, patrols, support, results."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from gewu.core.playbook.model import Playbook
from gewu.occasions.kinds import AGENCY
from gewu.occasions.measures import Measure, measures
from gewu.occasions.queries import OccasionView, ResultFilter, Total, totals
from gewu.occasions.queries import agencies as q
from gewu.occasions.queries.agencies import Agency, Patrol, Plan, Support
from gewu.surfaces.desk.present import names
from gewu.surfaces.desk.present.moves import MoveForm
from gewu.surfaces.desk.who import Desk
from gewu.surfaces.look.forms import Choice, Field


@dataclass(frozen=True, slots=True)
class ShownAgency:
    """A body with its state in words. ``lines`` is how many lines of results it has; 0 says nothing about a report."""

    agency: Agency
    name: str
    standing: str
    state: str
    missing: bool
    signature: str
    lines: int
    url: str


@dataclass(frozen=True, slots=True)
class Sum:
    """A quantity with its unit of measure; ``url`` opens the lines behind it."""

    label: str
    quantity: str
    measure: str
    lines: int
    url: str
    strand: str = ""


@dataclass(frozen=True, slots=True)
class Duty:
    """What the page of an operation shows beside what every occasion has."""

    agencies: tuple[ShownAgency, ...]
    core: int
    invited: int
    heads: int
    patrols: tuple[tuple[Patrol, str], ...]
    supports: tuple[tuple[Support, str, str], ...]
    plan: Plan | None
    sums: tuple[Sum, ...]
    results_url: str
    purpose: str
    basis: str


def strands() -> dict[str, str]:
    """What results are for, in words."""
    return {
        "enforcement": _("Enforcement"),
        "relief": _("Relief"),
        "repair": _("Repair"),
        "facility": _("Facilities"),
        "activity": _("Activities"),
        "service": _("Service"),
    }


def states() -> dict[str, str]:
    """How a body stands, in words."""
    return {
        q.INVITED: _("invited, no answer yet"),
        q.DECLINED: _("declined"),
        q.UNANSWERED: _("did not answer"),
        q.TAKES_PART: _("takes part"),
        q.HAS_REPORTED: _("has reported"),
        q.NOT_REPORTED: _("not reported"),
        q.CANCELLED: _("cancelled"),
    }


def signatures() -> dict[str, str]:
    """Whether a body signed, in words."""
    return {
        "": "",
        q.SIGNING: _("to sign"),
        q.SIGNED: _("signed"),
        q.REFUSED: _("does not sign"),
        q.UNSIGNED: _("not signed"),
    }


def is_duty(playbook: Playbook | None) -> bool:
    """Whether agencies take part by this playbook."""
    return playbook is not None and AGENCY in playbook.slots


def results_url(**asked: str) -> str:
    """The page of the lines that fit."""
    return f"{reverse('desk:results')}?{urlencode({k: v for k, v in asked.items() if v})}"


def said_sum(total: Total, known: Mapping[str, Measure], language: str, url: str) -> Sum:
    """A total by item as a page says it."""
    item = known.get(total.keys[0])
    measure = item.unit(language) if item is not None and total.measure == item.measure else total.measure
    return Sum(
        names.typeset(item.title(language) if item else total.keys[0], language),
        f"{total.quantity:,}" if total.measure else "",
        measure,
        total.lines,
        url,
        strands().get(item.strand, "") if item else "",
    )


def show_duty(view: OccasionView, desk: Desk) -> Duty:
    """Prepare an operation for its page; two statements for what it brought."""
    known = measures(desk.district_id)
    wanted = ResultFilter(occasion=view.row.record_id)
    occasion = str(view.row.record_id)
    by_item = totals(desk.district_id, desk.acting, wanted)
    lines = {one.keys[0]: one.lines for one in totals(desk.district_id, desk.acting, wanted, ("unit",))}
    found = q.agencies(view)
    language = desk.language

    def unit(code: str) -> str:
        return names.unit(desk.directory, code, language) if code else ""

    return Duty(
        agencies=tuple(_shown(one, desk, lines.get(one.unit, 0), occasion) for one in found),
        core=sum(one.takes_part and one.standing == "core" for one in found),
        invited=sum(one.takes_part and one.standing != "core" for one in found),
        heads=q.heads(view),
        patrols=tuple((one, unit(one.unit)) for one in reversed(q.patrols(view))),
        supports=tuple((one, unit(one.unit), unit(one.helped)) for one in reversed(q.supports(view))),
        plan=(q.plans(view) or (None,))[-1],
        sums=tuple(said_sum(one, known, language, results_url(occasion=occasion, item=one.keys[0])) for one in by_item),
        results_url=results_url(occasion=occasion),
        purpose=(view.texts or {}).get("purpose", ""),
        basis=(view.texts or {}).get("basis", ""),
    )


def _shown(one: Agency, desk: Desk, lines: int, occasion: str) -> ShownAgency:
    state = states().get(one.status, one.status)
    if one.late:
        state = _("reported late")
    return ShownAgency(
        one,
        names.unit(desk.directory, one.unit, desk.language),
        _("core agency") if one.standing == "core" else _("invited (X)"),
        state,
        one.status == q.NOT_REPORTED,
        signatures().get(one.signature, one.signature),
        lines,
        results_url(occasion=occasion, unit=one.unit) if lines else "",
    )


def dress(forms: Iterable[MoveForm], view: OccasionView, desk: Desk) -> None:
    """Items are chosen with their units of measure, and bodies from those that take part; the own one stands first."""
    taking = [one.unit for one in q.agencies(view) if one.takes_part]
    if desk.post.unit_code in taking:
        taking.sort(key=lambda unit: unit != desk.post.unit_code)
    for form in forms:
        for one in form.fields:
            if one.name == "item":
                _items(one, desk)
            elif one.name in ("unit", "helped") and taking and form.name != "invite":
                one.kind, one.extra, one.attrs, one.data = "select", "", {}, {}
                first = [] if one.required else [Choice("", _("– none –"))]
                one.choices = [*first, *(Choice(u, names.unit(desk.directory, u, desk.language)) for u in taking)]


def _items(one: Field, desk: Desk) -> None:
    one.kind, one.attrs = "select", {}
    one.choices = item_choices(desk.district_id, desk.language, _("– choose –"))


def item_choices(district_id: int, language: str, empty: str) -> Sequence[Choice]:
    """Everything that can be counted, gathered by strand, with the unit of measure."""
    said = strands()
    return [
        Choice("", empty),
        *(
            Choice(
                item.item,
                names.typeset(f"{item.title(language)} ({item.unit(language)})", language),
                group=said.get(item.strand, item.strand),
            )
            for item in measures(district_id).values()
        ),
    ]
