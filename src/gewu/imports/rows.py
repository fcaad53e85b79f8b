"""From the cells of a row, or the fields of an item of the API, to what can be imported, or to what is wrong."""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from openpyxl.utils.datetime import from_excel

from gewu.cases.services import PLAYBOOK, Where, position_of
from gewu.core.decide import decide
from gewu.core.forms import EARLIEST, LATEST
from gewu.core.playbook.model import Move, Playbook
from gewu.core.records import Arg, Command, Refusal
from gewu.imports.given import (
    Given,
    category_index,
    degrees,
    given_of_item,
    given_of_row,
    parsed_time,
    place_index,
)
from gewu.imports.mapping import FIELDS, REPORT, Platform, folded
from gewu.imports.problems import BadFile, Problem
from gewu.imports.sheets.table import Cell, RawRow, Sheet
from gewu.ledger.door import Acting, new_id
from gewu.ledger.keys import keyed_hash
from gewu.ledger.lookups import Position, facts_for
from gewu.registry.directory import Directory
from gewu.registry.positions import BadPosition, OutsideDistrict

WITHOUT = "-"
"""The choice for an unknown category that imports its rows without one: they wait to be registered."""

CLOCKS_APART = 600
"""Seconds by which another system's clock may run ahead of ours."""

LONGEST_TIME = 40
_FREE = ("title", "description", "address", "reporter_name", "reporter_phone")
_FORMATS = (
    "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y-%m-%d", "%Y/%m/%d",
    "%Y年%m月%d日 %H:%M:%S", "%Y年%m月%d日 %H:%M", "%Y年%m月%d日 %H时%M分", "%Y年%m月%d日", "%Y.%m.%d %H:%M",
    "%Y.%m.%d", "%Y%m%d%H%M%S", "%Y%m%d",
)  # fmt: skip
_SERIALS = (32_874, 73_050)
"""Day numbers of a spreadsheet from 1990 to 2099."""


@dataclass(frozen=True, slots=True)
class Item:
    """A row that can be imported. Instants are seconds since the epoch; ``digest`` tells whether its words changed."""

    row: int
    number: str
    move: str
    args: dict[str, Arg]
    texts: dict[str, str]
    position: Position
    received: int
    deadline: int | None
    reminder: bool
    digest: bytes
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Bad:
    """A row that is left out. ``cells`` are its cells as they stand, for the report."""

    row: int
    number: str
    problems: tuple[Problem, ...]
    cells: tuple[str, ...] = ()


@dataclass(slots=True)
class Tally:
    """What was met on the way: unknown categories with the number of their rows, telephones left out."""

    unknown: dict[str, int] = field(default_factory=dict)
    masked: int = 0


