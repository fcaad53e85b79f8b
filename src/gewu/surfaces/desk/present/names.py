"""Short names for rows and sentences: who has a case, where it is, spaced as Chinese is set."""

from __future__ import annotations

from collections.abc import Iterable

from gewu.core.playbook.model import Move, Playbook, Words
from gewu.core.records import REPORTER, SYSTEM
from gewu.registry.directory import Directory
from gewu.registry.entries import CategoryInfo, PlaceInfo, UnitInfo
from gewu.registry.names import at_post_name, holder_name
from gewu.surfaces import words
from gewu.surfaces.look.dates import chinese
from gewu.surfaces.look.typography import spaced


def typeset(text: str, language: str) -> str:
    """Our own words as they are shown: thin spaces in Chinese."""
    return spaced(text) if chinese(language) else text


def said(phrase: Words | None, language: str) -> str:
    """A phrase of a playbook or pack as it is shown."""
    return typeset(phrase[language], language) if phrase else ""


def role(directory: Directory, code: str, language: str) -> str:
    """The name of a role."""
    return typeset(words.role_name(directory, code, language), language)


def unit(directory: Directory, code: str, language: str) -> str:
    """The name of a unit."""
    return typeset(words.unit_name(directory, code, language), language)


def person(directory: Directory, key: str, unit_code: str, language: str) -> str:
    """A person by the post they hold at the unit (posts are named by function), the reporter, or the system."""
    return typeset(at_post_name(directory, key, unit_code, language), language)


def holder(directory: Directory, part: tuple[str, str, str], language: str) -> str:
    """Who has a part: the person, else the unit, else the role."""
    return typeset(holder_name(directory, part, language), language)


def place_short(directory: Directory, code: str, language: str) -> str:
    """Community and street, or the finest place known above a grid; the district when nothing finer is known."""
    found = directory.places.get(code)
    if found is not None and found.kind == "grid":
        found = directory.places.get(found.parent) or found
    if found is None:
        return code
    above = directory.places.get(found.parent)
    if above is None or above.kind == "district":
        return typeset(found.name(language), language)
    joiner = " " if chinese(language) else ", "
    pair = [above.name(language), found.name(language)]
    return typeset(joiner.join(pair if chinese(language) else reversed(pair)), language)


def place_full(directory: Directory, code: str, language: str) -> str:
    """The names from street to grid."""
    return typeset(words.place_name(directory, code, language), language)


def category(directory: Directory, key: str, language: str) -> str:
    """The name of a category; what is not chosen yet says so."""
    if not key:
        return "类别待定" if chinese(language) else "No category yet"
    return typeset(words.category_name(directory, key, language), language)


def stage_actors(playbook: Playbook | None, stage: str) -> tuple[str, ...]:
    """The roles whose turn it is in a stage where nobody has a part.

    They are those of a forward move that anybody of a role may make. A move that is at home in this stage (it is the
    first that the move names) goes before one that may also be made from here.
    """
    forward = [m for m in playbook.moves_from.get(stage, ()) if move_is_forward(m)] if playbook else []
    for move in sorted(forward, key=lambda m: m.sources[0] != stage):
        roles = tuple(dict.fromkeys(a.role for a in move.actors if a.role and a.relation == "any"))
        if roles:
            return roles
    return ()


def listed(items: Iterable[str], language: str) -> str:
    """Names in a row, each once."""
    return words.listed(dict.fromkeys(item for item in items if item), language)


def is_human(key: str) -> bool:
    """Whether an actor is a person at a post, not the system or the reporter."""
    return key not in (SYSTEM, REPORTER)


def move_is_forward(move: Move) -> bool:
    """Whether a move leads on: what is offered first."""
    return move.direction == "forward" and not move.additive


# ---- labels that can be typed, chosen and read back


KINDS = {"matter": Words("matter", "事件"), "component": Words("component", "部件")}


def category_label(found: CategoryInfo, language: str) -> str:
    """``Oil on the road (matter 06012)``: name, kind and code, from which ``lookup`` finds the category again."""
    kind = KINDS[found.kind][language] if found.kind in KINDS else found.kind
    return _label(found.name(language), f"{kind} {found.code}", language)


def place_label(directory: Directory, found: PlaceInfo, language: str) -> str:
    """``Gaosuntang Community, Gaosuntang Street (500101001001)``."""
    return _label(place_full(directory, found.code, language), found.code, language)


def unit_label(found: UnitInfo, language: str) -> str:
    """``Paifu squad (paifu-squad)``."""
    return _label(found.name(language), found.code, language)


def _label(name: str, code: str, language: str) -> str:
    return typeset(f"{name}（{code}）" if chinese(language) else f"{name} ({code})", language)
