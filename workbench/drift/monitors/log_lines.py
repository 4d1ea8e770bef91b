"""Lines of prediction logs, looked at one by one: samples, and files of which something cannot be read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

import polars as pl

from workbench.base.jsonvalue import dumps, loads
from workbench.store.prediction_rows import FEATURE, OUTPUT, REQUEST, ROW, SCORE, STATUS, TIME, WEIGHT

SAMPLE_FILES = 40
SAMPLE_LINES = 50
"""Lines at the beginning and at the end of so many files, all over the log, tell what its columns are."""
_TAIL_BYTES = 65_536
_LARGEST = 2**63


@dataclass
class Kinds:
    """What columns hold.

    Attributes:
        features: the kinds of values of each feature: `number`, `text`, `truth`, `other`.
        output, score: the same of the prediction and the score.
        classes: by number of a class in `score`: what the prediction was where it had the greatest one.
        width: how many scores there are.
    """

    features: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    output: set[str] = field(default_factory=set)
    score: set[str] = field(default_factory=set)
    classes: dict[int, object] = field(default_factory=dict)
    width: int = 0

    def add(self, line: Mapping[str, Any]) -> None:
        """Look at one line."""
        features = line.get("x")
        if isinstance(features, dict):
            for name, value in features.items():
                self.features[name] |= kinds_of(value)
        self.output |= kinds_of(line.get(OUTPUT))
        score = line.get(SCORE)
        if isinstance(score, list) and score and all(type(one) in (int, float) for one in score):
            self.score.add("scores")
            self.width = max(self.width, len(score))
            self.classes.setdefault(score.index(max(score)), line.get(OUTPUT))
        else:
            self.score |= kinds_of(score)


def kinds_of(value: object) -> set[str]:
    """What a value is, as a set, so that several add up; null is nothing."""
    if value is None:
        return set()
    if isinstance(value, bool):
        return {"truth"}
    if isinstance(value, (int, float)):
        return {"number"}
    return {"text" if isinstance(value, str) else "other"}


def single(kinds: set[str], expected: str = "text") -> str:
    """What a column is read as: its kind; text, where it has several; what is expected, where it has no value."""
    if not kinds:
        return expected
    [kind] = kinds if len(kinds) == 1 else ("text",)
    return "text" if kind == "other" else kind


def sampled(paths: Iterable[str]) -> Kinds:
    """What columns hold, told from the first and the last lines of some files."""
    found = Kinds()
    listed = list(paths)
    step = max(1, len(listed) // SAMPLE_FILES)
    for path in {*listed[::step], *listed[-1:]}:
        try:
            with open(path, "rb") as file:
                head = list(islice(file, SAMPLE_LINES))
        except OSError:
            continue
        for text in (*head, *_tail(path)):
            line = parsed(text)
            if line is not None:
                found.add(line)
    return found


def last_us(path: str) -> int | None:
    """The time of the last line that has one, microseconds since the epoch; None where none of the last ones has."""
    moments = (_time_us((parsed(text) or {}).get(TIME)) for text in reversed(_tail(path)))
    return next((moment for moment in moments if moment is not None), None)


def parsed(text: bytes) -> dict[str, Any] | None:
    """The object in a line, or None."""
    try:
        line = loads(text)
    except (ValueError, RecursionError):
        return None
    return line if isinstance(line, dict) else None


def careful(path: str, expected: Mapping[str, str], *, keys: bool) -> tuple[pl.DataFrame, int, bool, set[str]]:
    """The rows of one file, line by line.

    Args:
        expected: what features without a value are read as.
        keys: whether `rid` and `row` are wanted.

    Returns:
        A frame as `store.prediction_rows.read_rows` makes it, how many lines are no JSON objects, whether the last line
        is not whole, and the columns that hold values of several kinds, which are texts.
    """
    with open(path, "rb") as file:
        texts = file.read().split(b"\n")
    torn = bool(texts[-1].strip()) and parsed(texts[-1]) is None
    lines = [parsed(text) for text in (texts[:-1] if torn else texts) if text.strip()]
    rows = [line for line in lines if line is not None]
    found = Kinds()
    for row in rows:
        found.add(row)
    columns: dict[str, pl.Series] = {
        TIME: pl.Series(TIME, [_time_us(row.get(TIME)) for row in rows], pl.Int64),
        STATUS: pl.Series(STATUS, [_whole(row.get(STATUS, 200), 200) for row in rows], pl.Int64),
        WEIGHT: pl.Series(WEIGHT, [_number(row.get(WEIGHT, 1)) or 1.0 for row in rows], pl.Float64),
    }
    inner = [row["x"] if isinstance(row.get("x"), dict) else {} for row in rows]
    for name, kinds in found.features.items():
        columns[FEATURE + name] = _series(
            FEATURE + name, [one.get(name) for one in inner], single(kinds, expected.get(name, "text"))
        )
    columns[OUTPUT] = _series(OUTPUT, [row.get(OUTPUT) for row in rows], single(found.output, "number"))
    if found.score:
        columns[SCORE] = _series(SCORE, [row.get(SCORE) for row in rows], single(found.score))
    if keys:
        columns[REQUEST] = _series(REQUEST, [row.get(REQUEST) for row in rows], "text")
        columns[ROW] = pl.Series(ROW, [_whole(row.get(ROW), None) for row in rows], pl.Int64)
    mixed = {name for name, kinds in found.features.items() if len(kinds) > 1}
    return pl.DataFrame(list(columns.values())), len(lines) - len(rows), torn, mixed


def _tail(path: str) -> list[bytes]:
    """The last lines of a file; the first of them may be torn."""
    try:
        with open(path, "rb") as file:
            file.seek(max(0, file.seek(0, 2) - _TAIL_BYTES))
            return file.read().splitlines()[-SAMPLE_LINES:]
    except OSError:
        return []


def _series(name: str, values: list[Any], kind: str) -> pl.Series:
    if kind == "number":
        return pl.Series(name, [_number(value) for value in values], pl.Float64)
    if kind == "truth":
        return pl.Series(name, values, pl.Boolean)
    if kind == "scores":
        lists = [value if isinstance(value, list) else None for value in values]
        return pl.Series(name, [one and [_number(each) for each in one] for one in lists], pl.List(pl.Float64))
    return pl.Series(name, [value if value is None or isinstance(value, str) else dumps(value) for value in values])


def _number(value: object) -> float | None:
    try:
        return float(value) if isinstance(value, (int, float)) else None
    except OverflowError:
        return None


def _whole(value: object, otherwise: int | None) -> int | None:
    return value if isinstance(value, int) and abs(value) < _LARGEST else otherwise


def _time_us(value: object) -> int | None:
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return round(moment.timestamp() * 1_000_000) if moment.tzinfo else None
