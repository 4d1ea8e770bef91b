"""Trainings that go on in a thread of their own while the terminal shows something else."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

from workbench.demo.training import INTERVAL_S, Snapshot, Training


class BackgroundTraining:
    """Trains everything in a thread.

    Args:
        training: entered, in the main thread; nobody else asks it for snapshots.
    """

    def __init__(self, training: Training) -> None:
        self._training = training
        self._latest: Snapshot | None = None
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._train, name="workbench-demo", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    @property
    def running(self) -> bool:
        """Whether trainings are still to end."""
        return self._thread.is_alive()

    def snapshots(self, interval_s: float = INTERVAL_S) -> Iterator[Snapshot]:
        """The latest snapshot every `interval_s` until all trainings have ended, the last one when they have.

        Raises: as `Training.snapshots`.
        """
        while self.running:
            if self._latest is not None:
                yield self._latest
            time.sleep(interval_s)
        if self._error is not None:
            raise self._error
        if self._latest is not None:
            yield self._latest

    def _train(self) -> None:
        try:
            for snapshot in self._training.snapshots():
                self._latest = snapshot
        except BaseException as error:
            # Ctrl-C too: the main thread is to see it.
            self._error = error
