"""Items of enforcement of the Wanzhou pack, and who held them before the reform of 2024.

Forty-nine items are real articles of two regulations (``wanzhou_items.csv``). Of the items that the reform moved, the
article prints the fields and their numbers only (21, 255 and 19), so these rows are generated and say so.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

Row = tuple[str, ...]
ITEM_COLUMNS = (
    "code", "field", "field_zh", "field_en", "name_zh", "name_en", "basis", "order", "fine_individual", "fine_unit",
    "measure", "synthetic", "source",
)  # fmt: skip
HOLDING_COLUMNS = ("item", "unit", "valid_from", "valid_to", "act", "source")
ITEMS_FILE = Path(__file__).with_name("wanzhou_items.csv")
ARTICLE = "Kan Wanzhou, 2024-11-27"
OWN = "enforcement-detachment"

# Field: code, number printed, Chinese, English, who held it before.
MOVED = (
    (
        "planning_resources",
        "P",
        21,
        "规划自然资源领域",
        "Planning and natural resources",
        "planning-resources-detachment",
    ),
    (
        "housing_construction",
        "H",
        255,
        "住房城乡建设领域",
        "Housing and construction",
        "housing-construction-detachment",
    ),
    ("defence_mobilisation", "D", 19, "国防动员领域", "Defence mobilisation", "defence-mobilisation-office"),
)


def items() -> Iterator[Row]:
    """Rows of ``items.csv``."""
    with ITEMS_FILE.open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            basis = f"{row['law']} 第{row['article']}条"
            name_en = row["act_en"][0].upper() + row["act_en"][1:]
            yield (
                row["id"], "urban_management", "城市管理领域", "Urban management", row["item_cn"], name_en, basis,
                row["order"], row["fine_individual_yuan"], row["fine_unit_yuan"], row["measure"], "0",
                "regulations as read from a community mirror; English by us",
            )  # fmt: skip
    for field, letter, count, name_zh, name_en, _unit in MOVED:
        note = f"synthetic; {ARTICLE}, prints {count} items of this field and names none"
        for number in range(1, count + 1):
            names = f"{name_zh}执法事项 {number}（示例）", f"{name_en}, item {number} (synthetic)"
            yield f"{letter}{number:03d}", field, name_zh, name_en, *names, "", "", "", "", "", "1", note


def holdings() -> Iterator[Row]:
    """Rows of ``holdings.csv``: who holds each item before any reform."""
    for row in items():
        unit = next((moved[5] for moved in MOVED if moved[0] == row[1]), OWN)
        note = "assumption: the day on which the unit got it is not printed"
        yield row[0], unit, "", "", "", note
