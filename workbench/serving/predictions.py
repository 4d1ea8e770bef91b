"""The prediction log: what was asked and answered, for drift and for labels that come later. Never in a request's way.

A request leaves its rows in a bounded queue; one thread writes them as JSON lines. What does not fit is dropped and
counted. One line is one row:

    {"v":1,"ts":"…Z","rid":"…","row":0,"model":"iris","version":"3","digest":"sha256:…","ms":0.52,"status":200,
     "w":1.0,"x":{"sl":5.1,…},"y":0}

A refused request is one line with `status` and `fields`, the paths that were wrong, without values.
"""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Sequence
from datetime import datetime, timezone
from hashlib import blake2b
from typing import Any, NamedTuple

from . import codec
from .batch import Batch
from .description import Description
from .files import LineFiles, folder_size
from .logs import log
from .metrics import Metrics
from .redaction import Redaction
from .settings import Settings
from .sketch import FILE_NAME, Sketch

FLUSH_S = 0.05
MEASURE_S = 10.0
"""How often the folder is measured against its limit; other workers write into it as well."""


class Entry(NamedTuple):
    """One request, as it waits to be written.

    Attributes:
        time_s: when it was answered, seconds since the epoch.
        request_id: of the request.
        status: of HTTP.
        duration_s: that it took.
        batch: what was asked; None for a refused request.
        predictions: what was answered.
        fields: paths that were wrong.
    """

    time_s: float
    request_id: str
    status: int
    duration_s: float
    batch: Batch | None
    predictions: Any
    fields: Sequence[str]

    @property
    def lines(self) -> int:
        """Lines that it becomes."""
        return 1 if self.batch is None or self.batch.rows is None else len(self.batch.rows)


