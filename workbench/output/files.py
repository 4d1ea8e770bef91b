"""Files that appear when they are complete."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from workbench.base.errors import InputError


@contextmanager
def whole_file(path: str) -> Iterator[TextIO]:
    """A text file to write to, which takes its place at `path` at the end of the block.

    Raises:
        InputError: the file cannot be written.
    """
    temporary = f"{path}.{os.urandom(4).hex()}"
    try:
        with open(temporary, "w", encoding="utf-8", errors="backslashreplace", newline="") as file:
            yield file
        os.replace(temporary, path)
    except OSError as problem:
        raise InputError(f"cannot write {path}: {(problem.strerror or str(problem)).lower()}") from None
    finally:
        if os.path.exists(temporary):
            os.unlink(temporary)
