"""Command-line words become values without Pydantic, with the same results."""

from __future__ import annotations

import subprocess
import sys
from typing import Annotated, Literal

import pytest
import typer
import typer.main

from workbench.cli.command import Command

SEEN: dict[str, object] = {}


def everything(
    word: str,
    rest: Annotated[list[int] | None, typer.Argument()] = None,
    share: float = 0.5,
    flag: bool = False,
    many: Annotated[list[str] | None, typer.Option("-m")] = None,
    kind: Annotated[Literal["a", "b"] | None, typer.Option()] = None,
) -> None:
    """Everything that the commands use."""
    SEEN.clear()
    SEEN.update(word=word, rest=rest, share=share, flag=flag, many=many, kind=kind)


def call(*words: str) -> dict[str, object]:
    """What `everything` received."""
    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    app.command(cls=Command)(everything)
    typer.main.get_command(app).main(list(words), standalone_mode=False)
    return dict(SEEN)


def test_defaults_stay_what_they_are() -> None:
    assert call("x") == {"word": "x", "rest": None, "share": 0.5, "flag": False, "many": None, "kind": None}


def test_words_become_values_of_their_kind() -> None:
    seen = call("7", "1", "2", "--share", "1e-3", "--flag", "-m", "p", "-m", "q", "--kind", "b")
    assert seen == {"word": "7", "rest": [1, 2], "share": 0.001, "flag": True, "many": ["p", "q"], "kind": "b"}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["x", "one"], "'one' is not a whole number"),
        (["x", "--share", "half"], "'half' is not a number"),
        (["x", "--kind", "c"], "'c' is not one of a, b"),
    ],
)
def test_other_words_are_refused(words: list[str], message: str) -> None:
    with pytest.raises(typer.BadParameter, match=message):
        call(*words)


def test_pydantic_stays_out() -> None:
    code = (
        "import sys, tests.cli.test_coercion as t\n"
        "for name in [m for m in sys.modules if m.startswith('pydantic')]: del sys.modules[name]\n"
        "t.call('7', '1', '--share', '2', '--kind', 'a', '-m', 'x')\n"
        "print('pydantic' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
