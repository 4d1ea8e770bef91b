"""The filter language: what it accepts, what it says about the rest."""

from __future__ import annotations

import inspect
import math
import sys

import pytest
import sqlglot
from hypothesis import given
from hypothesis import strategies as st

from tests.store.trees import conditions
from workbench.base.errors import FilterError
from workbench.store.conditions import (
    Comparison,
    Condition,
    Every,
    IsNull,
    Membership,
    Not,
    Operand,
    Some,
)
from workbench.store.dialect import MAX_DEPTH
from workbench.store.filters import parse_filter
from workbench.store.places import MAX_CONDITIONS

AUC = Operand("metrics", "auc")
MODEL = Operand("params", "model")
STATUS = Operand("attributes", "status")


def mistake(text: str) -> FilterError:
    with pytest.raises(FilterError) as caught:
        parse_filter(text)
    assert 0 <= caught.value.position <= len(text)
    return caught.value


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("metrics.auc > 0.9", Comparison(AUC, ">", 0.9)),
        ("metric.auc>.9", Comparison(AUC, ">", 0.9)),
        ("METRICS.auc >= -1e-3", Comparison(AUC, ">=", -0.001)),
        ("metrics.auc == 1", Comparison(AUC, "=", 1.0)),
        ("metrics.auc <> 1.", Comparison(AUC, "!=", 1.0)),
        ("metrics.auc = nan", Comparison(AUC, "=", math.nan)),
        ("metrics.auc < -Infinity", Comparison(AUC, "<", -math.inf)),
        ("params.model = 'gbm'", Comparison(MODEL, "=", "gbm")),
        ('parameters.model = "gbm"', Comparison(MODEL, "=", "gbm")),
        ("param.model = 'it''s'", Comparison(MODEL, "=", "it's")),
        ("params.model = true", Comparison(MODEL, "=", True)),
        ("params.model IN ('a', 2)", Membership(MODEL, ("a", 2.0))),
        ("params.model not in ('a')", Not(Membership(MODEL, ("a",)))),
        ("params.model LIKE 'g%'", Comparison(MODEL, "LIKE", "g%")),
        ("params.model NOT ilike 'g%'", Not(Comparison(MODEL, "ILIKE", "g%"))),
        ("params.model RLIKE '^g'", Comparison(MODEL, "RLIKE", "^g")),
        ("params.model IS NULL", IsNull(MODEL)),
        ("params.model is not null", Not(IsNull(MODEL))),
        ("metrics.auc BETWEEN 1 AND 2", Every((Comparison(AUC, ">=", 1.0), Comparison(AUC, "<=", 2.0)))),
        ("attributes.status = 'finished'", Comparison(STATUS, "=", "finished")),
        ("run.status = 'finished'", Comparison(STATUS, "=", "finished")),
        ("attr.start_time > 0", Comparison(Operand("attributes", "started_at"), ">", 0.0)),
        ("attributes.`Run name` = 'x'", Comparison(Operand("attributes", "name"), "=", "x")),
        ("starred", Comparison(Operand("", "starred"), "=", True)),
        ("not attributes.git_dirty", Not(Comparison(Operand("attributes", "git_dirty"), "=", True))),
        ("auc > 1", Comparison(Operand("", "auc"), ">", 1.0)),
        ('"my key" > 1', Comparison(Operand("", "my key"), ">", 1.0)),
        ("metrics.`val/loss` < 1", Comparison(Operand("metrics", "val/loss"), "<", 1.0)),
        ('metrics."val loss" < 1', Comparison(Operand("metrics", "val loss"), "<", 1.0)),
        ("metrics.val/top-1 < 1", Comparison(Operand("metrics", "val/top-1"), "<", 1.0)),
        ("metrics.val.auc < 1", Comparison(Operand("metrics", "val.auc"), "<", 1.0)),
        ("metrics.1st < 1", Comparison(Operand("metrics", "1st"), "<", 1.0)),
        ("`metrics`.auc > 1", Comparison(AUC, ">", 1.0)),
        ("metrics.`a``b` > 1", Comparison(Operand("metrics", "a`b"), ">", 1.0)),
        ("tags.mlflow.user = 'x'", Comparison(Operand("tags", "mlflow.user"), "=", "x")),
        ("best(metrics.auc) > 1", Comparison(Operand("metrics", "auc", "best"), ">", 1.0)),
        ("MAX(auc) > 1", Comparison(Operand("", "auc", "max"), ">", 1.0)),
        ("step(min(metrics.auc)) > 1", Comparison(Operand("metrics", "auc", "min", True), ">", 1.0)),
        ("step(auc) > 1", Comparison(Operand("", "auc", "last", True), ">", 1.0)),
        ("max > 1", Comparison(Operand("", "max"), ">", 1.0)),
        ("dataset.name = 'train'", Comparison(Operand("datasets", "name"), "=", "train")),
        ("metrics.größe > 1", Comparison(Operand("metrics", "größe"), ">", 1.0)),
    ],
)  # fmt: skip
def test_a_condition_is_read(text: str, condition: Condition) -> None:
    assert parse_filter(text).condition == condition


