"""Finds words wherever they may lie: in text, in columns of bytes, in packed files, in papers and in columnar files."""

from __future__ import annotations

import base64
import gzip
import io
import json
import tarfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import duckdb
import numpy as np
from pypdf import PdfReader

DEEPEST = 4
"""Files inside files inside files."""


@dataclass(frozen=True)
class Words:
    """Words of somebody, and every form of their pieces. None of the pieces may stand anywhere by chance."""

    words: Sequence[str]
    pieces: tuple[str, ...] = field(init=False)
    _needles: dict[bytes, list[tuple[str, bytes]]] = field(init=False, repr=False)
    """Pieces and their forms, by the first four bytes of the form."""
    _lexemes: tuple[str, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        pieces: dict[str, None] = {}
        lexemes: dict[str, None] = {}
        for word in self.words:
            size = 10 if word.isascii() else 3
            pieces.update(dict.fromkeys(word[i : i + size] for i in range(max(1, len(word) - size + 1))))
            lexemes.update(dict.fromkeys(f"'{pair}'" for pair in _pairs(word)))
        needles: dict[bytes, list[tuple[str, bytes]]] = {}
        for one, form in {(piece, form) for piece in pieces for form in _forms(piece)}:
            needles.setdefault(form[:4], []).append((one, form))
        object.__setattr__(self, "pieces", tuple(pieces))
        object.__setattr__(self, "_needles", needles)
        object.__setattr__(self, "_lexemes", tuple(lexemes))

    @property
    def pairs(self) -> set[str]:
        """The words as an index of words has them, between apostrophes."""
        return set(self._lexemes)

    def within(self, data: bytes, depth: int = 0) -> set[str]:
        """The pieces that stand in these bytes or in what they unpack to."""
        found = {
            piece
            for at in self._starts(data)
            for piece, form in self._needles.get(data[at : at + 4], ())
            if data.startswith(form, at)
        }
        for part in _unpacked(data) if depth < DEEPEST else ():
            found |= self.within(part, depth + 1)
        return found

    def _starts(self, data: bytes) -> list[int]:
        """Where in these bytes any form may begin; a dump is large, and the forms are many."""
        if len(data) < 4:
            return []
        all_bytes = np.frombuffer(data, np.uint8)
        begins = np.zeros(1 << 16, bool)
        begins[[start[0] << 8 | start[1] for start in self._needles]] = True
        at = np.flatnonzero(begins[all_bytes[:-3].astype(np.uint16) << 8 | all_bytes[1:-2]])
        follows = np.zeros(1 << 16, bool)
        follows[[start[2] << 8 | start[3] for start in self._needles]] = True
        found: list[int] = at[follows[all_bytes[at + 2].astype(np.uint16) << 8 | all_bytes[at + 3]]].tolist()
        return found

    def lexemes(self, dump: str) -> set[str]:
        """The pairs of characters that stand in a dump as lexemes of an index of words do: between apostrophes."""
        return {pair for pair in self._lexemes if pair in dump}

    def below(self, folder: Path) -> dict[str, set[str]]:
        """The files of a folder that hold any, and what; names of files count as well."""
        found = {}
        for path in sorted(folder.rglob("*")):
            name = path.relative_to(folder).as_posix()
            data = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
            if pieces := self.within(name.encode() + b"\n" + data):
                found[name] = pieces
        return found


def _pairs(word: str) -> list[str]:
    """A word as an index of words has it: Chinese in pairs of characters, anything else whole and in lower case."""
    return [word.lower()] if word.isascii() else [word[i : i + 2] for i in range(len(word) - 1)]


def _forms(piece: str) -> Iterator[bytes]:
    """How a piece of text may be written down."""
    plain = piece.encode()
    yield plain
    yield json.dumps(piece)[1:-1].encode()
    yield quote(piece).encode()
    for number in ("&#{};", "&#x{:x};", "&#x{:X};"):
        yield "".join(number.format(ord(c)) for c in piece).encode()
    for encoding in ("utf-8", "utf-16-le", "utf-16-be", "gb18030"):
        written = piece.encode(encoding)
        yield written
        yield written.hex().encode()
        yield written.hex().upper().encode()
    for shift in range(3):
        # Where in the stream of base64 a piece begins is not known; its outermost letters depend on its neighbours.
        whole = base64.b64encode(b"\0" * shift + plain).decode().rstrip("=")
        inner = whole[(0, 2, 3)[shift] : len(whole) - 1]
        yield inner.encode()
        yield inner.replace("+", "-").replace("/", "_").encode()


def _unpacked(data: bytes) -> Iterator[bytes]:
    """What is packed in a file, by what it begins with."""
    if data[:2] == b"\x1f\x8b":
        yield gzip.decompress(data)
    elif data[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            yield from (packed.read(name) for name in packed.namelist())
    elif data[:5] == b"%PDF-":
        for one in PdfReader(io.BytesIO(data)).pages:
            yield one.extract_text().encode()
    elif data[:4] == b"PAR1":
        yield _columns(data)
    elif data[257:262] == b"ustar":
        with tarfile.open(fileobj=io.BytesIO(data)) as packed:
            files = (packed.extractfile(one) for one in packed.getmembers() if one.isfile())
            yield from (one.read() for one in files if one is not None)
    elif data[:1] == b"\x78":
        try:
            yield zlib.decompress(data)
        except zlib.error:
            return


def _columns(data: bytes) -> bytes:
    """The rows of a Parquet file as text."""
    import tempfile

    with tempfile.NamedTemporaryFile(suffix=".parquet") as file:
        file.write(data)
        file.flush()
        rows = duckdb.sql(f"SELECT * FROM read_parquet('{file.name}')").fetchall()
    return "\n".join(str(row) for row in rows).encode()
