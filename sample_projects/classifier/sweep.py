"""Train several models, two at a time, and show the best three by their validation loss.

    python sweep.py --data digits

Each training is a process of its own, started as you would start it by hand.
"""

from __future__ import annotations

import argparse
import itertools
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import workbench as wb

GRID: dict[str, dict[str, list[float]]] = {
    "linear": {"--learning-rate": [0.0003, 0.003]},
    "mlp": {"--learning-rate": [0.001, 0.01], "--hidden": [16, 128]},
    "gbm": {"--learning-rate": [0.1, 0.3], "--depth": [2, 3]},
}


def commands(data: str, epochs: int) -> list[list[str]]:
    """One command line for each point of the grid."""
    lines = []
    for model, options in GRID.items():
        for values in itertools.product(*options.values()):
            chosen = [word for name, value in zip(options, values, strict=True) for word in (name, str(value))]
            lines.append(["train.py", "--data", data, "--model", model, "--epochs", str(epochs), *chosen])
    return lines


def train(command: list[str]) -> int:
    """Run one training quietly; its output is in its run: workbench runs logs RUN."""
    one_thread = os.environ | {"OMP_NUM_THREADS": "1"}  # the processes share the cores, not the threads in them
    status = subprocess.run([sys.executable, *command], stdout=subprocess.DEVNULL, env=one_thread).returncode
    print("done  " if status == 0 else "FAILED", *command[1:])
    return status


def main() -> int:
    """Train the grid; the exit status is 1 if a training failed."""
    parser = argparse.ArgumentParser(description="Train several models, two at a time.")
    parser.add_argument("--data", choices=["breast_cancer", "digits"], default="breast_cancer")
    parser.add_argument("--epochs", type=int, default=40)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()

    with ThreadPoolExecutor(options.workers) as workers:
        statuses = list(workers.map(train, commands(options.data, options.epochs)))

    columns = ["name", "model", "min(valid_loss)", "test_accuracy"]
    done = "attributes.status = 'finished'"
    print(wb.runs(done, experiment=options.data, sort="min(valid_loss)", columns=columns, limit=3))
    return int(any(statuses))


if __name__ == "__main__":
    sys.exit(main())
