"""Counters for Prometheus, in memory that forked workers share, so that whichever worker answers `/metrics` knows all.

Every worker writes a row of its own: no lock is needed, and a scrape adds the rows up. What is counted is known
beforehand; a route or code that is not is counted as `other`.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterable
from typing import NamedTuple

PREFIX = "workbench_serving_"
ROUTES = (
    "/invocations",
    "/v2/infer",
    "/v2",
    "/",
    "/ping",
    "/health",
    "/health/live",
    "/health/ready",
    "/version",
    "/metadata",
    "/openapi.json",
    "/metrics",
    "other",
)
STATUSES = (200, 400, 401, 404, 405, 413, 415, 422, 500, 503, 504)
BUCKETS_S = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
SCORING = ("/invocations", "/v2/infer")
"""The routes whose latency is kept as a histogram."""
OTHER = "other"

_GAUGES = {
    "in_flight": "Requests that are being answered.",
    "queue": "Requests that wait for a thread.",
}
_COUNTERS = {
    "rows_total": "Rows that were scored.",
    "inline_total": "Predictions that did not change threads.",
    "prediction_log_rows_total": "Rows that were written to the prediction log.",
    "prediction_log_dropped_total": "Rows that were not written: the queue or the disk was full, or writing failed.",
    "prediction_log_bytes_total": "Bytes that were written to the prediction log.",
    "prediction_log_errors_total": "Failures of writing to the prediction log.",
}


class _Layout(NamedTuple):
    """Where in a worker's row what stands."""

    requests: dict[tuple[str, int], int]
    errors: dict[str, int]
    histograms: dict[str, int]
    single: dict[str, int]
    length: int


def _layout(codes: Iterable[str]) -> _Layout:
    place = iter(range(1_000_000))
    requests = {(route, status): next(place) for route in ROUTES for status in STATUSES}
    errors = {code: next(place) for code in (*codes, OTHER)}
    histograms = {}
    for route in SCORING:  # the buckets, then what is beyond the last one, then the sum of seconds
        histograms[route] = next(place)
        for _ in range(len(BUCKETS_S) + 1):
            next(place)
    single = {name: next(place) for name in (*_GAUGES, *_COUNTERS)}
    return _Layout(requests, errors, histograms, single, next(place))


class Metrics:
    """All counters of all workers."""

    def __init__(self, codes: Iterable[str], workers: int = 1) -> None:
        """Reserve memory for a number of workers; before they are forked.

        Args:
            codes: of errors.
        """
        self._layout = _layout(codes)
        self._workers = workers
        memory = mmap.mmap(-1, 8 * self._layout.length * workers)
        self._values = memoryview(memory).cast("d")
        self._base = 0

    def be_worker(self, number: int) -> None:
        """Write to the row of a worker, counted from 0."""
        self._base = number * self._layout.length

    def add(self, name: str, amount: float = 1) -> None:
        """Raise one of the counters or gauges that have no labels."""
        self._values[self._base + self._layout.single[name]] += amount

    def set(self, name: str, value: float) -> None:
        """Set one of the gauges of this worker."""
        self._values[self._base + self._layout.single[name]] = value

    def value(self, name: str) -> float:
        """One of the counters or gauges that have no labels, of this worker."""
        return float(self._values[self._base + self._layout.single[name]])

    def observe(self, route: str, status: int, duration_s: float) -> None:
        """Count an answered request."""
        values, layout, base = self._values, self._layout, self._base
        key = (route if (route, 200) in layout.requests else OTHER, status if status in STATUSES else 500)
        values[base + layout.requests[key]] += 1
        start = layout.histograms.get(route)
        if start is not None:
            bucket = 0
            for limit in BUCKETS_S:
                if duration_s <= limit:
                    break
                bucket += 1
            values[base + start + bucket] += 1
            values[base + start + len(BUCKETS_S) + 1] += duration_s

    def error(self, code: str) -> None:
        """Count an error."""
        errors = self._layout.errors
        self._values[self._base + errors.get(code, errors[OTHER])] += 1

    def text(self, info: dict[str, str], ready: bool) -> str:
        """The exposition format of Prometheus.

        Args:
            info: labels of the model.
            ready: whether it is.
        """
        layout = self._layout
        lines = [*_head("requests_total", "counter", "Answered requests.")]
        for (route, status), place in layout.requests.items():
            if count := self._sum(place):
                lines.append(f'{PREFIX}requests_total{{route="{route}",status="{status}"}} {_number(count)}')
        lines += _head("errors_total", "counter", "Requests that were not answered with predictions, by code.")
        lines += [
            f'{PREFIX}errors_total{{code="{code}"}} {_number(self._sum(place))}'
            for code, place in layout.errors.items()
        ]
        lines += _head("request_seconds", "histogram", "From the request's head to its answer.")
        for route, start in layout.histograms.items():
            below = 0.0
            for index, limit in enumerate((*BUCKETS_S, "+Inf")):
                below += self._sum(start + index)
                lines.append(f'{PREFIX}request_seconds_bucket{{route="{route}",le="{limit}"}} {_number(below)}')
            lines.append(f'{PREFIX}request_seconds_sum{{route="{route}"}} {self._sum(start + len(BUCKETS_S) + 1):.6f}')
            lines.append(f'{PREFIX}request_seconds_count{{route="{route}"}} {_number(below)}')
        for kind, group in (("gauge", _GAUGES), ("counter", _COUNTERS)):
            for name, words in group.items():
                lines += _head(name, kind, words)
                lines.append(f"{PREFIX}{name} {_number(self._sum(layout.single[name]))}")
        labels = ",".join(f'{name}="{_escaped(value)}"' for name, value in info.items())
        lines += [*_head("model_info", "gauge", "The model that is served."), f"{PREFIX}model_info{{{labels}}} 1"]
        lines += [*_head("ready", "gauge", "Whether the model is ready."), f"{PREFIX}ready {int(ready)}"]
        lines += [*_head("workers", "gauge", "Processes that answer."), f"{PREFIX}workers {self._workers}"]
        return "\n".join(lines) + "\n"

    def _sum(self, place: int) -> float:
        return sum(self._values[place + row * self._layout.length] for row in range(self._workers))


def _head(name: str, kind: str, words: str) -> list[str]:
    return [f"# HELP {PREFIX}{name} {words}", f"# TYPE {PREFIX}{name} {kind}"]


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
