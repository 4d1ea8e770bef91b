"""Runs of a log directory: every folder with event files is one, as TensorBoard has it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Any

from workbench.base.errors import InputError
from workbench.base.project import FOLDER
from workbench.interop.importing import Facts, derived_run_id, time_us
from workbench.interop.protobuf import parsed, text
from workbench.interop.tensorboard.messages import (
    SCALAR_CLASS,
    STATUS_FAILURE,
    Event,
    HParams,
    number_of,
    text_of,
)
from workbench.interop.tensorboard.records import masked_crc, read_records
from workbench.interop.whole_journal import Point

_HOST = re.compile(r"tfevents\.\d+\.(?P<host>.+?)(?:\.\d+)*(?:\.v2)?$")
_TEXT_SUFFIX = "/text_summary"
_MAX_NOTE_CHARACTERS = 100_000


class EventFolder:
    """The event files of one folder.

    Args:
        folder: where they are.
        label: the folder's path below the log directory; the directory's own name for itself.
        below: the same path, "" for the directory itself, which is part of what tells runs apart.
        names: the files, sorted, so by the time at which they were begun.
        experiment: for the run.

    Raises:
        InputError: the first file cannot be read or is none.
    """

    timed = True

    def __init__(self, folder: str, label: str, below: str, names: list[str], experiment: str) -> None:
        self.label = label
        self._folder = folder
        self._names = names
        self._experiment = experiment
        # The first record holds the time at which the file was begun.
        first = next(read_records(os.path.join(folder, names[0]), []), (b"", 0))[0]
        self.run_id = derived_run_id("tensorboard", below, names[0], first)

    def state(self) -> dict[str, int]:
        """The sizes of the files: they only ever grow."""
        try:
            return {name: os.stat(os.path.join(self._folder, name)).st_size for name in self._names}
        except OSError as error:
            raise InputError(f"cannot read {error.filename}: {error.strerror}") from None

    def read(self, facts: Facts) -> Iterator[Point]:
        """Every scalar of every file; parameters and texts go to the facts.

        Raises:
            InputError: a file cannot be read.
        """
        facts.name, facts.experiment = self.label, self._experiment
        host = _HOST.search(self._names[0])
        facts.origin["host"] = host["host"] if host else None
        reading = _Reading(facts)
        for name in self._names:
            for data, crc in read_records(os.path.join(self._folder, name), facts.notes):
                yield from reading.points(data, crc)
        reading.finish()


class _Reading:
    """What is known of a run while its events are read."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._plugins: dict[bytes, tuple[bytes, int]] = {}
        self._names: dict[bytes, str] = {}
        self._params: dict[str, object] = {}
        self._tags: dict[str, str] = {}
        self._texts: dict[str, str] = {}
        self._left_out: dict[bytes, str] = {}
        self._damaged = 0

    def points(self, data: bytes, crc: int) -> list[Point]:
        """The scalars of one event."""
        event = parsed(Event, data)
        if event is None:
            self._damaged += 1
            return []
        when = time_us(event.wall_time)
        if when is None:
            when = self._facts.ended_us or 0
        elif event.HasField("file_version"):
            self._facts.saw(when)
        found: list[Point] = []
        # Pictures and histograms are large, and checking what is not taken would take longer than all the rest.
        checked = False
        for value in event.summary.value:
            taken = self._take(value)
            if taken is None:
                continue
            if not checked and masked_crc(data) != crc:
                self._damaged += 1
                return []
            checked = True
            if isinstance(taken, float):
                found.append((self._name(value.tag), taken, event.step, when))
            else:
                taken()
                self._facts.saw(when)
        return found

    def finish(self) -> None:
        """Put what was collected into the facts."""
        facts = self._facts
        facts.events += [{"e": "param", "name": name, "value": value} for name, value in self._params.items()]
        facts.events += [{"e": "tag", "name": name, "value": value} for name, value in self._tags.items()]
        if self._texts:
            note = "\n\n".join(f"## {name}\n\n{content}" for name, content in self._texts.items())
            if len(note) > _MAX_NOTE_CHARACTERS:
                note = note[:_MAX_NOTE_CHARACTERS] + "\n…"
                facts.notes.append(f"the texts are cut after {_MAX_NOTE_CHARACTERS:,} characters")
            facts.events.append({"e": "set", "field": "note", "value": note, "prev": ""})
        if self._damaged:
            facts.notes.append(f"{self._damaged} damaged events are left out")
        if self._left_out:
            kinds = sorted(set(self._left_out.values()))
            facts.notes.append(f"left out: {len(self._left_out)} summaries of {', '.join(kinds)}")

    def _name(self, tag: bytes) -> str:
        name = self._names.get(tag)
        if name is None:
            name = self._names[tag] = text(tag)
        return name

    def _take(self, value: Any) -> Any:
        """The number of a scalar, what to do for another summary that is taken, or None."""
        if value.HasField("simple_value"):
            return value.simple_value
        if value.HasField("metadata"):
            plugin = value.metadata.plugin_data
            known = (plugin.plugin_name, value.metadata.data_class)
            self._plugins.setdefault(value.tag, known)  # only the first event of a tag need say it
            if plugin.plugin_name == b"hparams":
                return lambda: self._add_hparams(plugin.content)
        plugin_name, data_class = self._plugins.get(value.tag, (b"", 0))
        if value.HasField("tensor"):
            if plugin_name == b"scalars" or data_class == SCALAR_CLASS:
                number = number_of(value.tensor)
                if number is not None:
                    return number
            elif plugin_name == b"text":
                content = text_of(value.tensor)
                if content is not None:
                    return lambda: self._add_text(value.tag, content)
        self._left_out[value.tag] = text(plugin_name) or "images, sounds or histograms"
        return None

    def _add_text(self, tag: bytes, content: str) -> None:
        self._texts[text(tag).removesuffix(_TEXT_SUFFIX)] = content

    def _add_hparams(self, content: bytes) -> None:
        data = parsed(HParams, content)
        if data is None:
            return
        for entry in data.start.hparams:
            self._params[text(entry.key)] = _json_value(entry.value)
        if data.start.group_name:
            self._tags["group"] = text(data.start.group_name)
        if data.end.status == STATUS_FAILURE:
            self._facts.status = "failed"


