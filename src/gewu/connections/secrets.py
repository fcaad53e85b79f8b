"""Secrets and addresses of connections: sealed under the master key, bound to their district and row."""

from __future__ import annotations

import json
from collections.abc import Mapping
from uuid import UUID

from gewu.home.keys import load_master_key
from gewu.ledger.keys import unwrap, wrap


def seal(text: str, district_id: int, owner: UUID) -> tuple[str, bytes]:
    """A secret as it is stored: the id of the master key, and the ciphertext."""
    key_id = load_master_key().id
    return key_id, wrap(text.encode(), key_id, district_id, owner)


def unseal(sealed: bytes | memoryview, key_id: str, district_id: int, owner: UUID) -> str:
    """Inverse of ``seal``. Raises ``gewu.ledger.keys.KeyFault``."""
    return unwrap(bytes(sealed), key_id, district_id, owner).decode()


def seal_all(texts: Mapping[str, str], district_id: int, owner: UUID) -> tuple[str, bytes]:
    """Several secrets as one."""
    return seal(json.dumps(dict(texts), ensure_ascii=False, sort_keys=True), district_id, owner)


def unseal_all(sealed: bytes | memoryview, key_id: str, district_id: int, owner: UUID) -> dict[str, str]:
    """Inverse of ``seal_all``."""
    found: dict[str, str] = json.loads(unseal(sealed, key_id, district_id, owner))
    return found