class PredictionLog:
    """The log of one process; started after the fork that makes it."""

    def __init__(
        self,
        description: Description,
        settings: Settings,
        metrics: Metrics,
        classes: list[Any] | None = None,
    ) -> None:
        """Prepare the log; nothing is opened before the first row.

        Args:
            classes: of a classifier that answers with a score for each.
        """
        name = "".join(letter if letter.isalnum() or letter in "-_." else "_" for letter in description.model)
        self._complained = -60.0
        self._folder = os.path.join(settings.log_dir, name.lstrip(".") or "model", f"v{description.version}")
        self._settings = settings
        self._metrics = metrics
        self._classes = classes
        self._redaction = Redaction(settings.redact, settings.redact_key)
        self._fixed = {
            "model": description.model,
            "version": description.version,
            "digest": description.digest,
            **({"deploy": settings.deployment} if settings.deployment else {}),
            **({"slot": settings.slot} if settings.slot else {}),
        }
        rotation = (settings.instance, settings.log_rotate_bytes, settings.log_rotate_s)
        self._rows = LineFiles(self._folder, "pred", *rotation)
        self._sketches = LineFiles(self._folder, "sketch", *rotation)
        self._sketch = self._read_sketch(description)
        self._hour = ""
        self._queue: deque[Entry] = deque()
        self._offered = 0
        self._taken = 0
        self._used_bytes = 0
        self._measured = -MEASURE_S
        self._wake = threading.Event()
        self._stopping = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to write; after the fork, which ends every thread that was made before it."""
        self._thread = threading.Thread(target=self._run, name="prediction-log", daemon=True)
        self._thread.start()

    def offer(self, entry: Entry) -> None:
        """Leave one request to be written; called from one thread, returns at once."""
        lines = entry.lines
        if self._offered - self._taken + lines > self._settings.log_queue_rows or self._stopping:
            self._metrics.add("prediction_log_dropped_total", lines)
            return
        self._offered += lines
        self._queue.append(entry)

    def close(self, timeout_s: float = 5.0) -> None:
        """Write what waits, and give the files their final names."""
        self._stopping = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join(timeout_s)

    def _run(self) -> None:
        while True:
            stopping = self._wake.wait(FLUSH_S)
            try:
                self._flush()
            except Exception as error:  # a value that nobody thought of must not end the log
                self._metrics.add("prediction_log_errors_total")
                self._complain("a row cannot be logged", error=type(error).__name__)
            if stopping and not self._queue:
                break
        self._guard(self._write_sketch)
        for files in (self._rows, self._sketches):
            self._guard(files.close)

    def _flush(self) -> None:
        """Write what waits now."""
        lines: list[bytes] = []
        for _ in range(len(self._queue)):
            entry = self._queue.popleft()
            self._taken += entry.lines
            self._count(entry)
            if self._settings.log_mode == "rows" and self._is_sampled(entry.request_id):
                lines += self._lines(entry)
        if lines:
            self._write(lines)
        self._guard(self._rows.rotate)

    def _is_sampled(self, request_id: str) -> bool:
        """Whether a request is in the sample; the same answer everywhere for the same id."""
        if self._settings.log_sample >= 1:
            return True
        place = int.from_bytes(blake2b(request_id.encode("utf-8", "replace"), digest_size=8).digest(), "big")
        return place < self._settings.log_sample * 2**64

    def _lines(self, entry: Entry) -> list[bytes]:
        head = {
            "v": 1,
            "ts": _text(entry.time_s),
            "rid": entry.request_id,
            "row": None,
            **self._fixed,
            "ms": round(entry.duration_s * 1000, 3),
            "status": entry.status,
            "w": 1 / self._settings.log_sample,
        }
        batch = entry.batch
        if batch is None:
            return [codec.dumps({**head, "fields": list(entry.fields)}) + b"\n"]
        if batch.rows is None:
            return [codec.dumps({**head, "rows": batch.count}) + b"\n"]
        found = []
        answers = self._answers(entry)
        for number, (row, answer) in enumerate(zip(batch.rows, answers, strict=True)):
            line = {
                **head,
                "row": number,
                "x": self._redaction.apply(dict(zip(batch.names, row, strict=True))),
                "y": answer,
            }
            if self._classes is not None and isinstance(answer, list) and len(answer) == len(self._classes):
                line["y"], line["score"] = self._classes[answer.index(max(answer))], answer
            found.append(codec.dumps(line) + b"\n")
        return found

    def _answers(self, entry: Entry) -> Sequence[Any]:
        """One prediction for each row; None for each where the model does not answer by rows."""
        count = len(entry.batch.rows or ()) if entry.batch else 0
        answers = entry.predictions
        return answers if isinstance(answers, list) and len(answers) == count else [None] * count

    def _write(self, lines: list[bytes]) -> None:
        data = b"".join(lines)
        now = time.monotonic()
        if now - self._measured >= MEASURE_S:
            self._measured, self._used_bytes = now, folder_size(self._folder)
        if self._used_bytes + len(data) > self._settings.log_max_bytes:
            self._metrics.add("prediction_log_dropped_total", len(lines))
            self._complain("the prediction log is full", limit_bytes=self._settings.log_max_bytes)
        elif self._guard(self._rows.write, data):
            self._used_bytes += len(data)
            self._metrics.add("prediction_log_rows_total", len(lines))
            self._metrics.add("prediction_log_bytes_total", len(data))
        else:
            self._metrics.add("prediction_log_dropped_total", len(lines))

    def _count(self, entry: Entry) -> None:
        """Add a request to the sketch of its hour, and write the one of the hour before."""
        if self._sketch is None:
            return
        hour = _text(entry.time_s)[:13] + ":00:00Z"
        if hour != self._hour:
            self._guard(self._write_sketch)
            self._hour = hour
        self._sketch.status(entry.status)
        if entry.batch is not None and entry.batch.rows is not None:
            self._sketch.add(entry.batch.names, entry.batch.rows, self._answers(entry))

    def _write_sketch(self) -> None:
        if self._sketch is None or not self._hour or not self._sketch.statuses:
            return
        line = {"v": 1, "kind": "sketch", "hour": self._hour, **self._fixed, **self._sketch.document()}
        self._sketch.reset()
        self._sketches.write(codec.dumps(line) + b"\n")

    def _read_sketch(self, description: Description) -> Sketch | None:
        try:
            return Sketch.read(os.path.join(description.folder, FILE_NAME))
        except (OSError, ValueError, TypeError, AttributeError) as error:
            self._complain(f"{FILE_NAME} cannot be read", error=type(error).__name__)
            return None

    def _guard(self, action: Any, *arguments: Any) -> bool:
        """Do something with files, and whether it succeeded; serving goes on without the log."""
        try:
            action(*arguments)
        except OSError as error:
            self._metrics.add("prediction_log_errors_total")
            self._complain("the prediction log cannot be written", error=type(error).__name__, errno=error.errno)
            return False
        return True

    def _complain(self, event: str, **fields: Any) -> None:
        """Say it at most once a minute."""
        if time.monotonic() - self._complained >= 60:
            self._complained = time.monotonic()
            log("warning", event, **fields)


def _text(time_s: float) -> str:
    return datetime.fromtimestamp(time_s, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
