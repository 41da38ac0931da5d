"""How every view looks: accessible, in both themes and languages, from a phone to a wall."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.page.conftest import Show, Violations
from tests.page_data import head, stale
from tests.page_fixture import Line

VIEWS = {
    "overview": "/",
    "brand": "/brands/Northwind?compare=week",
    "incident": "/incidents/northwind.1",
    "backtest": "/backtest?brand=Northwind",
    "health": "/health",
    "label": "/label?brand=Northwind",
}
SETTLED = {
    "overview": ".rows .row",
    "brand": ".posts .post",
    "incident": ".events li",
    "backtest": ".result table",
    "health": "table",
    "label": ".known",
}


def settled(show: Show, view: str, **options: Any) -> Any:
    page = show(VIEWS[view], **options)
    page.wait_for_selector(SETTLED[view])
    return page


def each_view(show: Show, **options: Any) -> Iterator[tuple[str, Any]]:
    """Every view in turn, in one browser."""
    page = show(**options)
    start = page.url.rstrip("/")
    for view, path in VIEWS.items():
        page.goto(start + path)
        page.wait_for_selector(SETTLED[view])
        yield view, page


def test_axe_finds_nothing(show: Show, violations: Violations) -> None:
    found = {view: violations(page) for view, page in each_view(show)}
    assert found == {view: [] for view in VIEWS}


def test_contrast_is_enough_in_the_dark(show: Show, violations: Violations) -> None:
    dark = each_view(show, color_scheme="dark")
    found = {view: violations(page, "color-contrast") for view, page in dark}
    assert found == {view: [] for view in VIEWS}


def test_axe_finds_nothing_in_a_dialog_and_a_stale_line(
    show: Show, line: Line, violations: Violations
) -> None:
    page = settled(show, "incident")
    page.get_by_role("button", name="Silence").click()
    assert violations(page) == []
    page.keyboard.press("Escape")
    line.overview = stale()
    page = settled(show, "overview")
    assert "No posts for 14 min." in page.inner_text(".notice.stale")
    assert page.inner_text(".pipeline") == "0 posts/s · 1 feed is not live"
    assert violations(page) == []


def test_axe_finds_nothing_in_a_login(show: Show, line: Line, violations: Violations) -> None:
    line.me = None
    assert violations(show(quiet=False)) == []


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
def test_nothing_is_wider_than_a_small_phone(show: Show, locale: str) -> None:
    phone = {"viewport": {"width": 320, "height": 640}, "has_touch": True, "locale": locale}
    wide = "document.documentElement.scrollWidth"
    found = {view: page.evaluate(wide) for view, page in each_view(show, **phone)}
    assert found == dict.fromkeys(VIEWS, 320)


OVERLAPS = """() => {
    const boxes = cell => {
        const range = document.createRange();
        range.selectNodeContents(cell);
        return [...range.getClientRects()].filter(box => box.width > 1 && box.height > 1);
    };
    const found = [];
    for (const row of document.querySelectorAll('.rows .row')) {
        const cells = [...row.children].map(cell => [cell, boxes(cell)]);
        for (const [one, some] of cells) for (const [other, more] of cells)
            if (one.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING)
                for (const a of some) for (const b of more)
                    if (a.left < b.right - 1 && b.left < a.right - 1
                        && a.top < b.bottom - 1 && b.top < a.bottom - 1)
                        found.push(`${one.textContent} over ${other.textContent}`);
    }
    return found;
}"""
LINES = """() => [...document.querySelectorAll('.rows .row small')].flatMap(one => {
    const range = document.createRange();
    range.selectNodeContents(one);
    const tops = new Set([...range.getClientRects()].map(box => Math.round(box.top)));
    return tops.size > 1 ? [one.textContent] : [];
})"""


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
def test_no_words_of_a_row_lie_over_others_and_wide_enough_none_break(
    show: Show, line: Line, locale: str
) -> None:
    page = settled(show, "overview", locale=locale)
    for width in (320, 390, 768, 1024, 1061, 1280, 1440, 1920, 2560):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate(OVERLAPS) == [], width
        if width >= 1280:
            assert page.evaluate(LINES) == [], width
    line.overview["brands"][0] |= {  # of a brand that all the world talks about
        "volume": 1_233_400,
        "volume_expected": {"lower": 912_000.0, "mean": 1_048_000.0, "upper": 1_190_000.0},
        "incident": head(observed=412_140, expected=31_104, expected_upper=51_800),
    }
    for width in (320, 1061, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        page.reload()
        page.wait_for_selector(SETTLED["overview"])
        assert page.evaluate(OVERLAPS) == [], width


def test_a_wall_is_read_from_afar(show: Show) -> None:
    size = "parseFloat(getComputedStyle(document.documentElement).fontSize)"
    assert settled(show, "overview").evaluate(size) == 15
    wall = settled(show, "overview", viewport={"width": 2560, "height": 1440})
    assert wall.evaluate(size) > 20


def test_dark_follows_the_system_and_the_button(show: Show) -> None:
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    page = settled(show, "overview", color_scheme="dark")
    dark = page.evaluate(ground)
    page.get_by_role("button", name="Light or dark").click()
    light = page.evaluate(ground)
    assert sum(map(int, dark[4:-1].split(","))) < 90 < 600 < sum(map(int, light[4:-1].split(",")))
    page.reload()
    page.wait_for_selector(".rows .row")
    assert page.evaluate(ground) == light


def test_chinese_by_the_browser_and_by_the_button(show: Show) -> None:
    page = settled(show, "incident", locale="zh-CN")
    assert page.evaluate("document.documentElement.lang") == "zh-CN"
    text = page.inner_text("main")
    assert "过去 1 小时负面 214 条" in text
    assert "我来处理" in text
    page.get_by_role("button", name="EN").click()
    page.wait_for_selector("text=Acknowledge")
    assert page.evaluate("document.documentElement.lang") == "en"


def test_a_story_prints_without_its_buttons(show: Show) -> None:
    page = settled(show, "incident")
    page.emulate_media(media="print")
    assert page.get_by_role("button", name="Acknowledge").count() == 0
    assert page.get_by_role("heading", name="Why").is_visible()
    assert not page.locator("#bar").is_visible()


def test_times_are_in_the_readers_zone_which_is_named(show: Show) -> None:
    page = settled(show, "overview", timezone_id="Asia/Shanghai")
    assert "05:55" in page.inner_text(".open-incident")  # 21:55 UTC
    assert "Asia/Shanghai" in page.inner_text("#foot")
    assert "2026" in page.get_attribute(".open-incident time", "title")
