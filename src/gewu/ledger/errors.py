"""What the door answers when it does not open. Each has a stable ``code`` for surfaces."""

from __future__ import annotations

from uuid import UUID

from gewu.core.records import Refusal


class LedgerError(Exception):
    """Nothing was written."""

    code = "ledger"


class NotFound(LedgerError):
    """No such record in this district, or none that this actor may see."""

    code = "not_found"


class Conflict(LedgerError):
    """Somebody was faster: ``version`` is the record's version now."""

    code = "stale"

    def __init__(self, record_id: UUID, version: int) -> None:
        super().__init__(f"record {record_id} is at version {version}")
        self.record_id = record_id
        self.version = version


class Busy(LedgerError):
    """The record was locked for longer than the wait allows. Trying again is right."""

    code = "busy"


class CommandReused(LedgerError):
    """This command id was used before for something else."""

    code = "command_reused"


class Refused(LedgerError):
    """The playbook does not allow the command; ``refusal`` says why."""

    def __init__(self, refusal: Refusal, record_id: UUID | None = None) -> None:
        super().__init__(refusal.code)
        self.code = refusal.code
        self.refusal = refusal
        self.record_id = record_id


class Erased(LedgerError):
    """The words of this record were erased."""

    code = "erased"


class Held(LedgerError):
    """The record must be kept as it is for now: somebody put a hold on it, and its words may not be erased."""

    code = "held"
