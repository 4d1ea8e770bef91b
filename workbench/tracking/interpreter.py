"""The Python that a run is reproduced with: one that is here and equals the recorded one, or a new environment."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from workbench.base.errors import ToolError
from workbench.base.project import Project
from workbench.tracking.diff import normalised, packages_of

PROBE = (
    "import json, sys, importlib.metadata as m; "
    "print(json.dumps({'packages': {d.metadata['Name']: d.version for d in m.distributions() if d.metadata['Name']},"
    " 'path': sys.path, 'python': '.'.join(map(str, sys.version_info[:3]))}))"
)
COMPLETE = ".workbench-complete"


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A Python on this machine.

    Attributes:
        executable: its path.
        python: its version.
        packages: versions by normalised name.
        path: its `sys.path`.
        notes: how it differs from what was recorded.
    """

    executable: str
    python: str = ""
    packages: dict[str, str] = field(default_factory=dict)
    path: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def choose_interpreter(
    project: Project, recorded: Mapping[str, object] | None, *, mode: str, progress: Callable[[str], None]
) -> Interpreter:
    """The interpreter to reproduce a run with.

    Args:
        project: its cache keeps recreated environments.
        recorded: the `environment` capture of the run, None where there is none.
        mode: "current" takes one that is here, whatever it has; "recreate" builds one with the recorded versions;
            "auto" takes one that is here where it has exactly those, else builds one.
        progress: told what takes time.

    Raises:
        ToolError: an environment cannot be built, or no Python can be started.
    """
    present = [found for found in map(probe, _candidates(recorded)) if found is not None]
    if recorded is None or not packages_of(recorded):
        if not present:
            raise ToolError("no Python can be started")
        return _noted(present[0], "the run's packages were not recorded: using those that are installed")
    if mode == "auto":
        equal = next((found for found in present if not differences(recorded, found)), None)
        if equal is not None:
            return equal
    if mode == "current":
        if not present:
            raise ToolError("no Python can be started", "try --env recreate")
        wrong = differences(recorded, present[0])
        return _noted(present[0], f"the environment differs: {_shortened(wrong)}") if wrong else present[0]
    python = str(recorded.get("python") or "").rpartition(" ")[2]
    base = next((found.executable for found in present if found.python == python), python)
    return recreate(project, recorded, base=base, progress=progress)


def probe(executable: str) -> Interpreter | None:
    """What the interpreter has installed; None where it cannot be started."""
    try:
        done = subprocess.run([executable, "-c", PROBE], capture_output=True, timeout=60, check=True)
        facts = json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
    packages = {normalised(name): version for name, version in facts["packages"].items()}
    return Interpreter(executable, facts["python"], packages, [entry for entry in facts["path"] if entry])


def differences(recorded: Mapping[str, object], found: Interpreter) -> list[str]:
    """How `found` differs from the recorded environment, as texts such as `numpy 1.26.4 (here 2.0.0)`."""
    expected = packages_of(recorded)
    wrong = []
    if str(recorded.get("python")) != found.python:
        wrong.append(f"python {recorded.get('python')} (here {found.python})")
    for name in sorted({*expected, *found.packages}):
        old, new = expected.get(name), found.packages.get(name)
        if old != new:
            wrong.append(f"{name} {old or 'absent'} (here {new or 'absent'})")
    return wrong


def recreate(
    project: Project, recorded: Mapping[str, object], *, base: str, progress: Callable[[str], None]
) -> Interpreter:
    """A virtual environment with the recorded versions, built once and kept in the project's cache.

    Args:
        project: whose cache it is.
        recorded: an `environment` capture.
        base: the Python to build on: a path, or a version that uv finds or downloads.
        progress: told before it takes time.

    Raises:
        ToolError: uv is missing, or a version cannot be installed.
    """
    requirements = [requirement(name, version) for name, version in sorted(packages_of(recorded).items())]
    python = str(recorded.get("python"))
    key = hashlib.sha256("\n".join([python, *requirements]).encode()).hexdigest()[:16]
    folder = os.path.join(project.folder, "cache", "environments", key)
    executable = os.path.join(folder, "Scripts" if os.name == "nt" else "bin", "python")
    if not os.path.exists(os.path.join(folder, COMPLETE)):
        progress(f"building an environment: python {python}, {len(requirements)} packages")
        _uv(["venv", "--quiet", "--clear", "--python", base, folder])
        listing = os.path.join(folder, "requirements.txt")
        with open(listing, "w", encoding="utf-8") as file:
            file.write("\n".join(requirements) + "\n")
        # The recorded list is complete, and what a run had installed need not satisfy every declared dependency.
        _uv(["pip", "install", "--quiet", "--no-deps", "--python", executable, "-r", listing])
        with open(os.path.join(folder, COMPLETE), "w", encoding="utf-8"):
            pass
    found = probe(executable)
    if found is None:
        raise ToolError(f"the environment in {folder} does not start", "remove the folder, then try again")
    wrong = differences(recorded, found)
    return _noted(found, f"the environment differs: {_shortened(wrong)}") if wrong else found


def requirement(name: str, version: str) -> str:
    """What to install for a recorded package: its version, or the local folder that this very version comes from."""
    from importlib import metadata

    try:
        distribution = metadata.distribution(name)
        origin = (
            json.loads(distribution.read_text("direct_url.json") or "{}") if distribution.version == version else {}
        )
    except (metadata.PackageNotFoundError, ValueError):
        origin = {}
    url = origin.get("url", "")
    if not url.startswith("file://"):
        return f"{name}=={version}"
    return f"-e {url}" if origin.get("dir_info", {}).get("editable") else f"{name} @ {url}"


def _candidates(recorded: Mapping[str, object] | None) -> list[str]:
    executable = (recorded or {}).get("executable")
    known = executable if isinstance(executable, str) and os.path.isfile(executable) else None
    return list(dict.fromkeys(path for path in (known, sys.executable) if path))


def _uv(arguments: Sequence[str]) -> None:
    try:
        import uv

        binary = uv.find_uv_bin()
    except (ImportError, FileNotFoundError):
        raise ToolError("uv is not installed", "pip install uv, or use --env current") from None
    done = subprocess.run([binary, *arguments], capture_output=True, text=True, errors="replace", check=False)
    if done.returncode:
        lines = [line.strip(" ×╰─▶│") for line in done.stderr.splitlines() if line.strip(" ×╰─▶│")]
        raise ToolError(
            f"the environment cannot be recreated: {lines[-1] if lines else f'uv ended with {done.returncode}'}",
            "use the environment that is here: --env current",
        )


def _noted(found: Interpreter, note: str) -> Interpreter:
    return Interpreter(found.executable, found.python, found.packages, found.path, [*found.notes, note])


def _shortened(texts: Sequence[str]) -> str:
    shown = ", ".join(texts[:5])
    return f"{shown} and {len(texts) - 5} more" if len(texts) > 5 else shown
