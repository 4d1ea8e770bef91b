"""How the demo looks."""

from __future__ import annotations

from tests.demo.test_results import view
from workbench.cli.demo_view import Events, live_lines, next_lines, result_lines
from workbench.demo.plan import PlannedRun
from workbench.demo.results import Command, Results
from workbench.demo.training import RunView, Snapshot
from workbench.output.cells import cell_width
from workbench.output.spans import plain

WAITING = RunView(PlannedRun("cancer-mlp", "breast_cancer", "mlp", 120, {"hidden": 64}), "cancer-mlp")
RUNNING = RunView(
    PlannedRun("digits-gbm", "digits", "gbm", 30),
    "digits-gbm",
    "running",
    "a" * 32,
    3,
    {"valid_loss": 0.5, "valid_auc": 0.91},
    [(1, 0.9), (2, 0.6), (3, 0.5)],
)


def test_a_line_shows_how_far_a_training_is() -> None:
    lines = [plain(line) for line in live_lines(Snapshot([RUNNING, WAITING], 12.3), 80)]
    assert [line.rstrip() for line in lines] == [
        "   run               status      epoch     loss     auc  loss by epoch",
        " ● digits-gbm        running      3/30   0.5000  0.9100  █▂▁",
        "   cancer-mlp        waiting",
        "   0 of 2 ended after 12s",
    ]


def test_the_table_fits_into_narrow_terminals() -> None:
    snapshot = Snapshot([RUNNING, WAITING], 1, ["changed train.py, not committed: BATCH_SIZE = 200 → BATCH_SIZE = 32"])
    for width in (65, 80, 200):
        assert all(cell_width(plain(line)) <= width for line in live_lines(snapshot, width))


def test_in_a_pipe_each_event_is_one_line() -> None:
    events = Events()
    started = RunView(WAITING.planned, "cancer-mlp", "starting")
    done = RunView(WAITING.planned, "cancer-mlp", "finished", "b" * 32, 120, {"valid_loss": 0.1, "valid_auc": 0.99})
    failed = RunView(RUNNING.planned, "digits-gbm", "failed", error="too hot")
    assert events.since_last(Snapshot([WAITING], 0)) == []
    assert events.since_last(Snapshot([started], 1)) == ["cancer-mlp: started, mlp on breast_cancer, hidden 64"]
    assert events.since_last(Snapshot([started], 1)) == []
    assert events.since_last(Snapshot([done, failed], 2, ["changed a.py"])) == [
        "changed a.py",
        "cancer-mlp: finished after 120 epochs, validation loss 0.1000, auc 0.9900",
        "digits-gbm: started, gbm on digits",
        "digits-gbm: failed: too hot",
    ]


def test_results_say_what_is_best_what_changed_and_what_failed() -> None:
    best, other, failed = view("fast", "gbm", 0.1), view("slow", "gbm", 0.2), view("bad", "mlp", 9.0, state="failed")
    best.values = {"test_accuracy": 0.98, "baseline_accuracy": 0.1}
    failed.error = "RuntimeError: " + "training diverged " * 8
    results = Results({"digits": [best]}, [best], None, (other, best), [failed], [], [])
    lines = [plain(line) for line in result_lines(results, 80)]
    assert "✓ fast is best on digits: 0.9800 of the test rows right, 0.1000 by guessing the" in lines
    assert "✓ fast repeats slow with changed code: validation loss 0.2000 → 0.1000" in lines
    assert any(line.startswith("✗ bad failed on purpose: RuntimeError: training diverged") for line in lines)
    assert any("valid_loss on digits" in line for line in lines)
    assert all(cell_width(line) <= 80 for line in lines)


def test_next_commands_can_be_pasted_with_their_comments() -> None:
    lines = [
        plain(line) for line in next_lines("cd demo", [Command(("sql", "SELECT 1"), "one"), Command(("ui",), "look")])
    ]
    assert lines == [
        "Try next:",
        "  cd demo",
        "  workbench sql 'SELECT 1'  # one",
        "  workbench ui              # look",
    ]
