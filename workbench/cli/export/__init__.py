"""Take runs elsewhere.

To MLflow, to another project, to files.
"""

from __future__ import annotations

from workbench.cli.command import Entry

COMMANDS = {
    "mlflow": Entry("workbench.cli.export.mlflow:mlflow", "Write runs and models to an MLflow server or database."),
    "bundle": Entry("workbench.cli.export.bundle:bundle", "Write runs, models and files to one file."),
    "parquet": Entry("workbench.cli.export.tables:parquet", "Write the tables of the store to Parquet files."),
    "csv": Entry("workbench.cli.export.tables:csv", "Write the tables of the store to CSV files."),
}
