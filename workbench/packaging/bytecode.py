"""Bytecode beside the sources of an image: a server whose root file system is read-only would compile anew each start.

A `.pyc` is valid by the hash that is in it and is not compared with its source (PEP 552), so it has the same bytes
whenever it is made. What the compiler writes also depends on what it compiled before, in the same process, and on
the order of sets: sources are compiled in a fixed order, by a fixed number of processes, with a fixed hash seed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

PROCESSES = 4
_COMPILE = """
import importlib.util, py_compile, sys
folder, prefix = sys.argv[1:]
for name in sys.stdin.read().splitlines():
    path = f"{folder}/{name}"
    try:
        py_compile.compile(
            path, importlib.util.cache_from_source(path), f"/{prefix}/{name}", doraise=True,
            invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
        )
    except (py_compile.PyCompileError, OSError, ValueError):
        pass
"""


def compiler(minor: str) -> str | None:
    """An interpreter of this machine that writes bytecode for a Python; None where there is none.

    Args:
        minor: `3.11`.
    """
    if sys.implementation.name == "cpython" and minor == f"{sys.version_info[0]}.{sys.version_info[1]}":
        return sys.executable
    return shutil.which(f"python{minor}")


def compile_sources(python: str, folder: str, names: Iterable[str], prefix: str) -> list[str]:
    """Write the bytecode of sources beside them; those that cannot be compiled have none.

    Args:
        python: see `compiler`.
        folder: where the sources are.
        names: of files in it, relative; those that are no sources are passed over.
        prefix: where the folder is in the image, without the leading slash; tracebacks show it.

    Returns:
        The names of what was written.
    """
    sources = sorted(name for name in names if name.endswith(".py") and "\n" not in name)

    def run(group: Sequence[str]) -> None:
        subprocess.run(
            [python, "-S", "-s", "-W", "ignore", "-c", _COMPILE, folder, prefix],
            input="\n".join(group), text=True, capture_output=True, check=False,
            env={"PYTHONHASHSEED": "0", "PYTHONUTF8": "1"},
        )  # fmt: skip

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(run, [sources[number::PROCESSES] for number in range(PROCESSES)]))
    return [name for source in sources if os.path.exists(os.path.join(folder, name := _cached(source, python)))]


def _cached(source: str, python: str) -> str:
    """Where the bytecode of a source is."""
    parent, _, name = source.rpartition("/")
    return "/".join(filter(None, (parent, "__pycache__", f"{name.removesuffix('.py')}.{_tag(python)}.pyc")))


def _tag(python: str) -> str:
    if python == sys.executable:
        return str(sys.implementation.cache_tag)
    return "cpython-" + os.path.basename(python).removeprefix("python").replace(".", "")
