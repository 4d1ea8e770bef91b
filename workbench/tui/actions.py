"""Every action of the app, once: bindings, footer, palette, help and docs/keys.md are made from this list.

An action belongs to a scope: the app, a screen, or a kind of widget. A class takes the bindings of
its scope (`BINDINGS = bindings("runs")`) and has a method `action_<name>` for each. What a person would
type in a shell for the same is its twin, written as words to be filled in by the screen.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from textual.binding import Binding, BindingType


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that the app does.

    Attributes:
        scope: where it works; see `SCOPES`.
        name: the method is `action_<name>`; `<scope>.<name>` is its id.
        keys: names of keys as Textual spells them; the first is the one that is shown.
        label: what it does, a short sentence in the imperative.
        hint: one or two words for the footer; empty where it is not shown there.
        twin: the command that does the same in a shell, after `workbench`; `{…}` is filled in by the screen.
        writes: it changes something, so `--read-only` has it not.
        quiet: left out of the palette and of the footer: moving about.
    """

    scope: str
    name: str
    keys: tuple[str, ...]
    label: str
    hint: str = ""
    twin: str = ""
    writes: bool = False
    quiet: bool = False

    @property
    def id(self) -> str:
        """`<scope>.<name>`."""
        return f"{self.scope}.{self.name}"

    @property
    def key(self) -> str:
        """The key that is shown, as people write it."""
        return shown_key(self.keys[0]) if self.keys else ""


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


def _action(scope: str, name: str, keys: str, label: str, **more: object) -> Action:
    return Action(scope, name, tuple(keys.split()), label, **more)  # type: ignore[arg-type]


