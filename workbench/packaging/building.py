"""Building an image from a context: what the engine says as it goes, and what it means when it fails."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event
from typing import TYPE_CHECKING, Any

from workbench.base.errors import BuildFailedError, DiskFullError
from workbench.packaging.context import Context
from workbench.packaging.engine import Engine, check_cancelled, errors

if TYPE_CHECKING:
    from collections.abc import Iterator

LAST_LINES = 20
ROLE = "io.workbench.role"

_CAUSES = (
    (r"no space left on device", "the disk of the engine is full: docker system df"),
    (r"temporary failure in name resolution|dial tcp|i/o timeout", "there is no network within the build"),
    (r"certificate verify failed|x509", "the engine does not trust that server: give its certificate"),
    (r"no matching distribution|could not find a version", "a package has no wheel for this base: --install pip"),
    (r"exec format error", "the base is for another architecture: --platform"),
    (r"permission denied", "a step may not write where it wants to"),
)


@dataclass(frozen=True)
class Progress:
    """What a build says.

    Attributes:
        text: one line.
        step, steps: which instruction of how many; 0 where it belongs to none.
    """

    text: str
    step: int = 0
    steps: int = 0


Listener = Callable[[Progress], None]
CACHED = ("Using cache", " CACHED")
"""What a line holds that says that a step was there already, of either builder."""


def build_image(
    engine: Engine,
    context: Context,
    listen: Listener,
    *,
    tag: str | None = None,
    network: str = "none",
    platform: str | None = None,
    cancelled: Event | None = None,
) -> str:
    """Build a context with the classic builder; returns the image's id.

    Args:
        listen: told every line as it comes.
        tag: the name and tag that the image gets; None leaves it without one.
        network: of the steps that run something.
        cancelled: set by another thread to give it up.

    Raises:
        BuildFailedError: a step failed; with its last lines and the likely cause.
        StoreInterruptedError: it was given up; nothing of it has a name.
        DockerError, DiskFullError: the engine fails.
    """
    said = Said(listen)
    image_id = broken = ""
    check_cancelled(cancelled)
    with errors(), context.open() as tar:
        events: Iterator[dict[str, Any]] = engine.client.build(
            fileobj=tar, custom_context=True, rm=True, forcerm=True, decode=True, network_mode=network,
            platform=platform, tag=tag, labels={},
        )  # fmt: skip
        try:
            for event in events:
                check_cancelled(cancelled)
                broken = broken or str(event.get("error") or "")
                image_id = str((event.get("aux") or {}).get("ID") or image_id)
                for text in str(event.get("stream") or "").splitlines():
                    said.hear(text)
            if broken or not image_id:
                raise said.failure(broken or "the engine named no image")
        except BaseException:
            # No step takes long. An engine that is left alone in the middle of one leaves an image without a name.
            for event in events:
                image_id = str((event.get("aux") or {}).get("ID") or image_id)
            if image_id or said.left_behind:
                engine.discard(image_id or said.left_behind)
            raise
    return image_id


class Said:
    """What a builder has said so far.

    Args:
        listen: told every line.

    Attributes:
        left_behind: the id of what the latest finished step made, which has no name; empty where it was there before.
    """

    def __init__(self, listen: Listener) -> None:
        self._listen = listen
        self._lines: deque[str] = deque(maxlen=LAST_LINES)
        self._place = Progress("")
        self._cached = False
        self.left_behind = ""

    def hear(self, text: str) -> None:
        """Take one line."""
        if not text.strip():
            return
        step = _STEP.search(text)
        here = self._place
        if step:
            self._cached = False
            self._place = Progress(text, int(step[1]), int(step[2]))
        else:
            self._place = Progress(text, here.step, here.steps)
            self._cached = self._cached or "Using cache" in text
        made = re.fullmatch(r"\s*---> ([0-9a-f]{12,64})\s*", text)
        if made and here.step > 1:
            self.left_behind = "" if self._cached else made[1]
        self._lines.append(text)
        self._listen(self._place)

    def failure(self, reason: str) -> BuildFailedError | DiskFullError:
        """What it means that the build failed, with what was said before."""
        return failure(reason, self._place, self._lines)


_STEP = re.compile(r"(?:^Step |\[)(\d+)/(\d+)(?: : |\] )")
"""How a step begins: `Step 1/9 : FROM …`, or with BuildKit `#5 [1/4] FROM …`."""


def failure(said: str, place: Progress, lines: deque[str]) -> BuildFailedError | DiskFullError:
    """What a failed build means."""
    text = "\n".join([*lines, said]).lower()
    if "no space left" in text:
        return DiskFullError("no space left where Docker keeps its images", "docker system df, docker system prune")
    cause = next((hint for pattern, hint in _CAUSES if re.search(pattern, text)), None)
    where = f"step {place.step} of {place.steps} failed" if place.steps else "the build failed"
    return BuildFailedError(f"{where}: {said.strip().splitlines()[0] if said.strip() else 'no reason'}", lines, cause)
