"""Train one classifier, watch it epoch by epoch, and keep what is needed to judge it later.

    python train.py --data digits --model mlp --learning-rate 0.003

Only training rows fit the scaler and the model, validation rows choose the epoch that is kept, and the test rows
are looked at once, at the end.
"""

from __future__ import annotations

import argparse
import copy
import math
import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.linear_model import SGDClassifier
from sklearn.metrics import accuracy_score, confusion_matrix, log_loss, roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import workbench as wb

DATA_SETS = {"breast_cancer": load_breast_cancer, "digits": load_digits}
BATCH_SIZE = 200

Array = NDArray[Any]


def prepare_data(name: str) -> Path:
    """Write one of scikit-learn's data sets to data/NAME.csv (the class in the last column), unless it is there."""
    path = Path("data", f"{name}.csv")
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        bunch = DATA_SETS[name]()
        temporary = path.with_suffix(f".{os.getpid()}.tmp")  # several runs may start at once
        table, names = np.column_stack([bunch.data, bunch.target]), [*bunch.feature_names, "class"]
        np.savetxt(temporary, table, fmt="%.10g", delimiter=",", header=",".join(names), comments="")
        temporary.replace(path)
    return path


def read_data(path: Path) -> tuple[Array, Array]:
    """Features (rows × columns) and classes (one whole number a row)."""
    table = np.loadtxt(path, delimiter=",", skiprows=1)
    return table[:, :-1], table[:, -1].astype(int)


def split(x: Array, y: Array, seed: int) -> list[tuple[Array, Array]]:
    """Training (60 %), validation (20 %) and test rows (20 %), each with the same mix of classes."""
    x_train, x_rest, y_train, y_rest = train_test_split(x, y, test_size=0.4, stratify=y, random_state=seed)
    halves = train_test_split(x_rest, y_rest, test_size=0.5, stratify=y_rest, random_state=seed)
    x_valid, x_test, y_valid, y_test = halves
    return [(x_train, y_train), (x_valid, y_valid), (x_test, y_test)]


def make_model(options: argparse.Namespace) -> Any:
    """An untrained model that learns one epoch at a time."""
    random = np.random.RandomState(options.seed)  # shared by all epochs, so that each one shuffles differently
    if options.model == "linear":
        return SGDClassifier(loss="log_loss", learning_rate="constant", eta0=options.learning_rate, random_state=random)
    if options.model == "mlp":
        return MLPClassifier(
            hidden_layer_sizes=options.hidden,
            learning_rate_init=options.learning_rate,
            batch_size=BATCH_SIZE,
            max_iter=options.epochs + 1,
            random_state=random,
        )
    return GradientBoostingClassifier(
        learning_rate=options.learning_rate,
        max_depth=options.depth,
        subsample=0.5,
        warm_start=True,
        random_state=random,
    )


def train_epoch(model: Any, epoch: int, x: Array, y: Array) -> None:
    """One pass over the rows; for gradient boosting, one more tree for each class."""
    if isinstance(model, GradientBoostingClassifier):
        model.set_params(n_estimators=epoch).fit(x, y)
    else:
        model.partial_fit(x, y, classes=np.unique(y))


def score(model: Any, x: Array, y: Array) -> dict[str, float]:
    """Loss (log loss in nats), accuracy, and area under the ROC curve (one class against the rest, on average)."""
    chances = model.predict_proba(x)
    two_classes = chances.shape[1] == 2
    return {
        "loss": float(log_loss(y, chances)),
        "accuracy": float(accuracy_score(y, chances.argmax(axis=1))),
        "auc": float(roc_auc_score(y, chances[:, 1] if two_classes else chances, multi_class="ovr")),
    }


def train(run: wb.Run, options: argparse.Namespace) -> None:
    """Train, keep the epoch with the lowest validation loss, and log its test scores and the model."""
    path = prepare_data(options.data)
    run.log_dataset(str(path), name=options.data)
    (x_train, y_train), (x_valid, y_valid), (x_test, y_test) = split(*read_data(path), options.seed)
    scaler = StandardScaler().fit(x_train)
    z_train, z_valid = scaler.transform(x_train), scaler.transform(x_valid)

    guessing = math.log(len(np.unique(y_train)))  # the log loss of giving every class the same chance
    model, best, best_loss, best_epoch = make_model(options), None, math.inf, 0
    for epoch in range(1, options.epochs + 1):
        train_epoch(model, epoch, z_train, y_train)
        train_loss = score(model, z_train, y_train)["loss"]
        valid = score(model, z_valid, y_valid)
        run.log({"train_loss": train_loss} | {f"valid_{name}": value for name, value in valid.items()}, step=epoch)
        print(f"epoch {epoch:3d}  train loss {train_loss:.4f}  valid loss {valid['loss']:.4f}  auc {valid['auc']:.4f}")
        if epoch >= 5 and train_loss > guessing:
            raise RuntimeError(
                f"training diverged: after {epoch} epochs the loss is {train_loss:.2f}, worse than guessing "
                f"({guessing:.2f}); try a learning rate below {options.learning_rate:g}"
            )
        if valid["loss"] < best_loss:
            best, best_loss, best_epoch = copy.deepcopy(model), valid["loss"], epoch

    pipeline = make_pipeline(scaler, best)  # takes raw features, as whoever uses the model will have them
    test = score(pipeline, x_test, y_test)
    baseline = float(np.mean(y_test == np.bincount(y_train).argmax()))  # always saying the most frequent class
    run.log({"test_accuracy": test["accuracy"], "test_auc": test["auc"], "baseline_accuracy": baseline})
    run.set_tag("best_epoch", str(best_epoch))
    print(f"test accuracy {test['accuracy']:.4f} with epoch {best_epoch}; the most frequent class gives {baseline:.4f}")

    table = confusion_matrix(y_test, pipeline.predict(x_test))
    with tempfile.TemporaryDirectory() as folder:
        confusion = Path(folder, "confusion.csv")
        np.savetxt(confusion, table, fmt="%d", delimiter=",", header="rows: true class, columns: predicted class")
        run.log_artifact(str(confusion))
    run.log_model(pipeline, input_example=x_test[:2])


def parse_options() -> argparse.Namespace:
    """The command line; the options that the model uses become the parameters of the run."""
    parser = argparse.ArgumentParser(description="Train one classifier and track it.")
    parser.add_argument("--data", choices=sorted(DATA_SETS), default="breast_cancer")
    parser.add_argument("--model", choices=["linear", "mlp", "gbm"], default="mlp")
    parser.add_argument("--epochs", type=int, default=40)
    parser.add_argument("--learning-rate", type=float, default=0.003)
    parser.add_argument("--hidden", type=int, default=64, help="width of the hidden layer (mlp)")
    parser.add_argument("--depth", type=int, default=3, help="depth of the trees (gbm)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--name", help="name of the run; without it one is made up")
    return parser.parse_args()


def main() -> None:
    """Track one training as a run in the experiment named after the data."""
    options = parse_options()
    unused = {"data", "name"} | {"linear": {"hidden", "depth"}, "mlp": {"depth"}, "gbm": {"hidden"}}[options.model]
    params = {name: value for name, value in vars(options).items() if name not in unused}
    with wb.start_run(experiment=options.data, name=options.name, params=params) as run:
        train(run, options)


if __name__ == "__main__":
    main()
