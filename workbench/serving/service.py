"""The state of one serving process: loading, ready, failed or draining."""

from __future__ import annotations

import os
import threading
from typing import Any

from . import VERSION
from .cpu import available_cpus
from .description import Description
from .errors import CODES, LoadError, UnavailableError
from .logs import log, where
from .metrics import Metrics
from .model import Model
from .predictions import PredictionLog
from .settings import Settings


class Service:
    """What the routes ask.

    Attributes:
        description: of the model.
        settings: of this server.
        workers: processes, never more than processors.
        metrics: of all workers.
        model: once it is loaded.
        error: why it cannot be; "" otherwise.
        draining: whether the process is about to end.
        predictions: the log of predictions, where there is one.
        threads: that predict beside each other.
    """

    def __init__(self, description: Description, settings: Settings) -> None:
        """Prepare a service; `load` opens its model."""
        self.description = description
        self.settings = settings
        cpus = available_cpus()
        self.workers = min(settings.workers or cpus, cpus)
        self.threads = settings.threads or cpus
        self.metrics = Metrics(CODES, self.workers)
        self.model: Model | None = None
        self.error = ""
        self.draining = False
        self.predictions: PredictionLog | None = None

    @property
    def state(self) -> str:
        """`loading`, `ready`, `failed` or `draining`."""
        if self.draining:
            return "draining"
        if self.model is not None:
            return "ready"
        return "failed" if self.error else "loading"

    def load(self) -> None:
        """Open the model; what goes wrong is kept in `error`."""
        try:
            model = Model(self.description, self.settings)
        except LoadError as error:
            self.error = str(error)
        except Exception as error:
            log("error", "loading failed", error=type(error).__name__, frames=where(error))
            self.error = f"loading the model raised {type(error).__name__}"
        if self.error:
            log("error", "the model cannot be served", error=self.error)
            return
        if self.settings.logs_predictions:
            classes = model.predictor.classes
            self.predictions = PredictionLog(self.description, self.settings, self.metrics, classes)
        self.model = model
        name, version = self.description.model, self.description.version
        log("info", "ready", model=name, version=version, load_s=round(model.load_s, 3))

    def load_beside(self) -> None:
        """Open the model in another thread, so that health is answered meanwhile."""

        def load() -> None:
            self.load()
            self.be_worker(0)

        threading.Thread(target=load, name="load", daemon=True).start()

    def be_worker(self, number: int) -> None:
        """Begin to count, and to log, as one of the workers; after the fork."""
        self.metrics.be_worker(number)
        if self.predictions is not None:
            self.predictions.start()

    def ready_model(self) -> Model:
        """The model.

        Raises:
            UnavailableError: it is not loaded.
        """
        if self.model is None:
            raise UnavailableError(
                f"the model is not ready: {self.error or 'it is loading'}", headers={"retry-after": "1"}
            )
        return self.model

    def metadata(self) -> dict[str, Any]:
        """What `/metadata` answers.

        Raises:
            UnavailableError: the model is not loaded.
        """
        settings = self.settings
        return {
            **self.ready_model().document(),
            "server": VERSION,
            "workers": self.workers,
            "threads": self.threads,
            "pid": os.getpid(),
            "limits": {
                "body_bytes": settings.max_body_bytes,
                "rows": settings.max_rows,
                "time_s": settings.time_limit_s,
                "queue": settings.queue,
            },
            "prediction_log": {
                "mode": settings.log_mode if settings.logs_predictions else "none",
                "sample": settings.log_sample,
                "redacted": sorted(settings.redact),
            },
        }
