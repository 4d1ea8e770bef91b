"""A demo's folder whose train.py takes milliseconds."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.base.project import create_project
from workbench.demo.workspace import Workspace

TRAIN = """
import argparse, sys, time
import workbench as wb

STEP = 1
parser = argparse.ArgumentParser()
for option in ("data", "model", "name"):
    parser.add_argument("--" + option)
parser.add_argument("--epochs", type=int)
parser.add_argument("--loss", type=float, default=1.0)
options = parser.parse_args()
if options.model == "broken":
    sys.exit("no such model")
with wb.start_run(experiment=options.data, name=options.name, capture=False, system_metrics=False) as run:
    for epoch in range(1, options.epochs + 1):
        run.log({"valid_loss": options.loss / epoch / STEP, "valid_auc": 0.5}, step=epoch)
    if options.model == "failing":
        raise RuntimeError("the loss is too high")
    if options.model == "endless":
        while True:
            time.sleep(0.05)
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A project with the quick train.py, without git."""
    root = tmp_path / "demo"
    project = create_project(str(root))
    (root / "train.py").write_text(TRAIN)
    return Workspace(project, new=True, has_git=False)