ACTIONS: tuple[Action, ...] = (
    # everywhere
    _action("app", "help", "question_mark f1", "Show the keys that work here", hint="help"),
    _action("app", "command_palette", "ctrl+p", "Find an action, a run or a model by name"),
    _action("app", "show_runs", "1", "Go to the runs", twin="runs list"),
    _action("app", "show_compare", "2", "Go to the comparison of the marked runs", twin="runs compare {runs}"),
    _action("app", "show_models", "3", "Go to the models", twin="models list"),
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
    _action("version", "run", "o", "Go to the run that made it", hint="run", twin="runs show {run}"),
    _action("version", "copy", "Y", "Copy it as JSON", twin="models show {version} --json"),
    # in a table
    _action("table", "cursor_down", "j down", "Go one row down", quiet=True),
    _action("table", "cursor_up", "k up", "Go one row up", quiet=True),
    _action("table", "cursor_left", "h left", "Go one column to the left", quiet=True),
    _action("table", "cursor_right", "l right", "Go one column to the right", quiet=True),
    _action("table", "page_down", "ctrl+f pagedown", "Go one page down", quiet=True),
    _action("table", "page_up", "ctrl+b pageup", "Go one page up", quiet=True),
    _action("table", "half_page_down", "ctrl+d", "Go half a page down", quiet=True),
    _action("table", "half_page_up", "ctrl+u", "Go half a page up", quiet=True),
    _action("table", "top", "g home", "Go to the first row", quiet=True),
    _action("table", "bottom", "G end", "Go to the last row", quiet=True),
    # in a pane
    _action("pane", "zoom_pane", "z", "Give the pane the whole screen, or take it back", hint="zoom"),
    _action("pane", "next_pane", "left_square_bracket", "Go to the next pane", quiet=True),
    _action("pane", "line_down", "j down", "Go one line down", quiet=True),
    _action("pane", "line_up", "k up", "Go one line up", quiet=True),
    _action("pane", "scroll_left", "h left", "Go to the left", quiet=True),
    _action("pane", "scroll_right", "l right", "Go to the right", quiet=True),
    _action("pane", "page_down", "ctrl+f pagedown", "Go one page down", quiet=True),
    _action("pane", "page_up", "ctrl+b pageup", "Go one page up", quiet=True),
    _action("pane", "half_page_down", "ctrl+d", "Go half a page down", quiet=True),
    _action("pane", "half_page_up", "ctrl+u", "Go half a page up", quiet=True),
    _action("pane", "top", "g home", "Go to the first line", quiet=True),
    _action("pane", "bottom", "G end", "Go to the last line", quiet=True),
    _action("pane", "copy_line", "y", "Copy the line"),
    # in a dialog
    _action("dialog", "cancel", "escape", "Close without doing anything", hint="cancel", quiet=True),
    _action("confirm", "agree", "y", "Do it", hint="yes", quiet=True),
    _action("confirm", "refuse", "n q", "Do not do it", hint="no", quiet=True),
    _action("confirm", "other_button", "left right h l", "Go to the other answer", quiet=True),
    _action("prompt", "submit", "enter", "Take the text", hint="ok", quiet=True),
    _action("prompt", "next_suggestion", "down tab", "Take the next suggestion", hint="suggestion", quiet=True),
    _action("prompt", "previous_suggestion", "up shift+tab", "Take the suggestion before", quiet=True),
    _action("choose", "submit", "enter", "Take the one under the cursor", hint="take", quiet=True),
    _action("choose", "next_option", "down ctrl+n tab", "Go one down", hint="move", quiet=True),
    _action("choose", "previous_option", "up ctrl+p shift+tab", "Go one up", hint="move", quiet=True),
    _action("choose", "next_page", "pagedown", "Go one page down", quiet=True),
    _action("choose", "previous_page", "pageup", "Go one page up", quiet=True),
    _action("columns", "show_or_hide", "space x", "Show the column, or hide it", hint="show/hide", quiet=True),
    _action("columns", "move_down", "J", "Move the column to the right in the table", hint="move", quiet=True),
    _action("columns", "move_up", "K", "Move the column to the left in the table", hint="move", quiet=True),
    _action("columns", "next_aggregate", "a", "Show another value of the metric", hint="max/min/…", quiet=True),
    _action("columns", "add_aggregate", "plus", "Show one more value of the metric", hint="another", quiet=True),
    _action("columns", "find", "slash", "Find columns by name", hint="find", quiet=True),
    _action("columns", "expression", "c colon", "Type a column, like max(auc) as best", hint="type one", quiet=True),
    _action("columns", "reset", "0", "Show the default columns", hint="default", quiet=True),
    _action("columns", "to_list", "down tab", "Go from the input to the list", quiet=True),
    _action("columns", "apply", "enter", "Show these columns", hint="apply", quiet=True),
    _action("export", "submit", "enter", "Write the file", hint="write", quiet=True),
    _action("export", "other_field", "tab shift+tab", "Go to the formats, or back", hint="format", quiet=True),
    _action("export", "previous_format", "left h", "Write it in the format before", hint="format", quiet=True),
    _action("export", "next_format", "right l space", "Write it in the next format", hint="format", quiet=True),
    _action("note_editor", "save", "ctrl+o", "Save the note", hint="save", quiet=True),
    _action("viewer", "close", "q enter", "Close", hint="close", quiet=True),
    _action("viewer", "find", "slash", "Find a text", hint="find", quiet=True),
    _action("viewer", "next_match", "n", "Go to the next place where it is found", hint="next", quiet=True),
    _action("viewer", "previous_match", "N", "Go to the place before where it is found", quiet=True),
    _action("viewer", "copy_all", "y", "Copy the whole text", hint="copy", quiet=True),
    # in the filter
    _action("filter", "submit", "enter", "Keep the filter and go to the table", hint="apply", quiet=True),
    _action("filter", "complete", "tab", "Take the name or word that is suggested", hint="complete", quiet=True),
    _action("filter", "older", "up", "Take an earlier filter", hint="earlier", quiet=True),
    _action("filter", "newer", "down", "Take a later filter", quiet=True),
    _action("filter", "cancel", "escape", "Take back what was typed", hint="cancel", quiet=True),
)

_SHOWN_KEYS = {
    "question_mark": "?",
    "slash": "/",
    "asterisk": "*",
    "right_square_bracket": "]",
    "left_square_bracket": "[",
    "greater_than_sign": ">",
    "less_than_sign": "<",
    "plus": "+",
    "minus": "-",
    "equals_sign": "=",
    "colon": ":",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "escape": "esc",
    "pagedown": "pgdn",
    "pageup": "pgup",
}


def shown_key(key: str) -> str:
    """A key as people write it: `?` for `question_mark`."""
    return _SHOWN_KEYS.get(key, key)


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
