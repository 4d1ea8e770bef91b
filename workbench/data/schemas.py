"""Files of rules for data, in TOML, which people read and change:

[table]
min_rows = 1000
extra_columns = "warning"          # error, warning or ok
unique = [["customer", "day"]]     # no two rows have the same of both

[freshness]
column = "day"
max_age = "7d"                     # the newest one is not older

[columns.amount]
type = "number"                    # integer, number, text, boolean, date, datetime, any
nulls = 0.01                       # so many at most; false is none, true any number
min = 0
max = 10000
severity = "warning"

[columns.label]
type = "integer"
allowed = [0, 1]
environments = ["train"]           # not there when the model serves

[[rules]]
name = "paid after ordered"
check = "paid_at >= ordered_at"
tolerance = 0.001                  # so many rows may break it: a share, or a number of rows
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from workbench.base.errors import FilterError
from workbench.base.moments import parse_span
from workbench.base.settings_file import SettingsFile
from workbench.data.expressions import Expression, compile_expression

TYPES = ("any", "integer", "number", "text", "boolean", "date", "datetime")
SEVERITIES = ("error", "warning")


@dataclass(frozen=True)
class ColumnRule:
    """What is demanded of one column.

    Attributes:
        name: of the column.
        type: one of `TYPES`.
        required: it has to be there.
        environments: only in these; empty is all.
        nulls: the share that may be null, 0 to 1.
        min, max: bounds of values, both allowed: numbers, dates or datetimes as the type is.
        allowed: all values that may occur; None is any.
        pattern: a regular expression that whole texts have.
        min_length, max_length: of texts, in characters.
        unique: no value comes twice.
        finite: no NaN and no infinities.
        tolerance: how many rows may break a rule: a share below 1, or a number.
        severity: error or warning.
    """

    name: str
    type: str = "any"
    required: bool = True
    environments: tuple[str, ...] = ()
    nulls: float = 1.0
    min: Any = None
    max: Any = None
    allowed: tuple[Any, ...] | None = None
    pattern: str | None = None
    min_length: int | None = None
    max_length: int | None = None
    unique: bool = False
    finite: bool = False
    tolerance: float = 0
    severity: str = "error"


@dataclass(frozen=True)
class RowRule:
    """A condition that rows fulfil.

    Attributes:
        name: what it is called.
        check: the condition; where it is null, the row is fine.
        environments, tolerance, severity: as in `ColumnRule`.
    """

    name: str
    check: Expression
    environments: tuple[str, ...] = ()
    tolerance: float = 0
    severity: str = "error"


@dataclass(frozen=True)
class Freshness:
    """How old the newest row may be.

    Attributes:
        column: of dates or datetimes, which are UTC where they have no zone.
        max_age_s: seconds.
        severity: error or warning.
    """

    column: str
    max_age_s: float
    severity: str = "error"


@dataclass(frozen=True)
class Schema:
    """A file of rules.

    Attributes:
        columns: rules by the name of the column.
        min_rows, max_rows: None is any number.
        extra_columns: error, warning or ok: what a column without rules is.
        unique: groups of columns that tell rows.
        severity: of the rules on the table.
        freshness: None where there is no rule.
        rules: on rows.
    """

    columns: Mapping[str, ColumnRule] = field(default_factory=dict)
    min_rows: int | None = None
    max_rows: int | None = None
    extra_columns: str = "ok"
    unique: tuple[tuple[str, ...], ...] = ()
    severity: str = "error"
    freshness: Freshness | None = None
    rules: tuple[RowRule, ...] = ()

    @property
    def texts(self) -> list[str]:
        """The columns that are texts, also where they look like numbers: `007`."""
        return [rule.name for rule in self.columns.values() if rule.type == "text"]


def read_schema(path: str) -> Schema:
    """The rules in a file.

    Raises:
        SettingsError: it cannot be read or understood; the message names file, line and column.
    """
    return _Reader(SettingsFile.read(path)).schema()


def parse_schema(text: str, path: str = "schema.toml") -> Schema:
    """The rules in a TOML text.

    Raises: as `read_schema`.
    """
    return _Reader(SettingsFile(text, path)).schema()


class _Reader:
    """Takes rules out of a parsed file."""

    def __init__(self, file: SettingsFile) -> None:
        self._file = file

    def schema(self) -> Schema:
        file, document = self._file, self._file.document
        file.known(document, (), ("table", "columns", "freshness", "rules"))
        table = file.table(document, (), "table")
        file.known(table, ("table",), ("min_rows", "max_rows", "extra_columns", "unique", "severity"))
        columns = file.table(document, (), "columns")
        unique = file.value(table, ("table",), "unique", list, [])
        if not all(isinstance(group, list) and all(isinstance(name, str) for name in group) for group in unique):
            raise file.error(
                ("table", "unique"), "unique is a list of lists of columns", 'unique = [["customer", "day"]]'
            )
        return Schema(
            {name: self._column(name, file.table(columns, ("columns",), name)) for name in columns},
            file.value(table, ("table",), "min_rows", int, None),
            file.value(table, ("table",), "max_rows", int, None),
            file.choice(table, ("table",), "extra_columns", ("ok", "warning", "error")),
            tuple(tuple(group) for group in unique),
            file.choice(table, ("table",), "severity", SEVERITIES),
            self._freshness(),
            self._rules(),
        )

    def _column(self, name: str, table: Mapping[str, Any]) -> ColumnRule:
        file, place = self._file, ("columns", name)
        file.known(table, place, [key for key in ColumnRule.__dataclass_fields__ if key != "name"])
        kind = file.choice(table, place, "type", TYPES)
        nulls = table.get("nulls", True)
        if not isinstance(nulls, (bool, int, float)) or not 0 <= nulls <= 1:
            raise file.error((*place, "nulls"), "nulls is true, false or a share between 0 and 1", "nulls = 0.05")
        pattern = file.value(table, place, "pattern", str, None)
        if pattern is not None:
            self._check_pattern(place, pattern)
        allowed = file.value(table, place, "allowed", list, None)
        for value in allowed or ():
            self._check_kind((*place, "allowed"), kind, value, "allowed")
        for bound in ("min", "max"):
            if bound in table:
                self._check_kind((*place, bound), kind, table[bound], bound)
        return ColumnRule(
            name,
            kind,
            file.value(table, place, "required", bool, True),
            file.texts(table, place, "environments"),
            float(nulls),
            table.get("min"),
            table.get("max"),
            None if allowed is None else tuple(allowed),
            pattern,
            file.value(table, place, "min_length", int, None),
            file.value(table, place, "max_length", int, None),
            file.value(table, place, "unique", bool, False),
            file.value(table, place, "finite", bool, False),
            self._tolerance(table, place),
            file.choice(table, place, "severity", SEVERITIES),
        )

    def _check_kind(self, place: Sequence[str], kind: str, value: object, name: str) -> None:
        """A bound is of the column's type."""
        wanted: dict[str, tuple[type, ...]] = {
            "integer": (int,),
            "number": (int, float),
            "text": (str,),
            "boolean": (bool,),
            "date": (date,),
            "datetime": (date, datetime),
            "any": (int, float, str, bool, date, datetime),
        }
        fits = isinstance(value, wanted[kind]) and (not isinstance(value, bool) or bool in wanted[kind])
        if not fits:
            raise self._file.error(place, f"{name} of a column of the type {kind} is {value!r}")

    def _check_pattern(self, place: Sequence[str], pattern: str) -> None:
        import polars as pl

        try:
            pl.Series([""]).str.contains(pattern)
        except pl.exceptions.PolarsError as error:
            reason = str(error).strip().splitlines()[-1].removeprefix("error: ")
            raise self._file.error((*place, "pattern"), f"pattern is no regular expression: {reason}") from None

    def _freshness(self) -> Freshness | None:
        file = self._file
        table = file.table(file.document, (), "freshness")
        if not table:
            return None
        file.known(table, ("freshness",), ("column", "max_age", "severity"))
        age = file.value(table, ("freshness",), "max_age", str, "")
        age_s = parse_span(age)
        column = file.value(table, ("freshness",), "column", str, "")
        if not column:
            raise file.error(("freshness",), "freshness needs a column", 'column = "day"')
        if age_s is None or age_s <= 0:
            raise file.error(("freshness", "max_age"), "max_age is how old the newest row may be", 'max_age = "7d"')
        return Freshness(column, age_s, file.choice(table, ("freshness",), "severity", SEVERITIES))

    def _rules(self) -> tuple[RowRule, ...]:
        file = self._file
        found = []
        for number, table in enumerate(file.value(file.document, (), "rules", list, [])):
            place = ("rules", str(number))
            if not isinstance(table, dict):
                raise file.error(("rules",), "rules are tables", "[[rules]]")
            file.known(table, place, ("name", "check", "environments", "tolerance", "severity"))
            text = file.value(table, place, "check", str, "")
            if not text:
                raise file.error(place, "the rule has no check", 'check = "paid_at >= ordered_at"')
            try:
                check = compile_expression(text)
            except FilterError as error:
                expected = f", {error.explanation}" if error.explanation else ""
                raise file.error(
                    (*place, "check"), f"{error.message}{expected}", within=text[: error.position]
                ) from None
            found.append(
                RowRule(
                    file.value(table, place, "name", str, text),
                    check,
                    file.texts(table, place, "environments"),
                    self._tolerance(table, place),
                    file.choice(table, place, "severity", SEVERITIES),
                )
            )
        return tuple(found)

    def _tolerance(self, table: Mapping[str, Any], place: Sequence[str]) -> float:
        found = float(self._file.value(table, place, "tolerance", float, 0))
        if found < 0 or (found > 1 and not found.is_integer()):
            raise self._file.error((*place, "tolerance"), "tolerance is a share below 1 or a number of rows")
        return found
