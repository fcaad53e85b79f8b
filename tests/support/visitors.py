"""Visitors of the public pages: each a browser without scripts, with an address of its own on the loopback network."""

from __future__ import annotations

import html
import io
import re
import secrets
from collections.abc import Callable
from typing import Any

import httpx
import psycopg
from PIL import ExifTags, Image

CODE = re.compile(r'id="(number|code)">([^<]+)<')
WORDS = "人行道上的井盖破损，行人差点踩空。"


def jpeg(lon: float | None = None, lat: float | None = None, size: tuple[int, int] = (64, 48)) -> bytes:
    """A photo as a phone takes it: no two alike, with a position when one is given."""
    image = Image.new("RGB", size, tuple(secrets.token_bytes(3)))
    exif = Image.Exif()
    if lon is not None and lat is not None:
        exif[ExifTags.IFD.GPSInfo] = {1: "N", 2: _dms(lat), 3: "E", 4: _dms(lon)}
    exif[ExifTags.IFD.Exif] = {ExifTags.Base.DateTimeOriginal: "2026:11:22 09:05:00"}
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif)
    return out.getvalue()


def _dms(degrees: float) -> tuple[float, float, float]:
    whole = int(degrees)
    minutes = int((degrees - whole) * 60)
    return float(whole), float(minutes), round(((degrees - whole) * 60 - minutes) * 60, 5)


class Visitor:
    """Fills in forms as they stand on the page, and follows where they lead."""

    def __init__(self, base: str, address: str, language: str) -> None:
        transport = httpx.HTTPTransport(local_address=address)
        self.http = httpx.Client(
            base_url=base,
            transport=transport,
            follow_redirects=True,
            timeout=60,
            headers={"Accept-Language": language, "Accept": "text/html"},
        )
        self.page: httpx.Response = self.http.get("/")

    def go(self, path: str) -> httpx.Response:
        self.page = self.http.get(path)
        return self.page

    @property
    def text(self) -> str:
        """What is to be read on the page."""
        body = re.sub(r"<(script|style|head)\b.*?</\1>", " ", self.page.text, flags=re.S)
        return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())

    def hidden(self, action: str) -> dict[str, str]:
        """The hidden fields of the form with this action (or of the one that posts to the page itself)."""
        for form in re.findall(r"<form\b.*?</form>", self.page.text, flags=re.S):
            head = form[: form.index(">")]
            if f'action="{action}"' in head or f'formaction="{action}"' in form:
                found = re.findall(r'<input type="hidden" name="([^"]+)"(?: value="([^"]*)")?', form)
                return {name: html.unescape(value) for name, value in found}
        raise AssertionError(f"no form that posts to {action} on {self.page.url}: {self.text[:300]}")

    def post(self, action: str, data: dict[str, str] | None = None, files: Any = None) -> httpx.Response:
        """Send a form of this page."""
        sent = {**self.hidden(action), **(data or {})}
        self.page = self.http.post(action, data=sent, files=files)
        return self.page

    # ---- the three questions

    @property
    def path(self) -> str:
        return self.page.url.path

    def what(self, description: str = WORDS, photos: list[tuple[str, bytes]] | None = None, **more: str) -> Visitor:
        if not self.path.endswith("/what"):
            self.go("/report")
        files = [("photos", (name, data, "image/jpeg")) for name, data in photos or []]
        self.post(self.path, {"description": description, **more}, files or None)
        return self

    def where(self, action: str = "next", **data: str) -> Visitor:
        self.post(self.path, {"action": action, **data})
        return self

    def who(self, wants: str = "yes", **data: str) -> Visitor:
        self.post(self.path, {"wants": wants, "action": "send", **data})
        return self

    @property
    def result(self) -> tuple[str, str]:
        """Number and code of the last page."""
        found = dict(CODE.findall(self.page.text))
        assert set(found) == {"number", "code"}, self.text[:400]
        return found["number"], found["code"]

    def reported(self, description: str = WORDS, **who: str) -> tuple[str, str]:
        """A report in words alone."""
        self.what(description).where(address="王牌路 12 号门口").who(**who)
        return self.result


NewVisitor = Callable[..., Visitor]


class Stored:
    """What lies in the database."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection

    def count(self, table: str) -> int:
        row = self._connection.execute(f"SELECT count(*) FROM {table}").fetchone()
        assert row is not None
        return int(row[0])

    @property
    def cases(self) -> int:
        return self.count("cases_case")

    @property
    def photos(self) -> int:
        return self.count("ledger_attachment")

    def has(self, words: str) -> list[str]:
        """Tables in which these words can be read."""
        tables = self._connection.execute(
            "SELECT table_name FROM information_schema.tables"
            " WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
        ).fetchall()
        found = []
        for (table,) in tables:
            row = self._connection.execute(
                f"SELECT count(*) FROM {table} t WHERE position(%s in t::text) > 0", [words]
            ).fetchone()
            assert row is not None
            if row[0]:
                found.append(table)
        return found
