"""Confidence-based performance estimation: metrics of a classifier without labels, from its own probabilities.

Where 0.8 is said, 8 of 10 rows are expected to be positive; so each row is put into the confusion matrix in part as
right and in part as wrong, and the metrics are those of that matrix (NannyML's documentation, How CBPE works).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from workbench.base.errors import InputError
from workbench.drift.performance.calibration import Calibration, improves, isotonic
from workbench.drift.performance.metrics import Metric, binary, multiclass
from workbench.drift.performance.outcomes import Floats, Outcomes


@dataclass(frozen=True)
class Cbpe:
    """What turns the scores of a classifier into probabilities.

    Attributes:
        calibrations: one for each column of scores; None leaves it as it is.
    """

    calibrations: tuple[Calibration | None, ...]

    @classmethod
    def fit(cls, outcomes: Outcomes) -> Cbpe:
        """Learn from rows with labels and scores; each class by itself, as one against all.

        Raises:
            InputError: scores of several classes are below 0 or above 1, or a class has none.
        """
        outcomes = scored(outcomes)
        assert outcomes.scores is not None
        binary = outcomes.problem == "binary"
        ranged = bool(((outcomes.scores >= 0) & (outcomes.scores <= 1)).all())
        if not binary and not ranged:
            raise InputError("scores of several classes have to be probabilities, and some are below 0 or above 1")
        calibrations = []
        for k, scores in enumerate(outcomes.scores.T):
            truth = outcomes.truth if binary else (outcomes.truth == k).astype(np.float64)
            wanted = not ranged or improves(scores, truth, outcomes.weights)
            calibrations.append(isotonic(scores, truth, outcomes.weights) if wanted else None)
        return cls(tuple(calibrations))

    def probabilities(self, scores: Floats) -> Floats:
        """The probabilities of scores, rows x columns; those of several classes add up to 1."""
        columns = [
            np.clip(column, 0, 1) if calibrated is None else calibrated(column)
            for column, calibrated in zip(scores.T, self.calibrations, strict=True)
        ]
        found = np.column_stack(columns)
        if len(columns) == 1:
            return found
        sums = found.sum(axis=1, keepdims=True)
        shares: Floats = np.divide(found, sums, out=np.full_like(found, 1 / len(columns)), where=sums > 0)
        return shares

    def expected(self, outcomes: Outcomes) -> list[Metric]:
        """The metrics that rows are expected to have; labels are not looked at. Rows without a score are left out."""
        outcomes = scored(outcomes)
        assert outcomes.scores is not None
        found = self.probabilities(outcomes.scores)
        if outcomes.problem == "binary":
            return binary(found[:, 0], outcomes.said, outcomes.scores[:, 0], outcomes.weights)
        return multiclass(lambda k: found[:, k], outcomes.said, outcomes.scores, outcomes.weights, outcomes.classes)

    def as_document(self) -> dict[str, Any]:
        """For JSON."""
        return {"calibrations": [one and one.as_document() for one in self.calibrations]}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Cbpe:
        """What is in a document of `as_document`."""
        return cls(tuple(one and Calibration.from_document(one) for one in document["calibrations"]))


def scored(outcomes: Outcomes) -> Outcomes:
    """The rows that have all scores.

    Raises:
        InputError: there are no scores, or a class has none.
    """
    if outcomes.scores is None:
        raise InputError("an estimate needs scores", "--score COLUMN, or --score CLASS=COLUMN for each class")
    there = np.isfinite(outcomes.scores)
    if outcomes.rows:
        for k in np.flatnonzero(~there.any(axis=0)):
            raise InputError(
                f"the class {outcomes.classes[k]} has no scores" if there.shape[1] > 1 else "no row has a score"
            )
    whole = np.asarray(there.all(axis=1))
    return outcomes if whole.all() else outcomes.where(whole)
