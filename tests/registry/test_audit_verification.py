"""Verification reads the files: whatever the store says, wherever journals are, and whoever wrote to them."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import START_US, FakeClock
from tests.registry.registries import Registry, copy_journals
from tests.registry.tampering import block_of, framed, link_in, payloads, sealed
from tests.store.journals import JournalText
from workbench.base.jsonvalue import dumps
from workbench.base.project import Project, create_project
from workbench.journal.layout import live_dir, sealed_dir
from workbench.registry import models, versions
from workbench.registry.chain import Link
from workbench.registry.findings import KINDS, Finding
from workbench.registry.policy import Rules
from workbench.registry.signing import create_key
from workbench.registry.verification import audit_store, check, verify
from workbench.registry.witnesses import read_cached
from workbench.store.governance import Governance, parse_journal
from workbench.store.pack import pack
from workbench.store.store import Store


@pytest.fixture
def done(project: Project, clock: FakeClock) -> Project:
    """A project in which ana registered a model with three versions, in one complete journal."""
    return recorded(project, clock)


def recorded(project: Project, clock: FakeClock, who: str = "ana") -> Project:
    registry = Registry(project, who)
    registry.do(models.register, "fraud")
    for _ in range(3):
        clock.advance(60)
        registry.do(versions.register, "fraud", source=None)
    registry.close()
    return project


def path_of(project: Project) -> Path:
    """The one journal of a project."""
    [path] = [
        Path(folder, name)
        for folder in (live_dir(project.journal_dir), sealed_dir(project.journal_dir))
        for name in os.listdir(folder)
    ]
    return path


def kinds(project: Project) -> list[tuple[str, int | None]]:
    return [(finding.kind, finding.n) for finding in verify(project).findings]


def rewrite(project: Project, *blocks: bytes) -> None:
    path_of(project).write_bytes(framed(blocks))


def cached(project: Project) -> frozenset[tuple[str, int, str]]:
    with Store(project) as store, store.reading() as db:
        return read_cached(db)


def test_a_log_is_whole_live_sealed_and_packed(project: Project, clock: FakeClock) -> None:
    registry = Registry(project, "ana")
    registry.do(models.register, "fraud")
    assert verify(project).whole and verify(project).events == 1
    registry.do(versions.register, "fraud", source=None)
    registry.close()
    seen = cached(project)
    assert verify(project, seen).events == 2
    assert pack(project, older_than_days=-1).journals == 1
    assert not os.listdir(sealed_dir(project.journal_dir))
    report = verify(project, seen)
    assert (report.whole, report.events, report.chains, report.signed, report.notes) == (True, 2, 1, 0, [])


def test_a_project_without_models_is_whole(project: Project) -> None:
    report = verify(project)
    assert report.whole and (report.events, report.chains) == (0, 0)


def test_a_change_in_a_packed_journal_is_found(done: Project) -> None:
    first, *blocks = payloads(path_of(done).read_bytes())
    rewrite(done, first, *blocks[:2], blocks[2].replace(b"ana", b"ben"), *blocks[3:])
    pack(done, older_than_days=-1)
    assert kinds(done) == [("changed", 3)]


def test_a_segment_that_cannot_be_read_is_said(done: Project) -> None:
    pack(done, older_than_days=-1)
    [parquet] = Path(done.segment_dir).glob("*.parquet")
    parquet.write_bytes(b"PAR1 no more")
    assert kinds(done) == [("missing", 1), ("damaged", None)]
    [*_, damaged] = verify(done).findings
    assert "cannot be read" in damaged.sentence


def test_what_the_store_remembers_is_a_witness_until_it_is_built_anew(done: Project) -> None:
    seen = cached(done)
    opening, *blocks = payloads(path_of(done).read_bytes())
    os.unlink(os.path.join(done.folder, "audit-heads.json"))
    rewrite(done, opening, *blocks[:2])
    with Store(done) as store:
        [finding] = audit_store(store)[0].findings
        assert (finding.kind, finding.n, finding.until) == ("missing", 3, 4)
        store.rebuild()
        assert audit_store(store)[0].whole, "nobody is left who saw it"
    assert [(f.kind, f.n) for f in verify(done, seen).findings] == [("missing", 3)]


def test_a_chain_that_was_written_anew_is_told_from_the_one_that_was_seen(done: Project) -> None:
    seen = cached(done)
    opening, *blocks = payloads(path_of(done).read_bytes())
    anew, prev = [], ""
    for number, block in enumerate(blocks[:4]):
        link = link_in(block)
        assert link is not None
        body = link.body.replace("ana", "eve") if number >= 1 else link.body
        made = sealed(replace(link, body=body, prev=prev or link.prev))
        anew.append(block_of(made))
        prev = made.seal
    rewrite(done, opening, *anew, blocks[4])
    os.unlink(os.path.join(done.folder, "audit-heads.json"))
    assert verify(done).whole, "without keys and witnesses nothing tells"
    first = verify(done, seen).findings[0]
    assert (first.kind, first.n) == ("changed", 2)
    assert "is not the one that the store saw" in first.sentence


def test_an_event_of_another_chain_is_a_witness(done: Project, clock: FakeClock) -> None:
    ben = Registry(done, "ben")
    ben.do(models.set_tag, "fraud", "a", "b")
    ben.close()
    journals = {path.name: path.read_bytes() for path in Path(sealed_dir(done.journal_dir)).iterdir()}
    mine = next(name for name, data in journals.items() if b'\\"who\\":\\"ana\\"' in data.split(b"\n")[1])
    blocks = payloads(journals[mine])
    cut = {**journals, mine: framed(blocks[:-2])}
    said = Governance([parse_journal(name, data) for name, data in sorted(cut.items())])
    [finding] = check(said, Rules(), {}).findings
    assert (finding.kind, finding.n, finding.journal) == ("missing", 4, mine)


def test_a_witness_that_made_it_up_is_the_bad_one(done: Project) -> None:
    seen = cached(done)
    [(chain, _, _)] = [event for event in seen if event[1] == 2]
    text = JournalText(project_edits=True)
    body = dumps({"action": "tag", "who": "eve", "seen": {chain: [2, "f" * 64]}})
    made = sealed(replace(_any_link(done), chain="e" * 16, n=1, prev="0" * 64, body=body))
    text.block(block_of(made)).write(done, folder="sealed")
    report = verify(done, seen)
    assert [(finding.kind, finding.chain, finding.n) for finding in report.findings] == [("broken", "e" * 16, 1)]


def _any_link(project: Project) -> Link:
    link = link_in(payloads(path_of(project).read_bytes())[1])
    assert link is not None
    return link


def test_a_damaged_block_is_named_with_its_place_after_the_event_that_was_in_it(done: Project) -> None:
    data = bytearray(path_of(done).read_bytes())
    place = data.index(b'"n":2')
    data[place] ^= 1
    path_of(done).write_bytes(data)
    missing, damaged = verify(done).findings
    assert (missing.kind, missing.n, damaged.kind) == ("missing", 2, "damaged")
    assert damaged.journal == path_of(done).name and damaged.offset is not None and damaged.offset < place


def test_half_a_last_block_is_no_finding(project: Project, clock: FakeClock) -> None:
    recorded(project, clock)
    with open(path_of(project), "ab") as file:
        file.write(b"#000000ff 01234567 012345")
    assert verify(project).whole


def test_a_fact_that_no_event_made_is_a_finding_and_has_no_effect(done: Project) -> None:
    journal = JournalText(project_edits=True)
    fact = {"kind": "version", "id": "f" * 32, "name": "stage", "value": "Production"}
    journal.event("ent", START_US, **fact).event("ent", START_US, **{**fact, "kind": "logged_model"})
    journal.write(done, folder="sealed")
    [finding] = verify(done).findings
    assert (finding.kind, finding.journal) == ("stray", journal.name)
    with Store(done) as store, store.reading() as db:
        assert db.execute("SELECT kind FROM entity_field WHERE id = $1", ["f" * 32]).fetchall() == [("logged_model",)]


def test_events_in_the_journal_of_a_run_have_no_effect(done: Project) -> None:
    link = _any_link(done)
    body = dumps({"who": "eve", "changes": [{"kind": "model", "id": "f" * 32, "name": "name", "value": "evil"}]})
    made = sealed(replace(link, chain="e" * 16, body=body))
    run = JournalText(role="import").start().block(block_of(made))
    run.event("ent", START_US, kind="model", id="f" * 32, name="name", value="evil")
    run.write(done, folder="sealed")
    with Store(done) as store, store.reading() as db:
        assert db.execute("SELECT name FROM model").fetchall() == [("fraud",)]
        assert db.execute("SELECT DISTINCT who FROM governance").fetchall() == [("ana",)]
        assert verify(done, read_cached(db)).whole


@pytest.mark.parametrize(
    "line",
    [
        '{"e": "gov", "chain": "x"}',
        '{"e":"gov","n":1}',
        '{"n":1,"e":"gov"}',
        '{"\\u0065":"gov"}',
        '{"e":"ent","id":"x","kind":"model"}',
        '{"e":"g\\u006fv"}',
        '["no event"]',
        "no json",
    ],
)
def test_a_line_in_another_spelling_is_never_passed_over(done: Project, line: str) -> None:
    opening, *blocks = payloads(path_of(done).read_bytes())
    rewrite(done, opening, *blocks[:2], line.encode() + b"\t\t\t\t\n", *blocks[2:])
    assert kinds(done) == [("unreadable", None)]


def test_a_line_that_breaks_the_store_is_named(done: Project) -> None:
    opening, *blocks = payloads(path_of(done).read_bytes())
    rewrite(done, opening, *blocks[:2], b"no json\t\t\t\t\n", *blocks[2:])
    with Store(done) as store:
        shutil.rmtree(os.path.join(done.folder, "cache"))
        os.makedirs(os.path.join(done.folder, "cache"))
        report, contradictions = audit_store(store)
    assert [finding.kind for finding in report.findings] == ["unreadable"] and contradictions == []
    assert report.notes[-1].startswith("the store could not be asked: ")


def test_a_number_beyond_all_others_takes_no_time(done: Project) -> None:
    opening, *blocks = payloads(path_of(done).read_bytes())
    link = link_in(blocks[3])
    assert link is not None
    rewrite(done, opening, *blocks[:3], block_of(sealed(replace(link, n=10**17))), blocks[4])
    [finding, *_] = verify(done).findings
    assert (finding.kind, finding.n, finding.until) == ("missing", 4, 10**17 - 1)


def test_an_event_that_is_earlier_than_the_one_before_it_is_found(done: Project) -> None:
    opening, *blocks = payloads(path_of(done).read_bytes())
    link = link_in(blocks[3])
    assert link is not None
    os.unlink(os.path.join(done.folder, "audit-heads.json"))
    rewrite(done, opening, *blocks[:3], block_of(sealed(replace(link, t=START_US))), blocks[4])
    assert kinds(done) == [("time", 4)]


def test_a_chain_that_goes_on_after_its_note_is_noted(done: Project, clock: FakeClock) -> None:
    heads = Path(done.folder, "audit-heads.json")
    before = heads.read_text()
    registry = Registry(done, "ana")
    registry.do(models.set_tag, "fraud", "a", "b")
    registry.close()
    heads.write_text(before)
    report = verify(done)
    assert report.whole and len(report.notes) == 1 and "goes on after event 4" in report.notes[0]


class Keys:
    """A project whose rules want signatures of ana and ben."""

    def __init__(self, project: Project, patch: pytest.MonkeyPatch) -> None:
        self.project = project
        self.patch = patch
        self.public: dict[str, str] = {}
        for who in ("ana", "ben", "eve"):
            self.use(who)
            self.public[who] = create_key().public_key

    def use(self, whose: str | None) -> None:
        self.patch.setenv("WORKBENCH_KEY", os.path.join(self.project.root, f"{whose}.pem"))

    def rules(self, *, required: bool = True, people: tuple[str, ...] = ("ana", "ben")) -> None:
        lines = ["[people]", *(f'{who} = "{self.public[who]}"' for who in people), "[audit]"]
        lines.append(f"require_signatures = {'true' if required else 'false'}")
        Path(self.project.root, "workbench.toml").write_text("\n".join(lines))

    def act(self, who: str, key: str | None, name: str) -> None:
        self.use(key)
        registry = Registry(self.project, who)
        registry.do(models.register, name)
        registry.close()


@pytest.fixture
def keys(project: Project, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> Keys:
    return Keys(project, monkeypatch)


def said(findings: list[Finding]) -> list[tuple[str, int | None, str]]:
    return [(finding.kind, finding.n, finding.sentence.rpartition(" is ")[2]) for finding in findings]


def test_signatures_of_known_keys_are_whole(keys: Keys) -> None:
    keys.rules()
    keys.act("ana", "ana", "a")
    keys.act("ben", "ben", "b")
    keys.act("ana", "ana", "c")
    for every in (False, True):
        report = verify(keys.project, every_signature=every)
        assert report.whole and (report.signed, report.notes) == (3, [])


def test_a_key_that_is_nobodys_is_a_finding_where_signatures_are_wanted_and_else_noted(keys: Keys) -> None:
    keys.act("ana", "eve", "a")
    clause = "signed in the name of ana by a key that workbench.toml does not name"
    keys.rules(required=False)
    assert (verify(keys.project).findings, verify(keys.project).notes) == ([], [f"1 event is {clause}"])
    keys.rules()
    assert said(verify(keys.project).findings) == [("key", 1, clause)]


def test_whoever_signs_in_the_name_of_another_is_found_whatever_the_rules_want(keys: Keys) -> None:
    keys.act("ana", "ben", "a")
    for required in (False, True):
        keys.rules(required=required)
        assert said(verify(keys.project).findings) == [("key", 1, "signed in the name of ana by the key of ben")]


def test_events_without_a_signature_are_one_finding_for_each_stretch(keys: Keys) -> None:
    for name, key in (("a", None), ("b", None), ("c", "ana"), ("d", None)):
        keys.act("ana", key, name)
    keys.rules(required=False)
    report = verify(keys.project)
    assert (report.findings, report.notes) == ([], ["3 events are not signed, in the name of ana"])
    keys.rules()
    first, second = verify(keys.project).findings
    assert (first.kind, first.n, first.until) == ("unsigned", 1, 2)
    assert (second.kind, second.n, second.until) == ("unsigned", 4, None)


def test_a_person_may_have_had_several_keys(keys: Keys) -> None:
    keys.act("ana", "ana", "a")
    keys.act("ana", "eve", "b")
    keys.rules()
    assert [finding.n for finding in verify(keys.project).findings] == [2]
    both = f'ana = ["{keys.public["ana"]}", "{keys.public["eve"]}"]'
    Path(keys.project.root, "workbench.toml").write_text(f"[people]\n{both}\n[audit]\nrequire_signatures = true\n")
    assert verify(keys.project).whole


def test_every_signature_finds_one_that_a_later_one_vouches_for(keys: Keys) -> None:
    """Somebody adds an event with a signature made up, and the owner of the key goes on with the chain."""
    keys.act("ana", "ana", "a")
    keys.rules()
    [first] = [link for block in payloads(path_of(keys.project).read_bytes()) if (link := link_in(block))]
    forged = sealed(replace(first, n=2, prev=first.seal, sig=""))
    forged = replace(forged, sig=first.sig)
    JournalText(project_edits=True).block(block_of(forged)).write(keys.project, folder="sealed")
    assert [finding.kind for finding in verify(keys.project).findings] == ["signature"]
    keys.act("ana", "ana", "b")
    assert verify(keys.project).whole
    assert [(f.kind, f.n) for f in verify(keys.project, every_signature=True).findings] == [("signature", 2)]


def test_a_report_says_everything_as_json(done: Project) -> None:
    opening, *blocks = payloads(path_of(done).read_bytes())
    rewrite(done, opening, *blocks[:2], blocks[2].replace(b"ana", b"ben"), *blocks[3:])
    document = verify(done).as_document()
    [finding] = document["findings"]
    assert document.keys() == {"whole", "events", "chains", "signed", "duration_s", "findings", "notes"}
    assert finding == {
        "kind": "changed",
        "chain": finding["chain"],
        "n": 3,
        "until": None,
        "journal": path_of(done).name,
        "offset": finding["offset"],
        "time": "2026-09-21T14:15:20.000000Z",
        "who": "ben",
        "action": "register",
        "model": "fraud",
        "version": 2,
        "sentence": f"chain {finding['chain']}: event 3 (ben, register fraud/2, 2026-09-21T14:15:20.000000Z) was "
        "changed: it does not have its hash",
        "hint": None,
    }
    assert finding["kind"] in KINDS


def test_a_merged_copy_is_whole_and_the_first_bad_event_of_several_chains_is_the_earliest(
    done: Project, tmp_path: Path, clock: FakeClock
) -> None:
    other = recorded(create_project(str(tmp_path / "other")), clock, "ben")
    for project, event in ((other, 2), (done, 4)):  # ben's second event is later than ana's fourth
        opening, *blocks = payloads(path_of(project).read_bytes())
        blocks[event - 1] = blocks[event - 1].replace(b"register", b"retrieve")
        rewrite(project, opening, *blocks)
    copy_journals(other, done)
    assert [finding.n for finding in verify(done).findings] == [4, 2]
