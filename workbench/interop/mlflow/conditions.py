"""Comparisons of MLflow's filters as SQL with parameters."""

from __future__ import annotations

from typing import Any

OPERATORS = {"=": "=", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">=", "LIKE": "LIKE", "ILIKE": "ILIKE"}


class Parameters:
    """The parameters of a statement that is being put together.

    Attributes:
        values: by name.
    """

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}

    def add(self, value: object) -> str:
        """Keep a value; returns the placeholder that stands for it."""
        name = f"p{len(self.values)}"
        self.values[name] = value
        return f"${name}"

    def comparison(self, column: str, comparator: str, value: Any) -> str:
        """A condition on a column or an expression; false or null where that is null."""
        if comparator in ("IN", "NOT IN"):
            return f"{column} {comparator} (SELECT unnest({self.add(list(value))}))"
        return f"{column} {OPERATORS[comparator]} {self.add(value)}"
