"""`python -m workbench.serving MODEL_DIR`: serve one model."""

from __future__ import annotations

import argparse
import os
import signal
import sys

from .cpu import one_thread_for_libraries


def main(arguments: list[str] | None = None) -> int:
    """Serve until a signal.

    Returns:
        0; 1 when it cannot be started, 2 for a wrong argument.
    """
    parser = argparse.ArgumentParser(prog="python -m workbench.serving", description="Serve one model over HTTP.")
    parser.add_argument("folder", metavar="MODEL_DIR", help="a model in the MLflow format")
    parser.add_argument("--host", help="address to listen on (default 127.0.0.1)")
    parser.add_argument("--port", type=int, help="port; 0 for any free one (default 8080)")
    parser.add_argument("--workers", type=int, help="processes; 0 for one on each processor (default 1)")
    parser.add_argument("--log-dir", help="where predictions are logged; without it none are")
    parser.add_argument(
        "--allow-pickle",
        action="store_true",
        help="open files that can run code, where there is no serve.json that decides; only for models that you trust",
    )
    options = parser.parse_args(arguments)
    one_thread_for_libraries()

    from .description import read_description
    from .errors import LoadError
    from .logs import capture, log
    from .server import serve
    from .settings import read_settings

    capture()
    try:
        description = read_description(options.folder, allow_pickle=options.allow_pickle)
        settings = read_settings(
            description.settings,
            os.environ,
            host=options.host,
            port=options.port,
            workers=options.workers,
            log_dir=options.log_dir,
        )
        return serve(description, settings)
    except LoadError as error:
        log("error", "the server cannot start", error=str(error))
        return 1


if __name__ == "__main__":
    # The first process of a container gets no signal that it has no handler for, and the server's comes with its loop.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(0))
    sys.exit(main())
