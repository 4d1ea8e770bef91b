"""What a monitor is asked for: the same words in `workbench.toml`, on the command line and in the store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from workbench.base.errors import InputError
from workbench.drift.periods import Period, duration_us

if TYPE_CHECKING:
    from workbench.drift.options import Options

DEPLOYMENT = "deployment:"
"""What a source begins with that is the prediction log of a deployment."""
DEFAULT_EVERY = "1d"
GRACE, ROWS_GRACE = "1h", "1m"
"""How long rows may come late where nobody says it. A full window of rows has nothing to wait for but other writers."""


@dataclass(frozen=True)
class Settings:
    """What a monitor compares, how often, and when it raises an alert.

    Attributes:
        source: `deployment:NAME`, a file, a folder or a pattern.
        model: the version that is watched, `fraud@champion`; empty where the monitor is about data alone.
        reference: what windows are compared with; empty is the training data of the model.
        every: the length of a window of time, `1d`; empty where `rows` or `whole` divide, or for the default.
        rows: rows of a window.
        whole: all of the source is one window, whenever it has changed.
        time: the column of times.
        columns, ignore: only these columns, or all but these.
        kinds, tests, thresholds: of columns, as `drift check` takes them.
        alpha, correction, min_rows, share, preset: likewise; None is the default.
        label, prediction, key: the columns of what was true, what was said, and what labels are joined by.
        score: the column of the score, under the empty name; or that of each class by its name.
        positive: the value of the label that counts as positive.
        problem: `binary`, `multiclass` or `regression`; empty is told from the values.
        after: windows in a row with drift before an alert is raised.
        clear: windows in a row without, before it is cleared.
        cooldown: after an alert was announced, the hook is quiet for that long.
        grace: how long rows may come late: a window is closed so long after its end; empty is `GRACE`, and `ROWS_GRACE`
            for windows of rows.
        on_alert: a command that is run for an alert.
        on_clear: whether it is also run when an alert is cleared.
        min, max: bounds of metrics.
        min_coverage: realised metrics are judged from this share of labelled rows on.
    """

    source: str
    model: str = ""
    reference: str = ""
    every: str = ""
    rows: int | None = None
    whole: bool = False
    time: str = ""
    columns: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    kinds: Mapping[str, str] = field(default_factory=dict)
    tests: Mapping[str, str] = field(default_factory=dict)
    thresholds: Mapping[str, float] = field(default_factory=dict)
    alpha: float | None = None
    correction: str | None = None
    min_rows: int | None = None
    share: float | None = None
    preset: str | None = None
    label: str = ""
    prediction: str = ""
    score: Mapping[str, str] = field(default_factory=dict)
    positive: str = ""
    problem: str = ""
    key: tuple[str, ...] = ()
    after: int = 1
    clear: int = 1
    cooldown: str = "0s"
    grace: str = ""
    on_alert: str = ""
    on_clear: bool = False
    min: Mapping[str, float] = field(default_factory=dict)
    max: Mapping[str, float] = field(default_factory=dict)
    min_coverage: float = 0.5

    def __post_init__(self) -> None:
        """Raises InputError where a value makes no sense."""
        if not self.source:
            raise InputError("a monitor needs a source", "--source deployment:NAME, or a file, folder or pattern")
        if self.source.startswith(DEPLOYMENT) and not _is_name(self.source.removeprefix(DEPLOYMENT)):
            raise InputError(f"{self.source!r} names no deployment", "deployment:NAME")
        if sum((bool(self.every), self.rows is not None, self.whole)) > 1:
            raise InputError("every, rows and whole exclude each other", "leave all but one of them out")
        if self.every:
            Period.parsed(self.every)
        for name in ("after", "clear", "rows"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise InputError(f"{name} is {value}; it is at least 1")
        duration_us(self.cooldown)
        duration_us(self.grace or GRACE)
        if not 0 <= self.min_coverage <= 1:
            raise InputError(f"the least coverage is {self.min_coverage}; it is a share between 0 and 1")
        if self.on_clear and not self.on_alert:
            raise InputError("on_clear is about a command that there is not", "--on-alert CMD names it")

    @property
    def deployment(self) -> str | None:
        """The deployment whose prediction log is the source, or None."""
        return self.source.removeprefix(DEPLOYMENT) if self.source.startswith(DEPLOYMENT) else None

    @property
    def grace_us(self) -> int:
        """How long rows may come late, in microseconds."""
        return duration_us(self.grace or (ROWS_GRACE if self.rows else GRACE))

    def options(self) -> Options:
        """How columns are compared.

        Raises:
            InputError: a test, a kind or a number is none.
        """
        from workbench.drift.options import Options

        given = {name: getattr(self, name) for name in ("alpha", "correction", "min_rows", "share", "preset")}
        return Options(
            columns=self.columns, ignore=self.ignore, kinds=self.kinds, tests=self.tests, thresholds=self.thresholds,
            **{name: value for name, value in given.items() if value is not None},
        )  # fmt: skip

    def as_document(self) -> dict[str, Any]:
        """What differs from the defaults, for JSON."""
        plain = {one.name: _plain(getattr(self, one.name)) for one in fields(self)}
        return {name: value for name, value in plain.items() if value != _DEFAULTS[name]}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Settings:
        """The settings that `as_document` wrote; names that only a later version knows are passed over."""
        known: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in document.items()
            if name in _DEFAULTS
        }
        return cls(**known)


def differences(ours: Settings, theirs: Settings) -> list[str]:
    """The names of what is set differently."""
    return [one.name for one in fields(Settings) if getattr(ours, one.name) != getattr(theirs, one.name)]


def _is_name(text: str) -> bool:
    return bool(text) and "/" not in text and "\\" not in text and text not in (".", "..")


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    return dict(value) if isinstance(value, Mapping) else value


_DEFAULTS = {one.name: _plain(getattr(Settings("x"), one.name)) for one in fields(Settings)} | {"source": None}
