"""The whole export of a real city: 93,963 requests, with the figures that its own columns give."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.db import connection

from gewu.cases.replay import read_mapping
from gewu.core.playbook import check_playbook
from gewu.ledger import rebuild
from gewu.registry.models import District
from gewu.surfaces.cli import main
from support.servers import ROOT, Session

MAPPING = ROOT / "packs" / "boston311" / "mapping.yaml"
DATA = Path(os.environ.get("GEWU_DATA") or ROOT.parent / "shared" / "data") / "boston311"
EXPORT = DATA / "service_requests_2015_jan_sep.csv.gz"


def test_the_playbook_of_the_mapping_is_sound() -> None:
    mapping = read_mapping(MAPPING)
    assert check_playbook(mapping.playbook, roles_held=set(mapping.spec.roles)) == []


def test_wards_are_recognised_however_they_are_written() -> None:
    mapping = read_mapping(MAPPING)
    assert [mapping.place_key(text) for text in ("3", "03", "Ward 3", " ward 03 ", "22", "", "Third")] == [
        "3", "3", "3", "3", "22", "", ""
    ]  # fmt: skip


@pytest.mark.skipif(
    bool(os.environ.get("GEWU_TEST_DATABASE_URL")),
    reason="minutes long, and what differs between servers is tested elsewhere: it runs once, on the embedded server",
)
@pytest.mark.skipif(not EXPORT.is_file(), reason=f"the real export is not at {EXPORT} (GEWU_DATA names its folder)")
def test_the_whole_export_gives_the_facts(fresh_db: Session) -> None:
    territory = DATA / "wards.geojson"
    arguments = ["replay", str(EXPORT), "--mapping", str(MAPPING), "--territory", str(territory), "--json"]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    figures = json.loads(result.stdout.splitlines()[-1])
    assert figures["chain_ok"] is True
    exact = (
        "cases_in",
        "cases_filed",
        "rejected",
        "closed_on_time",
        "closed_overdue",
        "ward_agreement",
        "ward_compared",
    )
    assert [figures[name] for name in exact] == [93_963, 93_963, 0, 46_031, 16_037, 79_663, 80_523]
    with connection.cursor() as cursor:
        cursor.execute("SELECT flag, count(*) FROM cases_case, unnest(flags) AS flag GROUP BY flag")
        flags = dict(cursor.fetchall())
    assert flags["closed_before_open"] == 176
    assert flags["no_position"] == 13_425
    assert flags["outside_territory"] == 12
    rebuilt = rebuild.rebuild_all(District.objects.get(code="025025").pk)
    assert rebuilt.ok, rebuilt.differences[:5]
    assert rebuilt.records == 93_963
