"""Which tests have the mark `thorough`: those that take seconds each, with processes, kills, pages or whole screens.

The default run leaves them out, so that it takes less than five minutes on two cores; CI has a stage for them.
"""

from __future__ import annotations

PLACES = (
    "base/test_jsonvalue.py",
    "cli/audit",
    "cli/data",
    "cli/drift",
    "cli/models",
    "cli/monitor",
    "cli/package",
    "cli/test_demo.py",
    "data/test_differences.py",
    "data/test_registering_data.py",
    "data/test_tables.py",
    "drift",
    "packaging/test_collecting.py",
    "packaging/test_exporting.py",
    "packaging/test_lock.py",
    "packaging/test_pulling.py",
    "packaging/test_rolling_back.py",
    "packaging/test_running.py",
    "packaging/test_saving.py",
    "packaging/test_switching.py",
    "registry/gates/test_check.py",
    "registry/gates/test_latency.py",
    "registry/gates/test_not_worse.py",
    "registry/test_audit_log.py",
    "registry/test_audit_tampering.py",
    "registry/test_audit_verification.py",
    "registry/test_cards.py",
    "registry/test_crash.py",
    "registry/test_forks.py",
    "registry/test_holds.py",
    "registry/test_merging.py",
    "registry/test_references.py",
    "serving/test_app.py",
    "serving/test_model.py",
    "serving/test_predictions.py",
    "serving/test_server.py",
    "store/test_crash.py",
    "store/test_curves.py",
    "store/test_ingest.py",
    "store/test_matching.py",
    "test_pictures.py",
    "test_readme.py::test_the_blocks_of_a_page_run_in_order[docs/",
    "test_sample_projects.py",
    "test_story.py",
    "tracking/test_models.py",
    "tui/dialogs",
    "tui/screens",
    "tui/test_data_journey.py",
    "tui/test_dock.py",
    "tui/test_faults.py",
    "tui/test_images_journey.py",
    "tui/test_journeys.py",
    "tui/test_models_journey.py",
    "tui/test_monkey.py",
    "tui/test_textual_cache.py",
    "tui/widgets/test_run_detail.py",
)
"""Beginnings of tests' ids, below `tests/`."""


def is_thorough(node_id: str) -> bool:
    """Whether a test has the mark.

    Args:
        node_id: `tests/cli/models/test_alias.py::test_…`.
    """
    return node_id.removeprefix("tests/").startswith(PLACES)
