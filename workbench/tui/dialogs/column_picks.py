"""Which columns a table shows, in which order, while they are being chosen."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.store.choices import ColumnChoice

FORMS = ("{}", "max({})", "min({})", "mean({})", "first({})", "step(best({}))")
"""The values of a metric in the order in which they are offered; the first is its last value."""

_ALIAS = re.compile(r"\s+as\s+(?:[\w.]+|`[^`]*`|\"[^\"]*\"|'[^']*')\s*$", re.IGNORECASE)
_CALL = re.compile(r"\s*([a-z]+)\s*\((.*)\)\s*$", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list.

    Attributes:
        expression: the column.
        choice: what it is about; None for one that a person has typed.
        shown: whether the table shows it.
    """

    expression: str
    choice: ColumnChoice | None
    shown: bool


class ColumnPicks:
    """The columns that are shown, and all others.

    Args:
        choices: everything that can be a column.
        shown: expressions of the columns that are shown, in their order.

    Attributes:
        shown: as given, and as changed since.
    """

    def __init__(self, choices: Sequence[ColumnChoice], shown: Sequence[str]) -> None:
        self.shown = list(dict.fromkeys(shown))
        self._choices = list(choices)
        self._by_expression = {choice.expression: choice for choice in self._choices}
        self._by_metric = {metric_of(choice.expression): choice for choice in self._choices if _is_metric(choice)}
        self._forms: dict[str, str] = {}

    def rows(self) -> list[Row]:
        """The columns that are shown, then what else there is."""
        above = [Row(expression, self.choice_of(expression), True) for expression in self.shown]
        taken = {row.choice.expression for row in above if row.choice is not None}
        return above + [
            Row(self._forms.get(choice.expression, choice.expression), choice, False)
            for choice in self._choices
            if choice.expression not in taken
        ]

    def choice_of(self, expression: str) -> ColumnChoice | None:
        """What a column is about."""
        return self._by_expression.get(expression) or self._by_metric.get(metric_of(expression))

    def toggle(self, row: Row) -> None:
        """Show a column as the last one, or no longer."""
        if row.shown:
            self.shown.remove(row.expression)
        elif row.expression not in self.shown:
            self.shown.append(row.expression)

    def move(self, row: Row, by: int) -> bool:
        """Move a shown column; whether there was a place to go."""
        if not row.shown:
            return False
        here = self.shown.index(row.expression)
        there = here + by
        if not 0 <= there < len(self.shown):
            return False
        self.shown[here], self.shown[there] = self.shown[there], self.shown[here]
        return True

    def next_form(self, row: Row) -> str | None:
        """Another value of a metric, one that is not shown yet; its expression, or None for what is no metric."""
        if row.choice is None or not _is_metric(row.choice):
            return None
        forms = _forms(row.choice)
        here = _form_index(row.expression)
        for step in range(1, len(forms) + 1):
            form = forms[(here + step) % len(forms)]
            if form not in self.shown:
                if row.shown:
                    self.shown[self.shown.index(row.expression)] = form
                else:
                    self._forms[row.choice.expression] = form
                return form
        return None

    def add_form(self, row: Row) -> str | None:
        """One more column with another value of the same metric, behind this one; its expression, or None."""
        if row.choice is None or not _is_metric(row.choice):
            return None
        forms = _forms(row.choice)
        free = [form for form in forms[_form_index(row.expression) + 1 :] + forms if form not in self.shown]
        free = [form for form in free if form != row.expression]
        if not free:
            return None
        place = self.shown.index(row.expression) + 1 if row.shown else len(self.shown)
        if not row.shown:
            self.shown.append(row.expression)
            place += 1
        self.shown.insert(place, free[0])
        return free[0]

    def add(self, expression: str, behind: Row | None) -> None:
        """A column that a person has typed, behind a shown one or as the last."""
        if expression in self.shown:
            return
        place = self.shown.index(behind.expression) + 1 if behind is not None and behind.shown else len(self.shown)
        self.shown.insert(place, expression)


def metric_of(expression: str) -> str:
    """The metric inside an expression: `auc` for `step(max(metrics.auc)) as best`, and for `auc`."""
    inner = _ALIAS.sub("", expression).strip()
    while call := _CALL.match(inner):
        inner = call[2].strip()
    return inner.removeprefix("metrics.")


def _is_metric(choice: ColumnChoice) -> bool:
    return choice.kind.startswith("metric")


def _forms(choice: ColumnChoice) -> list[str]:
    metric = metric_of(choice.expression)
    return [choice.expression, *(form.format(metric) for form in FORMS[1:])]


def _form_index(expression: str) -> int:
    """Which of the forms an expression has; the first for any that is not offered."""
    bare = _ALIAS.sub("", expression).strip()
    calls = []
    while call := _CALL.match(bare):
        calls.append(call[1].lower())
        bare = call[2].strip()
    shape = "".join(f"{name}(" for name in calls) + "{}" + ")" * len(calls)
    return FORMS.index(shape) if shape in FORMS else 0
