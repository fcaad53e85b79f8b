"""A small sound district as a pack, for tests that break it in one place."""

from __future__ import annotations

import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROLES = (
    "intake_officer", "collector", "shift_leader", "dispatcher", "unit_clerk", "worker", "comprehensive_office",
    "area_contact_office",
)  # fmt: skip


def small_pack(folder: Path) -> Path:
    """Write the standard pack and a district of one street under ``folder``; returns the district's folder."""
    shutil.copytree(ROOT / "packs" / "standard", folder / "standard")
    pack = folder / "small"
    (pack / "playbooks").mkdir(parents=True)
    (pack / "pack.yaml").write_text(
        """pack: small
version: "2026.11"
title: {en: "Small", zh: "小区域"}
requires: [standard]
district:
  code: "999901"
  name: {en: "Small District", zh: "小区"}
  timezone: Asia/Shanghai
  work_day_mode: hours
  default_calendar: office
  language: zh
""",
        encoding="utf-8",
    )
    (pack / "places.csv").write_text(
        "code,kind,parent,name_zh,name_en,valid_from,valid_to,successor,synthetic,source\n"
        "999901,district,,小区,Small District,,,,0,test\n"
        "999901001,street,999901,一街,First Street,,,,0,test\n"
        "999901001001,community,999901001,甲社区,Community A,,,,0,test\n",
        encoding="utf-8",
    )
    (pack / "units.csv").write_text(
        "code,parent,kind,name_zh,name_en,place,calendar,accounts,valid_from,valid_to,source\n"
        "office,,office,管理办,Management office,999901,,1,,,test\n"
        "squad,office,squad,中队,Squad,999901,,1,,,test\n",
        encoding="utf-8",
    )
    posts = "".join(
        f"{role},{'squad' if role in ('unit_clerk', 'worker') else 'office'},{role},{role.replace('_', '')},"
        f"{role},{role},999901,,,test\n"
        for role in ROLES
    )
    (pack / "posts.csv").write_text(
        "code,unit,role,login,name_zh,name_en,scope,valid_from,valid_to,source\n" + posts, encoding="utf-8"
    )
    (pack / "responsibility.csv").write_text(
        "kind,category,place,owner,unit,queue,source\n*,*,*,*,squad,0,test\n*,*,*,unknown,office,1,test\n",
        encoding="utf-8",
    )
    return pack


PLAYBOOK = """playbook: small
version: 1
kind: case
title: {en: "Small case", zh: "小案件"}
stages:
  waiting: {title: {en: "Waiting", zh: "待办"}}
  handling: {title: {en: "Handling", zh: "处置中"}}
  done: {title: {en: "Done", zh: "办结"}, end: true}
slots:
  handle: {title: {en: "Handling", zh: "处置"}}
ladders:
  duty:
    first: leader
    rungs:
      leader: {role: shift_leader, after: {value: 1, unit: urgent_hour}, next: office}
      office: {role: comprehensive_office, after: {value: 4, unit: urgent_hour}}
clocks:
  dispatch: {title: {en: "Dispatch", zh: "派遣"}, limit: {value: 15, unit: urgent_minute}, ladder: duty}
  handle: {title: {en: "Handle", zh: "处置"}, limit: {value: 1, unit: work_day}, ladder: duty}
moves:
  open:
    title: {en: "Open", zh: "登记"}
    from: new
    to: waiting
    by: [{role: intake_officer}]
    effects: [{place: located}, {start: dispatch}]
  dispatch:
    title: {en: "Dispatch", zh: "派遣"}
    from: waiting
    to: handling
    by: [{role: dispatcher}]
    form:
      lead: {type: unit, title: {en: "Unit", zh: "单位"}, required: true}
    effects:
      - stop: dispatch
      - assign: {slot: handle, mode: lead, unit: $lead, role: unit_clerk, clocks: [handle]}
  finish:
    title: {en: "Finish", zh: "办结"}
    from: handling
    to: done
    by:
      - {role: unit_clerk, relation: holder, slot: handle}
      - {role: dispatcher, relation: letter, slot: handle}
    effects: [{release: {slot: handle, whose: mine, outcome: done}}]
"""
