"""Direct loss estimation: how large the errors of predicted numbers are, without labels.

The absolute and the squared error of each row of the reference are regressed on its features and its prediction; their
means over new rows are what MAE and MSE are expected to be (NannyML's documentation, How DLE works). The regressors are
boosted shallow trees, fitted by scikit-learn and kept as lists of numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from workbench.drift.performance.features import Features
from workbench.drift.performance.metrics import Metric, mean, metric_of, root_of
from workbench.drift.performance.outcomes import Floats

FITTED_ROWS = 100_000
"""Rows of the reference, at equal distances, that the regressors learn from at most."""
TREES, DEPTH = 100, 4
BATCH_ROWS = 16_384
"""Rows that go through the trees at a time: what is looked up for them stays in the processor's cache."""


@dataclass(frozen=True)
class Tree:
    """A tree of decisions; the first node is the root.

    Attributes:
        feature: the column that a node looks at; -1 at a leaf.
        threshold: a value up to it goes left.
        missing_left: whether a missing value does.
        left, right: the numbers of the nodes below; of a leaf, its own.
        value: what a leaf says.
    """

    feature: NDArray[np.int64]
    threshold: Floats
    missing_left: NDArray[np.bool_]
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    value: Floats

    @cached_property
    def depth(self) -> int:
        """How many decisions there are at most until a leaf."""
        level, depth = np.zeros(1, np.int64), 0
        while (self.feature[level] >= 0).any():
            level, depth = np.concatenate([self.left[level], self.right[level]]), depth + 1
        return depth

    def __call__(self, cells: Floats, starts: NDArray[np.int64], missing: bool) -> Floats:
        """What it says of each row.

        Args:
            cells: all rows, one after the other.
            starts: where each of them begins.
            missing: whether any cell is NaN.
        """
        below = np.stack([self.right, self.left], axis=1).ravel()
        feature = np.maximum(self.feature, 0)
        node = np.zeros(len(starts), np.int64)
        for _ in range(self.depth):
            seen = cells.take(starts + feature.take(node))
            goes_left = seen <= self.threshold.take(node)
            if missing:
                goes_left |= np.isnan(seen) & self.missing_left.take(node)
            node = below.take(2 * node + goes_left)
        return self.value.take(node)

    def as_document(self) -> dict[str, list[Any]]:
        """For JSON; an infinite threshold is `Infinity`."""
        document = {name: getattr(self, name).tolist() for name in self.__annotations__}
        return document | {"threshold": [one if np.isfinite(one) else "Infinity" for one in document["threshold"]]}

    @classmethod
    def from_document(cls, document: Mapping[str, Sequence[Any]]) -> Tree:
        """The tree in a document of `as_document`."""
        kinds = {"threshold": np.float64, "value": np.float64, "missing_left": np.bool_}
        return cls(**{name: np.array(document[name], kinds.get(name, np.int64)) for name in cls.__annotations__})


@dataclass(frozen=True)
class Trees:
    """Trees whose values are added.

    Attributes:
        base: what is said before the first of them.
    """

    base: float
    trees: tuple[Tree, ...]

    @classmethod
    def fit(cls, rows: Floats, target: Floats, weights: Floats) -> Trees:
        """Learn a number from rows of features, which may lack some."""
        from sklearn.ensemble import HistGradientBoostingRegressor
        from threadpoolctl import threadpool_limits

        model = HistGradientBoostingRegressor(max_iter=TREES, max_depth=DEPTH, early_stopping=False, random_state=0)
        with threadpool_limits(1, "openmp"):  # threads that wait for each other on a busy machine take ten times longer
            model.fit(rows, target, sample_weight=weights)
        return cls.of(model)

    @classmethod
    def of(cls, model: Any) -> Trees:
        """The trees of a fitted `HistGradientBoostingRegressor` of squared errors, without categories."""
        return cls(float(model._baseline_prediction.item()), tuple(_tree(one.nodes) for (one,) in model._predictors))

    def __call__(self, rows: Floats) -> Floats:
        """What they say of each row."""
        found = np.full(len(rows), self.base)
        for begin in range(0, len(rows), BATCH_ROWS):
            batch = rows[begin : begin + BATCH_ROWS]
            cells, starts = np.ascontiguousarray(batch).ravel(), np.arange(len(batch)) * rows.shape[1]
            missing = bool(np.isnan(batch).any())
            for tree in self.trees:
                found[begin : begin + BATCH_ROWS] += tree(cells, starts, missing)
        return found

    def as_document(self) -> dict[str, Any]:
        """For JSON."""
        return {"base": self.base, "trees": [tree.as_document() for tree in self.trees]}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Trees:
        """What is in a document of `as_document`."""
        return cls(document["base"], tuple(Tree.from_document(one) for one in document["trees"]))


@dataclass(frozen=True)
class DirectLoss:
    """What tells the size of errors.

    Attributes:
        features: how rows are read.
        absolute, squared: what to expect of either error.
    """

    features: Features
    absolute: Trees
    squared: Trees

    @classmethod
    def fit(
        cls, frame: pl.DataFrame, truth: Floats, said: Floats, weights: Floats, ignore: Sequence[str]
    ) -> DirectLoss:
        """Learn from rows with labels.

        Args:
            frame: the rows with their features.
            truth, said, weights: of each row, finite.
            ignore: columns that are no features.
        """
        features = Features.of(frame, ignore)
        rows = np.column_stack([features(frame), said])
        step = -(-len(rows) // FITTED_ROWS)
        rows, error, weights = rows[::step], np.abs(said - truth)[::step], weights[::step]
        return cls(features, Trees.fit(rows, error, weights), Trees.fit(rows, error**2, weights))

    def expected(self, frame: pl.DataFrame, said: Floats, weights: Floats) -> list[Metric]:
        """The errors that rows are expected to have.

        Args:
            frame: the rows with their features.
            said, weights: of each row, finite.

        Raises:
            InputError: a feature is missing.
        """
        rows = np.column_stack([self.features(frame), said])
        absolute, squared = (np.maximum(trees(rows), 0) for trees in (self.absolute, self.squared))
        return [
            metric_of("mae", partial(mean, absolute, weights), weights),
            metric_of("rmse", lambda: root_of(mean(squared, weights)), weights),
            metric_of("mse", partial(mean, squared, weights), weights),
        ]

    def as_document(self) -> dict[str, Any]:
        """For JSON."""
        return {name: getattr(self, name).as_document() for name in ("features", "absolute", "squared")}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> DirectLoss:
        """What is in a document of `as_document`."""
        trees = (Trees.from_document(document[name]) for name in ("absolute", "squared"))
        return cls(Features.from_document(document["features"]), *trees)


def _tree(nodes: Any) -> Tree:
    """The tree in scikit-learn's array of nodes."""
    leaf = nodes["is_leaf"].astype(bool)
    own = np.arange(len(nodes))
    left, right = (np.where(leaf, own, nodes[side].astype(np.int64)) for side in ("left", "right"))
    return Tree(
        np.where(leaf, -1, nodes["feature_idx"].astype(np.int64)),
        np.where(leaf, 0.0, nodes["num_threshold"]),
        nodes["missing_go_to_left"].astype(bool),
        left,
        right,
        np.where(leaf, nodes["value"], 0.0),
    )
