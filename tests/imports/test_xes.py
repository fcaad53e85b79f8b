"""The event log as XES: two readers of others see the same traces, events and attributes, typed."""

from __future__ import annotations

import gzip
import io
import warnings
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from gewu.cases.xes import Asked, write_xes
from support.district import START_US, Walk, acting, district_id, post

NS = "{http://www.xes-standard.org/}"


@pytest.fixture
def log(db: object, tmp_path: Path) -> Path:
    """A log of three cases: one answered, one being handled, one registered, with a mark in its words."""
    Walk().answered()
    Walk(START_US + 86_400_000_000).handling()
    Walk(START_US + 2 * 86_400_000_000).intake(description="<&\"'> 秘密的话 zzz-free-words")
    path = tmp_path / "log.xes"
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        written = write_xes(stream, district_id())
    assert written.traces == 3
    assert written.events == sum(len(trace.findall(f"{NS}event")) for trace in ET.parse(path).getroot())
    return path


def test_it_is_what_the_standard_says(log: Path) -> None:
    root = ET.parse(log).getroot()
    assert root.tag == f"{NS}log"
    assert root.get("xes.version") == "1849-2016"
    order = [child.tag.removeprefix(NS) for child in root]
    kinds = ["extension", "global", "classifier", "string", "trace"]
    assert [one for one in order if one in kinds] == sorted(order, key=kinds.index)
    assert {one.get("prefix") for one in root.findall(f"{NS}extension")} == {"concept", "lifecycle", "org", "time"}
    assert [one.get("scope") for one in root.findall(f"{NS}global")] == ["trace", "event"]
    declared = {one.get("key") for one in root.findall(f"{NS}global")[1]}
    for trace in root.findall(f"{NS}trace"):
        keys = [one.get("key") for one in trace if one.tag != f"{NS}event"]
        assert len(set(keys)) == len(keys)
        assert {"concept:name", "category", "place", "source", "urgent"} <= set(keys)
        for event in trace.findall(f"{NS}event"):
            assert declared <= {one.get("key") for one in event}
            at = next(one.get("value", "") for one in event if one.get("key") == "time:timestamp")
            assert datetime.fromisoformat(at).utcoffset() == timedelta(hours=8)


def test_no_words_and_no_names_are_in_it(log: Path) -> None:
    written = log.read_text(encoding="utf-8")
    for secret in ("zzz-free-words", "秘密", "王某", "13800000000", "油污"):
        assert secret not in written
    officer = post("intake_officer", covering="500101")
    assert f'"{officer.person}"' not in written
    assert officer.name_zh not in written


def test_pm4py_and_rustxes_read_the_same(log: Path) -> None:
    import rustxes

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pm4py

        frame = pm4py.read_xes(str(log), show_progress_bar=False)
    other, _ = rustxes.import_xes(str(log))
    root = ET.parse(log).getroot()
    events = [event for trace in root.findall(f"{NS}trace") for event in trace.findall(f"{NS}event")]
    assert len(frame) == other.height == len(events)
    assert frame["case:concept:name"].nunique() == other["case:concept:name"].n_unique() == 3
    keys = {one.get("key") for event in events for one in event}
    cases = {f"case:{one.get('key')}" for trace in root.findall(f"{NS}trace") for one in trace if one.get("key")}
    assert set(frame.columns) >= keys | cases
    assert set(other.columns) >= keys | cases
    names = [one.get("value") for event in events for one in event if one.get("key") == "concept:name"]
    assert sorted(frame["concept:name"]) == sorted(other["concept:name"].to_list()) == sorted(names)
    assert str(frame["time:timestamp"].dtype).startswith("datetime64")
    assert str(other["time:timestamp"].dtype).startswith("Datetime")
    instants = {datetime.fromtimestamp(at / 1000, UTC) for at in frame["time:timestamp"].astype("int64") // 10**6}
    assert min(instants) == datetime.fromtimestamp(START_US // 1_000_000, UTC)
    assert str(frame["case:urgent"].dtype) in ("bool", "boolean")
    assert str(other["case:urgent"].dtype) == "Boolean"
    assert "int" in str(frame["seq"].dtype).lower()
    assert str(other["seq"].dtype).startswith("Int")
    variants = pm4py.get_variants(frame)
    assert any(variant[-1] == "answer" and "check_pass" in variant for variant in variants)


def test_a_span_titles_and_without_clocks(log: Path) -> None:
    since = datetime.fromtimestamp(START_US / 1_000_000 + 43_200, UTC)
    out = io.StringIO()
    assert write_xes(out, district_id(), Asked(since, since + timedelta(days=1), "zh", clocks=False)).traces == 1
    assert 'value="派遣"' in out.getvalue()
    assert "expire" not in out.getvalue()
    assert acting("dispatcher").actor.unit in out.getvalue()


def test_the_command_writes_it_packed(log: Path, tmp_path: Path) -> None:
    from click.testing import CliRunner

    from gewu.surfaces.cli import main

    target = tmp_path / "out" / "log.xes.gz"
    answer = CliRunner().invoke(main, ["xes", str(target), "--json"])
    assert answer.exit_code == 0, answer.output
    with gzip.open(target, "rt", encoding="utf-8") as stream:
        assert stream.read() == log.read_text(encoding="utf-8")
