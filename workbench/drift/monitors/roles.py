"""Which columns of a source hold what was said, how sure it was, and what was true."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from workbench.drift.monitors.settings import Settings

if TYPE_CHECKING:
    from workbench.drift.performance.roles import Roles

PREDICTION, SCORE = "prediction", "score"
LOG = "\x1flog."
"""What the columns of a log begin with that are no features; no feature is called so."""
LABEL = f"{LOG}label"
"""What the column of joined labels is called."""


def roles_of(
    settings: Settings,
    columns: Sequence[str],
    label: str,
    *,
    prediction: str = PREDICTION,
    sure: str = SCORE,
    weight: str | None = None,
    positive: Any = None,
    scores: Mapping[str, str] | None = None,
) -> Roles:
    """The roles of the columns of a source or a reference.

    Args:
        columns: that there are.
        label: the column of labels.
        prediction, sure: the columns of predictions and scores where the settings name none.
        weight: the column of weights.
        positive, scores: what a log shows of its classes, where the settings do not say it.
    """
    from workbench.drift.performance.roles import Roles

    score: str | Mapping[str, str] | None = None
    if settings.score:
        score = settings.score[""] if set(settings.score) == {""} else settings.score
    elif scores:
        score = scores
    elif sure in columns:
        score = sure
    return Roles(
        label=label,
        prediction=settings.prediction or prediction,
        score=score,
        positive=settings.positive or (positive if isinstance(score, str) else None),
        weight=weight,
    )


def role_columns(settings: Settings) -> set[str]:
    """Columns that are no features: named by the settings, or of a prediction log."""
    named = {settings.label, settings.prediction, *settings.score.values(), *settings.key, settings.time}
    return {name for name in named if name}
