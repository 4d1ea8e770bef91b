"""What a verification of the audit log says: its findings, each about one event as far as that can be told."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from workbench.base.clock import iso_utc
from workbench.base.jsonvalue import loads
from workbench.registry.chain import Link

CHANGED = "changed"
"""An event, or what an import brought, is not what it was."""
MISSING = "missing"
"""Events, or what an import brought, are gone."""
REPEATED = "repeated"
"""An event is there twice."""
FORK = "fork"
"""Two events have one number: a copy of the project went on with the same chain."""
BROKEN = "broken"
"""An event names another one before it than there is."""
MOVED = "moved"
"""Events of a journal are not in the order in which they were written."""
TIME = "time"
"""An event is earlier than the one before it."""
SIGNATURE = "signature"
"""A signature is not that of the key."""
KEY = "key"
"""The key is nobody's, or somebody else's."""
UNSIGNED = "unsigned"
"""There is no signature, and the rules want one."""
UNREADABLE = "unreadable"
"""A line is not as the workbench writes it."""
STRAY = "stray"
"""A line claims a fact about models and is no governance event; it has no effect."""
UNCOVERED = "uncovered"
"""An import brought facts that no event vouches for."""
DAMAGED = "damaged"
"""Bytes of a journal, or a segment, are lost."""
KINDS = (
    CHANGED, MISSING, REPEATED, FORK, BROKEN, MOVED, TIME, SIGNATURE, KEY, UNSIGNED, UNREADABLE, STRAY, UNCOVERED,
    DAMAGED,
)  # fmt: skip


class Entry:
    """A governance event and where it stands.

    Attributes:
        link: the event.
        journal: the name of the journal; offset: of the event's line in it, bytes.
        seal: of the event.
    """

    __slots__ = ("__dict__", "journal", "link", "offset", "seal")

    def __init__(self, link: Link, journal: str, offset: int) -> None:
        self.link = link
        self.journal = journal
        self.offset = offset
        self.seal = link.seal

    @cached_property
    def said(self) -> dict[str, Any]:
        """The body; empty where it is no JSON object."""
        try:
            value = loads(self.link.body)
        except (ValueError, RecursionError):
            return {}
        return value if isinstance(value, dict) else {}

    @property
    def deed(self) -> str:
        """What it says was done: `ana, approve fraud/3, 2026-11-21T07:41:00Z`."""
        said = self.said
        target = str(said.get("model") or "")
        if target and said.get("version") is not None:
            target += f"/{said['version']}"
        what = f"{said.get('action', '?')} {target}".strip()
        return f"{said.get('who', '?')}, {what}, {shown_time(self.link.t)}"


@dataclass(frozen=True)
class Finding:
    """Something that is not as it was written.

    Attributes:
        kind: one of `KINDS`.
        sentence: what is wrong, without a final full stop.
        chain, n: the event that it is about; None where it is about none.
        until: the number of the last event, where it is about several in a row.
        journal, offset: where; offset in bytes.
        entry: the event itself, as far as it is there.
        hint: what to do.
    """

    kind: str
    sentence: str
    chain: str | None = None
    n: int | None = None
    until: int | None = None
    journal: str | None = None
    offset: int | None = None
    entry: Entry | None = None
    hint: str | None = None

    @classmethod
    def about(cls, kind: str, entry: Entry, sentence: str, *, until: int | None = None) -> Finding:
        """A finding about an event that is there."""
        link = entry.link
        return cls(kind, sentence, link.chain, link.n, until, entry.journal, entry.offset, entry)

    def as_document(self) -> dict[str, Any]:
        """It as JSON has it: `time` is ISO 8601 UTC."""
        said = self.entry.said if self.entry else {}
        return {
            "kind": self.kind,
            "chain": self.chain,
            "n": self.n,
            "until": self.until,
            "journal": self.journal,
            "offset": self.offset,
            "time": shown_time(self.entry.link.t) if self.entry else None,
            **{name: said.get(name) for name in ("who", "action", "model", "version")},
            "sentence": self.sentence,
            "hint": self.hint,
        }


@dataclass
class Report:
    """What a verification came to.

    Attributes:
        events: governance events that there are. chains: of how many writers. signed: events with a signature.
        findings: the first bad event first; empty for a log that is whole.
        notes: sentences about what is no proof of anything.
        duration_s: how long it took.
    """

    events: int = 0
    chains: int = 0
    signed: int = 0
    findings: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    duration_s: float = 0.0

    @property
    def whole(self) -> bool:
        """Whether nothing was found."""
        return not self.findings

    def as_document(self) -> dict[str, Any]:
        """It as JSON has it."""
        return {
            "whole": self.whole,
            "events": self.events,
            "chains": self.chains,
            "signed": self.signed,
            "duration_s": round(self.duration_s, 3),
            "findings": [finding.as_document() for finding in self.findings],
            "notes": self.notes,
        }


def shown_time(time_us: int) -> str:
    """A time of an event; what is no time on a calendar as microseconds."""
    try:
        return iso_utc(time_us)
    except (OverflowError, ValueError, OSError):
        return f"{time_us} µs"
