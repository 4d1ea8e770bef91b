"""Compare two data sets column by column: `check(reference, current, options)`."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, Protocol

from workbench.base.errors import InputError, WorkbenchError
from workbench.drift.comparison import Comparison, absent, compare
from workbench.drift.options import KINDS, Options
from workbench.drift.report import Document, plain_floats, report_document, summed_up
from workbench.drift.source import Table
from workbench.drift.summary import Summary, summarise
from workbench.drift.verdict import judge

WORKERS = 2
"""Columns that are compared at once: sorting and reading leave Python's lock, and memory is that of so many columns."""
LONG_ROWS = 10_000_000
"""With more rows than that one column is compared at a time."""


class Reference(Protocol):
    """What current data is compared with: a table that is read, or a stored baseline."""

    @property
    def names(self) -> list[str]:
        """Its columns, in their order."""

    @property
    def rows(self) -> int:
        """How many rows it has."""

    def summary(self, column: str, kind: str | None) -> Summary:
        """One of its columns; `kind` overrides what the column is recognised as."""

    def describe(self) -> Document:
        """What it is: `{"name", "rows", …}`."""


class TableReference:
    """A table as a reference; each column is read once, when it is asked for."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self._kept: dict[tuple[str, str | None], Summary] | None = None

    def keeping(self) -> TableReference:
        """The same, which keeps what it has read: for many checks against it."""
        self._kept = {}
        return self

    @property
    def names(self) -> list[str]:
        """See `Reference`; so are the others."""
        return list(self.table.schema)

    @property
    def rows(self) -> int:
        return self.table.rows

    def summary(self, column: str, kind: str | None) -> Summary:
        if self._kept is None:
            return summarise(self.table, column, kind)
        if (column, kind) not in self._kept:
            self._kept[column, kind] = summarise(self.table, column, kind)
        return self._kept[column, kind]

    def describe(self) -> Document:
        return described(self.table)


def check(reference: Reference | Table, current: Table, options: Options | None = None) -> Document:
    """Compare current data with a reference.

    Args:
        reference: a table, or what has its summaries.
        current: what is new.
        options: what to compare and how; default everything by the default tests.

    Returns:
        The document of `report.report_document`. A column that cannot be compared has a row that says why.

    Raises:
        InputError: a side cannot be read at all, or a column that was asked for is on neither side.
    """
    options = options or Options()
    if isinstance(reference, Table):
        reference = TableReference(reference)
    names = columns_of(reference, current, options)
    sides = {"reference": reference.describe(), "current": described(current)}
    if options.preset == "evidently":
        share = 0.5 if options.share is None else options.share
        options = replace(options, share=share)
        from workbench.drift.presets import evidently_column

        documents = in_parallel(lambda name: evidently_column(name, reference, current, options), names, current)
        return summed_up(list(filter(None, documents)), options, sides)
    comparisons = compare_all(reference, current, options, names)
    document = report_document(judge(comparisons, options), options, sides)
    if options.multivariate:
        document["multivariate"] = _multivariate(reference, current, document, options)
        document["dataset_drift"] |= any(one["drifted"] for one in document["multivariate"])
    return document


def compare_all(reference: Reference, current: Table, options: Options, names: list[str]) -> list[Comparison]:
    """Every column compared, none decided."""
    return in_parallel(lambda name: compare_one(name, reference, current, options, len(names)), names, current)


def compare_one(name: str, reference: Reference, current: Table, options: Options, columns: int = 1) -> Comparison:
    """One column compared; what goes wrong is its reason not to be tested."""
    try:
        ours, theirs = both_sides(name, reference, current, options)
        return compare(name, ours, theirs, options, columns) if ours and theirs else absent(name, ours, theirs)
    except WorkbenchError as error:
        problem = error.message
    except MemoryError:
        problem = "too large for the memory"
    except Exception as error:  # a column that nobody foresaw does not keep the others from being compared
        problem = f"{type(error).__name__}: {error}".splitlines()[0]
    return Comparison(
        name, options.kinds.get(name, "categorical"), None, None, outcome="not tested", reason=f"failed: {problem}"
    )  # fmt: skip


def both_sides(
    name: str, reference: Reference, current: Table, options: Options
) -> tuple[Summary | None, Summary | None]:
    """The summaries of a column; None where a side lacks it. The current one is read as what the reference is."""
    wanted = options.kinds.get(name)
    ours = reference.summary(name, wanted) if name in reference.names else None
    if name not in current.schema:
        return ours, None
    if ours is not None and ours.text is not None:
        return ours, summarise(current, name, "text", ours.text.vocabulary)
    return ours, summarise(current, name, wanted)


def columns_of(reference: Reference, current: Table, options: Options) -> list[str]:
    """The columns to compare: the reference's in their order, then new ones; or those asked for.

    Raises:
        InputError: one that was asked for is on neither side.
    """
    there = list(dict.fromkeys([*reference.names, *current.schema]))
    named = [*options.tests, *options.thresholds]
    asked = [*options.columns, *options.kinds, *(name for name in named if name not in _NOT_COLUMNS)]
    for name in asked:
        if name not in there:
            raise InputError(f"there is no column {name!r}", f"there are: {', '.join(there[:20]) or 'none'}")
    wanted = list(options.columns) if options.columns else there
    return [name for name in wanted if options.wants(name)]


def described(table: Table) -> Document:
    """What a table is, for a document."""
    return {"name": table.name, "rows": table.rows, "digest": table.digest, "notes": list(table.notes)}


def in_parallel(one: Callable[[str], Any], names: list[str], current: Table) -> list[Any]:
    """`one` of every name, in their order."""
    if current.rows > LONG_ROWS or len(names) < 2:
        return [one(name) for name in names]
    with ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(one, names))


def _multivariate(reference: Reference, current: Table, document: Document, options: Options) -> list[Document]:
    from workbench.drift.multivariate import compare_together

    if not isinstance(reference, TableReference):
        return [{"test": "pca", "drifted": False, "reason": "a stored baseline has no rows"}]
    columns = [
        column["column"]
        for column in document["columns"]
        if column["verdict"] in ("ok", "warn", "drift") and column["kind"] in ("numeric", "categorical", "boolean")
    ]
    return [plain_floats(one) for one in compare_together(reference.table, current, columns, options)]


_NOT_COLUMNS = ("", *KINDS)
