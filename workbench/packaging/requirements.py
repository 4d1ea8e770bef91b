"""Which packages an image gets: what the model declares, for the loader that is used, and what the server needs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from workbench.base.errors import InputError
from workbench.base.project import Project
from workbench.packaging.lock import normalised
from workbench.packaging.source import Source, read_file

SERVER = ("uvicorn>=0.30", "httptools>=0.6", "uvloop>=0.20", "orjson>=3.10")
"""What the server in the image needs."""
LOADERS = ("native", "pyfunc")
PYFUNC = ("pandas", "numpy")
"""What loading a model by MLflow's pyfunc needs beside the model's own packages."""
MLFLOW = frozenset({"mlflow", "mlflow-skinny"})

_NATIVE: dict[str, tuple[str, ...]] = {
    "sklearn": ("scikit-learn",),
    "xgboost": ("xgboost",),
    "lightgbm": ("lightgbm",),
    "onnx": ("onnxruntime",),
}
"""The flavours that the server loads by itself, and the packages that each needs."""


@dataclass(frozen=True)
class Requirements:
    """The packages of an image, before they are pinned by hash.

    Attributes:
        loader: `native` or `pyfunc`.
        lines: of a requirements file.
        declared: names that the model declares.
        dropped: names of those that were left out, and why.
    """

    loader: str
    lines: tuple[str, ...]
    declared: tuple[str, ...] = ()
    dropped: dict[str, str] = field(default_factory=dict)


def native_flavour(source: Source) -> str | None:
    """The flavour of a model that the server loads by itself; None where there is none."""
    return next((flavour for flavour in _NATIVE if flavour in source.flavours), None)


def choose_loader(source: Source, wanted: str) -> str:
    """The loader of a model.

    Args:
        wanted: `auto`, `native` or `pyfunc`.

    Raises:
        InputError: the server does not load such a model by itself.
    """
    flavour = native_flavour(source)
    if wanted == "auto":
        return "native" if flavour else "pyfunc"
    if wanted == "native" and flavour is None:
        raise InputError(
            f"{source.shown} has the flavours {', '.join(sorted(source.flavours)) or 'none'}, and no native loader",
            f"native loaders are for {', '.join(_NATIVE)}; use --runtime pyfunc",
        )
    if wanted not in LOADERS:
        raise InputError(f"there is no loader {wanted!r}", "one of: auto, native, pyfunc")
    return wanted


def gather(
    project: Project,
    source: Source,
    loader: str,
    *,
    drop: Sequence[str] = (),
    add: Sequence[str] = (),
    unused: Sequence[str] = (),
) -> Requirements:
    """The packages of an image.

    Args:
        loader: `native` or `pyfunc`.
        drop: names of declared packages to leave out, in the user's words.
        add: more lines of a requirements file.
        unused: names of declared packages that were found to be unused and are to be left out.

    Raises:
        InputError: a line cannot go into a lock, or what is dropped is not declared.
    """
    declared = _declared(project, source)
    names = {name_of(line) for line in declared}
    for name in drop:
        if normalised(name) not in names:
            raise InputError(f"{source.shown} does not declare {name}", f"it declares {', '.join(sorted(names))}")
    dropped = {normalised(name): "dropped on request" for name in drop}
    dropped |= {name: "not used when the model predicts" for name in unused if name in names}
    kept = [line for line in declared if name_of(line) not in dropped]
    lines = []
    for line in kept:
        name = name_of(line)
        if name in MLFLOW:
            if loader == "native":
                dropped[name] = "not needed by the native loader"
                continue
            line = re.sub(r"^mlflow(?!-)", "mlflow-skinny", line)
        lines.append(line)
    present = {name_of(line) for line in [*lines, *add]}
    needed = _NATIVE[native_flavour(source) or ""] if loader == "native" else PYFUNC
    if loader == "pyfunc" and not present & MLFLOW:
        needed = (*needed, "mlflow-skinny")
    lines += [name for name in needed if name not in present and name not in dropped]
    return Requirements(loader, (*lines, *SERVER, *add), tuple(sorted(names)), dropped)


def declared_names(project: Project, source: Source) -> set[str]:
    """Normalised names of the packages that a model declares.

    Raises:
        InputError: a line cannot go into a lock.
    """
    return {name_of(line) for line in _declared(project, source)}


def name_of(line: str) -> str:
    """The normalised name of the package that a line requires."""
    match = re.match(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)", line)
    return normalised(match[1]) if match else ""


def _declared(project: Project, source: Source) -> list[str]:
    text = read_file(project, source, "requirements.txt")
    if text is None:
        text = "\n".join(_from_conda(read_file(project, source, "conda.yaml")))
    lines = []
    for raw in text.splitlines():
        line = re.sub(r"(^|\s)#.*", "", raw).strip()
        if not line or line.startswith(("--hash", "\\")):
            continue
        line = line.rstrip("\\").strip()
        if line.startswith(("-", ".", "/")) or "://" in line:
            raise InputError(
                f"{source.shown} requires {line!r}, which cannot be pinned by hash",
                f"leave it out with --drop {name_of(line) or line}, or put its code in with --include PATH",
            )
        lines.append(line)
    return lines


def _from_conda(text: str | None) -> list[str]:
    """The pip section of a conda environment."""
    if text is None:
        return []
    from workbench.registry.evidence import parse_yaml

    document: Any = parse_yaml(text)
    dependencies = document.get("dependencies") if isinstance(document, dict) else None
    for item in dependencies if isinstance(dependencies, list) else ():
        if isinstance(item, dict) and isinstance(item.get("pip"), list):
            return [str(line) for line in item["pip"]]
    return []
