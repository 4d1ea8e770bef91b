"""Images and deployments in every state that the app shows, and a Docker engine that says what a test tells it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import pytest

from tests.conftest import FakeClock
from tests.tui.models_to_show import Models
from workbench.base.errors import WorkbenchError
from workbench.packaging.build import Built
from workbench.packaging.building import Progress
from workbench.packaging.containers import Container, Settings
from workbench.packaging.delivery import Delivered
from workbench.packaging.images import KIND, Image
from workbench.packaging.rates import Recent
from workbench.packaging.smoke import Smoke, Step
from workbench.packaging.watching import KEPT_STOPPED, Row, Traffic
from workbench.registry import versions
from workbench.registry.ledger import Change, Deed
from workbench.tui.dock import Seen

HOUR_S = 3600
PACKAGES = {"numpy": "2.4.6", "pandas": "3.1.1", "scikit-learn": "1.9.1", "uvicorn": "0.54.0"}
STEPS = (
    Step("ready", True, "in 1.9 s"),
    Step("predictions", True, "3 of 3 equal those in this process"),
    Step("metrics", None, "the server has none"),
)
LABELS = {"io.workbench.model": "fraud", "org.opencontainers.image.version": "2"}
PLAN: dict[str, Any] = {
    "image": "fraud:2",
    "base": "python:3.11-slim",
    "python": "3.11.9",
    "loader": "native",
    "packages": PACKAGES,
    "dropped": {"mlflow-skinny": "the server loads the model without it"},
    "notes": ["the model was trained with Python 3.11.7, the image has 3.11.9"],
    "base_bytes": 124_000_000,
    "layers": {"site": 220_000_000, "serve": 205_000, "model": 11_300},
    "package_bytes": {"numpy": 48_900_000, "pandas": 28_300_000, "scikit-learn": 24_700_000, "uvicorn": 420_000},
    "added": 220_216_300,
}


def smoke(*, ok: bool = True, ready_s: float = 1.9) -> Smoke:
    """What came of a smoke test."""
    last = () if ok else (Step("bad requests", False, "'two keys' was answered with 500"),)
    latency = {"p50": 0.31, "p99": 1.24, "requests": 200}
    return Smoke((*STEPS, *last), ready_s, latency, 104_000_000)


def image(number: int, created_at_ms: int, *, version: str = "", tested: Smoke | None = None, **more: Any) -> Image:
    """An image of a version of `fraud`."""
    digits = f"{number:x}" * 64
    facts = {
        "base": "python:3.11-slim",
        "python": "3.11.9",
        "interpreter": "/usr/local/bin/python3",
        "loader": "native",
        "lock": "f765fde34843",
        "packages": PACKAGES,
        "dropped": PLAN["dropped"],
        "parts": {
            "site": {"digest": f"sha256:c{digits[1:]}", "size_bytes": 220_000_000},
            "serve": {"digest": f"sha256:d{digits[1:]}", "size_bytes": 205_000},
            "model": {"digest": f"sha256:e{digits[1:]}", "size_bytes": 11_300},
        },
        "smoke": tested.as_document() if tested else None,
    }
    known: dict[str, Any] = {
        "id": digits[:32],
        "name": f"fraud:{number}",
        "image_id": f"sha256:{digits}",
        "digest": f"sha256:b{digits[1:]}",
        "version": version,
        "model": "fraud",
        "number": number,
        "run": "ab" * 16,
        "created_at_ms": created_at_ms,
        "size_bytes": 344_216_300,
        "added_bytes": 220_216_300,
        "facts": facts,
    }
    return Image(**{**known, **more})


def row(made: Image, status: str = "healthy", *, clock: FakeClock, name: str = "fraud", **more: Any) -> Row:
    """A container of an image."""
    port = more.pop("port", 8080)
    sequence = more.pop("sequence", 1)
    runs = status in ("healthy", "starting", "unhealthy")
    labels = {
        "deployment": name, "sequence": str(sequence), "model": made.model, "number": str(made.number),
        "version_id": made.version, "image": made.name, "image_record": made.id,
        "settings": json.dumps(Settings(port).as_document()),
    }  # fmt: skip
    since_us = clock.now_us - 5 * HOUR_S * 1_000_000
    container = Container(
        f"{name}-{sequence}", labels, made.image_id, "running" if runs else "exited", runs, status if runs else "",
        since_us, since_us, 0 if runs else clock.now_us - 60_000_000,
    )  # fmt: skip
    return Row(container, status, **more)


class FakeEngine:
    """An engine that is only passed on."""

    def __init__(self, docker: FakeDocker) -> None:
        self._docker = docker

    def image(self, reference: str) -> dict[str, Any] | None:
        """What it knows of an image."""
        return {"Config": {"Labels": LABELS}} if reference in self._docker.present else None

    def close(self) -> None:
        """It holds nothing."""


@dataclass
class FakeDocker:
    """What the engine shows and does.

    Attributes:
        rows, present, recent: as `Seen` has them.
        error: why it does not answer.
        failing: why nothing can be done, though it answers.
        calls: what was asked of it, in order.
        gate: what is done waits for it; it is open at first.
        plan: what a build would make; lines: what the builder says; built: what came of it.
    """

    rows: list[Row] = field(default_factory=list)
    present: set[str] = field(default_factory=set)
    recent: dict[str, Recent] = field(default_factory=dict)
    error: WorkbenchError | None = None
    failing: WorkbenchError | None = None
    calls: list[tuple[Any, ...]] = field(default_factory=list)
    gate: threading.Event = field(default_factory=threading.Event)
    plan: dict[str, Any] = field(default_factory=lambda: PLAN)
    lines: list[Progress] = field(default_factory=list)
    log: bytes = b'{"event":"listening"}\n{"event":"ready"}\n'
    built: Image | None = None

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Take the place of the engine, and of what works with it."""
        self.gate.set()
        packaging = "workbench.packaging"
        monkeypatch.setattr("workbench.tui.dock._connect", self._connect)
        monkeypatch.setattr("workbench.tui.dock._look", lambda *_: self._seen())
        monkeypatch.setattr(f"{packaging}.running.run", self._run)
        monkeypatch.setattr(f"{packaging}.running.stop", self._stop)
        monkeypatch.setattr(f"{packaging}.rolling_back.find_target", lambda *a: self._do("target", a[3], ("3", "2")))
        monkeypatch.setattr(f"{packaging}.rolling_back.rollback", self._rollback)
        monkeypatch.setattr(f"{packaging}.deployments.find_deployment", self._find)
        monkeypatch.setattr(f"{packaging}.watching.server_log", lambda *_, **__: iter([self.log]))
        monkeypatch.setattr(f"{packaging}.inspecting.read_bill", self._bill)
        monkeypatch.setattr(f"{packaging}.delivery.retest", self._retest)
        monkeypatch.setattr(f"{packaging}.delivery.package", self._package)
        monkeypatch.setattr(f"{packaging}.delivery.plan_document", lambda plan: plan)

    def _connect(self) -> FakeEngine:
        if self.error is not None:
            raise self.error
        return FakeEngine(self)

    def _seen(self) -> Seen:
        if self.error is not None:
            raise self.error
        return Seen(tuple(self.rows), frozenset(self.present), dict(self.recent))

    def _do(self, *call: Any) -> Any:
        """Note a call, of which the last part is the answer; wait for the gate."""
        self.calls.append(call[:-1])
        assert self.gate.wait(20)
        if self.failing is not None:
            raise self.failing
        return call[-1]

    def _run(self, engine: Any, project: Any, governing: Any, reference: str, options: Any, say: Any) -> Any:
        say("start", "fraud/2, until it is ready")
        with governing() as (db, ledger):
            assert db is not None and ledger is not None
        container = self.rows[0].container
        outcome = _Outcome(container, options.name, f"http://127.0.0.1:{options.port or 8080}")
        return self._do("run", reference, options.name, options.port, outcome)

    def _stop(self, engine: Any, project: Any, governing: Any, name: str, *, reason: Any, say: Any) -> Any:
        return self._do("stop", name, reason, [one.container for one in self.rows])

    def _rollback(self, engine: Any, project: Any, governing: Any, name: str, *, reason: Any, say: Any) -> Any:
        container = self.rows[0].container
        return self._do("rollback", name, reason, _Outcome(container, name, "", replaced=container))

    def _find(self, engine: Any, project: Any, name: str) -> Any:
        self._do("logs", name, None)
        return _Deployment(self.rows[0].container)

    def _bill(self, engine: Any, image: Image) -> Any:
        return self._do("bill", image.name, {"bomFormat": "CycloneDX", "components": [{"name": "numpy"}]})

    def _retest(self, engine: Any, project: Any, reference: str, visit: Any, governing: Any, say: Any) -> Any:
        say("smoke", "waiting until it is ready")
        with visit() as db:
            assert db is not None
        return self._do("retest", reference, (self.built, smoke()))

    def _package(
        self, engine: Any, project: Any, source: Any, options: Any, governing: Any, say: Any, listen: Any, *,
        cancelled: threading.Event, agree: Callable[[Any], bool],
    ) -> Any:  # fmt: skip
        from workbench.packaging.engine import check_cancelled

        self.calls.append(("plan", source.shown, options.base, options.drop_unused, options.allow_pickle))
        say("base", "python:3.11-slim  (3.11.9, glibc 2.36, x86_64)")
        say("lock", "4 packages, 1 left out (mlflow-skinny)")
        if self.failing is not None and not self.lines:
            raise self.failing
        if not agree(self.plan):
            cancelled.set()
            check_cancelled(cancelled)
        say("layers", "adding the model")
        for line in self.lines:
            listen(line)
        self.calls.append(("build", source.shown))
        while not self.gate.wait(0.02):
            check_cancelled(cancelled)
        if self.failing is not None:
            raise self.failing
        say("smoke", "ready in 1.9 s · 3 of 3 equal those in this process · 104 MB")
        assert self.built is not None
        one = self.built
        made = Built(one.image_id, one.name, one.digest, one.size_bytes, one.added_bytes, (), 3, 4.2, smoke())
        return Delivered(None, made, one)  # type: ignore[arg-type]


