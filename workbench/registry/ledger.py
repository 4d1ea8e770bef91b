"""Writing governance events: what is done, by whom and why, with the changes it makes, as one event of a hash chain.

One event is one line of a journal, so it is there as a whole or not at all, whatever is killed. A change names the
time of the value that it replaces: two that replace the same one were made by people who did not know of each other.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from workbench.base.clock import now_us
from workbench.base.errors import RefusedError
from workbench.base.jsonvalue import dumps, loads
from workbench.base.project import Project
from workbench.journal.liveness import host_name
from workbench.registry.chain import FIRST, Link, chain_id, hash_of
from workbench.store.location import machine_id
from workbench.tracking.capture.process import user_name

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection

    from workbench.registry.policy import Policy
    from workbench.registry.signing import Signer

Event = dict[str, object]
Write = Callable[[list[Event]], None]
"""Appends events to a journal as one block, all or none, on the disk when it returns."""

MOST_WITNESSED = 32
"""Heads of other chains that an event names: what an event has seen cannot go unnoticed later."""
_HEADS = "audit-heads.json"


@dataclass(frozen=True)
class Change:
    """New values of an entity's fields; None removes one."""

    kind: str
    id: str
    fields: Mapping[str, object]


@dataclass(frozen=True)
class Deed:
    """What is done.

    Attributes:
        action: a verb: `register`, `alias`, `approve`, …
        model: the name of the registered model.
        model_id: its id.
        version: the number of the version, where it is about one.
        reason: why, in the words of who did it.
        evidence: what they went by, frozen with the deed.
    """

    action: str
    model: str
    model_id: str
    version: int | None = None
    reason: str | None = None
    evidence: Mapping[str, object] = field(default_factory=dict)


class Ledger:
    """Where the governance events of this process go. Threads may share it; it works on in a forked child.

    Args:
        project: whose models.
        write: appends events.
        who: in whose name; default who this process belongs to.

    Attributes:
        project: whose models.
    """

    def __init__(self, project: Project, write: Write, *, who: str | None = None) -> None:
        self.project = project
        self._who = who
        self._write = write
        self._lock = threading.Lock()
        self._head: tuple[str, int, str, int] = ("", 0, FIRST, 0)

    @property
    def who(self) -> str:
        """Who acts."""
        return self._who or user_name()

    def policy(self, model: str) -> Policy:
        """The rules for a model.

        Raises:
            SettingsError: the project's `workbench.toml` cannot be understood.
        """
        from workbench.registry.policy import read_policy

        return read_policy(self.project, model)

    def record(self, db: Connection, deed: Deed, *changes: Change) -> Link:
        """Write a deed with its changes, later than the deed before it and all that the store knows of what it changes.

        Args:
            db: an open visit to the store. While it lasts nobody else of this machine writes to this chain.

        Raises:
            RefusedError: the deed has to be signed, and there is no key.
            StoreError: it cannot be written; nothing of it is.
        """
        signer = required_signer(self.project)
        chain = chain_id(machine_id() or host_name(), os.path.realpath(self.project.folder), self.who)
        with self._lock:
            n, prev, before_us = self._next(db, chain)
            body, latest_us = self._body(db, chain, deed, changes)
            t = max(now_us(), latest_us + 1, before_us + 1)
            key = signer.public_key if signer else ""
            digest = hash_of(chain, n, prev, t, body, key)
            link = Link(chain, n, prev, t, body, digest, key, signer.sign(digest) if signer else "")
            self._write([link.event()])
            self._head = (chain, n, link.seal, t)
            _note_head(self.project, link)
        return link

    def _next(self, db: Connection, chain: str) -> tuple[int, str, int]:
        """The number of the next event, and the seal and time of the one before: the store's, or this visit's own."""
        query = "SELECT n, seal, t FROM governance WHERE chain = $1 ORDER BY n DESC LIMIT 1"
        rows = db.execute(query, [chain]).fetchall()
        n, seal, t = rows[0] if rows else (0, FIRST, 0)
        own_chain, own_n, own_seal, own_t = self._head
        if own_chain == chain and own_n > n:
            n, seal, t = own_n, own_seal, own_t
        return n + 1, seal, t

    def _body(self, db: Connection, chain: str, deed: Deed, changes: tuple[Change, ...]) -> tuple[str, int]:
        rows = db.execute(
            "SELECT id, name, t FROM entity_field WHERE id IN (SELECT unnest($1::VARCHAR[]))",
            [sorted({change.id for change in changes})],
        ).fetchall()
        times = {(entity_id, name): t for entity_id, name, t in rows}
        seen = db.execute(
            f"SELECT chain, max(n), arg_max(seal, n) FROM governance WHERE chain <> $1 GROUP BY chain "
            f"ORDER BY max(t) DESC, chain LIMIT {MOST_WITNESSED}",
            [chain],
        ).fetchall()
        body = {
            "action": deed.action,
            "who": self.who,
            "model": deed.model,
            "model_id": deed.model_id,
            "version": deed.version,
            "reason": deed.reason,
            "evidence": dict(deed.evidence),
            "changes": [
                {"kind": c.kind, "id": c.id, "name": name, "value": value, "after": times.get((c.id, name), 0)}
                for c in changes
                for name, value in c.fields.items()
            ],
            "seen": {other: [n, seal] for other, n, seal in seen},
        }
        return dumps(body), max(times.values(), default=0)


def required_signer(project: Project) -> Signer | None:
    """This user's key; None where there is none and the project's rules want no signatures.

    Raises:
        RefusedError: they do.
        InputError: the key cannot be read.
        SettingsError: the rules cannot be understood.
    """
    from workbench.registry.policy import read_rules
    from workbench.registry.signing import load_signer

    signer = load_signer()
    if signer is None and read_rules(project).require_signatures:
        raise RefusedError("this project wants signed decisions, and you have no key", "workbench audit key --new")
    return signer


def read_heads(project: Project) -> dict[str, tuple[int, str]]:
    """Number and seal of the newest event that each writer of this copy of the project noted; empty where none did."""
    try:
        with open(os.path.join(project.folder, _HEADS), encoding="utf-8") as file:
            heads = loads(file.read())
        assert isinstance(heads, dict)
        return {str(chain): (int(n), str(seal)) for chain, (n, seal) in heads.items()}
    except (OSError, ValueError, TypeError, AssertionError):
        return {}


def _note_head(project: Project, link: Link) -> None:
    """Note the newest event beside the journals, so that a journal that loses its end is found out.

    It is a second witness: the chain is whole without it, so a kill or a full disk before this is no harm.
    """
    path = os.path.join(project.folder, _HEADS)
    heads = read_heads(project)
    if link.n > heads.get(link.chain, (0, ""))[0]:
        temporary = f"{path}.{os.urandom(4).hex()}"
        try:
            with open(temporary, "w", encoding="utf-8") as file:
                file.write(dumps({**heads, link.chain: (link.n, link.seal)}))
            os.replace(temporary, path)
        except OSError:
            return


def now_ms() -> int:
    """Milliseconds since the epoch, UTC."""
    return now_us() // 1000
