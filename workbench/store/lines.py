"""Journal lines in a file of tab-separated values, as DuckDB reads them.

A journal's text is in this form already, so that DuckDB parses millions of lines at once: a column
or two go before each line, and its own fields follow.
"""

from __future__ import annotations

from workbench.store.location import exact

DEFAULT_LONGEST_LINE_BYTES = 2_097_152
JOURNAL_FIELDS = {"text": "VARCHAR", "k": "INTEGER", "step": "BIGINT", "value": "DOUBLE", "t": "BIGINT"}


def read_lines(path: str, before: dict[str, str], longest_line_bytes: int | None = None) -> str:
    """A table expression of SQL: the lines of the file at `path`.

    Args:
        before: names and types of the columns that stand before the journal's own.
        longest_line_bytes: needed where a line is longer than 2 MiB, DuckDB's own limit.
    """
    columns = ", ".join(f"'{name}': '{kind}'" for name, kind in (before | JOURNAL_FIELDS).items())
    quoted = exact(path).replace("'", "''")
    limit = max(longest_line_bytes or 0, DEFAULT_LONGEST_LINE_BYTES)
    # DuckDB's own buffers are eight times as large, which a small memory limit does not allow.
    return (
        rf"read_csv('{quoted}', delim='\t', quote='', escape='', header=false, auto_detect=false, new_line='\n', "
        f"nullstr='', hive_partitioning=false, max_line_size={limit}, buffer_size={2 * limit}, columns={{{columns}}})"
    )


def longest_line(path: str) -> int:
    """The length in bytes of the longest line of the file at `path`."""
    with open(path, "rb") as file:
        return max((len(line) for line in file), default=0)
