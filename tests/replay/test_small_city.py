"""A small made-up export of another city goes through intake, dispatch and closing under its own playbook."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner, Result

from gewu.cases import replay
from gewu.cases.queries import Filter, get_case, list_cases
from gewu.cases.replay import sharing
from gewu.ledger import rebuild, ticker
from gewu.ledger.door import SYSTEM
from gewu.registry.models import District
from gewu.surfaces.cli import main
from replay.cities import City, row
from support.servers import Session

AS_OF = datetime(2024, 9, 1, tzinfo=UTC)


@pytest.fixture
def city(tmp_path: Path) -> City:
    return City(tmp_path)


@pytest.fixture
def play(fresh_db: Session, city: City) -> Callable[..., replay.Replayed]:
    def run(*rows: list[str], as_of: datetime | None = AS_OF, **options: Any) -> replay.Replayed:
        path = options.pop("path", None) or city.export(*rows, **options)
        return replay.run(path, mapping=city.mapping, territory=city.territory, as_of=as_of)

    return run


def stored(db: Session, query: str, *values: Any) -> Iterator[Any]:
    with psycopg.connect(db.owner()) as plain:
        yield from plain.execute(query, values).fetchall()


def epoch(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


def test_a_case_keeps_its_own_times_place_unit_and_words(
    fresh_db: Session, play: Callable[..., replay.Replayed]
) -> None:
    closed = row("7", Frist="2024-07-03T12:00:00", Erledigt="2024-07-02T15:30:00", Betreff="Loch; sehr\ntief")
    result = play(closed)
    assert (result.cases_in, result.cases_filed, result.rejected) == (1, 1, [])
    assert (result.closed_on_time, result.closed_overdue) == (1, 0)
    assert (result.ward_agreement, result.ward_compared, result.chain_ok) == (1, 1, True)
    events = list(stored(fresh_db, "SELECT kind, extract(epoch FROM at)::bigint, unit FROM ledger_event ORDER BY seq"))
    opened = epoch("2024-07-01T09:00:00+02:00")
    assert events == [
        ("file", opened, "desk"), ("dispatch", opened, "desk"), ("close", epoch("2024-07-02T15:30:00+02:00"), "bauamt")
    ]  # fmt: skip
    page = list_cases(result.district_id, SYSTEM, Filter())
    assert [(r.outside_number, r.place, r.source, r.category, r.lead_unit, r.stage) for r in page.rows] == [
        ("7", "990001001", "phone", "matter:musterstadt-schlagloch", "bauamt", "closed")
    ]
    view = get_case(result.district_id, SYSTEM, page.rows[0].record_id)
    assert "Loch; sehr tief" in json.dumps([entry.texts for entry in view.timeline], ensure_ascii=False)
    sealed = list(stored(fresh_db, "SELECT sealed FROM cases_case"))
    assert b"Loch" not in bytes(sealed[0][0])
    assert rebuild.rebuild_all(result.district_id).ok


def test_late_means_after_the_target_and_the_last_second_is_in_time(play: Callable[..., replay.Replayed]) -> None:
    target = "2024-07-03T12:00:00"
    result = play(
        row("1", Frist=target, Erledigt=target),
        row("2", Frist=target, Erledigt="2024-07-03T12:00:01"),
        row("3", Frist=target),
        row("4", Erledigt="2024-08-01T00:00:00"),
    )
    assert (result.closed_on_time, result.closed_overdue) == (1, 1)


def test_clocks_fire_in_between_and_then_the_district_stands_still(
    fresh_db: Session, play: Callable[..., replay.Replayed]
) -> None:
    result = play(row("1", Frist="2024-07-03T12:00:00"))
    due = epoch("2024-07-03T12:00:00+02:00")
    day = 86_400
    at = "SELECT extract(epoch FROM at)::bigint FROM ledger_event WHERE kind = 'expire' ORDER BY seq"
    opened = epoch("2024-07-01T09:00:00+02:00")
    wanted = {due + n * 10 * day for n in range(6)} | {opened + (30 + n * 10) * day for n in range(4)}
    assert [moment for (moment,) in stored(fresh_db, at)] == sorted(one for one in wanted if one <= AS_OF.timestamp())
    assert result.district_id not in ticker.live_districts()
    assert not list(stored(fresh_db, "SELECT 1 FROM ledger_outgoing"))


def test_rows_that_close_before_they_open_are_kept_and_flagged(
    fresh_db: Session, play: Callable[..., replay.Replayed]
) -> None:
    printed = "2024-06-30T08:00:00"
    result = play(row("1", Erledigt=printed, Frist="2024-07-03T12:00:00"))
    assert (result.cases_filed, result.closed_on_time) == (1, 1)
    [(flags, kept, at)] = stored(
        fresh_db,
        "SELECT c.flags, e.payload->'detail'->>'printed_closed_at', extract(epoch FROM e.at)::bigint"
        " FROM cases_case c JOIN ledger_event e USING (district_id, record_id) WHERE e.kind = 'close'",
    )
    assert flags == ["closed_before_open"]
    assert int(kept) == epoch(printed + "+02:00")
    assert at == epoch("2024-07-01T09:00:00+02:00")


@pytest.mark.parametrize(
    ("values", "flags", "place"),
    [
        ({"Breite": "", "Laenge": ""}, ["no_position"], "990001"),
        ({"Breite": "0", "Laenge": "0.0"}, ["no_position"], "990001"),
        ({"Breite": "n/a", "Laenge": "13"}, ["no_position", "position_unreadable"], "990001"),
        ({"Breite": "95", "Laenge": "13"}, ["no_position", "position_unreadable"], "990001"),
        ({"Breite": "nan", "Laenge": "13"}, ["no_position", "position_unreadable"], "990001"),
        ({"Breite": "53", "Laenge": "13"}, ["outside_territory"], "990001"),
        ({"Breite": "52,05", "Laenge": "13,15"}, [], "990001002"),
        ({"Laenge": "13.1"}, ["on_boundary"], "990001001"),
        ({"Amt": ""}, ["no_unit"], "990001001"),
        ({"Betreff": "x" * 41}, ["shortened"], "990001001"),
    ],
)
def test_what_is_missing_is_flagged_and_filed(
    fresh_db: Session, play: Callable[..., replay.Replayed], values: dict[str, str], flags: list[str], place: str
) -> None:
    result = play(row("1", **values))
    assert (result.cases_filed, result.rejected) == (1, [])
    found = list(
        stored(fresh_db, "SELECT c.flags, r.place FROM cases_case c JOIN ledger_record r ON r.id = c.record_id")
    )
    assert found == [(flags, place)]


def test_only_rows_that_cannot_be_read_are_rejected_by_line_and_reason(
    city: City, play: Callable[..., replay.Replayed]
) -> None:
    good = row("1", Betreff="zwei\nZeilen")
    lines = [
        good, row(""), row("2", Eingang=""), row("3", Eingang="gestern"), row("4", Erledigt="31.02.2024"), row("1"),
        row("5", Eingang="1903-01-01T00:00:00"), [*row("6"), "zu viel"], row("7"),
    ]  # fmt: skip
    result = play(*lines)
    assert (result.cases_in, result.cases_filed) == (9, 2)
    assert [(one.line, one.number) for one in result.rejected] == [
        (4, ""), (5, "2"), (6, "3"), (7, "4"), (8, "1"), (9, "5"), (10, "6")
    ]  # fmt: skip
    reasons = " | ".join(one.reason for one in result.rejected)
    for part in ("no number", "no opening time", "'gestern'", "'31.02.2024'", "stands twice, first on line 2", "1990",
                 "12 fields where the header has 11"):  # fmt: skip
        assert part in reasons
    report = city.folder / "deep" / "report.csv"
    replay.write_rejected(result.rejected, report)
    with report.open(encoding="utf-8", newline="") as file:
        assert [line["line"] for line in csv.DictReader(file)] == ["4", "5", "6", "7", "8", "9", "10"]


def test_broken_quotes_cost_their_own_row_only(city: City, play: Callable[..., replay.Replayed]) -> None:
    text = city.export(row("1"), row("2"), row("3")).read_text(encoding="utf-8-sig")
    broken = text.replace('"2"', '"2"x')
    result = play(path=city.raw(broken.encode()))
    assert result.cases_filed == 2
    assert [(one.line, one.number) for one in result.rejected] == [(3, "")]
    assert "not valid CSV" in result.rejected[0].reason


def test_a_second_replay_adds_nothing_and_a_longer_file_only_what_is_new(
    fresh_db: Session, play: Callable[..., replay.Replayed]
) -> None:
    first = play(row("1"), row("2", Art="Laterne aus", Amt="Stadtwerke"))
    again = play(row("1"), row("2", Art="Laterne aus", Amt="Stadtwerke"))
    assert (again.cases_in, again.cases_filed, again.already, again.events) == (2, 0, 2, 0)
    longer = play(row("2"), row("3", Art="Müll", Amt="Stadtreinigung"), name="more.csv")
    assert (longer.cases_filed, longer.already) == (1, 1)
    assert longer.district_id == first.district_id
    units = {code for (code,) in stored(fresh_db, "SELECT code FROM registry_unit WHERE retired_on IS NULL")}
    assert {"bauamt", "stadtwerke", "stadtreinigung"} <= units
    found = stored(fresh_db, "SELECT name_en FROM registry_category WHERE pack = 'replay-musterstadt'")
    assert {name for (name,) in found} == {"Schlagloch", "Laterne aus", "Müll"}


def test_several_processes_write_what_one_writes(
    fresh_db: Session, city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sharing, "SHARE", 5)
    rows = [
        row(str(n), Frist="2024-07-03T12:00:00", Erledigt="2024-07-02T15:30:00" if n % 3 else "") for n in range(17)
    ]
    path = city.export(*rows, row("late", Eingang="2024-09-02T10:00:00"))
    arguments: Any = {"mapping": city.mapping, "territory": city.territory, "as_of": AS_OF}
    first = replay.run(path, processes=3, **arguments)
    assert (first.cases_in, first.cases_filed, first.later, first.rejected) == (18, 17, 1, [])
    assert (first.closed_on_time, first.chain_ok) == (11, True)
    numbers = [number for (number,) in stored(fresh_db, "SELECT number FROM cases_case")]
    assert len(set(numbers)) == 17
    again = replay.run(path, processes=2, **arguments)
    assert (again.already, again.cases_filed, again.events) == (17, 0, 0)


def test_up_to_an_instant_nothing_later_is_played(fresh_db: Session, play: Callable[..., replay.Replayed]) -> None:
    result = play(
        row("1", Erledigt="2024-07-05T09:00:00"), row("2", Eingang="2024-07-06T09:00:00"),
        as_of=datetime(2024, 7, 4),  # noqa: DTZ001 - without a zone it is in the city's
    )  # fmt: skip
    assert (result.cases_filed, result.later) == (1, 1)
    assert list(stored(fresh_db, "SELECT stage FROM ledger_record")) == [("dispatched",)]
    [(as_of,)] = stored(fresh_db, "SELECT as_of FROM ledger_standstill")
    assert as_of == datetime.fromisoformat("2024-07-04T00:00:00+02:00")


def test_without_an_instant_the_newest_in_the_data_counts(
    fresh_db: Session, play: Callable[..., replay.Replayed]
) -> None:
    play(row("1", Erledigt="2024-07-05T09:00:00", Frist="2031-01-01T00:00:00"), row("2"), as_of=None)
    [(as_of,)] = stored(fresh_db, "SELECT as_of FROM ledger_standstill")
    assert as_of == datetime.fromisoformat("2024-07-05T09:00:00+02:00")


@pytest.mark.parametrize(
    ("text", "form", "instant"),
    [
        ("2024-07-01T09:00:00Z", "iso", "2024-07-01T09:00:00+00:00"),
        ("2024-01-01 09:00", "iso", "2024-01-01T09:00:00+01:00"),
        ("2024-07-01", "iso", "2024-07-01T00:00:00+02:00"),
        ("01.07.2024 09:05", "%d.%m.%Y %H:%M", "2024-07-01T09:05:00+02:00"),
        ("07/01/2024 12:05:00 AM", "%m/%d/%Y %I:%M:%S %p", "2024-07-01T00:05:00+02:00"),
        ("07/01/2024 12:05:00 pm", "%m/%d/%Y %I:%M:%S %p", "2024-07-01T12:05:00+02:00"),
        ("1 Jul 2024 09:00 +0530", "%d %b %Y %H:%M %z", "2024-07-01T09:00:00+05:30"),
        ("2024-10-27T02:30:00", "iso", "2024-10-27T02:30:00+02:00"),
        ("2024-03-31T02:30:00", "iso", "2024-03-31T02:30:00+01:00"),
    ],
)
def test_times_are_read_in_the_city_s_zone(
    fresh_db: Session, city: City, play: Callable[..., replay.Replayed], text: str, form: str, instant: str
) -> None:
    city.change("mapping.yaml", "times: {format: iso}", f'times: {{format: "{form}"}}')
    play(row("1", Eingang=text), as_of=datetime(2025, 1, 1, tzinfo=UTC))
    found = list(stored(fresh_db, "SELECT at FROM ledger_event WHERE seq = 1"))
    assert found == [(datetime.fromisoformat(instant),)]


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(("ending", "bom"), [("\r\n", True), ("\n", False)])
def test_gzip_marks_and_line_ends_make_no_difference(
    city: City, play: Callable[..., replay.Replayed], packed: bool, ending: str, bom: bool
) -> None:
    path = city.export(row("1"), row("2"), ending=ending, bom=bom)
    if packed:
        path = city.raw(gzip.compress(path.read_bytes()), "export.bin")
    assert play(path=path).cases_filed == 2


def test_unknown_places_and_sources_do_not_count_against_the_rows(play: Callable[..., replay.Replayed]) -> None:
    result = play(
        row("1", Bezirk="Bezirk süd", Laenge="13.15"), row("2", Bezirk="Süd"), row("3", Bezirk="West", Weg="Fax")
    )
    assert (result.cases_filed, result.ward_agreement, result.ward_compared) == (3, 1, 2)


# ---- the command


def call(city: City, path: Path, *options: str) -> Result:
    arguments = ["replay", str(path), "--mapping", str(city.mapping), "--territory", str(city.territory), *options]
    return CliRunner().invoke(main, arguments)


KEYS = [
    "cases_in", "cases_filed", "rejected", "events", "seconds", "cases_per_s", "closed_on_time", "closed_overdue",
    "ward_agreement", "ward_compared", "chain_ok",
]  # fmt: skip


def test_the_last_line_is_json_with_or_without_words(fresh_db: Session, city: City, tmp_path: Path) -> None:
    path = city.export(row("1", Erledigt="2024-07-01T10:00:00", Frist="2024-07-02T00:00:00"), row(""))
    report = tmp_path / "rejected.csv"
    result = call(city, path, "--json", "--report", str(report))
    assert result.exit_code == 0, result.output
    assert len(result.stdout.splitlines()) == 1
    figures = json.loads(result.stdout)
    assert list(figures) == KEYS
    assert (figures["cases_in"], figures["cases_filed"], figures["rejected"], figures["closed_on_time"]) == (2, 1, 1, 1)
    assert figures["chain_ok"] is True
    assert report.read_text(encoding="utf-8").splitlines()[1] == "3,,has no number"
    again = call(city, path, "--report", str(report))
    assert again.exit_code == 0
    assert "0 cases filed" in again.stdout
    assert json.loads(again.stdout.splitlines()[-1])["cases_filed"] == 0
    assert "1 cases were there already" in again.stderr


def test_a_broken_chain_and_an_empty_harvest_end_with_code_1(fresh_db: Session, city: City) -> None:
    assert call(city, city.export(row("1", Eingang="?")), "--json").exit_code == 1
    path = city.export(row("1"))
    assert call(city, path, "--json").exit_code == 0
    with psycopg.connect(fresh_db.owner(), autocommit=True) as plain:
        plain.execute("ALTER TABLE ledger_event DISABLE TRIGGER USER")
        plain.execute("UPDATE ledger_event SET unit = 'somebody' WHERE seq = 1")
        plain.execute("ALTER TABLE ledger_event ENABLE TRIGGER USER")
    result = call(city, path, "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["chain_ok"] is False


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("mapping.yaml", "  opened: Eingang\n", "", "mapping.yaml:11: columns.opened is missing"),
        ("mapping.yaml", "  title: Betreff", "  titel: Betreff", "mapping.yaml:19: unknown field 'columns.titel'"),
        ("mapping.yaml", "Europe/Berlin", "Europe/Bärlin", "mapping.yaml:8: timezone 'Europe/Bärlin' is unknown"),
        ("mapping.yaml", '"(?:Bezirk )?(.+)"', '"[0-9]+"', "mapping.yaml:28: pattern needs exactly one group"),
        ("mapping.yaml", "Telefon: phone", "Telefon: call", "mapping.yaml:37: source 'call' is not one of"),
        ("mapping.yaml", '"990001"', "990001", "mapping.yaml:6: bare code 990001"),
        ("mapping.yaml", "life.yaml", "death.yaml", "mapping.yaml:4:"),
        ("mapping.yaml", "  clerk: {en", "  typist: {en", "role 'clerk'"),
        ("life.yaml", "  close:\n    title", "  finish:\n    title", "life.yaml:1: a replay needs a move 'close'"),
        ("life.yaml", "title: {type: text,", "name: {type: text,", "mapping.yaml:19: column title is mapped, but"),
        ("life.yaml", "from: dispatched", "from: nowhere", "life.yaml:"),
    ],
)
def test_a_bad_mapping_is_refused_with_file_and_line(
    db: Session, city: City, file: str, old: str, new: str, said: str
) -> None:
    city.change(file, old, new)
    result = call(city, city.export(row("1")))
    assert result.exit_code == 2
    assert said in result.stderr
    assert not list(stored(db, "SELECT 1 FROM ledger_record"))


def test_a_playbook_that_strands_cases_is_refused(db: Session, city: City) -> None:
    city.change("life.yaml", "      - {role: clerk, relation: letter, slot: handle}\n", "")
    result = call(city, city.export(row("1")))
    assert result.exit_code == 2
    assert "life.yaml:" in result.stderr
    assert not District.objects.filter(code="990001").exists()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (b"Nr;Eingang\n1;2\n", "has no column 'Frist'"),
        (b"\x1f\x8b broken", "cannot be read"),
    ],
)
def test_a_file_that_is_no_such_export_is_refused(db: Session, city: City, data: bytes, said: str) -> None:
    result = call(city, city.raw(data))
    assert result.exit_code == 2
    assert said in result.stderr


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"FeatureCollection"', '"Feature", "features": []', "is not a GeoJSON FeatureCollection"),
        ('"name": "Nord"', '"name": null', "feature 1 has no property 'name'"),
        ('"type": "Polygon"', '"type": "Line"', "feature 1 has no polygon"),
        ('{"type": "FeatureCollection"', '{"crs": {"properties": {"name": "EPSG:25833"}}, "type": "FeatureCollection"',
         "WGS-84"),
        ('{"type"', '{"type', "cannot be read as GeoJSON"),
    ],
)  # fmt: skip
def test_a_territory_that_is_none_is_refused(db: Session, city: City, old: str, new: str, said: str) -> None:
    text = city.territory.read_text(encoding="utf-8")
    city.territory.write_text(text.replace(old, new, 1), encoding="utf-8")
    result = call(city, city.export(row("1")))
    assert result.exit_code == 2, result.stderr
    assert said in result.stderr


def test_missing_files_and_bad_instants_are_wrong_usage(city: City) -> None:
    assert call(city, city.folder / "nothing.csv").exit_code == 2
    result = call(city, city.export(row("1")), "--as-of", "tomorrow")
    assert result.exit_code == 2
    assert "ISO 8601" in result.stderr


def test_a_district_of_somebody_else_is_not_touched(db: Session, city: City) -> None:
    city.change("mapping.yaml", '"990001"', '"500101"')
    result = call(city, city.export(row("1")))
    assert result.exit_code == 2
    assert "already defined by pack 'wanzhou'" in result.stderr
