"""Verifying signatures: one vouches for every event before it in its chain, through the seals.

So where each event follows the one before, one check of the last event of each stretch of one key tells that all of
the stretch is as its owner left it. Where that one does not fit, the stretch is walked back to the first bad event.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from workbench.registry.findings import KEY, SIGNATURE, UNSIGNED, Entry, Finding
from workbench.registry.policy import Rules

_WHO = re.compile(r'\{"action":"[^"\\]*","who":"([^"\\]*)",')


class Signatures:
    """Checks signatures, each once.

    Args:
        rules: whose keys they are.
    """

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._checked: dict[tuple[str, str, str], bool] = {}
        self._names: dict[str, set[str]] = {}
        for name, keys in rules.people.items():
            for key in keys:
                self._names.setdefault(key, set()).add(name)

    def fits(self, entry: Entry) -> bool:
        """Whether an event has a signature that its key made."""
        from workbench.registry.signing import is_signed

        link = entry.link
        asked = (link.hash, link.key, link.sig)
        if asked not in self._checked:
            self._checked[asked] = bool(link.sig) and is_signed(*asked)
        return self._checked[asked]

    def bad(self, sound: Sequence[Entry], *, every: bool) -> Iterator[Entry]:
        """The events of a chain whose signature does not fit, the first one of each stretch; all of them for `every`.

        Args:
            sound: the events of a chain that have their hash.
        """
        signed = [entry for entry in sound if entry.link.sig]
        if every:
            yield from (entry for entry in signed if not self.fits(entry))
            return
        by_seal = {entry.seal: entry for entry in signed}
        followed = {(entry.link.prev, entry.link.key) for entry in signed}
        for last in signed:
            if (last.seal, last.link.key) in followed or self.fits(last):
                continue
            first = last
            while True:
                before = by_seal.get(first.link.prev)
                if before is None or before.link.key != last.link.key or self.fits(before):
                    break
                first = before
            yield first

    def findings(self, bad: Iterable[Entry]) -> Iterator[Finding]:
        """What to say of events whose signature does not fit."""
        for entry in bad:
            yield Finding.about(SIGNATURE, entry, f"{_named(entry)} was not signed by the key that it names")

    def owners(self, sound: Sequence[Entry], notes: dict[str, int]) -> Iterator[Finding]:
        """Whose keys they are: events without a signature or with a strange key, one finding for each stretch.

        Args:
            sound: the events of a chain that have their hash, by number.
            notes: receives how many events each sentence is about that is only to be noted.
        """
        if not self._rules.require_signatures and not self._names and not any(entry.link.key for entry in sound):
            return
        judged: dict[tuple[str, str], tuple[str, str, bool] | None] = {}
        stretch: list[Entry] = []
        said: tuple[str, str, bool] | None = None
        for entry in sound:
            asked = (entry.link.key, who_of(entry))
            if asked not in judged:
                judged[asked] = self._judge(*asked)
            if judged[asked] != said or (stretch and entry.link.n != stretch[-1].link.n + 1):
                yield from _said(stretch, said, notes)
                stretch, said = [], judged[asked]
            stretch.append(entry)
        yield from _said(stretch, said, notes)

    def _judge(self, key: str, who: str) -> tuple[str, str, bool] | None:
        """Kind, clause and whether it is a finding rather than a note; None where all is well."""
        required = self._rules.require_signatures
        if not key:
            known = who in self._rules.people
            return (UNSIGNED, f"not signed, in the name of {who}", required) if required or known else None
        names = self._names.get(key, set())
        if not names:
            return (KEY, f"signed in the name of {who} by a key that workbench.toml does not name", required)
        if who not in names:
            return (KEY, f"signed in the name of {who} by the key of {', '.join(sorted(names))}", True)
        return None


def who_of(entry: Entry) -> str:
    """In whose name an event was written."""
    match = _WHO.match(entry.link.body)
    return match[1] if match else str(entry.said.get("who"))


def noted(notes: Mapping[str, int]) -> list[str]:
    """Notes of `Signatures.owners` as sentences."""
    return [f"{count:,} event{'s are' if count > 1 else ' is'} {clause}" for clause, count in notes.items()]


def _said(stretch: Sequence[Entry], said: tuple[str, str, bool] | None, notes: dict[str, int]) -> Iterator[Finding]:
    if not stretch or said is None:
        return
    kind, clause, is_finding = said
    if not is_finding:
        notes[clause] = notes.get(clause, 0) + len(stretch)
        return
    first, last = stretch[0], stretch[-1]
    if first is last:
        yield Finding.about(kind, first, f"{_named(first)} is {clause}")
    else:
        sentence = f"chain {first.link.chain}: events {first.link.n} to {last.link.n} are {clause}"
        yield Finding.about(kind, first, sentence, until=last.link.n)


def _named(entry: Entry) -> str:
    return f"chain {entry.link.chain}: event {entry.link.n} ({entry.deed})"
