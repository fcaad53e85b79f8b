"""Processes that help with long work: started anew, with Django set up before anything of the product is unpickled."""

from __future__ import annotations

import multiprocessing
import os
import pickle
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from typing import Any

_MOST = 4


def cores() -> int:
    """How many processes this machine runs well at once: one for each core it may use, at most four."""
    found = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(found, _MOST)


def helpers(count: int, begin: Callable[..., None], *arguments: Any) -> ProcessPoolExecutor:
    """A pool of processes, each of which calls ``begin(*arguments)`` once, before its first task.

    They are not forked: whoever asks has threads and connections. ``begin`` and the tasks are functions of modules.
    """
    context = multiprocessing.get_context("spawn")
    told = pickle.dumps((begin, arguments))
    return ProcessPoolExecutor(count, mp_context=context, initializer=_begin, initargs=(told,))


def _begin(told: bytes) -> None:
    import django

    django.setup()
    begin, arguments = pickle.loads(told)  # noqa: S301 - what this very program wrote a moment ago
    begin(*arguments)
