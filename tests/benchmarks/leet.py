"""W&B LEET, the peer of the terminal app: a terminal program over the files of wandb's offline mode."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

VARIABLE = "WORKBENCH_BENCHMARK_WANDB"
"""Names the `wandb` program where it is not on PATH, as in an environment of its own."""
ROW = r"offline-run-\d+_\d+"
"""Begins each line of its list: the name of the run's folder."""


class LeetPeer:
    """`wandb leet` over made-up finished runs.

    Attributes:
        command: shows them.
        version: of wandb.
        runs: how many there are.
        env: its whole environment: offline, with settings of its own.
    """

    def __init__(self, program: Path, folder: Path, env: Mapping[str, str]) -> None:
        self._python = program.parent / "python"
        self._runs = folder / "wandb"
        self.command = [str(program), "leet", str(self._runs)]
        self.env = {name: value for name, value in env.items() if not name.startswith("WANDB_")}
        self.env |= {"WANDB_MODE": "offline", "WANDB_ERROR_REPORTING": "false", "WANDB_CONFIG_DIR": str(folder)}
        told = subprocess.run([program, "--version"], env=self.env, capture_output=True, text=True, check=True).stdout
        version = re.search(r"\d[\w.]*", told)
        self.version = version[0] if version else "of unknown version"
        self.runs = 0

    def make_runs(self, runs: int, params: int, metrics: int, points: int) -> None:
        """Fill its folder; each metric of each run has so many points."""
        sizes = [str(number) for number in (runs, params, metrics, points)]
        script = Path(__file__).with_name("leet_runs.py")
        subprocess.run([self._python, script, self._runs, *sizes], env=self.env, check=True)
        self.runs = runs

    def forget(self) -> None:
        """Make the next start like the first: it remembers which runs were selected."""
        (self._runs / ".wandb-leet.json").unlink(missing_ok=True)


def find_leet() -> Path | None:
    """The `wandb` program if it is installed and has LEET: what VARIABLE names, else on PATH or beside this Python."""
    named = os.environ.get(VARIABLE)
    found = named or shutil.which("wandb") or shutil.which("wandb", path=str(Path(sys.executable).parent))
    if not found:
        return None
    program = Path(found).resolve()
    try:
        asked = subprocess.run([program, "leet", "--help"], capture_output=True, check=False)
    except OSError:
        return None
    return program if asked.returncode == 0 else None
