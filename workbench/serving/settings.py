"""How the model is served: limits, addresses, the prediction log.

Every setting has one name. `serve.json` holds it under `settings`; the environment variable of the same name in
capitals, after `WORKBENCH_SERVING_`, is stronger; arguments of the command line are the strongest.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from .errors import LoadError

PREFIX = "WORKBENCH_SERVING_"
LOG_MODES = ("rows", "sketch", "none")
REDACTIONS = ("drop", "hash")
SECRETS = ("token", "redact_key")
"""May also be read from the file that `<name>_file` names, and are never taken from `serve.json`."""


@dataclass(frozen=True)
class Settings:
    """All settings, with their defaults.

    Attributes:
        host, port: where to listen; port 0 is any free one.
        workers: processes, made by fork after the model is loaded; 0 is one for each processor.
        threads: that predict beside each other in one process; 0 is one for each processor.
        token, token_file: required of every request but those for health, as `Authorization: Bearer …`.
        max_body_bytes, max_rows: of one request.
        time_limit_s: for one prediction.
        queue: requests that may wait for a thread.
        inline_ms: predictions that are usually faster than this do not change threads.
        drain_s: after SIGTERM, how long to go on accepting while `/health/ready` already says no.
        extra_columns: `ignore` them, as MLflow does, or `reject` them.
        log_dir: where predictions are logged; without it none are.
        log_mode: `rows` for every row, `sketch` for counts only, `none`.
        log_sample: the share of requests that is logged.
        log_max_bytes: of all log files of this model; beyond it rows are dropped and counted.
        log_rotate_bytes, log_rotate_s: when a file is closed and the next one begun.
        log_queue_rows: rows that may wait to be written.
        redact: columns of the input that are not written as they are: `drop`, or `hash` with the key.
        redact_key, redact_key_file: of the hash; without it `hash` drops.
        deployment, slot, instance: names that are written into every logged row.
    """

    host: str = "127.0.0.1"
    port: int = 8080
    workers: int = 1
    threads: int = 0
    token: str = field(default="", repr=False)
    token_file: str = ""
    max_body_bytes: int = 10_000_000
    max_rows: int = 10_000
    time_limit_s: float = 30.0
    queue: int = 64
    inline_ms: float = 2.0
    drain_s: float = 0.5
    extra_columns: str = "ignore"
    log_dir: str = ""
    log_mode: str = "rows"
    log_sample: float = 1.0
    log_max_bytes: int = 1_000_000_000
    log_rotate_bytes: int = 64_000_000
    log_rotate_s: float = 900.0
    log_queue_rows: int = 10_000
    redact: dict[str, str] = field(default_factory=dict)
    redact_key: str = field(default="", repr=False)
    redact_key_file: str = ""
    deployment: str = ""
    slot: str = ""
    instance: str = ""

    @property
    def logs_predictions(self) -> bool:
        """Whether anything about predictions is written to disk."""
        return bool(self.log_dir) and self.log_mode != "none"


def read_settings(document: Mapping[str, Any], environment: Mapping[str, str], **arguments: Any) -> Settings:
    """The settings of a server.

    Args:
        document: `settings` of `serve.json`.
        environment: usually `os.environ`.
        arguments: of the command line; None is not given.

    Raises:
        LoadError: one has a value that it cannot have.
    """
    values: dict[str, Any] = {}
    for item in fields(Settings):
        default = getattr(Settings(), item.name)
        variable = PREFIX + item.name.upper()
        given: Any = None
        if item.name not in SECRETS:
            given = document.get(item.name)
        if variable in environment:
            given = environment[variable]
        if arguments.get(item.name) is not None:
            given = arguments[item.name]
        if given is not None:
            values[item.name] = _converted(item.name, given, default)
    return _checked(_with_secrets(Settings(**values)))


def _converted(name: str, given: Any, default: Any) -> Any:
    """A value of the default's type."""
    try:
        if isinstance(default, dict):
            pairs = given.items() if isinstance(given, Mapping) else (pair.split("=") for pair in given.split(","))
            return {str(column).strip(): str(rule).strip() for column, rule in pairs}
        if isinstance(default, int | float):
            return type(default)(given)
        return str(given)
    except (ValueError, TypeError, AttributeError) as error:
        raise LoadError(f"the setting {name} is not {_kind(default)}") from error


def _kind(default: Any) -> str:
    if isinstance(default, dict):
        return "a list such as ssn=drop,email=hash"
    return "a whole number" if isinstance(default, int) else "a number"


def _with_secrets(settings: Settings) -> Settings:
    """The settings with secrets read from their files."""
    found: dict[str, Any] = {}
    for name in SECRETS:
        path = getattr(settings, f"{name}_file")
        if path:
            try:
                with open(path, encoding="utf-8") as file:
                    found[name] = file.read().strip()
            except (OSError, ValueError) as error:
                raise LoadError(f"the file of the setting {name}_file cannot be read") from error
            if not found[name]:
                raise LoadError(f"the file of the setting {name}_file is empty")
    settings = replace(settings, **found)
    return settings if settings.instance else replace(settings, instance=os.uname().nodename)


def _checked(settings: Settings) -> Settings:
    for name, choices in (("log_mode", LOG_MODES), ("extra_columns", ("ignore", "reject"))):
        if getattr(settings, name) not in choices:
            raise LoadError(f"the setting {name} is one of {', '.join(choices)}")
    for column, rule in settings.redact.items():
        if rule not in REDACTIONS:
            raise LoadError(f"the redaction of {column} is one of {', '.join(REDACTIONS)}")
    if not 0 < settings.log_sample <= 1:
        raise LoadError("the setting log_sample is more than 0 and at most 1")
    for name in ("max_body_bytes", "max_rows", "time_limit_s", "log_rotate_bytes", "log_rotate_s"):
        if getattr(settings, name) <= 0:
            raise LoadError(f"the setting {name} is more than 0")
    return settings
