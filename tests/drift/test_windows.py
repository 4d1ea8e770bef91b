"""Windows by rows, number and time, against one reference, the window before or the year before."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest

from tests.drift.checks import normal
from workbench.base.errors import InputError
from workbench.drift.check import TableReference
from workbench.drift.options import Options
from workbench.drift.source import Table, table_of
from workbench.drift.windows import Windows, check_windows, windows_of

START = datetime(2026, 1, 1)


def log(days: int, shifted_from: int = 10**9, per_day: int = 100) -> Table:
    """Rows of some days, later ones shifted."""
    times = [START + timedelta(days=day, minutes=minute) for day in range(days) for minute in range(per_day)]
    values = normal(days * per_day) + np.repeat(np.arange(days) >= shifted_from, per_day) * 3.0
    return table_of(pl.DataFrame({"at": times, "x": values}), "log")


REFERENCE = TableReference(table_of(pl.DataFrame({"at": [START] * 500, "x": normal(500, seed=9)}), "train"))


def rows(table: Table, text: str) -> list[int]:
    return [window.table.rows for window in windows_of(table, Windows.parsed(text))]


def test_windows_of_rows_keep_what_is_left_over() -> None:
    assert rows(log(10), "size=300") == [300, 300, 300, 100]
    assert rows(log(1), "size=300") == [100]


def test_a_number_of_windows_shares_the_rows() -> None:
    assert rows(log(1), "count=3") == [33, 33, 34]


def test_windows_of_time_begin_at_whole_periods_and_may_be_empty() -> None:
    times = [datetime(2026, 1, 1, 23), datetime(2026, 1, 2, 1), datetime(2026, 1, 4)]
    found = windows_of(table_of(pl.DataFrame({"at": times})), Windows.parsed("period=1d"))
    assert [(one.name, one.start, one.table.rows) for one in found] == [
        ("2026-01-01", "2026-01-01T00:00:00Z", 1),
        ("2026-01-02", "2026-01-02T00:00:00Z", 1),
        ("2026-01-03", "2026-01-03T00:00:00Z", 0),
        ("2026-01-04", "2026-01-04T00:00:00Z", 1),
    ]


def test_each_window_is_compared_and_the_last_one_is_the_documents() -> None:
    document = check_windows(REFERENCE, log(6, shifted_from=4), Windows.parsed("period=1d"), Options())
    assert [one["dataset_drift"] for one in document["windows"]] == [False] * 4 + [True] * 2
    assert document["windows"][4]["window"]["name"] == "2026-01-05"
    assert (document["dataset_drift"], document["drifted_columns"], document["rows"]["current"]) == (True, ["x"], 100)


def test_the_window_before_is_a_reference_that_moves_along() -> None:
    document = check_windows("previous", log(6, shifted_from=4), Windows.parsed("period=1d"), Options())
    assert [one["dataset_drift"] for one in document["windows"]] == [False, False, False, True, False]


def test_the_same_time_of_the_year_before_is_a_reference() -> None:
    document = check_windows("last-year", log(400, per_day=40), Windows.parsed("period=1w"), Options())
    names = [one["window"]["name"] for one in document["windows"]]
    assert names[0] == "2026-12-28"
    assert document["windows"][1]["reference"]["rows"] > 100


def test_a_window_without_rows_is_insufficient() -> None:
    times = [START] * 50 + [START + timedelta(days=2)] * 50
    data = table_of(pl.DataFrame({"at": times, "x": normal(100)}))
    document = check_windows(REFERENCE, data, Windows.parsed("period=1d"), Options(columns=("x",)))
    assert [one["columns"][0]["verdict"] for one in document["windows"]] == ["ok", "insufficient", "ok"]


@pytest.mark.parametrize("text", ["", "size", "size=0", "size=x", "count=-1", "days=3"])
def test_what_is_no_window_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="no window"):
        Windows.parsed(text)


@pytest.mark.parametrize("text", ["period=1", "period=0d", "period=", "period=1d2h"])
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="is no length of windows"):
        Windows.parsed(text)


def test_the_column_of_times_has_to_be_told_where_there_are_several() -> None:
    data = table_of(pl.DataFrame({"a": [START], "b": [START], "n": [1]}))
    with pytest.raises(InputError, match="2 columns of data are times"):
        windows_of(data, Windows.parsed("period=1d"))
    with pytest.raises(InputError, match="n is no column of times"):
        windows_of(data, Windows.parsed("period=1d", "n"))
    assert len(windows_of(data, Windows.parsed("period=1d", "b"))) == 1


def test_too_many_windows_and_none_are_refused() -> None:
    with pytest.raises(InputError, match="too many"):
        windows_of(log(30), Windows.parsed("size=1"))
    with pytest.raises(InputError, match=r"more than 1,000 windows"):
        windows_of(log(30), Windows.parsed("period=1m"))
    with pytest.raises(InputError, match="no window has one"):
        check_windows("previous", log(1), Windows.parsed("period=1d"), Options())
    with pytest.raises(InputError, match="needs windows of time"):
        check_windows("last-year", log(2), Windows.parsed("count=2"), Options())


def test_times_may_be_written_as_json_has_them() -> None:
    times = [
        "2026-11-07T23:30:00Z",
        "2026-11-08T00:30:00+02:00",
        None,
        "2026-11-08T12:00:00.5Z",
        "2026-11-09T00:00:00Z",
    ]
    table = table_of(pl.DataFrame({"when": times, "who": ["ana"] * 5}), "log")
    for name in ("when", None):
        pieces = windows_of(table, Windows(period="1d", time=name))
        assert [(piece.name, piece.table.rows) for piece in pieces] == [
            ("2026-11-07", 2),
            ("2026-11-08", 1),
            ("2026-11-09", 1),
        ]


@pytest.mark.parametrize("texts", [["ana", "ben"], ["12", "13"], [None, None], ["2026-11-07T23:30:00Z", "soon"]])
def test_text_that_is_no_time_divides_nothing(texts: list[str | None]) -> None:
    table = table_of(pl.DataFrame({"when": pl.Series(texts, dtype=pl.String)}), "log")
    with pytest.raises(InputError, match="when is no column of times"):
        windows_of(table, Windows(period="1d", time="when"))
    with pytest.raises(InputError, match="no columns of log are times"):
        windows_of(table, Windows(period="1d"))
