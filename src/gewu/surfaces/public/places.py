"""From what people say to a place: names, addresses with a name in them, a position and which side of a boundary."""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass

import shapely
from shapely.geometry import shape

from gewu.registry import positions
from gewu.registry.directory import Directory
from gewu.registry.entries import PlaceInfo
from gewu.registry.models import Place
from gewu.surfaces.look.forms import Choice
from gewu.surfaces.names import place_name

FOUND = 12
"""The most names a search shows."""
_ENDINGS = ("街道", "社区", "居委会", "村", "镇", "乡", " street", " community", " village", " town", " township")
_WINDS = {
    "en": ("north", "north-east", "east", "south-east", "south", "south-west", "west", "north-west"),
    "zh": ("北", "东北", "东", "东南", "南", "西南", "西", "西北"),
}


@dataclass(frozen=True, slots=True)
class Spot:
    """A position as the page tells it: the place it lies in, and the sides of the boundary when it is near one."""

    code: str
    name: str
    sides: tuple[Choice, ...]
    synthetic: bool


def folded(text: str) -> str:
    """Text as it is compared: full-width letters and digits as ordinary ones, no case, words apart by one space."""
    return " ".join(re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold()))


def find_places(directory: Directory, words: str) -> list[PlaceInfo]:
    """Places of the district whose name has these words in it, or whose name these words have in them. Best first."""
    wanted = folded(words)
    joined = wanted.replace(" ", "")
    if not joined:
        return []
    found: list[tuple[int, int, str, PlaceInfo]] = []
    for place in directory.places.values():
        if not place.active or place.kind in ("grid", "district"):
            continue
        rank = min(_rank(folded(name), wanted, joined) for name in (place.name_zh, place.name_en))
        if rank < 9:
            found.append((rank, -len(place.code) if rank >= 3 else len(place.code), place.code, place))
    return [place for *_, place in sorted(found, key=lambda f: f[:3])[:FOUND]]


def _rank(name: str, wanted: str, joined: str) -> int:
    bare = name.replace(" ", "")
    if bare == joined:
        return 0
    if bare.startswith(joined):
        return 1
    if joined in bare:
        return 2
    core = name
    for ending in _ENDINGS:
        core = core.removesuffix(ending)
    core = core.strip()
    # A name of one sign would be found in half of all addresses, and Latin letters count as whole words only.
    within = f" {core} " in f" {wanted} " if core.isascii() else core in joined
    if len(core) >= 2 and within:
        return 3
    return 9


def offered(directory: Directory, places: list[PlaceInfo], language: str) -> tuple[Choice, ...]:
    """Places as options, each with what it belongs to."""
    out = []
    for place in places:
        above = directory.places.get(place.parent)
        upper = above.name(language) if above and above.code != directory.district.code else ""
        out.append(Choice(place.code, place.name(language), upper))
    return tuple(out)


def spot_of(directory: Directory, lon: float, lat: float, language: str) -> Spot:
    """What lies at a position. Raises ``OutsideDistrict`` or ``BadPosition``."""
    found = positions.locate(directory, lon, lat)
    sides: tuple[Choice, ...] = ()
    if found.on_boundary and len(found.candidates) > 1:
        sides = tuple(_side(directory, code, lon, lat, language) for code in found.candidates)
    return Spot(found.place_code, community_name(directory, found.place_code, language), sides, found.synthetic)


def community_name(directory: Directory, code: str, language: str) -> str:
    """The name of a place from street to community: a grid's own name says nothing to a resident."""
    place = directory.places.get(code)
    if place is not None and place.kind == "grid" and place.parent:
        code = place.parent
    return place_name(directory, code, language)


def _side(directory: Directory, code: str, lon: float, lat: float, language: str) -> Choice:
    """One side of a boundary: its community and in which direction it lies. Two grids may belong to one community."""
    name = community_name(directory, code, language)
    wind = wind_of(directory, code, lon, lat, language)
    if not wind:
        return Choice(code, name)
    return Choice(code, name, f"在该点{wind}侧" if language.startswith("zh") else f"on the {wind} side of the point")


def wind_of(directory: Directory, code: str, lon: float, lat: float, language: str) -> str:
    """In which of eight directions a place lies from a position; empty when it has no polygon."""
    geometry = (
        Place.objects.filter(district_id=directory.district.id, code=code).values_list("geometry", flat=True).first()
    )
    if not geometry:
        return ""
    polygon = shape(geometry)
    # The middle of what lies near: the middle of a long polygon may lie anywhere.
    near = shapely.intersection(polygon, shapely.Point(lon, lat).buffer(0.001))
    middle = (near if not near.is_empty else polygon).centroid
    east = (middle.x - lon) * math.cos(math.radians(lat))
    angle = math.degrees(math.atan2(east, middle.y - lat)) % 360
    return _WINDS["zh" if language.startswith("zh") else "en"][round(angle / 45) % 8]
