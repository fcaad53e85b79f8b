"""Logging in by OpenID Connect: authorisation code with PKCE, at one provider that the installation names.

The provider says who somebody is; which posts they hold stays here, and nobody is made. Claims are judged by Authlib,
signatures by its joserfc; every request goes through the house's one way out (``gewu.connections.egress``).
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import structlog
from django.conf import settings
from django.http import HttpRequest

from gewu.connections import egress, snapshot
from gewu.connections.allow import Refused
from gewu.registry.models import Person

log = structlog.get_logger(__name__)
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"]
"""Signatures by a key that only the provider has. What the token says of itself does not widen the list."""
LEEWAY = 60
"""Seconds by which the clocks may differ."""
_SESSION = "oidc"
_SECONDS = 600
_REMEMBERED = 600.0
_LIMIT = 256 * 1024
_lock = threading.Lock()
_known: dict[str, tuple[float, dict[str, Any]]] = {}


class Fault(Exception):
    """Logging in this way failed. ``code`` is one of ``away``, ``denied``, ``state``, ``token``, ``nobody``."""

    def __init__(self, code: str, why: str) -> None:
        super().__init__(why)
        self.code = code


@dataclass(frozen=True, slots=True)
class Provider:
    """What the installation says of its provider. ``claim`` is compared with the login of a person."""

    issuer: str
    client_id: str
    secret: str
    claim: str
    scope: str
    name: str


def provider() -> Provider | None:
    """The provider that the environment names; None where people log in with passwords only."""
    issuer, client = os.environ.get("GEWU_OIDC_ISSUER", "").strip(), os.environ.get("GEWU_OIDC_CLIENT_ID", "").strip()
    if not (issuer and client):
        return None
    return Provider(
        issuer=issuer,
        client_id=client,
        secret=os.environ.get("GEWU_OIDC_CLIENT_SECRET", ""),
        claim=os.environ.get("GEWU_OIDC_CLAIM", "").strip() or "preferred_username",
        scope=os.environ.get("GEWU_OIDC_SCOPE", "").strip() or "openid profile",
        name=os.environ.get("GEWU_OIDC_NAME", "").strip(),
    )


# ---- there and back


def leave(request: HttpRequest, at: Provider, back: str, target: str) -> str:
    """The address of the provider to which the browser goes. ``back`` is ours, ``target`` where one wanted to go.

    Raises ``Fault``.
    """
    from authlib.oauth2.rfc7636 import create_s256_code_challenge

    told = _discover(at)
    state, nonce, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(48)
    waiting = request.session.get(_SESSION)
    kept = dict(list(waiting.items())[-2:]) if isinstance(waiting, dict) else {}  # three tabs at most
    request.session[_SESSION] = {**kept, state: [nonce, verifier, target, int(time.time()) + _SECONDS]}
    asked = {
        "response_type": "code",
        "client_id": at.client_id,
        "redirect_uri": back,
        "scope": at.scope,
        "state": state,
        "nonce": nonce,
        "code_challenge": create_s256_code_challenge(verifier),
        "code_challenge_method": "S256",
    }
    where = _address(told, "authorization_endpoint")
    return f"{where}{'&' if urlsplit(where).query else '?'}{urlencode(asked)}"


def come_back(request: HttpRequest, at: Provider, back: str) -> tuple[Person, str]:
    """The person whom the provider names, and where they wanted to go. Raises ``Fault``."""
    given = request.GET
    waiting = request.session.get(_SESSION)
    entry = waiting.pop(given.get("state", ""), None) if isinstance(waiting, dict) else None
    request.session.modified = True  # a state holds once
    if entry is None or time.time() > entry[3]:
        raise Fault("state", "the state is unknown, was used before, or is too old")
    nonce, verifier, target, _ = entry
    if "iss" in given and given["iss"] != at.issuer:
        raise Fault("token", "the answer names another issuer")
    if "error" in given or not given.get("code"):
        raise Fault("denied", f"the provider said {given.get('error', 'nothing')[:80]}")
    told = _discover(at)
    claims = _judged(at, told, _exchange(at, told, given["code"], verifier, back), nonce)
    return _person(at, claims), str(target)


def _person(at: Provider, claims: Mapping[str, Any]) -> Person:
    login = claims.get(at.claim)
    if not isinstance(login, str) or not login or "\0" in login:
        raise Fault("nobody", f"the token has no claim {at.claim}")
    if at.claim == "email" and claims.get("email_verified") is not True:
        raise Fault("nobody", "the provider has not verified the e-mail address")
    person = Person.objects.filter(login=login, is_active=True).first()
    if person is None:
        raise Fault("nobody", "no active person has the login that the token names")
    return person


# ---- asking the provider


def _discover(at: Provider) -> dict[str, Any]:
    """What the provider tells of itself, remembered for ten minutes."""
    told = _remembered(f"{at.issuer.rstrip('/')}/.well-known/openid-configuration")
    if told.get("issuer") != at.issuer:
        raise Fault("token", "the provider's description names another issuer")
    return told


def _remembered(url: str, *, afresh: bool = False) -> dict[str, Any]:
    with _lock:
        found = _known.get(url)
    if found is not None and not afresh and time.monotonic() - found[0] < _REMEMBERED:
        return found[1]
    told = _asked("GET", url, {})
    with _lock:
        _known[url] = (time.monotonic(), told)
    return told


def _address(told: Mapping[str, Any], name: str) -> str:
    address = told.get(name)
    if not isinstance(address, str) or urlsplit(address).scheme not in ("https", "http"):
        raise Fault("away", f"the provider's description has no {name}")
    return address


def _exchange(at: Provider, told: Mapping[str, Any], code: str, verifier: str, back: str) -> str:
    """The ID token for a code."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": back,
        "client_id": at.client_id,
        "code_verifier": verifier,
    }
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    ways = told.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    if at.secret and "client_secret_basic" in ways:
        pair = f"{quote(at.client_id, safe='')}:{quote(at.secret, safe='')}"
        headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    elif at.secret:
        form["client_secret"] = at.secret
    answer = _asked("POST", _address(told, "token_endpoint"), headers, urlencode(form).encode())
    token = answer.get("id_token")
    if not isinstance(token, str):
        raise Fault("token", "the provider gave no ID token")
    return token


