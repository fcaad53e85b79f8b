"""The daily seal: a Merkle root over the heads that changed since the last seal, in one snapshot, chained to it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import connection, transaction

from gewu.ledger import chain
from gewu.ledger.rows import micros


@dataclass(frozen=True, slots=True)
class SealMade:
    """A seal as it can be published: whoever has it can tell later whether the past was changed."""

    district_id: int
    no: int
    at: datetime
    heads: int
    root: str
    hash: str


def seal_hash(district_id: int, no: int, at_us: int, heads: int, root: bytes, previous: bytes) -> bytes:
    """The hash of a seal over all it says."""
    body = json.dumps([chain.SCHEMA, district_id, no, at_us, heads, root.hex(), previous.hex()], separators=(",", ":"))
    return hashlib.sha256(body.encode()).digest()


def make_seal(district_id: int, at: datetime | None = None) -> SealMade:
    """Seal a district. One at a time: a second call waits for the first."""
    at = (at or datetime.now(UTC)).replace(microsecond=0)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [0x5EA1, district_id])
        cursor.execute(
            "SELECT no, hash FROM ledger_seal WHERE district_id = %s ORDER BY no DESC LIMIT 1", [district_id]
        )
        last = cursor.fetchone()
        no, previous = (last[0] + 1, bytes(last[1])) if last else (1, chain.GENESIS)
        # One statement is one snapshot: heads whose record moved beyond what the latest seal took of it.
        cursor.execute(
            "SELECT r.id, r.version, r.head FROM ledger_record r LEFT JOIN LATERAL ("
            "  SELECT h.seq FROM ledger_sealedhead h WHERE h.district_id = r.district_id AND h.record_id = r.id"
            "  ORDER BY h.seq DESC LIMIT 1) t ON true"
            " WHERE r.district_id = %s AND r.version > coalesce(t.seq, 0) ORDER BY r.id",
            [district_id],
        )
        heads = [(row[0], row[1], bytes(row[2])) for row in cursor.fetchall()]
        root = chain.merkle_root([h for _, _, h in heads])
        digest = seal_hash(district_id, no, micros(at), len(heads), root, previous)
        cursor.execute(
            "INSERT INTO ledger_seal (district_id, no, at, heads, root, previous_hash, hash)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s)",
            [district_id, no, at, len(heads), root, previous, digest],
        )
        for start in range(0, len(heads), 5000):
            part = heads[start : start + 5000]
            cursor.execute(
                "INSERT INTO ledger_sealedhead (district_id, seal_no, record_id, seq, hash)"
                " SELECT %s, %s, * FROM unnest(%s::uuid[], %s::int[], %s::bytea[])",
                [district_id, no, [h[0] for h in part], [h[1] for h in part], [h[2] for h in part]],
            )
    return SealMade(district_id, no, at, len(heads), root.hex(), digest.hex())
