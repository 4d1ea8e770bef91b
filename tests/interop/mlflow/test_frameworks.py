"""Training scripts as MLflow's users have them, with `MLFLOW_TRACKING_URI=workbench:` and no other change."""

from __future__ import annotations

import importlib.util
import json
from typing import Any

import pytest

import workbench as wb
from tests.interop.mlflow.one_project import listed, quiet_run, script, shown
from workbench.base.project import Project

pytestmark = [pytest.mark.filterwarnings("ignore"), pytest.mark.interop]

DATA = """
import json, os
import mlflow, numpy, pandas
from mlflow import MlflowClient
numbers = numpy.random.default_rng(0).normal(size=(200, 4))
inputs = pandas.DataFrame(numbers, columns=list("abcd"))
labels = (inputs.a + inputs.b > 0).astype(int)
"""

SKLEARN = """
from sklearn.ensemble import RandomForestClassifier
mlflow.sklearn.autolog(registered_model_name="forest")
forest = RandomForestClassifier(n_estimators=5, max_depth=3, random_state=0).fit(inputs, labels)
run = mlflow.last_active_run()
MlflowClient().set_registered_model_alias("forest", "champion", "1")
expected = forest.predict(inputs).tolist()
for uri in ("models:/forest@champion", "models:/forest/1", f"runs:/{run.info.run_id}/model"):
    assert mlflow.sklearn.load_model(uri).predict(inputs).tolist() == expected, uri
    assert mlflow.pyfunc.load_model(uri).predict(inputs).tolist() == expected, uri
print(json.dumps({"run": run.info.run_id, "expected": expected}))
"""

SEARCH = """
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import GridSearchCV
mlflow.sklearn.autolog(log_models=False)
GridSearchCV(RandomForestClassifier(n_estimators=2), {"max_depth": [1, 2]}, cv=2).fit(inputs, labels)
print(json.dumps({"run": mlflow.last_active_run().info.run_id}))
"""

XGBOOST = """
import xgboost
mlflow.xgboost.autolog()
table = xgboost.DMatrix(inputs, labels)
xgboost.train({"max_depth": 2, "eval_metric": "auc"}, table, 10, evals=[(table, "metric")], verbose_eval=False)
run_id = mlflow.last_active_run().info.run_id
assert len(mlflow.xgboost.load_model(f"runs:/{run_id}/model").get_dump()) == 10
print(json.dumps({"run": run_id}))
"""

LIGHTGBM = """
import lightgbm
mlflow.lightgbm.autolog()
table = lightgbm.Dataset(inputs, labels)
settings = {"objective": "binary", "metric": "auc", "max_depth": 2, "verbose": -1}
lightgbm.train(settings, table, 10, valid_sets=[table], valid_names=["metric"])
run_id = mlflow.last_active_run().info.run_id
assert mlflow.lightgbm.load_model(f"runs:/{run_id}/model").num_trees() == 10
print(json.dumps({"run": run_id}))
"""

NETWORK = """
os.environ["KERAS_BACKEND"] = "jax"
import keras
network = keras.Sequential([keras.Input((4,)), keras.layers.Dense(4, "relu"), keras.layers.Dense(1, "sigmoid")])
network.compile("adam", "binary_crossentropy", metrics=["accuracy"])
"""

KERAS = f"""{NETWORK}
mlflow.keras.autolog()
network.fit(inputs.values, labels.values, epochs=3, batch_size=32, verbose=0)
run_id = mlflow.last_active_run().info.run_id
loaded = mlflow.keras.load_model(f"runs:/{{run_id}}/model")
assert numpy.allclose(loaded.predict(inputs.values, verbose=0), network.predict(inputs.values, verbose=0))
print(json.dumps({{"run": run_id}}))
"""

LOOP = f"""{NETWORK}
with mlflow.start_run(run_name="by hand") as run:
    mlflow.log_params({{"epochs": 5, "optimizer": "adam"}})
    for epoch in range(5):
        loss, accuracy = network.train_on_batch(inputs.values, labels.values)
        mlflow.log_metrics({{"loss": float(loss), "accuracy": float(accuracy)}}, step=epoch)
    example = inputs.values[:2].astype("float32")
    signature = mlflow.models.infer_signature(example, network.predict(example, verbose=0))
    mlflow.keras.log_model(network, name="net", registered_model_name="net", signature=signature)
MlflowClient().set_registered_model_alias("net", "champion", "1")
for uri in ("models:/net@champion", "models:/net/1", f"runs:/{{run.info.run_id}}/net"):
    loaded = mlflow.pyfunc.load_model(uri).predict(example)
    assert numpy.allclose(loaded, network.predict(example, verbose=0)), uri
print(json.dumps({{"run": run.info.run_id}}))
"""

