"""The files of predictions that runs logged, as gates name them and find them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from tempfile import TemporaryDirectory

from workbench.base.errors import InputError
from workbench.registry.gates.candidate import Candidate, Facts, copy_files
from workbench.registry.gates.settings import Settings
from workbench.tracking.artifacts import artifact_path

MEASURES = ("accuracy", "error_rate", "mae", "rmse", "auc", "log_loss")
"""As `workbench.data.measures` has them, which loads NumPy."""


@dataclass(frozen=True)
class PredictionFile:
    """An artifact with a row for each prediction.

    Attributes:
        path: within the run.
        measure: one of `MEASURES`.
        roles: the names of its columns by what they mean, as `workbench.data.predictions.Roles` has them.
    """

    path: str
    measure: str
    roles: Mapping[str, str | None]

    def sha256(self, facts: Facts) -> str | None:
        """The file's content in the run of a version; None where the run has no such file."""
        return facts.run_files.get(self.path, (None, 0))[0]

    @contextmanager
    def copied(self, candidate: Candidate, *versions: Facts) -> Iterator[list[str]]:
        """Copies of the file of each version, as long as the block lasts.

        Raises:
            InputError: a run has no such file.
            ArtifactNotFoundError, StoreError: the store lacks its content, or that is damaged.
        """
        with TemporaryDirectory(prefix="workbench-gate-") as folder:
            paths = []
            for number, facts in enumerate(versions):
                if self.path not in facts.run_files:
                    raise InputError(f"the run of {facts.shown} has no artifact {self.path}")
                paths.append(os.path.join(folder, str(number)))
                copy_files(candidate.project, {str(number): facts.run_files[self.path]}, folder)
            yield paths


def maybe_predictions(take: Settings, *, by: str | None = None) -> PredictionFile | None:
    """The file that settings name; None where they name none.

    Args:
        by: the column that its rows are grouped by.

    Raises:
        SettingsError: a setting does not fit.
    """
    path = take.maybe("predictions", str)
    measure = take.choice("measure", MEASURES, "accuracy")
    roles = {
        "label": take.get("label", "label"),
        "prediction": take.get("prediction", "prediction"),
        "id": take.maybe("id", str),
        "by": by,
    }
    if path is None:
        return None
    try:
        return PredictionFile(artifact_path(path), str(measure), roles)
    except InputError as error:
        raise take.error(f"predictions: {error.message}") from None
