"""`workbench models card`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.cli.harness import check_golden
from tests.cli.models.conftest import Shop
from workbench.registry.cards import HEADINGS

WRITING = """
import sys
path = sys.argv[-1]
open({seen!r}, "w").write(open(path).read())
open(path, "w").write({text!r})
"""
SAVE = "from workbench.cli.app import main; main()"


@pytest.fixture
def editor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which `become_editor` leaves what the editor was shown."""
    monkeypatch.delenv("VISUAL", raising=False)
    return tmp_path


def become_editor(folder: Path, monkeypatch: pytest.MonkeyPatch, text: str, more: str = "") -> Path:
    """Make `$EDITOR` a program that writes `text`, and then does `more`; returns the file with what it was shown."""
    seen = folder / "seen.md"
    script = folder / "edit.py"
    script.write_text(WRITING.format(seen=str(seen), text=text) + more)
    monkeypatch.setenv("EDITOR", f"{sys.executable} {script}")
    return seen


def written(shop: Shop, version: str = "fraud/1") -> dict[str, str]:
    sections: dict[str, str] = shop.document("card", version)["card"]["sections"]
    return sections


def test_the_bytes_of_a_card_are_pinned(governed: Shop) -> None:
    governed.run("card", "fraud/2", "--set", "Intended use=Card payments.", "--set", "Owners=*ana*, ben")
    check_golden("models_card.md", governed.run("card", "fraud/2").stdout)
    check_golden("models_card.html", governed.run("card", "fraud/2", "--html").stdout)


def test_what_nobody_wrote_is_said_to_be_missing(fraud: Shop) -> None:
    text = fraud.run("card", "fraud/1").stdout
    for heading in HEADINGS:
        assert f"## {heading}\n\nNot written yet.\n" in text
    assert fraud.document("card", "fraud/1")["card"] == {
        "revision": None, "at": None, "who": None, "text": "", "sections": {}
    }  # fmt: skip


def test_sections_are_written_one_by_one(fraud: Shop) -> None:
    first = fraud.run("card", "fraud/1", "--set", "limits=Not for cash = coins.")
    assert first.stdout == "the card of fraud/1 is saved, revision 1\n"
    fraud.run("card", "fraud/1", "--set", "Owners=us", "--set", "Intended use=Cards.", as_="ben")
    assert written(fraud) == {"Limits": "Not for cash = coins.", "Owners": "us", "Intended use": "Cards."}
    fraud.run("card", "fraud/1", "--set", "owners=")
    assert "Owners" not in written(fraud)
    again = fraud.run("card", "fraud/1", "--set", "owners=")
    assert again.stdout == "the card of fraud/1 says that already\n"
    assert fraud.run("card", "fraud/1", "--set", "nothing", status=2).stdout == ""


def test_every_revision_is_listed_and_shown(fraud: Shop) -> None:
    fraud.run("card", "fraud/1", "--set", "Limits=first")
    fraud.run("card", "fraud/1", "--set", "Limits=second", as_="ben")
    revisions = fraud.document("card", "fraud/1", "--history")
    assert [(one["revision"], one["who"], one["text"]) for one in revisions] == [
        (1, "ana", "## Limits\n\nfirst"),
        (2, "ben", "## Limits\n\nsecond"),
    ]
    listed = fraud.run("card", "fraud/1", "--history").stdout
    assert [line.split()[0] for line in listed.splitlines()] == ["revision", "1", "2"]
    assert "first" in fraud.run("card", "fraud/1", "--revision", "1").stdout
    assert fraud.document("card", "fraud/1", "--revision", "1")["card"]["who"] == "ana"
    assert "second" in fraud.run("card", "fraud/1").stdout
    lost = fraud.run("card", "fraud/1", "--revision", "3", status=3)
    assert lost.stderr == (
        "error: the card of fraud/1 has no revision 3: there are 2\nhint: workbench models card fraud/1 --history\n"
    )


def test_an_empty_history_says_what_to_do(fraud: Shop) -> None:
    outcome = fraud.run("card", "fraud/1", "--history")
    assert outcome.stderr == "nothing was written about fraud/1 yet: workbench models card fraud/1 --edit\n"


def test_a_file_or_stdin_replaces_all_that_was_written(fraud: Shop, tmp_path: Path) -> None:
    fraud.run("card", "fraud/1", "--set", "Limits=old")
    (tmp_path / "card.md").write_text("Hello.\n\n## Caveats\n\nYoung.\n")
    fraud.run("card", "fraud/1", "--file", "card.md")
    assert written(fraud) == {"": "Hello.", "Caveats": "Young."}
    fraud.run("card", "fraud/1", "--file", "-", "--set", "Limits=new", stdin="## Caveats\n\nOld.\n")
    assert written(fraud) == {"Caveats": "Old.", "Limits": "new"}


def test_a_file_that_is_no_text_is_refused(fraud: Shop, tmp_path: Path) -> None:
    (tmp_path / "card.md").write_bytes(b"\xff\xfe")
    assert "is no UTF-8 text" in fraud.run("card", "fraud/1", "--file", "card.md", status=2).stderr
    assert "cannot read nothing.md" in fraud.run("card", "fraud/1", "--file", "nothing.md", status=2).stderr