def _asked(method: str, url: str, headers: Mapping[str, str], body: bytes = b"") -> dict[str, Any]:
    """A JSON object of the provider."""
    given = {"Accept": "application/json", **headers}
    try:
        reply = egress.request(method, url, rules=snapshot.rules(), headers=given, body=body, limit=_LIMIT)
    except (Refused, egress.Failed) as error:
        raise Fault("away", str(error)) from error
    if reply.status != 200 or not reply.complete:
        raise Fault("away" if reply.status >= 500 else "token", f"{urlsplit(url).path} answered {reply.status}")
    try:
        found = json.loads(reply.body)
    except ValueError as error:
        raise Fault("away", f"{urlsplit(url).path} gave no JSON") from error
    if not isinstance(found, dict):
        raise Fault("away", f"{urlsplit(url).path} gave no JSON object")
    return found


def _judged(at: Provider, told: Mapping[str, Any], token: str, nonce: str) -> dict[str, Any]:
    """The claims of a token that the provider signed for us, just now, for this very attempt."""
    from authlib.oidc.core import CodeIDToken
    from joserfc import jwt
    from joserfc.errors import JoseError
    from joserfc.jwk import KeySet

    where = _address(told, "jwks_uri")
    for afresh in (False, True):  # once more with fresh keys: the provider may have changed them
        keys: Any = _remembered(where, afresh=afresh)
        try:
            opened = jwt.decode(token, KeySet.import_key_set(keys), algorithms=ALGORITHMS)
            break
        except (JoseError, ValueError, KeyError, TypeError) as error:
            if afresh:
                raise Fault("token", f"the signature does not hold: {type(error).__name__}") from error
    options: Any = {
        "iss": {"essential": True, "value": at.issuer},
        "aud": {"essential": True, "value": at.client_id},
    }
    claims = CodeIDToken(opened.claims, opened.header, options, {"nonce": nonce, "client_id": at.client_id})
    try:
        claims.validate(leeway=LEEWAY)
    except (JoseError, ValueError, TypeError) as error:
        raise Fault("token", f"a claim does not hold: {error}") from error
    return dict(claims)


def back_address(request: HttpRequest, path: str) -> str:
    """Our own address to which the provider sends people back: below the public address, if one is set."""
    return f"{settings.PUBLIC_URL}{path}" if settings.PUBLIC_URL else request.build_absolute_uri(path)


def forget() -> None:
    """Ask the provider afresh."""
    with _lock:
        _known.clear()
