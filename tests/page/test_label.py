"""Labelling by keyboard: what is answered is kept, taken back, passed over, and gone on with."""

import re
from typing import Any

from tests.page.conftest import Show
from tests.page_fixture import Line

VIEW = "/label?brand=Northwind"


def opened(show: Show, **options: Any) -> Any:
    page = show(VIEW, **options)
    page.locator(".card blockquote").wait_for()
    return page


def test_a_key_a_post_and_a_way_back(show: Show, line: Line, eventually: Any) -> None:
    page = opened(show)
    page.get_by_text("28 % (8–\u206057 %), 49 points wide").wait_for()
    for key in "123":
        page.keyboard.press(key)
    page.get_by_text("3 of 100").wait_for()
    page.keyboard.press("s")  # another of its kind takes its place
    page.get_by_text("3 of 100").wait_for()
    page.keyboard.press("1")
    page.keyboard.press("z")
    page.keyboard.press("z")  # the post that was passed over is back
    page.get_by_text("3 of 100").wait_for()
    page.get_by_role("button", name="positive").click()
    page.get_by_text("4 of 100").wait_for()

    def told() -> list[str]:
        return [body["label"] for _, path, body in line.asked if path.endswith("/labels")]

    eventually(lambda: len(told()) == 6)
    assert told() == ["negative", "neutral", "positive", "negative", "", "positive"]
    assert len(line.labels) == 4


def test_who_comes_back_goes_on_and_sees_what_labels_bought(show: Show, line: Line) -> None:
    page = opened(show)
    for key in "12" * 5:
        page.keyboard.press(key)
    page.get_by_text("with 10 labels").wait_for()
    page.reload()
    page.get_by_text("10 of 100").wait_for()
    line.labels = {f"draw of {number}": "neutral" for number in range(97)}
    page.reload()
    page.get_by_text("97 of 100").wait_for()
    for key in "111":
        page.keyboard.press(key)
    page.locator(".card .large", has_text="100 posts are labelled.").wait_for()
    page.get_by_text("with 100 labels").wait_for()
    page.get_by_text("Enough: wherever the share is shown").wait_for()
    assert len(line.labels) == 100
    page.get_by_role("button", name="50 more").click()
    page.get_by_text("100 of 150").wait_for()


def test_what_the_server_does_not_take_is_tried_again(show: Show, line: Line) -> None:
    page = opened(show, quiet=False)
    page.route(re.compile("/api/v1/labels$"), lambda route: route.abort())
    page.keyboard.press("1")
    page.keyboard.press("3")
    page.get_by_text("2 labels are not saved yet").wait_for()
    assert line.labels == {}
    page.unroute(re.compile("/api/v1/labels$"))
    page.get_by_text("2 labels are not saved yet").wait_for(state="detached")
    assert list(line.labels.values()) == ["negative", "positive"]


def test_words_of_strangers_are_words_here_too(show: Show) -> None:
    page = opened(show)
    for _ in range(4):
        page.keyboard.press("s")
    page.locator(".card .text", has_text="onerror=").wait_for()
    assert page.locator("main img, main script").count() == 0
    assert page.locator(".card a").count() == 0  # its address was javascript:
    assert "owned" not in page.title()


def test_who_may_only_read_labels_nothing(show: Show, line: Line) -> None:
    line.me = {"name": "vi", "role": "viewer", "can_write": False, "can_resend": False}
    page = show(VIEW)
    page.get_by_text("Your role does not allow this.").wait_for()
    page.keyboard.press("1")
    page.goto(page.url.replace("/label?brand=", "/brands/"))
    page.locator(".post").first.wait_for()
    assert page.get_by_role("link", name="label posts").count() == 0
    assert line.asked == []
