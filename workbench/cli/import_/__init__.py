"""Bring in runs from elsewhere.

From MLflow, TensorBoard, wandb, a table, or from another project.
"""

from __future__ import annotations

from workbench.cli.command import Entry

COMMANDS = {
    "mlflow": Entry("workbench.cli.import_.mlflow:mlflow", "Bring in what an MLflow store holds."),
    "tensorboard": Entry("workbench.cli.import_.tensorboard:tensorboard", "Bring in TensorBoard's event files."),
    "wandb": Entry("workbench.cli.import_.wandb:wandb", "Bring in the runs that wandb keeps on this disk."),
    "csv": Entry("workbench.cli.import_.csv:csv", "Bring in a table of results."),
    "bundle": Entry("workbench.cli.import_.bundle:bundle", "Bring in a bundle of another project."),
}
