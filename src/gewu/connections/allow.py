"""What may be reached outside: the allow-list, and what an address must be before anything is saved or sent.

What is allowed is written down beforehand, in ``GEWU_EGRESS_ALLOW`` (entries joined by spaces) and in the table of
rules; everything else is refused. An entry is

``hooks.example.org``        that host over https, port 443
``*.example.org``            every host below it
``hooks.example.org:8443``   that host on that port
``http://desk.example.org``  that host also without TLS (port 80, or the one that is named)
``10.20.0.0/16``             addresses of an intranet, any port; without it no inside address is ever connected to
``http://10.20.0.7``         that address, any port, also without TLS
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

ALLOW_VARIABLE = "GEWU_EGRESS_ALLOW"

_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"(?:{_LABEL}\.)*{_LABEL}")
_NUMBER_LIKE = re.compile(r"0x[0-9a-f]*|[0-9]+")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# Addresses that are public by their number and still belong to the machine's own cloud.
_METADATA = frozenset(ipaddress.ip_address(a) for a in ("168.63.129.16", "169.254.169.254", "100.100.100.200"))
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class Refused(Exception):
    """This request may not be made. ``code`` names why: see ``REASONS``; ``detail`` is the host or address."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{REASONS[code]}: {detail}")
        self.code = code
        self.detail = detail


REASONS = {
    "not_a_url": "this is not an address of a web service",
    "scheme": "only https is allowed here",
    "credentials": "user names and passwords do not belong into an address",
    "host": "this is not a host name or address in its usual form",
    "not_allowed": "this host is not on the list of allowed hosts",
    "inside": "this leads to an inside address that is not explicitly allowed",
    "unknown_host": "this host name cannot be resolved",
}


class BadRule(ValueError):
    """An entry of the allow-list that cannot be read; the message says why."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One entry of the allow-list. Either ``host`` (perhaps ``*.name``) or ``network``."""

    host: str = ""
    network: Network | None = None
    port: int = 0
    plain: bool = False

    def covers_name(self, host: str, port: int, *, tls: bool) -> bool:
        """Whether the entry is about this host name."""
        if self.network is not None or not (tls or self.plain):
            return False
        if port != (self.port or (443 if tls else 80)):
            return False
        return host.endswith(self.host[1:]) if self.host.startswith("*.") else host == self.host

    def covers_address(self, address: Address, port: int) -> bool:
        """Whether the entry explicitly allows connecting to this address."""
        return self.network is not None and address in self.network and port == (self.port or port)


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request goes, taken apart. ``address`` is set when the host is written as a number."""

    host: str
    port: int
    tls: bool
    address: Address | None = None


# ---- the list


def read_rule(text: str) -> Rule:
    """An entry of the allow-list. Raises ``BadRule``."""
    entry = text.strip().lower()
    plain = entry.startswith("http://")
    rest = entry.removeprefix("http://").removeprefix("https://")
    network = _network(rest)
    if network is not None:
        return Rule(network=network, plain=plain)
    host, port = rest, 0
    found = re.fullmatch(r"(\[[0-9a-f:.]+\]|[^:/\[\]]+)(?::([0-9]{1,5}))?", rest)
    if found is None:
        raise BadRule(f"“{text}” is not a host, host:port, address or network (such as 10.20.0.0/16)")
    host, port = found[1], int(found[2] or 0)
    if port > 65535:
        raise BadRule(f"“{text}” names a port above 65535")
    network = _network(host.strip("[]"))
    if network is not None:
        return Rule(network=network, port=port, plain=plain)
    name = host.removeprefix("*.")
    if not _is_name(name) or ("*" in host and "." not in name):
        raise BadRule(f"“{host}” is neither a host name nor an address in its usual form")
    return Rule(host=host, port=port, plain=plain)


def _network(text: str) -> Network | None:
    try:
        return ipaddress.ip_network(text)
    except ValueError:
        return None


def environment_entries() -> list[str]:
    """The entries of ``GEWU_EGRESS_ALLOW``."""
    return os.environ.get(ALLOW_VARIABLE, "").replace(",", " ").split()


def environment_rules() -> tuple[Rule, ...]:
    """The rules of ``GEWU_EGRESS_ALLOW``; ``snapshot.rules`` has those of the table too. Raises ``BadRule``."""
    return tuple(read_rule(entry) for entry in environment_entries())


# ---- what is asked before anything is saved or sent


def take_apart(url: str, schemes: Mapping[str, bool] | None = None) -> Target:
    """The host, port and scheme of a URL. Raises ``Refused`` for anything but a plain absolute address.

    ``schemes`` maps allowed schemes to whether they use TLS (by default http and https).
    """
    known = schemes or {"http": False, "https": True}
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise Refused("not_a_url", url[:200]) from error
    if parts.scheme not in known or not parts.hostname or any(c.isspace() or not c.isprintable() for c in url):
        raise Refused("not_a_url", url[:200])
    if parts.username is not None or parts.password is not None:
        raise Refused("credentials", parts.hostname)
    tls = known[parts.scheme]
    host = parts.hostname
    if not host.isascii():
        try:
            host = host.encode("idna").decode()
        except UnicodeError as error:
            raise Refused("host", parts.hostname) from error
    return target(host, port or (443 if tls else 80), tls=tls)


def target(host: str, port: int, *, tls: bool) -> Target:
    """A host by name or address. Raises ``Refused`` for numbers that are not written as addresses usually are."""
    host = host.lower().rstrip(".")
    with contextlib.suppress(ValueError):
        address = ipaddress.ip_address(host)
        if getattr(address, "scope_id", None):
            raise Refused("host", host)
        return Target(host, port, tls, address)
    if not _is_name(host):
        raise Refused("host", host)
    return Target(host, port, tls)


def _is_name(host: str) -> bool:
    """A host name whose last label is not a number: 2130706433, 0x7f.1 and 127.1 are addresses in disguise."""
    return len(host) <= 253 and bool(_NAME.fullmatch(host)) and not _NUMBER_LIKE.fullmatch(host.rpartition(".")[2])


def check(where: Target, rules: Sequence[Rule]) -> None:
    """Refuse what the list does not hold, as far as it can be said without resolving a name. Raises ``Refused``."""
    if where.address is not None:
        address = unmapped(where.address)
        covering = [rule for rule in rules if rule.covers_address(address, where.port)]
        if not covering:
            raise Refused("inside" if is_inside(address) else "not_allowed", str(where.address))
        if not where.tls and not any(rule.plain for rule in covering):
            raise Refused("scheme", where.host)
        return
    if any(rule.covers_name(where.host, where.port, tls=where.tls) for rule in rules):
        return
    if not where.tls and any(r.covers_name(where.host, r.port or 443, tls=True) for r in rules):
        raise Refused("scheme", where.host)
    raise Refused("not_allowed", f"{where.host}:{where.port}")


def unmapped(address: Address) -> Address:
    """The address that is really meant by one that wraps an IPv4 address (mapped, 6to4, NAT64, Teredo)."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
    if inner is None and (address in _NAT64 or 1 < int(address) < 2**32):
        inner = ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return inner or address


def is_inside(address: Address) -> bool:
    """Whether an address is anything but a public one: loopback, private, link-local, multicast, metadata, reserved."""
    meant = unmapped(address)
    return (
        not meant.is_global
        or meant.is_multicast
        or meant.is_reserved
        or meant.is_unspecified
        or meant in _METADATA
        or (isinstance(meant, ipaddress.IPv6Address) and meant.is_site_local)
    )
