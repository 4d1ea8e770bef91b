"""`workbench models rollback`."""

from __future__ import annotations

from tests.cli.models.conftest import Shop


def champion(shop: Shop) -> int:
    number = shop.document("show", "fraud")["aliases"]["champion"]
    assert isinstance(number, int)
    return number


def test_the_champion_goes_back_by_default(governed: Shop) -> None:
    outcome = governed.run("rollback", "fraud", "--reason", "errors since the release")
    assert outcome.stdout == "moved champion of fraud from v2 back to v1\n"
    assert outcome.stderr == "it points to fraud/1 now; workbench models history fraud has all of it\n"
    newest = governed.document("history", "fraud")[0]
    assert (newest["version"], newest["action"], newest["who"]) == (1, "rollback", "ana")
    assert newest["reason"] == "errors since the release"


def test_a_dry_run_moves_nothing_and_needs_no_reason(governed: Shop) -> None:
    assert governed.run("rollback", "fraud", "--dry-run").stdout == "would move champion of fraud from v2 back to v1\n"
    assert champion(governed) == 2


def test_it_is_asked_on_a_terminal_alone(governed: Shop) -> None:
    kept = governed.run("rollback", "fraud", "--reason", "x", terminal=True, stdin="n\n")
    assert "move champion of fraud from v2 back to v1? [y/N]" in kept.stderr
    assert kept.stdout == "nothing is moved\n"
    assert champion(governed) == 2
    governed.run("rollback", "fraud", terminal=True, stdin="y\nit fails\n")
    assert champion(governed) == 1
    assert governed.document("history", "fraud")[0]["reason"] == "it fails"


def test_yes_asks_nothing(governed: Shop) -> None:
    assert "[y/N]" not in governed.run("rollback", "fraud", "--yes", "--reason", "x", terminal=True).stderr
    assert champion(governed) == 1


def test_a_reason_is_required(governed: Shop) -> None:
    assert governed.run("rollback", "fraud", status=2).stderr == "error: a reason is required\nhint: --reason TEXT\n"
    assert champion(governed) == 2


def test_it_goes_where_it_is_told(governed: Shop) -> None:
    for to in ("1", "v1", "fraud/1", "models:/fraud/1"):
        governed.run("rollback", "fraud", "--to", to, "--reason", "x")
        assert champion(governed) == 1
        governed.run("alias", "fraud/2", "champion")


def test_where_it_cannot_go_is_said(governed: Shop) -> None:
    governed.run("register", "brave-otter", "other")
    for words, status, error in (
        (["--to", "3"], 2, "fraud/3 never was champion"),
        (["--to", "2"], 2, "champion points to fraud/2 already"),
        (["--to", "9"], 3, "fraud has no version 9"),
        (["--to", "other/1"], 2, "other/1 is no version of fraud"),
        (["--alias", "best"], 3, "fraud has no alias 'best'"),
    ):
        outcome = governed.run("rollback", "fraud", *words, "--reason", "x", status=status)
        assert outcome.stderr.splitlines()[0] == f"error: {error}"
    assert champion(governed) == 2


def test_there_is_an_end_to_going_back(governed: Shop) -> None:
    governed.run("rollback", "fraud", "--reason", "x")
    outcome = governed.run("rollback", "fraud", "--reason", "x", status=3)
    assert outcome.stderr.startswith("error: champion of fraud has no earlier approved version to go back to\n")


def test_without_a_champion_the_alias_is_the_protected_one_or_the_only_one(fraud: Shop) -> None:
    for alias in ("live", "shadow"):
        for version in ("fraud/1", "fraud/2"):
            fraud.run("approve", version, "--reason", "x", status=0 if alias == "live" else 4)
            fraud.run("alias", version, alias)
    outcome = fraud.run("rollback", "fraud", "--dry-run", status=2)
    assert outcome.stderr == "error: fraud has several aliases\nhint: --alias, one of: live, shadow\n"
    fraud.rules('[models.fraud]\nprotected_aliases = ["live", "other"]\n')
    assert fraud.run("rollback", "fraud", "--dry-run").stdout == "would move live of fraud from v2 back to v1\n"
    fraud.rules("")
    fraud.run("unalias", "fraud", "live")
    assert fraud.run("rollback", "fraud", "--dry-run").stdout == "would move shadow of fraud from v2 back to v1\n"
    fraud.run("unalias", "fraud", "shadow")
    assert fraud.run("rollback", "fraud", "--dry-run", status=3).stderr.startswith("error: fraud has no aliases\n")
