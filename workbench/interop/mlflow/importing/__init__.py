"""Bringing in what an MLflow store holds: a SQLite database, an `mlruns` folder or a tracking server."""
