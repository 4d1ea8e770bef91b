"""From a trained model to predictions in its log: built, run, replaced, rolled back, on a real engine."""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.packaging.shops import Shop, files_of
from tests.packaging.yards import unused_port
from workbench.base.clock import set_clock
from workbench.data.prediction_logs import read_new
from workbench.packaging.example import example_request
from workbench.packaging.images import find_image
from workbench.packaging.rolling_back import rollback
from workbench.packaging.running import Options, run, stop
from workbench.packaging.watching import list_rows

pytestmark = pytest.mark.docker_slow


def trained(folder: Path, strength: float) -> dict[str, bytes]:
    """The files of a small model."""
    import mlflow.sklearn
    from mlflow.models import infer_signature
    from sklearn.datasets import load_iris
    from sklearn.linear_model import LogisticRegression

    features, kinds = load_iris(return_X_y=True, as_frame=True)
    model = LogisticRegression(max_iter=500, C=strength).fit(features, kinds)
    signature: Any = infer_signature(features, model.predict(features))
    mlflow.sklearn.save_model(
        model, str(folder), signature=signature, input_example=features.head(3), serialization_format="skops"
    )
    return files_of(folder)


@pytest.mark.filterwarnings("ignore")
def test_predictions_of_both_versions_are_in_the_log(docker_shop: Shop, tmp_path: Path) -> None:
    shop = docker_shop
    set_clock(None)
    for number, strength in enumerate((1.0, 0.1), 1):
        files = trained(tmp_path / f"model{number}", strength)
        source = shop.register(shop.add_run(str(number) * 32, files), "wbtest-iris")
        shop.package(source, smoke=True)
    port = unused_port()

    def ask() -> list[Any]:
        with shop.registry.visit() as db:
            body = example_request(db, shop.project, find_image(db, "wbtest-iris/1"))
        assert body is not None
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"http://127.0.0.1:{port}/invocations", body.encode(), headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            predictions: list[Any] = json.loads(answer.read())["predictions"]
            return predictions

    try:
        for number in (1, 2):
            run(shop.engine, shop.project, shop.governing, f"wbtest-iris/{number}", Options(port=port))
            assert ask() == [0]
        [row, kept] = list_rows(shop.engine, shop.project)
        assert (row.status, kept.status) == ("healthy", "kept")
        assert row.traffic is not None and row.traffic.requests == 1 and row.traffic.p50_ms is not None
        back = rollback(shop.engine, shop.project, shop.governing, "wbtest-iris")
        assert back.container.version == 1 and back.is_warm
        assert ask() == [0]
    finally:
        stop(shop.engine, shop.project, shop.governing, "wbtest-iris", remove=True)
    rows = read_new(shop.project, "wbtest-iris").rows
    assert [(row["version"], row["deploy"], row["y"]) for row in rows] == [
        ("1", "wbtest-iris", 0), ("2", "wbtest-iris", 0), ("1", "wbtest-iris", 0),
    ]  # fmt: skip
