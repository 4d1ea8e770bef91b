from __future__ import annotations

import pytest

from workbench.base import errors
from workbench.base.errors import ExitCode, FilterError, WorkbenchError


def subclasses(kind: type[WorkbenchError]) -> list[type[WorkbenchError]]:
    return [kind, *(inner for child in kind.__subclasses__() for inner in subclasses(child))]


@pytest.mark.parametrize("kind", [kind for kind in subclasses(WorkbenchError) if kind.__module__ == errors.__name__])
def test_every_error_has_a_docstring_and_a_stable_exit_code(kind: type[WorkbenchError]) -> None:
    assert kind.__doc__
    assert kind.exit_code in set(ExitCode) - {ExitCode.DONE, ExitCode.INTERRUPTED}


def test_the_exit_codes_that_scripts_rely_on_do_not_move() -> None:
    assert {code.name: int(code) for code in ExitCode} == {
        "DONE": 0,
        "NO": 1,
        "USAGE": 2,
        "NOT_FOUND": 3,
        "REFUSED": 4,
        "STORE": 5,
        "TOOL": 6,
        "INTERRUPTED": 130,
    }


def test_an_error_is_its_message_and_may_carry_a_hint() -> None:
    error = WorkbenchError("no such thing", "make one")
    assert (str(error), error.hint) == ("no such thing", "make one")
    assert WorkbenchError("no such thing").hint is None


def test_a_filter_error_points_at_the_mistake() -> None:
    error = FilterError("unknown word", text="metrics.auc >> 1", position=13, explanation="a value is expected")
    assert error.text[error.position] == ">"
    assert error.exit_code == ExitCode.USAGE
