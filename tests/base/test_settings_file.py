from __future__ import annotations

from pathlib import Path

import pytest

from workbench.base.errors import SettingsError
from workbench.base.settings_file import SettingsFile

TEXT = """\
top = 1

[columns.amount]
type = "number"

[columns."odd name"]
min = 3

[[rules]]
check = "a"
[[rules]]
name = "second"
check = "b >"
"""


def test_values_are_taken_with_their_kind() -> None:
    file = SettingsFile(TEXT, "s.toml")
    assert file.value(file.document, (), "top", int, 0) == 1
    assert file.value(file.document, (), "top", float, 0) == 1
    assert file.value(file.document, (), "none", str, "x") == "x"
    assert file.table(file.document, (), "columns")["amount"] == {"type": "number"}
    with pytest.raises(SettingsError, match=r"s\.toml:1:1: top is a text"):
        file.value(file.document, (), "top", str, "")


@pytest.mark.parametrize(
    ("place", "line"),
    [
        (("top",), 1),
        (("columns", "amount", "type"), 4),
        (("columns", "amount", "none"), 3),
        (("columns", "odd name", "min"), 7),
        (("rules", "0", "check"), 10),
        (("rules", "1", "check"), 13),
        (("rules", "1"), 11),
        (("nowhere",), 1),
    ],
)
def test_a_setting_is_found_on_its_line(place: tuple[str, ...], line: int) -> None:
    assert SettingsFile(TEXT, "s.toml").line(place) == line


def test_a_mistake_within_a_text_is_told_by_its_column() -> None:
    error = SettingsFile(TEXT, "s.toml").error(("rules", "1", "check"), "a value is missing", within="b >")
    assert error.message == "s.toml:13:13: a value is missing"


@pytest.mark.parametrize(("text", "place"), [("a = \n", "1:5"), ("a = 1\nb = [1,\n", "2"), ("a = 1\na = 2\n", "2")])
def test_broken_toml_is_told_by_line_and_column(text: str, place: str) -> None:
    with pytest.raises(SettingsError, match=rf"^s\.toml:{place}"):
        SettingsFile(text, "s.toml")


def test_words_and_lists_are_checked() -> None:
    file = SettingsFile('severity = "bad"\nnames = [1]\nextra = 1\n', "s.toml")
    with pytest.raises(SettingsError, match="severity is 'bad'") as raised:
        file.choice(file.document, (), "severity", ("error", "warning"))
    assert raised.value.hint == "one of: error, warning"
    with pytest.raises(SettingsError, match=r"s\.toml:2:1: names is a list of texts"):
        file.texts(file.document, (), "names")
    with pytest.raises(SettingsError, match=r"s\.toml:3:1: there is no setting 'extra'"):
        file.known(file.document, (), ("severity", "names"))


def test_a_file_that_cannot_be_read_is_told() -> None:
    with pytest.raises(SettingsError, match=r"cannot read nope\.toml"):
        SettingsFile.read("nope.toml")
    Path("s.toml").write_bytes(b"\xff")
    with pytest.raises(SettingsError, match=r"cannot read s\.toml"):
        SettingsFile.read("s.toml")
