"""What a map is told of a district: where it lies, where its polygons and tiles are, and what stands below it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from gewu.registry.basemaps import base_map, key_of
from gewu.registry.directory import Directory
from gewu.surfaces.desk.present.maps import ground
from gewu.surfaces.look.dates import chinese
from gewu.surfaces.look.typography import spaced
from gewu.surfaces.maps import shapes

EVERYBODY, DESK = "/maps", "/desk/maps"
"""Where strangers and people at a post find the maps of a district; the latter have grids."""


def describe(directory: Directory, language: str, base: str) -> dict[str, Any]:
    """The description of a district's map, for the island (``Description`` in ``web/src/map/contract.ts``)."""
    root = f"{base}/{directory.district.code}"
    below = base_map(directory)
    found = ground(directory)
    mark = shapes.mark(directory)
    tiles = None
    if below.layers and (not below.needs_key or key_of(directory.district.code)):
        tiles = {
            "layers": [f"{root}/tiles/{number}/{{z}}/{{x}}/{{y}}" for number in range(len(below.layers))],
            "size": below.tile_size,
            "min": below.from_zoom,
            "max": below.to_zoom,
        }
    notes = [
        _("Hatched, or with dashed lines: generated for this demonstration, not surveyed") if found.generated else "",
        below.attribution(language) if tiles else "",
        below.approval,
    ]
    west, south, east, north = (round(edge, 6) for edge in found.bounds)
    return {
        "code": directory.district.code,
        "name": directory.district.name(language),
        "bounds": [west, south, east, north],
        "tiles": tiles,
        "shapes": {
            "outline": f"{root}/shapes/outline?v={mark}",
            "communities": f"{root}/shapes/communities?v={mark}",
            "grids": f"{root}/shapes/grids/{{street}}?v={mark}" if base == DESK else "",
        },
        "notes": [spaced(note) if chinese(language) else note for note in notes if note],
        "words": words(directory, language),
    }


def words(directory: Directory, language: str) -> dict[str, str]:
    """What the island says; it has no sentence of its own."""
    said = {
        "map": _("Map of %(district)s") % {"district": directory.district.name(language)},
        "nearer": pgettext("map", "Zoom in"),
        "farther": pgettext("map", "Zoom out"),
        "whole": pgettext("map", "Whole district"),
        "self": pgettext("map", "Where I am (stays on this device)"),
        "no_self": _("This device gives no position."),
        "wheel": _("Hold Ctrl and turn the wheel to zoom"),
        "wheel_mac": _("Hold ⌘ and scroll to zoom"),
        "fingers": _("Move the map with two fingers"),
        "press": _("Press the place. With the keyboard: arrow keys move the map, Enter takes its middle."),
        "taken": _("Point set: {at}"),
        "list": _("On the map as a list ({n})"),
        "more": _("There are more than are shown. Zoom in or narrow the filters."),
        "more_here": _("and {n} more here"),
        "cells": _("From afar hexagons show how many there are; press one, or zoom in, to see each."),
        "not_loaded": _("The points could not be loaded. Move the map to try again."),
        "state_time": pgettext("map", "in time"),
        "state_soon": pgettext("map", "due soon"),
        "state_late": pgettext("map", "overdue"),
        "state_ended": pgettext("map", "ended"),
        "state_own": pgettext("map", "this case"),
    }
    return {name: spaced(text) if chinese(language) else text for name, text in said.items()}
