"""Whatever is searched for in MLflow's SQL store and in ours, both find the same, in the same order and pages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mlflow.entities.model_registry import ModelVersionTag

from tests.interop.mlflow.registry_calls import (
    CHECKS,
    STAGES,
    TEXTS,
    as_entities,
    filters,
    follow_pages,
    limits,
    orders,
    tokens,
)
from tests.interop.mlflow.registry_peers import Peers, make_oracle, new_peers

pytestmark = pytest.mark.interop


def furnish(peers: Peers) -> None:
    """A registry in which most filters find something: models and prompts, stages, tags, runs, a deleted version."""
    for number, name in enumerate(["a", "B", "a b", "é_1", "prompt", "ab%"]):
        prompt = [("mlflow.prompt.is_prompt", "true")] if name == "prompt" else []
        tags = as_entities("create_registered_model", [("k", TEXTS[number]), *prompt])
        peers.both("create_registered_model", name, tags, TEXTS[number])
        for version in range(4):
            peers.clock.advance(0.001 if version % 2 else 0.0)
            source, run = ["s3://bucket/m", "x", "ab%"][version % 3], [None, "r1", "R1", "r2"][(version + number) % 4]
            tags = as_entities("create_model_version", [("k", TEXTS[version]), ("K", "x"), *prompt])
            peers.both("create_model_version", name, source, run, tags)
    peers.both("set_model_version_tag", "B", 1, ModelVersionTag("mlflow.prompt.is_prompt", "true"))
    peers.both("delete_model_version", "B", 1)
    peers.both("set_model_version_tag", "a b", 2, ModelVersionTag("mlflow.prompt.is_prompt", "false"))
    for version, stage in enumerate(STAGES[:4], 1):
        peers.both("transition_model_version_stage", "a", version, stage, False)
    peers.both("set_registered_model_alias", "a", "champion", 3)
    peers.both("update_registered_model", "é_1", "changed")


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peers]:
    oracle = make_oracle(str(tmp_path_factory.mktemp("oracle")))
    with new_peers(oracle) as peers:
        furnish(peers)
        yield peers
    oracle.engine.dispose()


@settings(max_examples=60, deadline=None, suppress_health_check=CHECKS, derandomize=True)
@given(models_first=st.booleans(), arguments=st.tuples(filters, limits, orders, tokens))
def test_any_search_has_the_same_answers(furnished: Peers, models_first: bool, arguments: tuple[Any, ...]) -> None:
    method = "search_registered_models" if models_first else "search_model_versions"
    follow_pages(furnished, method, *arguments)


@pytest.mark.slow
@settings(max_examples=2000, deadline=None, suppress_health_check=CHECKS)
@given(models_first=st.booleans(), arguments=st.tuples(filters, limits, orders, tokens))
def test_any_search_of_many_has_the_same_answers(
    furnished: Peers, models_first: bool, arguments: tuple[Any, ...]
) -> None:
    method = "search_registered_models" if models_first else "search_model_versions"
    follow_pages(furnished, method, *arguments)
