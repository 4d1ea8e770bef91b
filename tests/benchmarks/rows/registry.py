"""Reading the model registry when it is large: what each command and screen asks, without the visit to the store."""

from __future__ import annotations

import statistics
from collections.abc import Callable

from tests.benchmarks.harness import Context, Row, interleaved, seconds
from tests.benchmarks.stores import fill_store, registered_models
from workbench.base.project import Project

MODELS = 1_000
VERSIONS = 50
LIMIT_MS = 100


def measure(context: Context) -> list[Row]:
    """One row: the slowest of all questions."""
    from workbench.registry.audit import LogQuery, read_log
    from workbench.registry.forks import contradictions
    from workbench.registry.history import alias_terms
    from workbench.registry.models import get
    from workbench.registry.overview import model_document, model_rows, version_document, waiting_versions
    from workbench.registry.queries import Search, contested, search_models, search_versions
    from workbench.registry.references import resolve_version
    from workbench.store.store import Store

    models, versions = context.size(MODELS, 5), context.size(VERSIONS, 4)
    root = context.make_folder("registry")
    fill_store(root, registered_models(models, versions))
    name = f"model-{models // 2:04d}"
    page = Search(order=[("name", True)], limit=100)
    with Store(Project(str(root))) as store, store.reading() as db:
        model, version = get(db, name), resolve_version(db, f"{name}@champion")
        questions: dict[str, Callable[[], object]] = {
            "list of models": lambda: model_rows(db),
            "versions that wait": lambda: waiting_versions(db),
            "one model in full": lambda: model_document(db, model),
            "one version in full": lambda: version_document(db, version),
            "version by its alias": lambda: resolve_version(db, f"{name}@champion"),
            "history of aliases": lambda: alias_terms(db, model),
            "contradictions of a model": lambda: contradictions(db, model),
            "contested numbers": lambda: contested(db),
            "newest 50 events": lambda: read_log(db, LogQuery(limit=50)),
            "events of a model": lambda: read_log(db, LogQuery(model=name)),
            "first 100 models": lambda: search_models(db, page),
            "first 100 versions": lambda: search_versions(db, page),
        }
        assert len(model_rows(db)) == models and len(waiting_versions(db)) == -(-models // 10)
        sides = [lambda ask=ask: seconds(ask) for ask in questions.values()]
        samples = interleaved(context.repetitions, *sides)
    taken_ms = {what: statistics.median(times) * 1e3 for what, times in zip(questions, samples, strict=True)}
    slowest = max(taken_ms, key=lambda what: taken_ms[what])
    return [
        Row(
            f"{models:,} models x {versions} versions: the slowest of {len(questions)} questions about them",
            f"{taken_ms[slowest]:.0f} ms ({slowest})",
            f"≤ {LIMIT_MS} ms",
            "",
            taken_ms[slowest] <= LIMIT_MS,
            {f"{what.replace(' ', '_')}_ms": taken for what, taken in taken_ms.items()},
        )
    ]
