"""Logs of all our processes: one line an event, readable on a terminal and JSON otherwise, on standard error."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping
from typing import Any

import structlog


def configure(options: Mapping[str, Any]) -> None:
    """Send structlog and the standard library's logging through one formatter; `options["level"]` is the level."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    terminal = sys.stderr.isatty()
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer() if terminal else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    tail: list[structlog.typing.Processor] = [] if terminal else [structlog.processors.format_exc_info]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *tail, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(options["level"])
    # Django's own handlers would write every line a second time.
    logging.getLogger("django").handlers[:] = []
    # A refused request is the client's affair; the access log tells it.
    requests = logging.getLogger("django.request")
    requests.setLevel(max(root.level, logging.ERROR))
    requests.addFilter(_without_trace_of_a_lost_database)
    # The pool repeats its complaint for every attempt while the server is away; the web answers 503 and says it once.
    logging.getLogger("psycopg.pool").setLevel(logging.ERROR)


def _without_trace_of_a_lost_database(record: logging.LogRecord) -> bool:
    """Keep the line about a request that found no database, without the same long trace for each of them."""
    from gewu.home.database import is_connection_loss

    error = record.exc_info[1] if record.exc_info else None
    if error is not None and is_connection_loss(error):
        record.exc_info = None
        record.msg, record.args = f"{record.getMessage()} (no database: {str(error).strip().splitlines()[0]})", ()
    return True
