"""Signals wait in the inbox, in the way of every platform."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

import pytest

from workbench.tracking.signals import SignalInbox

PROGRAM = """
import os, signal, subprocess, sys
from workbench.tracking.signals import SignalInbox
if {without}:
    del signal.sigtimedwait
before = signal.getsignal(signal.SIGTERM), signal.pthread_sigmask(signal.SIG_BLOCK, [])
with SignalInbox() as inbox:
    os.kill(os.getpid(), signal.SIGTERM)
    received = inbox.next(5)
    assert received.number == signal.SIGTERM and not received.from_terminal, received
    with inbox.spawning():
        child = subprocess.Popen(["sh", "-c", "kill -TERM $$; sleep 5"])
    while child.poll() is None:
        inbox.next(5)
    assert child.returncode == -signal.SIGTERM
    while inbox.next(0):
        pass
    os.kill(os.getpid(), signal.SIGHUP)
assert before == (signal.getsignal(signal.SIGTERM), signal.pthread_sigmask(signal.SIG_BLOCK, []))
print("alive")
"""


@pytest.mark.parametrize("without", [False, True], ids=["sigtimedwait", "handlers"])
def test_signals_wait_and_the_command_gets_its_own(without: bool) -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM.format(without=without)], capture_output=True, timeout=30)
    assert (done.stdout, done.stderr) == (b"alive\n", b"")


def test_outside_the_main_thread_there_are_no_signals() -> None:
    results: list[object] = []

    def work() -> None:
        with SignalInbox() as inbox, inbox.spawning():
            results.append(inbox.next(0))

    handler = signal.getsignal(signal.SIGTERM)
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert results == [None]
    assert signal.getsignal(signal.SIGTERM) is handler


def test_beside_other_threads_handlers_take_the_place_of_waiting() -> None:
    release = threading.Event()
    thread = threading.Thread(target=release.wait)
    thread.start()
    try:
        with SignalInbox() as inbox:
            os.kill(os.getpid(), signal.SIGUSR1)
            received = inbox.next(5)
            assert received is not None
            assert received.number == signal.SIGUSR1
    finally:
        release.set()
        thread.join()
