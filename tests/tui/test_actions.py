"""The registry of actions: one truth for keys, footer, palette, help and docs."""

from __future__ import annotations

from collections import Counter

import pytest

from workbench.tui.actions import ACTIONS, SCOPES, actions_of, bindings
from workbench.tui.app import WorkbenchApp
from workbench.tui.dialogs.base import Dialog
from workbench.tui.screens.base import filled_twin
from workbench.tui.screens.build import BuildScreen
from workbench.tui.screens.charts import ChartsScreen
from workbench.tui.screens.compare import CompareScreen
from workbench.tui.screens.data_edits import DataEdits
from workbench.tui.screens.dataset_version import DatasetVersionScreen
from workbench.tui.screens.datasets import DatasetsScreen
from workbench.tui.screens.diff import DiffScreen
from workbench.tui.screens.drift import DriftScreen
from workbench.tui.screens.drift_edits import DriftEdits
from workbench.tui.screens.image_edits import ImageEdits
from workbench.tui.screens.images import ImagesScreen
from workbench.tui.screens.models import ModelsScreen
from workbench.tui.screens.run import RunScreen
from workbench.tui.screens.runs import RunsScreen
from workbench.tui.screens.version import VersionScreen
from workbench.tui.screens.version_edits import VersionEdits
from workbench.tui.widgets.line_view import LineView
from workbench.tui.widgets.pane import PaneView
from workbench.tui.widgets.virtual_table import VirtualTable

OWNERS: dict[str, tuple[type, ...]] = {
    "app": (WorkbenchApp,),
    "runs": (RunsScreen,),
    "run": (RunScreen,),
    "charts": (ChartsScreen,),
    "compare": (CompareScreen,),
    "diff": (DiffScreen,),
    "models": (ModelsScreen,),
    "version_pages": (VersionScreen,),
    "version": (VersionEdits,),
    "images": (ImagesScreen,),
    "image": (ImageEdits,),
    "deployment": (ImageEdits,),
    "build": (BuildScreen,),
    "datasets": (DatasetsScreen,),
    "data_pages": (DatasetVersionScreen,),
    "data": (DataEdits,),
    "drift": (DriftScreen,),
    "monitor": (DriftEdits,),
    "table": (VirtualTable,),
    "pane": (LineView, PaneView),
    "dialog": (Dialog,),
}
# Keys that mean another key to terminals, stop them, or belong to tmux, screen and the shell.
FORBIDDEN_KEYS = {"ctrl+m", "ctrl+i", "ctrl+h", "ctrl+j", "ctrl+s", "ctrl+z", "ctrl+a", "ctrl+left_square_bracket"}
TOGETHER = [("runs", "table", "app"), ("run", "pane", "app"), ("charts", "app"),
            ("compare", "app"), ("diff", "app"), ("models", "version", "table", "app"),
            ("version_pages", "version", "pane", "app"), ("images", "image", "deployment", "table", "app"),
            ("image", "deployment", "pane", "app"), ("build", "pane", "app"),
            ("datasets", "data", "table", "app"), ("datasets", "data", "pane", "app"),
            ("data_pages", "data", "table", "app"), ("data_pages", "data", "pane", "app"),
            ("drift", "monitor", "table", "app"), ("drift", "monitor", "pane", "app")]  # fmt: skip


def test_every_action_has_its_own_id_and_a_scope_with_a_title() -> None:
    """Ids are what people put into keymaps."""
    assert max(Counter(action.id for action in ACTIONS).values()) == 1
    assert {action.scope for action in ACTIONS} <= set(SCOPES)


@pytest.mark.parametrize("scope", list(OWNERS))
def test_every_action_has_a_method(scope: str) -> None:
    """A key that does nothing is worse than none."""
    missing = [
        action.id
        for action in actions_of(scope)
        if not any(hasattr(owner, f"action_{action.name}") for owner in OWNERS[scope])
    ]

    assert missing == []


@pytest.mark.parametrize("scopes", TOGETHER, ids=" ".join)
def test_no_key_means_two_things_in_scopes_that_work_together(scopes: tuple[str, ...]) -> None:
    """The same key may only have the same name of an action, which the nearer scope then does."""
    names: dict[str, set[str]] = {}
    for action in actions_of(*scopes):
        for key in action.keys:
            names.setdefault(key, set()).add(action.name)

    assert {key: found for key, found in names.items() if len(found) > 1} == {}


def test_no_action_takes_a_key_that_terminals_or_multiplexers_use() -> None:
    """Such keys arrive as others, or not at all."""
    assert [(a.id, key) for a in ACTIONS for key in a.keys if key in FORBIDDEN_KEYS] == []


def test_bindings_carry_the_ids_of_actions() -> None:
    """Textual's keymaps name them."""
    assert [binding.id for binding in bindings("runs") if not isinstance(binding, tuple)] == [
        action.id for action in actions_of("runs")
    ]


@pytest.mark.parametrize(
    ("twin", "expected"),
    [
        ("", ""),
        ("runs show {run}", "workbench runs show abcd1234"),
        ("runs compare {runs}", "workbench runs compare abcd1234 'b c'"),
        ("runs list -w {filter}", "workbench runs list -w 'lr > 1'"),
        ("runs diff {baseline} {run}", "workbench runs diff BASELINE abcd1234"),
    ],
)
def test_twins_are_filled_in_and_quoted(twin: str, expected: str) -> None:
    """What is not known stays a word in capitals."""
    words = {"run": "abcd1234", "runs": ["abcd1234", "b c"], "filter": "lr > 1"}

    assert filled_twin(twin, words) == expected
