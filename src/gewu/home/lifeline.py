"""A child process that ends when its parent is gone, however the parent died."""

from __future__ import annotations

import os
import signal
import threading
import time

VARIABLE = "GEWU_LIFELINE"
"""The environment variable by which a parent tells a child its own process id, and so asks to be followed."""

_LOOK_SECONDS = 0.5
_GRACE_SECONDS = 10.0


def follow_parent(*, at_once: bool = False) -> None:
    """Watch, in a background thread, whether the parent still lives; end this process when it does not.

    The process gets SIGTERM, so that it ends what it does, and is killed 10 s later if it is still there; with
    `at_once` it is killed straight away. Does nothing when no parent asked for it.
    """
    named = os.environ.get(VARIABLE, "")
    if not named.isdecimal():
        return
    parent = int(named)

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_LOOK_SECONDS)
        if not at_once:
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(_GRACE_SECONDS)
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, name="lifeline", daemon=True).start()
