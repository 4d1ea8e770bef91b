"""What people do with the Docker engine from the app: each a task of the dock."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from workbench.base.errors import InputError
from workbench.base.numbers import format_duration
from workbench.output.cells import visible

if TYPE_CHECKING:
    from workbench.packaging.delivery import Delivered
    from workbench.packaging.engine import Engine
    from workbench.packaging.images import Image
    from workbench.packaging.plan import Options, Plan
    from workbench.packaging.source import Source
    from workbench.tui.dock import Errand

LOG_LINES = 1000
"""So many lines of a server are read."""


@dataclass(frozen=True, slots=True)
class RunImage:
    """Let an image run under a name: a sentence that says where.

    Attributes:
        image: which one.
        name: of the deployment.
        port: of this machine; None is the one it had, or a free one.
    """

    WRITES: ClassVar[bool] = True
    image: Image
    name: str
    port: int | None = None

    @property
    def title(self) -> str:
        """What is under way."""
        return f"run {visible(self.image.name)} as {visible(self.name)}"

    def do(self, engine: Engine, errand: Errand) -> str:
        """Run it, and wait until it is ready."""
        from workbench.packaging.running import Options, run

        options = Options(name=self.name, port=self.port)
        done = run(engine, errand.project, errand.governing, self.image.image_id, options, errand.say)
        what = f"{visible(done.container.shown)} runs as {visible(done.name)} at {done.url}"
        more = "as before" if done.as_before else f"ready in {format_duration(done.seconds)}"
        return "\n".join([f"{what}, {more}", *done.notes])


@dataclass(frozen=True, slots=True)
class StopDeployment:
    """Stop a deployment: a sentence."""

    WRITES: ClassVar[bool] = True
    name: str
    reason: str | None

    @property
    def title(self) -> str:
        """What is under way."""
        return f"stop {visible(self.name)}"

    def do(self, engine: Engine, errand: Errand) -> str:
        """Stop it, and wait until it has ended."""
        from workbench.packaging.running import stop

        stopped = stop(engine, errand.project, errand.governing, self.name, reason=self.reason, say=errand.say)
        ran = ", ".join(visible(one.shown) for one in stopped if one.is_running)
        return f"stopped {visible(self.name)}: {ran}" if ran else f"{visible(self.name)} was stopped"


@dataclass(frozen=True, slots=True)
class FindTarget:
    """What a deployment goes back to: what it runs now and what it would, as people call them."""

    WRITES: ClassVar[bool] = False
    name: str

    @property
    def title(self) -> str:
        """What is under way."""
        return f"look for what {visible(self.name)} ran before"

    def do(self, engine: Engine, errand: Errand) -> tuple[str, str]:
        """Look for it."""
        from workbench.packaging.rolling_back import find_target

        return find_target(engine, errand.project, errand.governing, self.name)


@dataclass(frozen=True, slots=True)
class RollBack:
    """Let run again what ran before under a name: a sentence."""

    WRITES: ClassVar[bool] = True
    name: str
    reason: str

    @property
    def title(self) -> str:
        """What is under way."""
        return f"roll {visible(self.name)} back"

    def do(self, engine: Engine, errand: Errand) -> str:
        """Go back, and wait until it is ready."""
        from workbench.packaging.rolling_back import rollback

        done = rollback(engine, errand.project, errand.governing, self.name, reason=self.reason, say=errand.say)
        now, took = visible(done.container.shown), format_duration(done.seconds)
        before = f"{visible(done.replaced.shown)} → " if done.replaced else ""
        return "\n".join([f"{visible(self.name)}: {before}{now} in {took}", *done.notes])


@dataclass(frozen=True, slots=True)
class TestAgain:
    """Test an image again: its name and what came of it, as JSON has it."""

    __test__: ClassVar[bool] = False  # no test of pytest's
    WRITES: ClassVar[bool] = True
    image: Image

    @property
    def title(self) -> str:
        """What is under way."""
        return f"test {visible(self.image.name)}"

    def do(self, engine: Engine, errand: Errand) -> tuple[str, dict[str, Any]]:
        """Test it and record what came of it."""
        from workbench.packaging.delivery import retest

        @contextmanager
        def visit() -> Iterator[Any]:
            with errand.governing() as (db, _):
                yield db

        image, smoke = retest(engine, errand.project, self.image.image_id, visit, errand.governing, errand.say)
        return image.name, smoke.as_document()


@dataclass(frozen=True, slots=True)
class ReadLog:
    """The end of what the server of a deployment wrote: a text."""

    WRITES: ClassVar[bool] = False
    name: str

    @property
    def title(self) -> str:
        """What is under way."""
        return f"read what {visible(self.name)} wrote"

    def do(self, engine: Engine, errand: Errand) -> str:
        """Read it."""
        from workbench.packaging.deployments import find_deployment
        from workbench.packaging.watching import server_log

        container = find_deployment(engine, errand.project, self.name).current
        chunks = server_log(engine, container, last=LOG_LINES, follow=False)
        return b"".join(chunks).decode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class ReadBill:
    """The bill of materials in an image, as JSON has it."""

    WRITES: ClassVar[bool] = False
    image: Image

    @property
    def title(self) -> str:
        """What is under way."""
        return f"read the bill of materials of {visible(self.image.name)}"

    def do(self, engine: Engine, errand: Errand) -> dict[str, Any]:
        """Read it."""
        from workbench.packaging.inspecting import read_bill

        return read_bill(engine, self.image)


@dataclass(frozen=True, slots=True)
class ReadLabels:
    """The labels of an image: a dict; empty where the engine has it no more."""

    WRITES: ClassVar[bool] = False
    image: Image

    @property
    def title(self) -> str:
        """What is under way."""
        return f"read the labels of {visible(self.image.name)}"

    def do(self, engine: Engine, errand: Errand) -> dict[str, str]:
        """Read them."""
        found = engine.image(self.image.image_id) or {}
        return dict((found.get("Config") or {}).get("Labels") or {})


class BuildImage:
    """Plan an image, wait until somebody agrees, build, test, name and record it: what `delivery.package` returns.

    Attributes:
        source, options: as `delivery.package` takes them.
        agreed: set to have it built.
    """

    WRITES = True

    def __init__(self, source: Source, options: Options) -> None:
        self.source = source
        self.options = options
        self.agreed = threading.Event()

    @property
    def title(self) -> str:
        """What is under way."""
        return f"build {visible(self.tag)}"

    @property
    def tag(self) -> str:
        """The name that the image gets."""
        return self.options.tag or self.source.tag

    def do(self, engine: Engine, errand: Errand) -> Delivered:
        """Do it."""
        from workbench.packaging.delivery import package, plan_document
        from workbench.tui.messages import PlanMade

        def agree(plan: Plan) -> bool:
            errand.tell(PlanMade(errand, plan_document(plan)))
            errand.waits = True
            while not self.agreed.wait(0.05):
                if errand.cancelled.is_set():
                    return False
            errand.waits = False
            return True

        return package(
            engine, errand.project, self.source, self.options, errand.governing, errand.say, errand.listen,
            cancelled=errand.cancelled, agree=agree,
        )  # fmt: skip


def first_plan(source: Source, base: str) -> BuildImage:
    """The build of an image with what is usual, on a base image."""
    from workbench.packaging.plan import Options

    return BuildImage(source, Options(base=base))


def parse_place(text: str) -> tuple[str, int | None]:
    """A name and a port of `fraud:8080`; None where there is no port.

    Raises:
        InputError: it is no name, or no port.
    """
    from workbench.packaging.ports import check_port
    from workbench.packaging.running import checked_name

    name, colon, port = text.partition(":")
    if not colon:
        return checked_name(name), None
    if not port.isascii() or not port.isdigit():
        raise InputError(f"{port or 'nothing'} is no port", "NAME:8080")
    check_port(int(port))
    return checked_name(name), int(port)
