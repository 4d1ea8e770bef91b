"""A project with runs that have models, and rules that two people have to follow."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.cli.harness import Outcome, workbench, write_run
from tests.conftest import FakeClock
from workbench.base.project import Project
from workbench.store.blobs import BlobStore

OTTER, LYNX, HERON, PAIR, BARE = (digit * 32 for digit in "abcde")
RULES = """
[models."*"]
approvers = 2
author_may_approve = false
protected_aliases = ["champion"]
"""


@dataclass
class Shop:
    """The project, and whose command lines come next.

    Attributes:
        become: act as somebody else from now on.
    """

    project: Project
    clock: FakeClock
    become: Callable[[str], None] = field(repr=False)

    def run(self, *words: str, status: int = 0, as_: str | None = None, **options: Any) -> Outcome:
        """`workbench models WORDS`, a second after the one before, which has to end with `status`."""
        self.clock.advance(1)
        if as_ is not None:
            self.become(as_)
        outcome = workbench("models", *words, **options)
        assert outcome.status == status, outcome
        return outcome

    def document(self, *words: str) -> Any:
        """The JSON that a command prints."""
        return json.loads(self.run(*words, "--json").stdout)

    def rules(self, text: str = RULES) -> None:
        """Write the project's rules."""
        Path(self.project.root, "workbench.toml").write_text(text)

    def approved(self, version: str) -> None:
        """Have a version approved by ben and eva."""
        for who in ("ben", "eva"):
            self.run("approve", version, "--reason", f"{who} looked at it", as_=who)
        self.become("ana")


def model_events(project: Project, folder: str, column: str = "amount") -> list[dict[str, object]]:
    """The artifacts of a model in the MLflow format."""
    inputs = json.dumps([{"name": column, "type": "double"}])
    outputs = json.dumps([{"type": "tensor", "tensor-spec": {"dtype": "int64", "shape": [-1]}}])
    described = f"flavors: {{}}\nsignature:\n  inputs: '{inputs}'\n  outputs: '{outputs}'\n  params: null\n"
    events: list[dict[str, object]] = []
    for name, content in (("MLmodel", described), ("weights.json", f'{{"of": "{column}"}}')):
        sha256, size = BlobStore(project).put_bytes(content.encode())
        path = f"{folder}/{name}" if folder else name
        events.append({"e": "art", "path": path, "sha256": sha256, "size": size, "kind": "model"})
    return events


@pytest.fixture
def shop(project: Project, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    """Three runs with a model, one with two and one with none; ana acts."""
    for uid, name, lr, auc, column in (
        (OTTER, "brave-otter", 0.1, 0.9, "amount"),
        (LYNX, "quiet-lynx", 0.05, 0.93, "amount"),
        (HERON, "calm-heron", 0.01, 0.95, "total"),
    ):
        data = {"e": "data", "name": "train", "digest": f"sha256:{name}", "path": "t.csv", "size": 9, "format": "csv"}
        events = [{"e": "param", "name": "lr", "value": lr}, data, *model_events(project, "model", column)]
        metrics = {"auc": [auc], "log_loss": [1 - auc], "rows": [812.0], "seconds": [3.0]}
        write_run(project, uid, events, metrics=metrics, name=name, clock=clock)
    write_run(
        project, PAIR, [*model_events(project, "a"), *model_events(project, "b", "x")], name="twin-crane", clock=clock
    )
    write_run(project, BARE, name="bold-crane", clock=clock)
    monkeypatch.setenv("WORKBENCH_USER", "ana")
    yield Shop(project, clock, lambda who: monkeypatch.setenv("WORKBENCH_USER", who))


@pytest.fixture
def fraud(shop: Shop) -> Shop:
    """`fraud` with three versions, of which nothing is decided."""
    for run in ("brave-otter", "quiet-lynx", "calm-heron"):
        shop.run("register", run, "fraud")
    return shop


@pytest.fixture
def governed(fraud: Shop) -> Shop:
    """The same under rules: v1 and v2 are approved, champion was v1 and is v2, v3 waits."""
    fraud.rules()
    for version in ("fraud/1", "fraud/2"):
        fraud.approved(version)
        fraud.clock.advance(86_400)
        fraud.run("alias", version, "champion", "--reason", f"release of {version}")
    fraud.run("request", "fraud/3", "--reason", "better on weekends")
    return fraud
