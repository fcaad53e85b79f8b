"""Receivers on the loopback address that behave as told: well, slowly, wrongly, or not at all."""

from __future__ import annotations

import hashlib
import hmac
import socket
import struct
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Got:
    """A request as it arrived."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def key(self) -> str:
        return self.headers["gewu-delivery"]


@dataclass
class Receiver:
    """Answers each request by the next behaviour, the last one for ever.

    A behaviour is a status, or one of: drip (a header now and then, never the end), drip-body, reset (hangs up after
    taking it), twice (two answers), garbage, big (2 MB), broken-body, hold (waits for ``release``).
    """

    behaviours: list[Any] = field(default_factory=lambda: [200])
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    got: list[Got] = field(default_factory=list)
    release: threading.Event = field(default_factory=threading.Event)
    arrived: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    at_once: int = 0
    most_at_once: int = 0

    def __post_init__(self) -> None:
        receiver = self
        lock = threading.Lock()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                with lock:
                    receiver.at_once += 1
                    receiver.most_at_once = max(receiver.most_at_once, receiver.at_once)
                    number = len(receiver.got)
                    found = {name.lower(): value for name, value in self.headers.items()}
                    receiver.got.append(Got(self.path, found, body))
                receiver.arrived.release()
                try:
                    behaviours = receiver.behaviours
                    receiver.behave(self, behaviours[min(number, len(behaviours) - 1)])
                except OSError:
                    pass  # the other side hung up
                finally:
                    with lock:
                        receiver.at_once -= 1
                    self.close_connection = True

            def log_message(self, *_: Any) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.thread.start()

    @property
    def port(self) -> int:
        return int(self.server.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    @property
    def keys(self) -> list[str]:
        return [one.key for one in self.got]

    def behave(self, handler: BaseHTTPRequestHandler, how: Any) -> None:
        wire = handler.connection
        if how == "drip":
            wire.sendall(b"HTTP/1.1 200 OK\r\n")
            while not self.release.wait(0.05):
                wire.sendall(b"X-More: y\r\n")
        elif how == "drip-body":
            wire.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
            while not self.release.wait(0.05):
                wire.sendall(b"y")
        elif how == "reset":
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            wire.close()
        elif how == "twice":
            wire.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n")
        elif how == "garbage":
            wire.sendall(b"\x16\x03\x01 this is no HTTP\r\n\r\n")
        elif how == "big":
            wire.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2000000\r\n\r\n" + b"y" * 2_000_000)
        elif how == "broken-body":
            wire.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
        else:
            status = 200 if how == "hold" else int(how)
            if how == "hold":
                self.release.wait(30)
            handler.send_response(status)
            for name, value in self.headers.items():
                handler.send_header(name, value)
            handler.send_header("Content-Length", str(len(self.body)))
            handler.end_headers()
            handler.wfile.write(self.body)

    def close(self) -> None:
        self.release.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(10)


def dead_port() -> int:
    """A port of the loopback address on which nobody listens."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def verified(got: Any, secret: str) -> bool:
    """What a receiver does, written down independently of the product."""
    parts = [p.split("=", 1) for p in got.headers["gewu-signature"].split(",")]
    at = next(v for k, v in parts if k == "t")
    mine = hmac.new(secret.encode(), at.encode() + b"." + got.body, hashlib.sha256).hexdigest()
    return any(hmac.compare_digest(mine, v) for k, v in parts if k == "v1")
