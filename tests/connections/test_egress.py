"""Nothing goes out but to hosts that are written down, and never to an inside address that is not."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from connections.receivers import Receiver, dead_port
from gewu.connections import allow, egress

RULES = tuple(
    allow.read_rule(e) for e in ("hooks.example.org", "*.gov.example", "http://plain.example:8080", "1.1.1.1")
)
LOOPBACK = (allow.read_rule("http://127.0.0.1"),)


def names(monkeypatch: pytest.MonkeyPatch, **known: Any) -> list[str]:
    """Let host names lead to these addresses; a list gives one after the other. Returns what was asked."""
    asked: list[str] = []
    real = socket.getaddrinfo

    def ask(host: str, port: int, *rest: Any, **more: Any) -> Any:
        if host[0].isdigit() or ":" in host:
            return real(host, port, *rest, **more)
        asked.append(host)
        found = known[host.replace(".", "_")]
        text = found.pop(0) if isinstance(found, list) else found
        family = socket.AF_INET6 if ":" in text else socket.AF_INET
        return [(family, socket.SOCK_STREAM, 6, "", (text, port))]

    monkeypatch.setattr(socket, "getaddrinfo", ask)
    return asked


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://127.0.0.1/", "inside"),
        ("https://127.0.0.1/", "inside"),
        ("https://localhost/", "not_allowed"),
        ("https://10.1.2.3/", "inside"),
        ("https://172.16.0.1/", "inside"),
        ("https://192.168.1.1:8443/", "inside"),
        ("https://100.64.0.1/", "inside"),
        ("https://169.254.169.254/latest/meta-data/", "inside"),
        ("https://100.100.100.200/latest/meta-data/", "inside"),
        ("https://168.63.129.16/", "inside"),
        ("https://0.0.0.0/", "inside"),
        ("https://224.0.0.1/", "inside"),
        ("https://239.255.255.250/", "inside"),
        ("https://255.255.255.255/", "inside"),
        ("https://[::1]/", "inside"),
        ("https://[::]/", "inside"),
        ("https://[::ffff:127.0.0.1]/", "inside"),
        ("https://[::ffff:7f00:1]/", "inside"),
        ("https://[::127.0.0.1]/", "inside"),
        ("https://[fe80::1]/", "inside"),
        ("https://[fd00:ec2::254]/", "inside"),
        ("https://[ff02::1]/", "inside"),
        ("https://[64:ff9b::7f00:1]/", "inside"),
        ("https://[2002:7f00:1::]/", "inside"),
        ("https://2130706433/", "host"),
        ("https://0x7f000001/", "host"),
        ("https://0177.0.0.1/", "host"),
        ("https://127.1/", "host"),
        ("https://0x7f.1/", "host"),
        ("https://127.0.0.1./", "inside"),
        ("https://%31%32%37.0.0.1/", "host"),
        ("https://8.8.8.8/", "not_allowed"),
        ("https://other.example.org/", "not_allowed"),
        ("https://hooks.example.org.evil.example/", "not_allowed"),
        ("https://gov.example/", "not_allowed"),
        ("https://evilgov.example/", "not_allowed"),
        ("https://hooks.example.org:22/", "not_allowed"),
        ("http://hooks.example.org/", "scheme"),
        ("http://1.1.1.1/", "scheme"),
        ("https://user:secret@hooks.example.org/", "credentials"),
        ("https://hooks.example.org@127.0.0.1/", "credentials"),
        ("ftp://hooks.example.org/", "not_a_url"),
        ("file:///etc/passwd", "not_a_url"),
        ("gopher://127.0.0.1:25/", "not_a_url"),
        ("https:///path", "not_a_url"),
        ("hooks.example.org", "not_a_url"),
        ("https://hooks.example.org:99999/", "not_a_url"),
        ("https://hooks.example.org/\r\nX-Evil: 1", "not_a_url"),
        ("https://①②⑦.0.0.1/", "inside"),
    ],
)
def test_refused(url: str, code: str) -> None:
    with pytest.raises(allow.Refused) as refused:
        allow.check(allow.take_apart(url), RULES)
    assert refused.value.code == code, refused.value


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example.org/a?b=c",
        "https://HOOKS.example.org./",
        "https://a.gov.example/",
        "https://a.b.gov.example/",
        "http://plain.example:8080/",
        "https://1.1.1.1/",
    ],
)
def test_allowed(url: str) -> None:
    allow.check(allow.take_apart(url), RULES)


@pytest.mark.parametrize("entry", ["", "http://", "a b", "host:99999", "*.org", "http://0x7f.1", "10.0.0.1/8", "a/b"])
def test_entries_that_cannot_be_read_are_refused(entry: str) -> None:
    with pytest.raises(allow.BadRule):
        allow.read_rule(entry)


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.9", "169.254.169.254", "::1", "::ffff:10.0.0.9", "fe80::1"])
def test_an_allowed_name_that_leads_inside_is_refused(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    names(monkeypatch, hooks_example_org=address)
    with pytest.raises(allow.Refused) as refused:
        egress.request("POST", "https://hooks.example.org/", rules=RULES, headers={})
    assert refused.value.code == "inside"


def test_an_intranet_is_reached_once_its_network_is_allowed(
    monkeypatch: pytest.MonkeyPatch, receiver: Callable[..., Receiver]
) -> None:
    found = receiver(200)
    names(monkeypatch, desk_intranet="127.0.0.1")
    rules = (allow.read_rule(f"http://desk.intranet:{found.port}"),)
    url = f"http://desk.intranet:{found.port}/x"
    with pytest.raises(allow.Refused):
        egress.request("POST", url, rules=rules, headers={})
    assert egress.request("POST", url, rules=(*rules, allow.read_rule("127.0.0.0/8")), headers={}).status == 200
    assert found.got[0].headers["host"] == f"desk.intranet:{found.port}"


def test_a_name_is_resolved_once_and_the_checked_address_is_used(
    monkeypatch: pytest.MonkeyPatch, receiver: Callable[..., Receiver]
) -> None:
    found, other = receiver(200), receiver(200)
    rules = (allow.read_rule(f"http://desk.intranet:{found.port}"), allow.read_rule("127.0.0.0/8"))
    asked = names(monkeypatch, desk_intranet=["127.0.0.1", "10.0.0.1"])
    assert egress.request("POST", f"http://desk.intranet:{found.port}/", rules=rules, headers={}).status == 200
    assert asked == ["desk.intranet"]
    assert (len(found.got), len(other.got)) == (1, 0)


def test_a_redirect_to_an_inside_address_is_an_answer_and_no_more(receiver: Callable[..., Receiver]) -> None:
    inside = receiver(200)
    found = receiver(302, headers={"Location": inside.url, "Set-Cookie": "a=b"})
    reply = egress.request("POST", found.url, rules=LOOPBACK, headers={}, body=b"{}")
    assert reply.status == 302
    assert inside.got == []


def test_proxies_of_the_environment_are_not_used(
    monkeypatch: pytest.MonkeyPatch, receiver: Callable[..., Receiver]
) -> None:
    proxy, found = receiver(200), receiver(204)
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
    assert egress.request("POST", found.url, rules=LOOPBACK, headers={}).status == 204
    assert proxy.got == []


def test_what_answers_drop_by_drop_is_hung_up_on(receiver: Callable[..., Receiver]) -> None:
    with pytest.raises(egress.Failed, match=r"no answer within 0\.3 s"):
        egress.request("POST", receiver("drip").url, rules=LOOPBACK, headers={}, timeout=0.3)


def test_a_status_counts_although_its_body_does_not_end(receiver: Callable[..., Receiver]) -> None:
    reply = egress.request("POST", receiver("drip-body").url, rules=LOOPBACK, headers={}, timeout=0.3)
    assert (reply.status, reply.complete) == (200, False)
    reply = egress.request("POST", receiver("broken-body").url, rules=LOOPBACK, headers={})
    assert (reply.status, reply.body, reply.complete) == (200, b"half", False)


def test_only_the_beginning_of_a_body_is_read(receiver: Callable[..., Receiver]) -> None:
    reply = egress.request("POST", receiver("big").url, rules=LOOPBACK, headers={})
    assert (reply.status, len(reply.body), reply.complete) == (200, egress.BODY_LIMIT, False)


@pytest.mark.parametrize("how", ["reset", "garbage"])
def test_no_answer_is_a_failure(receiver: Callable[..., Receiver], how: str) -> None:
    with pytest.raises(egress.Failed):
        egress.request("POST", receiver(how).url, rules=LOOPBACK, headers={})


def test_nobody_there_is_a_failure() -> None:
    with pytest.raises(egress.Failed, match="no connection to 127"):
        egress.request("POST", f"http://127.0.0.1:{dead_port()}/", rules=LOOPBACK, headers={})


def test_tls_verifies_the_name_although_the_address_is_connected_to(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    authority, chain = certificates(tmp_path, "hooks.example.org")
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(chain)
    asked: list[str | None] = []
    server.sni_callback = lambda _socket, name, _context: asked.append(name)
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]

    def answer() -> None:
        while True:
            try:
                with listener.accept()[0] as plain, server.wrap_socket(plain, server_side=True) as wire:
                    wire.recv(4096)
                    wire.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
            except ssl.SSLError:
                continue
            except OSError:
                return

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    names(monkeypatch, hooks_example_org="127.0.0.1", other_example_org="127.0.0.1")
    hosts = (f"hooks.example.org:{port}", f"other.example.org:{port}", "127.0.0.0/8")
    rules = tuple(allow.read_rule(entry) for entry in hosts)
    monkeypatch.setenv(egress.CA_VARIABLE, str(authority))
    egress.tls_context.cache_clear()
    try:
        url = f"https://hooks.example.org:{port}/"
        assert egress.request("POST", url, rules=rules, headers={}).status == 204
        assert asked == ["hooks.example.org"]
        with pytest.raises(egress.Failed):
            egress.request("POST", f"https://other.example.org:{port}/", rules=rules, headers={})
        monkeypatch.delenv(egress.CA_VARIABLE)
        egress.tls_context.cache_clear()
        with pytest.raises(egress.Failed):
            egress.request("POST", url, rules=rules, headers={})
    finally:
        egress.tls_context.cache_clear()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(10)


def certificates(folder: Path, host: str) -> tuple[Path, Path]:
    """An authority and a certificate for a host with its key, each in a file."""
    now = datetime.now(UTC)

    def make(name: str, issuer: x509.Name | None, signer: ec.EllipticCurvePrivateKey | None) -> Any:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        built = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer or subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        )
        return key, built.sign(signer or key, hashes.SHA256())

    authority_key, authority = make("authority.example", None, None)
    key, certificate = make(host, authority.subject, authority_key)
    pem = serialization.Encoding.PEM
    above, chain = folder / "authority.pem", folder / "chain.pem"
    above.write_bytes(authority.public_bytes(pem))
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    chain.write_bytes(secret + certificate.public_bytes(pem))
    return above, chain
