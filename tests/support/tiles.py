"""A map service on the loopback address: gives a small picture, counts, and fails as told."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from PIL import Image


def png() -> bytes:
    """A tile."""
    out = io.BytesIO()
    Image.new("RGB", (256, 256), (200, 220, 210)).save(out, "PNG")
    return out.getvalue()


@dataclass
class MapService:
    """``answer`` is the status and body of every answer; ``asked`` are the paths that came."""

    port: int = 0
    answer: tuple[int, bytes] = field(default_factory=lambda: (200, png()))
    asked: list[str] = field(default_factory=list)

    @property
    def template(self) -> str:
        return f"http://127.0.0.1:{self.port}/{{z}}/{{x}}/{{y}}.png?token={{key}}"


@contextmanager
def map_service() -> Iterator[MapService]:
    """Run one."""
    service = MapService()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            service.asked.append(self.path)
            status, body = service.answer
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    service.port = int(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