def test_not_binds_before_and_and_and_before_or() -> None:
    a, b, c = (Comparison(Operand("", name), "=", 1.0) for name in "abc")
    assert parse_filter("NOT a = 1 AND b = 1 OR c = 1").condition == Some((Every((Not(a), b)), c))
    assert parse_filter("a = 1 AND (b = 1 OR c = 1)").condition == Every((a, Some((b, c))))
    assert parse_filter("NOT (a = 1 AND b = 1)").condition == Not(Every((a, b)))
    assert parse_filter("a=1 AND b=1 AND c=1").condition == Every((a, b, c))


@pytest.mark.parametrize(
    "text",
    [
        "metrics.rmse < 1 and params.model_type = 'SVR'",
        'params."model_type" = "CNN"',
        "params.`random state` = '42'",
        "attributes.start_time >= 1664067852747",
        "attributes.run_id IN ('a', 'b')",
        "attributes.run_id NOT IN ('a')",
        "tags.mlflow.parentRunId = 'abc'",
        "dataset.name = 'x' AND datasets.digest='y'",
        'tags."mlflow.user" = "it\'s"',
        "attributes.status = 'FINISHED'",
        "run_name LIKE '%x'",
        "attributes.`Run name` ILIKE 'x'",
        "params.a IS NULL and tags.b IS NOT NULL",
        "metric.`a b` >= -1",
        "user_id = 'x'",
        "created > 1",
        "tag.x!='y'",
    ],
)
def test_what_mlflow_accepts_is_accepted(text: str) -> None:
    assert parse_filter(text).condition is not None


@pytest.mark.parametrize("text", ["", "  ", "\n"])
def test_an_empty_filter_fits_every_run(text: str) -> None:
    assert parse_filter(text).condition is None


@pytest.mark.parametrize(
    ("text", "position", "message", "explanation"),
    [
        ("metrics.auc >", 13, "a value is missing", "like 0.9"),
        ("metrics.auc >  ", 13, "a value is missing", "like 0.9"),
        ("metrics.auc", 11, "not compared", "an operator is expected"),
        ("metrics.auc 0.9", 12, "not compared", "an operator is expected"),
        ("> 0.9", 0, "is not a name", "a name is expected"),
        ("metrics.auc > gbm", 14, "is not a value", "single quotes: 'gbm'"),
        ("metrics.auc > 0.9 params.x = 1", 18, "`params.x` is not expected", "AND, OR"),
        ("metrics.auc > 0.9 AND", 21, "a name is missing", "a name is expected"),
        ("(metrics.auc > 0.9", 0, "not closed", "no )"),
        ("metrics.auc > 0.9)", 17, "never opened", ""),
        ("params.a = 'x", 11, "quote is not closed", "'"),
        ("params.a = NULL", 11, "nothing equals NULL", "IS NULL"),
        ("params.a IS 3", 12, "is not expected", "NULL"),
        ("params.a NOT 3", 13, "is not expected", "IN, LIKE"),
        ("params.a IN 3", 12, "is not a list", "('a', 'b')"),
        ("params.a IN ()", 13, "is not a value", "value"),
        ("params.a IN (1", 14, "not closed", ") is expected"),
        ("params.a LIKE 3", 14, "is not a pattern", "%"),
        ("metrics.a BETWEEN 1 OR 2", 20, "is not expected", "AND"),
        ("median(auc) > 1", 0, "no function median", "max, min"),
        ("max(params.a) > 1", 4, "for metrics", ""),
        ("max(min(auc)) > 1", 4, "cannot hold", ""),
        ("step(mean(auc)) > 1", 5, "has no step", ""),
        ("max(auc > 1", 8, "not closed", ")"),
        ("attributes.stats = 'x'", 0, "no attribute stats", "known: run_id"),
        ("datasets.foo = 'x'", 0, "no foo", "name, digest"),
        ("metrics. > 1", 8, "ends in a dot", "key"),
        ("metrics.a > 1; DROP TABLE run", 13, "one expression", "AND"),
        ("a = 1 && b = 1", 6, "& is not an operator", "AND"),
        ("a ! 1", 2, "not complete", "!="),
        ("a > 1.2.3", 4, "not a number", "1e-5"),
        ("a = 'x\ud800'", 6, "not valid UTF-8", ""),
        ("a = '\0'", 5, "not valid UTF-8", ""),
    ],
)
def test_a_mistake_is_pointed_at(text: str, position: int, message: str, explanation: str) -> None:
    error = mistake(text)
    assert (error.position, message in error.message, explanation in error.explanation) == (position, True, True), error


