"""Letters go with the case they are about; what the office wrote itself stays."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import psycopg
import pytest

from gewu.home.layout import Home
from gewu.keeping import holds
from gewu.keeping.journal import journal_of
from gewu.ledger import verify
from gewu.ledger.door import SYSTEM
from gewu.ledger.erasure import erase
from gewu.ledger.errors import Held
from gewu.office.queries import get_letter, get_order
from office.conftest import Trail, body
from support.district import Walk, acting, district_id


@pytest.fixture
def story(db: object) -> tuple[UUID, Trail, Trail, Trail]:
    """A case, a letter and an order about it, and a letter about nothing in particular."""
    case = Walk().intake().record_id
    return case, Trail().letter(body(), case=str(case)), Trail().order(case=str(case)), Trail().letter()


def words_of(letter: Trail) -> str | None:
    entry = get_letter(district_id(), SYSTEM, letter.record_id).entry
    assert entry.row.number == letter.number
    return None if entry.erased else entry.row.excerpt


def test_a_letter_goes_with_its_case_and_its_line_stays(
    story: tuple[UUID, Trail, Trail, Trail], owner_connection: psycopg.Connection[Any]
) -> None:
    case, letter, order, other = story
    at = erase(district_id(), case, acting("shift_leader"))
    assert words_of(letter) is None
    assert words_of(other)
    assert not get_order(district_id(), SYSTEM, order.record_id).entry.erased
    row = owner_connection.execute(
        "SELECT wrapped, erased_at, erased_by FROM ledger_recordkey WHERE record_id = %s", [letter.record_id]
    ).fetchone()
    assert row == (None, at, acting("shift_leader").actor.person)
    assert str(letter.record_id) in journal_of(Home.current()).read_text()
    assert verify.verify_all(district_id()).ok


def test_an_erasing_that_is_stopped_leaves_letter_and_journal_alone(story: tuple[UUID, Trail, Trail, Trail]) -> None:
    case, letter, _order, _other = story
    holds.put(district_id(), case, acting("comprehensive_office"), "litigation")
    with pytest.raises(Held):
        erase(district_id(), case, acting("shift_leader"))
    assert words_of(letter)
    journal = journal_of(Home.current())
    assert not journal.exists() or str(letter.record_id) not in journal.read_text()
