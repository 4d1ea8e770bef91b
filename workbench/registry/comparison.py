"""Versions side by side: what was measured, what their runs were given, what goes in and comes out, who approved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from workbench.base.errors import RunNotFoundError
from workbench.base.numbers import format_size
from workbench.registry import models
from workbench.registry.overview import Document, version_documents
from workbench.registry.records import Version
from workbench.registry.signature import column_types
from workbench.store.runs import run_documents
from workbench.tracking.compare import MISSING, Comparison, Row, compare_documents, compare_values

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection

SHORT_DIGEST = 12


@dataclass(frozen=True)
class VersionComparison:
    """Versions side by side.

    Attributes:
        documents: of the versions, as `overview.version_document` makes them.
        runs: what differs between their runs, with the metrics and data that were registered; its attributes are
            those of the versions: gates, approvals, size and the columns of the signature.
        gates, signature: rows of it that are about these.
    """

    documents: list[Document]
    runs: Comparison
    gates: list[Row] = field(default_factory=list)
    signature: list[Row] = field(default_factory=list)

    def to_json(self) -> dict[str, object]:
        """The JSON shape of `workbench models compare --json`: missing values are null."""
        compared = self.runs.to_json()
        left_out = ("baseline", "names", "attributes", "best")
        return {
            "versions": [f"{document['name']}/{document['version']}" for document in self.documents],
            **{key: value for key, value in compared.items() if key not in left_out},
            "runs": [document["run_id"] for document in self.documents],
            "signature": _values(self.signature),
            "gates": _values(self.gates),
            "status": [document["status"] for document in self.documents],
            "approvals": [document["review"]["approvals"] for document in self.documents],
            "size_bytes": [document["size_bytes"] for document in self.documents],
            "digest": [document["digest"] for document in self.documents],
        }


def compare_versions(db: Connection, versions: Sequence[Version], *, all: bool = False) -> VersionComparison:
    """Put versions side by side, of one model or of several; the first one is what metrics are measured against.

    Args:
        all: keep also what is the same everywhere.

    Raises:
        InputError: there is no version.
    """
    documents = [
        {"name": version.name, **version_documents(db, models.get(db, version.name), [version])[0]}
        for version in versions
    ]
    runs = _runs_of(db, documents)
    compared = compare_documents(
        [
            {
                **runs.get(document["run_id"], {}),
                "run_id": version.id,
                "name": f"{document['name']}/{document['version']}",
                "status": document["status"],
                "metrics": document["metrics"],
                "datasets": document["datasets"],
            }
            for version, document in zip(versions, documents, strict=True)
        ],
        all=all,
    )
    signature_rows = compare_values([column_types(document["signature"]) for document in documents], all=all)
    gate_rows = compare_values([_gates(document["check"]) for document in documents], all=all)
    facts = compare_values([_facts(document) for document in documents], all=all)
    attributes = [*_prefixed("gate ", gate_rows), *facts, *signature_rows]
    return VersionComparison(documents, replace(compared, attributes=attributes), gate_rows, signature_rows)


def _runs_of(db: Connection, documents: Sequence[Document]) -> dict[str, Document]:
    """The documents of the runs that are in this project, by their ids."""
    found = {}
    for run_id in {str(document["run_id"]) for document in documents if document["run_id"]}:
        try:
            [found[run_id]] = run_documents(db, [run_id])
        except RunNotFoundError:
            continue
    return found


def _facts(document: Document) -> dict[str, object]:
    review, check = document["review"], document["check"]
    asked = review["requested_at"] is not None
    facts = {
        "gates": check["summary"] if check else None,
        "approvals": f"{review['approvals']} of {review['approvers']}" if asked else None,
        "size": None if document["size_bytes"] is None else format_size(document["size_bytes"]),
        "files": document["digest"] and document["digest"].removeprefix("sha256:")[:SHORT_DIGEST],
    }
    return {name: value for name, value in facts.items() if value is not None}


def _gates(check: Mapping[str, Any] | None) -> dict[str, object]:
    return {gate["name"]: gate["outcome"] for gate in check["gates"]} if check else {}


def _prefixed(prefix: str, rows: Sequence[Row]) -> list[Row]:
    return [Row(prefix + row.name, row.values, row.differs) for row in rows]


def _values(rows: Sequence[Row]) -> dict[str, list[object]]:
    return {row.name: [None if value is MISSING else value for value in row.values] for row in rows}
