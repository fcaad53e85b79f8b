"""A small made-up city with an export of its own: other columns, another zone, semicolons, ISO times."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

HEADER = ("Nr", "Eingang", "Frist", "Erledigt", "Amt", "Art", "Weg", "Betreff", "Breite", "Laenge", "Bezirk")

MAPPING = """\
mapping: musterstadt
version: 1
title: {en: "Reports of a made-up city", zh: "虚构城市的上报"}
playbook: life.yaml
district:
  code: "990001"
  name: {en: "Model City", zh: "示例市"}
  timezone: Europe/Berlin
file: {delimiter: ";"}
times: {format: iso}
columns:
  number: Nr
  opened: Eingang
  target: Frist
  closed: Erledigt
  unit: Amt
  category: Art
  source: Weg
  title: Betreff
  latitude: Breite
  longitude: Laenge
  place: Bezirk
positions:
  none:
    - {latitude: "0", longitude: "0"}
places:
  property: name
  pattern: "(?:Bezirk )?(.+)"
  name: {en: "Borough {}", zh: "{} 区"}
desk:
  code: desk
  name: {en: "Desk", zh: "服务台"}
roles:
  clerk: {en: "Model clerk", zh: "示例经办员"}
  handler: {en: "Model handler", zh: "示例处置员"}
sources:
  Telefon: phone
  "*": other
"""

PLAYBOOK = """\
playbook: musterstadt
version: 1
kind: case
title: {en: "Report", zh: "上报"}
stages:
  filed: {title: {en: "Filed", zh: "已立案"}}
  dispatched: {title: {en: "Dispatched", zh: "已派遣"}}
  closed: {title: {en: "Closed", zh: "已结案"}, end: true}
slots:
  handle: {title: {en: "Handling", zh: "处置"}}
fields:
  source: &source
    type: choice
    title: {en: "Source", zh: "来源"}
    choices: {phone: {en: "Telephone", zh: "电话"}, other: {en: "Other", zh: "其他"}}
  category: {type: category, title: {en: "Category", zh: "类别"}}
ladders:
  desk: {first: one, rungs: {one: {role: clerk, after: {value: 10, unit: urgent_day}}}}
clocks:
  review: {title: {en: "Review", zh: "督查"}, limit: {value: 30, unit: urgent_day}, warn: 0, ladder: desk}
  handle: {title: {en: "Handle", zh: "处置"}, limit: until, optional: true, warn: 0, ladder: desk}
moves:
  file:
    title: {en: "File", zh: "立案"}
    from: new
    to: filed
    by:
      - {role: clerk}
    form:
      title: {type: text, title: {en: "Title", zh: "标题"}, max: 40}
      source: *source
      category: {type: category, title: {en: "Category", zh: "类别"}}
    effects:
      - place: located
      - set: {source: $source}
      - set: {category: $category}
      - start: review
  dispatch:
    title: {en: "Dispatch", zh: "派遣"}
    from: filed
    to: dispatched
    by:
      - {role: clerk}
    form:
      lead: {type: unit, title: {en: "Unit", zh: "部门"}, required: true}
      target: {type: instant, title: {en: "Target", zh: "时限"}}
    effects:
      - assign: {slot: handle, mode: lead, unit: $lead, role: handler}
      - start: {clock: handle, until: $target}
  close:
    title: {en: "Close", zh: "结案"}
    from: dispatched
    to: closed
    by:
      - {role: handler, relation: holder, slot: handle}
      - {role: clerk, relation: letter, slot: handle}
    effects:
      - release: {slot: handle, whose: lead, outcome: done}
      - stop: "*"
"""


def square(west: float, south: float) -> dict[str, Any]:
    """A square of a tenth of a degree."""
    east, north = west + 0.1, south + 0.1
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def territory() -> dict[str, Any]:
    """Two boroughs side by side: Nord from 13.0 to 13.1, Süd from 13.1 to 13.2; both from 52.0 to 52.1."""
    features = [
        {"type": "Feature", "properties": {"name": name}, "geometry": square(west, 52.0)}
        for name, west in (("Nord", 13.0), ("Süd", 13.1))
    ]
    return {"type": "FeatureCollection", "features": features}


def row(number: str, **values: str) -> list[str]:
    """A row of the export: opened on a summer day, in Nord, unless said otherwise."""
    full = {
        "Nr": number, "Eingang": "2024-07-01T09:00:00", "Frist": "", "Erledigt": "", "Amt": "Bauamt",
        "Art": "Schlagloch", "Weg": "Telefon", "Betreff": "Loch", "Breite": "52.05", "Laenge": "13.05",
        "Bezirk": "Nord", **values,
    }  # fmt: skip
    return [full[name] for name in HEADER]


class City:
    """The files of the made-up city in a folder. Texts may be changed before they are used."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.mapping = folder / "mapping.yaml"
        self.territory = folder / "territory.geojson"
        self.mapping.write_text(MAPPING, encoding="utf-8")
        (folder / "life.yaml").write_text(PLAYBOOK, encoding="utf-8")
        self.territory.write_text(json.dumps(territory()), encoding="utf-8")

    def change(self, file: str, old: str, new: str) -> None:
        """Replace a piece of the mapping or playbook that stands there once."""
        path = self.folder / file
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
        path.write_text(text.replace(old, new), encoding="utf-8")

    def export(self, *rows: list[str], name: str = "export.csv", ending: str = "\r\n", bom: bool = True) -> Path:
        """An export with these rows; every field is quoted, so that it may hold line ends and semicolons."""
        lines = [HEADER, *rows]
        text = "".join(";".join('"' + cell.replace('"', '""') + '"' for cell in line) + ending for line in lines)
        return self.raw((b"\xef\xbb\xbf" if bom else b"") + text.encode(), name)

    def raw(self, data: bytes, name: str = "export.csv") -> Path:
        path = self.folder / name
        path.write_bytes(data)
        return path
