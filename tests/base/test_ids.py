from __future__ import annotations

import pytest

from workbench.base.ids import RUN_ID_LENGTH, WRITER_ID_LENGTH, is_run_id, new_run_id, new_writer_id


def test_run_ids_are_distinct_and_have_their_form() -> None:
    ids = {new_run_id() for _ in range(1000)}
    assert len(ids) == 1000
    assert all(is_run_id(run_id) for run_id in ids)


def test_the_first_digits_of_run_ids_spread_over_every_value() -> None:
    """A prefix tells runs apart only when ids do not begin with the time."""
    assert len({new_run_id()[0] for _ in range(1000)}) == 16


def test_a_writer_id_is_too_short_to_be_taken_for_a_run() -> None:
    writer_id = new_writer_id()
    assert len(writer_id) == WRITER_ID_LENGTH < RUN_ID_LENGTH
    assert not is_run_id(writer_id)


@pytest.mark.parametrize("text", ["", "g" * 32, "A" * 32, "a" * 31, "a" * 33, "a" * 31 + "\n", "٣" * 32])
def test_other_text_is_not_a_run_id(text: str) -> None:
    assert not is_run_id(text)
