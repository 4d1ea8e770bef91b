"""Verifying the audit log from the files themselves: nothing changed, gone, added or moved since it was written."""

from __future__ import annotations

import time
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate

from workbench.base.errors import StoreError
from workbench.base.project import Project
from workbench.registry.chains import Chain, by_chain, parse_link
from workbench.registry.findings import DAMAGED, KINDS, STRAY, UNREADABLE, Entry, Finding, Report
from workbench.registry.forks import Contradiction, contradictions
from workbench.registry.imports import check_imports
from workbench.registry.keys import Signatures, noted
from workbench.registry.ledger import read_heads
from workbench.registry.policy import Rules, read_rules
from workbench.registry.witnesses import Heads, Sight, Witnesses, read_cached
from workbench.store.governance import Governance, MetaJournal, read_governance
from workbench.store.store import Store


def verify(project: Project, cached: Iterable[Sight] = (), *, every_signature: bool = False) -> Report:
    """Verify everything that was done with models, from journals and segments; the DuckDB file is but a witness.

    Args:
        cached: what `witnesses.read_cached` said, read before this is called: what is written meanwhile is no witness.
        every_signature: check each signature, not one for each stretch of one key.

    Raises:
        SettingsError: the project's `workbench.toml` cannot be understood.
        StorePermissionError: a journal may not be read.
    """
    began = time.perf_counter()
    rules, heads = read_rules(project), read_heads(project)
    report = check(read_governance(project), rules, heads, cached, every_signature=every_signature)
    report.duration_s = time.perf_counter() - began
    return report


def audit_store(store: Store, *, every_signature: bool = False) -> tuple[Report, list[Contradiction]]:
    """Verify what was done with models, and list what copies of the project contradict each other in.

    A store that cannot be read, which a journal that somebody has tampered with may be the reason of, is no witness;
    a note says so.

    Raises:
        SettingsError: the project's `workbench.toml` cannot be understood.
        StorePermissionError: a journal may not be read.
    """
    cached: frozenset[Sight] = frozenset()
    unread: StoreError | None = None
    try:
        with store.reading(ingest=False) as db:  # as it was: nothing that is new in the journals is a witness
            cached = read_cached(db)
    except StoreError as error:
        unread = error
    report = verify(store.project, cached, every_signature=every_signature)
    found: list[Contradiction] = []
    if unread is None:
        try:
            with store.reading() as db:
                found = contradictions(db)
        except StoreError as error:
            unread = error
    if unread is not None:
        report.notes.append(f"the store could not be asked: {unread.message}")
    return report, found


def check(
    said: Governance,
    rules: Rules,
    heads: Heads,
    cached: Iterable[Sight] = (),
    *,
    every_signature: bool = False,
) -> Report:
    """Verify what files say.

    Args:
        said: what they say.
        rules: of the project: whose keys there are, and whether signatures are wanted.
        heads: the newest event that each writer of this copy of the project noted.
        cached: the events that the store's cache has.
        every_signature: as for `verify`.
    """
    entries: list[Entry] = []
    others: list[Finding] = [Finding(DAMAGED, sentence) for sentence in said.broken]
    for journal in said.journals:
        others += _beside_events(journal)
        for offset, text in journal.events:
            link = parse_link(text)
            if link is None:
                others.append(_unreadable(journal, offset))
            else:
                entries.append(Entry(link, journal.name, offset))
    chains = {name: Chain(name, found) for name, found in by_chain(entries).items()}
    sound = [entry for chain in chains.values() for entry in chain.sound]
    signatures = Signatures(rules)
    witnesses = Witnesses(heads, cached, sound)
    unmatched = witnesses.unmatched(entries)
    findings: list[Finding] = []
    notes: dict[str, int] = {}
    for name in sorted(chains.keys() | unmatched.keys()):
        chain, seen = chains.get(name) or Chain(name, ()), unmatched.get(name, ())
        findings += chain.hashes()
        for finding in signatures.findings(signatures.bad(chain.sound, every=every_signature)):
            chain.bad.add(finding.n or 0)
            findings.append(finding)
        findings += witnesses.findings(chain, seen)
        findings += chain.numbers(max((n for _, n, _ in seen), default=0))
        findings += chain.links(signatures.fits, witnesses.confirm)
        findings += chain.order()
        findings += signatures.owners(sorted(chain.sound, key=lambda entry: entry.link.n), notes)
    others += check_imports(said.journals, sound)
    report = Report(len(entries), len(chains), sum(bool(entry.link.sig) for entry in entries))
    by_name = {name: chain.entries for name, chain in chains.items()}
    report.findings = [*_in_order(findings, by_name), *others]
    report.notes = [*noted(notes), *_unnoted(heads, by_name)]
    return report


def _beside_events(journal: MetaJournal) -> Iterator[Finding]:
    for first, end, _ in journal.gaps:
        sentence = f"bytes {first} to {end} of {journal.name} are damaged: what was written there is lost"
        yield Finding(DAMAGED, sentence, journal=journal.name, offset=first)
    for offset, _ in journal.odd:
        yield _unreadable(journal, offset)
    if not journal.imported:
        for offset, _ in journal.facts:
            sentence = (
                f"byte {offset} of {journal.name} claims a fact about models that no event made; it has no effect"
            )
            yield Finding(STRAY, sentence, journal=journal.name, offset=offset)


def _unreadable(journal: MetaJournal, offset: int) -> Finding:
    sentence = f"the line at byte {offset} of {journal.name} is not as the workbench writes it"
    return Finding(UNREADABLE, sentence, journal=journal.name, offset=offset)


def _in_order(findings: Sequence[Finding], chains: Mapping[str, Sequence[Entry]]) -> list[Finding]:
    """The first bad event first: by the time that its chain had come to before it, then by its own time."""
    came_to: dict[str, tuple[list[int], list[int]]] = {}
    for name in {finding.chain or "" for finding in findings}:
        ranked = sorted((entry.link.n, entry.link.t) for entry in chains.get(name, ()))
        came_to[name] = [n for n, _ in ranked], list(accumulate((t for _, t in ranked), max, initial=0))

    def place(finding: Finding) -> tuple[int, int, str, int, int]:
        chain, n = finding.chain or "", finding.n or 0
        numbers, latest_us = came_to[chain]
        before = bisect_left(numbers, n)
        reached_us = latest_us[min(before + 1, len(numbers))]
        return latest_us[before], reached_us, chain, n, KINDS.index(finding.kind)

    return sorted(findings, key=place)


def _unnoted(heads: Heads, chains: Mapping[str, Sequence[Entry]]) -> Iterator[str]:
    """Chains of this copy that go on after what it noted: a kill does that, and so does whoever adds to a journal."""
    for name, (n, _) in sorted(heads.items()):
        highest = max((entry.link.n for entry in chains.get(name, ())), default=0)
        if highest > n:
            yield f"chain {name} goes on after event {n}, the last one that was noted beside the journals"
