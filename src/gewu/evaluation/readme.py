"""The page that lies beside every export."""

from __future__ import annotations

from typing import Final

README: Final = """\
Gewu 格物: export for evaluation

One snapshot of the ledger, as of `as_of` in export.json (seconds since the epoch, UTC). Nothing here names a person:
`*_by` and `actor` are numbers of accounts, `reporter` is any resident, `system` a clock. Free words are not in it.
一次快照。不含自由文本与姓名；*_by 与 actor 为账号编号，reporter 指反映人，system 指系统时钟。

export.json       what was exported, when, with the SHA-256 of every file; the months of each district with their
                  bounds in its own time zone
definitions.json  by district: the indicators and score formulas, as data
facts.parquet     one row for each case
  number, place (6, 9, 12 or 15 digits), category, standard, source, tier, stage, ended (declined, voided, merged,
  answered or empty), lead_unit, verification, solved, satisfied, areas (list)
  *_at            instants, seconds since the epoch; null when it has not come
  *_by            who did it
  public, collector, urgent, has_reporter, forced, fixed_on_spot, overdue_exempt
                  true or false; overdue_exempt: an appeal against being overdue was granted, the fact stays
  received, returned, reworks, repeats, extensions, suspensions, checks_passed, checks_failed, checks_unable,
  hops
  units_received, units_returned
                  one entry for each time a unit was sent the case, or got rid of it
  <clock>_due, <clock>_done, <clock>_late
                  the run of the clock that decides: the first of the present holder that ended late, else the last.
                  In time: done <= due. Late: due < done, or due < as_of and not done. <clock>_late: runs that ended
                  late, null when the clock never ran. Clocks: accept, arrange, verify, file, dispatch, claim, handle,
                  send_check, check, close, answer
recurrence.parquet
                  record_id, next_record_id: the next case of the same category at the same place, reported within the
                  window after the first was closed; gap_seconds between closing and report
appeals.parquet   appeals of units against what one case does to one indicator; granted_at: the pair is left out of the
                  adjusted figure
events.parquet    the events themselves: district_id, record_id, seq, at (microseconds since the epoch), actor, unit,
                  kind, payload (JSON text: the move's arguments and concrete effects). Of erased records the position
                  is left out.
"""
