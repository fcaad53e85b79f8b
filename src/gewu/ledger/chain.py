"""The canonical bytes of an event and the hash that chains it to the one before."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

SCHEMA = 1
GENESIS = bytes(32)
"""``previous_hash`` of a record's first event."""

_encode = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


def payload_text(payload: Mapping[str, Any]) -> str:
    """A payload in its canonical form. Raises ``ValueError`` for a value that JSON does not have."""
    return _encode(payload)


def canonical(
    district_id: int,
    record_id: UUID,
    seq: int,
    at_us: int,
    actor: str,
    unit: str,
    kind: str,
    command_id: UUID,
    payload: Mapping[str, Any] | str,
    sealed: bytes | None,
    previous_hash: bytes,
) -> bytes:
    """Every column of an event but its own hash, in one unambiguous form: JSON with sorted keys and no floats.

    ``at_us`` is microseconds since the epoch; ``payload`` may be the text that ``payload_text`` gave. Raises
    ``ValueError`` for a value that JSON does not have.
    """
    head = _encode([SCHEMA, district_id, str(record_id), seq, at_us, actor, unit, kind, str(command_id)])
    body = payload if isinstance(payload, str) else _encode(payload)
    words = f'"{sealed.hex()}"' if sealed is not None else "null"
    return f'{head[:-1]},{body},{words},"{previous_hash.hex()}"]'.encode()


def event_hash(body: bytes) -> bytes:
    """SHA-256 of the canonical bytes."""
    return hashlib.sha256(body).digest()


def refuse_floats(value: Any) -> None:
    """Raise ``TypeError`` when a float stands anywhere in a JSON value: its text form is not stable."""
    if isinstance(value, float):
        raise TypeError(f"a float ({value}) cannot stand in an event: use a whole number of a smaller unit")
    if isinstance(value, Mapping):
        for item in value.values():
            refuse_floats(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            refuse_floats(item)


def merkle_root(leaves: list[bytes]) -> bytes:
    """Root of a Merkle tree over leaf hashes; an odd node moves up unchanged. Empty gives SHA-256 of nothing.

    Leaves and nodes are hashed with different prefixes, so that a node cannot pass as a leaf.
    """
    if not leaves:
        return hashlib.sha256(b"").digest()
    level = [hashlib.sha256(b"\x00" + leaf).digest() for leaf in leaves]
    while len(level) > 1:
        paired = [hashlib.sha256(b"\x01" + level[i] + level[i + 1]).digest() for i in range(0, len(level) - 1, 2)]
        level = paired + ([level[-1]] if len(level) % 2 else [])
    return level[0]
