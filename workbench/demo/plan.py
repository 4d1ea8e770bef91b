"""What the demo trains: three kinds of models on two data sets, one of which cannot work, then a change of the code."""

from __future__ import annotations

import os
from dataclasses import dataclass, field


@dataclass(frozen=True)
class PlannedRun:
    """One training.

    Attributes:
        name: of the run.
        data: the data set, which is also the experiment.
        epochs: how many it is meant to take.
        options: further options of train.py, by name without dashes.
        fails: it is meant to fail, to show what that looks like.
    """

    name: str
    data: str
    model: str
    epochs: int
    options: dict[str, float] = field(default_factory=dict)
    fails: bool = False

    def arguments(self, name: str) -> list[str]:
        """The command line after the interpreter, for a run that is called `name`."""
        words = ["train.py", "--data", self.data, "--model", self.model, "--epochs", str(self.epochs)]
        for option, value in self.options.items():
            words += [f"--{option}", f"{value:g}"]
        return [*words, "--name", name]

    @property
    def settings(self) -> str:
        """The options in a few characters: `learning-rate 0.01, hidden 128`."""
        return ", ".join(f"{option} {value:g}" for option, value in self.options.items())


@dataclass(frozen=True)
class Edit:
    """A change of one line of the project's code, made as a person would make it: without a commit.

    Attributes:
        file: relative to the project.
    """

    file: str
    before: str
    after: str

    def apply(self, root: str) -> bool:
        """Make the change; False where the line is no longer there."""
        path = os.path.join(root, self.file)
        with open(path, encoding="utf-8") as file:
            text = file.read()
        if self.before not in text:
            return False
        with open(path, "w", encoding="utf-8") as file:
            file.write(text.replace(self.before, self.after, 1))
        return True


@dataclass(frozen=True)
class Round:
    """Trainings that may run side by side, after a change of the code where there is one."""

    runs: tuple[PlannedRun, ...]
    edit: Edit | None = None


_NETWORK = {"learning-rate": 0.0003, "hidden": 256}

PLAN = (
    Round(
        (
            PlannedRun("cancer-linear", "breast_cancer", "linear", 200, {"learning-rate": 0.001}),
            PlannedRun("digits-gbm", "digits", "gbm", 30, {"learning-rate": 0.3, "depth": 2}),
            PlannedRun("cancer-mlp", "breast_cancer", "mlp", 240, {"learning-rate": 0.001, "hidden": 64}),
            PlannedRun("digits-too-fast", "digits", "linear", 60, {"learning-rate": 10}, fails=True),
            PlannedRun("cancer-gbm", "breast_cancer", "gbm", 60, {"learning-rate": 0.1, "depth": 2}),
            PlannedRun("digits-linear", "digits", "linear", 80, {"learning-rate": 0.001}),
            PlannedRun("digits-mlp", "digits", "mlp", 120, _NETWORK),
        )
    ),
    Round(
        (PlannedRun("digits-mlp-32", "digits", "mlp", 120, _NETWORK),),
        Edit("train.py", "BATCH_SIZE = 200", "BATCH_SIZE = 32"),
    ),
)
"""The last run repeats the one before it with the changed code, so that comparing the two shows the change alone."""
