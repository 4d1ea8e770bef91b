"""Whatever MLflow code does, our store answers as MLflow's SQLite store does, but for the list in docs/mlflow.md."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.interop.mlflow.calls import CALLS, Call, act
from tests.interop.mlflow.two_stores import Clock, TwoStores, prepare, use_clock

pytestmark = pytest.mark.interop

SEQUENCES = int(os.environ.get("WORKBENCH_SEQUENCES", "24"))
"""How many sequences of calls are tried, the same ones each time; CI tries 200."""
MANY = 5_000
PARTS = 4
"""Tests that share them, so that they run side by side."""
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
def test_every_answer_is_that_of_mlflows_own_store(part: int, template: Path, clock: Clock, tmp_path: Path) -> None:
    _compare(part, max(1, SEQUENCES // PARTS), template, clock, tmp_path)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_every_answer_of_thousands_of_sequences_is_that_of_mlflows_own_store(
    template: Path, clock: Clock, tmp_path: Path
) -> None:
    _compare(int.from_bytes(os.urandom(4), "big"), MANY, template, clock, tmp_path)


def _compare(first: int, sequences: int, template: Path, clock: Clock, folder: Path) -> None:
    """Compare the answers to random sequences of calls.

    Args:
        first: what the sequences follow from. They are not shrunk, which takes minutes: few enough calls to read.
    """

    @seed(first)
    @settings(
        max_examples=sequences,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    @given(calls=st.lists(CALLS, min_size=8, max_size=30))
    def compare(calls: list[Call]) -> None:
        stores = TwoStores(folder / str(next(_number)), template, clock)
        for call in calls:
            theirs, ours = stores.both(act(call))
            assert ours == theirs, (first, call)

    compare()
