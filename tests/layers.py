"""The rules of the architecture, checked over the syntax tree of every module of the package.

`docs/architecture.md` gives the reasons. A rule looks at one parsed module and yields what breaks it,
so that a test can hold the rule against the package and against small sources made to break it.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = "workbench"

LAYERS: dict[str, float] = {
    "base": 0,
    "journal": 1,
    "store": 2,
    "tracking": 3.1,
    "data": 3.15,  # knows who is working, and what runs record of data
    "registry": 3.2,
    "packaging": 3.3,
    "drift": 3.3,
    "pipelines": 3.4,
    "interop": 3.4,
    "sync": 3.4,
    "demo": 3.4,
    "output": 4.1,
    "plot": 4.2,
    "cli": 5,
    "tui": 5,
}
"""A folder may import folders with a smaller number, and itself."""

LAZY_EDGES = {("cli", "tui")}
"""Imports that are allowed inside a function only: `workbench` opens the terminal app."""

THIRD_PARTY: dict[str, frozenset[str]] = {
    "duckdb": frozenset({"store"}),
    "sqlglot": frozenset({"store"}),
    "psutil": frozenset({"tracking", "packaging/ports.py"}),
    "pynvml": frozenset({"tracking"}),
    "polars": frozenset({"data", "drift"}),
    "numpy": frozenset({"data", "drift", "serving"}),
    "scipy": frozenset({"drift"}),
    "sklearn": frozenset({"drift/multivariate.py", "drift/performance/direct_loss.py"}),
    "threadpoolctl": frozenset({"drift/performance/direct_loss.py"}),  # scikit-learn brings it
    "docker": frozenset({"packaging"}),
    "requests": frozenset({"packaging/engine.py"}),  # docker raises its errors
    "mlflow": frozenset(
        {
            "interop",
            "packaging/trial.py",
            "tracking/models.py",
            "tracking/model_safety.py",
            "tracking/predictor.py",
            "serving/loaders/pyfunc.py",
        }
    ),
    "google": frozenset({"interop"}),  # google.protobuf
    "yaml": frozenset({"interop", "packaging/exporting.py", "registry/evidence.py", "serving/description.py"}),
    "markdown_it": frozenset({"output"}),
    "cryptography": frozenset({"registry/signing.py"}),
    "skops": frozenset({"tracking/model_safety.py"}),
    "uv": frozenset({"packaging", "tracking"}),
    "fsspec": frozenset({"sync", "data/remote.py"}),
    "rich": frozenset({"output", "plot", "cli", "tui"}),
    "typer": frozenset({"cli"}),
    "textual": frozenset({"tui"}),
    "uvicorn": frozenset({"serving"}),
    "orjson": frozenset({"serving"}),
    "pandas": frozenset({"serving"}),
    "xgboost": frozenset({"serving"}),
    "lightgbm": frozenset({"serving"}),
    "onnxruntime": frozenset({"serving"}),
}
"""The folders and files that may import a third-party module; what is not listed may be imported nowhere."""

HOT_MODULES = frozenset(
    {
        "workbench/__init__.py",
        *(
            f"workbench/tracking/{name}.py"
            for name in (
                "channel background current exits events notices run starting capture/__init__ capture/lines "
                "capture/output capture/process capture/pump capture/secrets"
            ).split()
        ),
    }
)
"""What is loaded before the first `log` of a run with its defaults has returned."""
HOT_BASE = frozenset({"errors", "ids", "clock", "project", "jsonvalue", "names", "__init__"})
SLOW_STDLIB = frozenset(
    (
        "asyncio contextlib dataclasses inspect logging pathlib shutil socket subprocess tempfile tomllib "
        "traceback typing urllib uuid"
    ).split()
)
"""Standard modules that a training script must not pay for when it imports the SDK."""

STORE_FILE_OWNER = "workbench/store/store.py"
MAX_LINES = 600
MAX_MEDIAN_LINES = 150

_SQL = re.compile(
    r"\s*(SELECT|INSERT\s+INTO|UPDATE\s+\S+\s+SET|DELETE\s+FROM|CREATE\s+(TABLE|VIEW)|WITH\s+\S+\s+AS\s*\()\s*\S*"
)
_FILE_CALLS = frozenset(
    ("open copy copy2 copyfile copyfileobj move read_bytes read_text write_bytes file_digest sha256").split()
)


@dataclass(frozen=True)
class Source:
    """One module.

    Attributes:
        path: relative to the repository, with `/`: `workbench/store/runs.py`.
        text: its source.
        tree: its syntax tree.
    """

    path: str
    text: str
    tree: ast.Module

    @classmethod
    def parse(cls, path: str, text: str) -> Source:
        """The source of `path`, which need not exist."""
        return cls(path, text, ast.parse(text, path))

    @property
    def folder(self) -> str:
        """The layer's folder (`store`), or "" for modules directly in the package."""
        parts = self.path.split("/")
        return parts[1] if len(parts) > 2 else ""


