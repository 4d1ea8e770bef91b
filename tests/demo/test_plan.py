"""What the demo trains."""

from __future__ import annotations

import re
from pathlib import Path

from workbench.demo.plan import PLAN, Edit
from workbench.demo.samples import sample_dir

RUNS = [run for group in PLAN for run in group.runs]
SOURCE = (Path(sample_dir("classifier")) / "train.py").read_text()


def test_names_are_unique_and_need_no_quotes() -> None:
    names = [run.name for run in RUNS]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z0-9-]+", name) for name in names)


def test_train_py_knows_every_option() -> None:
    used = {word for run in RUNS for word in run.arguments("x") if word.startswith("--")}
    assert used <= set(re.findall(r'add_argument\("(--[a-z-]+)"', SOURCE))


def test_both_data_sets_and_every_model_are_trained_and_one_run_fails() -> None:
    assert {run.data for run in RUNS} == {"breast_cancer", "digits"}
    assert {run.model for run in RUNS} == {"linear", "mlp", "gbm"}
    assert [run.name for run in RUNS if run.fails] == ["digits-too-fast"]


def test_the_edited_line_is_in_train_py_once() -> None:
    edits = [group.edit for group in PLAN if group.edit]
    assert edits
    assert all(SOURCE.count(edit.before + "\n") == 1 for edit in edits)


def test_an_edit_changes_one_line_and_nothing_the_second_time(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1\ny = 1\n")
    edit = Edit("a.py", "x = 1", "x = 2")
    assert edit.apply(str(tmp_path))
    assert (tmp_path / "a.py").read_text() == "x = 2\ny = 1\n"
    assert not edit.apply(str(tmp_path))


def test_settings_are_short() -> None:
    assert next(run for run in RUNS if run.name == "digits-mlp").settings == "learning-rate 0.0003, hidden 256"
