"""Trying a model on this machine, in a process of its own: what it predicts, and what it imports to do so.

    python -m workbench.packaging.trial MODEL_DIR LOADER FOLDER...

prints a JSON document. LOADER is `pyfunc`, which is MLflow's word on what the model predicts, or `native`, which is how
the server in the image loads it. Modules of the user's own are looked for in the folders.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Event
from typing import Any

from workbench.base.errors import ModelUnusableError
from workbench.packaging.engine import WATCH_S, check_cancelled

TIMEOUT_S = 300
_MARK = "workbench-trial:"


@dataclass(frozen=True)
class Trial:
    """What came of it.

    Attributes:
        example: the stored input example as the body of a request; None where the model has none.
        predictions: for it, as JSON has them.
        distributions: normalised names of the packages that were imported.
        modules: files of the user's own modules that were imported, by their paths within the folders.
    """

    example: str | None = None
    predictions: Any = None
    distributions: frozenset[str] = frozenset()
    modules: dict[str, str] = field(default_factory=dict)


class TrialProcess:
    """A model that is being tried in a child process.

    Args:
        folder: with the model's files.
        loader: `native` or `pyfunc`.
        folders: where modules of the user's own may be.
    """

    def __init__(self, folder: str, loader: str, folders: Sequence[str], *, python: str = sys.executable) -> None:
        self._loader = loader
        self._process = subprocess.Popen(
            [python, "-m", "workbench.packaging.trial", folder, loader, *folders],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, process_group=0,
            env={**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true", "PYTHONWARNINGS": "ignore"},
        )  # fmt: skip

    def result(self, cancelled: Event | None = None) -> Trial:
        """What came of it, when it has ended.

        Raises:
            ModelUnusableError: it cannot be loaded, or does not predict; the message is its own.
            StoreInterruptedError: `cancelled` was set.
        """
        deadline = time.monotonic() + TIMEOUT_S
        while True:
            try:
                written, said = self._process.communicate(timeout=WATCH_S if cancelled else TIMEOUT_S)
                break
            except subprocess.TimeoutExpired:
                if time.monotonic() > deadline:
                    self.stop()
                    raise ModelUnusableError(
                        f"the model did not predict its input example within {TIMEOUT_S} s"
                    ) from None
                check_cancelled(cancelled)
        line = next((line for line in written.splitlines() if line.startswith(_MARK)), None)
        if self._process.returncode or line is None:
            why = (said.strip().splitlines() or ["it ended without a word"])[-1]
            how = "mlflow.pyfunc" if self._loader == "pyfunc" else "the native loader"
            raise ModelUnusableError(f"the model cannot be used on this machine, by {how}: {why}", _advice(why))
        found = json.loads(line.removeprefix(_MARK))
        return Trial(found["example"], found["predictions"], frozenset(found["distributions"]), found["modules"])

    def stop(self) -> None:
        """End it, if it has not ended."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        for stream in (self._process.stdout, self._process.stderr):
            if stream is not None:
                stream.close()


def try_model(folder: str, loader: str, folders: Sequence[str], *, python: str = sys.executable) -> Trial:
    """Load a model and let it predict its input example, in a child process; takes and raises what its class does."""
    process = TrialProcess(folder, loader, folders, python=python)
    try:
        return process.result()
    finally:
        process.stop()


def _advice(why: str) -> str:
    if "ModuleNotFoundError" in why or "No module named" in why:
        return "install what the model needs here as well: it is compared with the image"
    return "does it load with mlflow.pyfunc here?"


def main(folder: str, loader: str, folders: Sequence[str]) -> None:
    """Try a model and print what came of it."""
    sys.path[:0] = [path for path in folders if path not in sys.path]
    example = _example(folder)
    predictions = _native(folder, example) if loader == "native" else _pyfunc(folder, example)
    document = {
        "example": example,
        "predictions": predictions,
        "distributions": sorted(_distributions()),
        "modules": _own_modules(folders),
    }
    sys.stdout.write(f"\n{_MARK}{json.dumps(document)}\n")


def _example(folder: str) -> str | None:
    from workbench.serving.description import describe

    path = describe(folder).example
    if not path:
        return None
    with open(os.path.join(folder, path), encoding="utf-8") as file:
        return file.read()


def _native(folder: str, example: str | None) -> Any:
    """Nothing but loading and predicting as the server does, so that what is imported is what an image needs."""
    from workbench.serving.description import describe
    from workbench.serving.model import Model
    from workbench.serving.settings import Settings

    served = Model(describe(folder, allow_pickle=True), Settings())
    return json.loads(served.score(example.encode(), "application/json").body)["predictions"] if example else None


def _pyfunc(folder: str, example: str | None) -> Any:
    import mlflow.pyfunc
    from mlflow.models import Model
    from mlflow.utils.proto_json_utils import NumpyEncoder, _get_jsonable_obj

    loaded = mlflow.pyfunc.load_model(folder)
    if example is None:
        return None
    predictions = loaded.predict(Model.load(folder).load_input_example(folder))
    return json.loads(json.dumps(_get_jsonable_obj(predictions, pandas_orient="records"), cls=NumpyEncoder))


def _distributions() -> set[str]:
    """Packages that have a module loaded."""
    from importlib.metadata import packages_distributions

    from workbench.packaging.lock import normalised

    names = packages_distributions()
    loaded = {name.partition(".")[0] for name in sys.modules}
    return {normalised(distribution) for name in loaded for distribution in names.get(name, ())}


def _own_modules(folders: Sequence[str]) -> dict[str, str]:
    """Files of modules that lie below the folders and belong to no environment, by their paths within."""
    found = {}
    for module in list(sys.modules.values()):
        file = getattr(module, "__file__", None)
        if not file or not file.endswith(".py") or "site-packages" in file or os.path.dirname(__file__) in file:
            continue
        path = os.path.realpath(file)
        for folder in folders:
            root = os.path.realpath(folder)
            if path.startswith(root + os.sep) and not _in_environment(path, root):
                found[os.path.relpath(path, root)] = path
                break
    return found


def _in_environment(path: str, root: str) -> bool:
    """Whether a file belongs to a virtual environment or a package of Python's own within a folder."""
    folder = os.path.dirname(path)
    while len(folder) >= len(root):
        if os.path.exists(os.path.join(folder, "pyvenv.cfg")):
            return True
        folder = os.path.dirname(folder)
    return False


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
