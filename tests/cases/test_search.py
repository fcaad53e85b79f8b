"""Search: phrases, two characters, one character, other scripts, numbers and callers; exact, in scope, and erasable."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from gewu.cases import services
from gewu.cases.queries import BadCursor, Filter
from gewu.cases.search import MOST_LETTERS, Match, _laid_out, _lexical, _place, search
from gewu.cases.words import folded, lexemes, vector
from gewu.core.places import Scope
from gewu.ledger.door import SYSTEM, Acting
from gewu.ledger.erasure import erase
from gewu.ledger.fill import fill
from gewu.ledger.rebuild import rebuild_all
from support.district import Walk, acting, district_id

MANHOLE = "人行道上的井盖破损，行人差点踩空。3 号楼楼下，编号 Pole-17A 的灯杆也倾斜"
APART = "井口上的盖破旧，请换新"


def numbers_of(text: str, who: Acting | None = None, **options: Any) -> list[str]:
    found = search(district_id(), who or acting("shift_leader"), text, **options)
    return [match.row.number for match in found.found]


@contextmanager
def statements() -> Iterator[list[str]]:
    found: list[str] = []

    def collect(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        found.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(collect):
        yield found


@pytest.fixture
def manhole(db: object) -> Walk:
    return Walk().intake(description=MANHOLE, address="王牌路１２号")


@pytest.fixture
def apart(manhole: Walk) -> Walk:
    return Walk().intake(description=APART)


@pytest.mark.parametrize(
    "asked",
    [
        "井盖",  # two characters, which trigrams never find
        "井盖破损",
        "盖破损",
        "行道上的井",
        "损",  # the last of its run
        "踩",  # inside a run
        "3号楼",  # written with a space there
        "3 号楼",
        "pole",
        "ＰＯＬＥ",  # full width
        "Pole-17A",
        "17a 灯杆",
        "pol",  # the beginning of a word, from three letters
        "路12号",  # full-width digits there
        "井盖，行人",  # two phrases: not one, the comma separates them
        "王牌路 井盖",
        "踩空。 ",
    ],
)
def test_what_stands_in_a_text_is_found(manhole: Walk, asked: str) -> None:
    expected = [] if asked == "井盖，行人" else [manhole.number]
    assert numbers_of(asked) == expected


@pytest.mark.parametrize("asked", ["井盖完好", "井口", "po", "ole", "7A", "王某", "盖井", "人井", "Pole17A"])
def test_what_does_not_stand_there_is_not_found(manhole: Walk, asked: str) -> None:
    assert numbers_of(asked) == []


def test_all_bigrams_in_a_text_are_not_yet_the_phrase(manhole: Walk, db: object) -> None:
    scattered = Walk().intake(description="井盖松动，锅盖破碎，瓶子破损")
    assert set(numbers_of("盖破")) == {manhole.number, scattered.number}
    assert numbers_of("井盖破损") == [manhole.number]


def test_a_page_is_filled_up_when_candidates_are_none(manhole: Walk) -> None:
    for _ in range(4):
        Walk().intake(description="井盖松动，锅盖破碎，瓶子破损")
    newest = Walk().intake(description="井盖破损")
    with statements() as found:
        page = search(district_id(), acting("shift_leader"), "井盖破损", limit=2)
    numbers = [match.row.number for match in page.found]
    assert len([sql for sql in found if "cases_words" in sql]) <= 3
    while page.after:
        page = search(district_id(), acting("shift_leader"), "井盖破损", limit=2, after=page.after)
        numbers += [match.row.number for match in page.found]
    assert numbers == [newest.number, manhole.number]


def test_pages_go_on_without_gap_or_double(db: object) -> None:
    walks = [Walk().intake(description=f"路灯不亮，第 {n} 盏") for n in range(7)]
    numbers: list[str] = []
    after = None
    for _ in range(10):
        page = search(district_id(), acting("shift_leader"), "路灯", limit=3, after=after)
        numbers += [match.row.number for match in page.found]
        after = page.after
        if after is None:
            break
    assert numbers == [walk.number for walk in reversed(walks)]
    with pytest.raises(BadCursor):
        search(district_id(), acting("shift_leader"), "路灯", after="nonsense")


def test_words_may_stand_in_different_events_of_a_case(manhole: Walk, apart: Walk) -> None:
    manhole.move(acting("intake_officer"), "add_note", texts={"note": "已联系水务集团核实"}, version=None)
    assert numbers_of("水务集团 井盖") == [manhole.number]
    assert numbers_of("水务集团 换新") == []


def test_an_excerpt_shows_where_it_stands(manhole: Walk) -> None:
    [match] = search(district_id(), acting("shift_leader"), "３号楼 踩空").found
    assert [piece.text for piece in match.pieces if piece.hit] == ["踩空", "3 号楼"]
    assert match.excerpt in "…" + MANHOLE + "…"
    long = Walk().intake(description="一" * 300 + "\n油烟扰民\n" + "二" * 300)
    [match] = search(district_id(), acting("shift_leader"), "油烟").found
    assert match.row.number == long.number
    assert match.excerpt.startswith("…一")
    assert match.excerpt.endswith("二…")
    assert "\n" not in match.excerpt


@pytest.mark.parametrize("asked", ["", "   ", "，。！", "'", "\\", "::", "()", "&|!", "@1", "\u3000", "🙂"])
def test_nothing_to_look_for_asks_nothing(manhole: Walk, asked: str) -> None:
    who = acting("shift_leader")
    with statements() as found:
        page = search(district_id(), who, asked)
    # "@1" is the word 1, which stands nowhere; everything else holds no word at all.
    assert page.found == []
    assert page.asked is (asked == "@1")
    assert page.asked or not found


@pytest.mark.parametrize(
    "asked", ["井盖' | '人", "井盖':*", "盖\\", "a'b\\c:*&!()", "井" * 5000, "a" * 5000, " ".join("甲乙丙丁戊己庚辛")]
)
def test_strange_queries_are_only_words(manhole: Walk, asked: str) -> None:
    assert numbers_of(asked) in ([], [manhole.number])
    assert len(asked) <= MOST_LETTERS or numbers_of(asked) == []


def test_numbers_are_words_too(manhole: Walk, apart: Walk) -> None:
    made = services.report(
        district_id(),
        acting("intake_officer"),
        services.Intake(
            {"source": "city_platform"}, {"description": "占道经营"}, services.Where(place=manhole.place),
            outside_number="CQ-2026-08/15",
        ),
    )  # fmt: skip
    assert numbers_of(manhole.number) == [manhole.number]
    assert numbers_of(manhole.number[-5:]) == [manhole.number]
    assert numbers_of(manhole.number[-5:] + " 井盖") == [manhole.number]
    assert numbers_of("CQ-2026-08/15") == [made.number]
    assert numbers_of("cq-2026") == [made.number]


def test_a_telephone_finds_cases_for_the_duty_desk_only(manhole: Walk) -> None:
    other = Walk().intake(description="无关", reporter_phone="13911112222")
    services.join(
        district_id(), acting("intake_officer"), other.record_id, source="phone",
        texts={"reporter_phone": "+86 138 0000 0000"},
    )  # fmt: skip
    for asked in ("13800000000", "138-0000-0000", "138 0000 0000"):
        assert numbers_of(asked, acting("intake_officer")) == [other.number, manhole.number]
    assert numbers_of("13800000000", acting("dispatcher")) == []
    assert numbers_of("王某") == []


def test_only_what_somebody_sees_is_found(manhole: Walk) -> None:
    elsewhere = Acting(acting("collector").actor, "", Scope(frozenset({"500101100"})))
    here = Acting(acting("collector").actor, "", Scope(frozenset({manhole.place[:9]})))
    assert numbers_of("井盖", elsewhere) == []
    assert numbers_of(manhole.number, elsewhere) == []
    assert numbers_of("井盖", here) == [manhole.number]
    assert numbers_of("井盖", SYSTEM) == [manhole.number]


def test_a_filter_narrows_what_is_found(manhole: Walk, apart: Walk) -> None:
    apart.move(acting("intake_officer"), "send_verify")
    assert numbers_of("盖破", wanted=Filter(stages=("verifying",))) == [apart.number]
    assert numbers_of("盖破", wanted=Filter(category="matter:09")) == []


def test_what_is_erased_is_found_no_more(manhole: Walk, apart: Walk, owner_connection: psycopg.Connection) -> None:
    services.join(
        district_id(), acting("intake_officer"), manhole.record_id, source="phone",
        texts={"description": "井盖还没修", "reporter_phone": "13911112222"},
    )  # fmt: skip
    assert numbers_of("还没修") == [manhole.number]
    assert numbers_of("13911112222") == [manhole.number]
    erase(district_id(), manhole.record_id, SYSTEM)
    for asked in ("井盖", "还没修", "13911112222", "13800000000"):
        assert numbers_of(asked) == ([apart.number] if asked == "13800000000" else [])
    for table in ("cases_words", "cases_caller"):
        row = owner_connection.execute(f"SELECT count(*) FROM {table} WHERE record_id = %s", [manhole.record_id])
        assert row.fetchone() == (0,)
    assert numbers_of("盖破") == [apart.number]
    assert rebuild_all(district_id()).ok


def test_rebuild_sees_a_word_that_was_changed(manhole: Walk, owner_connection: psycopg.Connection) -> None:
    assert rebuild_all(district_id()).ok
    owner_connection.execute("UPDATE cases_words SET words = '''别的'''::tsvector")
    assert [d.table for d in rebuild_all(district_id()).differences] == ["cases_words"]


def test_older_cases_get_their_words(manhole: Walk, owner_connection: psycopg.Connection) -> None:
    owner_connection.execute("DELETE FROM cases_words")
    assert numbers_of("井盖") == []
    assert fill(district_id()) == 1
    assert numbers_of("井盖") == [manhole.number]


def test_a_search_takes_one_statement_when_the_words_hold(manhole: Walk) -> None:
    who = acting("shift_leader")
    search(district_id(), who, "井盖")
    with statements() as found:
        search(district_id(), who, "井盖 行人 13800000000")
    assert len(found) == 1


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=60))
def test_every_text_gives_a_vector_as_the_server_prints_it(database_session: object, text: str) -> None:
    found = lexemes(folded(text))
    assert all("'" not in one and "\\" not in one and " " not in one for one in found)
    if found:
        with connection.cursor() as cursor:
            cursor.execute("SELECT %s::tsvector::text", [vector(found)])
            assert cursor.fetchone()[0] == vector(found)


@settings(max_examples=80, deadline=None)
@given(st.text("井盖破损路灯ab1 ，\n３", min_size=1, max_size=12), st.text("井盖破损路灯ab1 ，\n３", max_size=12))
def test_a_part_of_a_han_run_is_always_among_candidates(part: str, rest: str) -> None:
    """What the index asks for stands in every text that holds the phrase: candidates lose nothing."""
    text = folded(unicodedata.normalize("NFC", rest + part + rest))
    have = lexemes(text)
    for piece in folded(part).split():
        laid, _ = _laid_out(piece)
        if laid and _place(laid, _laid_out(text)[0]) >= 0:
            for condition in _lexical(piece):
                lexeme, _, prefix = condition.partition(":")
                plain = lexeme.strip("'")
                assert any(one.startswith(plain) if prefix else one == plain for one in have), (text, piece)


def test_a_match_without_pieces_shows_how_the_case_begins(manhole: Walk) -> None:
    [match] = search(district_id(), acting("shift_leader"), manhole.number).found
    assert isinstance(match, Match)
    assert match.pieces == ()
    assert match.excerpt.startswith("人行道上的井盖破损")
