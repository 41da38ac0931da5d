"""Two hundred viewers while the line ingests at half its speed: how soon they hear of a post, and
how soon it is on a screen. `python -m benchmarks.page_viewers`

Now and then a post of a brand of its own is written to the database of the line; the times run from
when that is durable. Everything runs on this machine, the viewers and the browser included.
"""

import argparse
import os
import random
import time
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Final

import numpy as np
from playwright.sync_api import Page, sync_playwright

from benchmarks.line import LineRun, plan_of, run_line
from benchmarks.machine import cpu_seconds
from benchmarks.page_process import PageProcess, page_process
from benchmarks.viewers import Viewers, viewing
from infra.posts import write_batch
from streams.session import Session
from tests.posts import numbered_post

CHROMIUM: Final = os.environ.get("CHROMIUM", "/usr/bin/chromium")
BRAND: Final = "Tailspin"
SEEN: Final = """brand => {
    globalThis.seen = {};
    const look = () => {
        const row = [...document.querySelectorAll('.rows .row')]
            .find(one => one.textContent.includes(brand));
        const found = row?.textContent.match(/(\\d+)\\/h/);
        if (found) globalThis.seen[found[1]] ??= Date.now() / 1000;
        requestAnimationFrame(look);
    };
    look();
}"""


class Watch:
    """Posts of BRAND written now and then, and who saw them when."""

    def __init__(self, stack: ExitStack, *, viewers: int, readers: int) -> None:
        """`stack` ends what is begun."""
        self._stack = stack
        self._counts = (viewers, readers)
        self._random = random.Random(5)
        self._due = 0.0
        self._began = (0.0, 0.0)
        self._server: PageProcess | None = None
        self._screen: Page | None = None
        self.viewers: Viewers | None = None
        self.written: list[tuple[float, float]] = []  # begun, durable

    def look(self, session: Session) -> None:
        """Begin, then write a post where one is due."""
        if self._server is None:
            self._begin(session)
        elif self.viewers is None or self.viewers.ready < self._counts[0]:
            self._began = (time.monotonic(), cpu_seconds([self._server.pid]))
        elif time.monotonic() >= self._due:
            self._due = time.monotonic() + self._random.uniform(1.0, 2.5)
            now, number = datetime.now(UTC), len(self.written) + 1
            post = numbered_post(number, now, feed="probe", brands=(BRAND,), received_at=now)
            began = time.time()
            write_batch(session.store, [post], now)
            self.written.append((began, time.time()))

    def _begin(self, session: Session) -> None:
        many, readers = self._counts
        self._server = self._stack.enter_context(page_process(session, BRAND))
        playwright = self._stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        self._stack.callback(browser.close)
        self._screen = browser.new_page(viewport={"width": 1440, "height": 900})
        self._screen.set_default_timeout(120_000)
        self._screen.goto(self._server.link)
        self._screen.wait_for_selector(f".rows .row:has-text('{BRAND}')")
        self._screen.evaluate(SEEN, BRAND)
        self.viewers = Viewers(self._server, BRAND, readers=readers)
        self._stack.enter_context(viewing(self.viewers, many))

    def end(self, _: Session) -> None:
        """Look what was seen; the page goes before its database."""
        assert self._server is not None
        assert self._screen is not None
        length, used = (
            time.monotonic() - self._began[0],
            cpu_seconds([self._server.pid]) - self._began[1],
        )
        seen = self._screen.evaluate("globalThis.seen")
        self._stack.close()
        assert self.viewers is not None
        told = [late for times in self.viewers.heard for late in lateness(self.written, times)]
        # A number that was never drawn was passed by: the next one tells it too.
        drawn = [(int(number), at) for number, at in seen.items()]
        shown = [
            max(0.0, min(at for known, at in drawn if known >= number) - stored)
            for number, (_, stored) in enumerate(self.written, start=1)
            if any(known >= number for known, _ in drawn)
        ]
        print(f"{len(self.viewers.heard)} viewers, {self.viewers.read / length:.0f} readings/s; "
              f"{len(self.written)} posts written in {length:.0f} s")  # fmt: skip
        print(spread("told", told, wanted=len(self.written) * len(self.viewers.heard)))
        print(spread("on the screen", shown, wanted=len(self.written)))
        print(f"the page's process: {used / length:.0%} of a core")


def lateness(written: Sequence[tuple[float, float]], heard: Sequence[float]) -> list[float]:
    """Seconds from when each post was durable to the first news since its writing began."""
    found = []
    for began, at in written:
        first = next((one for one in heard if one > began), None)
        if first is not None:
            found.append(max(0.0, first - at))
    return found


def spread(name: str, seconds: Sequence[float], *, wanted: int) -> str:
    """A line of quantiles."""
    if not seconds:
        return f"{name}: nothing, the run was too short"
    p50, p95, p99, most = np.quantile(seconds, (0.5, 0.95, 0.99, 1.0))
    return (
        f"{name}: p50 {p50:.2f} s, p95 {p95:.2f}, p99 {p99:.2f}, at most {most:.2f}"
        f" ({len(seconds):,} of {wanted:,})"
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.page_viewers", description=__doc__)
    parser.add_argument("--viewers", type=int, default=200)
    parser.add_argument("--readers", type=int, default=0, help="who also read, as the page does")
    parser.add_argument("--seconds", type=int, default=120)
    parser.add_argument("--rate", type=int, help="posts a second; else half of what is measured")
    given = parser.parse_args()
    rate = given.rate or round(run_line(plan_of(4_000)).posts_per_second / 2)
    print(f"{rate} posts/s", flush=True)
    with ExitStack() as stack:
        watch = Watch(stack, viewers=given.viewers, readers=given.readers)
        plan = plan_of(rate * given.seconds, rate=float(rate))
        run = run_line(plan, speed=1.0, published_now=True, look=watch.look, at_end=watch.end)
    told(run)


def told(run: LineRun) -> None:
    """What the line took."""
    used = sum(run.cpu_seconds.values()) / run.seconds
    print(f"the line: {run.posts_per_second:.0f} posts/s, {used:.0%} of a core")
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