class Judge:
    """Judges rows of one platform for one district. Everything it needs is looked up once; it writes nothing."""

    def __init__(
        self,
        directory: Directory,
        platform: Platform,
        acting: Acting,
        now: int,
        choices: Mapping[str, str] | None = None,
    ) -> None:
        """Raises ``BadFile`` where the district's playbook cannot take what the mapping gives."""
        self.platform = platform
        self.tally = Tally()
        self._directory = directory
        self._acting = acting
        self._now = now
        self._choices = {folded(name): key for name, key in (choices or {}).items()}
        self._zone = ZoneInfo(platform.spec.zone or directory.district.timezone)
        self._playbook = self._book()
        self._source = self._source_of(self._move(platform.spec.move))
        self._table = {folded(name): key for name, key in platform.spec.categories.table.items()}
        self._categories = category_index(directory)
        self._places = place_index(directory)
        self._first: dict[str, int] = {}

    def _book(self) -> Playbook:
        playbook = self._directory.playbook(PLAYBOOK)
        if playbook is None or self.platform.spec.move not in playbook.moves:
            raise BadFile("no_playbook", move=self.platform.spec.move, source=self.platform.spec.source)
        return playbook

    def _move(self, name: str) -> Move:
        return self._playbook.moves[name]

    def _source_of(self, move: Move) -> str:
        choices = next((f.choices for f in move.form if f.name == "source"), ())
        found = next((one for one in (self.platform.spec.source, "api") if one in choices), "")
        if not found:
            raise BadFile("no_playbook", move=move.name, source=self.platform.spec.source)
        return found

    def row(self, sheet: Sheet, row: RawRow) -> Item | Bad:
        """Judge a row of a sheet."""
        problems = [row.fault] if row.fault else []
        given = given_of_row(sheet, row)
        for positions in sheet.columns.values():
            for at in positions:
                cell = row.cells[at]
                if cell.fault:
                    problems.append(Problem(cell.fault, sheet.header[at], {"text": cell.text[:40]}))
        column, merge = sheet.merged(row.number)
        if merge:
            problems.append(Problem("merged", column, {"range": merge}))
        number = given["number"].cell.text[:60] if "number" in given else ""
        if number:
            first = self._first.setdefault(number, row.number)
            if first != row.number:
                problems.append(Problem("doubled", given["number"].label, {"text": number, "first": first}))
        found = self._judged(row.number, given, problems)
        if isinstance(found, Item):
            return found
        return Bad(row.number, number, tuple(found), tuple(cell.text for cell in row.cells))

    def item(self, place: int, item: Mapping[str, Any]) -> Item | Bad:
        """Judge an item of the API; ``place`` is its place in the request, from 1."""
        given, problems = given_of_item(self.platform, item)
        problems += [
            Problem(one.cell.fault, one.label, {"text": one.cell.text[:40]}) for one in given.values() if one.cell.fault
        ]
        number = given["number"].cell.text[:60] if "number" in given else ""
        if number:
            first = self._first.setdefault(number, place)
            if first != place:
                problems.append(Problem("doubled", given["number"].label, {"text": number, "first": first}))
        found = self._judged(place, given, problems)
        return found if isinstance(found, Item) else Bad(place, number, tuple(found))

    # ---- one row

    def _judged(self, row: int, given: Mapping[str, Given], problems: list[Problem]) -> Item | list[Problem]:
        """The item, or everything that is wrong with it."""
        self._needed(given, problems)
        number = self._number(given, problems)
        received = self._instant(given, "received", problems)
        deadline = self._instant(given, "deadline", problems)
        if received is not None and received > self._now + CLOCKS_APART:
            problems.append(Problem("future", given["received"].label, {"text": given["received"].cell.text}))
        if deadline is not None and deadline < (received if received is not None else EARLIEST):
            problems.append(Problem("deadline_before", given["deadline"].label, {"text": given["deadline"].cell.text}))
        urgent, reminder = self._yes(given, "urgent", problems), self._yes(given, "reminder", problems)
        move, category = self._category(given, problems)
        position = self._position(given, problems)
        texts = self._texts(given, urgent=urgent and move == REPORT)
        if problems or position is None:
            return problems or [Problem("unknown_place")]
        args = self._args(move, category, texts, urgent)
        problems += self._refusals(given, move, args, texts, position)
        if problems:
            return problems
        digest = keyed_hash(json.dumps(["import", texts, category, urgent], sort_keys=True).encode())[:16]
        at = min(received if received is not None else self._now, self._now)
        flags = ("place_disputed",) if _disputed(self._place(given, []), position) else ()
        return Item(row, number, move, args, texts, position, at, deadline, reminder, digest, flags)

    def _needed(self, given: Mapping[str, Given], problems: list[Problem]) -> None:
        for name in FIELDS:
            column = self.platform.column(name)
            needed = column is not None and (column.required or name in ("number", "description"))
            if needed and column is not None and (name not in given or not given[name].cell.text):
                label = given[name].label if name in given else column.names[0]
                problems.append(Problem("required", label))

    def _number(self, given: Mapping[str, Given], problems: list[Problem]) -> str:
        one = given.get("number")
        if one is None or not one.cell.text or one.cell.fault:
            return ""
        number = one.cell.text
        pattern = self.platform.number
        if len(number) > 60 or "\n" in number or (pattern is not None and not pattern.fullmatch(number)):
            title = {"en": self.platform.title.en, "zh": self.platform.title.zh}
            problems.append(Problem("number_form", one.label, {"text": number[:60], "platform": title}))
        return number

    def _instant(self, given: Mapping[str, Given], name: str, problems: list[Problem]) -> int | None:
        one = given.get(name)
        if one is None or not one.cell.text or one.cell.fault:
            return None
        column = self.platform.column(name)
        at = self._time(one.cell, (*(column.formats if column else ()), *_FORMATS), end=name == "deadline")
        if at is None or not EARLIEST <= at < LATEST:
            problems.append(Problem("bad_time", one.label, {"text": one.cell.text[:40]}))
            return None
        return at

    def _time(self, cell: Cell, formats: tuple[str, ...], *, end: bool) -> int | None:
        """Seconds since the epoch. A day without a time begins, or for a deadline ends, with the day."""
        at = cell.at
        if at is None and cell.number is not None and _SERIALS[0] <= cell.number <= _SERIALS[1]:
            found: Any = from_excel(cell.number)
            at = found if isinstance(found, datetime) else None
        if at is None and len(cell.text) <= LONGEST_TIME:
            at = parsed_time(unicodedata.normalize("NFKC", cell.text).strip(), formats)
        if at is None:
            return None
        if end and at.time() == time.min:
            at = at.replace(hour=23, minute=59, second=59)
        if at.tzinfo is None:
            at = at.replace(tzinfo=self._zone)
        try:
            return math.floor(at.timestamp())
        except (OverflowError, ValueError):
            return None

    def _yes(self, given: Mapping[str, Given], name: str, problems: list[Problem]) -> bool:
        one, column = given.get(name), self.platform.column(name)
        if one is None or column is None or not one.cell.text or one.cell.fault:
            return False
        text = one.cell.text.casefold()
        if text in {word.casefold() for word in column.yes}:
            return True
        if text not in {word.casefold() for word in column.no}:
            allowed = [*column.no, *column.yes]
            problems.append(Problem("bad_word", one.label, {"text": one.cell.text[:40], "allowed": allowed}))
        return False

    def _category(self, given: Mapping[str, Given], problems: list[Problem]) -> tuple[str, str]:
        """The move that imports this row, and the key of its category."""
        spec, one = self.platform.spec, given.get("category")
        if one is not None and one.cell.fault:
            return spec.move, ""
        text = one.cell.text if one else ""
        found = self._meant(text) if text else spec.categories.default
        if found and found != WITHOUT and self._directory.category(found) is not None:
            return spec.move, found
        if found == WITHOUT or (not text and spec.move == REPORT):
            return REPORT, ""
        shown = text or "—"
        self.tally.unknown[shown] = self.tally.unknown.get(shown, 0) + 1
        if spec.categories.unknown == REPORT:
            return REPORT, ""
        label = one.label if one else (spec.columns.category.names[0] if spec.columns.category else "category")
        problems.append(Problem("unknown_category" if text else "required", label, {"text": text[:60]}))
        return spec.move, ""

    def _meant(self, text: str) -> str:
        key = folded(text)
        found = self._choices.get(key) or self._table.get(key) or self._categories.get(key)
        if not found and text.isdigit() and len(text) < self.platform.spec.categories.width:
            padded = text.zfill(self.platform.spec.categories.width)
            found = self._table.get(padded) or self._categories.get(padded)
        return found or ""

    def _position(self, given: Mapping[str, Given], problems: list[Problem]) -> Position | None:
        place = self._place(given, problems)
        lon, lat = given.get("longitude"), given.get("latitude")
        texts = [one.cell.text if one else "" for one in (lon, lat)]
        if any(one is not None and one.cell.fault for one in (lon, lat)):
            return None
        try:
            if any(texts):
                label = lon.label if lon else "longitude"
                at = degrees(texts[0]), degrees(texts[1])
                return position_of(self._directory, Where(*at, self.platform.spec.datum, place))
            return position_of(self._directory, Where(place=place))
        except OutsideDistrict:
            problems.append(Problem("outside_district", label, {"text": ", ".join(texts)[:60]}))
        except (BadPosition, ValueError):
            problems.append(Problem("bad_position", label if any(texts) else "", {"text": ", ".join(texts)[:60]}))
        return None

    def _place(self, given: Mapping[str, Given], problems: list[Problem]) -> str:
        one = given.get("place")
        if one is None or not one.cell.text or one.cell.fault:
            return ""
        text = self.platform.spec.places.get(one.cell.text, one.cell.text)
        known = self._directory.place(text)
        if known is not None and known.active:
            return text
        district = self._directory.district
        bare = next((text.removeprefix(name) for name in (district.name_zh,) if text.startswith(name)), text) or text
        codes = self._places.get(folded(bare), ())
        if len(codes) == 1:
            return codes[0]
        code = "ambiguous_place" if codes else "unknown_place"
        problems.append(Problem(code, one.label, {"text": one.cell.text[:60]}))
        return ""

    def _texts(self, given: Mapping[str, Given], *, urgent: bool) -> dict[str, str]:
        found = {name: given[name].cell.text for name in _FREE if name in given and given[name].cell.text}
        title = found.pop("title", "")
        if title and title not in found.get("description", ""):
            found["description"] = f"{title}\n{found.get('description', '')}".strip()
        if urgent:
            # A report carries no mark of urgency: the words keep it until the duty desk registers it.
            found["description"] = f"【紧急】{found.get('description', '')}"
        phone = unicodedata.normalize("NFKC", found.pop("reporter_phone", ""))
        if "*" in phone:
            self.tally.masked += 1
        elif phone:
            found["reporter_phone"] = re.sub(r"[()]", "", phone).strip(" -")
        return found

    def _args(self, move: str, category: str, texts: Mapping[str, str], urgent: bool) -> dict[str, Arg]:
        declared = self._move(move).declared
        args: dict[str, Arg] = {"source": self._source}
        if category:
            args["category"] = category
        if urgent and "urgent" in declared:
            args["urgent"] = True
        if self.platform.spec.answer or texts.get("reporter_name") or texts.get("reporter_phone"):
            args["has_reporter"] = True
        return args

    def _refusals(
        self, given: Mapping[str, Given], move: str, args: dict[str, Arg], texts: dict[str, str], position: Position
    ) -> list[Problem]:
        """What the playbook has against it: asked beforehand, so that each fault is named with its column."""
        command = Command(str(new_id()), move, args, texts)
        facts = facts_for(self._directory, self._move(move), command, self._acting.actor, self._now, position)
        answer = facts if isinstance(facts, Refusal) else decide(self._playbook, None, command, facts)
        if not isinstance(answer, Refusal):
            return []
        if answer.fields:
            return [
                Problem("field", given[name].label if name in given else name, {"fault": fault, "field": name})
                for name, fault in answer.fields.items()
            ]
        return [Problem("refused", "", {"reason": answer.code})]


def _disputed(place: str, position: Position) -> bool:
    """Whether the place that was named and the place of the coordinates exclude one another."""
    found = position.place
    return bool(place) and not (found.startswith(place) or place.startswith(found) or place in position.candidates)
