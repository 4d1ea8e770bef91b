"""What deployments do now: their state, and how much they are asked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from workbench.base.clock import iso_utc, now_us
from workbench.base.project import Project
from workbench.packaging.containers import Container, is_local
from workbench.packaging.deployment_records import Governing, engine_id, is_recorded, read_records, record_all
from workbench.packaging.deployments import HEALTHY, INTERRUPTED, STARTING, STOPPED, Deployment, read_deployments
from workbench.packaging.engine import Engine, errors
from workbench.packaging.readiness import ask

KEPT_STOPPED = "kept"
"""The status of a container that is there to go back to."""
_METRIC = re.compile(r"workbench_serving_(\w+?)(?:\{(.*)\})? ([\d.eE+-]+)$", re.MULTILINE)
_LIMIT = re.compile(r'le="([^"]+)"')


@dataclass(frozen=True)
class Traffic:
    """What a server says of itself.

    Attributes:
        requests: that it has answered with predictions, or refused.
        p50_ms: the median of their latencies, about; None where there were none.
        is_ready: whether it is.
        errors: requests that were not answered with predictions.
    """

    requests: int
    p50_ms: float | None
    is_ready: bool
    errors: int = 0


@dataclass(frozen=True)
class Row:
    """One container as `package ps` lists it.

    Attributes:
        container: which one.
        status: of its deployment; `kept` for one that is there to go back to.
        traffic: None where nobody could ask.
        requests_per_hour: since it was started; None likewise.
        is_interrupted: a switch was begun and not finished.
    """

    container: Container
    status: str
    traffic: Traffic | None = None
    requests_per_hour: float | None = None
    is_interrupted: bool = False

    @property
    def is_active(self) -> bool:
        """Whether it runs, should run, or needs somebody; what is stopped does not."""
        return self.container.is_running or self.status not in (KEPT_STOPPED, STOPPED)

    def as_document(self) -> dict[str, Any]:
        """It as JSON has it."""
        one = self.container
        since_us = one.started_us if one.is_running else one.ended_us or one.created_us
        return {
            "name": one.name,
            "model": one.model,
            "version": one.version,
            "image": one.image,
            "status": self.status,
            "port": one.settings.port,
            "public": one.settings.public,
            "since": iso_utc(since_us),
            "requests_per_hour": self.requests_per_hour,
            "p50_ms": self.traffic.p50_ms if self.traffic else None,
            "errors": self.traffic.errors if self.traffic else None,
            "url": f"http://127.0.0.1:{one.settings.port}",
            "image_id": one.image_id,
            "container_id": one.id,
            "sequence": one.sequence,
            "log_dir": one.settings.log_dir or None,
            "volume": one.settings.volume or None,
            "interrupted": self.is_interrupted,
        }


def list_rows(engine: Engine, project: Project) -> list[Row]:
    """The containers of the deployments of a project, by name, the current one first; it is asked how it does.

    Raises:
        DockerError: the engine fails.
    """
    deployments = read_deployments(engine, project)
    with ThreadPoolExecutor(max_workers=8) as pool:
        found = list(pool.map(lambda one: _rows(engine, one), deployments))
    return [row for rows in found for row in rows]


def catch_up(engine: Engine, project: Project, governing: Governing, rows: Sequence[Row]) -> bool:
    """Record what a process did that was killed before it could; returns whether there was anything.

    Args:
        rows: as `list_rows` returns them.

    Raises:
        DockerError, StoreError: the engine or the store fails.
    """
    own = engine_id(engine)
    with governing() as (db, _):
        if is_recorded(read_records(db), own, [row.container for row in rows]):
            return False
    record_all(engine, project, governing)
    return True


def server_log(engine: Engine, container: Container, *, last: int | None, follow: bool) -> Iterator[bytes]:
    """What the server of a container writes, as it comes.

    Args:
        last: only the last lines; None is all that the engine keeps.
        follow: go on until the container ends.

    Raises:
        DockerError: the engine fails.
    """
    with errors():
        stream = engine.client.logs(
            container.id, stdout=True, stderr=True, stream=True, follow=follow, tail="all" if last is None else last
        )
        yield from stream


def read_traffic(text: str) -> Traffic:
    """What `/metrics` of a server says."""
    values: dict[str, list[tuple[str, float]]] = {}
    for name, labels, value in _METRIC.findall(text):
        values.setdefault(name, []).append((labels, float(value)))
    requests = sum(value for _, value in values.get("request_seconds_count", ()))
    counts: dict[float, float] = {}
    for labels, value in values.get("request_seconds_bucket", ()):
        limit = _LIMIT.search(labels)
        if limit is not None:
            counts[float(limit[1])] = counts.get(float(limit[1]), 0.0) + value
    ready = values.get("ready", [("", 0.0)])[0][1]
    errors = sum(value for _, value in values.get("errors_total", ()))
    return Traffic(int(requests), _median_ms(sorted(counts.items())), ready == 1, int(errors))


def _rows(engine: Engine, deployment: Deployment) -> list[Row]:
    current = deployment.current
    traffic = _traffic(engine, current) if current.is_running else None
    status = deployment.status
    if status == STARTING and traffic is not None and traffic.is_ready:
        status = HEALTHY  # the engine looks every ten seconds
    per_hour = None
    if traffic is not None:
        per_hour = traffic.requests / max((now_us() - current.started_us) / 3.6e9, 1 / 3600)
    others = [one for one in reversed(deployment.containers) if one is not current]
    kept = [Row(one, KEPT_STOPPED if one.has_run else INTERRUPTED) for one in others]
    return [Row(current, status, traffic, per_hour, deployment.is_interrupted), *kept]


def _traffic(engine: Engine, container: Container) -> Traffic | None:
    if not is_local(engine):
        return None
    token = ""
    if container.settings.token_file:
        try:
            with open(container.settings.token_file, encoding="utf-8") as file:
                token = file.read().strip()
        except (OSError, ValueError):
            return None
    said = ask(container.settings.port, "/metrics", token)
    return read_traffic(said) if said is not None else None


def _median_ms(counts: Sequence[tuple[float, float]]) -> float | None:
    """The median of a histogram, as if values lay evenly within its buckets.

    Args:
        counts: upper limits in seconds, ascending, with how many values are not above them.
    """
    total = counts[-1][1] if counts else 0
    if not total:
        return None
    lower, below = 0.0, 0.0
    for limit, count in counts:
        if count >= total / 2:
            if limit == float("inf"):
                return lower * 1000
            return 1000 * (lower + (limit - lower) * (total / 2 - below) / (count - below))
        lower, below = limit, count
    return None
