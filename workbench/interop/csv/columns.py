"""What the columns of a table mean: told by options, by their prefix, or by their name and cells."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from workbench.base.direction import LOWER_WORDS
from workbench.base.errors import InputError
from workbench.interop.csv.table import Table, integer_of, number_of

ATTRIBUTES = ("run_id", "name", "experiment", "status", "started_at", "ended_at", "duration_s", "note")
"""What a column of this name is, as `workbench runs list` writes it."""
PREFIXED_ATTRIBUTES = (*ATTRIBUTES, "user", "host", "cwd", "git_commit", "git_branch", "exit_code", "error")
"""The same behind `attributes.`."""
STEP_NAMES = ("step", "_step", "global_step", "iteration")
TIME_NAMES = ("time", "timestamp", "_timestamp", "wall time", "wall_time")
KEY_NAMES = ("key", "metric")
HIGHER_WORDS = frozenset(
    "acc accuracy auc auroc auprc ap map f1 fbeta precision recall sensitivity specificity r2 score bleu rouge meteor "
    "iou miou dice jaccard ndcg mrr reward return psnr ssim kappa mcc correlation pearson spearman throughput".split()
)
SETTING_WORDS = frozenset("weight weights coef coefficient factor scale lambda threshold fn type name".split())
"""Words that make of the name of a measure that of a setting: loss_weight, score_threshold."""
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+[0-9]?|[0-9]+")


@dataclass(frozen=True)
class Choices:
    """What the user says of columns, by their names in the file.

    Attributes:
        name, run, step, time: the column that has it.
        params, metrics, tags: columns that are that, whatever they look like.
    """

    name: str | None = None
    run: str | None = None
    step: str | None = None
    time: str | None = None
    params: Sequence[str] = ()
    metrics: Sequence[str] = ()
    tags: Sequence[str] = ()


@dataclass
class Plan:
    """What is taken from which column.

    Attributes:
        attributes: column by attribute (`run_id`, `name`, `status` …).
        params, metrics, tags: column by the name that it gets.
        step, time: the columns of steps and times.
        key, value: in a table of points, the columns that name a metric and hold its value.
        left_out: columns that nothing is taken from.
        by_name: metrics that only their names and cells tell from parameters.
    """

    attributes: dict[str, str] = field(default_factory=dict)
    params: dict[str, str] = field(default_factory=dict)
    metrics: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    step: str | None = None
    time: str | None = None
    key: str | None = None
    value: str | None = None
    left_out: list[str] = field(default_factory=list)
    by_name: list[str] = field(default_factory=list)

    @property
    def long(self) -> bool:
        """Whether a row is a step of a run rather than a run."""
        return self.step is not None


def plan_columns(table: Table, choices: Choices) -> Plan:
    """What each column of a table is.

    The first rule that fits decides: an option; a prefix (`params.`, `metrics.`, `tags.`, `attributes.`); the name of
    an attribute; the name of a step or a time. Of the others, in a table with a step numbers are metrics and texts are
    parameters. Without one, numbers with a word for a measure in their name (loss, auc, …) are metrics, the rest
    parameters.

    Raises:
        InputError: an option names no column, or two options the same; a metric or a step is no number.
    """
    plan = Plan()
    taken = _chosen(table, choices, plan)
    rest = [name for name in table.columns if name not in taken]
    rest = [name for name in rest if not _prefixed(name, plan)]
    rest = [name for name in rest if not _attribute(name, plan)]
    rest = [name for name in rest if not _point_column(name, rest, plan, choices)]
    for name in rest:
        cells = [cell for cell in table.column(name) if cell != ""]
        numeric = bool(cells) and all(number_of(cell, decimal_comma=table.decimal_comma) is not None for cell in cells)
        if not cells or re.fullmatch(r"column \d+", name):
            plan.left_out.append(name)
        elif numeric and (plan.long or _is_measure(name)):
            plan.metrics[name] = name
            plan.by_name.append(name)
        else:
            plan.params[name] = name
    _check(table, plan)
    return plan


def _chosen(table: Table, choices: Choices, plan: Plan) -> set[str]:
    """Enter what the options say; returns the columns that they name."""
    taken: set[str] = set()
    single = (("--name", choices.name), ("--run", choices.run), ("--step", choices.step), ("--time", choices.time))
    several = (("--param", choices.params), ("--metric", choices.metrics), ("--tag", choices.tags))
    wanted = [(option, name) for option, name in single if name is not None]
    wanted += [(option, name) for option, names in several for name in names]
    for option, name in wanted:
        if name not in table.columns:
            raise InputError(
                f"{option} {name}: {table.path} has no such column", f"its columns: {', '.join(table.columns)}"
            )
        if name in taken and option not in ("--name", "--run"):
            raise InputError(f"two options name the column {name!r}", "one column is one thing")
        taken.add(name)
    if choices.name is not None:
        plan.attributes["name"] = choices.name
    if choices.run is not None:
        plan.attributes["run_id"] = choices.run
    plan.step, plan.time = choices.step, choices.time
    plan.params = {_bare(name, "params."): name for name in choices.params}
    plan.metrics = {_bare(name, "metrics."): name for name in choices.metrics}
    plan.tags = {_bare(name, "tags."): name for name in choices.tags}
    return taken


def _bare(name: str, prefix: str) -> str:
    name = name.removeprefix(prefix)
    return name[1:-1] if len(name) > 2 and name[0] == name[-1] == "`" else name


def _prefixed(name: str, plan: Plan) -> bool:
    for prefix, columns in (("params.", plan.params), ("metrics.", plan.metrics), ("tags.", plan.tags)):
        if name.startswith(prefix) and len(name) > len(prefix):
            columns.setdefault(_bare(name, prefix), name)
            return True
    if name.startswith("attributes."):
        attribute = name.removeprefix("attributes.")
        if attribute in PREFIXED_ATTRIBUTES:
            plan.attributes.setdefault(attribute, name)
        else:
            plan.left_out.append(name)
        return True
    return False


def _attribute(name: str, plan: Plan) -> bool:
    if name not in ATTRIBUTES or name in plan.attributes:
        return False
    plan.attributes[name] = name
    return True


def _point_column(name: str, rest: Sequence[str], plan: Plan, choices: Choices) -> bool:
    """Enter columns of steps, times, and of tables with a line for each point."""
    lower = name.lower()
    if plan.step is None and lower in STEP_NAMES:
        plan.step = name
    elif plan.time is None and lower in TIME_NAMES:
        plan.time = name
    elif plan.key is None and lower in KEY_NAMES and not choices.metrics and any(n.lower() == "value" for n in rest):
        plan.key = name
        plan.value = next(n for n in rest if n.lower() == "value")
    return name in (plan.step, plan.time, plan.key, plan.value)


def _is_measure(name: str) -> bool:
    words = {word.lower() for word in _WORD.findall(name)}
    return bool(words & (LOWER_WORDS | HIGHER_WORDS)) and not words & SETTING_WORDS


def _check(table: Table, plan: Plan) -> None:
    columns = [*plan.metrics.values(), *([plan.value] if plan.value is not None else [])]
    for name in columns:
        for number, cell in enumerate(table.column(name), 1):
            if cell != "" and number_of(cell, decimal_comma=table.decimal_comma) is None:
                raise InputError(
                    f"{table.path} row {number}: {name} is {cell!r}, no number",
                    f"--param {name} takes it as a parameter",
                )
    if plan.step is not None:
        for number, cell in enumerate(table.column(plan.step), 1):
            if integer_of(cell) is None:
                raise InputError(
                    f"{table.path} row {number}: {plan.step} is {cell!r}, no whole number", "--step names the step"
                )
    if plan.key is not None and plan.step is None:
        raise InputError(
            f"{table.path} has a value for each {plan.key}, but no step", "--step names the column of steps"
        )
