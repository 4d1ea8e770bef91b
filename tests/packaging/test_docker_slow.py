"""Real models in real images: built, tested in a hardened container, and what goes wrong on the way."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.harness import program
from tests.packaging.conftest import BASE_IMAGE
from tests.packaging.shops import Shop, files_of
from tests.serving.models import iris_rows, quietly
from workbench.base.errors import InputError, SmokeFailedError
from workbench.packaging.engine import Engine
from workbench.packaging.labels import OURS
from workbench.packaging.source import Source
from workbench.tracking.model_safety import requirements, save_sklearn

pytestmark = pytest.mark.docker_slow
NAME = f"wbtest-slow-{os.getpid()}"
TOKEN = "t0k3n-that-nobody-may-see"
INDEX = f"https://anyone:{TOKEN}@{'.'.join(('pypi', 'org'))}/simple"
FEATURES = """
import mlflow.pyfunc


class Doubled(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        return [float(value) * 2 for value in model_input["sl"]]
"""


def save_model(folder: Path, change: Callable[[Any], None] = lambda model: None, seed: int = 0) -> dict[str, bytes]:
    """A linear model as the SDK saves it, and its files."""
    import mlflow.sklearn
    from sklearn.linear_model import LinearRegression

    frame, classes = iris_rows(40, seed)
    model = LinearRegression().fit(frame, classes)
    change(model)
    with quietly():
        from mlflow.models import infer_signature

        options = {"signature": infer_signature(frame, classes * 1.0), "input_example": frame[:3]}
        save_sklearn(mlflow.sklearn, model, str(folder), options)
    return files_of(folder)


@pytest.fixture
def real_shop(docker_shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """The project, where nothing but the models' size is made up; the caches of packages are shared by all tests."""
    monkeypatch.setenv("PIP_DISABLE_PIP_VERSION_CHECK", "1")
    return docker_shop


def registered(shop: Shop, files: dict[str, bytes], digit: str = "a") -> Source:
    return shop.register(shop.add_run(digit * 32, files))


def helpers(engine: Engine) -> list[str]:
    """Containers that stayed behind."""
    found = engine.client.containers(all=True, filters={"label": f"{OURS}role"})
    return [one["Id"] for one in found if one["Labels"][f"{OURS}role"] in ("smoke", "install", "probe")]


@pytest.mark.parametrize("runtime", ["native", "pyfunc"])
def test_an_image_predicts_what_the_model_predicts_here(real_shop: Shop, tmp_path: Path, runtime: str) -> None:
    source = registered(real_shop, save_model(tmp_path / "m"))
    done = real_shop.package(source, smoke=True, runtime=runtime, tag=f"{NAME}:{runtime}")
    smoke = done.built.smoke
    assert smoke is not None
    assert {step.name: step.passed for step in smoke.steps} == dict.fromkeys(
        ("ready", "user", "read-only", "predictions", "bad requests", "metrics", "stops"), True
    )
    retrained = registered(real_shop, save_model(tmp_path / "m2", seed=1), "b")
    again = real_shop.package(retrained, runtime=runtime, tag=f"{NAME}:{runtime}-2")
    assert again.built.layers_reused == len(again.built.layers) - 1
    assert helpers(real_shop.engine) == []


def test_a_model_that_answers_nan_gets_no_name(real_shop: Shop, tmp_path: Path) -> None:
    def spoil(model: Any) -> None:
        model.intercept_ = float("nan")

    source = registered(real_shop, save_model(tmp_path / "m", spoil))
    with pytest.raises(SmokeFailedError, match="missing values"):
        real_shop.package(source, smoke=True, tag=f"{NAME}:nan")
    assert real_shop.engine.image(f"{NAME}:nan") is None
    assert helpers(real_shop.engine) == []


def test_code_of_the_user_is_asked_for_put_in_and_imported(
    real_shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "features.py").write_text(FEATURES)
    monkeypatch.syspath_prepend(str(tmp_path))
    with quietly():
        import importlib

        import mlflow.pyfunc
        from mlflow.models import infer_signature

        model = importlib.import_module("features").Doubled()
        frame, _ = iris_rows(3)
        mlflow.pyfunc.save_model(
            str(tmp_path / "m"), python_model=model, input_example=frame, signature=infer_signature(frame, [1.0]),
            pip_requirements=requirements(model, "cloudpickle"),
        )  # fmt: skip
    source = registered(real_shop, files_of(tmp_path / "m"))
    with pytest.raises(InputError, match=r"code of yours that is not in the image: features\.py") as caught:
        real_shop.package(source, smoke=True, allow_pickle=True, tag=f"{NAME}:code")
    assert caught.value.hint == "--include features.py"
    done = real_shop.package(source, smoke=True, allow_pickle=True, include=("features.py",), tag=f"{NAME}:code")
    assert done.built.smoke is not None
    assert {step.name: step.detail for step in done.built.smoke.steps}["code"] == "1 of your modules are importable"


def test_pip_installs_in_the_base_and_leaves_no_token_behind(
    real_shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", INDEX)
    source = registered(real_shop, save_model(tmp_path / "m"))
    tag = f"{NAME}:pip"
    done = real_shop.package(source, smoke=True, install="pip", network="host", tag=tag)
    assert done.built.smoke is not None
    client: Any = real_shop.engine.client
    history = str(client.history(tag)) + str(client.inspect_image(tag))
    assert TOKEN not in history
    rest = b""
    for chunk in client.get_image(tag):
        assert TOKEN.encode() not in rest + chunk
        rest = chunk[-100:]
    kept = [path for path in Path(real_shop.project.folder).rglob("*") if path.is_file()]
    assert kept
    assert not [path for path in kept if TOKEN.encode() in path.read_bytes()]
    assert "--hash=sha256:" in done.plan.lock.text
    assert helpers(real_shop.engine) == []


def test_ctrl_c_leaves_no_container_and_no_name(real_shop: Shop, tmp_path: Path) -> None:
    registered(real_shop, save_model(tmp_path / "m"))
    real_shop.registry.close()
    words = ["package", "build", "fraud/1", "--base-image", BASE_IMAGE, "--tag", f"{NAME}:never"]
    for stage in ("layers", "smoke"):
        with subprocess.Popen(
            [*program(), *words], stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, process_group=0
        ) as process:
            assert process.stderr is not None
            said = ""
            for line in process.stderr:
                said += line
                if f"✓ {'wheels' if stage == 'layers' else 'layers'}" in line:
                    break
            time.sleep(0 if stage == "layers" else 6)  # by then the container of the smoke test runs
            process.send_signal(signal.SIGINT)
            said += process.communicate(timeout=60)[1]
        assert process.returncode == 130, said
        assert "interrupted: no image was named" in said
        assert "Traceback" not in said
        assert real_shop.engine.image(f"{NAME}:never") is None
        assert helpers(real_shop.engine) == []


def test_a_model_that_needs_what_is_not_here_says_so(real_shop: Shop, tmp_path: Path) -> None:
    files = save_model(tmp_path / "m")
    files["model.skops"] = b"no model at all"
    from workbench.base.errors import ModelUnusableError

    with pytest.raises(ModelUnusableError, match="cannot be used on this machine"):
        real_shop.package(registered(real_shop, files), smoke=True, tag=f"{NAME}:broken")
    assert real_shop.engine.image(f"{NAME}:broken") is None
