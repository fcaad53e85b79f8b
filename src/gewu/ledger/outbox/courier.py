"""The courier: a few threads that send, and one loop that claims, hands out and writes down. Threads reach no database.

Half of the threads at most work for destinations that fail or are slow, so that those that answer are always served.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import UTC, datetime

from gewu.ledger.outbox import destinations
from gewu.ledger.outbox.destinations import Claim
from gewu.ledger.outbox.messages import Answer, DeliveryError, Send, Unwanted, outside

THREADS = int(os.environ.get("GEWU_OUTBOX_THREADS", "8"))


@dataclass(frozen=True, slots=True)
class Attempt:
    """How an attempt ended, and how many milliseconds it took."""

    result: Answer | DeliveryError
    ms: int


def _now() -> datetime:
    return datetime.now(UTC)


class Courier:
    """Delivers to outside destinations. One for each process; its methods are called from one thread."""

    def __init__(self, threads: int = THREADS, clock: Callable[[], datetime] = _now, seed: int | None = None) -> None:
        """``clock`` gives the instant for leases and pauses; ``seed`` makes the pauses repeatable in tests."""
        self.threads = max(2, threads)
        self.clock = clock
        self.sending: dict[Future[Attempt], Claim] = {}
        self._pool = ThreadPoolExecutor(self.threads, thread_name_prefix="courier")
        self._chance = random.Random(seed)  # noqa: S311 - pauses are no secrets

    def hand_out(self, district_id: int) -> int:
        """Claim what may go and hand it to free threads. Returns how many messages were claimed."""
        free = self.threads - len(self.sending)
        slow = sum(1 for one in self.sending.values() if one.slow)
        claims = destinations.claim(district_id, self.clock(), free, self.threads // 2 - slow)
        for one in claims:
            send = self._prepare(one)
            if send is not None:
                self.sending[self._pool.submit(_attempt, send)] = one
        return len(claims)

    def _prepare(self, one: Claim) -> Send | None:
        """What a thread has to call, or None where the message ends here."""
        known = outside().get(one.message.topic)
        if known is None:
            error = DeliveryError(f"nothing delivers messages of the topic {one.message.topic!r}", of_message=True)
            destinations.refused(one, error, 0, self.clock(), self._chance)
            return None
        try:
            return known[0](one.message)
        except Unwanted as reason:
            destinations.unwanted(one, str(reason))
        except DeliveryError as fault:
            destinations.refused(one, fault, 0, self.clock(), self._chance)
        return None

    def gather(self, seconds: float = 0.0) -> int:
        """Write down what ended, waiting at most so long for the first to end. Returns how many messages were taken."""
        if not self.sending:
            return 0
        done, _ = wait(self.sending, timeout=seconds, return_when=FIRST_COMPLETED)
        count = 0
        for future in done:
            one, attempt = self.sending[future], future.result()
            if isinstance(attempt.result, Answer):
                destinations.taken(one, attempt.result, attempt.ms, self.clock())
                count += 1
            else:
                destinations.refused(one, attempt.result, attempt.ms, self.clock(), self._chance)
            del self.sending[future]  # only now: if the database is away, it is written down at the next call
        return count

    def round(self, district_id: int) -> int:
        """Send whatever may be sent now and wait until nothing is on its way. Returns how many messages were taken."""
        count = 0
        while self.hand_out(district_id) or self.sending:
            count += self.gather(60.0)
        return count

    def close(self, seconds: float = 0.0) -> None:
        """Wait so long for what is on its way, write it down and end the threads."""
        end = time.monotonic() + seconds
        while self.sending and (left := end - time.monotonic()) > 0:
            self.gather(left)
        self._pool.shutdown(wait=False, cancel_futures=True)


def _attempt(send: Send) -> Attempt:
    """Call a sender; whatever goes wrong is a failed attempt, never the end of a thread."""
    begun = time.monotonic()
    result: Answer | DeliveryError
    try:
        result = send()
    except DeliveryError as error:
        result = error
    except Exception as error:  # a fault in a channel must not lose the message
        result = DeliveryError(f"{type(error).__name__}: {error}")
    return Attempt(result, int((time.monotonic() - begun) * 1000))
