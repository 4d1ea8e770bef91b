"""Identifiers: random, so that two machines that never met do not collide."""

from __future__ import annotations

import os

RUN_ID_LENGTH = 32
WRITER_ID_LENGTH = 16


def new_run_id() -> str:
    """A run id: 32 lower-case hex digits, random from the first one so that short prefixes are unique."""
    return os.urandom(16).hex()


def new_writer_id() -> str:
    """The id of one journal's writer: 16 lower-case hex digits."""
    return os.urandom(8).hex()


def is_run_id(text: str) -> bool:
    """Whether `text` has the form of a full run id."""
    return len(text) == RUN_ID_LENGTH and all(c in "0123456789abcdef" for c in text)
