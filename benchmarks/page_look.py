"""What a browser does with the page: weight, first paint, frames while a chart of 50,000 points
moves, and how long news take to be on the screen. `python -m benchmarks.page_look`

Against tests/page_fixture.py, so that the line's own time is not in it.
"""

import os
from collections.abc import Callable
from statistics import median
from typing import Any, Final

from playwright.sync_api import Browser, Page, sync_playwright

from tests.page_data import overview
from tests.page_fixture import STATIC, Line, serving

CHROMIUM: Final = os.environ.get("CHROMIUM", "/usr/bin/chromium")
POINTS: Final = 50_000
ROUNDS: Final = 11
PAINT: Final = """() => {
    const [paint] = performance.getEntriesByName('first-contentful-paint');
    return [paint.startTime, performance.now()];
}"""
MOVE: Final = """async seconds => {
    const over = document.querySelector('.u-over');
    const box = over.getBoundingClientRect();
    const told = (kind, at, target) => target.dispatchEvent(new MouseEvent(kind, {
        clientX: at, clientY: box.top + 20, shiftKey: true, bubbles: true, button: 0, buttons: 1,
    }));
    const start = box.left + box.width / 2;
    const times = [];
    const drawn = document.querySelector('canvas').toDataURL();
    told('mousedown', start, over);
    await new Promise(done => {
        const step = now => {
            times.push(now);
            told('mousemove', start + 300 * Math.sin(times.length / 40), window);
            if (now - times[0] < 1000 * seconds) requestAnimationFrame(step);
            else done();
        };
        requestAnimationFrame(step);
    });
    if (document.querySelector('canvas').toDataURL() === drawn) throw new Error('nothing moved');
    told('mouseup', start, window);
    const waits = times.slice(1).map((time, at) => time - times[at]).sort((a, b) => a - b);
    return {frames: waits.length, length: (times.at(-1) - times[0]) / 1000,
            p95: waits[Math.floor(waits.length * 0.95)]};
}"""
ARRIVED: Final = """text => new Promise(done => {
    const look = () => document.body.textContent.includes(text)
        ? done(Date.now()) : requestAnimationFrame(look);
    look();
})"""


def main() -> None:
    """Measure and print."""
    files = [path for path in STATIC.rglob("*") if path.is_file()]
    page = (STATIC / "index.html").read_text(encoding="utf-8")
    first = [path for path in files if path.name == "index.html" or f'/{path.name}"' in page]
    for what, some in (("first screen", first), ("all views", files)):
        print(
            f"{what}: {sum(path.stat().st_size for path in some) / 1000:.0f} kB, {len(some)} files"
        )
    with serving() as (url, anew), sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        paints = [first_paint(browser, url, anew) for _ in range(ROUNDS)]
        for name, times in zip(
            ("first paint", "all brands drawn"), zip(*paints, strict=True), strict=True
        ):
            print(f"{name}: {median(times):.0f} ms ({min(times):.0f} to {max(times):.0f})")
        for share in (1.0, 0.1):
            told = frames(opened(browser, url, with_points(anew())), share)
            print(f"moving {POINTS:,} points, {share:.0%} seen: "
                  f"{told['frames'] / told['length']:.0f} frames/s, "
                  f"95 % within {told['p95']:.0f} ms, {told['busy']:.1f} ms of CPU a frame"
                  f" = {1000 / told['busy']:.0f} frames a CPU-second")  # fmt: skip
        line = anew()
        waits = sorted(news(opened(browser, url, line, "/"), line, n) for n in range(10))
        print(f"news on the screen: {median(waits):.0f} ms, at most {waits[-1]:.0f} ms")
        browser.close()
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


def opened(browser: Browser, url: str, _: Line, path: str = "/brands/Northwind") -> Page:
    """A page that shows something."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(url + path)
    page.wait_for_selector(".rows .row, .post")
    return page


def with_points(line: Line) -> Line:
    """Of as many points as the server gives."""
    line.points = POINTS
    return line


def first_paint(browser: Browser, url: str, anew: Callable[[], Line]) -> tuple[float, float]:
    """Milliseconds to the first paint and to the rows, in a browser that kept nothing."""
    anew()
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto(url)
    page.wait_for_selector(".rows .row")
    paint, drawn = page.evaluate(PAINT)
    context.close()
    return paint, drawn


def frames(page: Page, share: float) -> dict[str, Any]:
    """Frames while the chart is dragged to and fro, with a share of its points in sight."""
    seen = 1.0
    while seen > share:
        page.get_by_role("button", name="Zoom in").click()
        seen /= 2
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    before = busy(session)
    told: dict[str, Any] = page.evaluate(MOVE, 3)
    told["busy"] = 1000 * (busy(session) - before) / told["frames"]
    page.close()
    return told


def busy(session: Any) -> float:
    """CPU seconds that the page's own thread has taken."""
    found = session.send("Performance.getMetrics")["metrics"]
    return float(next(one["value"] for one in found if one["name"] == "TaskDuration"))


def news(page: Page, line: Line, number: int) -> float:
    """Milliseconds from what the server tells to the number on the screen."""
    told = overview()
    told["brands"][1]["volume"] = 5_001 + number
    line.overview = told
    begun = page.evaluate("Date.now()")
    line.tell("Contoso", "posts")
    seen: float = page.evaluate(ARRIVED, f"5,{1 + number:03}/h")
    page.close()
    return seen - begun


if __name__ == "__main__":
    main()
