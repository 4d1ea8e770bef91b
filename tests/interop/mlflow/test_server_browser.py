"""MLflow's own web page on our store, in a browser: every page opens, shows what is there, and asks nothing in vain."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.interop.mlflow.serving import POINTS, Filled, fill, mlflow_server
from workbench.base.project import create_project

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default")]

PICTURES = os.environ.get("WORKBENCH_PICTURES")
"""A folder for pictures of the pages, for people to look at."""
BROWSERS = ("chromium", "chromium-headless-shell", "chromium-browser", "google-chrome", "chrome")
OURS = ("/ajax-api/", "/api/", "/graphql", "/get-artifact", "/model-versions/")
NOT_OF_THE_STORE = ("/users/",)
"""What MLflow's page asks for even where nobody can log in; the answer is that there is no such page."""
WITHOUT = ("get-or-create-user",)
"""What the page of human review asks for, to write it; it says then that this is not available."""


@dataclass
class Page:
    """A page of the browser.

    Attributes:
        tab: playwright's.
        answers: status and URL of everything that the store was asked for since the last `open`.
    """

    tab: Any
    url: str
    answers: list[tuple[int, str]] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    def open(self, path: str, *texts: str) -> None:
        """Open a page and wait until it shows the texts."""
        self.answers.clear()
        self.tab.goto(f"{self.url}/#{path}")
        for text in texts:
            self.tab.get_by_text(text, exact=True).first.wait_for(timeout=60_000)
        self.tab.wait_for_timeout(1_000)
        assert self.broken == []
        assert [answer for answer in self.answers if answer[0] >= 400] == []

    def picture(self, name: str) -> None:
        """Keep a picture, if pictures are asked for."""
        if PICTURES:
            self.tab.screenshot(path=os.path.join(PICTURES, f"{name}.png"))

    def notice(self, response: Any) -> None:
        """Remember an answer of the server."""
        path = response.url.removeprefix(self.url)
        if path.startswith(OURS) and not any(part in path for part in (*NOT_OF_THE_STORE, *WITHOUT)):
            self.answers.append((response.status, path))


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A browser of this machine."""
    api = pytest.importorskip("playwright.sync_api", reason="needs playwright: uv sync --group browser")
    path = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if path is None:
        pytest.skip("needs a browser: apt-get install chromium")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Filled:
    """A project with runs."""
    return fill(create_project(str(tmp_path_factory.mktemp("project"))))


@pytest.fixture(scope="module")
def server(browser: Any, filled: Filled, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The URL of a server, and its log."""
    folder = tmp_path_factory.mktemp("server")
    with mlflow_server(folder, filled.uri, "--artifacts-destination", filled.uri) as url:
        yield url, folder / "server.log"


@pytest.fixture
def page(browser: Any, server: tuple[str, Path]) -> Iterator[Page]:
    """A new page, wide enough for a table of runs."""
    tab = browser.new_context(viewport={"width": 1900, "height": 1000}).new_page()
    page = Page(tab, server[0])
    tab.on("response", page.notice)
    tab.on("pageerror", lambda error: page.broken.append(str(error)))
    yield page
    tab.context.close()
    assert "Traceback" not in server[1].read_text()


def test_runs_are_listed_and_drawn(page: Page, filled: Filled) -> None:
    runs = f"/experiments/{filled.experiment}/runs"
    page.open(runs, "run-0", "run-1", "iris (5a5c68bf)")
    page.tab.get_by_text("Columns").first.click()
    for metric in ("auc", "loss"):
        page.tab.get_by_role("dialog").get_by_text(metric, exact=True).click()
    page.tab.keyboard.press("Escape")
    page.tab.get_by_text("0.875", exact=True).first.wait_for()
    page.picture("runs")
    with page.tab.expect_response(lambda answer: "get-history-bulk-interval" in answer.url) as asked:
        page.open(f"{runs}?compareRunsMode=CHART", "loss", "auc")
    points = asked.value.json()["metrics"]
    assert {point["run_id"] for point in points} >= {filled.run} and max(
        point["step"] for point in points
    ) == POINTS - 1
    page.tab.locator(".js-plotly-plot .scatterlayer path.js-line").nth(1).wait_for(state="attached")
    page.picture("charts")


def test_a_run_shows_what_it_has(page: Page, filled: Filled) -> None:
    run = f"/experiments/{filled.experiment}/runs/{filled.run}"
    page.open(run, "run-1", "Finished", "team", "lr", "1.1", "auc", "0.875")
    page.picture("run")
    page.open(f"{run}/model-metrics", "loss")
    line = page.tab.locator(".js-plotly-plot .scatterlayer path.js-line").first
    line.wait_for(state="attached")
    assert len(line.get_attribute("d").split("L")) > 20
    page.picture("metrics")
    page.open(f"{run}/artifacts", "notes")
    page.tab.get_by_text("notes", exact=True).click()
    page.tab.get_by_text("hello.txt", exact=True).click()
    page.tab.get_by_text("hello artifact").first.wait_for()
    page.picture("artifacts")


def test_registered_models(page: Page) -> None:
    page.open("/models", "iris", "@ champion")
    page.open("/models/iris", "Version 1", "@ champion", "a model of flowers")
    page.picture("model")
    page.open("/models/iris/versions/1", "run-1")
    page.picture("version")


def test_pages_of_what_is_never_there_open_empty(page: Page, filled: Filled) -> None:
    experiment = f"/experiments/{filled.experiment}"
    for path, text in (
        (f"{experiment}/traces", "Start tracing your LLM application"),
        (
            f"{experiment}/runs/{filled.run}/traces",
            "No traces found. Try clearing your active filters to see more traces.",
        ),
        (f"{experiment}/overview/usage", "Traces"),
        (f"{experiment}/chat-sessions", "Sessions"),
        (f"{experiment}/datasets", "Datasets"),
        (f"{experiment}/judges", "New LLM judge"),
        (f"{experiment}/review-queue", "New queue"),
        (f"{experiment}/evaluation-runs", "Evaluation runs"),
        (f"{experiment}/models", "Model name"),
        (f"{experiment}/playground", "Playground"),
        (f"{experiment}/prompts", "Prompts"),
        ("/prompts", "Prompts"),
        ("/gateway", "Get started with AI Gateway"),
        ("/gateway/budgets", "Budgets"),
        ("/mcp-registry", "Create MCP server"),
    ):
        page.open(path, text)
