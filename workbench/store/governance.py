"""What the files themselves say of governance: lines of journals and segments, read without the DuckDB file.

A line counts here exactly where ingest would take it for governance, or could: what is spelled in another way than the
workbench writes it is handed on as odd, never left out.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import duckdb

from workbench.base.errors import StorePermissionError, WorkbenchError
from workbench.base.jsonvalue import loads
from workbench.base.project import Project
from workbench.journal.block import HEADER_SIZE, TORN, scan
from workbench.journal.layout import META, live_dir, parse_name, sealed_dir
from workbench.journal.liveness import writer_alive
from workbench.store.connection import connect
from workbench.store.location import exact
from workbench.store.registered import GOVERNED
from workbench.store.segments import list_segments, read_manifest

IMPORT = "import"
"""The role of journals that imports make."""

_LINE_END = b"\t\t\t\t"  # the fields of points, which an event leaves empty
_EVENT = '{"e":"gov",'
_FACT = re.compile(r'\{"e":"ent","kind":"([^"\\]*)",')
_OTHER = re.compile(r'\{"e":"(?!gov"|ent")\w+"[,}]')

Line = tuple[int, str]
"""Byte offset in the journal, and text."""


@dataclass(slots=True)
class MetaJournal:
    """What a journal of edits says of governance.

    Attributes:
        name: of its file.
        imported: an import made it.
        events: governance events.
        facts: plain facts of governed kinds.
        odd: lines that are not as the workbench writes them.
        gaps: `(first byte, last byte + 1, reason)` that are lost, but not the last block of a killed writer.
    """

    name: str
    imported: bool = False
    events: list[Line] = field(default_factory=list)
    facts: list[Line] = field(default_factory=list)
    odd: list[Line] = field(default_factory=list)
    gaps: list[tuple[int, int, str]] = field(default_factory=list)

    def add(self, offset: int, text: str) -> None:
        """Sort in one line."""
        if text.startswith(_EVENT):
            self.events.append((offset, text))
            return
        fact = _FACT.match(text)
        if fact is not None:
            if fact[1] in GOVERNED:
                self.facts.append((offset, text))
        elif not _OTHER.match(text):
            self.odd.append((offset, text))


@dataclass(slots=True)
class Governance:
    """Everything that the files of a project say of governance.

    Attributes:
        journals: by name.
        broken: sentences about segments that cannot be read.
    """

    journals: list[MetaJournal] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)


def read_governance(project: Project) -> Governance:
    """Read all journals of edits, packed ones too.

    Raises:
        StorePermissionError: a journal may not be read.
    """
    live, sealed = live_dir(project.journal_dir), sealed_dir(project.journal_dir)
    found: dict[str, MetaJournal] = {}
    for name in sorted({*_names(live), *_names(sealed)}):
        # A synchronised folder may have an old beginning of it in live/; a writer may move it while we look.
        alive = writer_alive(os.path.join(live, name))
        versions = [data for data in (_read(os.path.join(folder, name)) for folder in (live, sealed)) if data]
        if versions:
            found[name] = parse_journal(name, max(versions, key=len), alive=alive)
    said = Governance()
    for journal in _packed(project, said.broken):
        found[journal.name] = journal
    said.journals = [found[name] for name in sorted(found)]
    return said


def read_journal_facts(project: Project, name: str) -> list[str]:
    """The plain facts of governed kinds that a complete journal holds, in order; none where it is not there."""
    data = _read(os.path.join(sealed_dir(project.journal_dir), name))
    journals = [parse_journal(name, data)] if data else _packed(project, [])
    return [text for journal in journals if journal.name == name for _, text in journal.facts]


def parse_journal(name: str, data: bytes, *, alive: bool = False) -> MetaJournal:
    """What the bytes of a journal say.

    Args:
        alive: its writer may still be at its last block.
    """
    journal = MetaJournal(name, _role(data) == IMPORT)
    found = scan(data, 0, writer_alive=alive)
    journal.gaps = [gap for gap in found.gaps if gap[2] != TORN]
    for start, end in found.ranges:
        position = start
        for line in data[start : end - 1].split(b"\n"):
            text = line[line.find(b"\t") + 1 :]
            if text[:1] != b"\t":  # a point of a metric has no text
                try:
                    known = text.endswith(_LINE_END) and text.find(b"\t", 0, -4) < 0
                    if known:
                        journal.add(position, text[:-4].decode())
                    else:
                        journal.odd.append((position, text.decode()))
                except UnicodeDecodeError:
                    journal.odd.append((position, text.decode(errors="replace")))
            position += len(line) + 1
    return journal


def _names(folder: str) -> list[str]:
    """The journals of edits in a folder; a listing alone, since there may be 100,000 others."""
    try:
        return [name for name in os.listdir(folder) if name.startswith(f"{META}.") and parse_name(name)]
    except FileNotFoundError:
        return []
    except PermissionError:
        raise StorePermissionError(f"{folder} may not be read", "check its owner and mode") from None


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return b""
    except PermissionError:
        raise StorePermissionError(f"{path} may not be read", "check its owner and mode") from None


def _role(data: bytes) -> object:
    try:
        opened = loads(data[HEADER_SIZE : data.index(b"\t", HEADER_SIZE)])
    except ValueError:
        return None
    return opened.get("role") if isinstance(opened, dict) and opened.get("e") == "open" else None


def _packed(project: Project, broken: list[str]) -> Iterator[MetaJournal]:
    """The journals of edits in segments."""
    for segment_id in list_segments(project):
        try:
            segment = read_manifest(project, segment_id)
            journals = {
                packed.name: MetaJournal(packed.name, packed.opened.get("role") == IMPORT, gaps=_lost(packed.gaps))
                for packed in segment.journals
                if (parse_name(packed.name) or ("",))[0] is None
            }
            if not journals:
                continue
            with connect() as db:
                rows = db.execute(
                    "SELECT name, off, text FROM read_parquet($1, hive_partitioning=false) "
                    f"WHERE text IS NOT NULL AND starts_with(name, '{META}.') ORDER BY name, off",
                    [exact(segment.path)],
                ).fetchall()
        except (WorkbenchError, duckdb.Error) as error:
            broken.append(f"the segment {segment_id} cannot be read: {str(error).splitlines()[0]}")
            continue
        for name, offset, text in rows:
            if name in journals:
                journals[name].add(offset, text)
        yield from journals.values()


def _lost(gaps: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    return [gap for gap in gaps if gap[2] != TORN]
