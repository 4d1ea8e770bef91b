"""Loading: what is opened, what is refused, and that a matrix is scored as a frame is."""

from __future__ import annotations

import json
import pickle
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd  # type: ignore[import-untyped]
import pytest

from tests.serving import models
from workbench.serving import codec, description
from workbench.serving.description import Description, describe, hashes, read_description
from workbench.serving.errors import LoadError, ModelError
from workbench.serving.model import Model, jsonable
from workbench.serving.settings import Settings
from workbench.tracking import model_safety


def score(model: Model, frame: Any) -> Any:
    body = codec.dumps({"dataframe_split": frame.to_dict(orient="split")})
    return codec.loads(model.score(body, "application/json").body)["predictions"]


def test_an_estimator_is_scored_from_a_matrix_as_from_a_frame(iris: Path) -> None:
    model = Model(describe(str(iris)), Settings())
    assert (model.predictor.loader, model.signature.takes_matrix) == ("native", True)
    frame, _ = models.iris_rows(50, seed=5)
    assert score(model, frame) == models.by_mlflow(iris, frame).tolist()


def test_a_pipeline_that_speaks_of_names_gets_a_frame(loans: Path) -> None:
    model = Model(models.described(loans, allow_pickle=True), Settings())
    assert not model.signature.takes_matrix
    frame = pd.DataFrame({"member": [True], "income": [90.5], "age": [60], "country": ["007"]})
    assert score(model, frame) == [True]


def test_an_array_is_what_a_tensor_signature_wants(matrix: Path) -> None:
    model = Model(describe(str(matrix)), Settings())
    answer = codec.loads(model.score(b'{"inputs": [[1, 2, 3]]}', "application/json").body)
    assert answer["predictions"] == pytest.approx([6.0])


ESTIMATORS = """
    linear_model.Ridge linear_model.LogisticRegression tree.DecisionTreeClassifier ensemble.RandomForestClassifier
    ensemble.GradientBoostingRegressor ensemble.HistGradientBoostingClassifier svm.SVC naive_bayes.GaussianNB
    neighbors.KNeighborsClassifier neural_network.MLPRegressor cluster.KMeans ensemble.IsolationForest
    discriminant_analysis.LinearDiscriminantAnalysis linear_model.SGDClassifier ensemble.AdaBoostClassifier
""".split()


@pytest.mark.parametrize("name", ESTIMATORS)
@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::sklearn.exceptions.ConvergenceWarning")
def test_every_kind_of_estimator_that_takes_a_matrix_predicts_the_same_from_it(name: str) -> None:
    import importlib

    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    from workbench.serving.loaders.estimators import takes_matrix

    module, _, kind = name.partition(".")
    estimator = getattr(importlib.import_module(f"sklearn.{module}"), kind)()
    frame, classes = models.iris_rows(40)
    frame["sl"] = (frame["sl"] * 10).astype("int64")
    pipeline = make_pipeline(StandardScaler(), estimator).fit(frame, classes)
    assert takes_matrix(pipeline)
    np.testing.assert_array_equal(pipeline.predict(frame), pipeline.predict(frame.to_numpy()))


def test_parts_that_need_names_or_are_not_scikit_learns_take_no_matrix() -> None:
    from sklearn.compose import ColumnTransformer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer, StandardScaler

    from workbench.serving.loaders.estimators import takes_matrix

    class Own(StandardScaler):  # type: ignore[misc]
        pass

    for part in (ColumnTransformer([]), FunctionTransformer(), Own(), StandardScaler().set_output(transform="pandas")):
        assert not takes_matrix(make_pipeline(StandardScaler(), part))


def test_another_order_of_columns_than_the_fitted_one_is_not_scored_as_a_matrix(iris: Path) -> None:
    found = describe(str(iris))
    turned = models.described(iris, inputs=list(reversed(found.inputs or [])), example="")
    model = Model(turned, Settings())
    assert not model.signature.takes_matrix
    with pytest.raises(ModelError):  # scikit-learn refuses it
        score(model, models.iris_rows(2)[0])


