"""Finding cases by what was said in them: words, Chinese phrases, numbers, and the telephone of who called.

The index gives candidates (all bigrams of a phrase stand in one event's words), the words themselves decide: ``AB`` and
``BC`` may stand apart where ``ABC`` was asked for, so each candidate of a page is opened and read before it is shown.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from gewu.cases.queries.lists import COLUMNS, FROM, PAGE, Filter, conditions
from gewu.cases.queries.marks import uuid_of
from gewu.cases.queries.rows import CaseRow, open_texts, row_of
from gewu.cases.words import NUMBER_TAIL, TOKEN, WORD_LENGTH, district_lexeme, folded, spoken
from gewu.ledger.door import Acting
from gewu.ledger.keys import KeyFault, lookup_hash

MOST_LETTERS = 200
"""What is typed beyond this is not looked at."""
MOST_PHRASES = 6
MOST_ROUNDS = 3
"""How often a page is filled up when the words of candidates say no: the bound on statements."""
PREFIX_FROM = 3
"""A word of so many letters also finds longer words that begin with it."""
PHONE_DIGITS = 7
SEES_CALLERS = frozenset({"intake_officer", "shift_leader"})
"""Roles whose work needs to know who called; a telephone number is looked up for nobody else."""
BEFORE, AFTER = 24, 70
"""Characters of an excerpt on either side of where its match begins."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of an excerpt; ``hit`` when it is what was looked for."""

    text: str
    hit: bool = False


@dataclass(frozen=True, slots=True)
class Match:
    """A case that was found, with the words in which it was; no pieces when a number or telephone found it."""

    row: CaseRow
    pieces: tuple[Piece, ...] = ()

    @property
    def excerpt(self) -> str:
        """The pieces as plain text, or the beginning of the case's words."""
        return "".join(piece.text for piece in self.pieces) or self.row.excerpt


