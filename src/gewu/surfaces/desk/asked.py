"""What somebody looks for, carried in an address nobody else can read.

The words of a search may be a caller's telephone number. A page has an address, so that going back, reloading and
paging work, and addresses end up in the logs of proxies and in the histories of shared computers; so the words are
posted, and what stands in the address is sealed for the post that asked.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

_NONCE = 12
_LONGEST = 2048


@functools.cache
def _cipher(secret: str) -> AESGCM:
    return AESGCM(hashlib.blake2b(secret.encode(), digest_size=32, person=b"gewu-desk-asked").digest())


def seal(words: str, post: str) -> str:
    """The words as a token for the address: base64url of nonce and AES-GCM text, bound to the code of the post."""
    nonce = os.urandom(_NONCE)
    sealed = nonce + _cipher(settings.SECRET_KEY).encrypt(nonce, words.encode(), post.encode())
    return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()


def unseal(token: str, post: str) -> str:
    """The words of a token; nothing for one that is empty, was altered, or was made for another post."""
    if not token or len(token) > _LONGEST:
        return ""
    try:
        sealed = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        return _cipher(settings.SECRET_KEY).decrypt(sealed[:_NONCE], sealed[_NONCE:], post.encode()).decode()
    except (ValueError, InvalidTag):
        return ""
