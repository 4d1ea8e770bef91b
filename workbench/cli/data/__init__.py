"""Register data, look into it, check it and compare it.

A dataset is a name under which versions count up; a version is named NAME@v3, NAME@latest or NAME alone, and is told
by the hash of its content: the same content is the same version. Where DATA|FILE is written, a file, a folder, a
pattern or an address does as well: CSV, TSV, Parquet, JSON lines, JSON arrays, Arrow, Delta tables.

Examples:
  workbench data add data/train.parquet transactions
  workbench data profile transactions
  workbench data diff transactions@v1 transactions --key id
"""

from workbench.cli.command import Entry

_HERE = "workbench.cli.data"

COMMANDS = {
    "add": Entry(f"{_HERE}.add:add", "Register a file or folder as the next version of a dataset."),
    "list": Entry(f"{_HERE}.list:list_", "List datasets."),
    "show": Entry(f"{_HERE}.show:show", "Show a dataset with its versions, or one version in full."),
    "diff": Entry(f"{_HERE}.diff:diff", "Show what differs between two versions or files."),
    "checkout": Entry(f"{_HERE}.checkout:checkout", "Write a version to a file or folder, checked by its hash."),
    "remove": Entry(f"{_HERE}.remove:remove", "Take versions out that nothing uses."),
    "profile": Entry(f"{_HERE}.profile:profile", "Say what is in each column."),
    "schema": Entry(f"{_HERE}.schema:schema", "Write down what data look like, as a file of rules."),
    "validate": Entry(f"{_HERE}.validate:validate", "Check data against a file of rules."),
}
