"""`workbench audit`: the log, its verification, and keys."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.cli.harness import workbench
from tests.conftest import FakeClock
from tests.registry.registries import Registry
from tests.registry.tampering import framed, payloads
from workbench.base.project import Project, create_project
from workbench.journal.layout import sealed_dir
from workbench.registry import aliases, approvals, models, versions


@pytest.fixture
def governed(project: Project, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A model that ana registered, and that ben approved and made champion."""
    monkeypatch.setenv("WORKBENCH_USER", "ana")
    ana, ben = Registry(project, "ana"), Registry(project, "ben")
    ana.do(models.register, "fraud", tags={"team": "risk"})
    clock.advance(60)
    ana.do(lambda db, ledger: versions.register(db, ledger, "fraud", source=None))
    clock.advance(60)
    ben.do(approvals.approve, "fraud", 1, "good numbers")
    ben.do(aliases.point, "fraud", "champion", 1)
    ben.do(models.set_tag, "fraud", "team", "ops")
    ana.close()
    ben.close()
    clock.advance(60)
    return project


def answer(*words: str) -> Any:
    done = workbench("audit", *words, "--json")
    return json.loads(done.stdout)


def tamper(project: Project, what: bytes, by: bytes) -> None:
    for path in Path(sealed_dir(project.journal_dir)).iterdir():
        blocks = [block.replace(what, by) for block in payloads(path.read_bytes())]
        path.write_bytes(framed(blocks))


def test_the_log_lists_what_was_done_newest_first(governed: Project) -> None:
    done = workbench("audit", "log")
    assert done.status == 0 and done.stderr == ""
    header, *rows = done.stdout.splitlines()
    assert header.split() == ["when", "who", "action", "model", "what", "reason", "signed"]
    assert [row.split("  ")[0] for row in rows] == ["2026-09-21 14:15:20"] * 3 + [
        "2026-09-21 14:14:20",
        "2026-09-21 14:13:20",
    ]
    assert [row.split()[2:5] for row in rows] == [
        ["ben", "tag", "fraud"],
        ["ben", "alias", "fraud/1"],
        ["ben", "approve", "fraud/1"],
        ["ana", "register", "fraud/1"],
        ["ana", "create", "fraud"],
    ]
    assert "team=ops" in rows[0] and "champion" in rows[1] and "good numbers" in rows[2]


@pytest.mark.parametrize(
    ("options", "actions"),
    [
        (["--model", "fraud/1"], ["alias", "approve", "register"]),
        (["--model", "models:/fraud/1", "--who", "ana"], ["register"]),
        (["--model", "churn"], []),
        (["--action", "approve"], ["approve"]),
        (["--since", "2m"], ["tag", "alias", "approve", "register"]),
        (["--until", "2026-09-21 14:14:20"], ["register", "create"]),
        (["--since", "2026-09-21", "--until", "2026-09-21", "-n", "1"], ["tag"]),
        (["--since", "2026-09-22"], []),
        (["-n", "0"], ["tag", "alias", "approve", "register", "create"]),
    ],
)
def test_the_log_is_filtered(governed: Project, options: list[str], actions: list[str]) -> None:
    assert [event["action"] for event in answer("log", *options)] == actions


def test_the_log_leaves_in_every_form(governed: Project, tmp_path: Path) -> None:
    [event] = answer("log", "--action", "alias")
    assert event["evidence"] == {"alias": "champion", "before": None} and len(event["hash"]) == 64
    rows = workbench("audit", "log", "--format", "csv").stdout.splitlines()
    assert rows[0] == "time,who,action,model,version,reason,evidence,changes,chain,n,hash,key,signed" and len(rows) == 6
    assert workbench("audit", "log", "--format", "md").stdout.startswith("| when ")
    assert workbench("audit", "log", "-o", "log.parquet").status == 0 and (tmp_path / "log.parquet").exists()
    assert workbench("audit", "log", "--model", "none", "--format", "csv").stdout == "time\n"


def test_the_log_says_what_it_leaves_out_and_why_it_is_empty(governed: Project, tmp_path: Path) -> None:
    assert workbench("audit", "log", "-n", "2").stderr == "the newest 2 events; -n 0 lists all\n"
    assert workbench("audit", "log", "--who", "eve").stderr == "nothing was done that fits\n"
    create_project(str(tmp_path / "empty"))
    assert workbench("-C", "empty", "audit", "log").stderr == "nothing was done yet\n"


