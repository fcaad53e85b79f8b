"""Who plays: the posts of the district as identities, and the places where things happen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

import shapely
from shapely.geometry import shape

from gewu.core.places import Scope
from gewu.core.records import Actor
from gewu.ledger.door import Acting
from gewu.ledger.lookups import Position
from gewu.registry import entries as e
from gewu.registry import models as m
from gewu.registry.directory import Directory
from gewu.registry.positions import locate_many

MICRO = 1_000_000
RESERVE = "reserve"


@dataclass(frozen=True, slots=True)
class Player:
    """A post and the identity that acts for it."""

    post: e.PostInfo
    acting: Acting

    @property
    def person(self) -> str:
        return self.acting.actor.person


class Cast:
    """The posts of one district, looked up by role, unit and place."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._players: dict[str, Player] = {}
        self.reporter = Acting(Actor("reporter", "", frozenset({"reporter"})))
        wide = directory.district.code
        self.intake = self._wide("intake_officer", wide)
        self.shift = self._wide("shift_leader", wide)
        self.dispatch = self._wide("dispatcher", wide)
        self._collectors = [self._player(post) for post in _held(directory.holders("collector"))]
        self._of_unit: dict[tuple[str, str], list[Player]] = {}
        for role in ("unit_clerk", "worker"):
            for post in _held(directory.holders(role)):
                self._of_unit.setdefault((role, post.unit), []).append(self._player(post))
        self._nearby: dict[str, list[Player]] = {}
        workers = {unit: len(players) for (role, unit), players in self._of_unit.items() if role == "worker"}
        # Units with the most hands: somebody to ask when the rules name nobody else.
        self.common = sorted((u for u in workers if self.clerks(u)), key=lambda u: (-workers[u], u))[:2]

    def _wide(self, role: str, prefix: str) -> list[Player]:
        return [self._player(post) for post in _held(self._directory.holders(role)) if prefix in post.prefixes]

    def _player(self, post: e.PostInfo) -> Player:
        found = self._players.get(post.code)
        if found is None:
            unit = self._directory.unit(post.unit)
            scope = Scope(post.prefixes, frozenset(post.areas))
            actor = Actor(str(post.person), post.unit, frozenset({post.role}))
            found = self._players[post.code] = Player(post, Acting(actor, unit.path if unit else "", scope))
        return found

    def clerks(self, unit: str) -> list[Player]:
        """Those who answer for a unit; none when it has no accounts."""
        return self._of_unit.get(("unit_clerk", unit), [])

    def workers(self, unit: str) -> list[Player]:
        return self._of_unit.get(("worker", unit), [])

    def collectors(self, place: str) -> list[Player]:
        """The collectors of a place: its own before the reserve."""
        street = place[:9]
        if street not in self._nearby:
            own = [p for p in self._collectors if p.acting.scope and p.acting.scope.covers(place)]
            self._nearby[street] = [p for p in own if RESERVE not in p.post.code] or own
        return self._nearby[street]


def _held(posts: Sequence[e.PostInfo]) -> list[e.PostInfo]:
    return sorted((post for post in posts if post.person is not None), key=lambda post: post.code)


_STREETS, _TOWNS = 100, 200
"""In national codes the last three digits of subdistricts are below 100, those of towns below 200."""


def _weight(street: str) -> float:
    number = int(street[6:9])
    return 7.0 if number < _STREETS else 0.4 if number < _TOWNS else 0.2


class Ground:
    """Positions where things happen: more in the town than in the country, some places again and again."""

    def __init__(self, directory: Directory, rng: Random, count: int) -> None:
        self._rng = rng
        grids = m.Place.objects.filter(district_id=directory.district.id, kind="grid", retired_on=None).order_by("code")
        by_street: dict[str, list[tuple[str, object]]] = {}
        for code, geometry in grids.values_list("code", "geometry"):
            if geometry is not None:
                by_street.setdefault(code[:9], []).append((code, geometry))
        streets = sorted(by_street)
        weights = [_weight(street) for street in streets]
        points = []
        for street in rng.choices(streets, weights, k=count):
            _code, geometry = rng.choice(by_street[street])
            points.append(_inside(shape(geometry), rng))
        self._positions = [
            Position(
                found.place_code, found.areas, round(found.lon * MICRO), round(found.lat * MICRO), found.on_boundary,
                found.candidates if found.on_boundary else (), found.synthetic,
            )
            for found in locate_many(directory, points)
            if found is not None
        ]  # fmt: skip

    def next(self) -> Position:
        """Somewhere. One in six is a place that was heard of before, because trouble comes back."""
        return self._rng.choice(self._positions)


def _inside(polygon: shapely.Geometry, rng: Random) -> tuple[float, float]:
    """A point in a polygon: tried at random, otherwise its middle."""
    west, south, east, north = polygon.bounds
    for _ in range(20):
        lon, lat = rng.uniform(west, east), rng.uniform(south, north)
        if shapely.intersects_xy(polygon, lon, lat):
            return round(lon, 6), round(lat, 6)
    middle = polygon.representative_point()
    return round(middle.x, 6), round(middle.y, 6)
