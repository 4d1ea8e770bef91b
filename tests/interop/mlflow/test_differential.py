"""Whatever MLflow code does, our store answers as MLflow's SQLite store does, but for the list in docs/mlflow.md."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.interop.mlflow.calls import CALLS, Call, act
from tests.interop.mlflow.two_stores import Clock, TwoStores, prepare, use_clock

pytestmark = pytest.mark.mlflow

SEQUENCES = int(os.environ.get("WORKBENCH_SEQUENCES", "24"))
"""How many sequences of calls are tried; CI tries 200."""
PARTS = 4
"""Tests that share them, so that they run side by side."""
PHASES = [Phase.explicit, Phase.reuse, Phase.generate]
"""Without shrinking, which takes minutes for a sequence: the calls are few enough to read."""
_number = count()


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database that MLflow has prepared."""
    path = tmp_path_factory.mktemp("template") / "mlflow.db"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        prepare(path)
    return path


@pytest.fixture
def clock() -> Iterator[Clock]:
    """The time of both stores."""
    fake = Clock()
    use_clock(fake)
    yield fake
    use_clock(None)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("part", range(PARTS))
@settings(
    max_examples=max(1, SEQUENCES // PARTS),
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=PHASES,
)
@given(calls=st.lists(CALLS, min_size=8, max_size=30))
def test_every_answer_is_that_of_mlflows_own_store(
    part: int, calls: list[Call], template: Path, clock: Clock, tmp_path_factory: pytest.TempPathFactory
) -> None:
    _compare(calls, TwoStores(tmp_path_factory.mktemp("stores") / str(next(_number)), template, clock))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@settings(max_examples=5_000, deadline=None, suppress_health_check=list(HealthCheck), phases=PHASES)
@given(calls=st.lists(CALLS, min_size=8, max_size=30))
def test_every_answer_of_thousands_of_sequences_is_that_of_mlflows_own_store(
    calls: list[Call], template: Path, clock: Clock, tmp_path_factory: pytest.TempPathFactory
) -> None:
    _compare(calls, TwoStores(tmp_path_factory.mktemp("stores") / str(next(_number)), template, clock))


def _compare(calls: list[Call], stores: TwoStores) -> None:
    for call in calls:
        theirs, ours = stores.both(act(call))
        assert ours == theirs, call
