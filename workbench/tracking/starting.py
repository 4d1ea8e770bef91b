"""Starting a run: a new one, one to go on with, or the one that this process was launched for."""

from __future__ import annotations

import os

from workbench.base.ids import is_run_id, new_run_id
from workbench.base.names import run_name
from workbench.base.project import Project, find_or_create_project
from workbench.tracking.capture.process import describe_process
from workbench.tracking.events import param_events, tag_events
from workbench.tracking.notices import Notices
from workbench.tracking.run import Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from workbench.tracking.past import PastRun

DEFAULT_EXPERIMENT = "default"

Events = list[dict[str, object]]


class Start:
    """What a call of `start_run` asks for.

    Args:
        place: the project's folder; None finds one, or makes one in the working directory.
        experiment, name: as given; None where not.
        facts: parameters and tags as events.
        notices: where trouble is said.
        durability: a level of the journal.
        capture, capture_output, system_metrics: what goes on beside the training of a run that this process owns.
    """

    def __init__(
        self,
        place: str | None,
        experiment: str | None,
        name: str | None,
        facts: Events,
        notices: Notices,
        durability: str,
        *,
        capture: bool = False,
        capture_output: bool = False,
        system_metrics: bool = False,
    ) -> None:
        self._place = place
        self._project: Project | None = None
        self._experiment = experiment
        self._name = name
        self._facts = facts
        self._notices = notices
        self._durability = durability
        self._capture = capture
        self._capture_output = capture_output
        self._system_metrics = system_metrics

    @property
    def project(self) -> Project:
        """The project, made if need be.

        Raises:
            WorkbenchError: it cannot be made.
        """
        if self._project is None:
            self._project = find_or_create_project(self._place)
        return self._project

    def new(self, parent_id: str | None) -> Run:
        """A new run.

        Raises:
            StoreError: its journal cannot be created.
        """
        run_id = new_run_id()
        experiment = self._experiment or os.environ.get("WORKBENCH_EXPERIMENT") or DEFAULT_EXPERIMENT
        name = self._name or run_name(run_id)
        run = Run(run_id, name, experiment, self.project, self._notices, durability=self._durability)
        self._begin(run, [_start_event(experiment, name, parent_id)])
        return run

    def resumed(self, reference: str) -> Run:
        """The run that `reference` names, open again; its `start` event leaves name and experiment as they are.

        Raises:
            RunNotFoundError, AmbiguousNameError: no run, or several.
        """
        from workbench.tracking.past import read_past_run, resolve_run_id

        past = read_past_run(self.project, resolve_run_id(self.project, reference))
        run = self._handle(past)
        self._begin(run, [_start_event(None, None, past.parent_id, resumed=True), *self._edits(past)])
        return run

    def attached(self, run_id: str) -> Run:
        """The run that another process owns and ends; this one only adds to it."""
        from workbench.tracking.past import read_past_run

        past = read_past_run(self.project, run_id)
        run = self._handle(past)
        run.begin([*self._edits(past), *self._facts], role="worker")
        return run

    def unrecorded(self) -> Run:
        """A handle that takes everything and records nothing."""
        run_id = new_run_id()
        name = self._name or run_name(run_id)
        self._notices.say("nothing of this run is recorded")
        return Run(run_id, name, self._experiment or DEFAULT_EXPERIMENT, None, self._notices)

    def parent_id(self, parent: str | Run) -> str | None:
        """The id of the run that is named as the parent; None where there is none, which is reported."""
        if isinstance(parent, Run):
            return parent.run_id
        if is_run_id(parent):
            return parent
        from workbench.tracking.past import resolve_run_id

        try:
            return resolve_run_id(self.project, parent)
        except Exception as error:
            self._notices.report("parent", error)
            return None

    def _begin(self, run: Run, events: Events) -> None:
        run.begin(
            [*events, *self._facts],
            capture=self._capture,
            capture_output=self._capture_output,
            system_metrics=self._system_metrics,
        )

    def _handle(self, past: PastRun) -> Run:
        return Run(
            past.run_id,
            self._name or past.name or run_name(past.run_id),
            self._experiment or past.experiment or DEFAULT_EXPERIMENT,
            self.project,
            self._notices,
            durability=self._durability,
            next_step=past.next_step,
            next_system_step=past.next_system_step,
        )

    def _edits(self, past: PastRun) -> Events:
        wanted = (("experiment", self._experiment, past.experiment), ("name", self._name, past.name))
        return [
            {"e": "set", "field": field, "value": value, "prev": old}
            for field, value, old in wanted
            if value is not None and value != old
        ]


def fact_events(params: object, tags: object, notices: Notices) -> Events:
    """Parameters and tags given at the start as events; what is none is reported."""
    events: Events = []
    try:
        events += param_events(params) if params is not None else []
    except Exception as error:
        notices.report("params", error)
    try:
        events += tag_events(tags) if tags is not None else []
    except Exception as error:
        notices.report("tags", error)
    return events


def _start_event(
    experiment: str | None, name: str | None, parent_id: str | None, *, resumed: bool = False
) -> dict[str, object]:
    return {
        "e": "start",
        "experiment": experiment,
        "name": name,
        "parent": parent_id,
        "resumed": resumed,
        **describe_process(),
    }
