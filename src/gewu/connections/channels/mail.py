"""E-mail over SMTP, through the same allow-list as everything else.

Without a host of its own a channel uses the server in ``GEWU_SMTP_URL``, such as
``smtp://user:password@mail.example.org:587/?from=gewu@example.org`` (STARTTLS), ``smtps://...`` (TLS from the start) or
``smtp+plain://...`` (no TLS: inside a protected network only). Whoever sets it allows its host by doing so.
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
import smtplib
import socket
import time
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import formatdate
from urllib.parse import parse_qs, unquote, urlsplit

from gewu.connections import egress
from gewu.connections.allow import Refused, Rule, Target, check, target
from gewu.connections.channels.base import Kind, Letter, Setting, Way
from gewu.core.playbook.model import Words
from gewu.ledger.outbox import Answer, DeliveryError

VARIABLE = "GEWU_SMTP_URL"
TIMEOUT = 15.0
_SCHEMES = {"smtp": "starttls", "smtps": "tls", "smtp+plain": "none"}
_PORTS = {"starttls": 587, "tls": 465, "none": 25}


@dataclass(frozen=True, slots=True)
class Server:
    """A mail server: ``security`` is starttls, tls or none."""

    where: Target
    security: str
    sender: str
    user: str
    password: str = field(repr=False)
    rules: tuple[Rule, ...]


class BadServer(ValueError):
    """Settings from which no server follows: the setting, and a code for what is wrong."""

    def __init__(self, setting: str, code: str, detail: str = "") -> None:
        super().__init__(f"{setting}: {code} {detail}".strip())
        self.setting, self.code, self.detail = setting, code, detail


def server_of(way: Way) -> Server:
    """The server of a channel. Raises ``BadServer`` and ``Refused``."""
    own = str(way.settings.get("host") or "")
    if not own:
        return _of_environment(str(way.settings.get("sender") or ""))
    security = str(way.settings.get("security") or "starttls")
    try:
        port = int(way.settings.get("port") or _PORTS[security])
    except ValueError as error:
        raise BadServer("port", "number") from error
    where = target(own, port, tls=security != "none")
    check(where, way.rules)
    user, password = str(way.settings.get("user") or ""), way.secrets.get("password", "")
    return Server(where, security, str(way.settings.get("sender") or ""), user, password, tuple(way.rules))


def _of_environment(sender: str) -> Server:
    text = os.environ.get(VARIABLE, "")
    parts = urlsplit(text)
    if parts.scheme not in _SCHEMES or not parts.hostname:
        raise BadServer("host", "required" if not text else "not_a_url", VARIABLE)
    security = _SCHEMES[parts.scheme]
    where = target(parts.hostname, parts.port or _PORTS[security], tls=security != "none")
    everywhere = [ipaddress.ip_network("0.0.0.0/0"), ipaddress.ip_network("::/0")]
    rules = (
        Rule(host=where.host, port=where.port, plain=True),
        *(Rule(network=network, port=where.port, plain=True) for network in everywhere),
    )
    sender = sender or parse_qs(parts.query).get("from", [""])[0]
    return Server(where, security, sender, unquote(parts.username or ""), unquote(parts.password or ""), rules)


class _Smtp(smtplib.SMTP):
    """Speaks over a connection that was made through the allow-list."""

    def __init__(self, server: Server, deadline: float) -> None:
        self._server, self._deadline = server, deadline
        self.guards = contextlib.ExitStack()
        super().__init__(timeout=TIMEOUT)
        self._host = server.where.host

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        sock = egress.connect(self._server.where, self._server.rules, self._deadline)
        self.guards.enter_context(egress.wall_clock(sock, self._deadline))
        if self._server.security == "tls":
            return egress.tls_context().wrap_socket(sock, server_hostname=self._server.where.host)
        return sock


def send(way: Way, letter: Letter) -> Answer:
    """Hand a letter to the mail server."""
    deadline = time.monotonic() + TIMEOUT
    try:
        server = server_of(way)
        if not server.sender:
            raise DeliveryError("the channel has no sender address")
        code = _deliver(server, letter, deadline)
    except (Refused, BadServer, egress.Failed) as error:
        raise DeliveryError(str(error)) from error
    except smtplib.SMTPRecipientsRefused as error:
        number, why = next(iter(error.recipients.values()))
        raise DeliveryError(f"the address was refused: {number} {_text(why)}", code=number, of_message=True) from error
    except smtplib.SMTPDataError as error:
        raise DeliveryError(
            f"the message was refused: {error.smtp_code} {_text(error.smtp_error)}", code=error.smtp_code,
            of_message=error.smtp_code >= 500,
        ) from error  # fmt: skip
    except smtplib.SMTPResponseException as error:
        raise DeliveryError(
            f"the mail server refused: {error.smtp_code} {_text(error.smtp_error)}", code=error.smtp_code
        ) from error
    except (smtplib.SMTPException, OSError, ValueError) as error:
        over = time.monotonic() >= deadline
        what = f"no answer within {TIMEOUT:g} s" if over else str(error) or type(error).__name__
        raise DeliveryError(f"the mail server: {what}") from error
    return Answer(code)


def _deliver(server: Server, letter: Letter, deadline: float) -> int:
    smtp = _Smtp(server, deadline)
    with smtp.guards:
        try:
            smtp.connect(server.where.host, server.where.port)
            if server.security == "starttls":
                smtp.starttls(context=egress.tls_context())
            if server.user:
                smtp.login(server.user, server.password)
            smtp.sendmail(server.sender, [letter.address], message(server.sender, letter).as_bytes())
        finally:
            smtp.close()  # what was accepted stays accepted, however the goodbye would go
    return 250


def message(sender: str, letter: Letter) -> EmailMessage:
    """The letter as a mail; its id stands in ``Message-ID``, so that a second copy can be recognised."""
    found = EmailMessage()
    found["From"], found["To"] = sender, letter.address
    found["Subject"] = letter.subject.replace("\n", " ")
    found["Date"] = formatdate(letter.at)
    found["Message-ID"] = f"<{letter.id}@{sender.rpartition('@')[2] or 'gewu'}>"
    found["Auto-Submitted"] = "auto-generated"
    found.set_content(f"{letter.text}\n\n{letter.link}".strip() + "\n", charset="utf-8", cte="base64")
    return found


def _text(said: bytes | str) -> str:
    return (said.decode(errors="replace") if isinstance(said, bytes) else said)[:200]


def _check(way: Way) -> dict[str, tuple[str, str]]:
    try:
        server = server_of(way)
    except BadServer as error:
        return {error.setting: (error.code, error.detail)}
    except Refused as error:
        return {"host": (error.code, error.detail)}
    return {} if "@" in server.sender else {"sender": ("required", "")}


MAIL = Kind(
    "mail",
    Words("E-mail", "电子邮件"),
    Words("To each person's own address.", "发到每个人自己的邮箱。"),
    "mail",
    (
        Setting(
            "host",
            Words("Mail server", "邮件服务器"),
            Words("Empty for the server of the installation.", "留空则使用系统配置的服务器。"),
            required=False,
        ),
        Setting("port", Words("Port", "端口"), required=False),
        Setting(
            "security",
            Words("Protection", "加密方式"),
            default="starttls",
            choices=(
                ("starttls", Words("STARTTLS", "STARTTLS")),
                ("tls", Words("TLS from the start", "全程 TLS")),
                ("none", Words("None (protected network only)", "不加密（仅限受保护的内网）")),
            ),
        ),
        Setting("sender", Words("Sender address", "发件地址"), required=False),
        Setting("user", Words("User name", "用户名"), required=False),
        Setting("password", Words("Password", "密码"), secret=True, required=False),
    ),
    send,
    _check,
)
