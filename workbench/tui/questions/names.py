"""The names that the store's runs use, kept from one visit to the next: reading them all takes longer than a page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workbench.store.names import Names

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection

_latest: dict[int, Names] = {}


def names_of(db: Connection | Any) -> Names:
    """The names of this visit, made of those of the visit before by the same connection."""
    earlier = _latest.get(id(db))
    _latest.clear()
    names = _latest[id(db)] = Names(db, earlier)
    return names
