from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import polars as pl
import pytest

from tests.cli.harness import Outcome, workbench, write_run
from tests.conftest import FakeClock
from workbench.base.project import Project
from workbench.tracking.datasets import dataset_event


class Shop:
    """A project with a table of customers."""

    def __init__(self, project: Project, clock: FakeClock) -> None:
        self.project = project
        self.clock = clock
        self.write(20)

    def write(self, rows: int, path: str = "customers.csv") -> None:
        """Write so many customers."""
        lines = [f"{n},{n * 2.5},{'AT' if n % 3 else 'DE'},c{n}@example.org\n" for n in range(rows)]
        Path(path).write_text("id,amount,country,mail\n" + "".join(lines))

    def run(self, *words: str, status: int = 0, **options: Any) -> Outcome:
        """`workbench data WORDS`, which has to end with `status`."""
        self.clock.advance(1)
        outcome = workbench("data", *words, **options)
        assert outcome.status == status, outcome
        return outcome

    def document(self, *words: str, status: int = 0) -> Any:
        """The JSON that a command prints."""
        return json.loads(self.run(*words, "--json", status=status).stdout)


@pytest.fixture
def shop(project: Project, clock: FakeClock) -> Shop:
    """A project with a file that is not registered yet."""
    return Shop(project, clock)


def test_data_are_registered_listed_and_shown(shop: Shop) -> None:
    added = shop.run("add", "customers.csv", "customers", "-d", "first", "-t", "team=risk")
    assert added.stdout.startswith("registered customers@v1: 20 rows, ")
    assert "mail looks like e-mail addresses; its values are masked" in added.stderr
    again = shop.run("add", "customers.csv", "customers")
    assert again.stdout == "customers@v1\n" and "already" in again.stderr
    shop.write(25)
    assert shop.document("add", "customers.csv", "customers", "--copy")["version"] == 2
    uid = "a" * 32
    write_run(shop.project, uid, [dataset_event(shop.project, "customers.csv", "train")], clock=shop.clock)
    [row] = shop.document("list")
    assert (row["name"], row["versions"], row["runs"], row["newest"]["rows"]) == ("customers", 2, 1, 25)
    assert "customers  v2" in shop.run("list").stdout
    document = shop.document("show", "customers")
    assert [one["version"] for one in document["versions"]] == [2, 1]
    assert document["versions"][0]["runs"][0]["run_id"] == uid
    shown = shop.run("show", "customers").stdout
    assert "team=risk" in shown and "brave-otter" in shown and "first" in shown
    one = shop.run("show", "customers@v2").stdout
    assert "in the project" in one and "amount" in one and "brave-otter" in one
    assert shop.document("show", "customers@v2")["columns"][0] == {"name": "id", "type": "Int64"}
    assert "customers@v2" in workbench("runs", "show", uid).stdout


def test_an_empty_project_says_what_to_do_next(shop: Shop) -> None:
    assert "workbench data add" in shop.run("list").stderr
    assert "no dataset is called nope" in shop.run("show", "nope", status=3).stderr


def test_what_is_no_table_is_registered_without_a_profile(shop: Shop) -> None:
    Path("model.bin").write_bytes(b"\0\1")
    outcome = shop.run("add", "model.bin", "weights")
    assert "registered weights@v1: 2 B" in outcome.stdout and "without a profile" in outcome.stderr
    assert shop.document("show", "weights@v1")["rows"] is None


def test_a_version_is_written_out_and_checked(shop: Shop) -> None:
    shop.run("add", "customers.csv", "customers", "--copy")
    before = Path("customers.csv").read_bytes()
    shop.write(3)
    outcome = shop.run("checkout", "customers", "-o", "old.csv")
    assert "old.csv is customers@v1" in outcome.stdout and Path("old.csv").read_bytes() == before
    assert "is there already" in shop.run("checkout", "customers", status=2).stderr
    assert shop.document("checkout", "customers", "--force")["path"] == "customers.csv"
    assert Path("customers.csv").read_bytes() == before


def test_bytes_that_are_nowhere_are_not_found(shop: Shop) -> None:
    shop.run("add", "customers.csv", "customers")
    shop.write(3)
    outcome = shop.run("checkout", "customers", "-o", "old.csv", status=3)
    assert "no longer at customers.csv" in outcome.stderr and "--copy" in outcome.stderr


def test_removal_asks_and_is_refused_while_a_run_used_it(shop: Shop) -> None:
    shop.run("add", "customers.csv", "customers")
    assert shop.run("remove", "customers", "--dry-run").stdout == "would remove 1 version\n"
    assert shop.run("remove", "customers@v1", terminal=True, stdin="n\n").stdout == "kept everything\n"
    assert "needs a yes" in shop.run("remove", "customers", status=2).stderr
    write_run(shop.project, "b" * 32, [dataset_event(shop.project, "customers.csv")], clock=shop.clock)
    assert "is used by run brave-otter" in shop.run("remove", "customers", "--yes", status=4).stderr
    shop.write(2)
    shop.run("add", "customers.csv", "customers")
    assert shop.document("remove", "customers@v2", "--yes") == {"versions": ["customers@v2"], "removed": True}


