"""Replay two weeks in which the cancer model was in use; on the eleventh day a laboratory changes its microscope.

    python traffic.py --model diagnosis@champion

Writes what the model was asked and what it answered, a file of JSON lines for each day, and the labels that came back
from the laboratory three days later. Nothing but two measurements changes, on a known day.
"""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from train import prepare_data, read_data  # type: ignore[import-not-found]

import workbench as wb

DAYS = 14
ROWS_A_DAY = 240
SHIFT_DAY = 10
"""The number of the first day with the new microscope; days are counted from 0."""
SHIFTED = {"mean texture": 0.9, "mean smoothness": -0.8}
"""What it reads differently, in standard deviations of the data that the model was trained on."""
LABELS_AFTER_DAYS = 3

Array = NDArray[Any]


def asked(x: Array, y: Array, names: list[str], day: int, random: np.random.Generator) -> tuple[Array, Array]:
    """One day's rows and what is true of them: patients like those of the data set, measured a little differently."""
    chosen = random.integers(len(x), size=ROWS_A_DAY)
    deviations = x.std(axis=0)
    rows = x[chosen] * random.normal(1, 0.01, size=(ROWS_A_DAY, x.shape[1]))
    if day >= SHIFT_DAY:
        for name, shift in SHIFTED.items():
            column = names.index(name)
            rows[:, column] += shift * deviations[column]
    return rows, y[chosen]


def replay(model: Any, folder: Path, today: datetime, seed: int = 0) -> int:
    """Write the days before `today`; returns how many rows the model was asked."""
    path = prepare_data("breast_cancer")
    names = path.open().readline().strip().split(",")[:-1]
    x, y = read_data(path)
    folder.mkdir(exist_ok=True)
    for replayed_before in folder.glob("*.jsonl"):
        replayed_before.unlink()
    labels = ["request_id,class"]
    for day in range(DAYS):
        start = today - timedelta(days=DAYS - day)
        random = np.random.default_rng([seed, day])
        rows, truth = asked(x, y, names, day, random)
        scores = model.predict_proba(rows)[:, 1]
        seconds = np.sort(random.uniform(0, 86_400, ROWS_A_DAY))
        lines = []
        for number, (row, score, second) in enumerate(zip(rows, scores, seconds, strict=True)):
            request = f"{start:%Y%m%d}-{number:03d}"
            lines.append(
                json.dumps(
                    {"request_id": request, "time": f"{start + timedelta(seconds=float(second)):%Y-%m-%dT%H:%M:%SZ}"}
                    | {name: round(float(value), 5) for name, value in zip(names, row, strict=True)}
                    | {"prediction": int(score >= 0.5), "score": round(float(score), 6)}
                )
            )
            if day < DAYS - LABELS_AFTER_DAYS:
                labels.append(f"{request},{truth[number]}")
        Path(folder, f"{start:%Y-%m-%d}.jsonl").write_text("\n".join(lines) + "\n")
    Path("labels.csv").write_text("\n".join(labels) + "\n")
    return DAYS * ROWS_A_DAY


def main() -> None:
    """Replay up to yesterday."""
    parser = argparse.ArgumentParser(description="Replay two weeks of use, with a shift.")
    parser.add_argument("--model", required=True, help="a registered version, or a run, of the breast_cancer data")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    rows = replay(wb.load_model(options.model), Path("traffic"), today, options.seed)
    shift_day = today - timedelta(days=DAYS - SHIFT_DAY)
    print(f"{rows:,} predictions in traffic/; {' and '.join(SHIFTED)} shift on {shift_day:%A}, {shift_day:%Y-%m-%d}")


if __name__ == "__main__":
    main()
