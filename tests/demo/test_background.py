"""Trainings behind the terminal app."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import cast

import pytest

from workbench.demo.background import BackgroundTraining
from workbench.demo.training import Snapshot, Training

DEADLINE_S = 10.0


class Steps:
    """A training that goes on when the test lets it.

    Args:
        error: what ends it, or None.
    """

    def __init__(self, error: BaseException | None = None) -> None:
        self.go_on = threading.Event()
        self.taken = threading.Event()
        self._error = error

    def snapshots(self) -> Iterator[Snapshot]:
        """One at once, one when it may go on."""
        yield Snapshot([], 1.0)
        self.taken.set()
        assert self.go_on.wait(DEADLINE_S)
        if self._error is not None:
            raise self._error
        yield Snapshot([], 2.0)


def test_trainings_go_on_while_nobody_looks() -> None:
    """Whoever looks later sees the state of then, and the end."""
    steps = Steps()
    background = BackgroundTraining(cast(Training, steps))
    background.start()
    assert steps.taken.wait(DEADLINE_S)

    seen = background.snapshots(interval_s=0.001)

    assert next(seen).elapsed_s == 1.0
    assert background.running
    steps.go_on.set()
    assert list(seen)[-1].elapsed_s == 2.0
    assert not background.running


@pytest.mark.parametrize("error", [KeyboardInterrupt(), OSError("disk")])
def test_what_ends_the_trainings_is_raised_where_they_are_watched(error: BaseException) -> None:
    """Ctrl-C in the thread is Ctrl-C for the command."""
    steps = Steps(error)
    background = BackgroundTraining(cast(Training, steps))
    background.start()
    steps.go_on.set()

    with pytest.raises(type(error)):
        list(background.snapshots(interval_s=0.001))
