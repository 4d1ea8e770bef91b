"""Model cards: what was written, by whom, and what is recorded."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from tests.cli.harness import write_run
from tests.conftest import FakeClock
from tests.registry.registries import Registry, copy_journals
from workbench.base.errors import InputError, NotFoundError, RefusedError
from workbench.base.project import create_project
from workbench.registry import aliases, approvals, cards, models, versions
from workbench.registry.checks import GateResult, record_check
from workbench.registry.records import Version

RUN = "a" * 32
TEXT = "## Intended use\n\nCard payments.\n\n## Limits\n\nNot for cash."

NO_SHRINKING = (Phase.explicit, Phase.generate)


@pytest.fixture
def fraud(registry: Registry) -> Registry:
    """A model with two versions of a run."""
    write_run(
        registry.project,
        RUN,
        [
            {"e": "param", "name": "lr", "value": 0.1},
            {"e": "cap", "name": "git", "value": {"commit": "c" * 40, "branch": "main", "dirty": False}},
            {"e": "cap", "name": "environment", "value": {"python": "3.12.1", "packages": {"numpy": "2.1.0"}}},
            {"e": "data", "name": "train", "digest": "sha256:1", "path": "p", "size": 1, "format": "csv"},
        ],
        metrics={"auc": [0.9]},
    )
    registry.do(models.register, "fraud")
    for _ in range(2):
        registry.do(versions.register, "fraud", source=f"runs:/{RUN}/model", run=RUN, user="ana")
    return registry


def version_of(registry: Registry, number: int = 1) -> Version:
    found: Version = registry.ask(versions.get, "fraud", number)
    return found


def write(registry: Registry, text: str, *, before: str = "", number: int = 1) -> bool:
    saved: bool = registry.do(cards.save, version_of(registry, number), text, before=before)
    return saved


def texts(registry: Registry, number: int = 1) -> list[str]:
    return [one.text for one in registry.ask(cards.revisions, version_of(registry, number))]


def test_every_save_is_kept_with_who_and_when(fraud: Registry, clock: FakeClock, monkeypatch: Any) -> None:
    monkeypatch.setenv("LOGNAME", "ana")
    assert write(fraud, TEXT)
    clock.advance(60)
    monkeypatch.setenv("LOGNAME", "ben")
    assert write(fraud, "shorter", before=TEXT)
    first, second = fraud.ask(cards.revisions, version_of(fraud))
    assert (first.number, first.who, first.text) == (1, "ana", TEXT)
    assert (second.number, second.who, second.text) == (2, "ben", "shorter")
    assert second.at_us == clock.now_us
    assert fraud.ask(cards.revision, version_of(fraud)) == second
    assert fraud.ask(cards.revision, version_of(fraud), 1) == first
    assert fraud.written[-1]["e"] == "gov"
    for number in (0, 3, -1):
        with pytest.raises(NotFoundError, match="there are 2"):
            fraud.ask(cards.revision, version_of(fraud), number)


def test_what_says_the_same_is_not_saved_again(fraud: Registry) -> None:
    write(fraud, TEXT)
    before = len(fraud.written)
    assert not write(fraud, f"\n{TEXT}  \r\n\n", before=TEXT)
    assert not write(fraud, TEXT, before="anything")
    assert len(fraud.written) == before


def test_two_who_write_at_once_do_not_overwrite_each_other(fraud: Registry) -> None:
    write(fraud, TEXT)
    with pytest.raises(RefusedError, match="saved the card of fraud/1 meanwhile"):
        write(fraud, "mine", before="")
    assert texts(fraud) == [TEXT]


def test_a_card_that_is_emptied_is_not_written_any_more(fraud: Registry) -> None:
    write(fraud, TEXT)
    write(fraud, " \n", before=TEXT)
    assert texts(fraud) == [TEXT, ""]
    assert fraud.ask(cards.card_document, version_of(fraud))["card"]["sections"] == {}


def test_a_new_version_begins_without_what_was_written_about_the_last(fraud: Registry) -> None:
    write(fraud, TEXT)
    assert texts(fraud, 2) == []


def test_a_card_has_a_longest_length(fraud: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cards, "MAX_CHARACTERS", 10)
    with pytest.raises(InputError, match="11 characters"):
        write(fraud, "x" * 11)


def test_characters_that_nothing_can_hold_are_spelled_out(fraud: Registry) -> None:
    write(fraud, "a\udcffb")
    assert texts(fraud) == ["a\\udcffb"]


def test_a_card_that_an_import_brought_is_a_revision_of_nobody(fraud: Registry) -> None:
    from workbench.journal.writer import JournalWriter

    version = version_of(fraud)
    writer = JournalWriter(fraud.project.journal_dir, None, role="import", durability="process")
    writer.events([{"e": "ent", "kind": "version", "id": version.id, "name": "card", "value": "brought"}])
    writer.close()
    [found] = fraud.ask(cards.revisions, version)
    assert (found.number, found.who, found.text) == (1, None, "brought")


def test_what_two_copies_wrote_is_all_kept_and_the_later_one_holds(
    fraud: Registry, clock: FakeClock, tmp_path: Any
) -> None:
    other = Registry(create_project(str(tmp_path / "other")))
    copy_journals(fraud.project, other.project)
    write(fraud, "of one")
    clock.advance(1)
    write(other, "of another")
    other.close()
    copy_journals(other.project, fraud.project)
    assert texts(fraud) == ["of one", "of another"]
    assert fraud.ask(cards.card_document, version_of(fraud))["card"]["text"] == "of another"


def test_a_card_has_all_that_is_recorded(fraud: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "ben")
    write(fraud, TEXT)
    fraud.do(record_check, version_of(fraud), [GateResult("auc", "metric", "passed", "0.9 is enough")])
    fraud.do(approvals.approve, "fraud", 1, "good")
    fraud.do(aliases.point, "fraud", "champion", 1, reason="better")
    fraud.do(aliases.point, "fraud", "champion", 2)
    document = fraud.ask(cards.card_document, version_of(fraud))
    assert (document["name"], document["version"], document["author"]) == ("fraud", 1, "ana")
    assert (document["metrics"], document["run"]["params"]) == ({"auc": 0.9}, {"lr": 0.1})
    assert (document["run"]["name"], document["run"]["git"]["commit"]) == ("brave-otter", "c" * 40)
    assert document["environment"] == {"python": "3.12.1", "packages": {"numpy": "2.1.0"}}
    assert [item["digest"] for item in document["datasets"]] == ["sha256:1"]
    assert document["check"]["gates"][0]["detail"] == "0.9 is enough"
    assert document["review"]["decisions"][0]["reason"] == "good"
    [term] = document["alias_terms"]
    assert (term["alias"], term["who"], term["reason"]) == ("champion", "ben", "better")
    assert term["until"] is not None
    assert document["card"]["sections"] == {"Intended use": "Card payments.", "Limits": "Not for cash."}
    assert "captures" not in document["run"]


def test_a_card_without_a_run_or_with_a_lost_one_is_still_a_card(registry: Registry) -> None:
    registry.do(models.register, "fraud")
    registry.do(versions.register, "fraud", source="s3://b/m")
    registry.do(versions.register, "fraud", source=None, run="f" * 32)
    first, second = (registry.ask(cards.card_document, version_of(registry, number)) for number in (1, 2))
    assert (first["run"], first["environment"], first["card"]["revision"]) == (None, None, None)
    assert second["run"] == {"run_id": "f" * 32}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", {}),
        ("first\n\n## A\n\nx", {"": "first", "A": "x"}),
        ("## A ##\nx\n## B\n", {"A": "x", "B": ""}),
        ("## A\nx\n## A\ny", {"A": "x\n\ny"}),
        ("##A\n### B\n# C", {"": "##A\n### B\n# C"}),
        ("## C#\nx", {"C#": "x"}),
        ("## A\n```\n## not one\n```\nx", {"A": "```\n## not one\n```\nx"}),
        ("## A\n~~~~\n```\n## no\n~~~~\n## B\ny", {"A": "~~~~\n```\n## no\n~~~~", "B": "y"}),
    ],
)
def test_sections_are_told_by_their_headings(text: str, found: dict[str, str]) -> None:
    assert cards.sections(text) == found


def test_one_section_is_replaced_added_or_removed() -> None:
    text = cards.with_section(TEXT, "limits", "Not for gold.")
    assert cards.sections(text) == {"Intended use": "Card payments.", "Limits": "Not for gold."}
    text = cards.with_section(text, "caveats", "Young.")
    assert list(cards.sections(text)) == ["Intended use", "Limits", "Caveats"]
    text = cards.with_section(f"An introduction.\n\n{text}", "Intended use", "")
    assert cards.sections(text) == {"": "An introduction.", "Limits": "Not for gold.", "Caveats": "Young."}
    for heading in ("", " ", "a\nb"):
        with pytest.raises(InputError):
            cards.with_section(text, heading, "x")


def test_a_template_has_the_usual_headings_and_saved_untouched_it_changes_nothing() -> None:
    assert list(cards.sections(cards.template(""))) == list(cards.HEADINGS)
    assert cards.without_empty_sections(cards.template("")) == ""
    template = cards.template(TEXT)
    assert list(cards.sections(template)) == ["Intended use", "Limits", "Ethical considerations", "Caveats"]
    assert cards.without_empty_sections(template) == TEXT


@settings(max_examples=200, deadline=None, phases=NO_SHRINKING)
@given(st.text(st.sampled_from("ab #`~\n\r\t|"), max_size=60))
@example("## A\n\n## \n```")
def test_a_text_that_went_through_the_editor_unchanged_is_what_it_was(text: str) -> None:
    kept = cards.without_empty_sections(cards.tidy(text))
    assert cards.tidy(kept) == kept
    assert cards.without_empty_sections(kept) == kept
    if "```" not in kept and "~~~" not in kept:  # what opens a fence and closes none swallows what comes after
        assert cards.without_empty_sections(cards.template(kept)) == kept
