"""To whom work inside a unit can be given: its people and those of its squads, with what they have on their hands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gewu.cases.queries.loads import Load, loads_of
from gewu.core.playbook import model as m
from gewu.core.records import Arg
from gewu.registry.directory import Directory
from gewu.registry.entries import PostInfo
from gewu.surfaces.desk.present import names
from gewu.surfaces.desk.who import Desk
from gewu.surfaces.look.forms import Choice

ANYBODY = "unit:"
"""Stands before the code of a unit: whoever of it takes the work."""


def inside_of(move: m.Move) -> m.Assign | None:
    """The part that a move hands on inside the actor's unit, if it does."""
    return next((e for e in m.walk(move.effects) if isinstance(e, m.Assign) and e.inside and e.person), None)


def people_inside(directory: Directory, unit: str, role: str) -> list[PostInfo]:
    """Posts of a role in a unit and below it that somebody holds."""
    units = directory.units
    return [
        p
        for p in directory.holders(role)
        if p.person is not None and p.unit in units and f"/{unit}/" in units[p.unit].path
    ]


def agree(desk: Desk, part: m.Assign, args: dict[str, Arg]) -> str:
    """Let a person bring their squad along where none was chosen. Returns what to say where the two do not fit.

    ``args`` are those of the move that hands ``part`` on; nothing happens where nobody of the unit is named.
    """
    squad, person = part.unit.removeprefix("$"), part.person.removeprefix("$")
    own = desk.acting.actor.unit
    posts = [p for p in people_inside(desk.directory, own, part.role) if str(p.person) == args.get(person)]
    at = {p.unit for p in posts}
    chosen = args.get(squad) or own
    if not at or chosen in at:
        return ""
    if not args.get(squad) and len(at) == 1:
        args[squad] = at.pop()
        return ""
    return _("%(person)s is not of %(unit)s. Choose the squad of this person, or somebody else.") % {
        "person": names.typeset(posts[0].name(desk.language), desk.language),
        "unit": names.unit(desk.directory, str(chosen), desk.language),
    }


@dataclass(slots=True)
class Hands:
    """The people of a unit, read once for a page. ``given`` counts what this page hands out beside ``loads``."""

    desk: Desk
    posts: list[PostInfo]
    loads: Mapping[str, Load]
    given: dict[str, int] = field(default_factory=dict)

    def load(self, post: PostInfo) -> Load:
        """What somebody has on their hands already."""
        return self.loads.get(str(post.person), Load())

    def words(self) -> dict[str, str]:
        """What everybody has on their hands, in words, by the key of the person."""
        return {str(post.person): load_words(self.load(post)) for post in self.posts}

    def suggest(self, place: str, areas: tuple[str, ...]) -> PostInfo | None:
        """Who covers the place, and among these who has the least late, then the least open; None without people."""

        def rank(post: PostInfo) -> tuple[bool, int, int, str]:
            load = self.load(post)
            return not _covers(post, place, areas), load.late, load.open + self.given.get(post.code, 0), post.code

        found = min(self.posts, key=rank, default=None)
        if found is not None:
            self.given[found.code] = self.given.get(found.code, 0) + 1
        return found

    def why(self, post: PostInfo, place: str, areas: tuple[str, ...]) -> str:
        """Why somebody is suggested."""
        load = load_words(self.load(post))
        return _("Covers this place; %(load)s") % {"load": load} if _covers(post, place, areas) else load

    def choices(self) -> list[Choice]:
        """Everybody with their load, and each unit as a whole, by unit."""
        directory, language, own = self.desk.directory, self.desk.language, self.desk.acting.actor.unit
        units = [own, *(u.code for u in directory.children(own))]
        units += sorted({p.unit for p in self.posts} - set(units))
        made = []
        for unit in units:
            group = names.unit(directory, unit, language)
            made.append(Choice(ANYBODY + unit, _("– anybody of it –"), group=group))
            for post in self.posts:
                if post.unit == unit:
                    said = f"{names.typeset(post.name(language), language)} · {load_words(self.load(post))}"
                    made.append(Choice(str(post.person), said, group=group))
        return made

    def args(self, chosen: str) -> dict[str, Arg] | None:
        """What a choice says to the move; None for one that is not among the choices."""
        own = self.desk.acting.actor.unit
        if chosen.startswith(ANYBODY):
            unit = chosen.removeprefix(ANYBODY)
            if unit not in {c.value.removeprefix(ANYBODY) for c in self.choices() if c.value.startswith(ANYBODY)}:
                return None
            return {} if unit == own else {"squad": unit}
        post = next((p for p in self.posts if str(p.person) == chosen), None)
        if post is None:
            return None
        return {"worker": chosen} if post.unit == own else {"worker": chosen, "squad": post.unit}


def hands_of(desk: Desk, part: m.Assign) -> Hands:
    """The people to whom this post can hand a part on, with their loads. One statement."""
    posts = people_inside(desk.directory, desk.acting.actor.unit, part.role)
    posts.sort(key=lambda p: (p.unit != desk.acting.actor.unit, p.unit, p.code))
    loads = loads_of(desk.district_id, [str(p.person) for p in posts], timezone.now(), part.slot)
    return Hands(desk, posts, loads)


def load_words(load: Load) -> str:
    """``3 open, 1 late``."""
    said = ngettext("%(n)d open", "%(n)d open", load.open) % {"n": load.open}
    if not load.late:
        return said
    return _("%(open)s, %(late)d late") % {"open": said, "late": load.late}


def _covers(post: PostInfo, place: str, areas: tuple[str, ...]) -> bool:
    return bool(post.prefixes and place.startswith(post.prefixes)) or bool(set(post.areas) & set(areas))
