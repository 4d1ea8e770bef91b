"""The actions of the screens about data and drift."""

from __future__ import annotations

from workbench.tui.action import Action
from workbench.tui.action import action as _action

DATA_ACTIONS: tuple[Action, ...] = (
    # data
    _action(
        "datasets", "open", "enter", "Go to the versions, or open the one there", hint="open", twin="data show {data}"
    ),
    _action("datasets", "filter", "slash", "Find datasets by a part of their name", hint="find", twin="data list"),
    _action("datasets", "mark", "space", "Mark the version, or unmark it", hint="mark"),
    _action("datasets", "compare", "c", "Compare two versions", hint="compare", twin="data diff {versions}"),
    _action(
        "data_pages",
        "open_column",
        "enter",
        "Give the column the whole screen, or take it back",
        hint="column",
        twin="data profile {data} -c {column}",
    ),
    _action("data_pages", "filter", "slash", "Find columns by a part of their name", hint="find"),
    _action("data_pages", "next_version", "J", "Go to the next older version", hint="older"),
    _action("data_pages", "previous_version", "K", "Go to the next newer version"),
    _action("data", "diff", "d", "Compare it with the version before", hint="diff", twin="data diff {before} {data}"),
    _action("data", "profile", "p", "Look into its columns", hint="profile", twin="data profile {data}"),
    _action("data", "run", "o", "Go to a run that used it", hint="run", twin="runs show {run}"),
    _action("data", "give_up", "ctrl+c", "Give up what is being read"),
    _action("data", "copy", "Y", "Copy it as JSON", twin="data show {data} --json"),
    # drift
    _action(
        "drift",
        "open",
        "enter",
        "Go to the columns, or show both distributions of the one there",
        hint="open",
        twin="monitor show {monitor} -c {column}",
    ),
    _action("drift", "windows", "w", "Show the verdicts of all windows", hint="windows", twin="monitor show {monitor}"),
    _action(
        "drift",
        "performance",
        "p",
        "Show how good the model is, realised and estimated",
        hint="performance",
        twin="monitor show {monitor}",
    ),
    _action(
        "monitor",
        "acknowledge",
        "a",
        "Acknowledge the alert",
        hint="ack",
        twin="monitor ack {monitor} --reason TEXT",
        writes=True,
    ),
    _action(
        "monitor",
        "mute",
        "m",
        "Mute the monitor, or let it speak again",
        hint="mute",
        twin="monitor mute {monitor} --for 2d --reason TEXT",
        writes=True,
    ),
    _action(
        "monitor",
        "run_due",
        "R",
        "Look at the windows that are due",
        hint="run due",
        twin="monitor run --due",
        writes=True,
    ),
    _action("monitor", "give_up", "ctrl+c", "Stop after the monitor that is looked at"),
    _action("monitor", "undo", "u", "Take the last change back", writes=True),
    _action("drift", "about", "i", "Show how it is watched", twin="monitor show {monitor}"),
    _action("drift", "older_window", "J", "Go to the window before in time"),
    _action("drift", "newer_window", "K", "Go to the window after in time"),
    _action("drift", "next_metric", "n", "Draw the next metric"),
    _action("drift", "previous_metric", "N", "Draw the metric before"),
    _action("drift", "filter", "slash", "Find what is watched by a part of its name"),
)
