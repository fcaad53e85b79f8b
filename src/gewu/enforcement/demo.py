"""The acts that come with a pack, carried out once: the demo shows bodies with a history."""

from __future__ import annotations

from pathlib import Path

from gewu.enforcement.acts import read_act
from gewu.enforcement.reform import apply

FOLDER = "reforms"


def run(district_id: int, pack: Path) -> list[str]:
    """Carry out the acts in a pack's folder in the order of their files; returns the numbers of those that were new.

    Raises ``ActError`` or ``NotPossible`` for an act that does not fit the district.
    """
    files = sorted(f for f in (pack / FOLDER).glob("*") if f.suffix in (".yaml", ".csv"))
    plans = [apply(district_id, read_act(file), by="gewu demo") for file in files]
    return [plan.act.number for plan in plans if plan.done is None]
