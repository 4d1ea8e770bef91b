"""Lists leave in the form that was asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.base.errors import InputError
from workbench.cli.emit import Form, emit_rows

NAMES = ["name", "auc"]
ROWS: list[list[object]] = [["a|b", 0.5], ["c,d", None]]


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("table", "name  auc\na|b   0.5\nc,d     –\n"),
        (
            "json",
            '[\n  {\n    "name": "a|b",\n    "auc": 0.5\n  },\n  {\n    "name": "c,d",\n    "auc": null\n  }\n]\n',
        ),
        ("csv", 'name,auc\na|b,0.5\n"c,d",\n'),
        ("md", "| name | auc |\n| --- | ---: |\n| a\\|b | 0.5 |\n| c,d | – |\n"),
    ],
)
def test_each_form_on_stdout_and_in_a_file(form: str, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    emit_rows(Form(form, None), NAMES, ROWS)
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == (text, "")
    emit_rows(Form(form, "out.txt"), NAMES, ROWS)
    assert Path("out.txt").read_text() == text
    assert capsys.readouterr().err == "wrote out.txt\n"


@pytest.mark.parametrize(
    ("json", "format", "path", "form"),
    [
        (False, None, None, "table"),
        (True, None, None, "json"),
        (True, "json", None, "json"),
        (False, "csv", "x.json", "csv"),
        (False, None, "x.JSON", "json"),
        (False, None, "x.parquet", "parquet"),
        (False, None, "x.txt", "table"),
    ],
)
def test_the_form_comes_from_the_options_then_from_the_file(
    json: bool, format: str | None, path: str | None, form: str
) -> None:
    assert Form.chosen(json=json, format=format, path=path) == Form(form, path)


def test_two_forms_at_once_are_refused() -> None:
    with pytest.raises(InputError, match="contradict"):
        Form.chosen(json=True, format="csv", path=None)


def test_parquet_needs_a_file() -> None:
    with pytest.raises(InputError, match="goes to a file"):
        Form.chosen(json=False, format="parquet", path=None)
