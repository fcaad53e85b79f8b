"""A small district of its own, written file by file, so that a test can break exactly one thing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from support.servers import Session

TODAY = date(2025, 3, 3)

DISTRICT = "990101"

PACK_YAML = """\
pack: mini
version: "1"
title: {en: "Mini", zh: "小区"}
holiday_years: [2025]
district:
  code: "990101"
  name: {en: "Mini District", zh: "迷你区"}
  timezone: Asia/Shanghai
  work_day_mode: hours
  default_calendar: mini-office
  language: zh
"""

CALENDARS = """\
calendars:
  mini-office:
    title: {en: "Office", zh: "机关"}
    day_hours: 8
    seasons:
      - {from: "01-01", to: "12-31", days: workdays, windows: ["08:00-12:00", "14:00-18:00"]}
  mini-evening:
    title: {en: "Evening squad", zh: "夜班"}
    seasons:
      - {from: "05-01", to: "09-30", days: all, windows: ["19:00-02:00"]}
      - {from: "10-01", to: "04-30", days: all, windows: ["18:00-23:00"]}
"""

PLAYBOOK = """\
playbook: mini
version: 1
kind: case
title: {en: "Mini", zh: "小"}
stages:
  open: {title: {en: "Open", zh: "待办"}}
  done: {title: {en: "Done", zh: "办结"}, end: true}
fields:
  category: {type: category, title: {en: "Category", zh: "类别"}}
ladders:
  duty:
    first: officer
    rungs:
      officer: {role: mini_officer, after: {value: 1, unit: urgent_hour}}
clocks:
  act: {title: {en: "Act", zh: "办理"}, limit: {value: 1, unit: work_day}, ladder: duty}
messages:
  warn: {en: "80 % of the limit is used", zh: "时限已过 80%"}
  due: {en: "The limit has passed", zh: "已超时"}
  overdue: {en: "Still overdue", zh: "仍然超时"}
moves:
  report:
    title: {en: "Report", zh: "上报"}
    from: new
    to: open
    by: [{role: mini_officer}]
    form:
      category: {type: category, title: {en: "Category", zh: "类别"}, required: true}
    effects:
      - place: located
      - set: {category: $category}
      - start: act
  close:
    title: {en: "Close", zh: "办结"}
    from: open
    to: done
    by: [{role: mini_officer}]
    effects:
      - stop: act
