"""A browser before the page."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser import chromium
from tests.page_fixture import Line, serving

AXE = Path(__file__).with_name("axe.min.js")
LAPTOP = {"width": 1440, "height": 900}
Show = Callable[..., Any]
Violations = Callable[..., list[str]]


@pytest.fixture(scope="module", name="chromium")
def chromium_of_module() -> Iterator[Any]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def site() -> Iterator[tuple[str, Callable[[], Line]]]:
    with serving() as served:
        yield served


@pytest.fixture
def line(site: tuple[str, Callable[[], Line]]) -> Line:
    """What the server tells, as at the start."""
    return site[1]()


@pytest.fixture
def show(chromium: Any, site: tuple[str, Callable[[], Line]], line: Line) -> Iterator[Show]:
    """Open a path of the page. Whatever the browser complains of fails the test."""
    contexts: list[Any] = []
    complaints: list[str] = []

    def opened(path: str = "/", *, quiet: bool = True, **options: Any) -> Any:
        plain = {"viewport": LAPTOP, "locale": "en-GB", "timezone_id": "Europe/Berlin"}
        context = chromium.new_context(**(plain | {"reduced_motion": "reduce"} | options))
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(60_000)
        if quiet:
            page.on("console", lambda told: told.type == "error" and complaints.append(told.text))
            page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(site[0] + path)
        page.wait_for_selector("main h1, main h2", state="attached")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture(scope="session")
def violations() -> Violations:
    """What axe-core finds wrong with what is shown, by all rules or some: rule and element."""
    source = AXE.read_text(encoding="utf-8")
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

    def found(page: Any, *rules: str) -> list[str]:
        page.evaluate(source)
        only = {"type": "rule", "values": rules} if rules else {"type": "tag", "values": tags}
        options = {"runOnly": only, "resultTypes": ["violations"]}
        told = page.evaluate("options => axe.run(document, options)", options)
        return [
            f"{one['id']}: {node['html'][:200]}"
            for one in told["violations"]
            for node in one["nodes"]
        ]

    return found
