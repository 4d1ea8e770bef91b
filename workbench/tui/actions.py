"""Every action of the app, once: bindings, footer, palette, help and docs/keys.md are made from this list.

An action belongs to a scope: the app, a screen, or a kind of widget. A class takes the bindings of
its scope (`BINDINGS = bindings("runs")`) and has a method `action_<name>` for each. What a person would
type in a shell for the same is its twin, written as words to be filled in by the screen.
"""

from __future__ import annotations

from collections.abc import Iterator

from textual.binding import Binding, BindingType

from workbench.tui.action import Action, shown_key
from workbench.tui.action import action as _action
from workbench.tui.data_actions import DATA_ACTIONS
from workbench.tui.widget_actions import WIDGET_ACTIONS

__all__ = ["ACTIONS", "SCOPES", "Action", "actions_of", "bindings", "shown_key"]


SCOPES = {
    "app": "Everywhere",
    "runs": "Runs",
    "run": "One run",
    "charts": "Charts",
    "compare": "Compare",
    "diff": "Differences",
    "models": "Models",
    "version_pages": "One version",
    "version": "On a version of a model",
    "images": "Images",
    "image": "On an image",
    "deployment": "On what runs",
    "build": "Building an image",
    "datasets": "Data",
    "data_pages": "One version of a dataset",
    "data": "On a version of a dataset",
    "drift": "Drift",
    "monitor": "On a monitor",
    "table": "In a table",
    "pane": "In a pane",
    "dialog": "In a dialog",
    "confirm": "When asked yes or no",
    "prompt": "When asked for a text",
    "choose": "When asked to choose",
    "columns": "Choosing columns",
    "export": "Writing to a file",
    "note_editor": "Writing a note",
    "viewer": "Reading a text",
    "filter": "In the filter",
}
"""Scopes with their titles, in the order of docs/keys.md."""


