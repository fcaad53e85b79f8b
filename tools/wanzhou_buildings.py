"""Buildings, the Party chain and paired task forces of the Wanzhou pack.

The press feature on Wanzhou (about 2020-01) prints how many there are: eleven streets, 94 communities, 543 grid
branches, 3,454 building groups; 951 buildings in "Pailou Street Community", 701 of them without property management.
Which building stands where, how old it is and who lives in it is generated, and every row says so. Nobody is named.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from wanzhou_grids import Dice

Row = tuple[str, ...]
FEATURE = "press feature on Wanzhou, about 2020-01"

# The seven streets that the feature names, then four more. With these eleven the district's streets hold 95 residents'
# committees today, next to the 94 communities that are printed; no other choice of four comes so near.
NAMED = ("500101001", "500101017", "500101018", "500101021", "500101023", "500101024", "500101025")
CHOSEN = ("500101019", "500101020", "500101022", "500101026")
STREETS = tuple(sorted((*NAMED, *CHOSEN)))
CHOICE = f"{FEATURE}, prints 11 streets; which four beside the seven it names: assumption"

PAILOU = "500101018"
PAILOU_BUILDINGS, PAILOU_UNMANAGED = 951, 701
GROUPS, BRANCHES, COMMUNITIES = 3454, 543, 94
BUILDINGS = 3800  # not printed: somewhat more buildings than groups
PAILOU_NOTE = (
    "synthetic; 951 buildings, 701 without property management, are printed for “Pailou Street Community”, here taken "
    "as the street"
)
BUILDING_NOTE = "synthetic; assumption"

BUILDING_COLUMNS = (
    "code", "name_zh", "name_en", "place", "households", "built", "property_management", "maintenance_fund",
    "organisation", "head", "party_group", "valid_from", "valid_to", "successor", "synthetic", "source",
)  # fmt: skip
ORGANISATION_COLUMNS = (
    "code", "kind", "parent", "place", "name_zh", "name_en", "valid_from", "valid_to", "synthetic", "source",
)  # fmt: skip
PAIRING_COLUMNS = ("task_force", "department", "valid_from", "valid_to", "source")

# Buildings whose head logs in, so that the demo can show one: in the community whose showcase the feature describes.
HEADS_WITH_LOGIN = ("500101001007B0001", "500101001007B0002")

TASK_FORCES = {
    "task-force-renewal": (
        "housing-construction-commission",
        "planning-resources-bureau",
        "urban-management-bureau",
        "civil-affairs-bureau",
    ),
    "task-force-sorting": (
        "urban-management-bureau",
        "commerce-commission",
        "education-commission",
        "ecology-bureau",
        "health-commission",
    ),
}
PAIRED_FROM = "2024-11-27"
PAIRED_NOTE = (
    "Kan Wanzhou, 2024-11-27, names the two task forces and “task force + department”; which departments: assumption"
)


@dataclass(frozen=True, slots=True)
class Community:
    """A residents' committee of a participating street with its grids."""

    code: str
    name_zh: str
    name_en: str
    grids: tuple[str, ...]

    @property
    def street(self) -> str:
        return self.code[:9]


def communities(places: Iterable[Row]) -> list[Community]:
    """The residents' committees (not the villages) of the participating streets, from the rows of ``places.csv``."""
    rows = list(places)
    grids: dict[str, list[str]] = {}
    for row in rows:
        if row[1] == "grid":
            grids.setdefault(row[0][:12], []).append(row[0])
    return [
        Community(row[0], row[3], row[4], tuple(grids[row[0]]))
        for row in rows
        if row[1] == "community" and row[0][:9] in STREETS and row[3].endswith("社区")
    ]


