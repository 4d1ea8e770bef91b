"""workbench: track, compare, register, package and watch models on one laptop, without a server.

The names below are loaded when they are first used, so that `import workbench` costs a training
script nothing it does not need: logging never loads DuckDB, polars or MLflow.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from workbench.base.errors import WorkbenchError
    from workbench.data.frames import metrics, runs
    from workbench.data.loading import dataset
    from workbench.registry.loading import load_model, register_model
    from workbench.tracking.current import (
        active_run,
        end_run,
        log,
        log_artifact,
        log_artifacts,
        log_dataset,
        log_model,
        log_param,
        log_params,
        set_tag,
        set_tags,
        start_run,
    )
    from workbench.tracking.run import Run

__version__ = "0.1.0"

__all__ = [
    "Run",
    "WorkbenchError",
    "__version__",
    "active_run",
    "dataset",
    "end_run",
    "load_model",
    "log",
    "log_artifact",
    "log_artifacts",
    "log_dataset",
    "log_model",
    "log_param",
    "log_params",
    "metrics",
    "register_model",
    "runs",
    "set_tag",
    "set_tags",
    "start_run",
]

_HOMES = {
    "Run": "workbench.tracking.run",
    "WorkbenchError": "workbench.base.errors",
    "dataset": "workbench.data.loading",
    "load_model": "workbench.registry.loading",
    "metrics": "workbench.data.frames",
    "register_model": "workbench.registry.loading",
    "runs": "workbench.data.frames",
}
_CURRENT = "workbench.tracking.current"


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    # `importlib` would cost more than the module it imports.
    value: object = getattr(__import__(_HOMES.get(name, _CURRENT), fromlist=[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
