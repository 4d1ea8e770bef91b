"""`workbench models register`."""

from __future__ import annotations

import pytest

from tests.cli.harness import workbench
from tests.cli.models.conftest import HERON, OTTER, PAIR, Shop


def test_a_run_s_model_becomes_a_version_of_a_new_model(shop: Shop) -> None:
    outcome = shop.run("register", "brave-otter", "fraud", "-d", "the first", "-t", "kind=base", "--alias", "best")
    assert outcome.stdout == "registered fraud/1, a new model\nbest points to fraud/1\n"
    version = shop.document("show", "fraud/1")
    assert (version["run_id"], version["source"]) == (OTTER, f"runs:/{OTTER}/model")
    assert (version["description"], version["tags"], version["aliases"]) == ("the first", {"kind": "base"}, ["best"])
    assert version["digest"].startswith("sha256:") and version["size_bytes"] > 100
    assert version["metrics"]["auc"] == 0.9
    assert version["signature"]["inputs"] == [{"name": "amount", "type": "double"}]
    assert version["datasets"] == [{"name": "train", "digest": "sha256:brave-otter", "context": None}]


def test_the_same_model_of_a_run_is_registered_once_unless_asked_to(shop: Shop) -> None:
    shop.run("register", "brave-otter", "fraud")
    second = shop.run("register", f"{OTTER[:8]}:model", "fraud")
    assert second.stdout == "fraud/1\n"
    assert second.stderr == "it was registered already; --again makes a new version\n"
    assert shop.run("register", "brave-otter", "fraud", "--again").stdout == "registered fraud/2\n"
    assert shop.run("register", "brave-otter", "fraud").stdout == "fraud/2\n"
    assert shop.run("register", "quiet-lynx", "fraud").stdout == "registered fraud/3\n"
    assert shop.run("register", "brave-otter", "other").stdout == "registered other/1, a new model\n"


def test_an_alias_of_what_is_registered_already_is_moved_there(shop: Shop) -> None:
    shop.run("register", "brave-otter", "fraud")
    assert shop.run("register", "brave-otter", "fraud", "--alias", "best").stdout == "fraud/1\nbest points to fraud/1\n"
    assert shop.document("show", "fraud")["aliases"] == {"best": 1}


def test_of_several_models_one_is_named(shop: Shop) -> None:
    refused = shop.run("register", "twin-crane", "fraud", status=3)
    assert refused.stderr == "error: the run twin-crane has 2 models\nhint: name one: twin-crane:a, twin-crane:b\n"
    assert shop.document("register", f"runs:/{PAIR}/b", "fraud")["source"] == f"runs:/{PAIR}/b"


@pytest.mark.parametrize(
    ("words", "status", "error"),
    [
        (["bold-crane", "fraud"], 3, "the run bold-crane has no models"),
        (["twin-crane:c", "fraud"], 3, "the run twin-crane has no model c"),
        (["nobody", "fraud"], 3, "no run has the id or name nobody"),
        (["brave-otter", "fr/aud"], 2, "'fr/aud' is no name for a model: it has a / or a :"),
        (["brave-otter", "fraud", "--alias", "v3"], 2, "'v3' is no alias: it means a version by its number"),
        (["brave-otter", "fraud", "-t", "kind"], 2, "'kind' is not KEY=VALUE"),
        (["brave-otter:../x", "fraud"], 2, "'../x' does not lie within the run"),
    ],
)
def test_what_cannot_be_registered_is_said_and_nothing_is_made(
    shop: Shop, words: list[str], status: int, error: str
) -> None:
    outcome = shop.run("register", *words, status=status)
    assert (outcome.stdout, outcome.stderr.splitlines()[0]) == ("", f"error: {error}")
    assert shop.document("list") == []


def test_a_protected_alias_is_refused_before_anything_is_registered(shop: Shop) -> None:
    shop.rules()
    refused = shop.run("register", "brave-otter", "fraud", "--alias", "champion", status=4)
    assert refused.stderr.startswith("error: champion is protected, and a new version of fraud is not approved\n")
    assert shop.document("list") == []


def test_the_document_says_whether_it_is_new(shop: Shop) -> None:
    first, second = (shop.document("register", "calm-heron", "fraud") for _ in range(2))
    assert (first["new"], second["new"]) == (True, False)
    assert first["run_id"] == second["run_id"] == HERON
    assert (first["version"], second["version"]) == (1, 1)


def test_without_a_project_nothing_is_made(tmp_path: object) -> None:
    assert workbench("models", "register", "x", "fraud").status == 3
    assert workbench("models", "list").status == 3
