from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.base.numbers import format_age, format_duration, format_number, format_size


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (True, "true"),
        (False, "false"),
        (0, "0"),
        (0.0, "0"),
        (-0.0, "0"),
        (7, "7"),
        (100482, "100,482"),
        (-1234567, "-1,234,567"),
        (10**14, "100,000,000,000,000"),
        (10**15, "1e+15"),
        (10**400, "∞"),
        (-(10**400), "−∞"),
        (0.9312, "0.9312"),
        (0.93124999, "0.9312"),
        (0.5, "0.5"),
        (12.3, "12.3"),
        (12.3456, "12.35"),
        (1234.5678, "1,235"),
        (99999.6, "100,000"),
        (0.99999, "1"),
        (9.99996, "10"),
        (0.001234567, "0.001235"),
        (0.0001, "0.0001"),
        (1.2e-7, "1.2e-07"),
        (1.23456e-7, "1.235e-07"),
        (1e20, "1e+20"),
        (-0.25, "-0.25"),
        (math.nan, "NaN"),
        (math.inf, "∞"),
        (-math.inf, "−∞"),
    ],
)
def test_a_number_has_four_significant_digits(value: float | int | None, text: str) -> None:
    assert format_number(value) == text


def test_the_number_of_digits_can_be_chosen() -> None:
    assert format_number(0.93124, digits=2) == "0.93"
    assert format_number(1.6e-9, digits=1) == "2e-09"


@given(st.floats(min_value=-1e307, max_value=1e307))
def test_a_formatted_number_reads_back_within_its_digits(value: float) -> None:
    text = format_number(value)
    assert math.isclose(float(text.replace(",", "")), value, rel_tol=5.1e-4, abs_tol=0)


@given(st.one_of(st.floats(), st.integers(), st.booleans(), st.none()))
def test_every_number_can_be_formatted_in_little_space(value: float | int | None) -> None:
    assert 1 <= len(format_number(value)) <= 20


@pytest.mark.parametrize(
    ("duration_s", "text"),
    [
        (None, "–"),
        (0, "0.0s"),
        (0.44, "0.4s"),
        (9.96, "10s"),
        (12, "12s"),
        (59.6, "1m00s"),
        (192, "3m12s"),
        (3599.7, "1h00m"),
        (7500, "2h05m"),
        (86399.9, "1d00h"),
        (3 * 86400 + 4 * 3600, "3d04h"),
        (-12, "−12s"),
    ],
)
def test_a_duration_has_two_units(duration_s: float | None, text: str) -> None:
    assert format_duration(duration_s) == text


@pytest.mark.parametrize(
    ("age_s", "text"),
    [
        (None, "–"),
        (-5, "now"),
        (0.2, "now"),
        (42, "42s"),
        (59.9, "59s"),
        (60, "1m"),
        (3 * 3600, "3h"),
        (5 * 86400, "5d"),
        (13.9 * 86400, "13d"),
        (14 * 86400, "2w"),
        (364 * 86400, "52w"),
        (2 * 365 * 86400, "2y"),
    ],
)
def test_an_age_has_one_unit(age_s: float | None, text: str) -> None:
    assert format_age(age_s) == text


@pytest.mark.parametrize(
    ("size_bytes", "text"),
    [
        (None, "–"),
        (0, "0 B"),
        (812, "812 B"),
        (999, "999 B"),
        (1000, "1 kB"),
        (11_300, "11.3 kB"),
        (999_499, "999 kB"),
        (999_600, "1 MB"),
        (412_000_000, "412 MB"),
        (3_210_000_000, "3.21 GB"),
        (5 * 10**12, "5 TB"),
        (5 * 10**15, "5,000 TB"),
    ],
)
def test_a_size_has_three_digits_and_a_decimal_unit(size_bytes: int | None, text: str) -> None:
    assert format_size(size_bytes) == text


@given(st.floats(min_value=0, max_value=1e12))
def test_durations_and_ages_never_fail(seconds: float) -> None:
    assert format_duration(seconds)
    assert format_age(seconds)
