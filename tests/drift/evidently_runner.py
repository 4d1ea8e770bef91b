"""Runs Evidently's DataDriftPreset on pairs of files; for the Python that has it, which need not have this package.

`python evidently_runner.py FOLDER [NUMERIC CATEGORICAL]` reads `FOLDER/NAME.reference.parquet` and `.current.parquet`
and writes `FOLDER/evidently.json`: by NAME the columns, each with its test, score and verdict, or an error. NUMERIC and
CATEGORICAL name tests instead of those that it chooses by default.
"""

# mypy: ignore-errors

import json
import sys
import warnings
from pathlib import Path

warnings.simplefilter("ignore")


def drifts(reference, current, numeric=None, categorical=None):
    """Test, score, threshold and verdict by column."""
    from evidently import Report
    from evidently.presets import DataDriftPreset

    preset = DataDriftPreset(num_method=numeric, cat_method=categorical)
    found = json.loads(Report([preset], include_tests=True).run(current, reference).json())
    columns = {}
    for metric in found["metrics"]:
        config = metric.get("config", {})
        if config.get("type", "").endswith("ValueDrift"):
            columns[config["column"]] = {"score": metric["value"], "test": config.get("method")}
    for test in found["tests"]:
        config = test.get("metric_config", {}).get("params", {})
        if config.get("column") in columns:
            columns[config["column"]]["drifted"] = test["status"] == "FAIL"
    share = next(metric["value"]["share"] for metric in found["metrics"] if isinstance(metric["value"], dict))
    return {"columns": columns, "share": share}


def main(folder, *tests):
    """Answer for every pair of files."""
    import pandas

    answers = {}
    for path in sorted(Path(folder).glob("*.reference.parquet")):
        name = path.name.removesuffix(".reference.parquet")
        try:
            frames = pandas.read_parquet(path), pandas.read_parquet(path.with_name(f"{name}.current.parquet"))
            answers[name] = drifts(*frames, *tests)
        except Exception as error:
            answers[name] = {"error": f"{type(error).__name__}: {error}"}
    Path(folder, "evidently.json").write_text(json.dumps(answers))


if __name__ == "__main__":
    main(*sys.argv[1:])
