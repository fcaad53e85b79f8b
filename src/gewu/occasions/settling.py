"""A matter leaves the table as a case, or joins one that is open already: both records change, or neither.

Functions raise the ledger's errors (``Refused``, ``Conflict``, ``Busy``, ``NotFound``) and, for a place that there is
not, ``UnknownPlace``; nothing is written then.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from gewu.cases.queries import number_of as case_number
from gewu.cases.services import PLAYBOOK as CASE_PLAYBOOK
from gewu.cases.services import Where, detail_of, position_of
from gewu.core.playbook import model as m
from gewu.core.records import Arg, Command, Photo
from gewu.ledger import store
from gewu.ledger.door import Acting, Outcome, Wish, new_id, now_us
from gewu.ledger.errors import NotFound, Refused
from gewu.ledger.numbers import numbers as case_numbers
from gewu.ledger.rows import micros
from gewu.occasions.kinds import JOIN_MOVE, SETTLE_CASE, SETTLE_JOINED
from gewu.occasions.table import carried, day_of, gone, matter_of, refuse_early, seen_of
from gewu.registry.directory import Directory, get_directory

CASE_MOVE = "register_session"
"""The move of a case by which it is made at a table."""


@dataclass(frozen=True, slots=True)
class Settled:
    """A matter that became a case: what was done at the table, and the case's number."""

    outcome: Outcome
    case_id: UUID
    case_number: str


@dataclass(frozen=True, slots=True)
class Order:
    """What the table decides of a matter: who handles it, until when, how it is proposed to be ranked.

    ``limit_days`` are working days. ``description`` empty: the words of the matter. ``place`` empty: the matter's, else
    the session's.
    """

    lead: str
    limit_days: int
    category: str = ""
    tier: str = ""
    assists: tuple[str, ...] = ()
    owner: str = ""
    description: str = ""
    address: str = ""
    place: str = ""
    note: str = ""
    urgent: bool = False


def settle_as_case(
    district_id: int,
    acting: Acting,
    record_id: UUID,
    matter: int,
    order: Order,
    *,
    photos: Sequence[Photo] = (),
    command_id: str = "",
    at_us: int | None = None,
) -> Settled:
    """A matter leaves the table as a case with unit, deadline and proposed level: both records change, or neither.

    Raises ``Refused`` where the matter left the table already: of two clerks who settle it at once, one succeeds.
    """
    directory = get_directory(district_id)
    seen = seen_of(district_id, acting, record_id)
    at_us = at_us or now_us()
    command_id = command_id or str(new_id())
    second = str(uuid.uuid5(UUID(command_id), "second"))
    earlier = store.answered(district_id, [UUID(command_id), UUID(second)])
    if UUID(second) in earlier:
        case, done = earlier[UUID(command_id)].record_id, earlier[UUID(second)]
        first = Outcome(done.record_id, done.seq, done.kind, micros(done.at), None, True)
        return Settled(first, case, case_number(district_id, case))
    on_table = matter_of(district_id, record_id, matter)
    if not on_table.open:
        raise Refused(gone(on_table.no))
    position = position_of(directory, Where(place=order.place or on_table.place or seen.place))
    texts = {
        "description": order.description or on_table.words,
        "address": order.address or seen.spot,
        "note": order.note,
    }
    args: dict[str, Arg] = {
        "session": str(record_id),
        "source": seen.playbook,
        "category": order.category or on_table.category,
        "lead": order.lead,
        "limit_days": order.limit_days,
    }
    more: dict[str, Arg] = {"owner": order.owner, "tier_proposed": order.tier, "assists": order.assists or None}
    args |= {name: value for name, value in more.items() if value}
    if order.urgent:
        args["urgent"] = True
    make = Command(command_id, CASE_MOVE, args, {k: v for k, v in texts.items() if v}, tuple(photos))
    refuse_early(directory, case_playbook(directory), acting, make, position, at_us)
    number = case_numbers.take(district_id, directory.district.code, day_of(directory, at_us // 1_000_000))
    case_id = new_id()
    settle: dict[str, Arg] = {"case": str(case_id), "unit": order.lead, "limit_days": order.limit_days}
    if order.tier:
        settle["tier"] = order.tier
    made, settled = carried(
        district_id,
        acting,
        on_table.no,
        Wish(case_id, make, CASE_PLAYBOOK, position, detail_of(number, position)),
        Wish(record_id, Command(second, SETTLE_CASE, settle, target=on_table.part)),
        at_us=at_us,
    )
    if made.replayed:
        number = case_number(district_id, made.record_id)
    return Settled(settled, made.record_id, number)


def join_to_case(
    district_id: int,
    acting: Acting,
    record_id: UUID,
    matter: int,
    case: UUID,
    *,
    command_id: str = "",
    at_us: int | None = None,
) -> Outcome:
    """A matter leaves the table because it is a case already: the case hears of it, the session follows it."""
    seen = seen_of(district_id, acting, record_id)
    on_table = matter_of(district_id, record_id, matter)
    command_id = command_id or str(new_id())
    first = Command(
        command_id, JOIN_MOVE, {"session": str(record_id), "source": seen.playbook},
        {"description": on_table.words} if on_table.words else {},
    )  # fmt: skip
    second = Command(
        str(uuid.uuid5(UUID(command_id), "second")), SETTLE_JOINED, {"case": str(case)}, target=on_table.part
    )
    return carried(district_id, acting, on_table.no, Wish(case, first), Wish(record_id, second), at_us=at_us)[1]


def case_playbook(directory: Directory) -> m.Playbook:
    """The playbook under which cases start. Raises ``NotFound``."""
    playbook = directory.playbook(CASE_PLAYBOOK)
    if playbook is None:
        raise NotFound("no playbook of cases is loaded in this district")
    return playbook
