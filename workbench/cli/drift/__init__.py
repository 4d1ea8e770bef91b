"""See whether data has moved away from a reference.

A column drifts where the difference is no accident, is large enough to matter and is larger than the noise of so few
rows. A reference is a file, a folder or a pattern; a baseline that was stored once; registered data, NAME@v3; the
training data of a run, run:RUN, or of a model, model:NAME@ALIAS; or the window before.

Examples:
  workbench drift check --reference train.parquet --current today.parquet
  workbench drift check -r model:fraud@champion --current "logs/*.jsonl"
  workbench drift history
  workbench drift performance today.parquet --prediction said --score p
"""

from workbench.cli.command import Entry

_HERE = "workbench.cli.drift"

COMMANDS = {
    "check": Entry(f"{_HERE}.check:check", "Compare current data with a reference."),
    "baseline": Entry(f"{_HERE}.baseline:baseline", "Store what checks need of a reference, once."),
    "history": Entry(f"{_HERE}.history:history", "List stored checks, or what they found of a column."),
    "show": Entry(f"{_HERE}.show:show", "Show a stored check, or some of its columns in full."),
    "performance": Entry(f"{_HERE}.performance:performance", "Say how good a model is, with and without labels."),
    "report": Entry(f"{_HERE}.report:report", "Write a stored check as HTML, Markdown, JUnit or metrics."),
}
