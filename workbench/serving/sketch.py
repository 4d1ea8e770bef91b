"""Counts of inputs and predictions by hour, against the bins of the training data: drift without any row on disk.

`reference.json` beside the model says the bins:

    {"schema": 1,
     "columns": {"amount": {"edges": [10.0, 50.0]}, "country": {"values": ["de", "fr"]}},
     "prediction": {"values": [0, 1]}}

`edges` make one bin more than there are edges: below the first, between them, at or above the last. `values` make one
for each value and one for all others. Nulls are counted apart.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import Any

FILE_NAME = "reference.json"


class Histogram:
    """Counts of one column.

    Attributes:
        counts: of the bins, in order.
        nulls: how often there was no value, or none that the bins know how to place.
    """

    def __init__(self, bins: dict[str, Any]) -> None:
        """Bins by `edges` or `values`."""
        self._edges: list[float] | None = bins.get("edges")
        values = bins.get("values") or []
        self._places = {_key(value): place for place, value in enumerate(values)}
        self.counts = [0] * (len(self._edges) + 1 if self._edges is not None else len(values) + 1)
        self.nulls = 0

    def add(self, value: Any) -> None:
        """Count a value."""
        if self._edges is None:
            if value is None:
                self.nulls += 1
            else:
                self.counts[self._places.get(_key(value), len(self.counts) - 1)] += 1
        elif isinstance(value, int | float) and value == value:
            self.counts[bisect_right(self._edges, value)] += 1
        else:
            self.nulls += 1


class Sketch:
    """Counts since the last line.

    Attributes:
        rows: that were counted.
        statuses: how often each status of HTTP was answered.
    """

    def __init__(self, reference: dict[str, Any]) -> None:
        """Empty counts with the bins of a reference."""
        self._reference = reference
        self.reset()

    @classmethod
    def read(cls, path: str) -> Sketch | None:
        """The sketch for a reference file, or None where there is none.

        Raises:
            ValueError: it is not one.
        """
        try:
            with open(path, encoding="utf-8") as file:
                reference = json.load(file)
        except FileNotFoundError:
            return None
        if not isinstance(reference, dict) or reference.get("schema") != 1:
            raise ValueError("the reference has another schema than 1")
        return cls(reference)

    def reset(self) -> None:
        """Begin again with zero."""
        columns = self._reference.get("columns") or {}
        self._columns = {name: Histogram(bins) for name, bins in columns.items()}
        bins = self._reference.get("prediction")
        self._prediction = Histogram(bins) if bins else None
        self.rows = 0
        self.statuses: dict[str, int] = {}

    def add(self, names: Sequence[str], rows: Iterable[Sequence[Any]], predictions: Sequence[Any]) -> None:
        """Count the rows of one request."""
        known = [(place, self._columns[name]) for place, name in enumerate(names) if name in self._columns]
        for row in rows:
            self.rows += 1
            for place, histogram in known:
                histogram.add(row[place])
        if self._prediction is not None:
            for value in predictions:
                self._prediction.add(value)

    def status(self, status: int) -> None:
        """Count an answer."""
        self.statuses[str(status)] = self.statuses.get(str(status), 0) + 1

    def document(self) -> dict[str, Any]:
        """The counts, for one line of the log."""
        found: dict[str, Any] = {
            "rows": self.rows,
            "requests": self.statuses,
            "columns": {name: {"counts": item.counts, "nulls": item.nulls} for name, item in self._columns.items()},
        }
        if self._prediction is not None:
            found["prediction"] = {"counts": self._prediction.counts, "nulls": self._prediction.nulls}
        return found


def _key(value: Any) -> Any:
    """A value that can be looked up; 1 and 1.0 are the same, true is not 1."""
    return value if isinstance(value, str | int | float) and not isinstance(value, bool) else json.dumps(value)
