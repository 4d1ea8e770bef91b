"""Which way a metric gets better."""

from __future__ import annotations

import pytest

from workbench.base.direction import better_direction


@pytest.mark.parametrize(
    "name",
    [
        "loss", "val_loss", "val/loss", "trainLoss", "ValLoss", "log_loss", "logloss", "RMSE", "valid.rmse", "mse",
        "mae", "mean_absolute_error", "error_rate", "perplexity", "cross_entropy", "crossentropy", "WER",
        "false_positive_rate", "brier_score", "kl_divergence", "latency_p99_ms", "step time",
        "nll", "neg_log_likelihood",
    ],
)  # fmt: skip
def test_losses_and_errors_are_better_low(name: str) -> None:
    assert better_direction(name) == "min"


@pytest.mark.parametrize(
    "name",
    [
        "auc", "accuracy", "f1", "val/top-1", "r2", "precision@10", "bleu", "samples_per_second", "tokens_per_second",
        "neg_mean_squared_error", "neg_log_loss", "lossless_ratio", "reward", "entropy", "log_likelihood", "", "∅",
    ],
)  # fmt: skip
def test_everything_else_is_better_high(name: str) -> None:
    assert better_direction(name) == "max"


def test_a_project_overrides_the_rule_by_full_name() -> None:
    assert better_direction("loss", {"loss": "max"}) == "max"
    assert better_direction("val/loss", {"loss": "max"}) == "min"
