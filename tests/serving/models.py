"""Real models in the MLflow format, saved by mlflow, small and quick to make."""

from __future__ import annotations

import json
import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd  # type: ignore[import-untyped]

from workbench.serving.description import Description, describe, hashes

IRIS = ["sl", "sw", "pl", "pw"]
REQUIREMENTS = ["scikit-learn"]
"""Given, for otherwise mlflow loads the model once more in another process to find them."""


def iris_rows(count: int, seed: int = 0) -> Any:
    """Rows of four doubles, and their classes."""
    random = np.random.default_rng(seed)
    rows = random.uniform(0, 8, (count, 4))
    return pd.DataFrame(rows, columns=IRIS), (rows.sum(axis=1) > 16).astype(int)


@contextmanager
def quietly() -> Iterator[None]:
    """mlflow and the libraries below it warn about each other."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def by_mlflow(folder: Path, frame: Any) -> Any:
    """What mlflow predicts."""
    with quietly():
        import mlflow.pyfunc

        return mlflow.pyfunc.load_model(str(folder)).predict(frame)


def save_as(flavor: str, model: Any, path: Path, frame: Any, answers: Any) -> Path:
    """Save a model of one of mlflow's flavours, with the signature of a frame and its answers."""
    with quietly():
        import importlib

        from mlflow.models import infer_signature

        library: Any = importlib.import_module(f"mlflow.{flavor}")
        signature = infer_signature(frame, answers)
        library.save_model(model, str(path), signature=signature, pip_requirements=["numpy"])
    return path


def save(model: Any, folder: Path, frame: Any, **options: Any) -> Path:
    """Save a scikit-learn model with the signature of its input and an example of two rows."""
    path = folder / "model"
    with quietly():
        import mlflow.sklearn
        from mlflow.models import infer_signature

        options["signature"] = infer_signature(frame, model.predict(frame), params=options.pop("params", None))
        mlflow.sklearn.save_model(model, str(path), input_example=frame[:2], pip_requirements=REQUIREMENTS, **options)
    return path


def iris(folder: Path) -> Path:
    """See the fixture."""
    from sklearn.linear_model import LogisticRegression

    frame, classes = iris_rows(60)
    model = LogisticRegression().fit(frame, classes)
    return save(model, folder, frame, params={"limit": 1, "names": ["a"]})


def loans(folder: Path) -> Path:
    """See the fixture."""
    from sklearn.compose import ColumnTransformer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder

    random = np.random.default_rng(1)
    frame = pd.DataFrame(
        {
            "country": random.choice(["de", "fr", "007"], 80),
            "age": random.integers(18, 80, 80),
            "member": random.choice([True, False], 80),
            "income": random.uniform(0, 100, 80),
        }
    )
    columns = ColumnTransformer([("c", OneHotEncoder(handle_unknown="ignore"), ["country"])], remainder="passthrough")
    model = make_pipeline(columns, LogisticRegression(max_iter=500)).fit(frame, frame.income + frame.age > 90)
    return save(model, folder, frame, serialization_format="cloudpickle")


def matrix(folder: Path) -> Path:
    """See the fixture."""
    from sklearn.linear_model import LinearRegression

    rows = np.random.default_rng(2).uniform(0, 1, (30, 3))
    return save(LinearRegression().fit(rows, rows.sum(axis=1)), folder, rows)


def slow(folder: Path) -> Path:
    """See the fixture."""
    path = folder / "model"
    code = folder / "sleeper.py"
    code.write_text(
        "import time\nimport mlflow.pyfunc\n\n\n"
        "class Sleeper(mlflow.pyfunc.PythonModel):\n"
        "    def predict(self, context, model_input, params=None):\n"
        "        time.sleep(float(model_input['seconds'].max()))\n"
        "        return model_input['seconds'].to_numpy()\n\n\n"
        "mlflow.models.set_model(Sleeper())\n"
    )
    frame = pd.DataFrame({"seconds": [0.0]})
    with quietly():
        import mlflow.pyfunc
        from mlflow.models import infer_signature

        mlflow.pyfunc.save_model(
            str(path),
            python_model=str(code),
            signature=infer_signature(frame, np.array([0.0])),
            input_example=frame,
            pip_requirements=["mlflow"],
        )
    return path


def packaged(source: Path, target: Path, **changes: Any) -> Path:
    """A copy of a model as an image has it: with `serve.json`, which holds the hashes of its files."""
    shutil.copytree(source, target)
    description = describe(str(target), allow_pickle=bool(changes.get("allow_pickle")))
    document = {**description.document(), "files": hashes(str(target)), "model": "iris", "version": "3", **changes}
    (target / "serve.json").write_text(json.dumps(document))
    return target


def described(folder: Path, **changes: Any) -> Description:
    """The description of a model folder, with changes."""
    found = describe(str(folder), allow_pickle=bool(changes.get("allow_pickle")))
    return Description(**{**found.__dict__, **changes})
