"""An appeal against what one case does to one figure: the fact stays, the adjusted figure leaves it out."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID, uuid4

import pytest

from evaluation import hand
from evaluation.hand import AS_OF, Told
from gewu.cases import services
from gewu.evaluation.api import By, Cell, Live, Parquet, Part, definitions, evaluate, month, records_of
from gewu.evaluation.appeals import NotConcerned, UnknownIndicator, lodge
from gewu.evaluation.export import export
from gewu.ledger import rebuild
from gewu.ledger.errors import NotFound, Refused
from support import district as d
from support.servers import Session

NOVEMBER = month("Asia/Shanghai", 2026, 11)
CODES = ("rework_rate", "on_time_handling", "handled", "mean_handling")


def figures(source: Live | Parquet, by: By = By.UNIT, as_of: int = AS_OF) -> dict[str, Cell]:
    known = definitions(d.district_id())
    table = evaluate(source, [known[code] for code in CODES], by, [NOVEMBER], as_of=as_of)
    return {code: table.cell(code, hand.SANITATION if by is By.UNIT else "") for code in CODES}


def two_cases() -> tuple[Told, Told]:
    good, bad = Told(name="good"), Told(name="bad", lon=d.POINT[0] + hand.APART)
    good.filed_case().dispatch(25).claim(35).finish(55)
    bad.filed_case().dispatch(25).claim(35).hand_back(360).check(365, 375, good=False)
    bad.at(380).move(d.acting("dispatcher"), "rework", texts={"reason": "未清净"})
    who = bad.clerk()
    bad.at(400).move(who, "record_result", texts={"note": "重新清洗"}, photos=[d.photo(who, "after")])
    bad.finish(410)
    return good, bad


def decide(record_id: UUID, *moves: tuple[str, str]) -> None:
    at = d.START_US + 600 * 60_000_000
    for number, (role, move) in enumerate(moves):
        version = number + 1
        services.act(
            d.district_id(), d.acting(role), record_id, move, texts={"reason": "属实"}, version=version, at_us=at
        )
        at += 60_000_000


def test_a_granted_pair_leaves_the_adjusted_figure(db: Session, tmp_path: Path) -> None:
    _, bad = two_cases()
    live = Live(d.district_id())
    before = figures(live)
    assert (before["rework_rate"].numerator, before["rework_rate"].denominator) == (1, 2)
    at = d.START_US + 550 * 60_000_000
    lodged = lodge(d.district_id(), bad.clerk(), "rework_rate", bad.record_id, "返工并非本单位原因", at_us=at)
    assert figures(live) == before, "an appeal that waits changes nothing"
    decide(lodged.record_id, ("dispatcher", "support"))
    assert figures(live) == before
    decide_at = d.START_US + 700 * 60_000_000
    services.act(
        d.district_id(), d.acting("shift_leader"), lodged.record_id, "grant", texts={"reason": "属实"}, version=2,
        at_us=decide_at,
    )  # fmt: skip

    after = figures(live)
    cell = after["rework_rate"]
    assert (cell.numerator, cell.denominator) == (1, 2), "the fact stays"
    assert (cell.adjusted_numerator, cell.adjusted_denominator, cell.left_out) == (0, 1, 1)
    assert {code: after[code] for code in CODES[1:]} == {code: before[code] for code in CODES[1:]}
    assert figures(live, as_of=decide_at // 1_000_000 - 1)["rework_rate"].left_out == 0
    found = records_of(
        d.district_id(), definitions(d.district_id())["rework_rate"], Part.LEFT_OUT, By.UNIT, hand.SANITATION, NOVEMBER,
        as_of=AS_OF,
    )  # fmt: skip
    assert [one.record_id for one in found] == [bad.record_id]

    # A second appeal for the same pair takes it out no further.
    again = lodge(d.district_id(), bad.clerk(), "rework_rate", bad.record_id, "再次申诉", at_us=decide_at)
    decide(again.record_id, ("dispatcher", "support"), ("shift_leader", "grant"))
    assert figures(live)["rework_rate"] == cell
    export([], tmp_path / "out")
    for by in (By.UNIT, By.TOTAL):
        assert figures(Parquet(tmp_path / "out", d.district_id()), by) == figures(live, by)
    assert rebuild.rebuild_all(d.district_id()).ok


def test_a_rejected_appeal_changes_nothing(db: Session) -> None:
    _, bad = two_cases()
    before = figures(Live(d.district_id()))
    lodged = lodge(d.district_id(), bad.clerk(), "mean_handling", bad.record_id, "理由", at_us=bad.at_us)
    decide(lodged.record_id, ("dispatcher", "support"), ("shift_leader", "reject"))
    assert figures(Live(d.district_id())) == before


def test_who_may_appeal_against_what(db: Session) -> None:
    _, bad = two_cases()
    clerk = bad.clerk()
    with pytest.raises(UnknownIndicator):
        lodge(d.district_id(), clerk, "happiness", bad.record_id, "理由")
    with pytest.raises(NotConcerned):
        lodge(d.district_id(), d.acting("unit_clerk", unit=hand.BUREAU), "rework_rate", bad.record_id, "理由")
    with pytest.raises(NotFound):
        lodge(d.district_id(), clerk, "rework_rate", uuid4(), "理由")
    with pytest.raises(Refused):
        lodge(d.district_id(), clerk, "rework_rate", bad.record_id, "  ")
    lodged = lodge(d.district_id(), clerk, "rework_rate", bad.record_id, "理由", at_us=bad.at_us)
    with pytest.raises(Refused):
        decide(lodged.record_id, ("shift_leader", "grant"))
