"""Folders and files as MLflow's file store uses them: a value is a file, its name the path below a folder."""

from __future__ import annotations

import os
from collections.abc import Iterator


def folders(path: str) -> list[tuple[str, str]]:
    """Names and paths of the folders in a folder, which need not exist, by name."""
    try:
        with os.scandir(path) as entries:
            return sorted((entry.name, entry.path) for entry in entries if entry.is_dir())
    except OSError:
        return []


def files(folder: str, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Names and paths of the files below a folder, by name: a name with a slash lies in a folder."""
    try:
        with os.scandir(folder) as entries:
            found = sorted((entry.name, entry.path, entry.is_dir()) for entry in entries)
    except OSError:
        return
    for name, path, is_folder in found:
        if is_folder:
            yield from files(path, f"{prefix}{name}/")
        else:
            yield prefix + name, path


def texts(folder: str) -> dict[str, str]:
    """The contents of the files below a folder, by name."""
    found = {}
    for name, path in files(folder):
        try:
            with open(path, "rb") as file:
                found[name] = file.read().decode("utf-8", "replace")
        except OSError:
            continue
    return found


def lines(path: str) -> list[bytes]:
    """The lines of a file; one that cannot be read is one that says nothing."""
    try:
        with open(path, "rb") as file:
            return file.read().splitlines()
    except OSError:
        return [b""]
