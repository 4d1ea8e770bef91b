"""The terminal app on a list of 2,000 runs beside W&B LEET on as many: first rows, and from a key to the screen."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from contextlib import ExitStack

from tests.benchmarks.app import LIST_VIEW, ROW, SETTLE_S, app_command, environment, keys_ms, not_measured
from tests.benchmarks.harness import Context, Row, interleaved, median_ratio
from tests.benchmarks.leet import ROW as LEET_ROW
from tests.benchmarks.leet import LeetPeer, find_leet
from tests.benchmarks.stores import fill_store, table_of_runs
from tests.benchmarks.terminal import Terminal, View, rows_and_cursor, unavailable

RUNS, PARAMS, METRICS, POINTS = 2_000, 5, 4, 30
MOVES, BACK = 20, 10
START_TIMES = 1.0
KEY_TIMES = 1.5


class Player:
    """Starts a program that lists runs, moves down the list and half of the way back, and quits; over and over.

    Attributes:
        keys_ms: how long each key took, of all times but the first, which warms the file cache.
        capture_ms: what a look at its screen takes.
    """

    def __init__(
        self, env: Mapping[str, str], command: Sequence[str], row: str, view: View, down: str, up: str
    ) -> None:
        self.terminal = Terminal(env=env)
        self.keys_ms: list[float] = []
        self.capture_ms = 0.0
        self._command, self._row, self._view = command, row, view
        self._keys = [down] * MOVES + [up] * BACK

    def play(self) -> float:
        """Milliseconds from the command to its first rows."""
        self.terminal.start(self._command)
        first_s, _ = self.terminal.wait_for_lines(self._row)
        self.terminal.settle(SETTLE_S)
        samples = keys_ms(self.terminal, self._keys, self._view)
        if self.capture_ms:
            self.keys_ms += samples
        self.capture_ms = self.terminal.capture_cost_ms()
        self.terminal.stop()
        return first_s * 1e3


def measure(context: Context) -> list[Row]:
    """Two rows."""
    if why := unavailable():
        return not_measured("the terminal app on a list of runs", why)
    runs = context.size(RUNS, 100)
    root = context.folder / "list"
    fill_store(root, table_of_runs(runs, PARAMS, METRICS, POINTS))
    env = environment(context.make_folder("list-home"))
    program = find_leet()
    first_rows = f"the terminal app on {runs:,} runs: command to first rows"
    moves = "the same: key to changed screen, median"
    with ExitStack() as stack:
        ours = Player(env, app_command(root), ROW, LIST_VIEW, "j", "k")
        stack.enter_context(ours.terminal)
        ours.play()
        if program is None:
            [ours_ms] = interleaved(context.repetitions, ours.play)
            return [_alone(first_rows, ours_ms, START_TIMES, ours), _alone(moves, ours.keys_ms, KEY_TIMES, ours)]
        leet = LeetPeer(program, context.make_folder("leet"), env)
        leet.make_runs(runs, PARAMS, METRICS, POINTS)
        theirs = Player(leet.env, leet.command, LEET_ROW, rows_and_cursor(LEET_ROW), "Down", "Up")
        stack.enter_context(theirs.terminal)

        def play_leet() -> float:
            leet.forget()
            return theirs.play()

        play_leet()
        ours_ms, theirs_ms = interleaved(context.repetitions, ours.play, play_leet)
    start_ratio = median_ratio(ours_ms, theirs_ms)
    key_ratio = statistics.median(ours.keys_ms) / statistics.median(theirs.keys_ms)
    costs = {"capture_ms": ours.capture_ms, "leet_capture_ms": theirs.capture_ms}
    return [
        _beside(first_rows, start_ratio, START_TIMES, ours_ms, theirs_ms, leet, costs),
        _beside(moves, key_ratio, KEY_TIMES, ours.keys_ms, theirs.keys_ms, leet, costs),
    ]


def _beside(
    promise: str, ratio: float, times: float, ours: Sequence[float], theirs: Sequence[float], leet: LeetPeer,
    costs: Mapping[str, float],
) -> Row:  # fmt: skip
    ours_ms, theirs_ms = statistics.median(ours), statistics.median(theirs)
    return Row(
        promise,
        f"{ratio:.2f}x ({ours_ms:.0f} ms)",
        f"≤ {times:g}x",
        f"wandb leet {leet.version}: {theirs_ms:.0f} ms",
        ratio <= times,
        {"ratio": ratio, "ours_ms": ours_ms, "leet_ms": theirs_ms, **costs},
    )


def _alone(promise: str, samples: Sequence[float], times: float, ours: Player) -> Row:
    """Without the peer nothing is promised: the row says that, and our figure."""
    ours_ms = statistics.median(samples)
    numbers = {"ours_ms": ours_ms, "capture_ms": ours.capture_ms}
    return Row(promise, f"{ours_ms:.0f} ms", f"≤ {times:g}x", "wandb leet: not installed", True, numbers)
