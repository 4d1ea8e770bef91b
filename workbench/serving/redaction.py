"""Columns that do not reach the disk as they are: dropped, or replaced by a keyed hash.

The hash is the same for the same value and key, so that counts and joins still work, and cannot be turned round by
whoever has the log but not the key. Without a key it would only look like protection: such columns are dropped.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

from . import codec


class Redaction:
    """What happens to each column."""

    def __init__(self, rules: dict[str, str], key: str) -> None:
        """Compile the rules `drop` and `hash` by column."""
        self._key = key.encode()
        self._dropped = frozenset(name for name, rule in rules.items() if rule == "drop" or not key)
        self._hashed = frozenset(rules) - self._dropped

    def apply(self, row: dict[str, Any]) -> dict[str, Any]:
        """A row as it may be written; the same object where nothing has to change."""
        if not self._dropped and not self._hashed:
            return row
        return {
            name: self._hash(value) if name in self._hashed else value
            for name, value in row.items()
            if name not in self._dropped
        }

    def _hash(self, value: Any) -> str | None:
        if value is None:
            return None
        text = value.encode("utf-8", "replace") if isinstance(value, str) else codec.dumps(value)
        return hmac.new(self._key, text, hashlib.sha256).hexdigest()[:16]
