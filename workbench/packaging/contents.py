"""What goes into an image beside packages: the server, the user's own code, the model and how it is served.

Everything is looked through for secrets first: what is in an image can be read by whoever has it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import as_file, files
from typing import Any

from workbench.base.errors import InputError, RefusedError
from workbench.packaging.context import CODE_DIR, MODEL_DIR, MODULE, SERVE_DIR
from workbench.packaging.layer import Entry, Layer, folder_entries, write_layer
from workbench.packaging.source import Source, created_at
from workbench.serving.description import FILE_NAME, describe
from workbench.tracking.capture.secrets import find_secret, is_secret_file

MAX_SCANNED_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True)
class Serving:
    """How a model is served, as `serve.json` says it.

    Attributes:
        loader: `native` or `pyfunc`.
        allow_pickle: files may be opened that can run code.
        settings: of the server, by name.
    """

    loader: str
    allow_pickle: bool = False
    settings: Mapping[str, Any] | None = None


def serve_layer(path: str) -> Layer:
    """The server, which is this package's folder `serving` under another name."""
    with as_file(files("workbench") / "serving") as folder:
        names = [
            entry.name.lstrip("/")
            for entry in folder_entries(str(folder), "")
            if entry.name.endswith(".py") and "__pycache__" not in entry.name
        ]
        return write_layer("serve", folder_entries(str(folder), f"{SERVE_DIR[1:]}/{MODULE}", keep=names), path)


def model_layer(folder: str, source: Source, serving: Serving, bill: Mapping[str, Any], path: str) -> Layer:
    """The model, its `serve.json` and its bill of materials.

    Args:
        folder: with the model's files.
        bill: what is in the image.
    """
    described = describe(folder, allow_pickle=serving.allow_pickle).document()
    described |= {
        "model": source.name,
        "version": str(source.version if source.version is not None else "0"),
        "run_id": source.run_id or "",
        "digest": source.digest,
        "created": created_at(source),
        "files": {name: content for name, (content, _) in sorted(source.files.items())},
        "loader": serving.loader,
        "settings": dict(serving.settings or {}),
    }
    entries = [
        *folder_entries(folder, MODEL_DIR[1:], keep=sorted(source.files)),
        Entry(f"{MODEL_DIR[1:]}/{FILE_NAME}", _json(described)),
        Entry(f"{MODEL_DIR[1:]}/sbom.cdx.json", _json(bill)),
    ]
    return write_layer("model", entries, path)


def code_layer(modules: Mapping[str, str], path: str) -> Layer | None:
    """The user's own modules; None where there are none.

    Args:
        modules: paths on this machine, by their paths below the folder that is imported from.
    """
    if not modules:
        return None
    return write_layer("code", [Entry(f"{CODE_DIR[1:]}/{name}", file) for name, file in modules.items()], path)


def included(paths: Sequence[str], root: str) -> dict[str, str]:
    """The files of folders and modules that the user names, by the paths that they are imported by.

    Args:
        root: of the project; what lies below it keeps its path from there.

    Raises:
        InputError: there is no such file.
    """
    found = {}
    for given in paths:
        path = os.path.realpath(given)
        if not os.path.exists(path):
            raise InputError(f"there is no {given}")
        base = os.path.realpath(root)
        base = base if path.startswith(base + os.sep) else os.path.dirname(path)
        if os.path.isfile(path):
            found[os.path.relpath(path, base)] = path
            continue
        for entry in folder_entries(path, ""):
            name = entry.name.lstrip("/")
            if "__pycache__/" not in name and not name.startswith((".git/", ".workbench/")):
                found[os.path.join(os.path.relpath(path, base), name)] = os.path.join(path, name)
    return found


def check_secrets(named: Iterable[tuple[str, str]]) -> None:
    """Look through files that go into an image.

    Args:
        named: what they are called, and where they are.

    Raises:
        RefusedError: one is or holds a secret; its value is not shown.
    """
    for name, path in named:
        if is_secret_file(name):
            raise RefusedError(f"{name} looks like a file of secrets and would be in the image", "leave it out")
        if os.path.getsize(path) > MAX_SCANNED_BYTES:
            continue
        with open(path, "rb") as file:
            content = file.read()
        kind = None if b"\0" in content[:1024] else find_secret(content)
        if kind:
            raise RefusedError(
                f"{name} holds what looks like a secret ({kind}) and would be in the image",
                "take it out, or say --allow-secrets",
            )


def _json(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False).encode() + b"\n"
