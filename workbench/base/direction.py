"""Whether a metric is better when it is high or when it is low, told from its name.

Nobody declares this when they log, yet "the best run" needs it. The words of the name decide
(`val/log_loss` → loss → lower); a project overrides single names with a mapping.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Literal

    Direction = Literal["min", "max"]

LOWER_WORDS = frozenset(
    # losses and errors
    "loss losses logloss error errors err rmse mse msle rmsle mae mape smape mdape wape nrmse medae nll bce "
    "crossentropy deviance perplexity ppl bpc bpb regret cost penalty residual hinge brier "
    # rates of mistakes in speech, translation, verification, calibration
    "wer cer mer ter eer ece mce fpr fnr fdr "
    # distances between distributions and images
    "fid kid kl kld divergence distance lpips wasserstein emd "
    # what a run uses up
    "latency duration time seconds runtime memory".split()
)
LOWER_PHRASES = (
    "cross_entropy",
    "false_positive",
    "false_negative",
    "neg_log_likelihood",
    "negative_log_likelihood",
)
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


def better_direction(metric: str, overrides: Mapping[str, Direction] | None = None) -> Direction:
    """`"min"` where a lower value of the metric is better, else `"max"`.

    Args:
        metric: the metric's name; case, slashes, dots, dashes and camelCase separate its words.
        overrides: directions by full name that win over the rule.
    """
    if overrides and metric in overrides:
        return overrides[metric]
    words = [word.lower() for word in _WORD.findall(metric)]
    joined = "_".join(words)
    if any(phrase in joined for phrase in LOWER_PHRASES):
        return "min"
    lower = any(
        word in LOWER_WORDS and (index == 0 or words[index - 1] != "per")  # samples_per_second is a speed
        for index, word in enumerate(words)
    )
    # scikit-learn's neg_mean_squared_error: the sign is turned, so that higher is better
    return "min" if lower and "neg" not in words else "max"