@dataclass(frozen=True, slots=True)
class Matches:
    """A page of what was found, newest first; ``after`` is None at the end. A page may be short and not the last."""

    found: list[Match]
    after: str | None
    asked: bool
    """Whether there was anything to look for: a query of punctuation alone asks for nothing."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """Something between spaces: it has to stand together in one text."""

    needle: str
    """Its tokens as ``_laid_out`` writes them."""
    query: str
    """The same for the index: what every text that holds it has among its lexemes."""


def search(
    district_id: int,
    acting: Acting,
    text: str,
    wanted: Filter | None = None,
    *,
    after: str | None = None,
    limit: int = PAGE,
) -> Matches:
    """One page of the cases in which all phrases of ``text`` stand, newest first, in at most three statements.

    Case numbers, their last five digits and numbers of other systems are words too. A telephone number finds the cases
    of who reported or joined them, for the duty desk. Raises ``BadCursor``.
    """
    phrases = phrases_of(text)
    if not phrases:
        return Matches([], None, asked=False)
    last = _mark(after)
    known = _known(district_id, acting, text)
    found: list[Match] = []
    for _ in range(MOST_ROUNDS):
        size = limit - len(found) + 1
        rows = _candidates(district_id, acting, phrases, known, wanted or Filter(), last, size)
        for row in rows:
            if len(found) == limit:
                return Matches(found, str(found[-1].row.record_id), asked=True)
            last = row[0]
            match = _verified(district_id, row, phrases)
            if match is not None:
                found.append(match)
        if len(rows) < size:
            return Matches(found, None, asked=True)
    return Matches(found, str(last), asked=True)


def count_to(district_id: int, acting: Acting, text: str, wanted: Filter, most: int) -> int:
    """Number of cases that ``search`` has to read, at most ``most``: never fewer than it finds.

    One statement, for work beside the pages.
    """
    phrases = phrases_of(text)
    if not phrases:
        return 0
    where, params = conditions(district_id, acting, wanted)
    words, word_params = _holding(district_id, phrases, _known(district_id, acting, text))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FROM (SELECT 1{FROM} WHERE {' AND '.join(where)} AND {words} LIMIT %s) capped",
            [*params, *word_params, most],
        )
        return int(cursor.fetchone()[0])


def _mark(after: str | None) -> UUID | None:
    return uuid_of(after) if after else None


# ---- what is asked


def phrases_of(text: str) -> list[Phrase]:
    """What is between spaces, without what holds no word. Words of one phrase stand together in the text."""
    found: dict[str, Phrase] = {}
    for part in folded(text[:MOST_LETTERS]).split():
        laid, _ = _laid_out(part)
        if laid and laid not in found:
            found[laid] = Phrase(laid, " & ".join(_lexical(part)))
    return list(found.values())[:MOST_PHRASES]


def _lexical(part: str) -> list[str]:
    """Conditions on lexemes that every text with this phrase meets. ``TOKEN`` finds nothing that needs escaping."""
    found: dict[str, None] = {}
    tokens = list(TOKEN.finditer(part))
    for token in tokens:
        run = token[0]
        if token[1] is None:
            open_end = token is tokens[-1] and len(run) >= PREFIX_FROM
            found[f"'{run[:WORD_LENGTH]}'" + (":*" if open_end else "")] = None
        elif len(run) == 1:
            found[f"'{run}':*"] = None
        else:
            found.update(dict.fromkeys(f"'{pair}'" for pair in map(str.__add__, run, run[1:])))
    return list(found)


def _laid_out(text: str) -> tuple[str, list[int]]:
    """A folded text as its tokens, and where each character of it was.

    Between Han and other words nothing stands, since people write both ``3号楼`` and ``3 号楼``; between any two other
    tokens a space, whatever separated them.
    """
    parts: list[str] = []
    places: list[int] = []
    end, was_han = 0, False
    for token in TOKEN.finditer(text):
        han = token[1] is not None
        gap = text[end : token.start()]
        if parts and not (han != was_han and (not gap or gap.isspace())):
            parts.append(" ")
            places.append(end)
        parts.append(token[0])
        places.extend(range(token.start(), token.end()))
        end, was_han = token.end(), han
    return "".join(parts), places


def _place(needle: str, laid: str) -> int:
    """Where a phrase stands in a text, both laid out; -1 when it does not. Words begin and end where words do."""
    first, last = _is_word(needle[0]), _is_word(needle[-1])
    tail = len(needle) - max((i + 1 for i, c in enumerate(needle) if not _is_word(c)), default=0)
    whole = last and tail < PREFIX_FROM
    at = laid.find(needle)
    while at >= 0:
        end = at + len(needle)
        begins = not (first and at and _is_word(laid[at - 1]))
        ends = not (whole and end < len(laid) and _is_word(laid[end]))
        if begins and ends:
            return at
        at = laid.find(needle, at + 1)
    return -1


def _is_word(character: str) -> bool:
    """Whether it belongs to a word that is not Han."""
    found = TOKEN.match(character)
    return found is not None and found[1] is None


# ---- candidates


def _known(district_id: int, acting: Acting, text: str) -> tuple[str, list[Any]]:
    """The records of a number or telephone, as a statement that gives their ids; empty when it is neither."""
    plain = unicodedata.normalize("NFKC", text).strip()
    parts: list[str] = []
    params: list[Any] = []
    if any(c.isdigit() for c in plain) and len(plain) <= MOST_LETTERS:
        for column in ("number", "outside_number"):
            parts.append(f"SELECT record_id FROM cases_case WHERE district_id = %s AND {column} = %s")
            params += [district_id, plain]
    digits = sum(c.isdigit() for c in plain)
    if digits >= PHONE_DIGITS and all(c.isdigit() or c in "+-() " for c in plain) and acting.actor.roles & SEES_CALLERS:
        phone = lookup_hash(plain)
        for table in ("cases_case", "cases_caller"):
            parts.append(f"SELECT record_id FROM {table} WHERE district_id = %s AND phone_hash = %s")
            params += [district_id, phone]
    return " UNION ".join(parts), params


def _candidates(
    district_id: int,
    acting: Acting,
    phrases: Sequence[Phrase],
    known: tuple[str, list[Any]],
    wanted: Filter,
    last: UUID | None,
    limit: int,
) -> list[tuple[Any, ...]]:
    """Cases whose index entries hold every phrase, with the words of the events that do: one statement."""
    where, params = conditions(district_id, acting, wanted)
    words, word_params = _holding(district_id, phrases, known)
    by_number, number_params = known
    trusted = f"r.id IN ({by_number})" if by_number else "false"
    if last is not None:
        where.append("r.id < %s")
        params.append(last)
    any_phrase = " | ".join(f"({phrase.query})" for phrase in phrases)
    statement = (
        f"SELECT {COLUMNS}, p.trusted, said.texts FROM ("
        f" SELECT r.id AS page_id, {trusted} AS trusted{FROM} WHERE {' AND '.join(where)} AND {words}"
        f" ORDER BY r.id DESC LIMIT %s) p"
        " JOIN ledger_record r ON r.district_id = %s AND r.id = p.page_id"
        " JOIN cases_case c ON c.district_id = r.district_id AND c.record_id = r.id"
        " JOIN ledger_recordkey k ON k.district_id = r.district_id AND k.record_id = r.id"
        " LEFT JOIN LATERAL (SELECT array_agg(e.sealed ORDER BY e.seq) AS texts FROM cases_words w"
        "  JOIN ledger_event e ON e.district_id = w.district_id AND e.record_id = w.record_id AND e.seq = w.seq"
        "  WHERE w.district_id = r.district_id AND w.record_id = r.id AND w.words @@ %s::tsquery"
        "  AND e.sealed IS NOT NULL) said ON true"
        " ORDER BY r.id DESC"
    )
    values = [*(number_params if by_number else []), *params, *word_params]
    values += [limit, district_id, any_phrase]
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def _holding(district_id: int, phrases: Sequence[Phrase], known: tuple[str, list[Any]]) -> tuple[str, list[Any]]:
    """The condition on records whose index entries hold every phrase, or that a number or telephone finds."""
    own = f"'{district_lexeme(district_id)}'"
    one = "SELECT w.record_id FROM cases_words w WHERE w.district_id = %s AND w.words @@ %s::tsquery"
    params = [value for phrase in phrases for value in (district_id, f"{own} & {phrase.query}")]
    by_number, number_params = known
    if not by_number:
        return " AND ".join([f"r.id IN ({one})"] * len(phrases)), params
    # One set of ids and no OR: with that the records would be walked through one by one.
    all_words = " AND w.record_id IN (".join([one] * len(phrases)) + ")" * (len(phrases) - 1)
    return f"r.id IN ({by_number} UNION {all_words})", [*number_params, *params]


# ---- what the words say


def _verified(district_id: int, row: tuple[Any, ...], phrases: Sequence[Phrase]) -> Match | None:
    """The match that a candidate is, or None where its lexemes stand but not its phrases."""
    case = row_of(district_id, row[:-2])
    sealed = row[-1] or ()
    texts = [unicodedata.normalize("NFC", text) for one in sealed for text in _opened(district_id, row, one)]
    left = {phrase.needle for phrase in phrases}
    pieces: tuple[Piece, ...] = ()
    for text in texts:
        laid, marks = _marks(text, phrases)
        if marks:
            left -= laid
            pieces = pieces or _excerpt(text, marks)
    if left:
        numbers = [_laid_out(folded(n))[0] for n in _numbers(case)]
        left = {needle for needle in left if not any(_place(needle, number) >= 0 for number in numbers)}
    if left and not row[-2]:
        return None
    return Match(case, pieces)


def _numbers(case: CaseRow) -> Iterable[str]:
    return (case.number, case.number[-NUMBER_TAIL:], case.outside_number)


def _opened(district_id: int, row: tuple[Any, ...], sealed: Any) -> list[str]:
    """The indexed texts under a ciphertext. None of them where they cannot be read any more."""
    try:
        texts = open_texts(district_id, row[0], row[24], row[25], sealed)
    except KeyFault:
        return []
    return spoken(texts or {})


def _marks(text: str, phrases: Sequence[Phrase]) -> tuple[set[str], list[tuple[int, int]]]:
    """Which phrases stand in a text, and from where to where in it, in order."""
    folds, places = _folded_places(text)
    laid, at = _laid_out(folds)
    held: set[str] = set()
    marks: list[tuple[int, int]] = []
    for phrase in phrases:
        start = _place(phrase.needle, laid)
        if start >= 0:
            held.add(phrase.needle)
            marks.append((places[at[start]], places[at[start + len(phrase.needle) - 1]] + 1))
    return held, sorted(marks)


def _folded_places(text: str) -> tuple[str, list[int]]:
    """A folded text and where in the text each character of it comes from."""
    whole = folded(text)
    if len(whole) == len(text):
        return whole, list(range(len(text)))
    parts: list[str] = []
    places: list[int] = []
    for index, character in enumerate(text):
        part = folded(character)
        parts.append(part)
        places += [index] * len(part)
    return "".join(parts), places


def _excerpt(text: str, marks: Sequence[tuple[int, int]]) -> tuple[Piece, ...]:
    """The words round the first match, with every match in reach marked. Line ends become spaces."""
    begin = max(0, marks[0][0] - BEFORE)
    end = min(len(text), max(marks[0][0] + AFTER, marks[0][1]))
    pieces: list[Piece] = [Piece("…")] if begin else []
    at = begin
    for start, stop in marks:
        if start < at or stop > end:
            continue
        pieces += [Piece(text[at:start]), Piece(text[start:stop], hit=True)]
        at = stop
    pieces += [Piece(text[at:end] + ("…" if end < len(text) else ""))]
    plain = [Piece(piece.text.replace("\n", " "), piece.hit) for piece in pieces]
    return tuple(piece for piece in plain if piece.text)
