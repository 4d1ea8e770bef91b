"""Columns and sort keys."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.base.errors import FilterError
from workbench.store.columns import parse_column, parse_sort
from workbench.store.conditions import Operand


@pytest.mark.parametrize(
    ("text", "operand", "label"),
    [
        ("lr", Operand("", "lr"), "lr"),
        ("metrics.auc", Operand("metrics", "auc"), "metrics.auc"),
        (" max(auc) ", Operand("", "auc", "max"), "max(auc)"),
        ("max(metrics.auc)", Operand("metrics", "auc", "max"), "max(metrics.auc)"),
        ("step(min(loss))", Operand("", "loss", "min", True), "step(min(loss))"),
        ("min(loss) as best", Operand("", "loss", "min"), "best"),
        ("min(loss) AS 'the best'", Operand("", "loss", "min"), "the best"),
        ("min(loss) as a.b", Operand("", "loss", "min"), "a.b"),
        ("min(loss) as in", Operand("", "loss", "min"), "in"),
        ("min(loss) as `a.``b`", Operand("", "loss", "min"), "a.`b"),
        ("as as as", Operand("", "as"), "as"),
        ("`val loss`", Operand("", "val loss"), "val loss"),
        ("attributes.start_time", Operand("attributes", "started_at"), "attributes.start_time"),
    ],
)
def test_a_column_is_read(text: str, operand: Operand, label: str) -> None:
    column = parse_column(text)
    assert (column.operand, column.label) == (operand, label)


@pytest.mark.parametrize(
    ("text", "position", "explanation"),
    [
        ("", 0, "a name is expected"),
        ("max(", 4, "a name is expected"),
        ("max(auc", 7, "a ) is expected"),
        ("auc loss", 4, "as NAME"),
        ("auc as", 6, "a name is expected after as"),
        ("auc > 1", 4, "as NAME"),
        ("'auc'", 0, "a name is expected"),
        ("max (auc))", 9, "as NAME"),
    ],
)
def test_a_mistake_is_pointed_at(text: str, position: int, explanation: str) -> None:
    with pytest.raises(FilterError) as caught:
        parse_column(text)
    assert caught.value.position == position
    assert explanation in caught.value.explanation


@pytest.mark.parametrize(
    ("text", "operand", "descending"),
    [
        ("auc", Operand("", "auc"), False),
        ("-auc", Operand("", "auc"), True),
        (" - max(auc)", Operand("", "auc", "max"), True),
        ("metrics.auc DESC", Operand("metrics", "auc"), True),
        ("metrics.auc asc", Operand("metrics", "auc"), False),
        ("-auc desc", Operand("", "auc"), False),
    ],
)
def test_a_sort_key_is_read(text: str, operand: Operand, descending: bool) -> None:
    sort = parse_sort(text)
    assert (sort.operand, sort.descending) == (operand, descending)


def test_positions_in_a_sort_key_count_its_minus() -> None:
    with pytest.raises(FilterError) as caught:
        parse_sort("-auc loss")
    assert (caught.value.position, caught.value.text) == (5, "-auc loss")


@given(st.text(max_size=40))
def test_any_text_is_a_column_or_a_filter_error(text: str) -> None:
    for parse in (parse_column, parse_sort):
        try:
            parse(text)
        except FilterError as error:
            assert 0 <= error.position <= len(text)
