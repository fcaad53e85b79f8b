"""Between where and who: is it one of these? Public facts of cases near by only, and never a page without one."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache

from gewu.cases import services
from gewu.cases.similar import Near, near_cases
from gewu.registry.directory import Directory
from gewu.registry.positions import BadPosition, OutsideDistrict
from gewu.surfaces import nearby
from gewu.surfaces.names import category_name
from gewu.surfaces.public import drafts
from gewu.surfaces.public.drafts import Draft
from gewu.surfaces.public.report import gone, where_of
from gewu.surfaces.public.site import bounded, language, polite, with_district
from gewu.surfaces.public.story import plain_stage
from gewu.surfaces.throttle import budgets

MOST = 4
MOST_HERE = 2
"""Of another kind, at the very spot."""


@dataclass(frozen=True, slots=True)
class Known:
    """What anybody may know of a case near by: its kind, how far and how long ago, and how it stands."""

    record: str
    what: str
    stage: str
    why: str
    joinable: bool


@never_cache
@bounded
@polite
@with_district
def same(request: HttpRequest, directory: Directory, token: str) -> HttpResponse:
    """Ask whether it is one of the cases near by, or something else at the very spot; without any, go straight on."""
    draft = drafts.load(request, token)
    if draft is None:
        return gone(request)
    if before := drafts.page_before(draft):
        return redirect(f"public:{before}", token)
    if request.method == "POST" and request.POST.get("action") == "back":
        return redirect("public:where", token)
    budgets.spend_here(request, budgets.LOOK)
    alike, here = _near(directory, draft)
    found = [*alike, *here]
    chosen = request.POST.get("join", "")
    if request.method == "POST" or not found:
        known = {near.row.record_id.hex for near in found if near.joinable}
        draft.join = chosen if chosen in known else ""
        drafts.save(request, draft)
        return redirect("public:who", token)
    groups = [[_known(directory, one) for one in some] for some in (alike, here)]
    return render(request, "public/same.html", {"step": 2, "draft": draft, "near": groups[0], "here": groups[1]})


def _near(directory: Directory, draft: Draft) -> tuple[list[Near], list[Near]]:
    """Cases that are probable enough to ask about, when there is one to join; then open ones of the very spot.

    Those that nobody has sorted yet say nothing to a stranger; closed ones stand beside open ones only.
    """
    try:
        at = services.position_of(directory, where_of(draft))
    except (OutsideDistrict, BadPosition, services.UnknownPlace):
        return [], []
    found = near_cases(
        directory.district.id, services.reporter(), lon_e6=at.lon_e6, lat_e6=at.lat_e6, place=at.place,
        text=f"{draft.description}\n{draft.address}", limit=3 * MOST,
    )  # fmt: skip
    sorted_ones = [near for near in found if near.row.category]
    likely = [near for near in sorted_ones if near.likely][:MOST]
    here = [near for near in sorted_ones if near.here and near.joinable and not near.likely][:MOST_HERE]
    return likely if any(near.joinable for near in likely) else [], here


def _known(directory: Directory, near: Near) -> Known:
    said = language()
    playbook = directory.playbook(near.row.playbook, near.row.playbook_version)
    return Known(
        near.row.record_id.hex,
        category_name(directory, near.row.category, said),
        str(plain_stage(near.row.stage, playbook, said).title),
        nearby.public_facts(near, timezone.now(), said),
        near.joinable,
    )
