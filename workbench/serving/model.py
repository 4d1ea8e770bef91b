"""The served model: loaded once, checked by a prediction of its own example, then asked by every request."""

from __future__ import annotations

import os
import time
from typing import Any, NamedTuple

from . import codec
from .batch import Batch
from .description import Description, check_files
from .errors import LoadError, ModelError, ServingError
from .loaders.predictor import Predictor, load_predictor
from .logs import log, where
from .params import Params
from .payloads import read_payload
from .settings import Settings
from .signature import Signature, compile_signature


class Scored(NamedTuple):
    """One answered request.

    Attributes:
        body: the answer.
        batch: what was asked.
        predictions: values of JSON; one for each row where the model answers by rows.
    """

    body: bytes
    batch: Batch
    predictions: Any


class Model:
    """A loaded model.

    Attributes:
        description: what is served.
        signature, params: of its input.
        predictor: its library's side.
        load_s: seconds that loading took.
    """

    def __init__(self, description: Description, settings: Settings) -> None:
        """Check the files, open the model and let it predict its example.

        Raises:
            LoadError: it cannot be served.
        """
        started = time.perf_counter()
        check_files(description)
        self.description = description
        self._max_rows = settings.max_rows
        reject = settings.extra_columns == "reject"
        self.signature: Signature = compile_signature(description.inputs, description.nulls, reject_extra=reject)
        self.params = Params(description.params)
        self.predictor: Predictor = load_predictor(description, self.signature)
        self.example = self._read_example()
        self._warm_up()
        self.load_s = time.perf_counter() - started

    def score(self, body: bytes, kind: str) -> Scored:
        """Answer one request of MLflow's protocol.

        Args:
            kind: `application/json` or `text/csv`.

        Raises:
            ServingError: it is not as the signature says, or the model fails on it.
        """
        payload = read_payload(body, kind, self.signature, self._max_rows)
        payload.batch.params = self.params.read(payload.params)
        predictions = self.predict(payload.batch)
        return Scored(_dumps({"predictions": predictions}), payload.batch, predictions)

    def predict(self, batch: Batch) -> Any:
        """The predictions for a batch, as values of JSON or of numpy.

        Raises:
            ModelError: the model raised an error. Its message may quote the input, so it is said nowhere.
        """
        try:
            return jsonable(self.predictor.predict(batch.data, batch.params))
        except Exception as error:
            log("warning", "prediction failed", error=type(error).__name__, frames=where(error))
            raise ModelError(f"the model cannot score this input: it raised {type(error).__name__}") from error

    def _read_example(self) -> bytes | None:
        if not self.description.example:
            return None
        path = self.description.path(self.description.example)
        try:
            with open(path, "rb") as file:
                return file.read()
        except OSError as error:
            raise LoadError(f"the input example {self.description.example} cannot be read") from error

    def _warm_up(self) -> None:
        """Predict the example twice: the first prediction of a library takes longer than all others.

        Raises:
            LoadError: that fails, so that every request would.
        """
        if self.example is None:
            return
        try:
            for _ in range(2):
                self.score(self.example, "application/json")
        except ServingError as error:
            places = "".join(f"; {field.path}: {field.expected}" for field in error.fields)
            raise LoadError(f"the model fails on its own input example: {error.message}{places}") from error

    def document(self) -> dict[str, Any]:
        """What `/metadata` says about it."""
        description = self.description
        return {
            "model": description.model,
            "version": description.version,
            "run_id": description.run_id,
            "digest": description.digest,
            "created": description.created,
            "flavor": self.predictor.flavor,
            "loader": self.predictor.loader,
            "signature": {
                "inputs": description.inputs,
                "outputs": description.outputs,
                "params": description.params,
            },
            "files": len(description.files),
            "size_bytes": _size(description.folder),
            "load_s": round(self.load_s, 3),
            "example": self.example is not None,
        }


def jsonable(predictions: Any) -> Any:
    """Predictions as MLflow writes them: arrays as lists, frames and series as a list of objects."""
    if hasattr(predictions, "to_dict") and hasattr(predictions, "iloc"):
        frame = predictions if hasattr(predictions, "columns") else predictions.to_frame()
        return frame.to_dict(orient="records")
    return predictions.tolist() if hasattr(predictions, "tolist") else predictions


def _dumps(document: dict[str, Any]) -> bytes:
    try:
        return codec.dumps(document)
    except (TypeError, ValueError) as error:
        raise ModelError("the model's predictions have no form in JSON") from error


def _size(folder: str) -> int:
    return sum(os.path.getsize(os.path.join(parent, name)) for parent, _, names in os.walk(folder) for name in names)
