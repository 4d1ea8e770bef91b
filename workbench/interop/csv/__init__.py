"""Tables of results as runs: a row for each run, or a row for each step."""
