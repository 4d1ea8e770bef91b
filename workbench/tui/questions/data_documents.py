"""A version of a dataset for actions: as JSON, and the runs that used it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from workbench.data.documents import version_document
from workbench.data.references import resolve_data
from workbench.data.versions import runs_using

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class DataDocument:
    """A version as `workbench data show --json` prints it.

    Attributes:
        reference: `transactions@v3`.
    """

    reference: str

    def ask(self, db: Any) -> Document:
        """Read it.

        Raises:
            DatasetNotFoundError: there is no such version any more.
        """
        version = resolve_data(db, self.reference)
        return version_document(version, runs_using(db, [version.digest]).get(version.digest, []))

    def work(self, found: Document) -> Document:
        """The same."""
        return found


@dataclass(frozen=True, slots=True)
class DataRuns:
    """The runs that used a version, the newest first, as `runs_using` has them.

    Attributes:
        reference: `transactions@v3`.
    """

    reference: str

    def ask(self, db: Any) -> list[Document]:
        """Find them.

        Raises:
            DatasetNotFoundError: there is no such version any more.
        """
        version = resolve_data(db, self.reference)
        return runs_using(db, [version.digest]).get(version.digest, [])

    def work(self, found: list[Document]) -> list[Document]:
        """Each once, whatever it calls the data."""
        return list({run["run_id"]: run for run in found}.values())
