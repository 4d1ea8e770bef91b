from __future__ import annotations

import re
from datetime import date

import pytest

from workbench.base.errors import SettingsError
from workbench.data import schemas
from workbench.data.schemas import Schema, parse_schema


def test_the_example_of_the_module_is_a_schema() -> None:
    assert schemas.__doc__ is not None
    found = parse_schema(schemas.__doc__.partition("\n\n")[2])
    assert found.min_rows == 1000 and found.unique == (("customer", "day"),)
    assert found.freshness is not None and found.freshness.max_age_s == 7 * 86400
    assert found.columns["amount"].nulls == 0.01 and found.columns["amount"].severity == "warning"
    assert found.columns["label"].environments == ("train",)
    assert found.rules[0].check.columns == ("paid_at", "ordered_at") and found.rules[0].tolerance == 0.001


def test_an_empty_file_demands_nothing() -> None:
    assert parse_schema("") == Schema()


def test_bounds_may_be_dates() -> None:
    rule = parse_schema('[columns.d]\ntype = "date"\nmin = 2026-01-01\n').columns["d"]
    assert rule.min == date(2026, 1, 1)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[columns.a\n", "s.toml:1:"),
        ("[colums.a]\n", "s.toml:1:1: there is no setting 'colums'"),
        ("[columns.a]\ntype = 'int'\n", "s.toml:2:1: type is 'int'"),
        ("[columns.a]\n\n  mni = 3\n", "s.toml:3:3: there is no setting 'mni'"),
        ("[columns.a]\nnulls = 2\n", "s.toml:2:1: nulls is true, false or a share"),
        ("[columns.a]\ntype = 'integer'\nmin = 0.5\n", "s.toml:3:1: min of a column of the type integer is 0.5"),
        ("[columns.a]\ntype = 'text'\nallowed = [1]\n", "s.toml:3:1: allowed of a column of the type text is 1"),
        ("[columns.a]\npattern = '('\n", "s.toml:2:1: pattern is no regular expression"),
        ("[columns.a]\ntolerance = -1\n", "s.toml:2:1: tolerance is a share"),
        ("[columns.a]\nunique = 'yes'\n", "s.toml:2:1: unique is true or false"),
        ("[table]\nunique = ['a']\n", "s.toml:2:1: unique is a list of lists"),
        ("[freshness]\ncolumn = 'a'\nmax_age = 'old'\n", "s.toml:3:1: max_age is how old"),
        ("[freshness]\nmax_age = '2d'\n", "s.toml:1:1: freshness needs a column"),
        ("[[rules]]\nname = 'x'\n", "s.toml:1:1: the rule has no check"),
        ("[[rules]]\ncheck = 'a > 1'\n[[rules]]\ncheck = 'a >'\n", "s.toml:4:13: the expression stops too early"),
        ("rules = [3]\n", "s.toml:1:1: rules are tables"),
    ],
)
def test_a_broken_file_is_told_by_line_and_column(text: str, message: str) -> None:
    with pytest.raises(SettingsError, match="^" + re.escape(message)):
        parse_schema(text, "s.toml")
