"""Journal lines as DuckDB reads them."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from workbench.store.lines import longest_line, read_lines


@pytest.mark.parametrize(("lines", "longest"), [([], 0), (["a"], 2), (["a", "bcd", "ef"], 4)])
def test_the_longest_line_is_measured_with_its_newline(tmp_path: Path, lines: list[str], longest: int) -> None:
    path = tmp_path / "lines.tsv"
    path.write_text("".join(line + "\n" for line in lines))
    assert longest_line(str(path)) == longest


@pytest.mark.parametrize("folder", ["plain", "it's [a] *glob?", "k=5"])
def test_a_path_is_taken_as_it_is(tmp_path: Path, folder: str) -> None:
    path = tmp_path / folder / "lines.tsv"
    path.parent.mkdir()
    path.write_text('7\t{"e":"x"}\t\t\t\t\n7\t\t0\t-3\tNaN\t99\n')
    rows = duckdb.connect().execute(f"FROM {read_lines(str(path), {'f': 'INTEGER'})}").fetchall()
    assert rows[0] == (7, '{"e":"x"}', None, None, None, None)
    assert rows[1][:4] == (7, None, 0, -3)


def test_a_line_beyond_the_usual_limit_needs_to_be_announced(tmp_path: Path) -> None:
    path = tmp_path / "lines.tsv"
    path.write_text(f'7\t{{"x":"{"y" * 3_000_000}"}}\t\t\t\t\n')
    with pytest.raises(duckdb.InvalidInputException):
        duckdb.connect().execute(f"FROM {read_lines(str(path), {'f': 'INTEGER'})}").fetchall()
    lines = read_lines(str(path), {"f": "INTEGER"}, longest_line(str(path)) + 1)
    assert len(duckdb.connect().execute(f"FROM {lines}").fetchall()) == 1
