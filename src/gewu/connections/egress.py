"""The only way out: every request to another system goes through here, to hosts on the allow-list only (``allow``).

A name is resolved once and the connection is made to the very address that was checked, so that a name cannot lead
somewhere else between the two; TLS still verifies the name. Redirects are not followed, proxies of the environment and
cookies are not used, and a clock on the wall ends what takes too long, however steadily it drips.
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar
from urllib.parse import urlsplit

import certifi
import httpcore

from gewu.connections.allow import Refused, Rule, Target, check, is_inside, take_apart, unmapped

C = TypeVar("C")

TIMEOUT = 10.0
"""Seconds on the wall that a whole request may take: name, connection, TLS, sending, answer."""

BODY_LIMIT = 8 * 1024
"""Bytes of an answer that are read; the rest is dropped with the connection."""

CA_VARIABLE = "GEWU_CA_FILE"

_NETWORK = (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError)


class Failed(Exception):
    """The request was made, and no complete answer came."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back. ``body`` has at most as many bytes as were asked for (else ``BODY_LIMIT``), ``complete`` says
    whether it came whole and was no longer; header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    complete: bool = True


def resolve(where: Target, rules: Sequence[Rule], seconds: float = 5.0) -> list[str]:
    """The addresses of a host that may be connected to, in the resolver's order. Raises ``Refused`` and ``Failed``.

    If any address of a name is an inside one that is not allowed, the name is refused altogether.
    """
    if where.address is not None:
        return [str(where.address)]
    found: list[str] = []
    for text in dict.fromkeys(_look_up(where.host, where.port, seconds)):
        address = ipaddress.ip_address(text.partition("%")[0])
        if is_inside(address) and not any(rule.covers_address(unmapped(address), where.port) for rule in rules):
            raise Refused("inside", f"{where.host} ({address})")
        found.append(text)
    if not found:
        raise Refused("unknown_host", where.host)
    return found


def _look_up(host: str, port: int, seconds: float) -> list[str]:
    """Resolve a name, waiting so long at most: the system's resolver knows no deadline of its own."""
    answer: list[list[str] | OSError] = []

    def ask() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            answer.append([str(entry[4][0]) for entry in found])
        except (OSError, UnicodeError) as error:
            answer.append(error if isinstance(error, OSError) else OSError(str(error)))

    thread = threading.Thread(target=ask, name="resolver", daemon=True)
    thread.start()
    thread.join(seconds)
    if not answer:
        raise Failed(f"the name {host} was not resolved within {seconds:.0f} s")
    if isinstance(answer[0], OSError):
        raise Refused("unknown_host", host) from answer[0]
    return answer[0]


# ---- making the connection


@contextlib.contextmanager
def wall_clock(sock: socket.socket, deadline: float) -> Iterator[None]:
    """Hang up on the other side when the deadline (of ``time.monotonic``) comes, whatever this thread waits for."""
    twin = sock.dup()  # the same connection, also after TLS took the socket over

    def hang_up() -> None:
        with contextlib.suppress(OSError):
            twin.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(max(0.0, deadline - time.monotonic()), hang_up)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        twin.close()


def connect(where: Target, rules: Sequence[Rule], deadline: float) -> socket.socket:
    """A TCP connection to an allowed host, for protocols other than HTTP. Raises ``Refused`` and ``Failed``."""
    check(where, rules)

    def attempt(address: str, left: float) -> socket.socket:
        return socket.create_connection((address, where.port), timeout=left)

    return _first(attempt, where, rules, deadline)


def _first(attempt: Callable[[str, float], C], where: Target, rules: Sequence[Rule], deadline: float) -> C:
    """The first of a host's addresses that answers."""
    last = "no time was left"
    for address in resolve(where, rules, max(0.1, min(5.0, deadline - time.monotonic()))):
        left = deadline - time.monotonic()
        if left <= 0:
            break
        try:
            return attempt(address, left)
        except (OSError, httpcore.NetworkError, httpcore.TimeoutException) as error:
            last = str(error) or type(error).__name__
    raise Failed(f"no connection to {where.host}:{where.port}: {last}")


class _Backend(httpcore.SyncBackend):
    """Connects to checked addresses only; what httpcore asks for by name is resolved and checked here, once."""

    def __init__(self, where: Target, rules: Sequence[Rule], deadline: float) -> None:
        self.where, self.rules, self.deadline = where, rules, deadline
        self.guards = contextlib.ExitStack()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """See ``httpcore.NetworkBackend``."""
        assert (host, port) == (self.where.host, self.where.port), "only the checked host is connected to"
        connect_to = super().connect_tcp
        stream = _first(lambda address, left: connect_to(address, port, left), self.where, self.rules, self.deadline)
        self.guards.enter_context(wall_clock(stream.get_extra_info("socket"), self.deadline))
        return stream


@lru_cache(maxsize=1)
def tls_context() -> ssl.SSLContext:
    """Trusts the system's authorities, those that come with Python's web libraries, and those in ``GEWU_CA_FILE``."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    if own := os.environ.get(CA_VARIABLE):
        context.load_verify_locations(own)
    return context


def request(
    method: str,
    url: str,
    *,
    rules: Sequence[Rule],
    headers: Mapping[str, str],
    body: bytes = b"",
    timeout: float | None = None,
    limit: int = BODY_LIMIT,
) -> Reply:
    """Make one request to an allowed host and read the beginning of its answer.

    Raises ``Refused`` before anything is sent, and ``Failed`` when no answer came within ``timeout`` seconds (else
    ``TIMEOUT``). The answer is whatever came, also a redirect or an error; its status counts although its body breaks
    off.
    """
    where = take_apart(url)
    check(where, rules)
    timeout = TIMEOUT if timeout is None else timeout
    parts = urlsplit(url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    host = f"[{where.host}]" if where.address is not None and where.address.version == 6 else where.host
    scheme = "https" if where.tls else "http"
    deadline = time.monotonic() + timeout
    backend = _Backend(where, rules, deadline)
    limits = {"timeout": dict.fromkeys(("connect", "read", "write", "pool"), timeout)}
    given = {"Host": _host_header(host, where), "Connection": "close", **headers}
    target_url = httpcore.URL(scheme=scheme, host=where.host, port=where.port, target=path)
    try:
        with (
            backend.guards,
            httpcore.ConnectionPool(ssl_context=tls_context(), network_backend=backend) as pool,
            pool.stream(method, target_url, headers=list(given.items()), content=body, extensions=limits) as answer,
        ):
            read, complete = _beginning(answer, limit)
            found = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in answer.headers}
            return Reply(answer.status, found, read, complete)
    except (*_NETWORK, OSError) as error:
        if time.monotonic() >= deadline:
            raise Failed(f"no answer within {timeout:g} s") from error
        raise Failed(f"no answer: {error or type(error).__name__}") from error


def _beginning(answer: httpcore.Response, limit: int) -> tuple[bytes, bool]:
    """The beginning of a body, and whether it came whole. A body that breaks off does not undo the status."""
    read = b""
    try:
        for part in answer.iter_stream():
            read += part
            if len(read) > limit:
                return read[:limit], False
    except _NETWORK:
        return read, False
    return read, True


def _host_header(host: str, where: Target) -> str:
    return host if where.port == (443 if where.tls else 80) else f"{host}:{where.port}"
