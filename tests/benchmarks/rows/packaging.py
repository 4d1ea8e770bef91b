"""The same model in MLflow's own image and in ours, on the same base: size, builds, start, requests, memory.

MLflow's Dockerfile is what `mlflow models generate-dockerfile` writes, adapted in three places so that it builds on the
same base behind the same proxy: its FROM line, the certificates, and a `python` beside the base's `python3`.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docker.errors import APIError

from tests.benchmarks.harness import Context, Row, seconds, workbench_command
from tests.serving.load import Result, load
from workbench.base.errors import DockerError
from workbench.packaging.engine import Engine, connect
from workbench.packaging.network import certificates

BASE = os.environ.get("WORKBENCH_TEST_BASE", "local/python:3.11")
TAG = f"wbbench-{os.getpid()}"
TRAIN = """
import sys
import numpy as np, pandas as pd
import workbench as wb
from sklearn.linear_model import LogisticRegression

rows = pd.DataFrame(np.random.default_rng(0).uniform(0, 8, (150, 4)), columns=["sl", "sw", "pl", "pw"])
with wb.start_run("packaging") as run:
    model = LogisticRegression(C=float(sys.argv[1])).fit(rows, (rows.sum(axis=1) > 16).astype(int))
    run.log_model(model, input_example=rows[:2])
print(wb.register_model("@latest", "wbbench"))
"""
SAVE = """
import sys
import numpy as np, pandas as pd, mlflow.sklearn
from mlflow.models import infer_signature
from sklearn.linear_model import LogisticRegression

rows = pd.DataFrame(np.random.default_rng(0).uniform(0, 8, (150, 4)), columns=["sl", "sw", "pl", "pw"])
model = LogisticRegression(C=float(sys.argv[1])).fit(rows, (rows.sum(axis=1) > 16).astype(int))
signature = infer_signature(rows, model.predict(rows))
mlflow.sklearn.save_model(model, sys.argv[2], signature=signature, input_example=rows[:2])
"""
BODY = json.dumps({"dataframe_split": {"columns": ["sl", "sw", "pl", "pw"], "data": [[5.1, 3.5, 1.4, 0.2]]}}).encode()
LOADERS = ("native", "pyfunc")
ADDED, COLD, REBUILD, REBUILD_S = 0.25, 0.12, 0.1, 1.5
START = {"native": 0.2, "pyfunc": 0.4}
ONE_ROW = {"native": 0.25, "pyfunc": 0.6}
RATE = {"native": 8.0, "pyfunc": 2.5}
MEMORY = {"native": 0.3, "pyfunc": 0.5}
LOG_COST = 1.15
LOAD_S = 5.0
READY_S = 180.0
CONNECTIONS = 16


@dataclass(frozen=True)
class Served:
    """What was measured of one container.

    Attributes:
        ready_s: from its start to the first prediction.
        one, many: with one connection and with `CONNECTIONS`.
        memory_bytes: after that, without what the kernel only keeps as long as nobody else needs it.
    """

    ready_s: float
    one: Result
    many: Result
    memory_bytes: float


def measure(context: Context) -> list[Row]:
    """Rows against MLflow's image; none where no engine answers, the base is missing or the scale is small."""
    if context.scale < 1:
        return []  # MLflow's image alone takes minutes
    try:
        engine = connect()
    except DockerError:
        return []
    if engine.image(BASE) is None:
        return []
    try:
        return _measure(context, engine)
    finally:
        for image in engine.client.images():
            for name in image.get("RepoTags") or ():
                if name.startswith(TAG):
                    engine.client.remove_image(name)
        engine.close()


def _measure(context: Context, engine: Engine) -> list[Row]:
    peer = _Peer(context.make_folder("mlflow-image"), engine)
    ours = _Ours(context.make_folder("workbench-image"), engine)
    peer_cold_s, peer_again_s = peer.build(0.5, "1"), peer.build(1.0, "2")
    cold_s, again_s = ours.build_cold(), [ours.rebuild(number) for number in range(context.repetitions)]
    ours.build("pyfunc")
    base_bytes = _size(engine, BASE)
    added, peer_added = _size(engine, ours.tag("native")) - base_bytes, _size(engine, peer.tag("2")) - base_bytes
    rows = [
        _ratio_row("size over the base", added / 1e6, peer_added / 1e6, "MB", ADDED),
        _ratio_row("cold build, packages fetched before; ours without a network", cold_s, peer_cold_s, "s", COLD),
        _ratio_row(
            "build after a retraining, process start to exit", statistics.median(again_s), peer_again_s, "s", REBUILD,
            most=REBUILD_S,
        ),
    ]  # fmt: skip
    theirs = _served(context, engine, peer.tag("2"), "/ping", {})
    for loader in LOADERS:
        mine = _served(context, engine, ours.tag(loader), "/health/ready", OPEN)
        rows += [
            _ratio_row(f"start to the first prediction, {loader}", mine.ready_s, theirs.ready_s, "s", START[loader]),
            _ratio_row(f"one row, p50, {loader}", mine.one.p50_ms, theirs.one.p50_ms, "ms", ONE_ROW[loader]),
            _rate_row(loader, mine.many.per_s, theirs.many.per_s),
            _ratio_row(
                f"memory after {CONNECTIONS} connections, {loader}", mine.memory_bytes / 2**20,
                theirs.memory_bytes / 2**20, "MiB", MEMORY[loader],
            ),
        ]  # fmt: skip
    return [*rows, _log_row(context, engine, ours.tag("native"))]