def shares(total: int, weights: Mapping[str, int]) -> dict[str, int]:
    """``total`` split by weights in whole numbers, the largest remainders first, then by key."""
    whole = sum(weights.values())
    found = {key: total * weight // whole for key, weight in weights.items()}
    rest = sorted(weights, key=lambda key: (-(total * weights[key] % whole), key))
    for key in rest[: total - sum(found.values())]:
        found[key] += 1
    return found


def buildings(all_communities: list[Community], without: str) -> list[Row]:
    """Rows of ``buildings.csv``; ``without`` is the community that has no Party organisation, so no groups either."""
    grids = {grid: 1 for c in all_communities for grid in c.grids}
    inside = {grid: 1 for grid in grids if grid.startswith(PAILOU)}
    outside = {grid: 1 for grid in grids if grid not in inside}
    counts = shares(PAILOU_BUILDINGS, inside) | shares(BUILDINGS - PAILOU_BUILDINGS, outside)
    able = [(c, grid) for c in all_communities if c.code != without for grid in c.grids]
    groups = shares(GROUPS, {grid: counts[grid] for _c, grid in able})
    managed = shares(PAILOU_BUILDINGS - PAILOU_UNMANAGED, {grid: counts[grid] for grid in inside})
    rows: list[Row] = []
    for community in all_communities:
        number = 0
        for grid in community.grids:
            dice = Dice(grid)
            for place in range(counts[grid]):
                number += 1
                kept = place < managed[grid] if grid in inside else dice.between(0, 1) < 0.45
                rows.append(_building(community, number, grid, kept, place < groups.get(grid, 0), dice))
    return rows


def _building(community: Community, number: int, grid: str, managed: bool, group: bool, dice: Dice) -> Row:
    code = f"{community.code}B{number:04d}"
    # Without property management: "nearly all old estates of the eighties and nineties".
    built = dice.whole(2000, 2017) if managed else dice.whole(1980, 1999)
    households = dice.whole(12, 72 if managed else 42)
    fund = managed and dice.between(0, 1) < 0.7
    organised = managed or dice.between(0, 1) < 0.5
    headed = dice.between(0, 1) < 0.94 or code in HEADS_WITH_LOGIN
    note = PAILOU_NOTE if community.street == PAILOU else BUILDING_NOTE
    name_zh = f"{community.name_zh.removesuffix('社区')}社区 {number} 号楼"
    return (
        code, name_zh, f"{community.name_en}, Building {number}", grid, str(households), str(built), str(int(managed)),
        str(int(fund)), str(int(organised)), f"head-{code}" if headed else "", str(int(group)), "", "", "", "1", note,
    )  # fmt: skip


def without_organisation(all_communities: list[Community]) -> str:
    """The one community of the 95 that the printed 94 leave out: the last by code outside the named streets."""
    left = len(all_communities) - COMMUNITIES
    if left != 1:
        raise ValueError(f"{left} communities more than the {COMMUNITIES} that are printed")
    return max(c.code for c in all_communities if c.street in CHOSEN)


def organisations(
    streets: Mapping[str, tuple[str, str]], all_communities: list[Community], building_rows: list[Row], without: str
) -> Iterator[Row]:
    """Rows of ``organisations.csv``; ``streets`` gives the names of the participating streets by code."""
    for code, (name_zh, name_en) in streets.items():
        names = f"{name_zh}党工委", f"{name_en} Party Working Committee"
        yield _organ(f"party-{code}", "street_committee", "", code, names, CHOICE)
    held = [c for c in all_communities if c.code != without]
    note = "synthetic; 94 are printed; which community has none: assumption"
    for c in held:
        names = f"{c.name_zh}党组织", f"{c.name_en} Party Organisation"
        yield _organ(f"party-{c.code}", "community_org", f"party-{c.street}", c.code, names, note)
    note = "synthetic; 543 branches are printed, no number of grids: a second one in the first grids"
    grids = [(c, grid) for c in held for grid in c.grids]
    for index in range(BRANCHES):
        c, grid = grids[index % len(grids)]
        second = index >= len(grids)
        code = f"party-{grid}" + ("-2" if second else "")
        at = int(grid[12:])
        tail_zh, tail_en = ("第二党支部", ", Second Party Branch") if second else ("党支部", " Party Branch")
        names = f"{c.name_zh}第 {at} 网格{tail_zh}", f"{c.name_en}, Grid {at}{tail_en}"
        yield _organ(code, "grid_branch", f"party-{c.code}", grid, names, note)
    note = "synthetic; 3,454 are printed"
    for row in building_rows:
        if row[10] == "1":
            names = f"{row[1]}党小组", f"{row[2]}, Party Group"
            yield _organ(f"party-{row[0]}", "building_group", f"party-{row[3]}", row[0], names, note)


def _organ(code: str, kind: str, parent: str, place: str, names: tuple[str, str], source: str) -> Row:
    return code, kind, parent, place, *names, "", "", "1" if source.startswith("synthetic") else "0", source


def pairings() -> Iterator[Row]:
    """Rows of ``pairings.csv``."""
    for task_force, departments in TASK_FORCES.items():
        for department in departments:
            yield task_force, department, PAIRED_FROM, "", PAIRED_NOTE
