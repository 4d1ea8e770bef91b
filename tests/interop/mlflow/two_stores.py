"""One sequence of calls, made on MLflow's own SQLite store and on ours, in one process under one clock.

Ids are made by the stores, so each is replaced by the number of its first appearance before answers are compared.
"""

from __future__ import annotations

import math
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import mlflow.utils.time
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

from workbench.base.clock import set_clock
from workbench.base.project import create_project

START_S = 1_790_000_000


class Clock:
    """The time of both stores, in whole seconds; a stand-in for the module `time` where MLflow asks it."""

    def __init__(self) -> None:
        self.now_s = START_S

    def time(self) -> float:
        """Seconds, as `time.time` gives them."""
        return float(self.now_s)

    def now_ns(self) -> int:
        """Nanoseconds, as `base.clock` wants them."""
        return self.now_s * 1_000_000_000

    def __getattr__(self, name: str) -> Any:
        import time

        return getattr(time, name)


@dataclass
class Side:
    """One of the two stores.

    Attributes:
        client: MLflow's client of it.
        experiments, runs, models: ids in the order in which they were made.
        names: what stands for an id where answers are compared.
        linked: runs with the models that they put out.
    """

    client: MlflowClient
    experiments: list[str] = field(default_factory=lambda: ["0"])
    runs: list[str] = field(default_factory=list)
    models: list[str] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    linked: set[tuple[str, str]] = field(default_factory=set)

    def call(self, act: Callable[[Side], Any]) -> Any:
        """The answer of a call in a form that can be compared, or the code of its error."""
        try:
            return self.canonical(act(self))
        except MlflowException as error:
            return ("error", error.error_code)

    def canonical(self, answer: Any) -> Any:
        """An answer with names for ids, as plain values."""
        if isinstance(answer, float) and math.isnan(answer):
            return "NaN"
        if isinstance(answer, str):
            return self._renamed(answer)
        if isinstance(answer, dict):
            return {
                self._renamed(str(key)): self.names.get(str(value), value)
                if key == "experiment_id"
                else self.canonical(value)
                for key, value in answer.items()
            }
        if isinstance(answer, (list, tuple)):
            items = [self.canonical(item) for item in answer]
            token = getattr(answer, "token", None)
            return items if token is None else [*items, ("token", token)]
        if hasattr(answer, "to_dictionary"):
            return self.canonical(answer.to_dictionary())
        if hasattr(answer, "__dict__"):
            return self.canonical(vars(answer))
        return answer

    def _renamed(self, text: str) -> str:
        def name(found: re.Match[str]) -> str:
            return self.names.get(found[0], found[0])

        return re.sub(r"m-[0-9a-f]{32}|[0-9a-f]{32}", name, text)

    def made(self, kind: str, made_id: str) -> None:
        """Remember an id that the store made."""
        ids: list[str] = getattr(self, kind)
        self.names[made_id] = f"<{kind} {len(ids)}>"
        ids.append(made_id)


class TwoStores:
    """MLflow's SQLite store and ours, empty, side by side.

    Args:
        folder: for both.
        template: an SQLite database that MLflow has prepared; making one takes seconds.
    """

    def __init__(self, folder: Path, template: Path, clock: Clock) -> None:
        self.clock = clock
        folder.mkdir(parents=True)
        shutil.copy(template, folder / "mlflow.db")
        create_project(str(folder / "ours"))
        self.theirs = _side(f"sqlite:///{folder / 'mlflow.db'}")
        self.ours = _side(f"workbench://{folder / 'ours'}")

    def both(self, act: Callable[[Side], Any]) -> tuple[Any, Any]:
        """The answers of MLflow's store and of ours to one call, a second after the last."""
        self.clock.now_s += 1
        return self.theirs.call(act), self.ours.call(act)


def use_clock(clock: Clock | None) -> None:
    """Make both stores ask this clock, or the system's again."""
    import time

    mlflow.utils.time.time = time if clock is None else clock
    set_clock(None if clock is None else clock.now_ns)


def prepare(template: Path) -> None:
    """Make an SQLite database as MLflow wants it."""
    _side(f"sqlite:///{template}").client.search_experiments()


def _side(uri: str) -> Side:
    return Side(MlflowClient(uri, uri))
