"""Calls of MLflow's registry interface, made up by hypothesis: mostly sensible, some of them wrong."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck
from hypothesis import strategies as st
from mlflow.entities.model_registry import ModelVersionTag, RegisteredModelTag

from tests.interop.mlflow.registry_peers import Peers

NAMES = ["a", "B", "a b", "é_1"]
TEXTS = ["", "x", "X", "ab%", "a_b", "é", "it's", '"q"', "a\\b", "true", "False", "5", "0"]
KEYS = ["k", "K", "k.x", "mlflow.prompt.is_prompt", "a b"]
STAGES = ["None", "staging", "Production", "ARCHIVED", "wrong"]
CHECKS = [HealthCheck.too_slow, HealthCheck.data_too_large]

# What comes first is what most calls are about: else nearly all would name what is not there.
names = st.sampled_from("a") | st.sampled_from("a") | st.sampled_from([*NAMES, *NAMES, "missing", "", "a/b"])
numbers = st.just(1) | st.just(2) | st.sampled_from([1, 2, 3, "1", "2", 0, -1, "one", 10**15])
texts = st.sampled_from(TEXTS)
aliases = st.just("champion") | st.sampled_from(["champion", "Champion", "a-b_1", "latest", "v1", "", "no good"])
stages = st.just("Production") | st.just("staging") | st.sampled_from(STAGES)
descriptions = st.none() | texts
tags = st.tuples(st.sampled_from([*KEYS, *KEYS, "../x"]), texts)
sources = st.sampled_from(
    ["s3://bucket/m", "file:///tmp/m", "x", "models:/a/1", "models:/B/2", "models:/a@champion", "models:/"]
)
quoted = texts.filter(lambda text: "'" not in text).map(lambda text: f"'{text}'") | st.sampled_from(
    ["'%'", "'a%'", "'_'", "'A%'", "'%b%'", "'%é%'", '"x"']
)
several = st.lists(st.sampled_from(["'a'", "'B'", "'é_1'", "'r1'", "'x'"]), min_size=1, max_size=3).map(
    lambda items: f"({', '.join(items)})"
)
comparators = st.sampled_from(["=", "!=", "LIKE", "ILIKE", "like", "<", ">", "IN"])
conditions = st.one_of(
    st.builds("{} {} {}".format, st.sampled_from(["name", "run_id", "source_path", "wrong"]), comparators, quoted),
    st.builds("name {} {}".format, st.sampled_from(["=", "!=", "LIKE", "ILIKE"]), quoted),
    st.builds("{} {} {}".format, st.sampled_from(["name", "run_id"]), st.sampled_from(["IN", "NOT IN"]), several),
    st.builds(
        "version_number {} {}".format,
        st.sampled_from(["=", "!=", "<", "<=", ">", ">=", "LIKE"]),
        st.sampled_from(["0", "1", "2", "-1", "1.5", "'2'", "'x'", "99999999999999"]),
    ),
    st.builds(
        "{}.`{}` {} {}".format,
        st.sampled_from(["tag", "tags"]),
        st.sampled_from(KEYS),
        st.sampled_from(["=", "!=", "LIKE", "ILIKE", "="]),
        quoted | st.sampled_from(["'true'", "'false'", "'TRUE'"]),
    ),
)
filters = st.one_of(
    st.none(),
    conditions,
    st.lists(conditions, min_size=1, max_size=3).map(" AND ".join),
    st.sampled_from(["", "name", "x ="]),
)
orders = st.none() | st.lists(
    st.builds(
        "{}{}".format,
        st.sampled_from(
            ["name", "version_number", "creation_timestamp", "last_updated_timestamp", "timestamp", "wrong"]
        ),
        st.sampled_from(["", " ASC", " DESC", " asc", " sideways"]),
    ),
    max_size=3,
)
limits = st.sampled_from([1, 2, 3, 1000]) | st.sampled_from([1, 2, 1000, 0, 1001, 200_001])
tokens = st.none() | st.sampled_from([None, None, "", "nonsense"])

operations = st.one_of(
    st.tuples(st.just("create_registered_model"), names, st.lists(tags, max_size=2) | st.none(), descriptions),
    st.tuples(st.just("create_model_version"), names, sources, st.sampled_from([None, "r1", "R1", "r2"]),
              st.lists(tags, max_size=2) | st.none(), st.none() | texts, descriptions),
    st.tuples(st.just("create_model_version"), st.sampled_from(["a", "a", "B"]), st.just("s3://b/m")),
    st.tuples(st.just("create_model_version"), st.just("a"), sources, st.just("r1"), st.lists(tags, max_size=2)),
    st.tuples(st.just("update_registered_model"), names, descriptions),
    st.tuples(st.just("rename_registered_model"), names, names),
    st.tuples(st.just("delete_registered_model"), names),
    st.tuples(st.just("get_latest_versions"), names, st.none() | st.lists(st.sampled_from(STAGES), max_size=2)),
    st.tuples(st.just("set_registered_model_tag"), names, tags),
    st.tuples(st.just("delete_registered_model_tag"), names, st.sampled_from([*KEYS, "../x"])),
    st.tuples(st.just("update_model_version"), names, numbers, descriptions),
    st.tuples(st.just("transition_model_version_stage"), names, numbers, stages, st.booleans()),
    st.tuples(st.just("delete_model_version"), names, numbers),
    st.tuples(st.just("get_model_version"), names, numbers),
    st.tuples(st.just("get_model_version_download_uri"), names, numbers),
    st.tuples(st.just("set_model_version_tag"), names, numbers, tags),
    st.tuples(st.just("delete_model_version_tag"), names, numbers, st.sampled_from([*KEYS, "../x"])),
    st.tuples(st.just("set_registered_model_alias"), names, aliases, numbers),
    st.tuples(st.just("delete_registered_model_alias"), names, aliases),
    st.tuples(st.just("get_model_version_by_alias"), names, aliases),
    st.tuples(st.just("search_registered_models"), filters, limits, orders, tokens),
    st.tuples(st.just("search_model_versions"), filters, limits, orders, tokens),
    st.tuples(st.just("copy_model_version"), names, numbers, names),
    st.tuples(st.just("wait"), st.sampled_from([0.001, 0.001, 1.0])),
)  # fmt: skip


def as_entities(method: str, argument: Any) -> Any:
    """An argument with the tags in it, pairs so far, as what the method takes."""
    kind = RegisteredModelTag if "registered_model" in method else ModelVersionTag
    if isinstance(argument, tuple):
        return kind(*argument)
    if isinstance(argument, list) and argument and isinstance(argument[0], tuple):
        return [kind(*pair) for pair in argument]
    return argument


def follow_pages(peers: Peers, method: str, *arguments: Any) -> None:
    """Compare a page of a search and the two that follow."""
    *rest, token = arguments
    for _ in range(3):
        answer = peers.both(method, *rest, page_token=token)
        token = answer[1]
        if not isinstance(answer[0], list) or token is None:
            return
