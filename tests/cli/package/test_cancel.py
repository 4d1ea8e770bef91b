"""Ctrl-C is told to the work first, and ends it at once the second time."""

from __future__ import annotations

import signal

import pytest

from workbench.base.errors import StoreInterruptedError
from workbench.cli.package.cancel import cancellable
from workbench.packaging.engine import check_cancelled


def test_the_first_one_is_told_and_the_second_one_ends() -> None:
    with pytest.raises(KeyboardInterrupt), cancellable() as cancelled:
        signal.raise_signal(signal.SIGINT)
        assert cancelled.is_set()
        signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_work_that_gives_up_was_interrupted() -> None:
    with pytest.raises(KeyboardInterrupt), cancellable() as cancelled:
        signal.raise_signal(signal.SIGINT)
        check_cancelled(cancelled)


def test_work_that_is_done_anyway_is_done() -> None:
    with cancellable() as cancelled:
        signal.raise_signal(signal.SIGINT)
    assert cancelled.is_set()


def test_a_visit_that_was_given_up_for_another_reason_keeps_its_error() -> None:
    with pytest.raises(StoreInterruptedError), cancellable():
        raise StoreInterruptedError("another reason")
