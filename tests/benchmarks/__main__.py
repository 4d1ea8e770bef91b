"""Command line of the benchmarks; see the package's docstring."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.harness import Context, Row, document, put_between_marks, report
from tests.benchmarks.rows import BENCHMARKS, GROUPS

QUICK_SCALE = 0.05


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmarks; 1 where a promise is not kept, which a `--scale` below 1 never says."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument(
        "--only",
        action="append",
        choices=sorted([*BENCHMARKS, *GROUPS]),
        metavar="NAME",
        help=", ".join([*BENCHMARKS, *GROUPS]),
    )
    parser.add_argument("--quick", action="store_true", help=f"the same as --scale {QUICK_SCALE}")
    parser.add_argument("--scale", type=float, default=1.0, help="part of the promised amount of data (default 1)")
    parser.add_argument("--repetitions", type=int, default=5, help="of each side of a comparison (default 5)")
    parser.add_argument("--dir", type=Path, help="folder on the file system to measure (default: the temporary one)")
    parser.add_argument("--json", type=Path, default=Path("build/benchmarks.json"), help="where the numbers go")
    parser.add_argument("--page", type=Path, help="also put the table between the marks of this page")
    options = parser.parse_args(arguments)
    scale = QUICK_SCALE if options.quick else options.scale
    rows: list[Row] = []
    wanted = [name for word in options.only or BENCHMARKS for name in GROUPS.get(word, [word])]
    for name in wanted:
        print(f"… {name}", file=sys.stderr, flush=True)
        with tempfile.TemporaryDirectory(prefix="workbench-benchmark-", dir=options.dir) as folder:
            rows += BENCHMARKS[name](Context(Path(folder), scale, options.repetitions))
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(document(rows, scale) + "\n")
    table = report(rows)
    print(table)
    if options.page:
        options.page.write_text(put_between_marks(options.page.read_text(), table))
    return 1 if scale >= 1 and not all(row.holds for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
