"""Where the DuckDB file of a project may lie on this machine.

Journals may live on a shared or synchronised folder; the DuckDB file may not. It lies in
`.workbench/cache/` on a local, writable disk, and in the user's cache folder otherwise.
"""

from __future__ import annotations

import hashlib
import os
import re

from workbench.base.project import Project

NETWORK_FILE_SYSTEMS = frozenset(
    "nfs nfs4 cifs smb3 smbfs ceph glusterfs lustre afs gpfs beegfs 9p davfs fuse.sshfs fuse.rclone fuse.s3fs".split()
)


def cache_folder(project: Project) -> str | None:
    """A local, writable folder for the project's DuckDB file; None where there is none."""
    inside = os.path.join(project.folder, "cache")
    named = os.environ.get("WORKBENCH_CACHE_DIR")
    if not named and not is_network_folder(project.folder) and _usable(inside):
        return inside
    base = named or os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "workbench")
    place = hashlib.sha256(os.fsencode(os.path.realpath(project.folder))).hexdigest()[:12]
    outside = os.path.join(base, f"{project.store_id}-{place}")
    return outside if _usable(outside) else None


def is_network_folder(path: str) -> bool:
    """Whether `path` lies on a network file system, where the system tells."""
    path = os.path.realpath(path)
    best, kind = "", ""
    try:
        with open("/proc/self/mounts", encoding="utf-8", errors="replace") as file:
            for line in file:
                _, mount, file_system, *_ = line.split(" ")
                mount = mount.replace("\\040", " ")
                if len(mount) >= len(best) and (path == mount or path.startswith(mount.rstrip("/") + "/")):
                    best, kind = mount, file_system
    except (OSError, ValueError):
        return False
    return kind in NETWORK_FILE_SYSTEMS


def exact(path: str) -> str:
    """`path` as an argument of DuckDB's readers of files, which would take `*`, `?` and `[` for a pattern."""
    return re.sub(r"([*?\[])", r"[\1]", path)


def machine_id() -> str:
    """The operating system's id of this machine, empty where it has none."""
    try:
        with open("/etc/machine-id") as file:
            return file.read().strip()
    except OSError:
        return ""


def _usable(folder: str) -> bool:
    if "?" in folder:  # DuckDB takes what follows for parameters and looks for its log in another place
        return False
    try:
        folder.encode()
    except UnicodeEncodeError:  # a name that is not UTF-8, which DuckDB cannot open
        return False
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK | os.X_OK)