@dataclass(frozen=True)
class Violation:
    """A place where a rule is broken."""

    path: str
    line: int
    rule: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.rule}"


@dataclass(frozen=True)
class Import:
    """One imported module, dotted and absolute."""

    module: str
    line: int
    deferred: bool
    """Inside a function, so that it happens only when that is called."""
    typing_only: bool
    """Under `if TYPE_CHECKING:`, so that it never happens."""


Rule = Callable[[Source], Iterator[Violation]]


@cache
def package_sources() -> tuple[Source, ...]:
    """Every module of the package, by path."""
    return tuple(
        Source.parse(path.relative_to(ROOT).as_posix(), path.read_text())
        for path in sorted((ROOT / PACKAGE).rglob("*.py"))
    )


def imports_of(source: Source) -> list[Import]:
    """Every import of a module; `from workbench.store import runs` counts as `workbench.store.runs`."""
    found: list[Import] = []

    def visit(node: ast.AST, deferred: bool, typing_only: bool) -> None:
        if isinstance(node, ast.Import):
            found.extend(Import(alias.name, node.lineno, deferred, typing_only) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            if base == PACKAGE or base.startswith(PACKAGE + ".") or node.level:
                found.extend(Import(f"{base}.{a.name}", node.lineno, deferred, typing_only) for a in node.names)
            else:
                found.append(Import(base, node.lineno, deferred, typing_only))
        elif isinstance(node, ast.If) and ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING"):
            for statement in node.body:
                visit(statement, deferred, True)
            for statement in node.orelse:
                visit(statement, deferred, typing_only)
            return
        deferred = deferred or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for child in ast.iter_child_nodes(node):
            visit(child, deferred, typing_only)

    visit(source.tree, False, False)
    return found


def lower_layers_only(source: Source) -> Iterator[Violation]:
    """A layer imports lower layers and itself; neighbours do not know each other."""
    if source.folder == "serving":
        yield from _stands_alone(source)
        return
    own = LAYERS.get(source.folder)
    for item in imports_of(source):
        if item.module.startswith("."):
            yield Violation(source.path, item.line, "imports are absolute: `from workbench.… import …`")
            continue
        parts = item.module.split(".")
        if parts[0] != PACKAGE or not source.folder or len(parts) < 2 or parts[1] == source.folder:
            continue
        target = parts[1]
        if target not in LAYERS:
            if target == "serving" and source.folder != "packaging":  # which writes what the server reads
                yield Violation(source.path, item.line, f"nothing imports serving/; {source.folder}/ does")
            continue
        if own is None or LAYERS[target] < own:
            continue
        if (source.folder, target) in LAZY_EDGES and item.deferred:
            continue
        kind = "its neighbour" if LAYERS[target] == own else "the higher layer"
        yield Violation(source.path, item.line, f"{source.folder}/ imports {kind} {target}/ ({item.module})")


def _stands_alone(source: Source) -> Iterator[Violation]:
    """An image carries serving/ alone and under another name: it imports itself by relative imports only."""
    depth = source.path.count("/") - 1
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ImportFrom) and node.level > depth:
            yield Violation(source.path, node.lineno, "a relative import leaves serving/")
    for item in imports_of(source):
        if item.module.split(".")[0] == PACKAGE:
            yield Violation(source.path, item.line, f"serving/ stands alone in its image and imports {item.module}")


def every_folder_has_a_layer(source: Source) -> Iterator[Violation]:
    """A new folder is given its place in `LAYERS`."""
    if source.folder and source.folder not in LAYERS and source.folder not in ("serving", "sample_projects"):
        yield Violation(source.path, 1, f"the folder {source.folder}/ has no layer")


def third_party_in_its_layer(source: Source) -> Iterator[Violation]:
    """A third-party module is imported in its own layer; elsewhere not even lazily, only as a type."""
    for item in imports_of(source):
        top = item.module.split(".")[0]
        if item.typing_only or top in (PACKAGE, "", "__future__") or top in sys.stdlib_module_names:
            continue
        if top == "click":
            yield Violation(
                source.path, item.line, "typer brings its own click: use typer's names, never `import click`"
            )
        elif top not in THIRD_PARTY:
            yield Violation(source.path, item.line, f"{top} has no layer; dependencies are declared in pyproject.toml")
        elif not {source.folder, source.path.removeprefix(f"{PACKAGE}/")} & THIRD_PARTY[top]:
            where = ", ".join(sorted(THIRD_PARTY[top]))
            yield Violation(source.path, item.line, f"{top} is imported outside {where}")


