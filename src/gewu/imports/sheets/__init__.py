"""Reading sheets that others wrote: bounded, nothing evaluated, nothing fetched, every oddity told."""

from gewu.imports.sheets.open import open_sheet
from gewu.imports.sheets.table import MAX_BYTES, MAX_COLUMNS, MAX_ROWS, Cell, RawRow, Sheet

__all__ = ["MAX_BYTES", "MAX_COLUMNS", "MAX_ROWS", "Cell", "RawRow", "Sheet", "open_sheet"]
