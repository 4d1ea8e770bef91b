"""Files on other machines, through fsspec, which knows S3, Google Cloud, Azure, HTTP, SSH and more.

A file is fetched once and kept below the user's cache folder, under its address, size and time or tag, so that the
same file is not fetched again and one that changed is.
"""

from __future__ import annotations

import hashlib
import os
from typing import Any

from workbench.base.errors import InputError, ToolError


def fetch(address: str) -> list[tuple[str, str]]:
    """The files at an address: the address and the local path of each.

    Args:
        address: of a file, a folder, or a pattern (`s3://bucket/train/*.parquet`).

    Raises:
        InputError: fsspec or what it needs for this kind of address is not installed, or there is nothing.
        ToolError: it cannot be fetched.
    """
    scheme = address.partition("://")[0]
    try:
        import fsspec
    except ImportError:
        raise InputError(f"{scheme}:// needs the package fsspec", "pip install 'mlops-workbench[remote]'") from None
    try:
        system, path = fsspec.core.url_to_fs(address)
        names = sorted(system.find(path) if "*" not in path and system.isdir(path) else system.expand_path(path))
        files = [name for name in names if system.isfile(name)]
        if not files:
            raise FileNotFoundError(address)
        return [(f"{scheme}://{name.lstrip('/')}", _kept(system, name)) for name in files]
    except ImportError as error:
        raise InputError(f"{scheme}:// needs a package more: {error}", "install what it names") from None
    except FileNotFoundError:
        raise InputError(f"there is nothing at {address}", "check the address") from None
    except ValueError as error:
        raise InputError(f"{address}: {error}") from None
    except Exception as error:  # each kind of address has errors of its own
        first = (str(error) or type(error).__name__).splitlines()[0]
        raise ToolError(f"cannot fetch {address}: {first}", "check the address and your access to it") from None


def _kept(system: Any, name: str) -> str:
    """The local path of a file, which is fetched where it is not there yet; complete or absent."""
    about = system.info(name)
    mark = [str(about.get(key)) for key in ("size", "ETag", "etag", "mtime", "LastModified", "updated", "created")]
    key = hashlib.sha256("\0".join([str(system.protocol), name, *mark]).encode()).hexdigest()
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    path = os.path.join(cache, "workbench", "remote", key[:2], key[2:34], os.path.basename(name))
    if not os.path.exists(path):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        temporary = f"{path}.{os.urandom(4).hex()}"
        try:
            system.get_file(name, temporary)
            os.replace(temporary, path)
        finally:
            if os.path.exists(temporary):
                os.unlink(temporary)
    return path
