"""How often the verdict is wrong: false alarms where nothing has changed, and shifts that are found.

`python -m tests.drift.simulations --page docs/drift.md` writes the tables of the page; tests run a few of their rows.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from workbench.drift.categories import Categories
from workbench.drift.comparison import Comparison, compare
from workbench.drift.measures import Measured
from workbench.drift.numbers import numbers_of
from workbench.drift.options import Options
from workbench.drift.summary import Summary
from workbench.drift.verdict import DRIFT, WARN, judge

SIZES = (50, 100, 500, 5_000, 100_000)
VALUES = (5, 10, 20, 50, 100, 200, 500, 1000)
SHIFTS = (0.2, 0.5, 1.0)
UNEQUAL = ((5_000, 100), (100_000, 1_000))
COLUMNS = 20
REPETITIONS = 2000
BEGIN, END = "<!-- simulated -->", "<!-- end of simulated -->"

Draw = Callable[[np.random.Generator, int], Any]


def numeric(number: int) -> Draw:
    """Distributions that columns have: bell-shaped, skewed, heavy-tailed, spiked, rounded."""
    return (
        lambda r, n: r.normal(size=n),
        lambda r, n: r.lognormal(size=n),
        lambda r, n: r.standard_t(3, size=n),
        lambda r, n: np.where(r.random(n) < 0.6, 0.0, r.exponential(size=n)),
        lambda r, n: r.normal(50, 10, size=n).round(),
        lambda r, n: r.random(n),
    )[number % 6]


def categorical(values: int) -> Draw:
    """Values with frequencies as Zipf has them."""
    weights = 1 / np.arange(1, values + 1)
    upto = np.cumsum(weights / weights.sum())
    names = np.array([f"v{number}" for number in range(values)])
    return lambda r, n: names[np.searchsorted(upto, r.random(n)).clip(max=values - 1)]


def columns() -> list[Draw]:
    """The columns of a data set: half are numbers, half have 5 to 1,000 values."""
    half = COLUMNS // 2
    return [numeric(i) for i in range(half)] + [categorical(VALUES[i % len(VALUES)]) for i in range(half)]


def summary(values: Any) -> Summary:
    """A column with these values, as reading it makes it."""
    if values.dtype.kind == "f":
        numbers = numbers_of(pl.Series("x", values))
        return Summary("x", "Float64", "numeric", "numeric", len(values), 0, numbers)
    names, rows = np.unique(values, return_counts=True)
    categories = Categories(pl.DataFrame({"value": names, "rows": rows}), len(names))
    return Summary("x", "String", "text", "categorical", len(values), 0, categories=categories)


def compared(draw: Draw, other: Draw, n: int, m: int, random: np.random.Generator, options: Options) -> Comparison:
    """One column of `n` reference and `m` current rows."""
    return compare("x", summary(draw(random, n)), summary(other(random, m)), options, COLUMNS)


def false_alarms(n: int, m: int, repetitions: int, seed: int = 0) -> tuple[float, float]:
    """The shares of data sets in which a column is called drift, and at least a warning, though nothing has changed."""
    options = Options()
    drawn = columns()
    found = np.zeros(2)
    for repetition in range(repetitions):
        random = np.random.default_rng([seed, n, m, repetition])
        verdicts = {one.verdict for one in judge([compared(d, d, n, m, random, options) for d in drawn], options)}
        found += [DRIFT in verdicts, bool(verdicts & {DRIFT, WARN})]
    return float(found[0] / repetitions), float(found[1] / repetitions)


def power(shift: float, n: int, m: int, repetitions: int, seed: int = 1) -> float:
    """How often a column of a data set of 20 is called drift when it has moved by `shift` standard deviations."""
    options = Options()
    found = 0
    for repetition in range(repetitions):
        random = np.random.default_rng([seed, n, m, repetition])
        moved = compared(numeric(0), lambda r, size: r.normal(shift, 1, size=size), n, m, random, options)
        quiet = [Comparison("y", "numeric", None, None, "ks", 0.1, Measured(0.0, 1.0, 0.5))] * (COLUMNS - 1)
        found += judge([moved, *quiet], options)[0].verdict == DRIFT
    return found / repetitions


def alarm_table(sizes: Sequence[int], repetitions: int, pool: ProcessPoolExecutor) -> str:
    """Markdown: a row for each size."""
    pairs = [*((n, n) for n in sizes), *UNEQUAL]
    jobs = {pair: pool.submit(false_alarms, *pair, repetitions) for pair in pairs}
    lines = ["| rows of reference and current data | drift | drift or a warning |", "|---|---|---|"]
    for pair, job in jobs.items():
        drift, warned = job.result()
        print(f"{pair}: {drift} {warned}", file=sys.stderr, flush=True)
        lines.append(f"| {_rows(*pair)} | {100 * drift:.2g} % | {100 * warned:.2g} % |")
    return "\n".join(lines)


def power_table(sizes: Sequence[int], repetitions: int, pool: ProcessPoolExecutor) -> str:
    """Markdown: a row for each size."""
    pairs = [*((n, n) for n in sizes), *UNEQUAL]
    jobs = {(pair, shift): pool.submit(power, shift, *pair, repetitions) for pair in pairs for shift in SHIFTS}
    titles = " | ".join(f"{shift} σ" for shift in SHIFTS)
    lines = [f"| rows of reference and current data | {titles} |", "|---|" + "---|" * len(SHIFTS)]
    for pair in pairs:
        cells = [f"{100 * jobs[pair, shift].result():.3g} %" for shift in SHIFTS]
        print(f"{pair}: {cells}", file=sys.stderr, flush=True)
        lines.append(f"| {_rows(*pair)} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _rows(n: int, m: int) -> str:
    return f"{n:,} and {m:,}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Write both tables."""
    parser = argparse.ArgumentParser(prog="python -m tests.drift.simulations", description=__doc__)
    parser.add_argument("--repetitions", type=int, default=REPETITIONS)
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--page", type=Path, help="put the tables between the marks of this page")
    options = parser.parse_args(arguments)
    with ProcessPoolExecutor(options.workers, get_context("spawn")) as pool:
        alarms = alarm_table(options.sizes, options.repetitions, pool)
        found = power_table(options.sizes, options.repetitions, pool)
    text = (
        f"Data sets of {COLUMNS} columns with a false alarm, of {options.repetitions:,}:\n\n{alarms}\n\n"
        f"A column of {COLUMNS} that has moved is found:\n\n{found}"
    )
    print(text)
    if options.page:
        before, begin, rest = options.page.read_text().partition(BEGIN)
        after = rest.partition(END)[2]
        options.page.write_text(f"{before}{begin}\n{text}\n{END}{after}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
