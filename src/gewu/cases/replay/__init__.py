"""Outside exports played through the door: intake, dispatch and closing with their own times and deadlines."""

from gewu.cases.replay.export import BadExport, Rejected
from gewu.cases.replay.mapping import BadMapping, read_mapping
from gewu.cases.replay.play import Replayed, report_name, run, write_rejected

__all__ = ["BadExport", "BadMapping", "Rejected", "Replayed", "read_mapping", "report_name", "run", "write_rejected"]