def find_event_folders(directory: str, experiment: str | None) -> tuple[list[EventFolder], list[tuple[str, str]]]:
    """The runs below `directory`, and `(folder, reason)` of those that cannot be read.

    Args:
        directory: the log directory.
        experiment: for all of them; default the directory's name.

    Raises:
        InputError: it is no folder, cannot be read, or holds no event files.
    """
    if not os.path.isdir(directory):
        what = "is no folder" if os.path.exists(directory) else "does not exist"
        raise InputError(f"{directory} {what}", "name the log directory, as for tensorboard --logdir")
    own_name = os.path.basename(os.path.abspath(directory)) or "tensorboard"
    found: list[EventFolder] = []
    failed: list[tuple[str, str]] = []
    for folder, names in _folders(directory, failed):
        below = os.path.relpath(folder, directory).replace(os.sep, "/")
        below = "" if below == "." else below
        label = below or own_name
        try:
            found.append(EventFolder(folder, label, below, names, experiment or own_name))
        except InputError as error:
            failed.append((label, error.message))
    if not found and not failed:
        raise InputError(
            f"no event files in {directory} or below it", "their names contain tfevents; is this the log directory?"
        )
    return found, failed


def _folders(directory: str, failed: list[tuple[str, str]]) -> Iterator[tuple[str, list[str]]]:
    """Every folder with event files, by name; links are followed, but no folder is entered twice."""
    seen: set[str] = set()

    def on_error(error: OSError) -> None:
        failed.append((str(error.filename), f"cannot read {error.filename}: {error.strerror}"))

    for folder, folders, files in os.walk(directory, followlinks=True, onerror=on_error):
        real = os.path.realpath(folder)
        if real in seen:
            folders.clear()
            continue
        seen.add(real)
        folders[:] = sorted(name for name in folders if name != FOLDER)
        names = sorted(name for name in files if "tfevents" in name and not name.endswith(".profile-empty"))
        if names:
            yield folder, names


def _json_value(value: Any) -> object:
    if value.HasField("number"):
        number = value.number
        # The format knows no whole numbers: 32 was written as 32.0.
        return int(number) if number - number == 0.0 and number == int(number) and abs(number) < 2**53 else number
    if value.HasField("boolean"):
        return bool(value.boolean)
    return text(value.string) if value.HasField("string") else None
