"""Made-up territory below the district: a complete partition of an outline into streets, communities and grids.

No polygons of streets, communities or grids are public. These are generated: nested Voronoi cells around roughly placed
street centres, cut to the real outline. Every level is a union of the same grids, which share their corner points
exactly, so that there is neither gap nor overlap; points on the outline are the outline's own. All coordinates are
longitude and latitude in degrees (WGS-84) with six decimals. The result depends on the arguments alone.
"""

from __future__ import annotations

import hashlib
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import shapely
from shapely.geometry import LineString, MultiPoint, Point, Polygon
from shapely.geometry.base import BaseGeometry

STEP = 1e-6  # the lattice of all coordinates, degrees (0.1 m)
Seed = tuple[float, float]


class Dice:
    """Numbers that look random and follow from a text alone, on every machine and in every version of Python."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._count = 0

    def between(self, low: float, high: float) -> float:
        """The next number from ``low`` up to ``high``."""
        self._count += 1
        digest = hashlib.sha256(f"{self._text} {self._count}".encode()).digest()
        return low + (high - low) * (int.from_bytes(digest[:6], "big") / 2**48)

    def whole(self, low: int, high: int) -> int:
        """The next whole number from ``low`` to ``high``, both included."""
        return int(self.between(low, high + 1))


def parts(shape: BaseGeometry) -> list[Polygon]:
    """The polygons of a geometry, largest first, leaving out points and lines."""
    found = [p for p in shapely.get_parts(shape) if isinstance(p, Polygon) and p.area > 0]
    return sorted(found, key=lambda p: (-p.area, p.bounds))


def cells(area: Polygon, seeds: Sequence[Seed]) -> list[BaseGeometry]:
    """Voronoi cells of the seeds cut to the area, in the order of the seeds."""
    if len(seeds) == 1:
        return [area]
    diagram = shapely.voronoi_polygons(MultiPoint(seeds), extend_to=area.envelope.buffer(1), ordered=True)
    return [cell.intersection(area) for cell in shapely.get_parts(diagram)]


def partition(area: Polygon, seeds: Sequence[Seed]) -> list[Polygon]:
    """Split the area into one connected polygon a seed.

    Where the area's own shape cuts a cell in two, the largest piece stays and the others go to the neighbour with which
    they share the longest border.
    """
    pieces = [parts(cell) for cell in cells(area, seeds)]
    kept: list[BaseGeometry] = [found[0] for found in pieces]
    loose = [piece for found in pieces for piece in found[1:]]
    while loose:
        shared = [(_shared(piece, kept), piece) for piece in loose]
        (length, index), piece = max(shared, key=lambda item: (item[0][0], item[1].bounds))
        if length <= 0:
            raise ValueError(f"a loose piece at {piece.bounds} touches no neighbour")
        kept[index] = shapely.union(kept[index], piece, grid_size=STEP / 1000)
        loose.remove(piece)
    return [parts(shape)[0] for shape in kept]


def _shared(piece: Polygon, others: Sequence[BaseGeometry]) -> tuple[float, int]:
    """Length and index of the neighbour with the longest border along the piece."""
    rim = piece.boundary.buffer(STEP / 10)
    return max((rim.intersection(other.boundary).length, index) for index, other in enumerate(others))


def relax(area: Polygon, seeds: Sequence[Seed], rounds: int) -> list[Seed]:
    """Move every seed to the middle of its cell, so that the cells become compact and alike in size."""
    points = list(seeds)
    for _ in range(rounds):
        moved: list[Seed] = []
        for cell in cells(area, points):
            piece = parts(cell)[0]
            middle = piece.centroid if piece.contains(piece.centroid) else piece.representative_point()
            moved.append((middle.x, middle.y))
        points = moved
    return points


def scatter(area: Polygon, count: int, dice: Dice, towards: Seed | None = None, spread: float = 1.0) -> list[Seed]:
    """Random points inside the area, evenly or gathered round a point (``spread``: 1 is the area's own half-width)."""
    west, south, east, north = area.bounds
    shapely.prepare(area)
    points: list[Seed] = []
    while len(points) < count:
        if towards is None:
            x, y = dice.between(west, east), dice.between(south, north)
        else:
            reach, angle = dice.between(0, spread), dice.between(0, 2 * math.pi)
            x = towards[0] + reach * math.cos(angle) * (east - west) / 2
            y = towards[1] + reach * math.sin(angle) * (north - south) / 2
        if area.contains(Point(x, y)):
            points.append((x, y))
    return points


def split_street(street: str, area: Polygon, communities: Sequence[str], centre: Seed) -> dict[str, Polygon]:
    """The communities of one street: residents' committees near the centre, villages further out."""
    dice = Dice(f"communities {street}")
    middle = Point(centre)
    seeds = scatter(area, len(communities), dice, centre if area.contains(middle) else None, spread=1.6)
    seeds = relax(area, seeds, 4)
    seeds.sort(key=lambda seed: (middle.distance(Point(seed)), seed))
    # A committee's number is 001 to 199, a village's 200 and up: the sorted codes follow the distance from the centre.
    return dict(zip(sorted(communities), partition(area, seeds), strict=True))


def split_community(community: str, area: Polygon, urban: bool) -> list[Polygon]:
    """The grids of one community, in the order of their numbers: rows from north to south, each from west to east."""
    dice = Dice(f"grids {community}")
    committee = community[9] in "01"
    low, high = (4, 6) if urban and committee else (3, 4) if committee else (2, 3)
    count = dice.whole(low, high)
    grids = partition(area, relax(area, scatter(area, count, dice), 5))
    _, south, _, north = area.bounds
    rows = max(1, round(math.sqrt(count)))

    def position(grid: Polygon) -> tuple[int, float, float]:
        middle = grid.centroid
        return min(rows - 1, int((north - middle.y) / (north - south) * rows)), middle.x, -middle.y

    return sorted(grids, key=position)


def build(
    outline: Polygon, streets: Mapping[str, Sequence[str]], centres: Mapping[str, Seed], urban: Iterable[str]
) -> dict[str, Polygon]:
    """All grids by 15-digit code. ``streets`` maps a street to its communities, ``centres`` to a rough position.

    Raises ``ValueError`` when the result is not an exact partition of the outline.
    """
    towns = set(urban)
    raw: dict[str, Polygon] = {}
    order = sorted(streets)
    for street, area in zip(order, partition(outline, [centres[s] for s in order]), strict=True):
        for community, piece in split_street(street, area, streets[street], centres[street]).items():
            for number, grid in enumerate(split_community(community, piece, street in towns), start=1):
                raw[f"{community}{number:03d}"] = grid
    grids = settle(outline, raw)
    check(outline, grids)
    return grids


def settle(outline: Polygon, raw: Mapping[str, Polygon]) -> dict[str, Polygon]:
    """Put all borders on one lattice, so that neighbours share every corner, and the rim on the outline."""
    lines = [LineString(grid.exterior.coords) for grid in raw.values()]
    lines.append(LineString(outline.exterior.coords))
    network = shapely.union_all(lines, grid_size=STEP)
    codes, tree = list(raw), shapely.STRtree(list(raw.values()))
    owned: dict[str, list[Polygon]] = defaultdict(list)
    for face in shapely.get_parts(shapely.polygonize(shapely.get_parts(network))):
        inner = face.representative_point()
        hits = sorted(int(i) for i in tree.query(inner, predicate="intersects")) or [int(tree.nearest(inner))]
        owned[codes[hits[0]]].append(face)
    rim = _rim_moves(outline, [face for faces in owned.values() for face in faces])
    settled: dict[str, Polygon] = {}
    for code in codes:
        pieces = [_moved(face, rim) for face in owned[code]]
        merged = parts(shapely.coverage_union_all(pieces))
        if len(merged) != 1:
            raise ValueError(f"grid {code} came out in {len(merged)} pieces")
        settled[code] = shapely.normalize(merged[0])
    return settled


def _rim_moves(outline: Polygon, faces: Sequence[Polygon]) -> dict[Seed, Seed]:
    """For every corner that lies on the outline between two of its points: the one of the two to move it to.

    That is the nearer one, or the other where the nearer would twist a face.
    """
    own = {(_snap(x), _snap(y)) for x, y in outline.exterior.coords}
    edges = [LineString(pair) for pair in zip(outline.exterior.coords, outline.exterior.coords[1:], strict=False)]
    tree = shapely.STRtree(edges)
    choices: dict[Seed, list[Seed]] = {}
    touching: dict[Seed, list[Polygon]] = defaultdict(list)
    for face in faces:
        for corner in {(_snap(x), _snap(y)) for x, y in face.exterior.coords} - own:
            edge = edges[int(tree.nearest(Point(corner)))]
            if edge.distance(Point(corner)) < 2 * STEP:
                ends = [(_snap(x), _snap(y)) for x, y in edge.coords]
                choices[corner] = sorted(ends, key=lambda end: (math.dist(end, corner), end))
                touching[corner].append(face)
    moves = {corner: ends[0] for corner, ends in choices.items()}
    for corner in sorted(choices):
        if not all(_moved(face, moves).is_valid for face in touching[corner]):
            other = {**moves, corner: choices[corner][1]}
            if all(_moved(face, other).is_valid for face in touching[corner]):
                moves = other
    return moves


def _moved(face: Polygon, moves: Mapping[Seed, Seed]) -> Polygon:
    """The face with its corners on the lattice and moved ones in their new place."""
    ring: list[Seed] = []
    for x, y in face.exterior.coords:
        corner = (_snap(x), _snap(y))
        corner = moves.get(corner, corner)
        if not ring or ring[-1] != corner:
            ring.append(corner)
    return Polygon(ring)


def _snap(value: float) -> float:
    return round(value, 6)


def union(grids: Iterable[Polygon], name: str) -> Polygon:
    """The polygon that some grids cover together; ``ValueError`` when they do not hang together."""
    merged = parts(shapely.coverage_union_all(list(grids)))
    if len(merged) != 1:
        raise ValueError(f"{name} comes out in {len(merged)} pieces")
    return shapely.normalize(merged[0])


def check(outline: Polygon, grids: Mapping[str, Polygon]) -> None:
    """Refuse grids that are not valid, overlap, leave a gap or leave the outline."""
    bad = [f"{code}: {shapely.is_valid_reason(grid)}" for code, grid in grids.items() if not grid.is_valid]
    if bad:
        raise ValueError("invalid grids: " + "; ".join(bad[:5]))
    if not shapely.coverage_is_valid(list(grids.values())):
        raise ValueError("the grids overlap or do not share their corners")
    whole = shapely.coverage_union_all(list(grids.values()))
    rest = whole.symmetric_difference(outline).area
    if rest > 0:
        raise ValueError(f"the grids differ from the outline by {rest} square degrees")