def test_a_profile_is_shown_of_a_file_and_of_a_version(shop: Shop) -> None:
    shown = shop.run("profile", "customers.csv").stdout
    assert "customers.csv  20 rows, 4 columns" in shown and "identifier" in shown and "email?" in shown
    assert "c1@example.org" not in shown
    shop.run("add", "customers.csv", "customers")
    shop.write(3)
    document = shop.document("profile", "customers")
    assert document["rows"] == 20 and [one["name"] for one in document["columns"]] == [
        "id",
        "amount",
        "country",
        "mail",
    ]
    one = shop.run("profile", "customers", "-c", "amount", "-c", "country").stdout
    assert "quantiles" in one and "DE" in one and "─ mail" not in one
    assert "did you mean amount?" in shop.run("profile", "customers", "-c", "amout", status=2).stderr
    shop.run("profile", "customers", "-o", "profile.parquet")
    assert pl.read_parquet("profile.parquet")["name"].to_list() == ["id", "amount", "country", "mail"]
    assert shop.run("profile", "customers", "--format", "csv").stdout.startswith("name,type,kind,role,")


def test_values_are_masked_as_it_is_asked(shop: Shop) -> None:
    Path("m.csv").write_text("mail,word\n" + "ada@example.org,secret\n" * 2)
    assert "secret" in shop.run("profile", "m.csv").stdout
    assert "secret" not in shop.run("profile", "m.csv", "--mask", "all").stdout
    assert "ada@example.org" in shop.run("profile", "m.csv", "--mask", "none").stdout
    shop.run("add", "m.csv", "m")
    assert "ada@example.org" in shop.run("profile", "m", "--mask", "none").stdout
    assert "secret" not in shop.run("profile", "m", "--mask", "all").stdout


def test_a_difference_is_shown_and_tells_by_its_status(shop: Shop) -> None:
    shop.run("add", "customers.csv", "customers", "--copy")
    shop.write(22)
    shop.run("add", "customers.csv", "customers")
    shown = shop.run("diff", "customers@v1", "customers@v2", "--key", "id").stdout
    assert "customers@v1 → customers@v2" in shown and "20 → 22" in shown and "+ 20" in shown
    document = shop.document("diff", "customers@v1", "customers.csv", "--exit-code", status=1)
    assert document["as_wholes"] == {"both": 20, "only_a": 0, "only_b": 2}
    assert "hold the same 22 rows" in shop.run("diff", "customers", "customers.csv", "--exit-code").stdout
    assert "there is no file nope.csv" in shop.run("diff", "customers", "nope.csv", status=3).stderr


def test_data_are_checked_against_rules(shop: Shop) -> None:
    assert shop.run("schema", "customers.csv").stdout.startswith("# What customers.csv looks like")
    shop.run("schema", "customers.csv", "-o", "schema.toml")
    assert "is there already" in shop.run("schema", "customers.csv", "-o", "schema.toml", status=2).stderr
    assert "✓ customers.csv passes" in shop.run("validate", "customers.csv", "--schema", "schema.toml").stdout
    Path("new.csv").write_text("id,amount,country,mail\n1,oops,AT,a@example.org\n1,99999,XX,<b>\n")
    reports = ("--junit", "j.xml", "--markdown", "m.md")
    outcome = shop.run("validate", "new.csv", "--schema", "schema.toml", *reports, status=1)
    assert "✗ amount is a number: 1 of 2 rows breaks it\n    row 1: amount oops" in outcome.stdout
    assert "rules are broken" in outcome.stdout
    suite = ElementTree.parse("j.xml").getroot()
    assert int(suite.attrib["failures"]) == len(suite.findall(".//failure")) == 4
    markdown = Path("m.md").read_text()
    assert markdown.startswith("## ✗ new.csv: 4 of") and "row 1: amount oops" in markdown
    document = shop.document("validate", "new.csv", "--schema", "schema.toml", status=1)
    assert not document["passed"] and document["errors"] == 4


def test_a_result_is_recorded_on_a_run(shop: Shop) -> None:
    uid = "c" * 32
    write_run(shop.project, uid, clock=shop.clock)
    Path("s.toml").write_text('[columns.id]\ntype = "integer"\n')
    shop.run("validate", "customers.csv", "--schema", "s.toml", "--run", uid)
    assert json.loads(workbench("runs", "show", uid, "--json").stdout)["tags"] == {"data_validation": "passed"}
    Path("s.toml").write_text("[columns.none]\n")
    shop.run("validate", "customers.csv", "--schema", "s.toml", "--run", uid, status=1)
    assert json.loads(workbench("runs", "show", uid, "--json").stdout)["tags"] == {"data_validation": "failed"}


def test_a_broken_schema_is_told_by_line_and_column(shop: Shop) -> None:
    Path("s.toml").write_text('[columns.id]\ntype = "int"\n')
    outcome = shop.run("validate", "customers.csv", "--schema", "s.toml", status=2)
    assert "s.toml:2:1: type is 'int'" in outcome.stderr
    assert "cannot read none.toml" in shop.run("validate", "customers.csv", "--schema", "none.toml", status=2).stderr


def test_files_are_looked_at_without_a_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("a.csv").write_text("a\n1\n")
    assert workbench("data", "profile", "a.csv").status == 0
    outcome = workbench("data", "profile", "nope")
    assert outcome.status == 2 and "there is no file nope" in outcome.stderr
    assert not Path(".workbench").exists()


def test_names_with_brackets_and_controls_are_shown_as_they_are(shop: Shop) -> None:
    Path("odd.csv").write_text('"[bold]x","\x1b[31m","ü"\n1,2,3\n')
    shown = shop.run("profile", "odd.csv").stdout
    assert "[bold]x" in shown and "\x1b" not in shown and "ü" in shown
