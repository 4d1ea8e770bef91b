"""`--preset evidently` beside Evidently itself, on generated tables.

Evidently needs a pandas that this project's environment does not have; it lives in its own:
`uv venv evidently && uv pip install --python evidently/bin/python evidently 'pandas<3' pyarrow`, and
WORKBENCH_TEST_EVIDENTLY names its Python.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tests.drift import evidently_runner
from workbench.drift.check import check
from workbench.drift.options import Options
from workbench.drift.source import open_table

PYTHON = os.environ.get("WORKBENCH_TEST_EVIDENTLY", "")  # read before tests hide it
TABLES = 200
SIZES = (30, 60, 200, 999, 1000, 1001, 1500, 3000)
TESTS = {
    "K-S p_value": "ks",
    "Wasserstein distance (normed)": "wasserstein",
    "Jensen-Shannon distance": "jensenshannon",
    "chi-square p_value": "chisquare",
    "Z-test p_value": "z",
}


def values(random: np.random.Generator, kind: int, rows: int, shift: float, *, infinite: bool) -> pl.Series:
    """A column of one of the kinds that Evidently tests, moved by about `shift`."""
    words = np.array(list("abcdefgh"))
    weights = 1 / (np.arange(8) + 1 + 4 * shift * np.arange(8)[::-1])
    if kind == 0:
        return pl.Series(random.normal(shift, 1 + shift, rows))
    if kind == 1:
        return pl.Series(random.lognormal(shift, 1, rows).round(2))
    if kind == 2:  # few different floats
        return pl.Series(random.choice(np.arange(2 + rows % 6) / 2, rows) + (1.0 if random.random() < shift else 0))
    if kind == 3:  # few different whole numbers
        return pl.Series(random.integers(0, 2 + rows % 12, rows))
    if kind == 4:
        return pl.Series(random.poisson(10 * (1 + shift), rows))
    if kind == 5:
        return pl.Series(random.choice(words, rows, p=weights / weights.sum()))
    if kind == 6:
        return pl.Series(random.random(rows) < 0.4 + shift / 4)
    if kind == 7:  # gaps and infinities
        numbers = random.normal(shift, 1, rows)
        numbers[random.random(rows) < 0.1] = np.nan
        numbers[0] = np.inf if infinite else 0
        return pl.Series(numbers).fill_nan(None)
    if kind == 8:  # whole numbers with gaps, which pandas reads as floats
        whole = pl.Series(random.integers(0, 4, rows))
        return whole.set(pl.Series(np.arange(rows) % 10 == 0), None)
    if kind == 9:
        return pl.Series(np.full(rows, 3.0 + round(shift)))
    return pl.Series(random.choice(words[:2], rows, p=[0.5 - shift / 4, 0.5 + shift / 4]))


def write_tables(folder: Path, tables: int, *, infinite: bool) -> None:
    for number in range(tables):
        random = np.random.default_rng(number)
        n, m = random.choice(SIZES, 2)
        kinds = random.choice(11, 5, replace=False)
        shifts = random.choice([0.0, 0.05, 0.3, 1.0], 5)
        for side, rows in (("reference", n), ("current", m)):
            moved = shifts if side == "current" else np.zeros(5)
            columns = {
                f"k{kind}": values(random, int(kind), int(rows), float(shift), infinite=infinite)
                for kind, shift in zip(kinds, moved, strict=True)
            }
            pl.DataFrame(columns).write_parquet(folder / f"{number:03}.{side}.parquet")


@pytest.mark.interop
@pytest.mark.skipif(not PYTHON, reason="WORKBENCH_TEST_EVIDENTLY names no Python with Evidently")
@pytest.mark.parametrize(
    ("tables", "chosen"),
    [(TABLES, ()), (40, ("psi", "psi")), (40, ("kl_div", "kl_div")), (40, ("jensenshannon", "jensenshannon")),
     (20, ("wasserstein", "chisquare")), (20, ("ks", "psi"))],
    ids=lambda given: "-".join(given) or "default" if isinstance(given, tuple) else "",
)  # fmt: skip
def test_tests_scores_and_verdicts_are_those_of_evidently(tmp_path: Path, tables: int, chosen: tuple[str, ...]) -> None:
    write_tables(tmp_path, tables, infinite=not chosen)  # which end its reports where it makes bins
    subprocess.run([PYTHON, evidently_runner.__file__, str(tmp_path), *chosen], check=True, timeout=1800)
    answers = json.loads((tmp_path / "evidently.json").read_text())
    assert len(answers) == tables
    options = Options(preset="evidently", tests=dict(zip(("numeric", "categorical"), chosen, strict=False)))
    compared = 0
    different: list[tuple[object, ...]] = []
    for name, answer in answers.items():
        assert "error" not in answer, (name, answer)
        reference, current = (open_table(str(tmp_path / f"{name}.{side}.parquet")) for side in ("reference", "current"))
        document = check(reference, current, options)
        ours = {one["column"]: one for one in document["columns"] if one["test"] is not None}
        if set(ours) != set(answer["columns"]):
            different.append((name, set(ours) ^ set(answer["columns"])))
            continue
        for column, theirs in answer["columns"].items():
            compared += 1
            one = ours[column]
            test = TESTS.get(theirs["test"], theirs["test"])
            score = one["score"] if not isinstance(one["score"], str) else float(one["score"])
            same = np.isclose(score, theirs["score"], rtol=1e-9, atol=1e-12)
            if (one["test"], bool(same), one["drifted"]) != (test, True, theirs["drifted"]):
                different.append((name, column, one["test"], score, one["drifted"], theirs))
        if document["drifted_share"] != pytest.approx(answer["share"]):
            different.append((name, document["drifted_share"], answer["share"]))
    assert not different, different[:10]
    assert compared >= 4 * tables
