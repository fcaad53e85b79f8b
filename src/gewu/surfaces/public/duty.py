"""Joint duty as anybody may see it: what several bodies did together, by item with its unit of measure.

Sums over the district with n; no agency is compared with another one, and no person, vendor or vehicle is named.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from gewu.ledger.door import SYSTEM
from gewu.occasions.measures import STRANDS, measures
from gewu.occasions.queries.results import ResultFilter, Total, totals
from gewu.registry.directory import Directory
from gewu.surfaces.look.dates import chinese
from gewu.surfaces.look.typography import spaced
from gewu.surfaces.public.remembered import Remembered
from gewu.surfaces.public.site import language, with_district

TYPE = "joint_duty"


@dataclass(frozen=True, slots=True)
class Item:
    """What was done, how much of it, and on how many records the sum rests."""

    title: str
    quantity: int
    measure: str
    n: int


@dataclass(slots=True)
class Strand:
    """Items of one kind: enforcement, relief, repair ..."""

    title: str
    items: list[Item] = field(default_factory=list)


_sums: Remembered[list[Total]] = Remembered()


@require_safe
@with_district
def duty(request: HttpRequest, directory: Directory) -> HttpResponse:
    """The results of a year, or of all years, in one statement a minute."""
    district = directory.district.id
    asked = ResultFilter(type=TYPE)
    every = _sums.get((district, directory.version), lambda: totals(district, SYSTEM, asked, by=("month", "item")))
    years = sorted({total.keys[0][:4] for total in every}, reverse=True)
    wanted = request.GET.get("year", "") or next(iter(years), "")
    if wanted and wanted not in years:
        raise Http404(pgettext("resident", "Nothing was counted in this year."))
    quantities: Counter[str] = Counter()
    lines: Counter[str] = Counter()
    for total in every:
        month, item = total.keys
        if month.startswith(wanted):
            quantities[item] += total.quantity
            lines[item] += total.lines
    strands: dict[str, Strand] = {}
    for item, measure in measures(district).items():  # in the order of the file
        if lines[item]:
            strand = strands.setdefault(measure.strand, Strand(strand_name(measure.strand)))
            title, unit = _said(measure.title(language())), _said(measure.unit(language()))
            strand.items.append(Item(title, quantities[item], unit, lines[item]))
    context: dict[str, object] = {
        "district": directory.district.name(language()),
        "years": years,
        "year": wanted,
        "strands": [strands[name] for name in STRANDS if name in strands],
    }
    return render(request, "public/duty.html", context)


def strand_name(strand: str) -> str:
    """What a kind of results is called for residents."""
    return {
        "enforcement": pgettext("strand", "Put right"),
        "relief": pgettext("strand", "Made room for, and helped"),
        "repair": pgettext("strand", "Repaired"),
        "facility": pgettext("strand", "Built"),
        "activity": pgettext("strand", "Held"),
        "service": pgettext("strand", "Helped neighbours"),
    }.get(strand, strand)


def _said(text: str) -> str:
    return spaced(text) if chinese(language()) else text
