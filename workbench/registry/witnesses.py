"""What was seen of a chain elsewhere: beside the journals, in the DuckDB file, and in the events of other chains.

A chain cannot tell that its own end was cut off, or that all of it was written anew. Whoever saw it before can.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from json import JSONDecoder
from typing import TYPE_CHECKING

from workbench.registry.chains import Chain
from workbench.registry.findings import BROKEN, CHANGED, Entry, Finding

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection

Sight = tuple[str, int, str]
"""Chain, number and seal of an event that somebody saw."""
Heads = Mapping[str, tuple[int, str]]

_SEEN = '"seen":'
_decode = JSONDecoder().raw_decode


def read_cached(db: Connection) -> frozenset[Sight]:
    """Every event that the store has read from journals, as long as it was not built anew."""
    rows = db.execute("SELECT chain, n, seal FROM governance WHERE chain IS NOT NULL AND n IS NOT NULL").fetchall()
    return frozenset(rows)


class Witnesses:
    """Who saw which event.

    Args:
        heads: the newest event that each writer of this copy of the project noted.
        cached: what the store's cache has.
        entries: the events that have their hash, which name those of other chains.
    """

    def __init__(self, heads: Heads, cached: Iterable[Sight], entries: Iterable[Entry]) -> None:
        self.heads = {(chain, n, seal) for chain, (n, seal) in heads.items()}
        self.cached = set(cached)
        self.seen: dict[Sight, Entry] = {}
        last: dict[str, str] = {}
        for entry in entries:
            chain, body = entry.link.chain, entry.link.body
            seen = body[body.rfind(_SEEN) :]
            if seen != last.get(chain):  # most events have seen what the one before them had
                last[chain] = seen
                for sight in sights(entry):
                    self.seen.setdefault(sight, entry)

    def confirm(self, entry: Entry) -> bool:
        """Whether this copy of the project saw an event as it is."""
        sight = (entry.link.chain, entry.link.n, entry.seal)
        return sight in self.cached or sight in self.heads

    def unmatched(self, entries: Iterable[Entry]) -> dict[str, list[Sight]]:
        """What was seen and is not there as it was, by chain, the lowest number first."""
        present = {(entry.link.chain, entry.link.n, entry.seal) for entry in entries}
        found: dict[str, list[Sight]] = defaultdict(list)
        for sight in sorted((self.heads - present) | (self.cached - present) | (self.seen.keys() - present)):
            found[sight[0]].append(sight)
        return found

    def findings(self, chain: Chain, unmatched: Sequence[Sight]) -> Iterator[Finding]:
        """Events of a chain that are there, but not as they were seen."""
        for sight in unmatched:
            _, n, _ = sight
            entries = chain.at(n)
            if not entries or n in chain.bad:
                continue
            entry = entries[0]
            other = self.seen.get(sight)
            where = [
                name for name, sights in (("the store", self.cached), ("this copy", self.heads)) if sight in sights
            ]
            if other is not None and not where and any(self.confirm(present) for present in entries):
                yield Finding.about(
                    BROKEN,
                    other,
                    f"chain {other.link.chain}: event {other.link.n} ({other.deed}) names an event {n} of chain "
                    f"{chain.name} that never was there",
                )
                continue
            if other is not None:
                where.append(f"event {other.link.n} of chain {other.link.chain}")
            chain.bad.add(n)
            yield Finding.about(
                CHANGED,
                entry,
                f"chain {chain.name}: event {n} ({entry.deed}) is not the one that {' and '.join(where)} saw",
            )


def sights(entry: Entry) -> list[Sight]:
    """The events of other chains that an event names."""
    body = entry.link.body
    begin = body.rfind(_SEEN)
    if body.endswith(_SEEN + "{}}"):
        return []
    try:
        seen, end = _decode(body, begin + len(_SEEN))
    except ValueError:
        seen, end = None, -1
    if end != len(body) - 1:  # it is the last field where the ledger wrote it
        seen = entry.said.get("seen")
    if not isinstance(seen, dict):
        return []
    return [
        (chain, value[0], value[1])
        for chain, value in seen.items()
        if isinstance(value, list) and len(value) == 2 and isinstance(value[0], int) and isinstance(value[1], str)
    ]
