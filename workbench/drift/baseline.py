"""A reference kept once: small, versioned bytes that every default test can be run against.

Counts, moments, deciles and their rows are exact. Numbers are kept as at most `POINTS` points, so that D is right to
1 / (2 · POINTS); values of a category as at most `VALUES`, the rest as one. A reference that is smaller is exact.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from workbench.base.errors import InputError
from workbench.drift.categories import Categories
from workbench.drift.check import TableReference, described
from workbench.drift.numbers import Numbers, Shape, shape_of
from workbench.drift.options import Options
from workbench.drift.report import Document
from workbench.drift.sample import Sample
from workbench.drift.source import Table
from workbench.drift.summary import Summary
from workbench.drift.text import TextStatistics

FORMAT, VERSION = "workbench drift baseline", 1
POINTS = 4096
VALUES = 10_000


class Baseline:
    """What is kept of a reference; takes the place of its table in `check`.

    Args:
        source: what it was made of, as in the documents of checks.
        summaries: of its columns, in their order.
    """

    def __init__(self, source: Document, summaries: Sequence[Summary]) -> None:
        self._source = source
        self._summaries = {summary.name: summary for summary in summaries}

    @property
    def names(self) -> list[str]:
        """Its columns, in their order."""
        return list(self._summaries)

    @property
    def rows(self) -> int:
        """How many rows it had."""
        return int(self._source["rows"])

    def summary(self, column: str, kind: str | None) -> Summary:
        """One of its columns, as another kind where `kind` says so and the kept numbers allow it."""
        found = self._summaries[column]
        return found if kind is None else replace(found, kind=kind)

    def describe(self) -> Document:
        """What it was made of."""
        return {**self._source, "stored": True}

    def to_bytes(self) -> bytes:
        """As bytes that `from_bytes` reads, the same for the same data."""
        document = {
            "format": FORMAT,
            "version": VERSION,
            "source": self._source,
            "columns": [_packed(summary) for summary in self._summaries.values()],
        }
        return json.dumps(document, ensure_ascii=False, separators=(",", ":"), default=_array).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> Baseline:
        """The baseline in bytes.

        Raises:
            InputError: they are no baseline, or one of a later version.
        """
        try:
            document = json.loads(data)
            known = document["format"] == FORMAT
        except (ValueError, KeyError, TypeError):
            known = False
        if not known:
            raise InputError("this is no drift baseline")
        if document["version"] > VERSION:
            raise InputError(f"the baseline has version {document['version']}; this program reads {VERSION}", "update")
        try:
            return cls(document["source"], [_unpacked(column) for column in document["columns"]])
        except (ValueError, KeyError, TypeError, zlib.error) as error:
            raise InputError(f"the drift baseline is damaged: {error}") from None


def make_baseline(table: Table, options: Options | None = None) -> Baseline:
    """Read a reference once and keep what checks need of it.

    Args:
        table: the reference.
        options: which columns, and what they are where that is recognised wrongly.

    Raises:
        InputError: it cannot be read.
    """
    options = options or Options()
    reference = TableReference(table)
    names = [name for name in reference.names if options.wants(name)]
    return Baseline(described(table), [reduced(reference.summary(name, options.kinds.get(name))) for name in names])


def reduced(summary: Summary) -> Summary:
    """A summary of bounded size."""
    numbers, text = summary.numbers, summary.text
    if numbers is not None and numbers.n:
        numbers = replace(numbers, sample=numbers.sample.compressed(POINTS), shape=shape_of(numbers))
    if text is not None:
        samples = {name: getattr(text, name).compressed(POINTS) for name in ("length", "words", "unknown")}
        text = replace(text, **samples)
    categories = summary.categories.bounded(VALUES) if summary.categories else None
    if summary.kind in ("identifier", "text") and categories is not None:
        categories = replace(categories.bounded(0), distinct=categories.distinct)
    return replace(summary, numbers=numbers, text=text, categories=categories)


def _packed(summary: Summary) -> dict[str, Any]:
    packers: dict[type, Callable[[Any], Any]] = {
        Numbers: _fields, Categories: _categories, TextStatistics: _text, Sample: _fields, Shape: _fields
    }  # fmt: skip

    def pack(value: Any) -> Any:
        packer = packers.get(type(value))
        return packer(value) if packer else value

    return {field.name: pack(getattr(summary, field.name)) for field in fields(summary)}


def _fields(value: Any) -> dict[str, Any]:
    """The fields of a dataclass, those that are dataclasses as theirs."""
    found = {field.name: getattr(value, field.name) for field in fields(value)}
    return {name: _fields(one) if isinstance(one, (Sample, Shape)) else one for name, one in found.items()}


def _categories(value: Categories) -> dict[str, Any]:
    return {
        "values": value.frame.get_column("value").to_list(),
        "rows": value.frame.get_column("rows").to_list(),
        "distinct": value.distinct,
        "other_values": value.other_values,
        "other_rows": value.other_rows,
    }


def _text(value: TextStatistics) -> dict[str, Any]:
    samples = {name: _fields(getattr(value, name)) for name in ("length", "words", "unknown")}
    return {**samples, "vocabulary": sorted(value.vocabulary)}


def _array(value: Any) -> Any:
    """A NumPy array or number for JSON."""
    if isinstance(value, np.ndarray):
        return {"type": value.dtype.str, "data": base64.b64encode(zlib.compress(value.tobytes(), 6)).decode()}
    return value.item()


def _unpacked(column: dict[str, Any]) -> Summary:
    numbers = column["numbers"]
    if numbers is not None:
        shape = numbers["shape"]
        if shape is not None:
            shape = Shape(**shape | {"edges": _values(shape["edges"]), "counts": _values(shape["counts"])})
        numbers = Numbers(
            **numbers | {"sample": _sample(numbers["sample"]), "shape": shape, "notes": tuple(numbers["notes"])}
        )
    text = column["text"]
    if text is not None:
        samples = {name: _sample(text[name]) for name in ("length", "words", "unknown")}
        text = TextStatistics(**samples, vocabulary=frozenset(text["vocabulary"]))
    counted = {name: _counted(column[name]) for name in ("categories", "weekdays", "hours")}
    return Summary(**column | counted | {"numbers": numbers, "text": text})


def _sample(document: dict[str, Any]) -> Sample:
    counts = document["counts"]
    return Sample(
        **document | {"values": _values(document["values"]), "counts": None if counts is None else _values(counts)}
    )


def _values(document: dict[str, Any]) -> NDArray[Any]:
    return np.frombuffer(zlib.decompress(base64.b64decode(document["data"])), document["type"])


def _counted(document: dict[str, Any] | None) -> Categories | None:
    if document is None:
        return None
    frame = pl.DataFrame(
        {"value": document["values"], "rows": document["rows"]}, {"value": pl.String, "rows": pl.Int64}
    )
    return Categories(frame, document["distinct"], document["other_values"], document["other_rows"])
