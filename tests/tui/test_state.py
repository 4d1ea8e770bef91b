"""What the app remembers, and what it does with a file that says something else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workbench.base.project import Project
from workbench.tui.state import MAX_SPLIT, MIN_SPLIT, VERSION, RunsView, State, load_state, save_state, state_path


def write(project: Project, text: str) -> None:
    """Put a text where the state is kept."""
    path = state_path(project)
    assert path is not None
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text)


def test_everything_is_as_it_was_after_saving_and_loading(project: Project) -> None:
    """A round trip keeps every field."""
    view = RunsView("metrics.auc > 0.9", "fraud", ["-metrics.auc"], ["name", "max(auc)"], ["lr"], True)
    state = State(view, {"best": view}, ["a" * 32], "nord", False, 70, 0.9, True, "time", ["x = 1"], {"": "38;2;1;2;3"})

    save_state(project, state)

    assert load_state(project) == state


def test_the_state_is_kept_outside_of_the_project(project: Project) -> None:
    """How a person looks at a project is no part of it."""
    save_state(project, State())

    path = state_path(project)

    assert path is not None
    assert not Path(path).is_relative_to(project.folder)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"version": 99}', '{"version": 1, "view": 3}', "\0"])
def test_a_file_that_says_nothing_is_the_same_as_none(project: Project, text: str) -> None:
    """A broken file never keeps the app from starting."""
    write(project, text)

    assert load_state(project) == State()


def test_values_of_another_type_and_out_of_range_are_left_out(project: Project) -> None:
    """Each field is looked at by itself."""
    wrong = {"version": VERSION, "theme": 3, "split_percent": 900, "smoothing": 7, "x_axis": "wall", "marks": [1]}
    write(project, json.dumps({**wrong, "view": {"where": "lr = 1", "sort": "x", "unknown": 1}, "detail": False}))

    state = load_state(project)

    assert state == State(view=RunsView("lr = 1"), detail=False, split_percent=MAX_SPLIT)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    known=st.dictionaries(
        st.sampled_from([*State().__dict__, "odd"]),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
            max_leaves=5,
        ),
    )
)
def test_no_file_makes_a_state_that_cannot_be_used(project: Project, known: dict[str, object]) -> None:
    """Whatever JSON is there, the state has the right types and can be saved again."""
    write(project, json.dumps({**known, "version": VERSION}))

    state = load_state(project)
    save_state(project, state)

    assert MIN_SPLIT <= state.split_percent <= MAX_SPLIT
    assert 0 <= state.smoothing < 1
    assert load_state(project) == state


def test_escape_codes_that_are_none_are_not_sent_to_the_terminal(project: Project) -> None:
    """The file may be anyone's; only colours reach the terminal from it."""
    write(project, json.dumps({"version": VERSION, "styles": {"": "38;2;0;0;0", "cursor": "0m\x1b]52;c;eA==\x07"}}))

    assert load_state(project).styles == {"": "38;2;0;0;0"}