def test_one_changed_byte_is_never_served(iris: Path, tmp_path: Path) -> None:
    folder = models.packaged(iris, tmp_path / "m")
    Model(read_description(str(folder)), Settings())
    data = bytearray((folder / "model.skops").read_bytes())
    data[len(data) // 2] ^= 1
    (folder / "model.skops").write_bytes(data)
    with pytest.raises(LoadError, match=r"model\.skops is not the one"):
        Model(read_description(str(folder)), Settings())
    (folder / "model.skops").unlink()
    with pytest.raises(LoadError, match="missing"):
        Model(read_description(str(folder)), Settings())


def test_a_pickle_is_opened_only_where_that_was_allowed(loans: Path, tmp_path: Path) -> None:
    refusing = models.packaged(loans, tmp_path / "no", allow_pickle=False)
    with pytest.raises(LoadError, match="allow_pickle"):
        Model(read_description(str(refusing), allow_pickle=True), Settings())
    allowing = models.packaged(loans, tmp_path / "yes", allow_pickle=True)
    assert Model(read_description(str(allowing)), Settings()).example


def test_a_pickle_under_another_name_is_not_opened_by_mlflow_either(slow: Path, tmp_path: Path) -> None:
    with pytest.raises(LoadError, match="allow_pickle"):
        Model(describe(str(slow)), Settings())
    folder = tmp_path / "m"
    shutil.copytree(slow, folder)
    for code in folder.rglob("*.py"):
        code.unlink()
    (folder / "weights.dat").write_bytes(pickle.dumps([1]))
    with pytest.raises(LoadError, match=r"weights\.dat"):
        Model(describe(str(folder)), Settings())


def test_types_that_a_skops_file_calls_trusted_itself_are_not_believed() -> None:
    flavors = {"sklearn": {"skops_trusted_types": ["sklearn.tree._tree.Tree", "os.system"]}}
    assert description._trusted(flavors, False) == ["sklearn.tree._tree.Tree"]
    assert description._trusted(flavors, True) == ["sklearn.tree._tree.Tree", "os.system"]
    assert model_safety._OWN_TYPES == description._OWN_TYPES
    assert set(description._OWN_NAMES) == model_safety._OWN_NAMES


def test_a_model_that_fails_on_its_own_example_is_not_served(iris: Path, tmp_path: Path) -> None:
    folder = tmp_path / "m"
    shutil.copytree(iris, folder)
    (folder / "serving_input_example.json").write_text('{"inputs": {"sl": ["secret"]}}')
    with pytest.raises(LoadError, match=r"inputs\.sw") as caught:
        Model(describe(str(folder)), Settings())
    assert "secret" not in str(caught.value)


def test_the_description_is_the_same_from_serve_json(iris: Path, tmp_path: Path) -> None:
    folder = models.packaged(iris, tmp_path / "m", nulls={"sl": "nan"})
    found = read_description(str(folder))
    assert (found.model, found.version, found.nulls) == ("iris", "3", {"sl": "nan"})
    assert found.inputs == describe(str(folder)).inputs
    assert found.document() == json.loads((folder / "serve.json").read_text())
    assert set(found.files) == set(hashes(str(folder)))


@pytest.mark.parametrize("text", ["{", "[]", '{"schema": 2}', '{"model": "x"}', '{"schema": 1, "loader": "magic"}'])
def test_a_broken_serve_json_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "serve.json").write_text(text)
    with pytest.raises(LoadError):
        read_description(str(tmp_path))


def test_a_file_outside_of_the_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LoadError):
        Description(folder=str(tmp_path)).path("../secret")


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LoadError):
        describe(str(tmp_path))


def test_an_error_of_the_model_says_its_kind_and_not_the_value(iris: Path, capfd: pytest.CaptureFixture[str]) -> None:
    model = Model(describe(str(iris)), Settings())
    with pytest.raises(ModelError) as caught:
        model.score(b'{"inputs": {"sl": [null], "sw": [4242.5], "pl": [1], "pw": [1]}}', "application/json")
    assert caught.value.message.endswith("ValueError")
    assert "4242" not in capfd.readouterr().err


def test_predictions_are_written_as_mlflow_writes_them() -> None:
    assert jsonable(np.array([[1, 2]])) == [[1, 2]]
    assert jsonable(pd.DataFrame({"a": [1], "b": ["x"]})) == [{"a": 1, "b": "x"}]
    assert jsonable(pd.Series([1, 2], name="y")) == [{"y": 1}, {"y": 2}]
    assert jsonable(["a"]) == ["a"]


@pytest.mark.parametrize("kind", ["XGBClassifier", "Booster"])
def test_xgboost_predicts_the_same_as_through_mlflow(kind: str, tmp_path: Path) -> None:
    xgboost = pytest.importorskip("xgboost")
    frame, classes = models.iris_rows(60)
    if kind == "Booster":
        fitted = xgboost.train({"max_depth": 2}, xgboost.DMatrix(frame, classes), 4)
    else:
        fitted = xgboost.XGBClassifier(n_estimators=4).fit(frame, classes)
    path = models.save_as("xgboost", fitted, tmp_path / "m", frame, classes)
    model = Model(describe(str(path)), Settings())
    assert (model.predictor.loader, model.signature.takes_matrix) == ("native", True)
    assert score(model, frame) == models.by_mlflow(path, frame).tolist()


def test_lightgbm_predicts_the_same_as_through_mlflow(tmp_path: Path) -> None:
    lightgbm = pytest.importorskip("lightgbm")
    frame, classes = models.iris_rows(60)
    booster = lightgbm.train({"verbose": -1}, lightgbm.Dataset(frame, classes), 4)
    path = models.save_as("lightgbm", booster, tmp_path / "m", frame, classes)
    model = Model(describe(str(path)), Settings())
    assert (model.predictor.loader, model.signature.takes_matrix) == ("native", True)
    assert score(model, frame) == models.by_mlflow(path, frame).tolist()


def test_onnx_predicts_the_same_as_through_mlflow(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    convert = pytest.importorskip("skl2onnx")
    from sklearn.linear_model import LinearRegression

    frame, classes = models.iris_rows(60)
    fitted = LinearRegression().fit(frame.to_numpy(), classes)
    exported = convert.to_onnx(fitted, frame.to_numpy()[:1].astype("float32"))
    path = models.save_as("onnx", exported, tmp_path / "m", frame, classes)
    model = Model(describe(str(path)), Settings())
    assert model.predictor.loader == "native"
    expected = models.by_mlflow(path, frame)
    assert pd.DataFrame(score(model, frame)).astype("float32").equals(expected.astype("float32"))
