"""Commands that look at one run or a few: show, compare, diff, metrics, plot, logs."""

from __future__ import annotations

import json

import pytest

from tests.cli.conftest import CRANE, ODD, OTTER, Lab
from tests.cli.harness import check_golden, process, workbench

PINNED = {
    "runs_show.json": ["show", OTTER, "--json"],
    "runs_show.txt": ["show", "brave-otter"],
    "runs_compare.json": ["compare", "brave-otter", "quiet-lynx", "--json"],
    "runs_compare_all.json": ["compare", "brave-otter", "quiet-lynx", "--all", "--json"],
    "runs_compare.txt": ["compare", "brave-otter", "quiet-lynx"],
    "runs_metrics.json": ["metrics", "quiet-lynx", "loss", "--json"],
    "runs_metrics.csv": ["metrics", "quiet-lynx", "--format", "csv"],
    "runs_metrics.md": ["metrics", "quiet-lynx", "loss", "--format", "md"],
    "runs_metrics.txt": ["metrics", "brave-otter"],
    "runs_plot.txt": ["plot", "brave-otter", "quiet-lynx", "-m", "auc", "--width", "60", "--height", "8"],
    "runs_plot.json": ["plot", "brave-otter", "-m", "auc", "--x", "time", "--json"],
    "runs_logs.txt": ["logs", "brave-otter"],
    "runs_logs.json": ["logs", "brave-otter", "--json"],
    "runs_diff_output.txt": ["diff", "brave-otter", "quiet-lynx", "--output"],
    "runs_artifacts.json": ["artifacts", "brave-otter", "--json"],
    "runs_artifacts.txt": ["artifacts", "brave-otter"],
}


@pytest.mark.parametrize("name", PINNED)
def test_the_bytes_are_pinned(lab: Lab, name: str) -> None:
    outcome = workbench("runs", *PINNED[name])
    assert (outcome.status, outcome.stderr) == (0, "")
    check_golden(name, outcome.stdout)


@pytest.mark.parametrize("reference", [OTTER, OTTER[:4], OTTER[:9].upper(), "brave-otter", "@latest~4"])
def test_a_run_has_many_names(lab: Lab, reference: str) -> None:
    assert json.loads(workbench("runs", "show", reference, "--json").stdout)["run_id"] == OTTER


def test_an_odd_name_finds_its_run_and_stays_on_one_line(lab: Lab) -> None:
    assert json.loads(workbench("runs", "show", 'odd [bold]"name"\n🦊', "--json").stdout)["run_id"] == ODD
    assert 'odd [bold]"name"\\n🦊' in workbench("runs", "show", ODD).stdout.splitlines()[0]


@pytest.mark.parametrize("words", [["show", "nobody"], ["logs", "nobody"], ["star", "nobody"], ["plot", "nobody"]])
def test_an_unknown_run_is_not_found(lab: Lab, words: list[str]) -> None:
    outcome = workbench("runs", *words)
    assert (outcome.status, outcome.stdout) == (3, "")
    assert outcome.stderr.startswith("error: no run has the id or name nobody\n")


def test_a_prefix_of_several_runs_is_ambiguous(lab: Lab) -> None:
    from tests.cli.harness import write_run

    write_run(lab.project, OTTER[:-1] + "0", name="brave-otter", clock=lab.clock)
    for reference in ("aaaa", "brave-otter"):
        outcome = workbench("runs", "show", reference)
        assert outcome.status == 2
        assert outcome.stderr.startswith(f"error: {reference} names 2 runs:")
        assert "hint: use an id" in outcome.stderr


def test_an_unknown_metric_names_the_nearest(lab: Lab) -> None:
    for words in (["metrics", OTTER, "los"], ["plot", OTTER, "-m", "los"]):
        outcome = workbench("runs", *words)
        assert outcome.status == 3
        assert outcome.stderr.endswith("hint: did you mean loss?\n")


def test_a_plot_in_a_terminal_is_as_wide_as_it(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "44")
    outcome = workbench(
        "runs", "plot", OTTER, "-m", "loss", "--log-y", "--smooth", "0.5", "--height", "6", terminal=True
    )
    lines = outcome.stdout.splitlines()
    assert len(lines) == 6
    assert {len(line) for line in lines} == {44}


def test_a_plot_without_metrics_draws_the_first_ones(lab: Lab) -> None:
    outcome = workbench("runs", "plot", OTTER, "--height", "5")
    assert "auc" in outcome.stdout
    assert "loss" in outcome.stdout
    assert "system/cpu" not in outcome.stdout
    assert "no metrics" in workbench("runs", "plot", CRANE).stderr


@pytest.mark.parametrize("words", [["--smooth", "1"], ["--width", "3"], ["--height", "1"]])
def test_a_plot_that_cannot_be_drawn_is_refused(lab: Lab, words: list[str]) -> None:
    assert workbench("runs", "plot", OTTER, *words).status == 2


def test_a_comparison_needs_two_runs(lab: Lab) -> None:
    assert workbench("runs", "compare", OTTER).status == 2


def test_the_pinned_run_is_the_baseline(lab: Lab) -> None:
    assert workbench("runs", "pin", "quiet-lynx").status == 0
    compared = json.loads(workbench("runs", "compare", "brave-otter", "quiet-lynx", "--json").stdout)
    assert compared["baseline"] == "b" * 32


def test_one_question_at_a_time(lab: Lab) -> None:
    assert workbench("runs", "diff", OTTER, "quiet-lynx", "--env", "--output").status == 2


def test_a_diff_says_when_nothing_is_known(lab: Lab) -> None:
    for option in ("--env", "--code"):
        outcome = workbench("runs", "diff", OTTER, "quiet-lynx", option)
        assert outcome.status == 0
        assert outcome.stderr


def test_logs_of_one_stream_and_the_last_lines(lab: Lab) -> None:
    assert workbench("runs", "logs", OTTER, "--stream", "stderr").stdout == "a warning\n"
    assert workbench("runs", "logs", OTTER, "-n", "1").stdout == "epoch 1\n"
    assert workbench("runs", "logs", CRANE).stderr == "the run wrote nothing\n"


def test_a_plot_for_a_terminal_without_utf8_is_ascii(lab: Lab) -> None:
    done = process("runs", "plot", "brave-otter", "-m", "loss", environment={"PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0 and done.stdout.isascii() and "\\u" not in done.stdout


def test_a_metric_that_is_not_utf8_is_not_found(lab: Lab) -> None:
    outcome = workbench("runs", "metrics", "brave-otter", "\udcff")
    assert (outcome.status, outcome.stderr.splitlines()[0]) == (3, "error: run aaaaaaaa has no metric \\udcff")