@pytest.mark.parametrize(
    "text",
    [
        "EXISTS (SELECT 1)",
        "auc IN (SELECT 1)",
        "CAST(auc AS int) = 1",
        "CASE WHEN starred THEN 1 END = 1",
        "auc + 1 = 2",
        "auc = lr",
        "1 = 1",
        "(auc, lr) = (1, 2)",
        "auc = (1)",
        "auc = 1 = 1",
        "auc IS true",
        "auc NOT NULL",
        "auc BETWEEN 1 2",
        "auc IN (1,)",
        "auc IN [1]",
        "auc = 'x' 'y'",
        "auc = n'x'",
        "auc LIKE 'x' ESCAPE 'y'",
        "starred -- all",
        "starred /* all */",
        "{# all",
        "starred {# all #}",
        "starred; starred",
        "max(DISTINCT auc) > 1",
        "max(auc) OVER () > 1",
        "max(auc, 1) > 1",
        "NOT NOT",
    ],
)
def test_sql_beyond_the_language_is_refused(text: str) -> None:
    mistake(text)


@pytest.mark.parametrize(
    "sql", ["a + 1 = 2", "a", "a.b = 1", "a = b", "EXISTS (SELECT 1)", "a IN (SELECT 1)", "a GLOB 'x'"]
)
def test_a_node_that_is_not_listed_is_refused(sql: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbench.store.filters.parse", lambda text, words: sqlglot.condition(sql))
    with pytest.raises(FilterError):
        parse_filter("auc = 1")


def test_a_filter_that_the_stack_has_no_room_for_is_a_filter_error() -> None:
    text = "(" * MAX_DEPTH + "a=1" + ")" * MAX_DEPTH
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack()) + 300)
    try:
        assert "too deeply" in mistake(text).message
    finally:
        sys.setrecursionlimit(limit)


def test_a_misspelt_attribute_is_suggested() -> None:
    assert mistake("attributes.stauts = 'x'").hint == "did you mean status?"


def test_depth_and_length_are_bounded() -> None:
    assert parse_filter("(" * MAX_DEPTH + "a=1" + ")" * MAX_DEPTH)
    assert "too deeply" in mistake("(" * 10_000 + "a=1" + ")" * 10_000).message
    assert "too deeply" in mistake("NOT " * 10_000 + "a=1").message
    assert parse_filter(" AND ".join(["a=1"] * MAX_CONDITIONS))
    assert "too long" in mistake(" OR ".join(["a=1"] * 10_000)).message
    assert mistake("max(" * 10_000 + "a")


@given(conditions)
def test_what_a_tree_prints_parses_to_the_same_tree(condition: Condition) -> None:
    assert parse_filter(str(condition)).condition == condition


WORDS = st.sampled_from(
    "metrics.auc params.`a b` tags.x attributes.status auc ( ) , = != <> < >= LIKE IN NOT AND OR IS NULL BETWEEN 'x' "
    '"y" 0.9 -1e5 true nan max( step( best( ` \' " . ; -- /* */ \\ \n metrics. attributes.nope 1x é'.split(" ")
)


@given(
    st.one_of(
        st.text(max_size=60), st.lists(WORDS, max_size=14).map(" ".join), st.lists(WORDS, max_size=8).map("".join)
    )
)
def test_any_text_is_a_filter_or_a_filter_error(text: str) -> None:
    try:
        parsed = parse_filter(text)
    except FilterError as error:
        assert 0 <= error.position <= len(text)
        assert error.message
    else:
        assert parse_filter(str(parsed)).condition == parsed.condition
