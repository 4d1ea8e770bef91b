"""Models that the tests of the server share, made once for each test process."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.serving import models


@pytest.fixture(scope="session")
def iris(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A classifier of four columns of doubles, `sl sw pl pw`, as skops."""
    return models.iris(tmp_path_factory.mktemp("iris"))


@pytest.fixture(scope="session")
def loans(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pipeline of text, whole, true-or-false and double columns, as cloudpickle: `country age member income`."""
    return models.loans(tmp_path_factory.mktemp("loans"))


@pytest.fixture(scope="session")
def matrix(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A regressor with a signature of one unnamed tensor, float64 of the shape (any, 3)."""
    return models.matrix(tmp_path_factory.mktemp("matrix"))


@pytest.fixture(scope="session")
def slow(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python model of one column `seconds`, that sleeps as long and answers with it; opened by mlflow."""
    return models.slow(tmp_path_factory.mktemp("slow"))
