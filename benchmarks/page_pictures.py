"""Pictures of the page, from an invented day: `make pictures-page`, writes docs/page.

With `--all FOLDER` every view at every width, in both themes and languages, to look at.
"""

import argparse
import os
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any, Final

from msgspec import Struct
from playwright.sync_api import Browser, Page, sync_playwright

from tests.page_data import stale
from tests.page_fixture import Line, serving

CHROMIUM: Final = os.environ.get("CHROMIUM", "/usr/bin/chromium")
DOCS: Final = Path(__file__).parents[1] / "docs/page"
LAPTOP: Final = (1440, 900)
PHONE: Final = (390, 844)
WIDTHS: Final = {320: 640, 768: 1024, 1280: 800, 1440: 900, 1920: 1080, 2560: 1440}
VIEWS: Final = {
    "overview": ("/", ".rows .row"),
    "brand": ("/brands/Northwind?compare=week", ".posts .post"),
    "incident": ("/incidents/northwind.1", ".events li"),
    "backtest": ("/backtest?brand=Northwind", ".result table"),
    "health": ("/health", "main table"),
    "label": ("/label?brand=Northwind", ".known"),
}
"""Where each is, and what is there once it is drawn."""


class Shot(Struct, frozen=True, kw_only=True):
    """One picture. `below`: words of the heading that it begins at."""

    name: str
    view: str
    size: tuple[int, int] = LAPTOP
    is_dark: bool = False
    is_chinese: bool = False
    is_stale: bool = False
    is_whole: bool = False
    below: str = ""


IN_DOCS: Final = (
    Shot(name="overview", view="overview"),
    Shot(name="overview-phone", view="overview", size=PHONE),
    Shot(
        name="overview-wall-chinese",
        view="overview",
        size=(2560, 640),
        is_dark=True,
        is_chinese=True,
    ),
    Shot(name="stale", view="overview", is_stale=True),
    Shot(name="brand", view="brand"),
    Shot(name="brand-dark", view="brand", is_dark=True),
    Shot(name="label", view="label", size=(1440, 700)),
    Shot(name="incident", view="incident"),
    Shot(name="incident-why", view="incident", size=(1024, 1150), below="Why"),
    Shot(name="incident-phone-chinese", view="incident", size=PHONE, is_chinese=True),
    Shot(name="backtest", view="backtest"),
    Shot(name="health", view="health"),
)


def main() -> None:
    """Draw them."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.page_pictures", description=__doc__)
    parser.add_argument("--all", type=Path, metavar="FOLDER", help="every view, every width")
    parser.add_argument("--only", default="", help="names that have this in them")
    given = parser.parse_args()
    folder: Path = given.all or DOCS
    folder.mkdir(parents=True, exist_ok=True)
    shots = [one for one in (every() if given.all else IN_DOCS) if given.only in one.name]
    with serving(lambda: Line(is_hostile=False)) as (url, anew), sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        for shot in shots:
            line = anew()
            if shot.is_stale:
                line.overview = stale()
            path = folder / f"{shot.name}.png"
            draw(browser, url, shot, path)
            print(path)
        browser.close()


def every() -> Iterator[Shot]:
    """Every view at every width, in both themes and languages, from top to bottom."""
    for view, (width, height), is_dark, is_chinese in product(
        VIEWS, WIDTHS.items(), (False, True), (False, True)
    ):
        name = f"{view}-{width}-{'dark' if is_dark else 'light'}-{'zh' if is_chinese else 'en'}"
        yield Shot(
            name=name,
            view=view,
            size=(width, height),
            is_dark=is_dark,
            is_chinese=is_chinese,
            is_whole=True,
        )


def draw(browser: Browser, url: str, shot: Shot, path: Path) -> None:
    """One picture."""
    width, height = shot.size
    context = browser.new_context(
        viewport={"width": width, "height": height},
        locale="zh-CN" if shot.is_chinese else "en-GB",
        timezone_id="Europe/Berlin",
        color_scheme="dark" if shot.is_dark else "light",
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.set_default_timeout(60_000)
    where, drawn = VIEWS[shot.view]
    page.goto(url + where)
    page.wait_for_selector(drawn)
    page.wait_for_load_state("load")
    settle(page)
    page.screenshot(path=path, full_page=shot.is_whole or bool(shot.below), clip=clip(page, shot))
    context.close()


def settle(page: Page) -> None:
    """Wait until nothing is read and two frames have been drawn."""
    page.evaluate("document.fonts.ready")
    page.wait_for_function("!document.querySelector('[aria-busy=true]')")
    page.evaluate(
        "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done())))"
    )


def clip(page: Page, shot: Shot) -> Any:
    """What of the page is in the picture; None: all that it shows."""
    if not shot.below:
        return None
    box = page.get_by_role("heading", name=shot.below, exact=True).bounding_box()
    assert box is not None
    width, height = shot.size
    return {"x": 0, "y": box["y"] - 16, "width": width, "height": height}


if __name__ == "__main__":
    main()
