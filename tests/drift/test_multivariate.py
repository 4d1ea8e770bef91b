"""All columns together: a correlation that breaks."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from tests.drift.checks import Document, checked
from workbench.drift.multivariate import auroc, encoded, reconstruction_error


def pair(correlation: float, seed: int, rows: int = 1500) -> pl.DataFrame:
    random = np.random.default_rng(seed)
    cov = [[1, correlation], [correlation, 1]]
    a, b = random.multivariate_normal([0, 0], cov, rows).T
    return pl.DataFrame({"a": a, "b": b, "c": random.choice(["x", "y"], rows)})


def together(reference: pl.DataFrame, current: pl.DataFrame) -> dict[str, Document]:
    document = checked(reference, current, multivariate=True)
    assert not document["drifted_columns"]
    return {one["test"]: one for one in document["multivariate"]} | {"all": document}


def test_a_broken_correlation_is_seen_by_both_though_no_column_has_moved() -> None:
    found = together(pair(0.95, 0), pair(0.0, 1))
    assert found["pca"]["drifted"] and found["domain_classifier"]["drifted"]
    assert found["all"]["dataset_drift"] is True


def test_equal_data_cannot_be_told_apart() -> None:
    found = together(pair(0.95, 0), pair(0.95, 1))
    assert not found["pca"]["drifted"] and not found["domain_classifier"]["drifted"]
    assert found["domain_classifier"]["score"] == pytest.approx(0.5, abs=0.05)


def test_too_few_rows_or_columns_are_said() -> None:
    few = together(pair(0.9, 0, 40), pair(0.9, 1, 40))
    assert few["pca"]["reason"] == "60 rows are needed"
    one = checked(pair(0.9, 0).select("a"), pair(0.9, 1).select("a"), multivariate=True)
    assert one["multivariate"][0]["reason"] == "2 columns are needed"


def test_the_error_is_that_of_scikit_learns_pca() -> None:
    from sklearn.decomposition import PCA
    from sklearn.preprocessing import StandardScaler

    random = np.random.default_rng(0)
    rows = random.normal(size=(300, 6)) @ random.normal(size=(6, 6))
    scaled = StandardScaler().fit_transform(rows)
    model = PCA(n_components=0.65).fit(scaled)
    expected = np.linalg.norm(scaled - model.inverse_transform(model.transform(scaled)), axis=1)
    assert np.allclose(reconstruction_error(rows)(rows), expected)


def test_categories_become_their_frequency_and_gaps_the_mean() -> None:
    frame = pl.DataFrame({"n": [1.0, 3.0, None, float("nan")], "c": ["a", "a", "b", None]})
    ours, theirs = encoded(frame, pl.DataFrame({"n": [5.0], "c": ["z"]}))
    assert ours.tolist() == [[1, 0.5], [3, 0.5], [2, 0.25], [2, 0.25]]
    assert theirs.tolist() == [[5, 0]]


def test_the_area_counts_ties_half() -> None:
    assert auroc(np.array([1.0, 1.0, 2.0]), np.array([0.0, 1.0, 1.0])) == 0.75
