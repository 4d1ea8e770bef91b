"""Opening a model: without MLflow for the common libraries, through `mlflow.pyfunc` for everything else."""
