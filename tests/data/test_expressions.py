from __future__ import annotations

from datetime import date, datetime
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import FakeClock
from workbench.base.errors import FilterError
from workbench.data.expressions import FUNCTIONS, compile_expression

FRAME = pl.DataFrame(
    {
        "a": [1, 2, None],
        "b": [2.0, 1.0, 5.0],
        "name": ["Ada", "bob", None],
        "odd name": [1, 1, 1],
        "day": [date(2026, 1, 5), date(2026, 1, 6), None],
        "at": [datetime(2026, 1, 5, 12), datetime(2026, 1, 6), None],
    }
)


def outcome(text: str) -> list[Any]:
    """What a condition is in each row."""
    return FRAME.select(compile_expression(text).condition.alias("x"))["x"].to_list()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a < b", [True, False, None]),
        ("a + 1 = b AND name = 'Ada'", [True, False, None]),
        ("NOT a < b", [False, True, None]),
        ("not not a < b", [True, False, None]),
        ("a IS NULL or a >= 2", [False, True, True]),
        ("a is not null", [True, True, False]),
        ("a IN (1, -3)", [True, False, None]),
        ("a NOT IN (1)", [False, True, None]),
        ("name NOT IN ('bob')", [True, False, None]),
        ("b BETWEEN 1.5 AND a * 3", [True, False, None]),
        ("name LIKE 'A%'", [True, False, None]),
        ("name NOT LIKE '_o_'", [True, False, None]),
        ('name = "Ada"', [True, False, None]),
        ("`odd name` = 1", [True, True, True]),
        ("-a * -1 + 2 * 3 % 4 = 3", [True, False, None]),
        ("b / 2 = 1", [True, False, False]),
        ("(a = 1 OR a = 2) AND b = 2", [True, False, False]),
        ("a = 1 OR a = 2 AND b = 2", [True, False, None]),
        ("length(name) = 3 and upper(name) <> name", [True, True, None]),
        ("day > date('2026-01-05')", [False, True, None]),
        ("at >= datetime('2026-01-05T12:30')", [False, True, None]),
        ("weekday(day) = 1 and year(day) = 2026 and month(day) = 1", [True, False, None]),
        ("coalesce(a, 9) = 9", [False, False, True]),
        ("greatest(a, b) = 2", [True, True, False]),
        ("if(a = 1, b, 0) = 2", [True, False, False]),
        ("starts_with(lower(name), 'a') or matches(name, '^b')", [True, True, None]),
        ("contains(name, 'd.') = false", [True, True, None]),
        ("true", [True]),
        ("name = 'it''s'", [False, False, None]),
        ("a == 1 and a != 2 and b <= 2", [True, False, False]),
    ],
)
def test_conditions_mean_what_they_mean_in_sql(text: str, expected: list[Any]) -> None:
    assert outcome(text) == expected


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("", 0),
        ("a >", 3),
        ("a > > b", 4),
        ("a b", 2),
        ("(a = 1", 6),
        ("a IN ()", 6),
        ("a NOT 3", 6),
        ("a LIKE 3", 8),
        ("nope(a)", 0),
        ("abs(a, b)", 0),
        ("abs()", 0),
        ("date('x')", 5),
        ("a ? b", 2),
        ("a is 3", 5),
        ("'open", 0),
        ("__import__('os').system('x')", 16),
        ("a.b", 1),
    ],
)
def test_mistakes_are_told_by_their_place(text: str, position: int) -> None:
    with pytest.raises(FilterError) as raised:
        compile_expression(text)
    assert raised.value.position == position


def test_what_is_endless_is_refused() -> None:
    for text in ("(" * 100 + "a" + ")" * 100, "a" * 5000):
        with pytest.raises(FilterError):
            compile_expression(text)


def test_the_columns_of_a_condition_are_known() -> None:
    assert compile_expression("a < b and `odd name` = 1 and a > 0").columns == ("a", "b", "odd name")


def test_now_is_the_time_of_the_clock(clock: FakeClock) -> None:
    assert pl.select(compile_expression("year(now()) = 2026 and month(now()) = 9").condition).item() is True


def test_every_function_is_compiled() -> None:
    for name, (least, _, _) in FUNCTIONS.items():
        arguments = ", ".join("ab"[number % 2] for number in range(least))
        compile_expression(f"{name}({arguments}) is null")


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="ab1.5'\"`()<>=!+-*/% ,andortinulsebtwkl", max_size=30))
def test_no_text_is_worse_than_an_error_of_ours(text: str) -> None:
    try:
        compile_expression(text)
    except FilterError as error:
        assert 0 <= error.position <= len(text)
