"""How good a model is where no labels are yet: learnt once from a reference with labels, kept as JSON.

Probabilities are estimated by `cbpe`, numbers by `direct_loss`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from workbench.base.errors import InputError
from workbench.drift.performance.cbpe import Cbpe, scored
from workbench.drift.performance.direct_loss import DirectLoss
from workbench.drift.performance.metrics import BETTER, Metric, metrics_of
from workbench.drift.performance.outcomes import Outcomes, outcomes_of
from workbench.drift.performance.roles import Problem, Roles, problem_of, require
from workbench.drift.report import Document, plain_floats

FORMAT, VERSION = "workbench performance estimator", 1
LEAST_ROWS = 100
PARTS = 10
"""Equal parts of the reference, in its order, whose realised metrics make the thresholds."""
DEVIATIONS = 3


@dataclass(frozen=True)
class Estimate:
    """What a metric is estimated to be for rows without labels.

    Attributes:
        metric: its name, as of the realised one.
        value: None where it has none.
        low, high: the value less and plus 3 standard errors of so many rows: what chance alone makes of it.
        lower_threshold, upper_threshold: the mean of the realised metric over parts of the reference, less and plus 3
            standard deviations of it: a value beyond them is unlike anything there.
        reason: why there is no value.
    """

    metric: str
    value: float | None
    low: float | None
    high: float | None
    lower_threshold: float | None
    upper_threshold: float | None
    reason: str | None = None


@dataclass(frozen=True)
class Usual:
    """What a metric is on the reference.

    Attributes:
        deviation: its standard error for a single row; √n smaller for n rows.
        lower, upper: its thresholds.
    """

    deviation: float | None
    lower: float | None
    upper: float | None


@dataclass(frozen=True)
class Estimator:
    """What estimates the performance of a model.

    Attributes:
        problem, roles: what the rows are.
        classes: as in `Outcomes`.
        rows: of the reference.
        usual: by metric.
        model: what turns rows into expectations.
        name: what the reference is called.
    """

    problem: Problem
    roles: Roles
    classes: tuple[str, ...]
    rows: int
    usual: Mapping[str, Usual]
    model: Cbpe | DirectLoss
    name: str = "the reference"

    @classmethod
    def fit(
        cls,
        reference: pl.DataFrame,
        roles: Roles,
        problem: str | None = None,
        *,
        ignore: Sequence[str] = (),
        name: str = "the reference",
    ) -> Estimator:
        """Learn from rows with labels.

        Args:
            reference: rows that the model was not trained on, with labels, scores (or, for a regression, the features)
                and predictions, in the order of time.
            roles: which column is what.
            problem: one of `PROBLEMS`; None is told by `problem_of`.
            ignore: columns that are no features; those with a role are none.
            name: what messages call the reference.

        Raises:
            InputError: it has no labels, no scores, one class, or fewer than 100 rows with all of these; or a column is
                missing or of the wrong kind.
        """
        require(reference, [roles.label, roles.prediction], name)
        labels = reference.get_column(roles.label)
        if labels.null_count() == len(labels):
            raise InputError(
                f"{name} has no labels: {roles.label} is empty", "an estimate is learnt from rows with labels"
            )
        found = problem_of(reference, roles, problem)
        outcomes = outcomes_of(reference, roles, found, name=name)
        if found != "regression":
            outcomes = scored(outcomes)
        if outcomes.rows < LEAST_ROWS or not outcomes.effective_rows:
            raise InputError(
                f"{name} has {outcomes.rows:,} rows with a label and a prediction; an estimate needs {LEAST_ROWS}"
            )
        if found != "regression" and len(np.unique(outcomes.truth)) < 2:
            only = outcomes.classes[int(outcomes.truth[0])]
            raise InputError(f"all labels of {name} are {only}", "an estimate is learnt from rows of several classes")
        model = _learnt(reference, outcomes, [*roles.columns, *ignore])
        return cls(found, roles, outcomes.classes, outcomes.rows, _usual(outcomes), model, name)

    def estimate(self, current: pl.DataFrame, *, name: str = "the data") -> list[Estimate]:
        """What the metrics of rows are, whether they have labels or not.

        Raises:
            InputError: a column is missing or of the wrong kind, or a class is predicted that the reference lacks.
        """
        outcomes = outcomes_of(current, self.roles, self.problem, classes=self.classes, labelled=False, name=name)
        if isinstance(self.model, DirectLoss):
            kept = current.filter(pl.Series(outcomes.kept))
            expected = self.model.expected(kept, outcomes.said, outcomes.weights)
        else:
            outcomes = scored(outcomes)
            expected = self.model.expected(outcomes)
        return [self._estimate(one, outcomes.effective_rows) for one in expected]

    @property
    def assumptions(self) -> list[str]:
        """What has to hold for the estimates to be right; to be shown wherever they are."""
        if isinstance(self.model, DirectLoss):
            features = ", ".join([*self.model.features.columns, self.roles.prediction])
            return [
                f"errors depend on {features} as in the reference: no concept drift; an estimate cannot see it",
                "the rows are like some of the reference: no unseen region",
                "labels are as noisy as they were",
            ]
        calibrated = any(one is not None for one in self.model.calibrations)
        said = "after isotonic calibration on the reference" if calibrated else "as the model gives them"
        least = 1 / max(2, len(self.classes))
        return [
            f"the scores are probabilities, {said}",
            "a score means what it meant in the reference: no concept drift; an estimate cannot see it",
            "the rows are like some of the reference: no unseen region",
            f"an accuracy below {least:.2g} is not seen where the most probable class is predicted",
        ]

    def to_document(self) -> Document:
        """For JSON; the same for the same reference."""
        document: Document = plain_floats(
            {
                "format": FORMAT,
                "version": VERSION,
                "problem": self.problem,
                "roles": self.roles.as_document(),
                "classes": list(self.classes),
                "rows": self.rows,
                "usual": {name: dict(vars(one)) for name, one in self.usual.items()},
                "model": self.model.as_document(),
                "name": self.name,
            }
        )
        return document

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Estimator:
        """The estimator in a document of `to_document`.

        Raises:
            InputError: it is none, or one of a later version.
        """
        if document.get("format") != FORMAT:
            raise InputError("this is no performance estimator")
        if document["version"] > VERSION:
            raise InputError(f"the estimator has version {document['version']}; this program reads {VERSION}", "update")
        try:
            problem: Problem = document["problem"]
            model = DirectLoss if problem == "regression" else Cbpe
            return cls(
                problem,
                Roles.from_document(document["roles"]),
                tuple(document["classes"]),
                document["rows"],
                {name: Usual(**one) for name, one in document["usual"].items()},
                model.from_document(document["model"]),
                document["name"],
            )
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(f"the performance estimator is damaged: {error}") from None

    def _estimate(self, expected: Metric, rows: float) -> Estimate:
        usual = self.usual.get(expected.name, Usual(None, None, None))
        low = high = None
        if expected.value is not None and usual.deviation is not None and rows:
            error = DEVIATIONS * usual.deviation / rows**0.5
            low, high = _within(expected.name, expected.value - error, expected.value + error)
        return Estimate(
            expected.name, expected.value, low, high, usual.lower, usual.upper,
            expected.reason if expected.value is None else None,
        )  # fmt: skip


def _learnt(reference: pl.DataFrame, outcomes: Outcomes, ignore: Sequence[str]) -> Cbpe | DirectLoss:
    if outcomes.problem != "regression":
        return Cbpe.fit(outcomes)
    rows = reference.filter(pl.Series(outcomes.kept))
    return DirectLoss.fit(rows, outcomes.truth, outcomes.said, outcomes.weights, ignore)


def _usual(outcomes: Outcomes) -> dict[str, Usual]:
    parts = [{one.name: one.value for one in metrics_of(part)} for part in _parts(outcomes)]
    found = {}
    for metric in metrics_of(outcomes):
        values = [part[metric.name] for part in parts]
        there = np.array([value for value in values if value is not None])
        lower = upper = None
        if len(there) > 1:
            mean, spread = float(there.mean()), DEVIATIONS * float(there.std())
            lower, upper = _within(metric.name, mean - spread, mean + spread)
        deviation = None if metric.se is None else metric.se * outcomes.effective_rows**0.5
        found[metric.name] = Usual(deviation, lower, upper)
    return found


def _parts(outcomes: Outcomes) -> Iterator[Outcomes]:
    for rows in np.array_split(np.arange(outcomes.rows), PARTS):
        chosen = np.zeros(outcomes.rows, bool)
        chosen[rows] = True
        yield outcomes.where(chosen)


def _within(metric: str, low: float, high: float) -> tuple[float, float]:
    """Bounds cut to the values that a metric can have."""
    most = 1.0 if metric == "brier" or (BETTER[metric] == "max" and metric != "r2") else np.inf
    least = 0.0 if BETTER[metric] == "min" or most == 1 else -np.inf
    return float(np.clip(low, least, most)), float(np.clip(high, least, most))
