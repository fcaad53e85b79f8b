"""Keys of records: made, wrapped under the master key, opened, and the cipher they serve.

AES-256-GCM throughout. The associated data binds a ciphertext to its district and record, so that it cannot be moved to
another row unnoticed.
"""

from __future__ import annotations

import hmac
import json
import os
from collections.abc import Mapping
from functools import lru_cache
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gewu.home.keys import MasterKey, load_master_key, load_master_keys

NONCE = 12


class KeyFault(Exception):
    """A ciphertext does not open: wrong master key, or altered bytes."""


@lru_cache(maxsize=8)
def _master(key_id: str | None) -> MasterKey:
    return load_master_key(key_id)


@lru_cache(maxsize=8)
def _master_cipher(key_id: str) -> AESGCM:
    return AESGCM(_master(key_id).secret)


def forget_master_keys() -> None:
    """Read the key file again at the next use (after a rotation)."""
    _master.cache_clear()
    _master_cipher.cache_clear()
    _lookup_secret.cache_clear()


def _bound(district_id: int, record_id: UUID) -> bytes:
    return b"%d/" % district_id + record_id.bytes


def make_key(district_id: int, owner_id: UUID) -> tuple[bytes, str, bytes]:
    """A fresh key for a record (or attachment): plain, id of the master key, wrapped form for the database."""
    plain = os.urandom(32)
    master = _master(None)
    return plain, master.id, wrap(plain, master.id, district_id, owner_id)


def wrap(plain: bytes, key_id: str, district_id: int, owner_id: UUID) -> bytes:
    """Encrypt a key under the master key of that id."""
    nonce = os.urandom(NONCE)
    return nonce + _master_cipher(key_id).encrypt(nonce, plain, _bound(district_id, owner_id))


def unwrap(wrapped: bytes, key_id: str, district_id: int, owner_id: UUID) -> bytes:
    """The plain key. Raises ``KeyFault``."""
    try:
        return _master_cipher(key_id).decrypt(wrapped[:NONCE], wrapped[NONCE:], _bound(district_id, owner_id))
    except InvalidTag as error:
        raise KeyFault(f"the key of {owner_id} does not open under master key {key_id}") from error


class Cipher:
    """Encrypts and decrypts the free words of one record."""

    __slots__ = ("_bound", "_gcm")

    def __init__(self, plain: bytes, district_id: int, record_id: UUID) -> None:
        self._gcm = AESGCM(plain)
        self._bound = _bound(district_id, record_id)

    def seal(self, texts: Mapping[str, str]) -> bytes:
        """The texts as one ciphertext."""
        return self.seal_bytes(json.dumps(dict(texts), ensure_ascii=False, sort_keys=True).encode())

    def open(self, sealed: bytes) -> dict[str, str]:
        """Inverse of ``seal``. Raises ``KeyFault``."""
        found: dict[str, str] = json.loads(self.open_bytes(sealed))
        return found

    def seal_bytes(self, data: bytes) -> bytes:
        nonce = os.urandom(NONCE)
        return nonce + self._gcm.encrypt(nonce, data, self._bound)

    def open_bytes(self, sealed: bytes) -> bytes:
        try:
            return self._gcm.decrypt(sealed[:NONCE], sealed[NONCE:], self._bound)
        except InvalidTag as error:
            raise KeyFault("a text does not open under its record's key") from error


@lru_cache(maxsize=1)
def _lookup_secret() -> bytes:
    first = next(iter(load_master_keys().values()))  # the oldest: look-ups must survive a rotation
    return hmac.digest(first.secret, b"gewu lookup v1", "sha256")


def keyed_hash(data: bytes) -> bytes:
    """HMAC-SHA256 under the look-up secret: the same for the same data, and telling nothing without the key file."""
    return hmac.digest(_lookup_secret(), data, "sha256")


def lookup_hash(value: str) -> bytes:
    """A keyed hash by which a telephone number can be found without being readable. 16 bytes."""
    digits = "".join(c for c in value if c.isdigit())
    return keyed_hash(b"phone/" + digits[-11:].encode())[:16]