@dataclass
class _Outcome:
    container: Container
    name: str
    url: str
    as_before: bool = False
    seconds: float = 1.9
    notes: tuple[str, ...] = ()
    replaced: Container | None = None


@dataclass
class _Deployment:
    current: Container


@dataclass
class Shop:
    """A project with models, images and deployments.

    Attributes:
        images: the newest first.
    """

    models: Models
    docker: FakeDocker
    images: list[Image]

    def record(self, made: Image) -> None:
        """Record an image."""
        fields = {**asdict(made), "created_at": made.created_at_ms, "deleted": None}
        del fields["id"], fields["created_at_ms"]

        def write(db: Any, ledger: Any) -> None:
            deed = Deed("package", made.model, "", made.number, evidence={"image": made.name})
            ledger.record(db, deed, Change(KIND, made.id, fields))

        self.models.do(write)


def stock(models: Models, docker: FakeDocker) -> Shop:
    """Images of versions 1 to 3, of which 2 runs; one that was replaced, one that failed its test, one that is gone."""
    clock = models.clock
    now_ms = clock.now_us // 1000

    def of(number: int, hours: float, **more: Any) -> Image:
        version = models.ask(versions.get, "fraud", number)
        return image(number, now_ms - round(hours * HOUR_S * 1000), version=version.id, run=version.run, **more)

    made = [
        of(3, 0.2, tested=smoke(ok=False, ready_s=2.3)),
        of(2, 26, tested=smoke()),
        of(1, 300, tested=None),
    ]
    made.append(replace(made[2], id="a" * 32, name="fraud:old", image_id=f"sha256:{'a' * 64}"))
    shop = Shop(models, docker, made)
    for one in made[::-1]:
        shop.record(one)
    docker.present = {one.image_id for one in made[:3]}
    docker.rows = [
        row(made[1], clock=clock, traffic=Traffic(6020, 0.3142, True, 3), requests_per_hour=1204.0, sequence=2),
        row(made[2], KEPT_STOPPED, clock=clock),
        row(made[2], "stopped", clock=clock, name="fraud-eu", port=9000),
    ]
    docker.recent = {"fraud-2": Recent(0.42, (0.0, 0.5, 1.0, 0.5, 0.0))}
    docker.built = made[1]
    return shop
