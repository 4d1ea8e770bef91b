"""Runs NannyML's estimators and calculators on pairs of files; for the Python that has it.

`python nannyml_runner.py FOLDER` reads `FOLDER/PROBLEM.reference.parquet` and `.current.parquet` and writes
`FOLDER/nannyml.json`: by PROBLEM and metric the estimated and the realised value of each chunk of the current data, and
the thresholds.
"""

# mypy: ignore-errors

import json
import os
import sys
import warnings
from pathlib import Path

warnings.simplefilter("ignore")
os.environ["NML_DISABLE_USAGE_LOGGING"] = "1"
ROWS = 1000
METRICS = {
    "binary": ["roc_auc", "f1", "precision", "recall", "specificity", "accuracy"],
    "multiclass": ["roc_auc", "f1", "precision", "recall", "accuracy"],
}


def classified(problem, reference, current):
    """CBPE of both kinds."""
    import nannyml

    scores = "score" if problem == "binary" else {"cat": "p_cat", "cow": "p_cow", "dog": "p_dog"}
    options = {
        "y_true": "label",
        "y_pred": "prediction",
        "y_pred_proba": scores,
        "problem_type": f"classification_{problem}",
        "metrics": METRICS[problem],
        "chunk_size": ROWS,
    }
    found = nannyml.CBPE(**options).fit(reference).estimate(current).filter(period="analysis").to_df()
    measured = nannyml.PerformanceCalculator(**options).fit(reference).calculate(current)
    return {
        name: answer(found[name], measured.filter(period="analysis").to_df()[name]["value"])
        for name in METRICS[problem]
    }


def answer(found, realised):
    """What is said of one metric."""
    return {
        "estimated": found["value"].tolist(),
        "realised": realised.tolist(),
        "lower": found["lower_threshold"].tolist()[0],
        "upper": found["upper_threshold"].tolist()[0],
        "error": found["sampling_error"].tolist(),
    }


def main(folder):
    """Answer for every pair of files."""
    import pandas

    answers = {}
    for path in sorted(Path(folder).glob("*.reference.parquet")):
        problem = path.name.removesuffix(".reference.parquet")
        frames = pandas.read_parquet(path), pandas.read_parquet(path.with_name(f"{problem}.current.parquet"))
        answers[problem] = classified(problem, *frames)
    Path(folder, "nannyml.json").write_text(json.dumps(answers))


if __name__ == "__main__":
    main(sys.argv[1])
