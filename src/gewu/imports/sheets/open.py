"""Which reader a file needs, by what is in it and not by its name."""

from __future__ import annotations

from gewu.imports.mapping import Platform
from gewu.imports.problems import BadFile
from gewu.imports.sheets.csvtext import read_csv
from gewu.imports.sheets.table import MAX_BYTES, Sheet
from gewu.imports.sheets.workbook import read_workbook

_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BINARY = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b")


def open_sheet(data: bytes, platform: Platform) -> Sheet:
    """The sheet in a file. Raises ``BadFile``, which says what to do; rows raise it too where the file breaks off."""
    if len(data) > MAX_BYTES:
        raise BadFile("too_large", megabytes=MAX_BYTES // (1024 * 1024))
    if data.startswith(_OLE):
        raise BadFile("old_format")
    if data.startswith(_ZIP):
        return read_workbook(data, platform)
    if data.startswith(_BINARY):
        raise BadFile("not_a_sheet")
    return read_csv(data, platform)
