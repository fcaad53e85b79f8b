"""Indicators and scores come with packs; a district replaces single ones by their code."""

from __future__ import annotations

from pathlib import Path

import pytest

from gewu.evaluation.api import definitions
from gewu.registry.directory import refresh
from gewu.registry.packs import PackError, check_pack, load_pack
from support import district as d
from support.servers import Session

OWN_SCORES = """\
version: 7
grades:
  - {grade: "good", least: 80}
  - {grade: "poor", least: 0}
formulas:
  - code: department
    title: {en: "Departments", zh: "部门"}
    of: department
    least_weight: 1
    illustrative: false
    source: "Decision of the district"
    terms:
      - {indicator: on_time_handling, weight: 70}
      - {indicator: rework_rate, weight: 30, inverse: true}
"""


def pack(folder: Path, scores: str = OWN_SCORES) -> Path:
    folder.mkdir()
    (folder / "pack.yaml").write_text(
        'pack: own-scores\nversion: "1"\ntitle: {en: "Own", zh: "自定"}\nrequires: [wanzhou]\n', encoding="utf-8"
    )
    (folder / "scores.yaml").write_text(scores, encoding="utf-8")
    return folder


def test_a_district_weighs_for_itself(fresh_db: Session, tmp_path: Path) -> None:
    before = definitions(d.district_id())
    assert before.formulas["department"].illustrative
    report = load_pack(pack(tmp_path / "own-scores"))
    assert report.tables["indicators.yaml and scores.yaml"].created == 1
    refresh()
    after = definitions(d.district_id())
    assert after.version != before.version
    assert not after.formulas["department"].illustrative
    assert after.formulas["street"] == before.formulas["street"]
    assert [g.grade for g in after.grades] == ["good", "poor"]
    assert load_pack(tmp_path / "own-scores").changes == 0

    (tmp_path / "own-scores" / "scores.yaml").unlink()
    assert load_pack(tmp_path / "own-scores").retired == 1
    refresh()
    assert definitions(d.district_id()) == before


def test_a_pack_with_nonsense_is_refused_with_its_line(db: Session, tmp_path: Path) -> None:
    bad = pack(tmp_path / "own-scores", OWN_SCORES.replace("rework_rate", "reworks"))
    wanted = [("scores.yaml", 14, "there is no indicator 'reworks'")]
    assert [(p.file, p.line, p.reason) for p in check_pack(bad)] == wanted
    with pytest.raises(PackError):
        load_pack(bad)
    (bad / "scores.yaml").write_text("version: 1\nformulas: []\n", encoding="utf-8")
    assert {p.file for p in check_pack(bad)} == {"scores.yaml"}
    (bad / "scores.yml").write_text("", encoding="utf-8")
    assert "unknown file" in {p.file: p.reason for p in check_pack(bad)}["scores.yml"]
