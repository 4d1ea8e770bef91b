"""Models go into a run in the MLflow format and come back as they were; pickles only when asked for."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

import workbench as wb
from tests.tracking.journals import QUIET, events_of
from workbench.base.errors import (
    ArtifactNotFoundError,
    InputError,
    RefusedError,
    RunNotFoundError,
    StoreError,
)
from workbench.base.project import Project
from workbench.store.blobs import BlobStore
from workbench.tracking.model_safety import danger, holds_pickle
from workbench.tracking.models import flavour_of

X = np.array([[0.0, 1.0], [1.0, 0.0], [2.0, 1.0], [3.0, 0.0]])
Y = [0, 0, 1, 1]


def double(values: Any) -> Any:
    """A function of the user's own, which no safe format can hold."""
    return values * 2


def logged(model: object, name: str = "model", **options: Any) -> wb.Run:
    with wb.start_run(on_error="raise", **QUIET) as run:
        run.log_model(model, name, **options)
    return run


def paths_of(project: Project, run: wb.Run) -> list[str]:
    return sorted(event["path"] for event in events_of(project, run.run_id, "art"))


def test_a_scikit_learn_model_comes_back_without_a_pickle(project: Project) -> None:
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, Y)
    run = logged(model, input_example=X[:2])
    assert {"model/MLmodel", "model/model.skops", "model/requirements.txt", "model/input_example.json"} <= set(
        paths_of(project, run)
    )
    assert {event["kind"] for event in events_of(project, run.run_id, "art")} == {"model"}
    for reference in (run.run_id, f"{run.run_id[:8]}:model", f"runs:/{run.run_id}/model", "@latest"):
        assert wb.load_model(reference).predict(X).tolist() == model.predict(X).tolist()
    description = stored_text(project, run, "model/MLmodel")
    assert f"run_id: {run.run_id}" in description
    assert "inputs:" in description
    assert not (Path(project.root) / "mlruns").exists()
    assert not (Path(project.root) / "mlflow.db").exists()


def stored_text(project: Project, run: wb.Run, path: str) -> str:
    [sha256] = [event["sha256"] for event in events_of(project, run.run_id, "art") if event["path"] == path]
    with BlobStore(project).open(sha256) as file:
        return file.read().decode()


def test_a_forest_is_data_too(project: Project) -> None:
    model = RandomForestClassifier(n_estimators=3, random_state=0).fit(X, Y)
    run = logged(model)
    assert "model/model.skops" in paths_of(project, run)
    assert wb.load_model(run.run_id).predict(X).tolist() == model.predict(X).tolist()


def test_the_requirements_name_what_the_model_needs(project: Project) -> None:
    run = logged(LogisticRegression().fit(X, Y))
    needed = {line.partition("==")[0] for line in stored_text(project, run, "model/requirements.txt").splitlines()}
    assert {"scikit-learn", "numpy", "skops", "mlflow-skinny"} <= needed
    assert "pytest" not in needed


def test_a_model_with_code_of_its_own_is_loaded_only_when_asked_for(project: Project) -> None:
    run = logged(make_pipeline(FunctionTransformer(double), LogisticRegression()).fit(X, Y))
    with pytest.raises(RefusedError, match="pickle") as refused:
        wb.load_model(run.run_id)
    assert "allow_pickle=True" in (refused.value.hint or "")
    assert wb.load_model(run.run_id, allow_pickle=True).predict(X).tolist() == Y


