"""Compare forecasts of daily sales as they would have been made at the time, four weeks ahead, again and again.

    python backtest.py --data data/demand.csv --model gbm

Each fold stands at a day (its origin), trains on what was known before that day and forecasts the 28 days that follow.
The next fold stands 28 days later. One model is one run; its metrics have one step for each fold.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

import workbench as wb

HORIZON = 28  # days ahead, and days from one origin to the next
LAGS = [28, 35, 42, 56, 364]
SERIES = ["store", "product"]


def add_features(demand: pl.DataFrame) -> pl.DataFrame:
    """What is known HORIZON days ahead: the calendar, planned prices, and sales at least HORIZON days old.

    A feature of a row never looks at sales of the HORIZON days up to it, so every row may be forecast at once.
    """
    sales = pl.col("units")
    usual_price = pl.col("price").rolling_mean(91, min_samples=1).over(SERIES)
    lags = [sales.shift(lag).over(SERIES).alias(f"lag_{lag}") for lag in LAGS]
    weekly = [sales.shift(HORIZON).rolling_mean(days).over(SERIES).alias(f"mean_{days}") for days in (7, 28, 91)]
    weekday = [(pl.col("date").dt.weekday() == day).cast(pl.Float64).alias(f"weekday_{day}") for day in range(1, 8)]
    season = 2 * np.pi * pl.col("date").dt.ordinal_day() / 365.25
    known = [
        (pl.col("price") / usual_price).log().alias("relative_price"),
        pl.col("promotion").cast(pl.Float64),
        pl.col("holiday").cast(pl.Float64),
        season.sin().alias("season_sin"),
        season.cos().alias("season_cos"),
    ]
    return demand.sort(*SERIES, "date").select("date", *SERIES, "units", *known, *weekday, *lags, *weekly).drop_nulls()


def folds(table: pl.DataFrame, count: int) -> Iterator[tuple[date, pl.DataFrame, pl.DataFrame]]:
    """The origin, the rows before it and the HORIZON days from it on, for each of the last `count` periods."""
    end = table["date"].max()
    assert isinstance(end, date)
    for number in range(count, 0, -1):
        origin = end + timedelta(days=1 - number * HORIZON)
        past = table.filter(pl.col("date") < origin)
        future = table.filter(pl.col("date").is_between(origin, origin + timedelta(days=HORIZON - 1)))
        yield origin, past, future


def make_model(name: str) -> Any:
    """An untrained regressor of units; `naive` repeats the same weekday four weeks earlier and needs no training."""
    if name == "ridge":  # multiplies effects by adding logarithms
        linear = make_pipeline(StandardScaler(), Ridge(alpha=10.0))
        return TransformedTargetRegressor(linear, func=np.log1p, inverse_func=np.expm1)
    return HistGradientBoostingRegressor(loss="poisson", max_iter=150, learning_rate=0.08, random_state=0)


def features(table: pl.DataFrame, model: str) -> NDArray[Any]:
    """The input of the model (rows × columns); ridge gets sales as logarithms, because it predicts one."""
    columns = pl.exclude("date", *SERIES, "units")
    if model == "ridge":
        sales = pl.col("^(lag|mean)_.*$")
        return table.with_columns(sales.log1p()).select(columns).to_numpy()
    return table.select(columns).to_numpy()


def errors(actual: NDArray[Any], forecast: NDArray[Any]) -> dict[str, float]:
    """MAE in units a day, WAPE (absolute errors over sales) and bias (errors over sales; above 0 is too much)."""
    return {
        "mae": float(np.abs(forecast - actual).mean()),
        "wape": float(np.abs(forecast - actual).sum() / actual.sum()),
        "bias": float((forecast - actual).sum() / actual.sum()),
    }


def backtest(run: wb.Run, table: pl.DataFrame, model_name: str, fold_count: int) -> pl.DataFrame:
    """Train and forecast fold by fold; the forecasts of all folds, beside what was sold."""
    forecasts = []
    model: Any = None
    for number, (origin, past, future) in enumerate(folds(table, fold_count), 1):
        if model_name == "naive":
            forecast = future["lag_28"].to_numpy()
        else:
            model = make_model(model_name).fit(features(past, model_name), past["units"].to_numpy())
            forecast = model.predict(features(future, model_name)).clip(0)
        fold_errors = errors(future["units"].to_numpy(), forecast)
        run.log(fold_errors, step=number)
        shown = "  ".join(f"{name} {value:7.3f}" for name, value in fold_errors.items())
        print(f"{model_name:6} fold {number:2d} from {origin}  {shown}")
        kept = future.select("date", *SERIES, "units").with_columns(fold=number, forecast=forecast)
        forecasts.append(kept)
    if model is not None:
        run.log_model(model, input_example=features(table, model_name)[:2])
    return pl.concat(forecasts)


def main() -> None:
    """Backtest one model or all of them, each as a run of its own."""
    parser = argparse.ArgumentParser(description="Backtest forecasts of daily sales.")
    parser.add_argument("--data", type=Path, default=Path("data", "demand.csv"))
    parser.add_argument("--model", choices=["naive", "ridge", "gbm", "all"], default="all")
    parser.add_argument("--folds", type=int, default=13, help="periods of 28 days, counted from the end of the data")
    options = parser.parse_args()

    threadpool_limits(1, user_api="openmp")  # the data are so small that threads wait longer than they work
    table = add_features(pl.read_csv(options.data, try_parse_dates=True))
    for name in ["naive", "ridge", "gbm"] if options.model == "all" else [options.model]:
        params = {"model": name, "folds": options.folds, "horizon_days": HORIZON}
        with wb.start_run(experiment="demand", name=name, params=params) as run:
            run.log_dataset(str(options.data), name="demand")
            forecasts = backtest(run, table, name, options.folds)
            total = errors(forecasts["units"].to_numpy(), forecasts["forecast"].to_numpy())
            run.log({f"total_{metric}": value for metric, value in total.items()})
            output = Path(f"forecasts-{name}.csv")
            forecasts.write_csv(output)
            run.log_artifact(str(output))


if __name__ == "__main__":
    main()
