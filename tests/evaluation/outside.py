"""An auditor's own computation, from the exported events alone. It knows Gewu's events and nothing of its program.

Run it by itself: ``python outside.py FOLDER FROM UNTIL AS_OF`` with instants in seconds.
"""

from __future__ import annotations

import json
import math
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import duckdb

DAY = 86_400
PUBLIC = {"phone", "counter", "chat", "web", "api"}


def read(folder: Path, as_of: int) -> dict[str, list[dict[str, Any]]]:
    """The events of each case up to an instant, in order."""
    cases: dict[str, list[dict[str, Any]]] = defaultdict(list)
    rows = duckdb.sql(
        f"SELECT record_id, seq, \"at\", kind, unit, payload FROM read_parquet('{folder}/events.parquet')"
        " ORDER BY district_id, record_id, seq"
    ).fetchall()
    for record, _seq, at, kind, unit, payload in rows:
        if at // 1_000_000 <= as_of:
            cases[record].append({"at": at // 1_000_000, "kind": kind, "unit": unit, "payload": json.loads(payload)})
    return {record: events for record, events in cases.items() if events[0]["payload"]["effects"][0][1] == "case"}


def life(events: list[dict[str, Any]], as_of: int) -> dict[str, Any]:
    """What an auditor notes down of one case."""
    first = events[0]
    detail = first["payload"].get("detail", {})
    case: dict[str, Any] = {
        "reported": detail.get("reported_at", first["at"]), "filed": None, "dispatched": None, "handled": None,
        "closed": None, "lead": "", "received": [], "returned": [], "reworks": 0, "fields": {}, "ended": "",
        "place": "", "lon": detail.get("lon_e6"), "lat": detail.get("lat_e6"), "slips": {}, "clocks": {},
    }  # fmt: skip
    for event in events:
        kind, at = event["kind"], event["at"]
        for effect in event["payload"]["effects"]:
            if effect[0] == "set":
                case["fields"][effect[1]] = effect[2]
            elif effect[0] == "place":
                case["place"] = effect[1]
                if event is not first:
                    case["lon"] = case["lat"] = None
            elif effect[0] == "clock":
                case["clocks"][effect[1]["id"]] = effect[1]
            elif effect[0] == "open" and effect[1]["slot"] == "handle" and effect[1]["mode"] == "lead":
                case["lead"] = effect[1]["unit"]
                if kind != "rework":  # from the desk, at a table where residents raise it, back from the centre
                    case["received"].append(effect[1]["unit"])
                    case["dispatched"] = case["dispatched"] or at
        if kind in ("file", "file_unverified", "fix_on_spot") and case["filed"] is None:
            case["filed"] = at
        if kind == "fix_on_spot":
            case["handled"] = case["closed"] = at
        if kind in ("return_case", "uphold_objection"):
            case["returned"].append(case["lead"])
        if kind in ("report_handled", "reply_by_letter"):
            case["handled"] = at
        if kind == "rework":
            case["handled"] = None
            case["reworks"] += 1
        if kind in ("close", "force_close"):
            case["closed"] = at
        if kind in ("void", "merge", "decline"):
            case["ended"] = {"void": "voided", "merge": "merged", "decline": "declined"}[kind]
    case["verdict"] = verdict(case, events, as_of)
    return case


def verdict(case: dict[str, Any], events: list[dict[str, Any]], as_of: int) -> str:
    """Whether the present unit handed back in time: kept, late, or nothing yet. Late once is late."""
    mine = [c for c in case["clocks"].values() if c["spec"] == "handle" and c["holder"] == case["lead"]]
    gone = {
        effect[1]: (effect[2], event["at"])
        for event in events
        for effect in event["payload"]["effects"]
        if effect[0] == "end"
    }
    found = ""
    for clock in mine:
        due, stopped = clock["due_at"], clock["stopped_at"]
        if clock["status"] == "stopped" and stopped > due:
            return "late"
        outcome = gone.get(clock["assignment"], ("", 0))[0]
        if clock["status"] == "running":
            found = "late" if due < as_of else ""
        elif clock["status"] == "paused":
            found = "late" if stopped > due else ""
        elif outcome == "done":
            found = "kept"
    return found


def near(a: dict[str, Any], b: dict[str, Any]) -> bool:
    if None in (a["lon"], b["lon"]):
        return len(a["place"]) == 15 and a["place"] == b["place"]
    metres = 6_371_000 * math.pi / 180 / 1e6
    north = (a["lat"] - b["lat"]) * metres
    east = (a["lon"] - b["lon"]) * metres * math.cos(math.radians(a["lat"] / 1e6))
    return math.hypot(north, east) <= 50


def figures(folder: Path, start: int, end: int, as_of: int) -> dict[str, dict[str, tuple[int, int, int]]]:
    """Indicator -> unit (and "" for the district) -> numerator, denominator, unanswered."""
    cases = [life(events, as_of) for events in read(folder, as_of).values()]
    found: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0, 0]))

    def put(code: str, unit: str, numerator: int, denominator: int, unanswered: int = 0) -> None:
        for group in dict.fromkeys(("", unit)):
            for slot, value in enumerate((numerator, denominator, unanswered)):
                found[code][group][slot] += value

    def within(instant: int | None) -> bool:
        return instant is not None and start <= instant < end

    for case in cases:
        fields, lead = case["fields"], case["lead"]
        source = fields.get("source")
        if within(case["reported"]):
            put("reported", lead, 1, 0)
            put("public_report", lead, source in PUBLIC, 1)
            if source == "collector" and (case["filed"] or case["ended"]):
                put("valid_report", lead, case["filed"] is not None, 1)
        if within(case["filed"]):
            put("filed", lead, 1, 0)
            put("miss_rate", lead, source in PUBLIC, 1)
        if within(case["dispatched"]):
            put("rework_rate", lead, case["reworks"] > 0, 1)
            put("handling_rate", lead, case["handled"] is not None, 1)
            for unit in case["received"]:
                put("return_rate", unit, 0, 1)
            for unit in case["returned"]:
                put("return_rate", unit, 1, 0)
            if case["verdict"]:
                put("on_time_handling", lead, case["verdict"] == "kept", 1)
            if case["handled"] is not None:
                put("mean_handling", lead, case["handled"] - case["dispatched"], 1)
        if within(case["closed"]):
            put("closed", lead, 1, 0)
            if fields.get("has_reporter"):
                said = fields.get("solved") not in (None, "", "no_answer")
                put("solved_rate", lead, said and fields["solved"] == "solved", said, not said)
            if case["closed"] + 30 * DAY <= as_of:
                put("recurred_30", lead, came_back(case, cases), 1)
    return {code: {unit: (n, d, u) for unit, (n, d, u) in groups.items()} for code, groups in found.items()}


def came_back(case: dict[str, Any], cases: list[dict[str, Any]]) -> bool:
    return any(
        other is not case
        and other["ended"] not in ("voided", "merged")
        and other["fields"].get("category") == case["fields"].get("category")
        and 0 <= other["reported"] - case["closed"] <= 30 * DAY
        and near(case, other)
        for other in cases
    )


if __name__ == "__main__":
    made = figures(Path(sys.argv[1]), *(int(a) for a in sys.argv[2:5]))
    sys.stdout.write(json.dumps(made, indent=1, sort_keys=True) + "\n")
