"""Where a prediction runs: at once in the event loop where it is quick, otherwise in one of a few threads.

Changing threads costs more than a quick prediction does; a slow one in the event loop would stop health checks. What
a request will take is judged by what requests with bodies of about the same size took before.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from .errors import TimeLimitError, UnavailableError
from .metrics import Metrics
from .settings import Settings

_DECAY = 0.9
T = TypeVar("T")


class Executor:
    """Runs predictions; of one event loop."""

    def __init__(self, settings: Settings, threads: int, metrics: Metrics) -> None:
        """Make the threads.

        Args:
            threads: that predict beside each other.
        """
        self._inline_s = settings.inline_ms / 1000
        self._limit_s = settings.time_limit_s
        self._room = threads + settings.queue
        self._threads = threads
        self._metrics = metrics
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="predict")
        self._expected_s: dict[int, float] = {}
        self._pending = 0

    async def run(self, work: Callable[[], T], size_bytes: int) -> T:
        """The result of `work`.

        Args:
            size_bytes: of the request's body.

        Raises:
            UnavailableError: too many requests wait already.
            TimeLimitError: it takes too long. The thread goes on, and counts as busy, until it is done.
        """
        kind = size_bytes.bit_length()
        expected_s = self._expected_s.get(kind)
        if expected_s is None or expected_s >= self._inline_s:
            return await self._in_thread(work, kind)
        self._metrics.add("inline_total")
        started = time.perf_counter()
        result = work()
        self._learn(kind, time.perf_counter() - started)
        return result

    async def _in_thread(self, work: Callable[[], T], kind: int) -> T:
        if self._pending >= self._room:
            raise UnavailableError("too many requests wait already", headers={"retry-after": "1"})
        loop = asyncio.get_running_loop()

        def timed() -> tuple[T, float]:
            started = time.perf_counter()
            return work(), time.perf_counter() - started

        self._count(1)
        future = self._pool.submit(timed)
        future.add_done_callback(lambda _: _call(loop, self._count, -1))
        waiting = asyncio.wrap_future(future)
        waiting.add_done_callback(_forget)
        done, _ = await asyncio.wait({waiting}, timeout=self._limit_s)
        if not done:
            future.cancel()
            self._learn(kind, self._limit_s)
            raise TimeLimitError(f"the prediction took longer than {self._limit_s:g} s")
        result, duration_s = waiting.result()
        self._learn(kind, duration_s)
        return result

    def _learn(self, kind: int, duration_s: float) -> None:
        """Remember a duration: a longer one at once, a shorter one slowly. Errors are quick and teach nothing."""
        before_s = self._expected_s.get(kind, 0.0)
        self._expected_s[kind] = max(duration_s, before_s * _DECAY + duration_s * (1 - _DECAY))

    def _count(self, change: int) -> None:
        self._pending += change
        self._metrics.set("queue", max(0, self._pending - self._threads))


def _call(loop: asyncio.AbstractEventLoop, function: Callable[[int], None], argument: int) -> None:
    try:
        loop.call_soon_threadsafe(function, argument)
    except RuntimeError:  # the loop is closed; the process ends
        pass


def _forget(future: Future[T] | asyncio.Future[T]) -> None:
    """Look at an error that nobody waits for any more, so that asyncio does not report it."""
    if not future.cancelled():
        future.exception()
