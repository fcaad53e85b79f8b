"""``basemap.yaml`` of packs: whose map lies under the polygons of a district, and what has to stand below it.

Positions in Gewu are WGS-84 (CGCS2000 differs by centimetres). A raster cannot be shifted honestly: tiles in GCJ-02 or
BD-09 would put every case some hundred metres beside its place, so such a source is refused (ADR 0031).
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from gewu.registry.directory import Directory
from gewu.registry.models import BaseMapFile
from gewu.registry.packs.keptfiles import KeptFile, bodies
from gewu.registry.packs.problems import Problem, Problems
from gewu.registry.packs.yamlfile import Value, parse_yaml

FILE = "basemap.yaml"
KEY_VARIABLE = "GEWU_MAP_KEY"
"""The key of the map service; with ``_`` and the district's code after it, that of one district."""
SOURCES = ("none", "tianditu", "xyz", "wmts")
COORDINATES = ("wgs84", "cgcs2000", "gcj02", "bd09")
LAYERS = {"vector": ("vec", "cva"), "imagery": ("img", "cia")}
"""Tianditu's ground and the names that belong on it, in Web Mercator (``_w``)."""
TIANDITU = (
    "https://t0.tianditu.gov.cn/{layer}_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER={layer}&STYLE=default"
    "&TILEMATRIXSET=w&FORMAT=tiles&TILEMATRIX={{z}}&TILEROW={{y}}&TILECOL={{x}}&tk={{key}}"
)
_KEY_INSIDE = re.compile(r"[?&](?:tk|ak|key|token|apikey|api_key|access_token)=(?!\{key\})[^&]", re.IGNORECASE)
_PARTS = re.compile(r"\{([^{}]*)\}")
_known: dict[int, tuple[object, BaseMap]] = {}


@dataclass(frozen=True, slots=True)
class BaseMap:
    """What lies under the polygons. ``layers`` are templates with ``{z}``, ``{x}``, ``{y}`` and perhaps ``{key}``, the
    ground first; none: the polygons are the map."""

    layers: tuple[str, ...] = ()
    from_zoom: int = 0
    to_zoom: int = 18
    tile_size: int = 256
    keep_days: int = 7
    attribution_en: str = ""
    attribution_zh: str = ""
    approval: str = ""
    """The approval number of the map (审图号), as it has to stand below it."""

    def attribution(self, language: str) -> str:
        """Whose map it is, in a language (``zh...`` or English)."""
        return self.attribution_zh if language.startswith("zh") else self.attribution_en

    @property
    def needs_key(self) -> bool:
        """Whether its addresses want a key."""
        return any("{key}" in layer for layer in self.layers)


NONE = BaseMap()


def read(text: str) -> tuple[BaseMap, list[Problem]]:
    """A base map, and what is wrong with its file."""
    problems = Problems()
    top = parse_yaml(text, FILE, problems)
    if top is None:
        return NONE, problems.sorted()
    keys = top.mapping(
        ("source",),
        ("style", "template", "labels", "coordinates", "zooms", "tile_size", "keep_days", "attribution", "approval"),
    )
    source = keys["source"].choice(SOURCES)
    layers = _tianditu(keys) if source == "tianditu" else _templates(keys, source)
    _coordinates(keys, source)
    low, high = _zooms(keys["zooms"])
    size = keys["tile_size"].integer(256, 512) if keys["tile_size"].present else 256
    if size not in (256, 512):
        keys["tile_size"].bad("tile_size is 256 or 512")
    keep = keys["keep_days"].integer(0, 365) if keys["keep_days"].present else 7
    english, chinese = keys["attribution"].words() if keys["attribution"].present else ("", "")
    if layers and not keys["attribution"].present:
        top.bad("a map of somebody else names whose it is: attribution {en, zh} is required")
    approval = keys["approval"].text(longest=64)
    return BaseMap(layers, low, high, size, keep, english, chinese, approval), problems.sorted()


def _tianditu(keys: dict[str, Value]) -> tuple[str, ...]:
    for name in ("template", "labels"):
        if keys[name].present:
            keys[name].bad(f"{name} is for xyz and wmts: the addresses of Tianditu are known")
    style = keys["style"].choice(tuple(LAYERS)) if keys["style"].present else "vector"
    return tuple(TIANDITU.format(layer=layer) for layer in LAYERS.get(style, LAYERS["vector"]))


def _templates(keys: dict[str, Value], source: str) -> tuple[str, ...]:
    if keys["style"].present:
        keys["style"].bad("style is for tianditu only")
    given = [keys[name] for name in ("template", "labels") if keys[name].present]
    if source == "none":
        for value in given:
            value.bad(f"{value.name} says where tiles come from, and source is none")
        return ()
    if not keys["template"].present:
        keys["source"].bad(f"source {source} needs a template with {{z}}, {{x}} and {{y}}")
    return tuple(text for value in given if (text := _template(value)))


def _template(value: Value) -> str:
    text = value.text(longest=1000)
    parts = urlsplit(text)
    found = set(_PARTS.findall(text))
    if parts.scheme not in ("http", "https") or not parts.hostname or "{" in parts.netloc:
        value.bad(f"{value.name} is no address that begins with https:// and names one host")
    elif not {"z", "x"} <= found or not found & {"y", "-y"} or not found <= {"z", "x", "y", "-y", "key"}:
        value.bad(f"{value.name} holds {{z}}, {{x}} and {{y}} (or {{-y}} where rows count from the south), and {{key}}")
    elif _KEY_INSIDE.search(text):
        value.bad(f"{value.name} holds a key: write {{key}}, and put the key into {KEY_VARIABLE}")
    else:
        return text
    return ""


def _coordinates(keys: dict[str, Value], source: str) -> None:
    value = keys["coordinates"]
    if source == "none":
        return
    if not value.present:
        if source != "tianditu":  # Tianditu is CGCS2000, as it says itself
            keys["source"].bad("say which coordinates the tiles are in: coordinates: cgcs2000 or wgs84")
        return
    if value.choice(COORDINATES) in ("gcj02", "bd09"):
        value.bad(
            f"tiles in {value.written} lie some hundred metres beside WGS-84, and a picture cannot be shifted exactly:"
            " take a source in CGCS2000 or WGS-84, such as Tianditu or the district's own"
        )


def _zooms(value: Value) -> tuple[int, int]:
    if not value.present:
        return 0, 18
    keys = value.mapping(("from", "to"))
    low, high = keys["from"].integer(0, 22), keys["to"].integer(0, 22)
    if low > high:
        value.bad("zooms go from the smaller number to the larger")
    return low, high


def base_map_files() -> KeptFile:
    """The file as packs carry it."""
    return KeptFile(FILE, BaseMapFile.objects, lambda text: read(text)[1])


def base_map(directory: Directory) -> BaseMap:
    """The base map of a district: that of its own pack before one of a pack it requires."""
    held = _known.get(directory.district.id)
    if held is not None and held[0] == directory.version:
        return held[1]
    texts = bodies(directory, BaseMapFile.objects)
    found = read(texts[-1])[0] if texts else NONE
    _known[directory.district.id] = directory.version, found
    return found


def key_of(code: str) -> str:
    """The key for the maps of a district, from the environment; empty where none is set."""
    return os.environ.get(f"{KEY_VARIABLE}_{code}") or os.environ.get(KEY_VARIABLE, "")
