"""Runs as JSON documents."""

from __future__ import annotations

import math

import pytest

from tests.conftest import FakeClock
from tests.store.synthetic import BEGAN_US, add_run, empty_store, fill
from workbench.base.errors import RunNotFoundError
from workbench.base.jsonvalue import dumps
from workbench.store.runs import RunQuery, run_documents


def test_a_document_has_every_promised_key() -> None:
    db = empty_store()
    uid = add_run(
        db, "brave-otter", experiment="fraud", params={"lr": 0.1, "model": "gbm", "layers": [1, 2]},
        metrics={"auc": [0.5, 0.93], "system/cpu": [7.0], "bad": [math.nan]}, tags={"kind": "base", "gone": None},
        artifacts=["model/MLmodel"], datasets={"train": "d1"}, note="good", starred=True, git_dirty=True,
    )  # fmt: skip
    [document] = run_documents(db, [uid])
    assert math.isnan(document["metrics"].pop("bad"))
    assert document == {
        "run_id": uid, "name": "brave-otter", "experiment": "fraud", "status": "finished",
        "started_at": "2026-05-28T20:27:40.000000Z", "ended_at": "2026-05-28T20:28:40.000000Z", "duration_s": 60.0,
        "params": {"lr": 0.1, "model": "gbm", "layers": [1, 2]}, "metrics": {"auc": 0.93},
        "system_metrics": {"system/cpu": 7.0}, "tags": {"kind": "base"},
        "git": {"commit": "c" * 40, "branch": "main", "dirty": True}, "parent_run_id": None,
        "source": {"command": ["python", "train.py"], "cwd": "/work"},
        "artifacts": [{"path": "model/MLmodel", "kind": "file", "size": 13, "sha256": "0" * 64}],
        "datasets": [
            {"name": "train", "digest": "d1", "path": "data/train", "size": 10, "format": "csv", "context": "train"}
        ],
        "deleted": False, "starred": True, "pinned": False, "note": "good", "user": "ada", "host": "here",
        "python": "3.12.1", "exit_code": 0, "error": None, "captures": {}, "models": [],
    }  # fmt: skip


def test_a_document_names_the_versions_that_came_from_the_run() -> None:
    db = empty_store()
    one, other, bare = (add_run(db, name) for name in ("one", "other", "bare"))
    db.execute("INSERT INTO model VALUES ('m', 'fraud', 1, 1, NULL, NULL), ('d', 'gone', 1, 1, NULL, true)")
    sources: list[tuple[str, int, str | None, str | None, bool | None]] = [
        ("m", 10, None, one, None), ("m", 9, f"runs:/{one}/model", None, False), ("m", 1, None, one, True),
        ("d", 1, None, one, None), ("m", 2, f"workbench:artifacts/1/{other}/artifacts/model", one, None),
    ]  # fmt: skip
    for number, (model, version, source, run, deleted) in enumerate(sources):
        db.execute(
            "INSERT INTO version BY NAME SELECT $1 AS id, $2 AS model, $3 AS number, $4 AS source, $5 AS run, "
            "$6 AS deleted",
            [str(number), model, version, source, run, deleted],
        )
    found = run_documents(db, [other, one, bare])
    assert [document["models"] for document in found] == [["fraud/2"], ["fraud/2", "fraud/9", "fraud/10"], []]
    listed = run_documents(db, None, RunQuery(sort=("name",)))
    assert [document["models"] for document in listed] == [[], ["fraud/2", "fraud/9", "fraud/10"], ["fraud/2"]]


def test_a_bare_run_has_every_key_too(clock: FakeClock) -> None:
    db = empty_store()
    uid = add_run(
        db, "x", git_commit=None, git_branch=None, git_dirty=None, command=None, cwd=None, ended_at=None,
        status="running", deleted=None, starred=None, pinned=None, note=None,
    )  # fmt: skip
    clock.now_us = BEGAN_US + 90_000_000
    [document] = run_documents(db, [uid])
    assert document["git"] is None
    assert document["source"] == {"command": [], "cwd": None}
    assert (document["ended_at"], document["duration_s"]) == (None, 30.0)
    assert (document["deleted"], document["starred"], document["pinned"], document["note"]) == (False, False, False, "")
    assert (document["params"], document["metrics"], document["artifacts"], document["datasets"]) == ({}, {}, [], [])
    dumps(document)


def test_documents_come_in_the_order_asked_for() -> None:
    db = empty_store()
    uids = [add_run(db, str(number), params={"n": number}) for number in range(5)]
    wanted = [uids[3], uids[0], uids[3]]
    assert [document["run_id"] for document in run_documents(db, wanted)] == wanted
    assert [document["params"]["n"] for document in run_documents(db, None, RunQuery(sort=["n"], limit=2))] == [0, 1]
    assert run_documents(db, []) == []
    assert run_documents(db, None, RunQuery(where="n > 9")) == []


def test_an_unknown_id_is_an_error() -> None:
    with pytest.raises(RunNotFoundError):
        run_documents(empty_store(), ["f" * 32])


def test_many_documents_need_no_more_statements_than_one() -> None:
    db = empty_store()
    fill(db, 300, params=3, metrics=3)

    class Counting:
        statements = 0

        def execute(self, *arguments: object) -> object:
            self.statements += 1
            return db.execute(*arguments)  # type: ignore[arg-type]

    few, many = Counting(), Counting()
    run_documents(few, None, RunQuery(limit=1))  # type: ignore[arg-type]
    assert len(run_documents(many, None, RunQuery())) == 300  # type: ignore[arg-type]
    assert few.statements == many.statements <= 12


def test_captures_are_what_was_recorded_by_name() -> None:
    db = empty_store()
    uid = add_run(db, "x")
    db.execute(
        "INSERT INTO capture VALUES (1, 'git', '{\"commit\": \"abc\"}', 0, 'w', 0), (1, 'hardware', '[1]', 0, 'w', 1)"
    )
    assert run_documents(db, [uid])[0]["captures"] == {"git": {"commit": "abc"}, "hardware": [1]}
    assert "captures" not in run_documents(db, None)[0]
