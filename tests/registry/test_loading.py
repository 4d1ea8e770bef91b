"""`wb.load_model` by version and alias, and `wb.register_model`."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

import workbench as wb
from tests.registry.registries import Registry
from tests.tracking.journals import QUIET
from workbench.base.errors import (
    AliasNotFoundError,
    ApprovalMissingError,
    ArtifactNotFoundError,
    ModelNotFoundError,
    RefusedError,
    VersionNotFoundError,
)
from workbench.base.project import Project
from workbench.registry import aliases, models, versions

X = np.array([[0.0], [1.0], [2.0], [3.0]])
Y = [0, 0, 1, 1]


@pytest.fixture
def registry(project: Project) -> Iterator[Registry]:
    made = Registry(project)
    yield made
    made.close()


def train(y: list[int], name: str = "net") -> wb.Run:
    with wb.start_run(on_error="raise", **QUIET) as run:
        run.log_model(LogisticRegression().fit(X, y), name)
    return run


def test_a_version_is_loaded_by_number_and_alias(registry: Registry) -> None:
    first = wb.register_model(train(Y).run_id, "fraud", alias="champion")
    train(Y[::-1])
    second = wb.register_model("@latest:net", "fraud", description="d", tags={"a": "b"})
    assert (first, second) == ("fraud/1", "fraud/2")
    for reference in ("fraud@champion", "fraud/1", "models:/fraud@champion", "models:/fraud/1"):
        assert wb.load_model(reference).predict(X).tolist() == Y
    assert wb.load_model("fraud/2").predict(X).tolist() == Y[::-1]
    registry.do(aliases.point, "fraud", "champion", 2)
    assert wb.load_model("fraud@champion").predict(X).tolist() == Y[::-1]
    assert registry.ask(versions.get, "fraud", 2).tags == {"a": "b"}


def test_the_same_model_is_registered_once(project: Project) -> None:
    run = train(Y)
    assert [wb.register_model(run.run_id, "fraud") for _ in range(2)] == ["fraud/1", "fraud/1"]


def test_what_is_not_there_is_not_found(registry: Registry) -> None:
    wb.register_model(train(Y).run_id, "fraud")
    for reference, error in (
        ("models:/nothing@champion", ModelNotFoundError),
        ("nothing/3", ModelNotFoundError),
        ("fraud/3", VersionNotFoundError),
        ("fraud@champion", AliasNotFoundError),
    ):
        with pytest.raises(error):
            wb.load_model(reference)


def test_a_version_whose_files_are_elsewhere_says_where(registry: Registry) -> None:
    registry.do(models.register, "fraud")
    registry.do(versions.register, "fraud", source="s3://bucket/model")
    with pytest.raises(ArtifactNotFoundError, match="not in this project; it was registered from s3://bucket/model"):
        wb.load_model("fraud/1")


def test_files_that_were_changed_after_they_were_registered_are_refused(registry: Registry) -> None:
    run = train(Y)
    wb.register_model(run.run_id, "fraud")
    with wb.start_run(resume=run.run_id, on_error="raise", **QUIET) as again:
        again.log_model(LogisticRegression().fit(X, Y[::-1]), "net")
    with pytest.raises(RefusedError, match="the files of fraud/1 were changed after it was registered"):
        wb.load_model("fraud/1")
    assert wb.register_model(run.run_id, "other") == "other/1"
    assert wb.load_model("other/1").predict(X).tolist() == Y[::-1]


def test_a_protected_alias_needs_an_approval_from_python_too(project: Project) -> None:
    with open(f"{project.root}/workbench.toml", "w") as file:
        file.write('[models."*"]\nprotected_aliases = ["champion"]\n')
    with pytest.raises(ApprovalMissingError):
        wb.register_model(train(Y).run_id, "fraud", alias="champion")
