"""Covering what imports bring: one governance event holds a hash of the facts that they wrote to journals of their own.

Such facts are not chained: an import that is repeated makes the same journal, byte for byte, on any machine. What
vouches for them is the event.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from workbench.registry.findings import CHANGED, MISSING, UNCOVERED, Entry, Finding
from workbench.registry.ledger import Deed, Ledger
from workbench.registry.records import ALIAS
from workbench.store.governance import IMPORT, MetaJournal, read_journal_facts

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection

ACTION = "import"
_AGAIN = "import from the same source again"
_ANEW = f"workbench store rebuild, then {_AGAIN}"


def facts_digest(facts: Iterable[str]) -> str:
    """SHA-256 over the lines of facts, each with a newline after it."""
    digest = sha256()
    for fact in facts:
        digest.update(f"{fact}\n".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def cover_imports(db: Connection, ledger: Ledger, source: str) -> None:
    """Record what an import has brought of models; nothing where it brought nothing.

    It also covers what imports brought that were killed before they could.

    Args:
        db: an open visit to the store, which has read the journals of the import.
        ledger: where it is recorded.
        source: what was imported, as people call it.

    Raises:
        RefusedError: the project wants it signed, and there is no key.
        StoreError: the journal cannot be written, or those of the import cannot be read.
    """
    covered = {name for name, _ in _covered_in(db)}
    rows = db.execute(
        "SELECT DISTINCT name, opened_at FROM journal WHERE role = $1 AND run_id IS NULL ORDER BY opened_at, name",
        [IMPORT],
    ).fetchall()
    facts = {name: read_journal_facts(ledger.project, name) for name, _ in rows if name not in covered}
    journals = {name: facts_digest(lines) for name, lines in facts.items() if lines}
    if journals:
        evidence = {"journals": journals, "aliases": _aliases(facts.values()), "source": source}
        ledger.record(db, Deed(ACTION, "", "", evidence=evidence))


def check_imports(journals: Sequence[MetaJournal], entries: Iterable[Entry]) -> Iterator[Finding]:
    """What imports brought that no event vouches for, or that is not what it was.

    Args:
        entries: the events that have their hash.
    """
    covered: dict[str, dict[str, Entry]] = {}
    for entry in entries:
        if entry.link.body.startswith(f'{{"action":"{ACTION}",'):
            for name, digest in _covers(entry.said):
                covered.setdefault(name, {})[digest] = entry
    present = set()
    for journal in journals:
        if journal.imported and journal.facts:
            present.add(journal.name)
            offset = journal.facts[0][0]
            vouched = covered.get(journal.name)
            if vouched is None:
                sentence = f"no event vouches for the facts about models in {journal.name}, which an import brought"
                yield Finding(UNCOVERED, sentence, journal=journal.name, offset=offset, hint=_AGAIN)
            elif facts_digest(text for _, text in journal.facts) not in vouched:
                entry = next(iter(vouched.values()))
                sentence = f"the facts about models in {journal.name} are not those that {entry.deed} brought"
                hint = f"remove the journal, {_ANEW}"
                yield Finding(CHANGED, sentence, journal=journal.name, offset=offset, entry=entry, hint=hint)
    for name in sorted(covered.keys() - present):
        entry = next(iter(covered[name].values()))
        sentence = f"the facts about models in {name}, which {entry.deed} brought, are missing"
        yield Finding(MISSING, sentence, journal=name, entry=entry, hint=_ANEW)


def _covers(said: Mapping[str, Any]) -> list[tuple[str, str]]:
    evidence = said.get("evidence")
    journals = evidence.get("journals") if isinstance(evidence, dict) else None
    return [(str(name), str(digest)) for name, digest in journals.items()] if isinstance(journals, dict) else []


def _covered_in(db: Connection) -> list[tuple[str, str]]:
    rows = db.execute("SELECT body FROM governance WHERE action = $1 AND json_valid(body)", [ACTION]).fetchall()
    return [pair for (body,) in rows for pair in _covers(json.loads(body))]


def _aliases(journals: Iterable[Sequence[str]]) -> dict[str, object]:
    """The numbers that aliases were given, by `MODEL_ID/ALIAS`; None for one that was removed."""
    found = {}
    for facts in journals:
        for fact in map(json.loads, facts):
            if fact["kind"] == "model" and str(fact["name"]).startswith(ALIAS):
                found[f"{fact['id']}/{str(fact['name']).removeprefix(ALIAS)}"] = fact["value"]
    return found