"""

FILES = {
    "pack.yaml": PACK_YAML,
    "calendars.yaml": CALENDARS,
    "playbooks/mini.yaml": PLAYBOOK,
    "roles.csv": "code,name_zh,name_en,note\nmini_officer,专员,Officer,\nmini_clerk,文员,Clerk,\n",
    "categories.csv": (
        "kind,code,major,major_name_zh,major_name_en,name_zh,name_en,legacy_code,local_extension,source\n"
        "matter,97001,97,小事,Small things,乱堆,Heap,,1,own\n"
        "matter,97002,97,小事,Small things,积水,Puddle,,1,own\n"
        "component,98001,98,设施,Facilities,井盖,Cover,,1,own\n"
    ),
    "standards.csv": (
        "code,kind,category,filing_zh,filing_en,closing_zh,closing_en,limit_value,limit_unit,urgent,limit_status,source\n"
        "97001-1,matter,97001,有堆物,There is a heap,已清,It is gone,4,work_hour,0,assumption,own\n"
        "98001-1,component,98001,井盖缺失,Missing,已补,Replaced,2,urgent_hour,1,assumption,own\n"
    ),
    "places.csv": (
        "code,kind,parent,name_zh,name_en,valid_from,valid_to,successor,synthetic,source\n"
        "990101,district,,迷你区,Mini District,,,,0,own\n"
        "990101001,street,990101,东街,East Street,,,,0,own\n"
        "990101002,street,990101,西街,West Street,,,,0,own\n"
        "990101001001,community,990101001,东一,East One,,,,0,own\n"
        "990101002001,community,990101002,西一,West One,,,,0,own\n"
        "990101001001001,grid,990101001001,东一格一,East Grid One,,,,1,own\n"
        "990101001001002,grid,990101001001,东一格二,East Grid Two,,,,1,own\n"
        "990101002001001,grid,990101002001,西一格一,West Grid One,,,,0,own\n"
    ),
    "areas.csv": (
        "code,kind,name_zh,name_en,places,shape,valid_from,valid_to,source\n"
        "zone,development_zone,开发区,Zone,990101001001,,,,own\n"
        "park,park,公园,Park,,park,,,own\n"
    ),
    "units.csv": (
        "code,parent,kind,name_zh,name_en,place,calendar,accounts,valid_from,valid_to,source\n"
        "bureau,,bureau,局,Bureau,990101,,1,,,own\n"
        "squad,bureau,squad,中队,Squad,990101001,mini-evening,1,,,own\n"
        "team,squad,team,班,Team,990101001,,1,,,own\n"
        "waterworks,,company,水司,Waterworks,,,0,,,own\n"
        "nobody,bureau,queue,无主,Ownerless queue,,,1,,,own\n"
    ),
    "posts.csv": (
        "code,unit,role,login,name_zh,name_en,scope,valid_from,valid_to,source\n"
        "officer1,bureau,mini_officer,mini-officer1,专员 1,Officer 1,990101,,,own\n"
        "clerk1,squad,mini_clerk,mini-clerk1,文员 1,Clerk 1,990101001 area:zone,2025-01-01,2025-06-30,own\n"
        "clerk2,squad,mini_clerk,mini-clerk1,文员 2,Clerk 2,area:park,2025-07-01,,own\n"
        "vacant,team,mini_clerk,,空岗,Vacant,990101002,,,own\n"
    ),
    "owners.csv": "code,name_zh,name_en\nminiwater,供水,Water\nminipower,供电,Power\n",
    "responsibility.csv": (
        "kind,category,place,owner,unit,queue,source\n"
        "matter,*,*,*,bureau,0,own\n"
        "matter,97,990101001,*,squad,0,own\n"
        "matter,97001,*,*,bureau,0,own\n"
        "matter,97001,area:zone,*,team,0,own\n"
        "matter,97001,990101001001002,*,squad,0,own\n"
        "component,98,*,*,bureau,0,own\n"
        "component,98,*,miniwater,waterworks,0,own\n"
        "component,98,*,unknown,nobody,1,own\n"
    ),
    "holidays.csv": (
        "date,kind,name_zh,name_en\n2025-01-01,rest,元旦,New Year\n2025-01-26,workday,春节调休,Make-up day\n"
    ),
}


def box(west: float, south: float, east: float, north: float) -> dict[str, object]:
    """A rectangle as GeoJSON geometry."""
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


SHAPES = {
    DISTRICT: box(108.00, 30.00, 108.04, 30.02),
    "990101001001001": box(108.00, 30.00, 108.01, 30.02),
    "990101001001002": box(108.01, 30.00, 108.02, 30.02),
    "990101002001001": box(108.02, 30.00, 108.03, 30.02),
    "park": box(108.015, 30.005, 108.025, 30.015),
}
"""The eastern quarter of the district has no grid."""


class PackFolder:
    """A pack on disk that a test may change."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, file: str, text: str) -> None:
        target = self.path / file
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8", newline="")

    def read(self, file: str) -> str:
        return (self.path / file).read_text(encoding="utf-8")

    def replace(self, file: str, old: str, new: str) -> None:
        text = self.read(file)
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
        self.write(file, text.replace(old, new))

    def append(self, file: str, line: str) -> int:
        """Add a line; returns its number."""
        self.write(file, self.read(file) + line + "\n")
        return self.read(file).count("\n") - line.count("\n")

    def drop(self, file: str, beginning: str) -> None:
        """Remove the line that begins so."""
        lines = self.read(file).splitlines(keepends=True)
        kept = [line for line in lines if not line.startswith(beginning)]
        assert len(kept) == len(lines) - 1
        self.write(file, "".join(kept))

    def shapes(self, shapes: dict[str, dict[str, object]]) -> None:
        features = [
            json.dumps({"type": "Feature", "properties": {"code": code}, "geometry": geometry})
            for code, geometry in shapes.items()
        ]
        body = ",\n".join(features)
        self.write("shapes/all.geojson", f'{{"type": "FeatureCollection", "features": [\n{body}\n]}}\n')


def write_pack(path: Path) -> PackFolder:
    """The whole small pack, sound as it stands."""
    pack = PackFolder(path)
    for file, text in FILES.items():
        pack.write(file, text)
    pack.shapes(SHAPES)
    return pack


@pytest.fixture
def pack(tmp_path: Path) -> PackFolder:
    """The small district's pack, to be changed at will."""
    return write_pack(tmp_path / "mini")


@pytest.fixture(scope="module")
def mini(database_session: Session, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The small district, loaded for a module whose tests only read it or roll back; its id."""
    from django.db import connections

    from gewu.registry.directory import refresh
    from gewu.registry.packs import load_pack
    from gewu.registry.snapshot import districts

    load_pack(write_pack(tmp_path_factory.mktemp("packs") / "mini").path, today=TODAY)
    yield next(d.id for d in districts() if d.code == DISTRICT)
    connections.close_all()
    connections["default"].close_pool()
    database_session.make_database()
    refresh()


@pytest.fixture
def rolled_back(mini: int) -> Iterator[int]:
    """The small district, whose changes by this test are undone after it; its id."""
    from django.db import transaction

    with transaction.atomic():
        yield mini
        transaction.set_rollback(True)


@pytest.fixture
def another(tmp_path: Path) -> Callable[[str], PackFolder]:
    """Makes an empty pack folder beside the small one."""

    def make(name: str) -> PackFolder:
        folder = PackFolder(tmp_path / name)
        folder.write("pack.yaml", f'pack: {name}\nversion: "1"\ntitle: {{en: "Other", zh: "其他"}}\n')
        return folder

    return make
