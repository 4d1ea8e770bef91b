"""A project: the nearest folder upward that holds `.workbench/`, as git finds `.git/`.

`.workbench/workbench.toml` names the store and its format; nothing in it is an absolute path, so
the folder can be moved, renamed or copied as a whole.
"""

from __future__ import annotations

import os

from workbench.base.errors import (
    InputError,
    ProjectNotFoundError,
    StorePermissionError,
    StoreTooNewError,
    StoreUnusableError,
)

FOLDER = ".workbench"
SETTINGS = "workbench.toml"
FORMAT = 1


class Project:
    """A project's folders.

    Attributes:
        root: the folder that holds `.workbench`.
        folder: the `.workbench` folder itself.
    """

    def __init__(self, root: str) -> None:
        self.root = os.path.abspath(root)
        self.folder = os.path.join(self.root, FOLDER)

    def __repr__(self) -> str:
        return f"Project({self.root!r})"

    @property
    def name(self) -> str:
        """The name of the project's folder."""
        return os.path.basename(self.root) or self.root

    @property
    def journal_dir(self) -> str:
        """Where journals live (`live/` and `sealed/` below it)."""
        return os.path.join(self.folder, "journal")

    @property
    def segment_dir(self) -> str:
        """Where packed journals live."""
        return os.path.join(self.folder, "segments")

    @property
    def blob_dir(self) -> str:
        """Where artifact contents live, by hash."""
        return os.path.join(self.folder, "blobs")

    @property
    def settings_path(self) -> str:
        """The path of `workbench.toml`."""
        return os.path.join(self.folder, SETTINGS)

    def settings(self) -> dict[str, object]:
        """The contents of `workbench.toml`.

        Raises:
            StoreUnusableError: the file is missing or not TOML.
            StoreTooNewError: a newer workbench wrote the project.
            StorePermissionError: the file may not be read.
        """
        import tomllib  # only readers need it; logging does not

        try:
            with open(self.settings_path, "rb") as file:
                settings = tomllib.load(file)
        except FileNotFoundError:
            raise StoreUnusableError(
                f"{self.folder} is not a workbench store: it has no {SETTINGS}",
                f"move the folder away and run: workbench init {self.root}",
            ) from None
        except PermissionError:
            raise StorePermissionError(
                f"{self.settings_path} may not be read", "check the owner and mode of the folder"
            ) from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, IsADirectoryError) as error:
            raise StoreUnusableError(
                f"{self.settings_path} is broken: {error}", "mend the file, or restore it"
            ) from None
        version = settings.get("format")
        if type(version) is not int:
            raise StoreUnusableError(
                f"{self.settings_path} does not say its format", f"add the line: format = {FORMAT}"
            )
        if version > FORMAT:
            raise StoreTooNewError(
                f"{self.folder} has format {version}; this workbench reads up to {FORMAT}",
                "upgrade: pip install --upgrade mlops-workbench",
            )
        return settings

    @property
    def store_id(self) -> str:
        """The id of the store, the same wherever its folder goes."""
        store_id = self.settings().get("store_id")
        if not isinstance(store_id, str):
            raise StoreUnusableError(f"{self.settings_path} has no store_id", "restore the file")
        return store_id


def find_project(start: str | None = None) -> Project | None:
    """The project of `WORKBENCH_DIR`, else the nearest one at or above `start` (default: the working directory)."""
    named = os.environ.get("WORKBENCH_DIR")
    if start is None and named:
        root = _root_of(named)
        return Project(root) if os.path.isdir(os.path.join(root, FOLDER)) else None
    try:
        here = os.path.abspath(start or os.getcwd())
    except FileNotFoundError:
        return None
    while True:
        if os.path.isdir(os.path.join(here, FOLDER)):
            return Project(here)
        above = os.path.dirname(here)
        if above == here:
            return None
        here = above


def require_project(start: str | None = None) -> Project:
    """`find_project`, or ProjectNotFoundError with what to do."""
    project = find_project(start)
    if project is None:
        named = os.environ.get("WORKBENCH_DIR")
        if start is None and named:
            raise ProjectNotFoundError(
                f"WORKBENCH_DIR names {named}, which is no workbench project", f"workbench init {_root_of(named)}"
            )
        where = "here" if start in (None, os.curdir) else f"in {start}"
        raise ProjectNotFoundError(
            f"no workbench project {where} or in any folder above", "workbench init, or try: workbench demo"
        )
    return project


def find_or_create_project(start: str | None = None) -> Project:
    """The project that logging writes to: the one found, else a new one in `WORKBENCH_DIR` or the working directory.

    Raises:
        StoreTooNewError: the one found is of a newer format.
        StorePermissionError, InputError: as `create_project`.
    """
    project = find_project(start)
    if project is not None:
        if os.path.isdir(project.journal_dir) and not os.path.exists(project.settings_path):
            return create_project(project.root)  # another process is making it: whoever comes first completes it
        _check_format(project)
        return project
    return create_project(_root_of(start or os.environ.get("WORKBENCH_DIR") or os.getcwd()))


def create_project(root: str) -> Project:
    """Make `root` a project; a no-op where it is one already, also when several processes do it at once.

    Raises:
        InputError: `root` exists and is not a folder.
        StorePermissionError: the folder may not be written.
    """
    project = Project(root)
    try:
        for folder in ("journal/live", "journal/sealed", "segments", "blobs", "cache"):
            os.makedirs(os.path.join(project.folder, folder), exist_ok=True)
        _write_once(os.path.join(project.folder, ".gitignore"), "*\n")
        _write_once(project.settings_path, f'store_id = "{os.urandom(16).hex()}"\nformat = {FORMAT}\n')
    except PermissionError as error:
        raise StorePermissionError(f"{error.filename} may not be written", "choose a folder with -C PATH") from None
    except (NotADirectoryError, FileExistsError) as error:
        raise InputError(f"{error.filename} is not a folder") from None
    except OSError as error:
        raise StorePermissionError(f"cannot create {project.folder}: {error.strerror}", "check the disk") from None
    return project


def _check_format(project: Project) -> None:
    """Raise StoreTooNewError where a newer workbench made the project; cheap, for the start of a training."""
    try:
        with open(project.settings_path, encoding="utf-8", errors="replace") as file:
            lines = file.read().splitlines()
        if f"format = {FORMAT}" not in lines:
            project.settings()
    except (OSError, StoreUnusableError):
        return  # a journal needs no settings; whoever reads it says what is wrong with them


def _root_of(path: str) -> str:
    path = os.path.abspath(path)
    return os.path.dirname(path) if os.path.basename(path) == FOLDER else path


def _write_once(path: str, text: str) -> None:
    """Create the file with this text unless it is there; complete or absent, never half."""
    if os.path.exists(path):
        return
    temporary = f"{path}.{os.urandom(6).hex()}"
    fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    try:
        os.write(fd, text.encode())
        os.fsync(fd)
    finally:
        os.close(fd)
    try:
        os.link(temporary, path)  # fails when another process was first, whose file then stands
    except FileExistsError:
        pass
    except OSError:
        os.replace(temporary, path)  # a file system without hard links
        return
    os.unlink(temporary)
