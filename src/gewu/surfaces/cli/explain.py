"""`gewu explain`: why a record stands where it stands."""

from __future__ import annotations

import time
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

import click

from gewu.surfaces.cli.environment import with_database
from gewu.surfaces.cli.output import Exit, Output, command

if TYPE_CHECKING:
    from gewu.core.telling.reasons import Reasons
    from gewu.registry.directory import Directory

LANGUAGES = click.Choice(["en", "zh-CN"])


@click.command()
@click.argument("record", metavar="CASE")
@click.option("--language", type=LANGUAGES, default="en", show_default=True, help="In which language to explain.")
@command
def explain(out: Output, *, record: str, language: str) -> None:
    """Explain why CASE (a case's number, or the id of any record) stands where it stands.

    Which event brought it there and by which rule, who owes what by when, what may happen next and who can do it, and
    what happens if nobody does anything.
    """
    with_database(out)
    from gewu.surfaces.reasons import explain as explained

    found = _find(record)
    if found is None:
        out.result({"error": f"there is no record {record}"}, f"there is no record {record}")
        out.finish(Exit.PROBLEMS)
    directory, record_id = found
    reasons = explained(directory, record_id, language, int(time.time()))
    if reasons is None:
        text = f"the playbook of {record} is not loaded"
        out.result({"error": text}, text)
        out.finish(Exit.PROBLEMS)
    data = _with_instants(reasons.as_dict(), ZoneInfo(directory.district.timezone))
    out.result({"record": str(record_id), "district": directory.district.code, **data}, as_text(reasons, language))


def _find(record: str) -> tuple[Directory, UUID] | None:
    """The district and the id of a record by a case's number or by its id."""
    from gewu.cases.queries import find_by_number
    from gewu.ledger.history import state_of
    from gewu.registry.directory import get_directory
    from gewu.registry.models import District

    try:
        wanted = UUID(record)
    except ValueError:
        wanted = None
    for district_id in District.objects.order_by("id").values_list("id", flat=True):
        record_id = wanted or find_by_number(district_id, record)
        if record_id is not None and state_of(district_id, record_id) is not None:
            return get_directory(district_id), record_id
    return None


def _with_instants(data: dict[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    """Seconds become instants with an offset, so that a program need not know what they are."""

    def turned(value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            return {k: turned(v, k) for k, v in value.items()}
        if isinstance(value, (list, tuple)):
            return [turned(v, key) for v in value]
        if key in ("since", "at", "started_at", "due_at") and isinstance(value, int):
            return datetime.fromtimestamp(value, zone).isoformat() if value else None
        return value

    turned_data: dict[str, Any] = turned(data)
    return turned_data


def as_text(reasons: Reasons, language: str) -> str:
    """The explanation as lines."""
    zh = language.startswith("zh")
    chapters = (
        ("现状", "Where it stands", list(reasons.here)),
        ("由谁承担", "Who has a part", [h.sentence for h in reasons.holds]),
        (
            "谁应在何时前完成",
            "Who owes what by when",
            [line for o in reasons.owes for line in (o.sentence, f"  {o.rule}")],
        ),
        ("下一步可办理", "What may happen next", [n.sentence for n in reasons.next if n.open]),
        ("暂不能办理", "What cannot be done now", [n.sentence for n in reasons.next if not n.open]),
        ("如无人办理", "If nobody does anything", [c.sentence for c in reasons.coming]),
    )
    lines: list[str] = []
    for chinese, english, said in chapters:
        if said:
            lines += [
                f"{chinese if zh else english}:" if not zh else f"{chinese}：",
                *(f"  {line}" for line in said),
                "",
            ]
    return "\n".join(lines).rstrip()