class _Peer:
    """MLflow's image."""

    def __init__(self, folder: Path, engine: Engine) -> None:
        self._folder, self._engine = folder, engine

    def tag(self, number: str) -> str:
        return f"{TAG}-mlflow:{number}"

    def build(self, strength: float, number: str) -> float:
        """Seconds of a build with a newly trained model; the first one is cold."""
        model, context = self._folder / f"model{number}", self._folder / "context"
        _run([sys.executable, "-W", "ignore", "-c", SAVE, str(strength), str(model)], self._folder)
        if not context.exists():
            mlflow = str(Path(sys.executable).parent / "mlflow")
            _run([mlflow, "models", "generate-dockerfile", "-m", str(model), "-d", str(context)], self._folder)
            self._adapt(context)
        else:
            (place,) = (context / "model_dir").iterdir()
            shutil.copytree(model, place, dirs_exist_ok=True)
        client: Any = self._engine.client

        def build() -> None:
            said = client.build(
                path=str(context), tag=self.tag(number), network_mode="host", rm=True, forcerm=True, decode=True,
                nocache=number == "1",
            )  # fmt: skip
            for event in said:
                assert "error" not in event, event["error"]

        return seconds(build)

    def _adapt(self, context: Path) -> None:
        dockerfile = context / "Dockerfile"
        lines = [f"FROM {BASE}", "RUN command -v python || ln -s $(command -v python3) /usr/bin/python"]
        trusted = certificates()
        if trusted:
            shutil.copyfile(trusted, context / "certificates.pem")
            place = "/etc/ssl/certs/ca-certificates.crt"
            names = ("PIP_CERT", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")
            lines += [f"COPY certificates.pem {place}", "ENV " + " ".join(f"{name}={place}" for name in names)]
        lines.append("ENV PIP_BREAK_SYSTEM_PACKAGES=1")
        text = re.sub(r"^FROM .*$", lambda _: "\n".join(lines), dockerfile.read_text(), count=1, flags=re.MULTILINE)
        dockerfile.write_text(text)


class _Ours:
    """Our images, built by the command line."""

    def __init__(self, folder: Path, engine: Engine) -> None:
        self._folder, self._engine = folder, engine
        _run([*workbench_command(), "init"], folder)
        (folder / "train.py").write_text(TRAIN)
        self._train(0.5)

    def tag(self, loader: str) -> str:
        return f"{TAG}-ours:{loader}"

    def build(self, loader: str = "native", *options: str, version: str = "wbbench/1") -> float:
        command = [*workbench_command(), "package", "build", version, "--base-image", BASE, "--no-smoke"]
        return seconds(lambda: _run([*command, "--runtime", loader, "--tag", self.tag(loader), *options], self._folder))

    def build_cold(self) -> float:
        """Packages are in uv's cache; the project's own caches and the images are gone."""
        self.build()
        packages = self._packages()
        self._engine.client.remove_image(self.tag("native"))
        try:
            self._engine.client.remove_image(packages)
        except APIError:  # images of others are built on it
            pass
        shutil.rmtree(self._folder / ".workbench" / "cache")
        return self.build("native", "--offline")

    def _packages(self) -> str:
        """The image with packages that ours is built on."""
        layers = self._engine.client.inspect_image(self.tag("native"))["RootFS"]["Layers"]  # type: ignore[no-untyped-call]
        for image in self._engine.client.images(name="workbench-packages"):
            own = self._engine.client.inspect_image(image["Id"])["RootFS"]["Layers"]  # type: ignore[no-untyped-call]
            if layers[: len(own)] == own:
                return str(image["RepoTags"][0])
        raise AssertionError("the image is not built on one with packages")

    def rebuild(self, number: int) -> float:
        """Seconds of a build after a retraining, from the start of the process."""
        version = self._train(1.0 + number)
        return self.build(version=version)

    def _train(self, strength: float) -> str:
        return _run([sys.executable, "-W", "ignore", "train.py", str(strength)], self._folder).strip().splitlines()[-1]


OPEN = {"WORKBENCH_SERVING_HOST": "0.0.0.0"}


def _served(context: Context, engine: Engine, image: str, ready: str, environment: dict[str, str]) -> Served:
    """The medians of some containers, one after the other."""
    found = []
    for _ in range(min(context.repetitions, 3)):
        with _container(engine, image, ready, environment) as (url, ready_s, made):
            load(url, BODY, connections=1, seconds=1)
            one = load(url, BODY, connections=1, seconds=LOAD_S)
            many = load(url, BODY, connections=CONNECTIONS, seconds=LOAD_S)
            assert one.failed == many.failed == 0, (image, one, many)
            found.append(Served(ready_s, one, many, _memory(engine, made)))
    middle = sorted(found, key=lambda served: served.one.p50_ms)[len(found) // 2]
    return Served(
        statistics.median(served.ready_s for served in found), middle.one, middle.many,
        statistics.median(served.memory_bytes for served in found),
    )  # fmt: skip


@contextmanager
def _container(
    engine: Engine, image: str, ready: str, environment: dict[str, str], **host: Any
) -> Iterator[tuple[str, float, str]]:
    """A container that predicts: its address, the seconds until it did, and its id."""
    client: Any = engine.client
    settings = client.create_host_config(port_bindings={8080: ("127.0.0.1", None)}, **host)
    with engine.container(
        image=image, ports=[8080], host_config=settings, environment=environment, labels={"io.workbench.role": "bench"}
    ) as made:
        began = time.perf_counter()
        client.start(made)
        port = client.inspect_container(made)["NetworkSettings"]["Ports"]["8080/tcp"][0]["HostPort"]
        url = f"http://127.0.0.1:{port}"
        while not (_answers(url + ready) and _answers(f"{url}/invocations", BODY)):
            assert time.perf_counter() - began < READY_S, client.logs(made).decode()
            time.sleep(0.02)
        yield url, time.perf_counter() - began, made
        client.stop(made, timeout=20)


def _answers(url: str, body: bytes | None = None) -> bool:
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _memory(engine: Engine, container: str) -> float:
    client: Any = engine.client
    said = client.stats(container, stream=False)["memory_stats"]
    details = said.get("stats", {})
    return float(details.get("anon") or details.get("total_rss") or details.get("rss") or said["usage"])


def _log_row(context: Context, engine: Engine, image: str) -> Row:
    """What the prediction log costs, and whether every row is written or counted as dropped."""
    folder = "/tmp/log"
    without: list[float] = []
    within: list[float] = []
    lost = 0.0
    for _ in range(min(context.repetitions, 3)):
        for samples, more in ((without, {}), (within, {"WORKBENCH_SERVING_LOG_DIR": folder})):
            with _container(engine, image, "/health/ready", {**OPEN, **more}) as (url, _, _made):
                load(url, BODY, connections=1, seconds=1)
                before = _counted(url)
                result = load(url, BODY, connections=1, seconds=LOAD_S)
                many = load(url, BODY, connections=CONNECTIONS, seconds=LOAD_S)
                samples.append(result.p50_ms)
                if more:
                    time.sleep(1)
                    written, dropped = _counted(url)
                    asked = result.requests + many.requests
                    lost += max(0, asked - (written - before[0]) - (dropped - before[1]))
    ratio = statistics.median(within) / statistics.median(without)
    return Row(
        "the prediction log on: p50 of one row, rows neither written nor counted as dropped",
        f"{ratio:.2f}x, {lost:,.0f} rows",
        f"≤ {LOG_COST}x, 0 rows",
        "",
        ratio <= LOG_COST and lost == 0,
        {"ratio": ratio, "lost": lost},
    )


def _counted(url: str) -> tuple[float, float]:
    """Rows written to the log, and dropped, by the server's own metrics."""
    with urllib.request.urlopen(f"{url}/metrics", timeout=10) as answer:
        text = answer.read().decode()
    prefix = "workbench_serving_prediction_log_"
    return _sum(text, f"{prefix}rows_total"), _sum(text, f"{prefix}dropped_total")


def _sum(text: str, name: str) -> float:
    return sum(float(value) for value in re.findall(rf"^(?:{name})(?:{{.*}})? ([\d.e+]+)$", text, re.MULTILINE))


def _ratio_row(
    what: str, ours: float, theirs: float, unit: str, most_ratio: float, *, most: float | None = None
) -> Row:
    ratio = ours / theirs
    limit = f", ≤ {most:g} {unit}" if most is not None else ""
    return Row(
        f"image of a model: {what}",
        f"{ratio:.2f}x ({ours:,.3g} {unit})",
        f"≤ {most_ratio:g}x{limit}",
        f"MLflow's image: {theirs:,.3g} {unit}",
        ratio <= most_ratio and (most is None or ours <= most),
        {"ours": ours, "mlflow": theirs, "ratio": ratio},
    )


def _rate_row(loader: str, ours: float, theirs: float) -> Row:
    ratio = ours / theirs
    return Row(
        f"image of a model: requests with {CONNECTIONS} connections, {loader}",
        f"{ratio:.1f}x the rate ({ours:,.0f}/s)",
        f"≥ {RATE[loader]:g}x",
        f"MLflow's image: {theirs:,.0f}/s",
        ratio >= RATE[loader],
        {"per_s": ours, "mlflow_per_s": theirs, "ratio": ratio},
    )


def _size(engine: Engine, image: str) -> int:
    found = engine.image(image)
    assert found is not None, image
    return int(found["Size"])


def _run(command: list[str], folder: Path) -> str:
    environment = {**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout
