"""An hour of a live page in a browser: does anything grow? `python -m benchmarks.soak_page`

A line ingests at an even rate; one tab stays on the overview, one on a brand, one goes round the
views. What the tabs hold (after their garbage is collected) and what the server's process takes is
sampled, and a rise that is surely above its limit ends the command with 1. The start is left out:
a server's memory fills for a quarter of an hour, and goes on as what readers ask for grows with the
day that is behind it. What it took when is printed, so that a plateau shows. The processes of the
line, the one that holds the database among them, are told beside it and not judged: they keep what
was seen of a day's posts.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import cycle
from typing import Final

from playwright.sync_api import CDPSession, Page, sync_playwright

from benchmarks.line import plan_of, run_line
from benchmarks.machine import resident_mb
from benchmarks.page_process import PageProcess, page_process
from benchmarks.trend import trend
from streams.session import Session

CHROMIUM: Final = os.environ.get("CHROMIUM", "/usr/bin/chromium")
BRAND: Final = "Northwind"
EVERY: Final = 10.0
"""Seconds between two samples."""
RATE: Final = 20
LEAST: Final = 12
"""Samples below which nothing can be said of a rise."""
START: Final = 900.0
"""Seconds in which a process fills its memory for the first time."""
SHOWN: Final = 12
"""Figures that are printed of how it went."""
LIMITS: Final = {"heap MB": 2.0, "nodes": 300.0, "listeners": 60.0, "server MB": 12.0}
"""What may be gained an hour: a twentieth or so of what is there."""
Samples = list[tuple[float, float]]
"""Seconds, value."""
ROUND: Final = (
    ("/", ".rows .row"),
    (f"/brands/{BRAND}", ".posts .post, .notice"),
    ("/health", "main table"),
    ("/backtest", "main h1"),
)


class Tab:
    """A page in a browser, and what it holds."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._session: CDPSession = page.context.new_cdp_session(page)
        self._session.send("Performance.enable")
        self._session.send("HeapProfiler.enable")

    def held(self) -> dict[str, float]:
        """After its garbage is gone."""
        self._session.send("HeapProfiler.collectGarbage")
        metrics = self._session.send("Performance.getMetrics")["metrics"]
        found: dict[str, float] = {one["name"]: one["value"] for one in metrics}
        return {
            "heap MB": found["JSHeapUsedSize"] / 2**20,
            "nodes": found["Nodes"],
            "listeners": found["JSEventListeners"],
        }


class Soak:
    """The browser on the page of a line, looked at again and again."""

    def __init__(self, stack: ExitStack) -> None:
        """`stack` ends what is begun."""
        self._stack = stack
        self._server: PageProcess | None = None
        self._tabs: dict[str, Tab] = {}
        self._round: Iterator[tuple[str, str]] = cycle(ROUND)
        self._looked = 0.0
        self.samples: dict[str, Samples] = {}

    def look(self, session: Session) -> None:
        """Open what is not open yet; then go on and sample, every EVERY seconds."""
        now = time.monotonic()
        if self._server is None:
            self._server = self._stack.enter_context(page_process(session))
            self._open(self._server)
        elif now - self._looked >= EVERY:
            self._looked = now
            self._go_on()
            self._sample(self._server, now)
            for name, pid in session.supervisor.pids.items():
                self._keep(f"line: {name} MB", now, resident_mb([pid]))

    def _open(self, server: PageProcess) -> None:
        playwright = self._stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        self._stack.callback(browser.close)
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        paths = {"overview": "/", "brand": f"/brands/{BRAND}", "round": "/"}
        for name, path in paths.items():
            page = context.new_page()
            page.set_default_timeout(120_000)
            page.goto(server.link)
            page.goto(server.address + path)
            page.locator("main h1, main h2, main table").first.wait_for(state="attached")
            self._tabs[name] = Tab(page)

    def _go_on(self) -> None:
        """By a link of the page itself, as a reader does: nothing is loaded anew."""
        path, shown = next(self._round)
        page = self._tabs["round"].page
        page.evaluate(GO, path)
        page.locator(shown).first.wait_for(state="attached")

    def _sample(self, server: PageProcess, now: float) -> None:
        self._keep("server MB", now, resident_mb([server.pid]))
        for name, tab in self._tabs.items():
            if name != "round" or self._tabs["round"].page.url.endswith("/backtest"):
                for what, value in tab.held().items():
                    self._keep(f"{name}: {what}", now, value)

    def _keep(self, name: str, now: float, value: float) -> None:
        self.samples.setdefault(name, []).append((now, value))


GO: Final = """path => {
    const link = document.createElement('a');
    link.href = path;
    document.body.append(link);
    link.click();
    link.remove();
}"""


def main() -> None:
    """Run, print the rises, and say which are leaks."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak_page", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--rate", type=int, default=RATE, help="posts a second")
    arguments = parser.parse_args()
    seconds = 60 * arguments.minutes
    with ExitStack() as stack:
        soak = Soak(stack)
        plan = plan_of(round(arguments.rate * seconds), rate=float(arguments.rate))
        run = run_line(
            plan, speed=1.0, published_now=True, look=soak.look, at_end=lambda _: stack.close()
        )
    print(f"{run.posts:,} posts in {run.seconds / 60:.0f} min, load {os.getloadavg()[0]:.1f}")
    leaks = [name for name, samples in soak.samples.items() if not told(name, samples)]
    if leaks:
        sys.exit(f"grows: {', '.join(leaks)}")


def told(name: str, samples: Samples) -> bool:
    """Print how one went and rose; whether it is no leak."""
    limit = LIMITS.get(name.rpartition(": ")[2])
    went = " ".join(f"{value:.1f}" for _, value in samples[:: -(-len(samples) // SHOWN)])
    late = after_start(samples)
    if len(late) < LEAST:
        print(f"{name:22} {samples[-1][1]:10,.1f}  (too short to say how it goes: {went})")
        return True
    found = trend(late)
    judged = f"a leak is above {limit:g}" if limit else "not judged"
    print(f"{name:22} {found.last:10,.1f}  {found.rise:+8.2f} an hour"
          f"  ({found.low:+.2f} to {found.high:+.2f}; {judged}): {went}")  # fmt: skip
    return limit is None or found.low <= limit


def after_start(samples: Samples) -> Samples:
    """Those after START; `trend` leaves out more of them."""
    return [one for one in samples if one[0] - samples[0][0] >= START]


if __name__ == "__main__":
    main()
