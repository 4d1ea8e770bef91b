"""List, compare and edit runs.

A run is named by its id, the first 4 or more characters of it, its name where it is the only one, or @latest,
@latest~2 and so on.
"""

from __future__ import annotations

from workbench.cli.command import Entry

COMMANDS = {
    "list": Entry("workbench.cli.runs.list:list_", "List runs, newest first."),
    "show": Entry("workbench.cli.runs.show:show", "Show one run in full."),
    "compare": Entry("workbench.cli.runs.compare:compare", "Show what differs between runs."),
    "diff": Entry("workbench.cli.runs.diff:diff", "Show how two runs differ in code, environment or output."),
    "metrics": Entry("workbench.cli.runs.metrics:metrics", "Print the metrics of a run, point by point."),
    "plot": Entry("workbench.cli.runs.plot:plot", "Draw metrics of runs in the terminal."),
    "tail": Entry("workbench.cli.runs.tail:tail", "Follow a run's output and metrics until it ends."),
    "logs": Entry("workbench.cli.runs.logs:logs", "Print what a run wrote to the terminal."),
    "artifacts": Entry("workbench.cli.runs.artifacts:artifacts", "List or copy out the files that a run logged."),
    "tag": Entry("workbench.cli.runs.edit:tag", "Set or remove tags of a run."),
    "note": Entry("workbench.cli.runs.edit:note", "Write or read the note of a run."),
    "star": Entry("workbench.cli.runs.edit:star", "Star runs."),
    "pin": Entry("workbench.cli.runs.edit:pin", "Pin a run as the baseline of comparisons."),
    "move": Entry("workbench.cli.runs.edit:move", "Move runs to another experiment."),
    "delete": Entry("workbench.cli.runs.trash:delete", "Put runs in the trash."),
    "restore": Entry("workbench.cli.runs.trash:restore", "Take runs out of the trash."),
    "purge": Entry("workbench.cli.runs.trash:purge", "Delete the runs in the trash for good."),
    "reproduce": Entry("workbench.cli.runs.reproduce:reproduce", "Run a run again and compare the results."),
}
