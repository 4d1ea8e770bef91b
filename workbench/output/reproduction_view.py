"""A reproduction: what it will take, and how its results compare."""

from __future__ import annotations

from workbench.base.numbers import format_size
from workbench.output.cells import visible
from workbench.output.compare_view import comparison_lines
from workbench.output.spans import Line, Span
from workbench.output.table import pairs
from workbench.tracking.compare import Comparison
from workbench.tracking.reproduce import Reproduction, ReproductionPlan


def plan_lines(plan: ReproductionPlan) -> list[Line]:
    """What a reproduction will do, and what stands against it."""
    environment = plan.environment or {}
    packages = environment.get("packages")
    count = len(packages) if isinstance(packages, dict) else 0
    python: Span = (f"{environment.get('python')}, {count} packages ({plan.mode})", "") if environment else ("–", "dim")
    changes = f" + {format_size(len(plan.patch))} of uncommitted changes" if plan.patch else ""
    lines = pairs(
        [
            ("run", (f"{visible(str(plan.document.get('name') or ''))}  {plan.run_id[:8]}", "bold")),
            ("code", (plan.commit[:12] + changes, "") if plan.commit else ("–", "dim")),
            ("repository", (visible(plan.repository), "") if plan.repository else ("–", "dim")),
            ("folder", (visible(plan.folder), "")),
            ("python", python),
            ("command", (visible(" ".join(plan.command)), "")),
        ]
    )
    lines += [[("! ", "warn"), (visible(note), "")] for note in plan.notes]
    lines += [[("✗ ", "bad"), (visible(obstacle), "")] for obstacle in plan.obstacles]
    return lines


def reproduction_lines(reproduction: Reproduction, *, width: int | None = 100) -> list[Line]:
    """How the new run compares with the one that it reproduces."""
    comparison = reproduction.comparison
    lines = comparison_lines(_only_what_matters(comparison), width=width)
    lines += [[], _verdict(reproduction)]
    if reproduction.output_diff:
        changed = sum(line.startswith(("+", "-")) for line in reproduction.output_diff[2:])
        command = f"workbench runs diff {comparison.run_ids[0][:8]} {comparison.run_ids[1][:8]} --output"
        lines.append([("! ", "warn"), (f"the output differs in {changed} lines: {command}", "")])
    lines += [[("! ", "warn"), (visible(note), "")] for note in reproduction.notes]
    if reproduction.worktree:
        lines.append([("  the checkout is kept in ", ""), (visible(reproduction.worktree), "bold")])
    return lines


def _verdict(reproduction: Reproduction) -> Line:
    name = reproduction.comparison.names[1]
    if reproduction.exit_status:
        return [("✗ ", "bad"), (visible(f"{name} ended with exit status {reproduction.exit_status}"), "")]
    metrics = [row for row in reproduction.comparison.metrics if not row.name.startswith("system/")]
    differing = [row.name for row in metrics if row.differs]
    if reproduction.same:
        return [
            ("✓ ", "good"),
            (visible(f"{name} reproduces it: {len(metrics)} of {len(metrics)} metrics are equal"), ""),
        ]
    if not differing:
        return [("✗ ", "bad"), (visible(f"{name} has other parameters"), "")]
    shown = ", ".join(differing[:5]) + (" …" if len(differing) > 5 else "")
    return [("✗ ", "bad"), (visible(f"{len(differing)} of {len(metrics)} metrics differ: {shown}"), "")]


def _only_what_matters(comparison: Comparison) -> Comparison:
    """Every metric of the training; of the rest what differs, without what a second run cannot share."""
    return Comparison(
        comparison.run_ids,
        comparison.names,
        comparison.statuses,
        comparison.baseline,
        attributes=[row for row in comparison.attributes if row.name == "duration_s"],
        params=[row for row in comparison.params if row.differs],
        code=[row for row in comparison.code if row.differs and row.name == "code"],
        data=[row for row in comparison.data if row.differs],
        environment=[row for row in comparison.environment if row.differs],
        metrics=[row for row in comparison.metrics if not row.name.startswith("system/")],
        code_changed=comparison.code_changed,
    )
