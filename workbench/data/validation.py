"""Checking data against a file of rules: how many rows break each of them, and the first that do."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from typing import Any

import polars as pl

from workbench.base.clock import now_us
from workbench.base.numbers import format_age
from workbench.data.checks import Check, checks_of
from workbench.data.column_profile import plain
from workbench.data.personal import looks_personal, masked
from workbench.data.profiles import parsed_once
from workbench.data.schemas import Freshness, Schema
from workbench.data.sources import Paths
from workbench.data.tables import Source, read

Document = dict[str, Any]

EXAMPLES = 20
TEXT_FORMATS = ("csv", "tsv", "json", "jsonl")


def validate(
    paths: Paths, schema: Schema, *, environment: str | None = None, mask: bool = True, **options: Any
) -> Document:
    """Check the table that files hold.

    Args:
        paths: see `tables.open_source`, which takes `options`.
        environment: `train`, `serving` …: rules of other environments are left out; None is all rules.
        mask: values in examples that look like personal data are masked.

    Returns:
        `passed` (no rule of the severity `error` is broken), `rows`, `errors` and `warnings` (numbers of broken rules),
        and `checks`: each with `rule`, `column`, `severity`, `outcome` (passed, failed, skipped), `bad` (rows that
        break it), `message` and `examples` (`row` from 1, and the values that matter).

    Raises: as `tables.read`.
    """
    options = {**options, "texts": schema.texts}
    return read(paths, lambda source: validate_source(source, schema, environment=environment, mask=mask), **options)


def validate_source(source: Source, schema: Schema, *, environment: str | None = None, mask: bool = True) -> Document:
    """Check an opened table; see `validate`."""
    with tempfile.TemporaryDirectory(prefix="workbench-validate-") as folder:
        frame = parsed_once(source, folder).with_row_index("\0row", offset=1)
        rows = int(frame.select(pl.len()).collect().item())
        checks = checks_of(schema, source.types, environment, from_text=source.format in TEXT_FORMATS)
        counts = _counted(frame, checks)
        found = [_about_rows(schema, rows)] if schema.min_rows is not None or schema.max_rows is not None else []
        found += [_outcome(check, counts.get(check, 0), rows, frame, mask=mask) for check in checks]
        if schema.freshness is not None:
            found.append(_fresh(frame, schema.freshness, source.types))
    failed = [one for one in found if one["outcome"] == "failed"]
    errors = sum(one["severity"] == "error" for one in failed)
    return {
        "passed": not errors,
        "rows": rows,
        "environment": environment,
        "errors": errors,
        "warnings": len(failed) - errors,
        "checks": found,
        "notes": list(source.notes),
    }


def _counted(frame: pl.LazyFrame, checks: list[Check]) -> dict[Check, int | str]:
    """How many rows break each check, in one pass; where an expression fails, each by itself, with what it says."""
    masks = [check for check in checks if check.bad is not None]

    def count(some: list[Check]) -> list[int]:
        counted = frame.select(
            check.bad.fill_null(False).sum().cast(pl.Int64).alias(str(number))
            for number, check in enumerate(some)
            if check.bad is not None
        )
        return [int(value or 0) for value in counted.collect().row(0)] if some else []

    try:
        return dict(zip(masks, count(masks), strict=True))
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException):
        found: dict[Check, int | str] = {}
        for check in masks:
            try:
                found[check] = count([check])[0]
            except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
                if not check.may_fail:
                    raise
                found[check] = str(error).strip().splitlines()[0]
        return found


def _outcome(check: Check, bad: int | str, rows: int, frame: pl.LazyFrame, *, mask: bool) -> Document:
    found: Document = {
        "rule": check.rule,
        "column": check.column,
        "severity": check.severity,
        "outcome": "passed",
        "bad": bad,
        "message": check.demand,
        "examples": [],
    }
    if check.skipped is not None:
        return found | {"outcome": "skipped", "bad": 0, "message": check.skipped}
    if check.failed is not None:
        return found | {"outcome": "failed", "bad": rows, "message": check.failed}
    if isinstance(bad, str):
        return found | {"outcome": "failed", "bad": rows, "message": f"{check.demand}: it cannot be computed: {bad}"}
    limit = check.tolerance * rows if check.tolerance < 1 else check.tolerance
    if bad <= limit:
        return found
    many = f"{bad:,} of {rows:,} rows" if bad != 1 else f"1 of {rows:,} rows"
    allowed = f", {limit:,.6g} may" if limit else ""
    return found | {
        "outcome": "failed",
        "message": f"{check.demand}: {many} break it{allowed}"
        if bad != 1
        else f"{check.demand}: {many} breaks it{allowed}",
        "examples": _examples(frame, check, mask=mask),
    }


def _examples(frame: pl.LazyFrame, check: Check, *, mask: bool) -> list[Document]:
    """The first rows that break a check."""
    assert check.bad is not None
    rows = frame.filter(check.bad.fill_null(False)).select("\0row", *check.shows).sort("\0row").head(EXAMPLES).collect()
    return [
        {
            "row": row[0],
            "values": {
                name: masked(value) if mask and looks_personal(value) else _example(value)
                for name, value in zip(check.shows, row[1:], strict=True)
            },
        }
        for row in rows.iter_rows()
    ]


def _example(value: Any) -> Any:
    return value if isinstance(value, (list, dict)) else plain(value)


def _about_rows(schema: Schema, rows: int) -> Document:
    low, high = schema.min_rows, schema.max_rows
    demand = f"{low or 0:,} rows or more" if high is None else f"{low or 0:,} to {high:,} rows"
    good = (low is None or rows >= low) and (high is None or rows <= high)
    return {
        "rule": "rows",
        "column": None,
        "severity": schema.severity,
        "outcome": "passed" if good else "failed",
        "bad": 0,
        "message": demand if good else f"{demand}: there are {rows:,}",
        "examples": [],
    }


def _fresh(frame: pl.LazyFrame, rule: Freshness, types: Mapping[str, pl.DataType]) -> Document:
    demand = f"the newest {rule.column} is not older than {format_age(rule.max_age_s)}"
    found: Document = {
        "rule": "freshness",
        "column": rule.column,
        "severity": rule.severity,
        "outcome": "failed",
        "bad": 0,
        "message": demand,
        "examples": [],
    }
    kind = types.get(rule.column)
    if kind is None:
        return found | {"message": f"{demand}: there is no such column"}
    if kind not in (pl.Date, pl.Datetime):
        return found | {"message": f"{demand}: it is {kind}, no date"}
    newest = frame.select(pl.col(rule.column).max().cast(pl.Datetime("us")).dt.epoch("us")).collect().item()
    if newest is None:
        return found | {"message": f"{demand}: it has no value"}
    age_s = (now_us() - int(newest)) / 1e6
    if age_s <= rule.max_age_s:
        return found | {"outcome": "passed"}
    return found | {"message": f"{demand}: it is {format_age(age_s)} old"}
