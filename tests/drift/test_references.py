"""References: files, stored baselines, registered data, and what runs and models were trained on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.cli.harness import write_run
from tests.drift.checks import normal
from tests.registry.registries import Registry
from workbench.base.errors import InputError, NotFoundError, ProjectNotFoundError
from workbench.base.project import Project
from workbench.drift.baseline import Baseline, make_baseline
from workbench.drift.references import Found, find_current, find_reference, training_data
from workbench.drift.source import open_table
from workbench.registry import aliases, models, versions
from workbench.store.blobs import BlobStore
from workbench.store.store import Store
from workbench.tracking.datasets import dataset_event

RUN = "a" * 32


@pytest.fixture
def train() -> str:
    """A file of training data."""
    Path("data").mkdir()
    pl.DataFrame({"x": normal(50)}).write_parquet("data/train.parquet")
    return "data/train.parquet"


@pytest.fixture
def registry(project: Project, train: str) -> Iterator[Registry]:
    """`fraud/1` is the champion; its run recorded the training data."""
    registry = Registry(project)
    registry.do(models.register, "fraud")
    sha256, size = BlobStore(project).put_bytes(b"model")
    model = {"e": "art", "path": "model/MLmodel", "sha256": sha256, "size": size, "kind": "model"}
    write_run(project, RUN, [model, dataset_event(project, train)])
    registry.do(versions.register, "fraud", source=f"runs:/{RUN}/model", run=RUN)
    registry.do(aliases.point, "fraud", "champion", 1)
    yield registry
    registry.close()


def found(text: str, project: Project | None) -> Found:
    @contextmanager
    def reading() -> Iterator[Any]:
        assert project is not None
        with Store(project).reading() as db:
            yield db

    return find_reference(text, project, reading)


def rows(found: Found) -> int:
    assert not isinstance(found.reference, str)
    return found.reference.rows


def test_a_file_needs_no_project(train: str) -> None:
    assert rows(found(train, None)) == 50
    assert rows(found("data", None)) == rows(found("data/*.parquet", None)) == 50


def test_a_stored_baseline_is_told_by_its_content(train: str) -> None:
    Path("base.json").write_bytes(make_baseline(open_table(train)).to_bytes())
    assert isinstance(found("base.json", None).reference, Baseline)
    with pytest.raises(InputError, match="has no rows"):
        find_current("base.json", None, Store)  # type: ignore[arg-type]


def test_windows_of_the_data_itself() -> None:
    assert found("previous", None).reference == "previous"
    assert found("last-year", None).shown == "a year before"


def test_the_training_data_of_a_run_and_of_a_model(registry: Registry, project: Project) -> None:
    of_run = found(f"run:{RUN[:6]}", project)
    of_model = found("model:fraud@champion", project)
    assert rows(of_run) == rows(of_model) == 50
    assert of_run.shown == f"run:{RUN[:6]} (train)"
    assert of_run.version is None
    with registry.store.reading() as db:
        assert of_model.version == versions.get(db, "fraud", 1).id
    assert of_model.digest is not None and of_model.digest.startswith("sha256:")
    assert rows(found(f"run:{RUN}#train", project)) == 50


def test_data_that_has_changed_since_is_not_compared_with(registry: Registry, project: Project, train: str) -> None:
    pl.DataFrame({"x": normal(60)}).write_parquet(train)
    with pytest.raises(NotFoundError, match="has changed"):
        found("model:fraud@champion", project)


@pytest.mark.parametrize("text", ["run:abcd", "model:fraud"])
def test_without_a_project_only_files_can_be_named(text: str) -> None:
    with pytest.raises(ProjectNotFoundError):
        found(text, None)
    with pytest.raises(NotFoundError, match="there is no file nothing"):
        found("nothing", None)


def test_what_is_not_there_is_named(project: Project) -> None:
    for text in ("run:abcd", "model:fraud@champion", "orders@v3", "nothing"):
        with pytest.raises(NotFoundError):
            found(text, project)


def test_which_of_several_data_sets_is_the_training_data() -> None:
    def named(*names: str, context: str = "") -> list[dict[str, Any]]:
        return [{"name": name, "context": context if i == 0 else ""} for i, name in enumerate(names)]

    assert training_data(named("a", "b", context="training"), "", "run:x")["name"] == "a"
    assert training_data(named("a", "train"), "", "run:x")["name"] == "train"
    assert training_data(named("a"), "", "run:x")["name"] == "a"
    assert training_data(named("a", "b"), "b", "run:x")["name"] == "b"
    with pytest.raises(InputError, match="several data sets: a, b"):
        training_data(named("a", "b"), "", "run:x")
    with pytest.raises(NotFoundError, match="no data called c"):
        training_data(named("a", "b"), "c", "run:x")
    with pytest.raises(NotFoundError, match="recorded no data"):
        training_data([], "", "run:x")
