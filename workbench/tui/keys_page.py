"""The keys of the terminal app as a page of documentation; a test holds docs/keys.md equal to it."""

from __future__ import annotations

from collections.abc import Iterator

from workbench.tui.actions import SCOPES, Action, actions_of, shown_key
from workbench.tui.screens.base import filled_twin

PREFACE = """\
# Keys

Made from the program's own list of actions; a test holds this page equal to it. `?` in the app shows the keys that work
where you are, finds them by key or by word, and does the one under the cursor; `ctrl+p` finds actions and runs by name.

Keys work in a screen (`Runs`, `One run`, `Charts`, `Compare`, `Differences`), in what has the focus there (a table, a
pane), or everywhere; what has the focus comes first. Keys cannot be changed; the id names an action in reports and in
code.

The last column is the command that does the same in a shell: words in capitals are filled in by what is on the screen.
What is marked with ✎ changes something, and is not there with `workbench ui --read-only`.
"""


def keys_page() -> str:
    """The page, in Markdown."""
    return PREFACE + "".join(_section(scope, title) for scope, title in SCOPES.items())


def _section(scope: str, title: str) -> str:
    rows = list(_rows(scope))
    if not rows:
        return ""
    return "\n".join(["", f"## {title}", "", "| key | what it does | id | command |", "|---|---|---|---|", *rows, ""])


def _rows(scope: str) -> Iterator[str]:
    for action in actions_of(scope):
        keys = ", ".join(_code(shown_key(key)) for key in action.keys)
        yield f"| {keys} | {_cell(_sentence(action))} | {_code(action.id)} | {_code(filled_twin(action.twin, {}))} |"


def _sentence(action: Action) -> str:
    return f"{action.label} ✎" if action.writes else action.label


def _code(text: str) -> str:
    if not text:
        return ""
    return f"`` {_cell(text)} ``" if "`" in text else f"`{_cell(text)}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
