from __future__ import annotations

import datetime
import decimal
import enum
import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.base.jsonvalue import dumps, loads, plain

text = st.text(st.characters(exclude_categories=["Cs"]))
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4),
    max_leaves=20,
)
anything = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(),
        st.binary(),
        st.dates(),
        st.datetimes(),
        st.timedeltas(),
        st.decimals(),
        st.fractions(),
        st.complex_numbers(),
        st.uuids(),
        st.builds(object),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.tuples(inner, inner),
        st.frozensets(st.integers() | st.text(), max_size=4),
        st.dictionaries(st.integers() | st.text() | st.none() | st.tuples(st.integers()), inner, max_size=4),
    ),
    max_leaves=20,
)


@given(json_values)
def test_a_json_value_comes_back_equal(value: object) -> None:
    assert loads(dumps(value)) == value


@given(json_values)
def test_a_document_is_one_line_without_tabs(value: object) -> None:
    document = dumps(value)
    assert not {"\n", "\r", "\t", "\0"} & set(document)
    document.encode()


@given(anything)
def test_no_value_is_refused_and_the_document_is_strict_json(value: object) -> None:
    def refuse(constant: str) -> object:
        raise AssertionError(f"{constant} is not JSON")

    json.loads(dumps(value), parse_constant=refuse)


@given(anything)
def test_plain_changes_nothing_the_second_time(value: object) -> None:
    once = plain(value)
    assert dumps(plain(once)) == dumps(once)


@pytest.mark.parametrize(
    ("value", "document"),
    [
        (math.nan, '"NaN"'),
        (math.inf, '"Infinity"'),
        (-math.inf, '"-Infinity"'),
        ({"a": [math.nan, 1.0]}, '{"a":["NaN",1.0]}'),
        ((1, 2), "[1,2]"),
        ({3, 1, 2}, "[1,2,3]"),
        ({1: "x", None: "y", 0.5: math.nan}, '{"1":"x","null":"y","0.5":"NaN"}'),
        ({True: "z", (1, 2): math.inf}, '{"true":"z","[1,2]":"Infinity"}'),
        (Path("a/b"), '"a/b"'),
        (datetime.date(2026, 11, 21), '"2026-11-21"'),
        (decimal.Decimal("0.10"), '"0.10"'),
        ("é\u2028\n", '"é\u2028\\n"'),
        ("\ud800", '"\\\\ud800"'),
        (10**30, "1000000000000000000000000000000"),
    ],
)
def test_a_value_that_json_does_not_know_becomes_the_nearest_one(value: object, document: str) -> None:
    assert dumps(value) == document


class Colour(enum.Enum):
    RED = "red"


class Level(enum.IntEnum):
    HIGH = 3


class Mode(str, enum.Enum):  # noqa: UP042 - the older form, whose `str()` is its name
    FAST = "fast"


def test_an_enum_that_is_a_string_or_a_number_is_its_value() -> None:
    assert dumps([Level.HIGH, Mode.FAST, Colour.RED]) == '[3,"fast","Colour.RED"]'


def test_numpy_values_become_numbers_and_lists() -> None:
    numpy = pytest.importorskip("numpy")
    values = [
        numpy.float32(0.5),
        numpy.float64("nan"),
        numpy.int64(7),
        numpy.bool_(True),
        numpy.array([1, 2]),
        numpy.array([[0.5, numpy.inf]]),
        numpy.array(3),
        numpy.array(["a"], dtype=object),
    ]
    assert loads(dumps(values)) == [0.5, "NaN", 7, True, [1, 2], [[0.5, "Infinity"]], 3, ["a"]]


class Hostile:
    """Fails wherever it can."""

    def __str__(self) -> str:
        raise RuntimeError("no text")

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError("no attributes")


class HostileList(list[int]):
    def __iter__(self) -> Any:
        raise RuntimeError("no items")


def test_a_value_that_raises_when_it_is_looked_at_is_named_by_its_type() -> None:
    assert dumps({"a": Hostile(), "b": 1}) == '{"a":"<Hostile>","b":1}'


def test_a_container_that_raises_is_named_by_its_type() -> None:
    assert plain({"a": HostileList([1])}) == {"a": "<HostileList>"}


def test_a_value_that_contains_itself_is_named_by_its_type() -> None:
    endless: list[object] = []
    endless.append(endless)
    assert dumps(endless) == '"<list: nested too deeply>"'


def test_an_integer_too_long_for_decimal_digits_is_written_in_hexadecimal() -> None:
    assert loads(dumps([10**4000, 2**20_000])) == [10**4000, hex(2**20_000)]


def test_a_value_nested_deeper_than_the_stack_does_not_raise() -> None:
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    loads(dumps(deep))