EVALUATION = """
from sklearn.linear_model import LogisticRegression
with mlflow.start_run() as run:
    model = mlflow.sklearn.log_model(LogisticRegression().fit(inputs, labels), name="model", input_example=inputs[:1])
    data = mlflow.data.from_pandas(inputs.assign(label=labels), targets="label", name="held out")
    evaluate = getattr(mlflow.models, "evaluate", mlflow.evaluate)
    options = {"model_type": "classifier", "evaluator_config": {"log_model_explainability": False}}
    result = evaluate(model.model_uri, data, **options)
[logged] = mlflow.search_logged_models(output_format="list")
assert {metric.key: metric.value for metric in logged.metrics}["f1_score"] == result.metrics["f1_score"]
found = mlflow.search_logged_models(filter_string="metrics.f1_score > 0.5", output_format="list")
assert [one.model_id for one in found] == [logged.model_id]
print(json.dumps({"run": run.info.run_id, "f1_score": result.metrics["f1_score"]}))
"""


def needs(*modules: str) -> pytest.MarkDecorator:
    """Skip a test where a library is not installed."""
    missing = [module for module in modules if importlib.util.find_spec(module) is None]
    return pytest.mark.skipif(bool(missing), reason=f"needs {', '.join(missing)}: uv sync --group frameworks")


def trained(text: str) -> dict[str, Any]:
    """What a training script says at its end."""
    done = script(DATA + text, MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR="false", PYTHONWARNINGS="ignore")
    assert done.returncode == 0, done.stderr
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return said


def test_scikit_learn_autologs(project: Project) -> None:
    said = trained(SKLEARN)
    [ours] = listed()
    assert (ours["run_id"], ours["status"]) == (said["run"], "finished")
    run = shown(said["run"])
    assert (run["params"]["n_estimators"], run["params"]["max_depth"]) == ("5", "3")
    assert run["metrics"]["training_accuracy_score"] > 0.9
    files = {file["path"].split("/")[-1]: file["kind"] for file in run["artifacts"]}
    assert files["MLmodel"] == "model" and files["training_confusion_matrix.png"] == "file"
    assert [dataset["name"] for dataset in run["datasets"]] == ["dataset"]
    model = wb.load_model(said["run"], allow_pickle=True)
    assert model.n_estimators == 5 and list(model.feature_names_in_) == list("abcd")


@pytest.mark.slow
def test_a_search_has_its_trials_as_children(project: Project) -> None:
    said = trained(SEARCH)
    children = [run for run in listed() if run["run_id"] != said["run"]]
    assert len(children) == 2
    assert {shown(run["run_id"])["parent_run_id"] for run in children} == {said["run"]}
    assert sorted(shown(run["run_id"])["params"]["max_depth"] for run in children) == ["1", "2"]
    assert shown(said["run"])["params"]["best_max_depth"] in ("1", "2")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "metric", "points", "param"),
    [
        pytest.param(XGBOOST, "metric-auc", 10, ("max_depth", "2"), marks=needs("xgboost"), id="xgboost"),
        pytest.param(LIGHTGBM, "metric-auc", 10, ("max_depth", "2"), marks=needs("lightgbm"), id="lightgbm"),
        pytest.param(KERAS, "loss", 3, ("batch_size", "32"), marks=needs("keras", "jax"), id="keras"),
        pytest.param(LOOP, "accuracy", 5, ("optimizer", "adam"), marks=needs("keras", "jax"), id="a loop by hand"),
    ],
)
def test_frameworks_log(project: Project, text: str, metric: str, points: int, param: tuple[str, str]) -> None:
    said = trained(text)
    run = shown(said["run"])
    assert run["status"] == "finished" and run["params"][param[0]] == param[1]
    assert any(file["path"].endswith("/MLmodel") for file in run["artifacts"])
    [key] = [name for name in run["metrics"] if name.replace("valid_0", "metric") == metric]
    from mlflow import MlflowClient

    history = MlflowClient(f"workbench://{project.root}").get_metric_history(said["run"], key)
    assert [point.step for point in history] == list(range(points))


@pytest.mark.slow
def test_evaluation_scores_the_logged_model(project: Project) -> None:
    said = trained(EVALUATION)
    run = shown(said["run"])
    assert run["metrics"]["f1_score"] == said["f1_score"] > 0.9
    assert "roc_curve_plot.png" in {file["path"] for file in run["artifacts"]}


def test_models_of_our_sdk_and_of_mlflow_are_loaded_by_the_other(project: Project) -> None:
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression().fit([[0.0], [1.0], [2.0], [3.0]], [0, 0, 1, 1])
    with quiet_run("ours") as run:
        run.log_model(model)
    said = trained(
        f"uri = 'runs:/{run.run_id}/model'\n"
        "load, rows = mlflow.sklearn.load_model, [[0.0], [3.0]]\n"
        "version = mlflow.register_model(uri, 'ours')\n"
        "for model in (load(uri), load('models:/ours/1'), mlflow.pyfunc.load_model(uri)):\n"
        "    assert model.predict(rows).tolist() == [0, 1]\n"
        "with mlflow.start_run() as run:\n"
        "    mlflow.sklearn.log_model(load(uri), name='net', pip_requirements=[])\n"
        "print(json.dumps({'version of': version.run_id, 'run': run.info.run_id}))\n"
    )
    assert said["version of"] == run.run_id
    theirs = wb.load_model(said["run"], allow_pickle=True)
    assert theirs.predict(np.array([[0.0], [3.0]])).tolist() == [0, 1]