def hot_path_is_light(source: Source) -> Iterator[Violation]:
    """What `import workbench` and the first log load imports no slow standard module at the top."""
    name = source.path.rsplit("/", 1)[-1].removesuffix(".py")
    hot = source.path in HOT_MODULES or source.folder == "journal" or (source.folder == "base" and name in HOT_BASE)
    if not hot:
        return
    for item in imports_of(source):
        if item.module.split(".")[0] in SLOW_STDLIB and not item.deferred and not item.typing_only:
            yield Violation(source.path, item.line, f"`import {item.module}` is slow; import it where it is used")


def one_module_prints(source: Source) -> Iterator[Violation]:
    """Only cli/console.py writes to stdout and stderr."""
    if source.path == "workbench/cli/console.py":
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print":
            yield Violation(source.path, node.lineno, "print() outside cli/console.py")
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in ("write", "writelines")
            and ast.unparse(node.func.value) in ("sys.stdout", "sys.stderr", "sys.stdout.buffer", "sys.stderr.buffer")
            and source.folder in ("cli", "output", "plot", "store")
        ):
            yield Violation(source.path, node.lineno, "writes to a standard stream outside cli/console.py")


def one_module_knows_the_store_file(source: Source) -> Iterator[Violation]:
    """Opening DuckDB's file by ordinary means drops DuckDB's lock without a word; one module knows its path."""
    docstrings = set(_docstrings(source.tree))
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in docstrings:
            if ".duckdb" in node.value and source.path != STORE_FILE_OWNER:
                yield Violation(source.path, node.lineno, f"only {STORE_FILE_OWNER} may name the .duckdb file")
        elif (
            isinstance(node, ast.Call)
            and _called_name(node) in _FILE_CALLS
            and any(re.search(r"duckdb_path|store_file|\.duckdb|database_path", ast.unparse(arg)) for arg in node.args)
        ):
            rule = f"{_called_name(node)}() on the .duckdb file drops DuckDB's lock; let DuckDB touch it alone"
            yield Violation(source.path, node.lineno, rule)


def no_sql_in_the_faces(source: Source) -> Iterator[Violation]:
    """The command line and the terminal app ask functions, not the database."""
    if source.folder not in ("cli", "tui"):
        return
    docstrings = set(_docstrings(source.tree))
    for node in ast.walk(source.tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and node not in docstrings
            and _SQL.match(node.value)
            and not _is_help(source.tree, node)
        ):
            yield Violation(source.path, node.lineno, "SQL in a face of the product; it belongs to store/")


def only_the_desk_asks(source: Source) -> Iterator[Violation]:
    """In the terminal app features are called by questions, and the store is visited by the desk; widgets draw."""
    if source.folder != "tui" or source.path.startswith("workbench/tui/questions/"):
        return
    free = {"base", "output", "plot", "tui"} | ({"store"} if source.path == "workbench/tui/desk.py" else set())
    for item in imports_of(source):
        parts = item.module.split(".")
        if parts[0] == PACKAGE and len(parts) > 1 and parts[1] not in free and not item.typing_only:
            yield Violation(source.path, item.line, f"{item.module} is called by tui/questions/ alone")


def modules_are_short(source: Source) -> Iterator[Violation]:
    """A module fits into one head."""
    lines = source.text.count("\n")
    if lines > MAX_LINES:
        yield Violation(source.path, lines, f"{lines} lines; a module has at most {MAX_LINES}")


RULES: tuple[Rule, ...] = (
    lower_layers_only,
    every_folder_has_a_layer,
    third_party_in_its_layer,
    hot_path_is_light,
    one_module_prints,
    one_module_knows_the_store_file,
    no_sql_in_the_faces,
    only_the_desk_asks,
    modules_are_short,
)


def _docstrings(tree: ast.Module) -> Iterator[ast.Constant]:
    """Every string that is an expression by itself: docstrings and attribute docs."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield node.value


def _called_name(call: ast.Call) -> str:
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""


def _is_help(tree: ast.Module, text: ast.Constant) -> bool:
    """Whether a string is help, metavar or epilog of a command, where an example may be SQL."""
    return any(
        isinstance(node, ast.keyword)
        and node.arg in ("help", "metavar", "epilog", "short_help", "hint")
        and node.value is text
        for node in ast.walk(tree)
    )
