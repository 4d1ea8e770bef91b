"""Times as seconds, days of the week and hours."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import polars as pl

from workbench.drift.datetimes import epoch_s, hours, weekdays

MOMENT = datetime(2026, 11, 21, 14, 30)  # a Saturday


def test_moments() -> None:
    for series in (
        pl.Series([MOMENT]),
        pl.Series([MOMENT.replace(tzinfo=UTC)]),
        pl.Series([MOMENT]).cast(pl.Datetime("ns")),
    ):
        assert epoch_s(series).to_list() == [MOMENT.replace(tzinfo=UTC).timestamp()]
        assert (weekdays(series).to_list(), hours(series).to_list()) == (["Sa"], ["14"])


def test_dates_and_times_of_day() -> None:
    day, noon = pl.Series([date(1970, 1, 2)]), pl.Series([time(12, 0)])
    assert (epoch_s(day).to_list(), weekdays(day).to_list(), hours(day).to_list()) == ([86_400], ["Fr"], ["00"])
    assert (epoch_s(noon).to_list(), weekdays(noon).to_list(), hours(noon).to_list()) == ([43_200], [], ["12"])
