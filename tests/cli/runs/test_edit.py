"""Commands that change runs: tag, note, star, pin, move, delete, restore, purge."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import CRANE, LYNX, OTTER, Lab
from tests.cli.harness import workbench


def shown(run: str) -> dict[str, Any]:
    """The document of a run."""
    document: dict[str, Any] = json.loads(workbench("runs", "show", run, "--json").stdout)
    return document


def names(*words: str) -> list[str]:
    """The names that `runs list` gives."""
    return [run["name"] for run in json.loads(workbench("runs", "list", *words, "--json").stdout)]


def test_tags_are_set_and_removed(lab: Lab) -> None:
    outcome = workbench("runs", "tag", "brave-otter", "reviewed by=ana=eva", "kind=gold")
    assert outcome.stdout == (
        "brave-otter (aaaaaaaa): tag reviewed by is ana=eva\nbrave-otter (aaaaaaaa): tag kind is gold\n"
    )
    assert shown(OTTER)["tags"] == {"reviewed by": "ana=eva", "kind": "gold"}
    lab.clock.advance(1)
    assert workbench("runs", "tag", "brave-otter", "--remove", "kind").status == 0
    assert shown(OTTER)["tags"] == {"reviewed by": "ana=eva"}


@pytest.mark.parametrize("words", [[], ["novalue"], ["=x"]])
def test_a_tag_needs_key_and_value(lab: Lab, words: list[str]) -> None:
    assert workbench("runs", "tag", OTTER, *words).status == 2


def test_a_note_is_written_read_and_removed(lab: Lab) -> None:
    assert workbench("runs", "note", OTTER, "the first\nwith [brackets]").status == 0
    assert workbench("runs", "note", OTTER).stdout == "the first\nwith [brackets]\n"
    assert json.loads(workbench("runs", "note", OTTER, "--json").stdout)["note"] == "the first\nwith [brackets]"
    lab.clock.advance(1)
    assert workbench("runs", "note", OTTER, "-", stdin="from a file\n").status == 0
    assert shown(OTTER)["note"] == "from a file"
    lab.clock.advance(1)
    assert workbench("runs", "note", OTTER, "").stdout == "brave-otter (aaaaaaaa): the note is removed\n"
    assert workbench("runs", "note", OTTER).stderr == "brave-otter (aaaaaaaa) has no note\n"


def test_stars_and_pins_come_and_go(lab: Lab) -> None:
    assert workbench("runs", "star", OTTER, LYNX).stdout == (
        "brave-otter (aaaaaaaa) is starred\nquiet-lynx (bbbbbbbb) is starred\n"
    )
    assert sorted(names("-w", "attributes.starred = true")) == ["brave-otter", "quiet-lynx"]
    lab.clock.advance(1)
    assert workbench("runs", "star", OTTER, "--off").stdout == "brave-otter (aaaaaaaa) is no longer starred\n"
    assert names("-w", "attributes.starred = true") == ["quiet-lynx"]
    assert workbench("runs", "pin", OTTER).stdout == "brave-otter (aaaaaaaa) is pinned\n"
    assert shown(OTTER)["pinned"] is True
    lines = workbench("runs", "list", "-e", "fraud").stdout.splitlines()
    assert [line.partition("  ")[0] for line in lines[-2:]] == ["quiet-lynx ★", "brave-otter ⚑"]


def test_runs_move_to_another_experiment(lab: Lab) -> None:
    assert workbench("runs", "move", OTTER, LYNX, "-e", "archive").status == 0
    assert names("-e", "archive") == ["quiet-lynx", "brave-otter"]


def test_nothing_is_done_unless_every_run_is_found(lab: Lab) -> None:
    assert workbench("runs", "star", OTTER, "nobody").status == 3
    assert shown(OTTER)["starred"] is False


def test_a_deleted_run_is_in_the_trash_until_it_is_restored(lab: Lab) -> None:
    outcome = workbench("runs", "delete", "bold-crane")
    assert outcome.stdout == "bold-crane (dddddddd) is in the trash\n"
    assert "workbench runs restore" in outcome.stderr
    assert "bold-crane" not in names()
    assert names("--deleted") == ["bold-crane"]
    lab.clock.advance(1)
    assert workbench("runs", "restore", "bold-crane").stdout == "bold-crane (dddddddd) is back\n"
    assert "bold-crane" in names()


def test_a_purge_asks_first(lab: Lab) -> None:
    workbench("runs", "delete", CRANE)
    assert workbench("runs", "purge").status == 2
    assert workbench("runs", "purge", terminal=True, stdin="n\n").stdout.strip() == "kept everything"
    dry = workbench("runs", "purge", "--dry-run")
    assert dry.stdout.startswith("would delete 1 run for good, ")
    assert names("--deleted") == ["bold-crane"]


def test_a_purge_removes_the_runs_of_the_trash_alone(lab: Lab) -> None:
    workbench("runs", "delete", CRANE)
    outcome = workbench("runs", "purge", "--yes")
    assert outcome.stdout.startswith("deleted 1 run for good, ")
    assert names("--deleted") == []
    assert len(names()) == 4
    assert not [path for path in Path(lab.project.journal_dir).rglob("*") if path.name.startswith(CRANE)]
    assert workbench("runs", "purge", "--yes").stdout == "the trash is empty\n"


def test_a_purge_refuses_what_is_not_in_the_trash(lab: Lab) -> None:
    outcome = workbench("runs", "purge", OTTER, "--yes")
    assert outcome.status == 4
    assert "is not deleted" in outcome.stderr


def test_a_purge_tells_scripts_what_it_did(lab: Lab) -> None:
    workbench("runs", "delete", CRANE)
    assert json.loads(workbench("runs", "purge", "--dry-run", "--json").stdout)["purged"] is False
    assert json.loads(workbench("runs", "purge", "--yes", "--json").stdout)["run_ids"] == [CRANE]
