"""The performance of a model in a window: realised over the labels that came, estimated for the rest, and judged."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from workbench.base.errors import InputError
from workbench.base.numbers import format_number
from workbench.drift.monitors.evaluating import Judged
from workbench.drift.monitors.labels import VALUE, Labels
from workbench.drift.monitors.monitor import Monitor
from workbench.drift.monitors.roles import LABEL, LOG, PREDICTION, SCORE, roles_of
from workbench.drift.monitors.settings import Settings
from workbench.drift.monitors.source import Part
from workbench.drift.performance.estimator import Estimator
from workbench.drift.performance.labels import Joined, joined
from workbench.drift.performance.measuring import measure
from workbench.drift.performance.roles import problem_of
from workbench.drift.words import DRIFT, INSUFFICIENT, OK, WARN, Document
from workbench.store.prediction_rows import REQUEST, ROW, WEIGHT


def measured(
    monitor: Monitor, part: Part, labels: Labels, estimator: Estimator | None, *, is_log: bool
) -> Document | None:
    """The performance document of a window; None where there are neither labels nor an estimator, or no rows.

    Raises:
        InputError: a column is missing or of the wrong kind.
    """
    settings = monitor.settings
    own = settings.label in part.table.schema
    if not part.table.rows or not (own or labels.deliveries or estimator):
        return None
    frame = _named_as_reference(part, settings)
    roles = roles_of(
        settings, frame.columns, LABEL, prediction=part.prediction or PREDICTION, sure=part.score or SCORE,
        weight=LOG + WEIGHT if is_log else None, positive=part.positive, scores=part.scores,
    )  # fmt: skip
    found: Joined | None = None
    if labels.deliveries:
        found = _joined(frame, labels, key_columns(settings, len(labels.keys), is_log=is_log))
        frame = found.frame
    elif own:
        frame = frame.with_columns(pl.col(settings.label).alias(LABEL))
    problem = settings.problem or (estimator.problem if estimator else None)
    document = measure(frame, roles, problem_of(frame, roles, problem), estimator, joined=found, name=part.table.name)
    if found is not None:  # the keys of other windows are no unknown ones
        document["labels"] = {**document["labels"], "unknown": 0}
    return document


def key_columns(settings: Settings, count: int, *, is_log: bool) -> list[str]:
    """The columns of the source that labels are joined by: of a log, the request and then the row.

    Raises:
        InputError: there are not so many.
    """
    names = list(settings.key) or ([LOG + REQUEST, LOG + ROW] if is_log else [])
    if count > len(names):
        what = "labels of a log are joined by the request, and the row in it" if is_log else "no key column is set"
        raise InputError(what, "workbench monitor add NAME --again --key COLUMN names columns of the source")
    return names[:count]


def judged_performance(document: Document | None, settings: Settings) -> Judged | None:
    """What the metrics of a window say; None where there is nothing to say.

    A bound is held against what is realised from `min_coverage` on; against an estimate it only warns.
    """
    if document is None:
        return None
    metrics = {one["metric"]: one for one in document["metrics"]}
    reasons: list[tuple[str, str]] = []
    seen = False
    for bounds, is_low in ((settings.min, True), (settings.max, False)):
        for name, bound in bounds.items():
            one = metrics.get(name)
            if one is None:
                continue
            realised, estimated = one["realised"], one["estimated"]
            word = "below" if is_low else "above"
            if isinstance(realised, float | int) and document["coverage"] >= settings.min_coverage:
                seen = True
                if _beyond(realised, bound, is_low):
                    reasons.append((DRIFT, f"{name} {format_number(realised)} is {word} {format_number(bound)}"))
            elif isinstance(estimated, float | int):
                seen = True
                if _beyond(estimated, bound, is_low):
                    text = f"{name} is estimated at {format_number(estimated)}, {word} {format_number(bound)}"
                    reasons.append((WARN, text))
    worse = [name for name, one in metrics.items() if one.get("worse")]
    if worse:
        reasons.append((WARN, f"worse than usual: {', '.join(worse)}"))
    if not seen and not any(one.get("worse") is not None for one in metrics.values()):
        return Judged(INSUFFICIENT, ()) if settings.min or settings.max else None
    verdicts = [verdict for verdict, _ in reasons]
    verdict = DRIFT if DRIFT in verdicts else WARN if verdicts else OK
    return Judged(verdict, tuple(reason for _, reason in reasons))


def _beyond(value: float, bound: float, is_low: bool) -> bool:
    return value < bound if is_low else value > bound


def _joined(frame: pl.DataFrame, labels: Labels, columns: Sequence[str]) -> Joined:
    lacking = [name for name in columns if name not in frame.columns]
    if lacking:
        raise InputError(f"there is no column {lacking[0]!r} to join labels by", "--key COLUMN")
    keyed = frame.with_columns(pl.col(name).alias(key) for name, key in zip(columns, labels.keys, strict=True))
    return joined(keyed, labels.frame.rename({VALUE: LABEL}), labels.keys, LABEL)


def _named_as_reference(part: Part, settings: Settings) -> pl.DataFrame:
    """The rows of a window; a log's prediction and score also as the settings call those of the reference."""
    frame = part.table.frame.collect()
    wanted = {part.prediction: settings.prediction, part.score: settings.score.get("", "")}
    return frame.with_columns(
        pl.col(name).alias(called) for name, called in wanted.items() if name and called and called not in frame.columns
    )
