"""What is made of versions of models: images, deployments, drift checks and monitors.

Each is an entity. An image names the version that it was built of in its field `version`; a deployment its image in
`image`, or its version; a drift check its deployment in `deployment`, or its version; a monitor the version that it
watches. All by their ids.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workbench.store.entities import read_entities

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection

VERSION, IMAGE, DEPLOYMENT, DRIFT, MONITOR = "version", "image", "deployment", "drift", "monitor"
KINDS = (IMAGE, DEPLOYMENT, DRIFT, MONITOR)


@dataclass(frozen=True)
class Dependant:
    """Something that is made of a version.

    Attributes:
        kind: one of `KINDS`.
        id: its own.
        name: what people call it.
        of: the id of what it is made of: the version, an image or a deployment.
        version: the id of the version.
        created_at_ms: milliseconds since the epoch, UTC; 0 where nothing says it.
    """

    kind: str
    id: str
    name: str
    of: str
    version: str
    created_at_ms: int


def dependants_of(db: Connection, versions: Collection[str]) -> list[Dependant]:
    """All that is made of these versions, directly or not, and is not deleted; what it is made of comes first.

    Args:
        versions: ids.
    """
    versions_by_source = {version: version for version in versions}
    found: list[Dependant] = []
    for kind in KINDS:
        for entity_id, fields in read_entities(db, kind).items():
            of = next((source for source in _sources(kind, fields) if source in versions_by_source), "")
            if fields.get("deleted") is True or "removed_us" in fields or not of:
                continue
            version = versions_by_source[of]
            created_at_ms = fields.get("created_at")
            found.append(
                Dependant(
                    kind, entity_id, str(fields.get("name") or entity_id), of, version,
                    created_at_ms if isinstance(created_at_ms, int) else 0,
                )
            )  # fmt: skip
        versions_by_source |= {one.id: one.version for one in found if one.kind == kind}
    return found


def _sources(kind: str, fields: dict[str, Any]) -> list[str]:
    """The ids of what an entity is made of, the nearest first: a deployment outlives the record of its image."""
    named = (fields.get(other) for other in (DEPLOYMENT, IMAGE, VERSION) if other != kind)
    return [str(source) for source in named if source]
