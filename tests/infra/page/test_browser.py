"""The page in a browser, over the database itself: what is stored is seen, what is done is done."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from forecasting.records import IncidentEvent
from infra.feeds.state import FeedState, write_state
from infra.incidents import write_events
from infra.page.settings import PageSettings
from infra.store import Store
from tests.browser import chromium

Opened = Callable[[str], Any]
NOW = datetime(2026, 3, 1, 23, 20, tzinfo=UTC)
TOKEN = "the token that was printed"


@pytest.fixture(scope="module", name="chromium")
def chromium_of_module() -> Iterator[Any]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def served(serve: Callable[..., Any]) -> Any:
    return serve()


@pytest.fixture
def entered(chromium: Any, served: Any) -> Iterator[Opened]:
    """Come in by the printed address and go to a path; nothing may go wrong in the browser."""
    context = chromium.new_context(locale="en-GB", timezone_id="UTC")
    page = context.new_page()
    page.set_default_timeout(60_000)
    wrong: list[str] = []
    page.on("console", lambda told: told.type == "error" and wrong.append(told.text))
    page.on("pageerror", lambda error: wrong.append(str(error)))

    def opened(path: str) -> Any:
        page.goto(f"{served.url}/enter?token={TOKEN}")
        page.wait_for_selector("main h1", state="attached")
        page.goto(served.url + path)
        return page

    yield opened
    context.close()
    assert wrong == []


def test_what_is_stored_is_on_the_screen_without_asking_again(
    entered: Opened, write: Callable[..., None]
) -> None:
    write(0.9, 0.1, 0.2)
    page = entered("/")
    page.wait_for_selector("[data-row=Acme] >> text=3/h")
    write(0.9, 0.8, first=10)
    page.wait_for_selector("[data-row=Acme] >> text=5/h")


def test_from_a_message_to_a_decision(
    entered: Opened, served: Any, store: Store, make_event: Callable[..., IncidentEvent]
) -> None:
    event = make_event("inc_1")
    write_events(store, [event], event.change.at)
    page = entered("/incidents/inc_1#silence")
    page.get_by_label("Reason").fill("planned")
    page.locator("dialog button[type=submit]").click()
    page.wait_for_selector("text=Silent for 2 h")
    for button in ("Acknowledge", "Not a crisis"):
        page.get_by_role("button", name=button).click()
        page.locator("dialog button[type=submit]").click()
        page.wait_for_selector("dialog", state="detached")
    page.wait_for_selector("text=Noted: not a crisis")
    assert served.actions.done == [
        ("silence", "inc_1", timedelta(hours=2), "start", "planned"),
        ("acknowledge", "inc_1", "start", ""),
        ("verdict", "inc_1", "not-a-crisis", "start", ""),
    ]


def test_posts_are_read_and_corrected(
    entered: Opened, served: Any, write: Callable[..., None]
) -> None:
    write(0.9, text="<b>Acme</b> motors are the worst <script>alert(1)</script>")
    page = entered("/brands/Acme?hours=6")
    post = page.locator(".posts .post")
    post.wait_for()
    assert "<b>Acme</b> motors are the worst <script>" in post.inner_text()
    assert post.locator("mark").all_inner_texts() == ["Acme"]
    post.get_by_text("Correct").click()
    post.get_by_role("button", name="Mark as neutral").click()
    page.wait_for_selector("text=Marked as neutral.")
    assert served.actions.done == [("label", ("x:Acme/0",), "neutral", "start")]


def test_health_is_shown_as_it_is(entered: Opened) -> None:
    page = entered("/health")
    page.wait_for_selector("text=How good the forecasts were")


def test_a_feed_that_fails_is_shown_with_what_it_said(
    serve: Callable[..., Any], chromium: Any, store: Store
) -> None:
    fields = {"source": "forum", "version": 1, "updated_at": NOW, "live_until": NOW}
    write_state(store, FeedState(feed="forum", state="refused", error="no such key", **fields))
    feeds = ({"name": "forum", "type": "jetstream", "source": "forum"},)
    page = chromium.new_page(locale="en-GB")
    page.goto(f"{serve(feeds=feeds).url}/enter?token={TOKEN}")
    page.wait_for_selector("text=1 feed is not live")
    page.goto(page.url.rstrip("/") + "/health")
    page.wait_for_selector("text=forum: refused")
    assert "no such key" in page.locator("table", has_text="Errors").inner_text()
    page.close()


def test_the_whole_page_lives_under_a_prefix(
    serve: Callable[..., Any], chromium: Any, write: Callable[..., None]
) -> None:
    write(0.9, 0.1)
    under = f"{serve(PageSettings(root_path='/groundswell')).url}/groundswell"
    page = chromium.new_page(locale="en-GB")
    wrong: list[str] = []
    page.on("console", lambda told: told.type == "error" and wrong.append(told.text))
    page.goto(f"{under}/enter?token={TOKEN}")
    page.get_by_role("link", name="Acme").click()
    page.locator(".posts .post").first.wait_for()
    assert page.url == f"{under}/brands/Acme"
    page.get_by_role("link", name="label posts").click()
    page.get_by_role("heading", name="Label Acme").wait_for()
    page.get_by_role("link", name="Health").click()
    page.get_by_text("How good the forecasts were").wait_for()
    page.get_by_role("link", name="Groundswell").click()
    page.locator(".rows .row").first.wait_for()
    page.locator(".light.live").wait_for()  # news come as well
    assert page.url == f"{under}/"
    page.close()
    assert wrong == []
