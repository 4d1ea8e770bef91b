"""Quick predictions stay in the event loop, slow ones go to threads, and too many are sent away."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from workbench.serving.errors import CODES, TimeLimitError, UnavailableError
from workbench.serving.executor import Executor
from workbench.serving.metrics import Metrics
from workbench.serving.settings import Settings


def test_what_was_quick_before_runs_in_the_event_loop() -> None:
    async def names() -> list[str]:
        executor = Executor(Settings(inline_ms=1000), 1, Metrics(CODES))
        return [await executor.run(lambda: threading.current_thread().name, 100) for _ in range(2)]

    first, second = asyncio.run(names())
    assert first.startswith("predict")
    assert second == threading.main_thread().name


def test_what_was_slow_for_bodies_of_this_size_runs_in_a_thread() -> None:
    async def names() -> list[str]:
        executor = Executor(Settings(inline_ms=100), 1, Metrics(CODES))
        await executor.run(lambda: time.sleep(0.15), 5000)
        await executor.run(lambda: None, 100)
        name = lambda: threading.current_thread().name  # noqa: E731
        return [await executor.run(name, 5001), await executor.run(name, 101)]

    large, small = asyncio.run(names())
    assert large.startswith("predict")
    assert small == threading.main_thread().name


def test_errors_of_a_slow_model_do_not_make_it_look_quick() -> None:
    def fail() -> None:
        raise ValueError

    async def name() -> str:
        executor = Executor(Settings(inline_ms=100), 1, Metrics(CODES))
        await executor.run(lambda: time.sleep(0.15), 100)
        for _ in range(100):
            with pytest.raises(ValueError):
                await executor.run(fail, 100)
        return await executor.run(lambda: threading.current_thread().name, 100)

    assert asyncio.run(name()).startswith("predict")


def test_beyond_the_queue_requests_are_sent_away_and_the_loop_goes_on() -> None:
    release = threading.Event()
    metrics = Metrics(CODES)

    async def scenario() -> None:
        executor = Executor(Settings(queue=1), 1, metrics)
        waiting = [asyncio.ensure_future(executor.run(release.wait, 10)) for _ in range(2)]
        await asyncio.sleep(0)
        assert metrics.value("queue") == 1
        with pytest.raises(UnavailableError) as caught:
            await executor.run(release.wait, 10)
        assert caught.value.headers == {"retry-after": "1"}
        release.set()
        assert await asyncio.gather(*waiting) == [True, True]
        await asyncio.sleep(0.05)
        assert metrics.value("queue") == 0
        assert await executor.run(lambda: 7, 10) == 7

    asyncio.run(scenario())


def test_a_prediction_beyond_the_time_limit_is_given_up_but_its_thread_counts_as_busy() -> None:
    release = threading.Event()

    async def scenario() -> None:
        executor = Executor(Settings(queue=0, time_limit_s=0.05), 1, Metrics(CODES))
        with pytest.raises(TimeLimitError):
            await executor.run(release.wait, 10)
        with pytest.raises(UnavailableError):
            await executor.run(release.wait, 10)
        release.set()

    asyncio.run(scenario())


def test_workers_add_up_in_the_metrics() -> None:
    metrics = Metrics(CODES, workers=2)
    metrics.add("rows_total", 2)
    metrics.be_worker(1)
    metrics.add("rows_total", 3)
    metrics.observe("/invocations", 200, 0.003)
    metrics.observe("/somewhere", 299, 0.003)
    text = metrics.text({"model": 'a"b\n'}, True)
    assert "workbench_serving_rows_total 5" in text
    assert 'request_seconds_bucket{route="/invocations",le="0.005"} 1' in text
    assert 'requests_total{route="other",status="500"} 1' in text
    assert 'model="a\\"b\\n"' in text
