"""What an import brings of models is vouched for by one governance event, however often it is imported."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.registry.registries import Registry
from workbench.base.errors import RefusedError
from workbench.base.project import Project, create_project
from workbench.interop.bundle import reading
from workbench.interop.bundle.reading import import_bundle
from workbench.interop.bundle.writing import write_bundle
from workbench.journal.layout import sealed_dir
from workbench.journal.reader import read_journal
from workbench.registry import aliases, models, versions
from workbench.registry.audit import read_log
from workbench.registry.history import alias_terms
from workbench.registry.signing import create_key
from workbench.registry.verification import verify
from workbench.store.pack import pack
from workbench.store.store import Store


@pytest.fixture
def bundle(tmp_path: Path) -> str:
    """A bundle of a project with a model, two versions and an alias."""
    registry = Registry(create_project(str(tmp_path / "source")), "ana")
    registry.do(models.register, "fraud")
    for _ in range(2):
        registry.do(lambda db, ledger: versions.register(db, ledger, "fraud", source=None))
    registry.do(aliases.point, "fraud", "champion", 2)
    write_bundle(registry.store, str(tmp_path / "models.tar"), None)
    registry.close()
    return str(tmp_path / "models.tar")


def imported(project: Project) -> list[Path]:
    """The journals that imports made."""
    folder = Path(sealed_dir(project.journal_dir))
    return [path for path in folder.iterdir() if read_journal(str(path)).events[0]["role"] == "import"]


def kinds(project: Project) -> list[str]:
    return [finding.kind for finding in verify(project).findings]


def test_one_event_covers_an_import_and_importing_again_adds_none(project: Project, bundle: str) -> None:
    for _ in range(2):
        import_bundle(project, bundle)
        [journal] = imported(project)
        with Store(project) as store, store.reading() as db:
            [event] = read_log(db)
            model = models.get(db, "fraud")
            [term] = alias_terms(db, model)
        assert (event["action"], event["model"], event["evidence"]["source"]) == ("import", None, "models.tar")
        assert list(event["evidence"]["journals"]) == [journal.name]
        assert event["evidence"]["aliases"] == {f"{model.id}/champion": 2}
        assert (term.alias, term.version, term.action) == ("champion", 2, "import")
        assert verify(project).whole


def test_a_bundle_of_what_was_imported_is_the_same_bundle(project: Project, bundle: str) -> None:
    import_bundle(project, bundle)
    import_bundle(project, bundle)
    with Store(project) as store:
        write_bundle(store, "again.tar", None)
    assert Path("again.tar").read_bytes() == Path(bundle).read_bytes()


def test_an_import_without_models_is_no_deed(project: Project, tmp_path: Path) -> None:
    with Store(create_project(str(tmp_path / "source"))) as store:
        write_bundle(store, "empty.tar", None)
    import_bundle(project, "empty.tar")
    with Store(project) as store, store.reading() as db:
        assert read_log(db) == []


def test_what_a_killed_import_left_uncovered_is_a_finding_until_it_is_imported_again(
    project: Project, bundle: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*arguments: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(reading, "cover_facts", killed)
        with pytest.raises(KeyboardInterrupt):
            import_bundle(project, bundle)
    [finding] = verify(project).findings
    assert (finding.kind, finding.hint) == ("uncovered", "import from the same source again")
    import_bundle(project, bundle)
    assert verify(project).whole


def _change(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data.replace(b'"name":"alias:champion","value":2', b'"name":"alias:champion","value":1'))


def _cut(path: Path) -> None:
    lines = path.read_bytes().split(b"\n")
    path.write_bytes(b"\n".join(lines[:1]) + b"\n")


TAMPERINGS: dict[str, tuple[Callable[[Path], None], list[str]]] = {
    "remove": (os.unlink, ["missing"]),
    "change": (_change, ["damaged", "missing"]),
    "cut": (_cut, ["missing"]),
}


@pytest.mark.parametrize("how", TAMPERINGS)
def test_facts_that_an_import_brought_cannot_be_tampered_with(project: Project, bundle: str, how: str) -> None:
    import_bundle(project, bundle)
    [journal] = imported(project)
    tamper, expected = TAMPERINGS[how]
    tamper(journal)
    assert kinds(project) == expected


def test_a_changed_fact_with_new_checksums_is_found(project: Project, bundle: str) -> None:
    from tests.registry.tampering import framed, payloads

    import_bundle(project, bundle)
    [journal] = imported(project)
    _change(journal)
    journal.write_bytes(framed(payloads(journal.read_bytes())))
    [finding] = verify(project).findings
    assert (finding.kind, finding.journal) == ("changed", journal.name)
    assert finding.hint == ("remove the journal, workbench store rebuild, then import from the same source again")
    journal.unlink()
    import_bundle(project, bundle)
    assert kinds(project) == ["missing"], "the store still has what the journal said, so nothing is new"
    with Store(project) as store:
        store.rebuild()
    import_bundle(project, bundle)
    assert verify(project).whole


def test_a_packed_import_is_covered(project: Project, bundle: str) -> None:
    import_bundle(project, bundle)
    with Store(project) as store:
        store.ingest()
    pack(project, older_than_days=-1)
    assert verify(project).whole and imported(project) == []
    import_bundle(project, bundle)
    assert verify(project).events == 1


def test_facts_made_up_in_a_journal_of_an_import_are_found(project: Project, bundle: str) -> None:
    from tests.store.journals import JournalText

    import_bundle(project, bundle)
    text = JournalText(role="import", writer="f" * 16)
    text.event("ent", 2**60, kind="version", id="f" * 32, name="stage", value="Production")
    Path(sealed_dir(project.journal_dir), f"_meta.{'f' * 16}.wbj").write_bytes(text.data)
    assert kinds(project) == ["uncovered"]


def test_where_signatures_are_wanted_nothing_of_models_is_imported_without_a_key(project: Project, bundle: str) -> None:
    Path(project.root, "workbench.toml").write_text("[audit]\nrequire_signatures = true\n")
    with pytest.raises(RefusedError, match="you have no key"):
        import_bundle(project, bundle)
    assert imported(project) == []
    key = create_key().public_key
    Path(project.root, "workbench.toml").write_text(
        f'[people]\n{_me()} = "{key}"\n[audit]\nrequire_signatures = true\n'
    )
    import_bundle(project, bundle)
    report = verify(project)
    assert (report.findings, report.signed) == ([], 1)


def _me() -> str:
    from workbench.tracking.capture.process import user_name

    return f'"{user_name()}"'