ACTIONS: tuple[Action, ...] = (
    # everywhere
    _action("app", "help", "question_mark f1", "Show the keys that work here", hint="help"),
    _action("app", "command_palette", "ctrl+p", "Find an action, a run or a model by name"),
    _action("app", "show_runs", "1", "Go to the runs", twin="runs list"),
    _action("app", "show_compare", "2", "Go to the comparison of the marked runs", twin="runs compare {runs}"),
    _action("app", "show_models", "3", "Go to the models", twin="models list"),
    _action("app", "show_images", "4", "Go to the images and to what runs", twin="package list"),
    _action("app", "show_data", "5", "Go to the datasets", twin="data list"),
    _action("app", "show_drift", "6", "Go to the monitors and drift checks", twin="monitor list"),
    _action("app", "back", "escape", "Go back one step: a filter, a selection, a screen", quiet=True),
    _action("app", "refresh", "r", "Read the store again", twin="store ingest"),
    _action("app", "pause", "P", "Stop or go on showing what arrives"),
    _action("app", "theme", "T", "Choose the colours"),
    _action("app", "quit", "q ctrl+q", "Leave", hint="quit"),
    # runs
    _action("runs", "open", "enter", "Open the run", hint="open", twin="runs show {run}"),
    _action("runs", "mark", "space", "Mark the run, or unmark it", hint="mark"),
    _action("runs", "mark_range", "v", "Mark all from the last marked run to here"),
    _action("runs", "mark_all", "a", "Mark all runs that fit the filter, or none"),
    _action("runs", "next_mark", "n", "Go to the next marked run", quiet=True),
    _action("runs", "previous_mark", "N", "Go to the previous marked run", quiet=True),
    _action("runs", "compare", "c", "Compare the marked runs", hint="compare", twin="runs compare {runs}"),
    _action("runs", "charts", "m", "Draw the metrics of the marked runs", hint="charts", twin="runs plot {runs}"),
    _action("runs", "filter", "slash", "Filter the runs", hint="filter", twin="runs list -w {filter}"),
    _action("runs", "experiment", "x", "Choose an experiment", twin="runs list -e {experiment}"),
    _action("runs", "sort", "s", "Sort by the column of the cursor", hint="sort", twin="runs list -s {column}"),
    _action("runs", "columns", "C", "Choose the columns", hint="columns", twin="runs list -c {column}"),
    _action("runs", "hide_column", "H", "Hide the column of the cursor"),
    _action("runs", "views", "V", "Go to a saved view, or save this one"),
    _action("runs", "trash", "X", "Show the trash, or the runs again", twin="runs list --deleted"),
    _action("runs", "pin", "p", "Make the run the baseline, or no longer", twin="runs pin {run}", writes=True),
    _action("runs", "star", "asterisk", "Star the runs, or take the star away", twin="runs star {runs}", writes=True),
    _action("runs", "tag", "t", "Tag the runs", twin="runs tag {runs} KEY=VALUE", writes=True),
    _action("runs", "note", "E", "Write the run's note in $EDITOR", twin="runs note {run} TEXT", writes=True),
    _action("runs", "rename", "R", "Give the run another name", writes=True),
    _action(
        "runs", "move", "M", "Move the runs to another experiment", twin="runs move {runs} EXPERIMENT", writes=True
    ),
    _action(
        "runs", "delete", "d", "Put the runs in the trash, or take them out", twin="runs delete {runs}", writes=True
    ),
    _action("runs", "undo", "u", "Take the last change back", writes=True),
    _action("runs", "register", "plus", "Register the run's model", twin="models register {run} NAME", writes=True),
    _action("runs", "versions", "w", "Go to the versions made of the run", twin="models list"),
    _action("runs", "output", "L", "Read the run's output in $PAGER", twin="runs logs {run}"),
    _action("runs", "copy_cell", "y", "Copy the cell"),
    _action("runs", "copy_row", "Y", "Copy the run as JSON", twin="runs show {run} --json"),
    _action("runs", "export", "e", "Write this table to a file", twin="runs list {view} --format csv -o FILE"),
    _action("runs", "toggle_detail", "right_square_bracket", "Show or hide the run beside the table"),
    _action("runs", "wider", "greater_than_sign", "Give the table more room", quiet=True),
    _action("runs", "narrower", "less_than_sign", "Give the table less room", quiet=True),
    _action("runs", "reset_layout", "0", "Lay the screen out as at first"),
    # one run
    _action("run", "charts", "m", "Draw its metrics", hint="charts", twin="runs plot {run}"),
    _action(
        "run",
        "compare_baseline",
        "c",
        "Compare it with the baseline",
        hint="compare",
        twin="runs compare {baseline} {run}",
    ),
    _action("run", "next_run", "J", "Go to the next run of the table", hint="next run"),
    _action("run", "previous_run", "K", "Go to the previous run of the table"),
    _action("run", "note", "E", "Write its note in $EDITOR", twin="runs note {run} TEXT", writes=True),
    _action(
        "run", "register", "plus", "Register its model", hint="register", twin="models register {run} NAME", writes=True
    ),
    _action("run", "versions", "w", "Go to the versions made of it", twin="models list"),
    _action("run", "output", "L", "Read its output in $PAGER", twin="runs logs {run}"),
    _action("run", "save_artifact", "o", "Save the artifact under the cursor", twin="runs artifacts {run} PATH -o DIR"),
    _action("run", "copy_row", "Y", "Copy it as JSON", twin="runs show {run} --json"),
    # charts
    _action("charts", "next_page", "n pagedown", "Go to the next metrics", hint="next"),
    _action("charts", "previous_page", "N pageup", "Go to the metrics before"),
    _action("charts", "next_chart", "j down", "Go to the next chart", quiet=True),
    _action("charts", "previous_chart", "k up", "Go to the chart before", quiet=True),
    _action("charts", "zoom", "z enter", "Show one chart alone, or all again", hint="enlarge"),
    _action("charts", "find", "slash", "Find metrics by name", hint="find"),
    _action(
        "charts",
        "smooth",
        "s",
        "Smooth more, or not at all",
        hint="smooth",
        twin="runs plot {runs} -m {metric} --smooth {smoothing}",
    ),
    _action(
        "charts",
        "log_y",
        "g",
        "Show values on a logarithmic scale, or a linear one",
        hint="log-y",
        twin="runs plot {runs} -m {metric} --log-y",
    ),
    _action(
        "charts",
        "x_axis",
        "x",
        "Draw over steps, or over time",
        hint="step/time",
        twin="runs plot {runs} -m {metric} --x {axis}",
    ),
    _action("charts", "zoom_in", "plus equals_sign", "Show less of the x axis, around the crosshair"),
    _action("charts", "zoom_out", "minus", "Show more of the x axis"),
    _action("charts", "left", "h left", "Move the crosshair to the left", quiet=True),
    _action("charts", "right", "l right", "Move the crosshair to the right", quiet=True),
    _action("charts", "far_left", "H shift+left", "Move the crosshair far to the left", quiet=True),
    _action("charts", "far_right", "L shift+right", "Move the crosshair far to the right", quiet=True),
    _action("charts", "reset", "0", "Show the whole x axis without a crosshair"),
    _action("charts", "copy_values", "y", "Copy the values at the crosshair"),
    _action(
        "charts", "export", "e", "Write the points to a file", twin="runs metrics {run} {metric} --format csv -o FILE"
    ),
    # compare
    _action(
        "compare",
        "all",
        "a",
        "Show also what is equal, or only what differs",
        hint="all",
        twin="runs compare {runs} --all",
    ),
    _action("compare", "next_metric", "n", "Draw the next metric", hint="next metric"),
    _action("compare", "previous_metric", "N", "Draw the metric before"),
    _action(
        "compare",
        "diff",
        "d",
        "Show what changed in code and environment",
        hint="diff",
        twin="runs diff {baseline} {run}",
    ),
    _action("compare", "next_run", "l right", "Go to the next run", quiet=True),
    _action("compare", "previous_run", "h left", "Go to the run before", quiet=True),
    _action("compare", "pin", "p", "Make the run the baseline", hint="baseline", twin="runs pin {run}", writes=True),
    _action("compare", "unmark", "space", "Leave the run out", hint="leave out"),
    _action("compare", "charts", "m", "Draw all metrics", hint="charts", twin="runs plot {runs}"),
    _action("compare", "open", "enter", "Open the run", hint="open", twin="runs show {run}"),
    _action("compare", "log_y", "L", "Show values on a logarithmic scale, or a linear one"),
    _action("compare", "x_axis", "x", "Draw over steps, or over time"),
    _action("compare", "smooth", "s", "Smooth more, or not at all"),
    _action("compare", "copy", "Y", "Copy the comparison as JSON", twin="runs compare {runs} --json"),
    _action("compare", "export", "e", "Write the comparison to a file", twin="runs compare {runs} --json"),
    # differences
    _action(
        "diff",
        "next_kind",
        "n tab",
        "Go on: code, environment, output",
        hint="code/env/output",
        twin="runs diff {baseline} {run} --{kind}",
    ),
    _action("diff", "previous_kind", "N shift+tab", "Go back: code, environment, output"),
    _action("diff", "next_hunk", "J", "Go to the next change"),
    _action("diff", "previous_hunk", "K", "Go to the change before"),
    _action("diff", "copy", "Y", "Copy the difference", hint="copy"),
    # models
    _action(
        "models",
        "open",
        "enter",
        "Go to the versions, or open the one there",
        hint="open",
        twin="models show {version}",
    ),
    _action("models", "filter", "slash", "Find models by a part of their name", hint="find", twin="models list"),
    _action("models", "mark", "space", "Mark the version, or unmark it", hint="mark"),
    _action("models", "compare", "c", "Compare two versions", hint="compare", twin="models compare {versions}"),
    _action("version_pages", "next_version", "J", "Go to the next older version", hint="older"),
    _action("version_pages", "previous_version", "K", "Go to the next newer version"),
    _action(
        "version",
        "approve",
        "a",
        "Approve it",
        hint="approve",
        twin="models approve {version} --reason TEXT",
        writes=True,
    ),
    _action(
        "version", "reject", "x", "Reject it", hint="reject", twin="models reject {version} --reason TEXT", writes=True
    ),
    _action(
        "version", "request", "A", "Ask for its approval", twin="models request {version} --reason TEXT", writes=True
    ),
    _action(
        "version", "alias", "M", "Move an alias to it", hint="alias", twin="models alias {version} ALIAS", writes=True
    ),
    _action(
        "version", "unalias", "minus", "Take an alias away from it", twin="models unalias {model}@ALIAS", writes=True
    ),
    _action(
        "version",
        "rollback",
        "B",
        "Move an alias back to the version before",
        twin="models rollback {model} --reason TEXT",
        writes=True,
    ),
    _action("version", "card", "E", "Write its card in $EDITOR", twin="models card {version} --edit", writes=True),
    _action("version", "describe", "D", "Describe it in a sentence", writes=True),
    _action("version", "tag", "t", "Tag it", writes=True),
    _action("version", "undo", "u", "Take the last change back", writes=True),
    _action("version", "package", "b", "Build an image of it", twin="package build {version}", writes=True),
    _action("version", "run", "o", "Go to the run that made it", hint="run", twin="runs show {run}"),
    _action("version", "copy", "Y", "Copy it as JSON", twin="models show {version} --json"),
    # images
    _action(
        "images", "open", "enter", "Open the image, or the one that runs", hint="open", twin="package inspect {image}"
    ),
    _action("images", "filter", "slash", "Find images by a part of their name", hint="find", twin="package list"),
    _action("images", "show_building", "v", "Go to the build that was begun last"),
    _action("image", "run_image", "R", "Run it under a name", hint="run", twin="package run {image}", writes=True),
    _action("image", "package", "b", "Build it again", hint="build", twin="package build {version}", writes=True),
    _action("image", "smoke", "t", "Test it again", twin="package smoke {image}", writes=True),
    _action("image", "bill", "s", "Read its bill of materials", twin="package inspect {image} --sbom"),
    _action("image", "version", "o", "Go to the version it was built of", twin="models show {version}"),
    _action("image", "copy", "Y", "Copy it as JSON", twin="package inspect {image} --json"),
    _action("deployment", "stop", "x", "Stop it", hint="stop", twin="package stop {deployment}", writes=True),
    _action(
        "deployment",
        "rollback",
        "B",
        "Run again what ran before",
        hint="roll back",
        twin="package rollback {deployment} --reason TEXT",
        writes=True,
    ),
    _action(
        "deployment", "logs", "L", "Read what its server wrote", hint="logs", twin="package logs {deployment} -n 1000"
    ),
    _action("deployment", "example", "c", "Copy a request that it answers"),
    # building an image
    _action("build", "go", "enter", "Build what is planned", hint="build", twin="package build {build}", writes=True),
    _action(
        "build", "base", "i", "Choose the base image", hint="base image", twin="package build {build}", writes=True
    ),
    _action(
        "build",
        "drop_unused",
        "d",
        "Leave out packages that predicting does not use, or keep them",
        hint="drop unused",
        twin="package build {build} --drop-unused",
        writes=True,
    ),
    _action(
        "build",
        "allow_pickle",
        "a",
        "Allow a model that runs code when it is opened, or not",
        hint="allow pickle",
        twin="package build {build} --allow-pickle",
        writes=True,
    ),
    _action("build", "give_up", "ctrl+c", "Give it up; nothing gets a name", hint="give up"),
    _action("build", "run_image", "R", "Run the image", hint="run", twin="package run {image}", writes=True),
    _action("build", "open", "o", "Open the image", hint="open", twin="package inspect {image}"),
    _action("build", "copy_log", "Y", "Copy what was said"),
    *DATA_ACTIONS,
    *WIDGET_ACTIONS,
)


def actions_of(*scopes: str) -> Iterator[Action]:
    """The actions of scopes, in the order of the scopes."""
    for scope in scopes:
        yield from (action for action in ACTIONS if action.scope == scope)


def bindings(*scopes: str, only: str = "") -> list[BindingType]:
    """Textual's bindings for the actions of scopes; each has the action's id, for people's own keymaps.

    Args:
        only: the name of one action, for a screen that does what a widget on it leaves to it.
    """
    return [
        Binding(",".join(action.keys), action.name, action.label, show=bool(action.hint), id=action.id)
        for action in actions_of(*scopes)
        if only in ("", action.name)
    ]
