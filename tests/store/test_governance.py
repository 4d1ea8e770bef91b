"""Lines about governance are found in journals wherever they are, in the order and at the places where they stand."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import pytest

from tests.conftest import START_US
from tests.store.journals import HERE, JournalText
from workbench.base.errors import StorePermissionError
from workbench.base.project import Project
from workbench.journal.layout import sealed_dir
from workbench.journal.writer import JournalWriter
from workbench.store.governance import MetaJournal, parse_journal, read_governance, read_journal_facts
from workbench.store.pack import pack

FACT = {"id": "f" * 32, "name": "stage", "value": {"kind": "model"}}


def journal(role: str = "meta") -> JournalText:
    """A journal of edits with two governance events, a fact about a version, and other things."""
    text = JournalText("", host=HERE, role=role)
    text.event("gov", START_US, n=1).event("set", START_US, field="note", value='{"e":"gov",')
    text.event("ent", START_US, kind="version", **FACT).event("ent", START_US, kind="experiment", **FACT)
    return text.event("gov", START_US, n=2).event("seal", START_US)


def offsets(text: JournalText, *blocks: int) -> list[int]:
    return [sum(map(len, text.blocks[:block])) for block in blocks]


def test_events_and_facts_of_governed_kinds_are_found_at_their_places() -> None:
    text = journal()
    found = parse_journal(text.name, text.data)
    assert [offset for offset, _ in found.events] == offsets(text, 1, 5)
    assert [line for _, line in found.events] == [f'{{"e":"gov","n":{n},"t":{START_US}}}' for n in (1, 2)]
    assert [offset for offset, _ in found.facts] == offsets(text, 3)
    assert (found.imported, found.odd, found.gaps) == (False, [], [])


def test_the_role_tells_what_an_import_made() -> None:
    assert parse_journal("x", journal("import").data).imported
    assert not parse_journal("x", b"").imported
    assert not parse_journal("x", b"#no journal\n").imported


def test_several_lines_of_a_block_have_places_of_their_own() -> None:
    lines = [b'{"e":"gov","n":%d}\t\t\t\t\n' % n for n in range(3)]
    text = JournalText("").block(b"\t".join(lines))
    found = parse_journal("x", text.data).events
    assert [line for _, line in found] == [f'{{"e":"gov","n":{n}}}' for n in range(3)]
    assert [text.data[offset:].startswith((b"#", b"\t{")) for offset, _ in found] == [True] * 3


@pytest.mark.parametrize(
    "line",
    [
        b'{"e": "gov"}\t\t\t\t\n',
        b'{"n":1,"e":"gov"}\t\t\t\t\n',
        b'{"e":"ent","name":"x","kind":"model"}\t\t\t\t\n',
        b'{"e":"ent","kind":"mod\\u0065l"}\t\t\t\t\n',
        b'{"e":"gov","n":1}\tx\t\t\t\n',
        b'{"e":"gov","n":1}\n',
        b'{"e":"gov","n":"\xff"}\t\t\t\t\n',
        b"text\t\t\t\t\n",
    ],
)
def test_lines_in_another_spelling_are_odd(line: bytes) -> None:
    text = JournalText("").block(line)
    found = parse_journal("x", text.data)
    assert [offset for offset, _ in found.odd] == [len(text.blocks[0])] and not found.events and not found.facts


def test_points_and_events_of_other_kinds_are_passed_over() -> None:
    text = JournalText("").metrics({"loss": 0.1, "auc": 0.9}, 3).event("purge", START_US, run="a")
    assert parse_journal("x", text.data) == MetaJournal("x")


def test_lost_bytes_are_gaps_but_not_the_last_block_of_a_killed_writer() -> None:
    text = journal()
    data = bytearray(text.data)
    data[offsets(text, 2)[0] + 40] ^= 1
    found = parse_journal("x", bytes(data) + b"#0000")
    assert [(first, end) for first, end, _ in found.gaps] == [tuple(offsets(text, 2, 3))]
    assert len(found.events) == 2


def test_journals_are_read_live_sealed_and_packed_and_no_run_is(project: Project) -> None:
    writer = JournalWriter(project.journal_dir, None, role="meta", durability="process")
    writer.events([{"e": "gov", "n": 1, "t": 1}])
    run = JournalText().start().event("gov", START_US, n=3)
    run.write(project, folder="sealed")
    assert lines(project) == [['{"e":"gov","n":1,"t":1}']]
    writer.events([{"e": "gov", "n": 2, "t": 1}])
    writer.close()
    before = lines(project)
    assert len(before[0]) == 2
    assert pack(project, older_than_days=-1).journals
    assert lines(project) == before
    assert os.listdir(sealed_dir(project.journal_dir)) == [run.name]


def lines(project: Project) -> list[list[str]]:
    """The governance events of each journal."""
    return [[line for _, line in found.events] for found in read_governance(project).journals]


def test_a_journal_that_is_there_twice_is_the_longer_one(project: Project) -> None:
    text = journal()
    _write(project, text, "live", text.data[: offsets(text, 4)[0]])
    _write(project, text, "sealed", text.data)
    [found] = read_governance(project).journals
    assert len(found.events) == 2 and found.gaps == []


def test_facts_of_one_journal_are_read_wherever_it_is(project: Project) -> None:
    text = journal("import")
    path = _write(project, text, "sealed", text.data)
    facts = read_journal_facts(project, os.path.basename(path))
    assert len(facts) == 1 and '"version"' in facts[0]
    pack(project, older_than_days=-1)
    assert not os.listdir(sealed_dir(project.journal_dir))
    assert read_journal_facts(project, os.path.basename(path)) == facts
    assert read_journal_facts(project, "_meta.ffffffffffffffff.wbj") == []


def test_a_journal_that_may_not_be_read_is_said(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    text = journal()
    path = _write(project, text, "sealed", text.data)
    monkeypatch.setattr("builtins.open", _refusing(path))
    with pytest.raises(StorePermissionError, match="may not be read"):
        read_governance(project)


def _refusing(path: str) -> Callable[..., IO[Any]]:
    real = open

    def opened(file: object, *arguments: Any, **options: Any) -> IO[Any]:
        if file == path:
            raise PermissionError(13, "no", path)
        return real(file, *arguments, **options)  # type: ignore[call-overload,no-any-return]

    return opened


def _write(project: Project, text: JournalText, folder: str, data: bytes) -> str:
    path = Path(project.journal_dir, folder, f"_meta.{text.writer}.wbj")
    path.write_bytes(data)
    return str(path)
