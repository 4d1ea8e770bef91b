"""What changed between two runs: what is asked of the store, and the work with git and difflib that takes its time.

The questions only fetch. The functions below run in a thread of their own, because git may take seconds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.base.project import Project
from workbench.output.diff_view import change_starts, diff_lines, diff_size
from workbench.output.spans import Line
from workbench.store.blobs import BlobStore
from workbench.store.outputs import output_lines
from workbench.store.runs import run_documents
from workbench.tracking.diff import MAX_OUTPUT_LINES, code_state, diff_code, diff_environment, diff_output

Written = tuple[list[str], list[str]]
"""The lines that two runs wrote."""
MAX_CELLS = 2000
"""What is longer is a file made by a machine."""


@dataclass(frozen=True, slots=True)
class Pair:
    """What was recorded of two runs.

    Attributes:
        names: of the two runs.
        captures: what was captured of each, as `store.documents` has it.
    """

    names: tuple[str, str]
    captures: tuple[Mapping[str, Any], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class PairOf:
    """What was recorded of two runs: `Pair`."""

    base_uid: str
    uid: str

    def ask(self, db: Any) -> list[dict[str, Any]]:
        """Their documents.

        Raises:
            RunNotFoundError: one of them is in the store no more.
        """
        return run_documents(db, [self.base_uid, self.uid])

    def work(self, found: list[dict[str, Any]]) -> Pair:
        """What matters here."""
        a, b = found
        return Pair((str(a["name"]), str(b["name"])), (a["captures"], b["captures"]))


@dataclass(frozen=True, slots=True)
class OutputsOf:
    """What two runs wrote: two lists of lines, of long ones the end."""

    base_uid: str
    uid: str

    def ask(self, db: Any) -> Written:
        """Their lines; one more than is compared, which tells that there are more."""
        a, b = (
            [line.text for line in output_lines(db, uid, last=MAX_OUTPUT_LINES + 1)]
            for uid in (self.base_uid, self.uid)
        )
        return a, b

    def work(self, found: Written) -> Written:
        """The same."""
        return found


@dataclass(frozen=True, slots=True)
class Difference:
    """A difference, ready to be drawn.

    Attributes:
        lines: as a unified diff; empty where nothing differs.
        size: how much changed, such as `3 files, +14 −3`.
        starts: indices of the lines at which changes begin.
        note: what one must know to read it, or None.
        text: the diff as programs read it.
    """

    lines: list[Line]
    size: Line
    starts: list[int]
    note: str | None
    text: str


def code_difference(project: Project, pair: Pair) -> Difference:
    """The difference of two runs' code; runs git."""
    blobs = BlobStore(project)

    def read(sha256: str) -> bytes:
        with blobs.open(sha256) as file:
            return file.read()

    a, b = (code_state(name, captured, read) for name, captured in zip(pair.names, pair.captures, strict=True))
    found = diff_code(a, b, repositories=[project.root])
    return _drawn(found.lines, found.note)


def environment_difference(pair: Pair) -> Difference:
    """The difference of two runs' environments."""
    a, b = (captured.get("environment") for captured in pair.captures)
    found = diff_environment(a if isinstance(a, Mapping) else None, b if isinstance(b, Mapping) else None)
    return _drawn(found.lines(*pair.names), found.note)


def output_difference(names: tuple[str, str], written: Written) -> Difference:
    """The difference of what two runs wrote."""
    return _drawn(diff_output(*written, labels=names), None)


def _drawn(lines: Sequence[str], note: str | None) -> Difference:
    text = "".join(f"{line}\n" for line in lines)
    return Difference(diff_lines(lines, width=MAX_CELLS), diff_size(lines), change_starts(lines), note, text)
