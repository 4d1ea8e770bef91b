"""Whatever is done to MLflow's SQL store and to ours, both give the same answers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mlflow.exceptions import MlflowException

from tests.interop.mlflow.registry_calls import CHECKS, as_entities, follow_pages, operations
from tests.interop.mlflow.registry_peers import SqlAlchemyStore, make_oracle, new_peers

pytestmark = pytest.mark.interop


@pytest.fixture(scope="module")
def oracle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlAlchemyStore]:
    store = make_oracle(str(tmp_path_factory.mktemp("oracle")))
    yield store
    store.engine.dispose()


def play(oracle: SqlAlchemyStore, sequence: list[tuple[Any, ...]]) -> None:
    """Do the same to both and compare every answer, then all that is there."""
    with new_peers(oracle) as peers:
        peers.both("create_registered_model", "a")
        peers.both("create_model_version", "a", "s3://bucket/m", "r1")
        for method, *arguments in sequence:
            if method == "wait":
                peers.clock.advance(arguments[0])
            elif method == "copy_model_version":
                name, number, target = arguments
                with suppress(MlflowException):
                    peers.both(method, peers.oracle.get_model_version(name, number), target)
            elif method.startswith("search"):
                follow_pages(peers, method, *arguments)
            else:
                peers.both(method, *(as_entities(method, argument) for argument in arguments))
        peers.compare_all()


@settings(max_examples=40, deadline=None, suppress_health_check=CHECKS, derandomize=True)
@given(sequence=st.lists(operations, max_size=10))
def test_any_sequence_of_calls_has_the_same_answers(oracle: SqlAlchemyStore, sequence: list[tuple[Any, ...]]) -> None:
    play(oracle, sequence)


@pytest.mark.slow
@settings(max_examples=2000, deadline=None, suppress_health_check=CHECKS)
@given(sequence=st.lists(operations, max_size=20))
def test_any_long_sequence_of_calls_has_the_same_answers(
    oracle: SqlAlchemyStore, sequence: list[tuple[Any, ...]]
) -> None:
    play(oracle, sequence)
