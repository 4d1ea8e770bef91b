"""Estimates beside NannyML's own.

NannyML needs packages that this project's environment does not have; it lives in its own:
`python -m venv nannyml && nannyml/bin/pip install nannyml statsmodels 'pandas<3'`, and WORKBENCH_TEST_NANNYML names its
Python.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import polars as pl
import pytest

from tests.drift.performance import nannyml_runner
from tests.drift.performance.samples import SCORES, binary_rows, class_rows
from workbench.drift.performance.estimator import Estimator
from workbench.drift.performance.metrics import realised
from workbench.drift.performance.roles import Roles

PYTHON = os.environ.get("WORKBENCH_TEST_NANNYML", "")  # read before tests hide it
ROWS = nannyml_runner.ROWS
ROLES = {"binary": Roles("label", "prediction", "score"), "multiclass": Roles("label", "prediction", SCORES)}

SAME_ERRORS = ("accuracy", "precision", "recall")
"""Of F1 and the area NannyML's standard errors are other ones; ours are held against simulation in `test_metrics`."""


def bent(rows: pl.DataFrame) -> pl.DataFrame:
    """The same with scores that add up to 1 and are too sure."""
    names = list(SCORES.values())
    squares = [pl.col(name) ** 2 for name in names]
    return rows.with_columns(
        (one / pl.sum_horizontal(squares)).alias(name) for name, one in zip(names, squares, strict=True)
    )


def files(folder: Path) -> dict[str, tuple[pl.DataFrame, pl.DataFrame]]:
    """A reference of ten chunks, with scores that need calibration, and current rows that have moved."""
    made = {
        "binary": (binary_rows(10 * ROWS, 0, power=2), binary_rows(4 * ROWS, 1, power=2, shift=-0.5)),
        "multiclass": (bent(class_rows(10 * ROWS, 0)), bent(class_rows(4 * ROWS, 1, shift=0.7))),
    }
    for problem, frames in made.items():
        for side, frame in zip(("reference", "current"), frames, strict=True):
            frame.write_parquet(folder / f"{problem}.{side}.parquet")
    return made


@pytest.mark.interop
@pytest.mark.skipif(not PYTHON, reason="WORKBENCH_TEST_NANNYML names no Python with NannyML")
def test_estimates_realised_values_and_thresholds_are_those_of_nannyml(tmp_path: Path) -> None:
    made = files(tmp_path)
    subprocess.run([PYTHON, nannyml_runner.__file__, str(tmp_path)], check=True, timeout=600)
    answers = json.loads((tmp_path / "nannyml.json").read_text())
    for problem, (reference, current) in made.items():
        estimator = Estimator.fit(reference, ROLES[problem])
        for number in range(4):
            chunk = current.slice(number * ROWS, ROWS)
            ours = {one.metric.removeprefix("macro_"): one for one in estimator.estimate(chunk)}
            measured = {
                one.name.removeprefix("macro_"): one for one in realised(chunk, ROLES[problem], estimator.problem)
            }
            for name, theirs in answers[problem].items():
                one, where = ours[name], (problem, name, number)
                assert one.value == pytest.approx(theirs["estimated"][number], abs=2e-6), where
                assert measured[name].value == pytest.approx(theirs["realised"][number], abs=1e-9), where
                assert one.lower_threshold == pytest.approx(theirs["lower"], abs=1e-9), where
                assert one.upper_threshold == pytest.approx(theirs["upper"], abs=1e-9), where
                assert one.value is not None and one.high is not None
                if name in SAME_ERRORS:
                    assert one.high - one.value == pytest.approx(3 * theirs["error"][number]), where
