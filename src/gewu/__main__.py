"""`python -m gewu` is the command `gewu`."""

from __future__ import annotations

from gewu.surfaces.cli import main

if __name__ == "__main__":
    main(prog_name="gewu")