def test_a_new_version_takes_over_what_was_written_only_when_it_is_told_to(fraud: Shop) -> None:
    fraud.run("card", "fraud/1", "--set", "Limits=of one")
    assert written(fraud, "fraud/2") == {}
    fraud.run("card", "fraud/2", "--from", "fraud/1", "--set", "Caveats=new")
    assert written(fraud, "fraud/2") == {"Limits": "of one", "Caveats": "new"}
    assert written(fraud) == {"Limits": "of one"}
    assert "nothing was written about fraud/3" in fraud.run("card", "fraud/2", "--from", "fraud/3", status=2).stderr


def test_an_editor_is_shown_what_was_written_alone(fraud: Shop, editor: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fraud.run("card", "fraud/1", "--set", "Caveats=Young.")
    seen = become_editor(editor, monkeypatch, "## Caveats\n\nOlder.\n\n## Limits\n\n## Owners\n\nus\n")
    assert fraud.run("card", "fraud/1", "--edit").stdout == "the card of fraud/1 is saved, revision 2\n"
    assert seen.read_text() == ("## Caveats\n\nYoung.\n\n## Intended use\n\n## Limits\n\n## Ethical considerations\n")
    assert written(fraud) == {"Caveats": "Older.", "Owners": "us"}


def test_an_editor_that_changes_nothing_saves_nothing(
    fraud: Shop, editor: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EDITOR", "true")
    assert fraud.run("card", "fraud/1", "--edit").stdout == "the card of fraud/1 says that already\n"
    assert fraud.document("card", "fraud/1", "--history") == []


def test_an_editor_that_fails_changes_nothing(fraud: Shop, editor: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    become_editor(editor, monkeypatch, "## Limits\n\nx\n", "sys.exit(3)")
    assert "ended with status 3; nothing is changed" in fraud.run("card", "fraud/1", "--edit", status=6).stderr
    become_editor(editor, monkeypatch, "x", "import os; os.unlink(path)")
    assert "left no text" in fraud.run("card", "fraud/1", "--edit", status=6).stderr
    assert written(fraud) == {}


def test_without_an_editor_there_is_another_way(fraud: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("VISUAL", "EDITOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", "")
    outcome = fraud.run("card", "fraud/1", "--edit", status=2)
    assert outcome.stderr == (
        "error: no editor is set\nhint: export EDITOR=nano, or workbench models card fraud/1 --file FILE\n"
    )


def test_what_was_edited_while_somebody_else_saved_is_not_lost(
    fraud: Shop, editor: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    words = [sys.executable, "-c", SAVE, "models", "card", "fraud/1", "--set", "Limits=theirs"]
    become_editor(editor, monkeypatch, "## Limits\n\nmine\n", f"import subprocess; subprocess.run({words}, check=True)")
    outcome = fraud.run("card", "fraud/1", "--edit", status=4)
    assert "saved the card of fraud/1 meanwhile" in outcome.stderr
    kept = outcome.stderr.split("what you wrote is in ")[1].split(";")[0]
    assert Path(kept).read_text() == "## Limits\n\nmine\n"
    assert written(fraud) == {"Limits": "theirs"}


@pytest.mark.parametrize(
    "words",
    [
        ["--edit", "--history"],
        ["--set", "a=b", "--revision", "1"],
        ["--set", "a=b", "--html"],
        ["--file", "-", "--from", "fraud/2"],
        ["--html", "--json"],
    ],
)
def test_what_contradicts_itself_is_refused(fraud: Shop, words: list[str]) -> None:
    assert fraud.run("card", "fraud/1", *words, status=2).stdout == ""


def test_a_card_goes_to_a_file_whose_name_says_its_form(fraud: Shop, tmp_path: Path) -> None:
    fraud.run("card", "fraud/1", "-o", "card.html")
    fraud.run("card", "fraud/1", "-o", "card.md")
    assert (tmp_path / "card.html").read_text().startswith("<!DOCTYPE html>")
    assert (tmp_path / "card.md").read_text().startswith("# fraud/1\n")


def test_a_save_tells_scripts_what_it_did(fraud: Shop) -> None:
    outcome = fraud.run("card", "fraud/1", "--set", "Limits=x", "--json")
    document = json.loads(outcome.stdout)
    assert (document["version"], document["saved"], document["revision"], document["text"]) == (
        "fraud/1", True, 1, "## Limits\n\nx"
    )  # fmt: skip


def test_hostile_words_reach_a_page_as_text(fraud: Shop) -> None:
    fraud.run("card", "fraud/1", "--set", "Limits=<script>alert(1)</script> [x](javascript:alert(1))")
    fraud.run("tag", "fraud/1", "<img src=x>=<script>")
    fraud.run("alias", "fraud/1", "best", "--reason", '"><script>alert(2)</script>')
    page = fraud.run("card", "fraud/1", "--html").stdout
    assert "<script" not in page
    assert "<img" not in page
    assert 'href="javascript' not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
