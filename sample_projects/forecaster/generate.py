"""Write three years of made-up daily sales of a few shops, whose customers change their habits on a known day.

    python generate.py --seed 0 --output data/demand.csv

On the day of the shift an online channel opens. From then on people order at the beginning of the week instead of
shopping on Saturday, and compare prices more: the elasticity doubles. Everything else goes on as before. The same
seed gives the same file, byte for byte, and the days before the shift are the same with and without it.
"""

from __future__ import annotations

import argparse
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

START = date(2023, 1, 2)
DAYS = 3 * 364
SHIFT = date(2025, 5, 5)

STORES = {"harbour": 1.4, "market": 1.0, "station": 0.8, "suburb": 0.6}  # size
PRODUCTS = {"bread": (60, 2.4), "coffee": (25, 5.9), "pasta": (35, 1.6), "juice": (30, 2.9)}  # units a day, usual price
HOLIDAYS = {(1, 1), (5, 1), (10, 3), (12, 25), (12, 26)}  # month, day

# Monday to Sunday; both have the mean 1, so that the shift moves demand within the week and leaves its sum alone.
WEEK_BEFORE = np.array([0.80, 0.80, 0.85, 0.95, 1.20, 1.50, 0.90])
WEEK_AFTER = np.array([1.40, 1.20, 1.00, 0.90, 0.85, 0.80, 0.85])
ELASTICITY_BEFORE, ELASTICITY_AFTER = -1.2, -2.4
PROMOTION_LIFT = 1.3
NOISE = 0.12

Array = NDArray[Any]


def generate(seed: int = 0, *, shift: date | None = SHIFT) -> pl.DataFrame:
    """One row for each day, store and product: date, store, product, price, promotion, holiday, units.

    Args:
        seed: of every random number.
        shift: the first day of the new habits; None for customers who never change.
    """
    days = [START + timedelta(days=n) for n in range(DAYS)]
    weekday = np.array([day.weekday() for day in days])
    holiday = np.array([(day.month, day.day) in HOLIDAYS for day in days])
    new_habits = np.array([shift is not None and day >= shift for day in days])

    week = np.where(new_habits, WEEK_AFTER[weekday], WEEK_BEFORE[weekday])
    elasticity = np.where(new_habits, ELASTICITY_AFTER, ELASTICITY_BEFORE)
    calendar = week * np.where(holiday, 0.4, 1.0) * (1 + 0.05 * np.arange(DAYS) / 364)

    tables: list[pl.DataFrame] = []
    for store, size in STORES.items():
        for product, (units, usual_price) in PRODUCTS.items():
            random = np.random.default_rng([seed, len(tables)])  # one a series: a shift in one leaves the others alone
            price, promotion = prices(random, usual_price)
            peak = 364 * (list(PRODUCTS).index(product) / len(PRODUCTS))  # each product has its own season
            year = 1 + 0.2 * np.cos(2 * np.pi * (np.arange(DAYS) - peak) / 365.25)
            reaction = (price / usual_price) ** elasticity * np.where(promotion, PROMOTION_LIFT, 1.0)
            expected = units * size * calendar * year * reaction
            surprise = random.gamma(1 / NOISE**2, NOISE**2, DAYS)  # mean 1: days are noisier than Poisson
            columns = {"price": price, "promotion": promotion, "holiday": holiday}
            names = {"date": days, "store": [store] * DAYS, "product": [product] * DAYS}
            tables.append(pl.DataFrame(names | columns | {"units": random.poisson(expected * surprise)}))
    return pl.concat(tables).sort("date", "store", "product")


def prices(random: np.random.Generator, usual: float) -> tuple[Array, Array]:
    """The price of each day, new every four weeks, and whether it is in one of the promotion weeks (20 % off)."""
    level = np.repeat(random.uniform(0.9, 1.15, DAYS // 28), 28)
    promotion = np.repeat(random.random(DAYS // 7) < 0.15, 7)
    return np.round(usual * level * np.where(promotion, 0.8, 1.0), 2), promotion


def main() -> None:
    """Write the CSV file."""
    parser = argparse.ArgumentParser(description="Write made-up daily sales whose pattern shifts on a known day.")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--shift", type=date.fromisoformat, default=SHIFT, help="first day of the new habits")
    parser.add_argument("--output", type=Path, default=Path("data", "demand.csv"))
    options = parser.parse_args()

    demand = generate(options.seed, shift=options.shift)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    demand.write_csv(options.output)
    print(f"wrote {options.output}: {demand.height:,} rows, the pattern shifts on {options.shift}")


if __name__ == "__main__":
    main()
