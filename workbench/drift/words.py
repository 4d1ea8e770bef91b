"""What checks are told by: verdicts, their order, the version of the method. Loads nothing, for whoever only reads."""

from __future__ import annotations

from typing import Any

OK, WARN, DRIFT, INSUFFICIENT, NOT_TESTED = "ok", "warn", "drift", "insufficient", "not tested"
RANK = {DRIFT: 0, WARN: 1, OK: 2, INSUFFICIENT: 3, NOT_TESTED: 4}
"""The loudest verdict first."""
METHOD = 1
"""Version of tests, floors and the rule: results of different methods do not compare."""

Document = dict[str, Any]
