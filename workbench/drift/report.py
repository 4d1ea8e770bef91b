"""A drift check as a document: what `workbench drift check --json` prints and `--save` keeps."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from workbench.base.jsonvalue import nonfinite_name
from workbench.drift.options import Options
from workbench.drift.verdict import Verdict, ranked
from workbench.drift.words import DRIFT, METHOD, Document

__all__ = ["METHOD", "Document", "column_document", "plain_floats", "report_document", "summed_up"]


def report_document(verdicts: Sequence[Verdict], options: Options, sides: Mapping[str, Any]) -> Document:
    """The document of one check.

    Args:
        verdicts: of every column, in any order.
        options: what was asked for.
        sides: `reference` and `current`: what they are, `{"name", "rows", …}`.

    Returns:
        Floats may be NaN or infinite, as strings. Columns that drift come first, then by effect over noise.
    """
    columns = [column_document(one) for one in ranked(verdicts)]
    return summed_up(columns, options, sides)


def summed_up(columns: Sequence[Document], options: Options, sides: Mapping[str, Any]) -> Document:
    """A document of columns that are documents already."""
    tested = [column for column in columns if column["verdict"] in ("ok", "warn", "drift")]
    drifted = [column["column"] for column in columns if column["drifted"]]
    share = len(drifted) / len(tested) if tested else 0.0
    return {
        "method": METHOD,
        "preset": options.preset,
        "rows": {side: sides[side]["rows"] for side in ("reference", "current")},
        "dataset_drift": bool(drifted) if options.share is None else bool(tested) and share >= options.share,
        "drifted_share": share,
        "drifted_columns": drifted,
        "counts": {
            verdict: sum(column["verdict"] == verdict for column in columns)
            for verdict in ("drift", "warn", "ok", "insufficient", "not tested")
        },
        "reference": dict(sides["reference"]),
        "current": dict(sides["current"]),
        "rule": {
            "alpha": options.alpha,
            "correction": options.correction,
            "min_rows": options.min_rows,
            "missing_threshold": options.missing_threshold,
            "share": options.share,
        },
        "columns": list(columns),
    }


def column_document(one: Verdict) -> Document:
    """One column with every number."""
    comparison, measured = one.comparison, one.measured
    missing = comparison.missing
    document: Document = plain_floats(
        {
            "column": comparison.column,
            "kind": comparison.kind,
            "verdict": one.verdict,
            "drifted": one.verdict == DRIFT,
            "reason": "; ".join(one.reasons),
            "test": comparison.test,
            "score": measured.effect if measured else None,
            "threshold": comparison.threshold,
            "floor": measured.floor if measured else None,
            "over_floor": one.over_floor if measured else None,
            "p_value": measured.p_value if measured else None,
            "p_adjusted": one.p_adjusted,
            "part": one.part or None,
            "missing": {
                "reference": missing.reference if missing else None,
                "current": missing.current if missing else None,
                "p_value": missing.p_value if missing else None,
                "p_adjusted": one.missing_p_adjusted,
                "floor": missing.floor if missing else None,
                "verdict": one.missing_verdict,
            },
            "measures": dict(measured.measures) if measured else {},
            "parts": {name: _part(part) for name, part in comparison.parts.items()},
            "findings": [finding.as_document() for finding in comparison.findings],
            "notes": list(measured.notes) if measured else [],
            "reference": comparison.reference,
            "current": comparison.current,
            "distribution": comparison.picture.as_document() if comparison.picture else None,
        }
    )
    return document


def plain_floats(value: Any) -> Any:
    """The same with NaN and infinities as the strings that JSON has for them, and no NumPy numbers."""
    if isinstance(value, dict):
        return {key: plain_floats(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain_floats(inner) for inner in value]
    if isinstance(value, float) and not math.isfinite(value):
        return nonfinite_name(value)
    return value.item() if hasattr(value, "item") else value


def _part(part: Any) -> Document:
    return {"score": part.effect, "floor": part.floor, "p_value": part.p_value}
