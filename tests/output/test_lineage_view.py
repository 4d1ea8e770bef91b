"""The tree of a version's lineage."""

from __future__ import annotations

from typing import Any

import pytest

from workbench.output.cells import cell_width
from workbench.output.lineage_view import data_lineage_lines, lineage_lines
from workbench.output.spans import plain, to_text

DIGEST = f"sha256:{'ab' * 32}"


def document(**to: Any) -> dict[str, Any]:
    """A version of a run with data, code and parents."""
    return {
        "version": {"version": "fraud/3", "digest": DIGEST, "status": "approved", "user": "ana", "created_at": "x"},
        "from": {
            "datasets": [
                {"name": "train", "digest": "sha256:1234567890123456", "context": "training"},
                {"name": "test", "digest": None, "context": None},
            ],
            "run": {
                "run_id": "a" * 32, "name": "brave-otter", "experiment": "fraud", "status": "finished",
                "deleted": False, "git": {"commit": "3f2a91c" + "0" * 33, "branch": "main", "dirty": True},
                "parents": [{"run_id": "b" * 32, "name": "sweep"}, {"run_id": "c" * 32, "name": "search"}],
            },
            "logged_model": None, "source": "runs:/x", "version": None,
        },
        "to": {"aliases": [], "copies": [], "same_run": [], **to},
    }  # fmt: skip


def drawn(lines: dict[str, Any], **options: Any) -> str:
    return to_text(lineage_lines(lines, **options))


def test_a_tree_goes_both_ways() -> None:
    drift = [{"id": "x", "name": "week 1", "created_at": None}]
    deployments = [{"id": "d", "name": "shop", "created_at": None, "drift": drift}]
    images = [{"id": "i", "name": "fraud:3", "created_at": "2026-09-21T14:13:20.000000Z", "deployments": deployments}]
    made = document(aliases=["champion"], copies=["shop/1"], same_run=["fraud/2"], images=images)
    assert drawn(made) == (
        "fraud/3  ✓ approved  sha256:abababababab\n"
        "├─ made from\n"
        "│  └─ run brave-otter  aaaaaaaa  fraud  ✓ finished\n"
        "│     ├─ code 3f2a91c00000  main  with uncommitted changes\n"
        "│     ├─ data train  sha256:123456789012  training\n"
        "│     ├─ data test  no digest\n"
        "│     └─ part of sweep  bbbbbbbb\n"
        "│        └─ part of search  cccccccc\n"
        "└─ became\n"
        "   ├─ alias champion\n"
        "   ├─ copied to shop/1\n"
        "   ├─ same run as fraud/2\n"
        "   └─ image fraud:3  2026-09-21\n"
        "      └─ deployment shop\n"
        "         └─ drift check week 1\n"
    )


def test_what_is_not_recorded_is_said_to_be_so() -> None:
    one = document()
    one["version"] |= {"status": "none", "digest": None}
    one["from"] = {"datasets": [], "run": None, "logged_model": None, "source": None, "version": None}
    assert drawn(one) == (
        "fraud/3  no digest\n├─ made from\n│  └─ nothing that is recorded\n└─ became\n   └─ nothing that is recorded\n"
    )
    one["from"]["source"] = "s3://b/m"
    assert "   └─ files s3://b/m" in drawn(one).replace("│", " ")
    one["from"]["version"] = "risk/2"
    assert "version risk/2" in drawn(one)
    assert "files" not in drawn(one)


def test_a_lost_run_and_one_in_the_trash_are_told() -> None:
    one = document()
    one["from"]["run"]["deleted"] = True
    assert "✓ finished  in the trash" in drawn(one)
    one["from"]["run"] = {"run_id": "f" * 32, "missing": True, "parents": []}
    assert "run ffffffff  is not in this store" in drawn(one)


@pytest.mark.parametrize("width", [60, 61, 80, 200])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    one = document(aliases=["a" * 200])
    one["from"]["run"] |= {"name": "名" * 100, "experiment": "e" * 100}
    one["from"]["datasets"][0]["name"] = "d" * 100
    lines = lineage_lines(one, width=width)
    assert max(sum(cell_width(text) for text, _ in line) for line in lines) <= width
    assert all(line for line in lines)


def test_names_cannot_move_the_cursor_and_the_tree_has_an_ascii_form() -> None:
    one = document(aliases=["a\x1b[2Jb"])
    one["from"]["run"]["name"] = "x\ny"
    text = to_text(lineage_lines(one), ascii=True)
    assert "\x1b" not in text
    assert "x\\ny" in text
    assert text.isascii()
    assert len(text.splitlines()) == len(lineage_lines(document(aliases=["b"])))
    assert plain(lineage_lines(one)[0]).startswith("fraud/3")


def test_what_was_made_of_data_is_a_tree_for_each_run() -> None:
    run = {"run_id": "a" * 32, "name": "brave-otter", "status": "finished", "as": "train", "deleted": False}
    made = {"version": "fraud/3", "status": "approved", "aliases": ["champion"]}
    images = [{"id": "i", "name": "fraud:3", "created_at": "2026-09-21T14:13:20Z"}]
    other = {**run, "name": "calm-heron", "run_id": "b" * 32, "as": None, "deleted": True, "versions": []}
    found = {"count": 9, "runs": [{**run, "versions": [{**made, "images": images}]}, other]}
    assert to_text(data_lineage_lines(found, width=None)) == (
        "run brave-otter  aaaaaaaa  ✓ finished  as train\n"
        "└─ version fraud/3  ✓ approved  champion\n"
        "   └─ image fraud:3  2026-09-21\n"
        "run calm-heron  bbbbbbbb  ✓ finished  in the trash\n"
        "… and 7 more runs\n"
    )
    assert all(cell_width(plain(line)) <= 20 for line in data_lineage_lines(found, width=20))