@pytest.mark.parametrize("options", [["--since", "yesterday"], ["--until", "x"], ["-n", "-1"]])
def test_what_the_log_does_not_understand_is_said(governed: Project, options: list[str]) -> None:
    done = workbench("audit", "log", *options)
    assert done.status == 2 and done.stderr.startswith("error: ") and "hint: " in done.stderr


def test_a_whole_log_verifies(governed: Project) -> None:
    done = workbench("audit", "verify")
    assert done.status == 0
    assert done.stdout.startswith("✓ checked 5 events, 2 chains, 0 signed in ")
    document = answer("verify", "--every-signature")
    assert document["whole"] and document["findings"] == document["notes"] == document["contradictions"] == []
    assert (document["events"], document["chains"], document["signed"]) == (5, 2, 0)


def test_a_log_that_was_tampered_with_names_the_first_bad_event(governed: Project) -> None:
    tamper(governed, b"good numbers", b"bad numbers!")
    tamper(governed, b"team=ops", b"team=dev")
    done = workbench("audit", "verify")
    assert done.status == 1
    first, counted = done.stdout.splitlines()
    assert (
        first.startswith("✗ chain ")
        and "event 1 (ben, approve fraud/1, 2026-09-21T14:15:20.000000Z) was changed" in first
    )
    assert counted.startswith("✗ checked 5 events")
    [finding] = answer("verify")["findings"]
    assert (finding["kind"], finding["n"], finding["who"]) == ("changed", 1, "ben")


def test_how_many_more_there_are_is_said(governed: Project) -> None:
    tamper(governed, b'\\"reason\\":', b'\\"raeson\\":')
    done = workbench("audit", "verify")
    assert done.stdout.splitlines()[1] == "✗ and 4 more; --json lists them"


def test_a_log_that_is_gone_is_missed(governed: Project) -> None:
    os.unlink(os.path.join(governed.folder, "audit-heads.json"))
    for path in Path(sealed_dir(governed.journal_dir)).iterdir():
        path.unlink()
    done = workbench("audit", "verify")
    assert done.status == 1 and done.stdout.splitlines()[0].endswith(": all 2 events are missing")


def test_contradictions_are_noted_and_nothing_is_wrong(governed: Project, tmp_path: Path, clock: FakeClock) -> None:
    from tests.registry.registries import copy_journals

    other = create_project(str(tmp_path / "other"))
    copy_journals(governed, other)
    for project, value in ((governed, "a"), (other, "b")):
        clock.advance(1)
        registry = Registry(project, "cy")
        registry.do(models.set_tag, "fraud", "team", value)
        registry.close()
    copy_journals(other, governed)
    done = workbench("audit", "verify")
    assert done.status == 0 and done.stdout.startswith("✓")
    assert done.stderr.startswith("contradiction: tag team of fraud: cy (") and done.stderr.count("\n") == 1
    [contradiction] = answer("verify")["contradictions"]
    assert [side["value"] for side in contradiction["sides"]] == ["b", "a"]


def test_rules_that_are_broken_are_said(governed: Project) -> None:
    Path(governed.root, "workbench.toml").write_text("[people\n")
    done = workbench("audit", "verify")
    assert done.status == 2 and "workbench.toml:1:" in done.stderr


def test_a_key_is_made_shown_and_named_in_the_rules(governed: Project) -> None:
    missing = workbench("audit", "key")
    assert missing.status == 3 and "hint: workbench audit key --new" in missing.stderr
    made = workbench("audit", "key", "--new")
    assert made.status == 0 and made.stdout.startswith('ana = "ed25519:') and "under [people]" in made.stderr
    assert workbench("audit", "key").stdout == made.stdout
    again = workbench("audit", "key", "--new")
    assert again.status == 4 and "there is a key already" in again.stderr
    document = json.loads(workbench("audit", "key", "--json").stdout)
    assert f'ana = "{document["public_key"]}"\n' == made.stdout and os.path.exists(document["path"])
    Path(governed.root, "workbench.toml").write_text(f"[people]\n{made.stdout}")
    assert workbench("models", "tag", "fraud", "team=dev").status == 0
    done = workbench("audit", "verify")
    assert done.stdout.startswith("✓ checked 6 events, 2 chains, 1 signed")
    assert done.stderr == "note: 2 events are not signed, in the name of ana\n"


def test_a_name_that_is_no_word_is_quoted(governed: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_USER", 'Ana "A" Ö')
    line = workbench("audit", "key", "--new").stdout
    import tomllib

    assert list(tomllib.loads(line)) == ['Ana "A" Ö']