def test_a_python_model_is_stored(project: Project) -> None:
    code = (
        "import mlflow.pyfunc, workbench as wb\n"
        "class Constant(mlflow.pyfunc.PythonModel):\n"
        "    def predict(self, context, model_input, params=None):\n"
        "        return [7] * len(model_input)\n"
        f"with wb.start_run(on_error='raise', **{QUIET!r}) as run:\n"
        "    run.log_model(Constant(), 'seven')\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120, capture_output=True)
    with pytest.raises(RefusedError):
        wb.load_model("@latest:seven")
    assert list(wb.load_model("@latest:seven", allow_pickle=True).predict([1, 2])) == [7, 7]


def test_of_several_models_one_is_named(project: Project) -> None:
    with wb.start_run(on_error="raise", **QUIET) as run:
        run.log_model(LogisticRegression().fit(X, Y), "a")
        run.log_model(LogisticRegression().fit(X, Y[::-1]), "b")
    with pytest.raises(ArtifactNotFoundError, match="has 2 models") as several:
        wb.load_model(run.run_id)
    assert f"{run.run_id}:a" in (several.value.hint or "")
    assert wb.load_model(f"{run.run_id}:b").predict(X).tolist() == Y[::-1]
    with pytest.raises(ArtifactNotFoundError, match="no model c"):
        wb.load_model(f"{run.run_id}:c")


def test_an_unknown_run_is_named(project: Project) -> None:
    with pytest.raises(RunNotFoundError):
        wb.load_model("nobody")


def test_a_damaged_model_is_not_loaded(project: Project) -> None:
    run = logged(LogisticRegression().fit(X, Y))
    [sha256] = [event["sha256"] for event in events_of(project, run.run_id, "art") if event["path"].endswith(".skops")]
    path = BlobStore(project).path_of(sha256)
    os.chmod(path, 0o644)
    Path(path).write_bytes(b"something else")
    with pytest.raises(StoreError, match="damaged"):
        wb.load_model(run.run_id)


def test_a_path_that_leads_out_of_the_model_is_not_written(project: Project) -> None:
    with wb.start_run(on_error="raise", **QUIET) as run:
        run.log_model(LogisticRegression().fit(X, Y))
        run._channel.append([{"e": "art", "path": "model/../../x", "sha256": "0" * 64, "size": 1, "kind": "model"}])
    with pytest.raises(InputError, match="within the run"):
        wb.load_model(run.run_id)


def test_what_no_flavour_knows_is_said_and_does_not_stop_the_training(
    project: Project, capfd: pytest.CaptureFixture[str]
) -> None:
    with wb.start_run(**QUIET) as run:
        run.log_model(object())
        run.log_model(LogisticRegression(), "")
    assert paths_of(project, run) == []
    assert "cannot be saved as a model" in capfd.readouterr().err
    with wb.start_run(on_error="raise", **QUIET) as loud:
        with pytest.raises(InputError):
            loud.log_model(object())
        with pytest.raises(InputError, match="needs a name"):
            loud.log_model(LogisticRegression(), "")


@pytest.mark.parametrize(
    ("module", "flavour"),
    [("xgboost.sklearn", "xgboost"), ("lightgbm.basic", "lightgbm"), ("torch.nn", "pytorch"), ("keras.src", "keras")],
)
def test_the_flavour_is_told_by_the_package(module: str, flavour: str) -> None:
    base = type("Base", (), {"__module__": module})
    assert flavour_of(type("Mine", (base,), {"__module__": "train"})()) == flavour


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("model.pkl", b"", True),
        ("model.joblib", b"", True),
        ("model.bin", b"", True),
        ("data", pickle.dumps([1], protocol=4), True),
        ("data.json", b"{}", False),
        ("weights.ubj", b"\x80\x01", False),
    ],
)
def test_pickles_are_told_by_name_and_content(tmp_path: Path, name: str, content: bytes, expected: bool) -> None:
    (tmp_path / name).write_bytes(content)
    assert holds_pickle(str(tmp_path / name)) is expected


@pytest.mark.parametrize(
    ("flavours", "reason"),
    [
        ("{sklearn: {serialization_format: pickle, pickled_model: weights}}", "its format is pickle"),
        ("{sklearn: {serialization_format: skops, skops_trusted_types: [os.system]}}", "foreign types"),
        ("{python_function: {loader_module: mine}}", "opened by mine"),
        ("{spark: {}}", "not known as safe"),
        ("{xgboost: {code: code}}", "its own code"),
        ("{xgboost: {}, python_function: {loader_module: mlflow.xgboost}}", None),
    ],
)
def test_a_description_that_could_run_code_is_found(tmp_path: Path, flavours: str, reason: str | None) -> None:
    (tmp_path / "MLmodel").write_text(f"flavors: {flavours}\nutc_time_created: '2026-11-21'\n")
    found = danger(str(tmp_path))
    assert (found is None) if reason is None else (found is not None and reason in found)
