"""One action of the app, as the lists of actions hold it."""

from __future__ import annotations

from dataclasses import dataclass

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


def action(scope: str, name: str, keys: str, label: str, **more: object) -> Action:
    """An action in one line.

    Args:
        keys: with spaces between them.
        more: the other attributes of `Action`.
    """
    return Action(scope, name, tuple(keys.split()), label, **more)  # type: ignore[arg-type]


def shown_key(key: str) -> str:
    """A key as people write it: `?` for `question_mark`."""
    return _SHOWN_KEYS.get(key, key)
