"""Every code block of the README and of docs/ does what its page says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.documents import ROOT, Block, Step, blocks_of, console_steps, missing_line, run_block
from workbench.base.project import Project
from workbench.store.store import Store

PAGES = ["README.md", *(path.relative_to(ROOT).as_posix() for path in sorted((ROOT / "docs").rglob("*.md")))]
GENERATED = {"docs/cli.md"}
"""Pages that another test holds against the program."""


@pytest.mark.parametrize("page", [page for page in PAGES if page not in GENERATED])
def test_the_blocks_of_a_page_run_in_order(page: str, tmp_path: Path) -> None:
    folder = tmp_path / "scratch"
    folder.mkdir()
    for block in blocks_of(page, (ROOT / page).read_text()):
        run_block(block, folder)


@pytest.mark.parametrize("page", [*PAGES, "CONTRIBUTING.md", "CHANGELOG.md"])
def test_the_links_of_a_page_lead_somewhere(page: str) -> None:
    text = (ROOT / page).read_text()
    targets = re.findall(r"\]\((?!https?://|#)([^)#\s]+)(?:#[^)]*)?\)", text)
    assert not [target for target in targets if not ((ROOT / page).parent / target).exists()]


def test_the_readme_gives_the_two_commands() -> None:
    text = (ROOT / "README.md").read_text()
    assert "pip install uv && uv run workbench demo" in text
    assert "pip install uv && uv run pytest" in text


def test_the_views_are_those_of_the_documentation(project: Project) -> None:
    documented: dict[str, list[tuple[str, str]]] = {}
    for line in (ROOT / "docs/sql.md").read_text().splitlines():
        if line.startswith("### "):
            columns = documented.setdefault(line[4:], [])
        elif documented and (cells := re.match(r"\| `(\w+)` \| ([A-Z]+) \|", line)):
            columns.append((cells[1], cells[2]))
    with Store(project).reading() as db:
        views = db.execute(
            "SELECT view_name FROM duckdb_views() WHERE database_name = 'wb' AND NOT internal"
        ).fetchall()
        real = {view: [row[:2] for row in db.execute(f"DESCRIBE {view}").fetchall()] for (view,) in views}
    assert documented == real


def test_every_decision_is_in_the_index() -> None:
    index = (ROOT / "docs/decisions/README.md").read_text()
    names = [path.name for path in sorted((ROOT / "docs/decisions").glob("0*.md"))]
    assert names and not [name for name in names if name not in index]


def test_a_block_knows_its_page_line_and_marker() -> None:
    page = "# T\n\n```python\nx = 1\n```\n<!-- not run: needs a network -->\n```bash\nls\n```\n```\nno language\n```\n"
    assert blocks_of("p.md", page) == [
        Block("p.md", 3, "python", "", "x = 1\n"),
        Block("p.md", 7, "bash", "not run: needs a network", "ls\n"),
    ]


def test_a_console_block_is_commands_and_what_they_print() -> None:
    text = "$ echo a \\\n    b\na b\n\n$ true\n"
    assert console_steps(text) == [Step("echo a \\\n    b", ["a b", ""]), Step("true", [])]


@pytest.mark.parametrize(
    ("shown", "missing"),
    [
        (["run  status"], None),
        (["──", "calm-heron  ✓", "…", "2 runs"], None),
        (["calm-… ✓ 0.9…"], None),
        (["2 runs", "run status"], "run status"),
        (["calm-heron ✗"], "calm-heron ✗"),
        (["exit status 3"], None),
    ],
)
def test_shown_output_must_come_in_order(shown: list[str], missing: str | None) -> None:
    printed = "run      status   auc\n──────────────\ncalm-heron  ✓    0.9312\nbold-crane  ✗\n\n2 runs\n"
    assert missing_line(shown, printed) == missing


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("python", "raise SystemExit(1)"),
        ("bash", "false; true"),
        ("console", "$ false"),
        ("console", "$ echo a\nb"),
        ("console", "$ true\nexit status 1"),
    ],
)
def test_a_block_that_does_not_do_what_it_says_fails(language: str, text: str, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match=r"page\.md:7"):
        run_block(Block("page.md", 7, language, "", text), tmp_path)


def test_a_block_can_be_a_file_for_the_blocks_below_it(tmp_path: Path) -> None:
    run_block(Block("page.md", 1, "python", "file: src/train.py", "print('hello')\n"), tmp_path)
    run_block(Block("page.md", 5, "console", "", "$ python src/train.py\nhello\n"), tmp_path)
    run_block(Block("page.md", 9, "bash", "not run: fails", "false\n"), tmp_path)
