"""Packs: folders of data that say how a district is made and how it works (formats: ``docs/architecture.md``)."""

from gewu.registry.packs.load import check_pack, examine_pack, load_pack
from gewu.registry.packs.problems import PackError, Problem
from gewu.registry.packs.report import Counts, LoadReport

__all__ = ["Counts", "LoadReport", "PackError", "Problem", "check_pack", "examine_pack", "load_pack"]
