"""MLflow stores to import, each made once and copied for whoever changes it."""

from __future__ import annotations

import shutil
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from tests.interop.mlflow.sources import Sample, fill


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    """A database with one of everything; not to be changed."""
    folder = tmp_path_factory.mktemp("mlflow sqlite")
    path = folder / "mlflow.db"
    return fill(f"sqlite:///{path}", f"sqlite:///{path}", folder, artifacts=folder / "files")


@pytest.fixture(scope="session")
def files_template(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    """An mlruns folder with one of everything; not to be changed."""
    folder = tmp_path_factory.mktemp("mlflow files")
    return fill(str(folder / "mlruns"), str(folder / "mlruns"), folder)


@pytest.fixture
def sqlite_sample(sqlite_template: Sample, tmp_path: Path) -> Sample:
    """A copy of the database and of its files."""
    path, files = tmp_path / "a copy.db", tmp_path / "files of it"
    shutil.copy(sqlite_template.uri.removeprefix("sqlite:///"), path)
    shutil.copytree(sqlite_template.artifacts, files)
    with sqlite3.connect(path) as db:
        columns = ("runs", "artifact_uri"), ("experiments", "artifact_location"), ("logged_models", "artifact_location")
        for table, column in columns:
            moved = [str(sqlite_template.artifacts), str(files)]
            db.execute(f"UPDATE {table} SET {column} = replace({column}, ?, ?)", moved)
    db.close()
    return replace(sqlite_template, uri=f"sqlite:///{path}", place=f"sqlite:///{path}", artifacts=files)


@pytest.fixture
def files_sample(files_template: Sample, tmp_path: Path) -> Sample:
    """A copy of the mlruns folder."""
    path = tmp_path / "copied runs"
    shutil.copytree(files_template.place, path)
    for meta in path.rglob("meta.yaml"):
        meta.write_text(meta.read_text().replace(files_template.place, str(path)))
    return replace(files_template, uri=str(path), place=str(path), artifacts=path)
