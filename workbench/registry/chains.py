"""Verifying one chain: every event has its hash, its number and the seal of the one before it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from json import JSONDecoder

from workbench.registry.chain import FIRST, Link
from workbench.registry.findings import BROKEN, CHANGED, FORK, MISSING, MOVED, REPEATED, TIME, Entry, Finding

_LINE = re.compile(
    r'\{"e":"gov","chain":"([0-9a-f]{16})","n":([1-9]\d{0,17}),"prev":"([0-9a-f]{64})","t":(-?\d{1,18}),'
    r'"body":(".*"),"hash":"([0-9a-f]{64})"(?:,"key":"([^"\\]+)","sig":"([^"\\]+)")?\}'
)
_decode = JSONDecoder().raw_decode  # `loads` takes twice as long for a short text


def parse_link(text: str) -> Link | None:
    """The event that a line of a journal is; None where it is not written as the workbench writes them."""
    match = _LINE.fullmatch(text)
    if match is None:
        return None
    chain, n, prev, t, body, digest, key, sig = match.groups()
    try:
        said, end = _decode(body)
    except ValueError:
        return None
    return Link(chain, int(n), prev, int(t), said, digest, key or "", sig or "") if end == len(body) else None


Ask = Callable[[Entry], bool]


class Chain:
    """The events of one chain, and what is wrong with them.

    Args:
        name: its id.
        entries: in the order in which they stand in the journals.

    Attributes:
        name, entries: these.
        bad: the numbers of events that are not what they were.
        sound: the events that have their hash.
    """

    def __init__(self, name: str, entries: Sequence[Entry]) -> None:
        self.name = name
        self.sound: list[Entry] = []
        self._changed: list[Entry] = []
        self.entries = entries
        self._by_number: dict[int, list[Entry]] = defaultdict(list)
        for entry in entries:
            self._by_number[entry.link.n].append(entry)
            has_hash = entry.link.expected_hash == entry.link.hash
            (self.sound if has_hash else self._changed).append(entry)
        self.bad = {entry.link.n for entry in self._changed}

    def at(self, n: int) -> list[Entry]:
        """The events of a number: one, where nothing is wrong."""
        return self._by_number.get(n, [])

    def hashes(self) -> Iterator[Finding]:
        """Events whose contents do not have their hash."""
        for entry in self._changed:
            yield Finding.about(CHANGED, entry, f"{self._named(entry)} was changed: it does not have its hash")

    def numbers(self, highest: int) -> Iterator[Finding]:
        """Numbers without an event, and events that are there more than once.

        Args:
            highest: the highest number that anybody saw.
        """
        if self.sound or highest:  # else only the name of the chain was changed
            expected = 1
            for n in [*sorted(self._by_number), highest + 1]:
                if n > expected:
                    yield self._missing(expected, n - 1)
                expected = max(expected, n + 1)
        for n, entries in self._by_number.items():
            if len(entries) > 1:
                seen: set[tuple[str, str]] = set()
                for entry in entries:
                    if (entry.link.hash, entry.link.sig) in seen and n not in self.bad:
                        yield Finding.about(REPEATED, entry, f"{self._named(entry)} is there more than once")
                    seen.add((entry.link.hash, entry.link.sig))

    def links(self, is_signed: Ask, confirmed: Ask) -> Iterator[Finding]:
        """Events that do not follow the one before them, or that two of follow one.

        Args:
            is_signed: whether an event has a signature that fits.
            confirmed: whether a witness has seen an event as it is.
        """

        def holds(entry: Entry) -> bool:
            return confirmed(entry) or is_signed(entry)

        follows = {(entry.link.n, entry.link.prev) for entry in self.sound}
        for entry in self.sound:
            n = entry.link.n
            before = self._by_number.get(n - 1, [])
            if n > 1 and not before:
                continue
            parents = [parent for parent in before if parent.seal == entry.link.prev]
            if not parents and (n > 1 or entry.link.prev != FIRST):
                if n not in self.bad and n - 1 not in self.bad:
                    yield self._break(entry, before, (n + 1, entry.seal) in follows, holds)
            elif parents and n not in self.bad and all(entry.link.t < parent.link.t for parent in parents):
                yield Finding.about(TIME, entry, f"{self._named(entry)} is earlier than event {n - 1}")
        yield from self._forks(follows, confirmed)

    def order(self) -> Iterator[Finding]:
        """Events that come after a later one of the same journal."""
        last: dict[str, int] = {}
        moved: dict[str, Entry] = {}
        for entry in self.entries:
            n = entry.link.n
            if n in self.bad or len(self._by_number[n]) > 1:
                continue
            if n < last.get(entry.journal, 0):
                if entry.journal not in moved or n < moved[entry.journal].link.n:
                    moved[entry.journal] = entry
            else:
                last[entry.journal] = n
        for entry in moved.values():
            yield Finding.about(MOVED, entry, f"{self._named(entry)} is not at its place in the journal")

    def _break(self, entry: Entry, before: Sequence[Entry], has_follower: bool, holds: Ask) -> Finding:
        """Which of two neighbours that do not fit together is the bad one: the other is vouched for."""
        n = entry.link.n
        if before:
            parent = before[-1]
            if not holds(parent) and (has_follower or holds(entry)):
                self.bad.add(n - 1)
                return Finding.about(CHANGED, parent, f"{self._named(parent)} is not the one that event {n} names")
        self.bad.add(n)
        why = f"does not follow event {n - 1}" if n > 1 else "names an event before it, and is the first one"
        return Finding.about(BROKEN, entry, f"{self._named(entry)} {why}")

    def _forks(self, follows: set[tuple[int, str]], confirmed: Ask) -> Iterator[Finding]:
        for n, entries in self._by_number.items():
            if len(entries) < 2 or n in self.bad:
                continue
            siblings: dict[str, dict[str, Entry]] = defaultdict(dict)
            for entry in entries:
                siblings[entry.link.prev].setdefault(entry.seal, entry)
            for alike in siblings.values():
                if len(alike) > 1:
                    ranked = sorted(alike.values(), key=lambda e: (confirmed(e), (n + 1, e.seal) in follows))
                    yield Finding.about(
                        FORK,
                        ranked[0],
                        f"chain {self.name} has {len(ranked)} events {n} ({'; '.join(e.deed for e in ranked)}): "
                        "copies of the project went on with one chain, or one of them is made up",
                    )

    def _missing(self, first: int, last: int) -> Finding:
        before = next((entry for entry in self._by_number.get(first - 1, [])), None)
        which = f"event {first} is" if first == last else f"events {first} to {last} are"
        if first == 1 and not self._by_number:
            which = f"all {last} events are" if last > 1 else "the only event is"
        place = (before.journal, None) if before else (None, None)
        return Finding(MISSING, f"chain {self.name}: {which} missing", self.name, first, last, *place)

    def _named(self, entry: Entry) -> str:
        return f"chain {self.name}: event {entry.link.n} ({entry.deed})"


def by_chain(entries: Iterable[Entry]) -> dict[str, list[Entry]]:
    """Events by the id of their chain."""
    found: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        found[entry.link.chain].append(entry)
    return found
