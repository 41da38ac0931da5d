"""The demo: a simulated day, its crisis told to a receiver that checks the signature."""

import base64
import os
import queue
import time
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
from pydantic import SecretStr
from rich.console import Console

from infra.brands import Brand
from infra.receiver import LocalReceiver
from infra.receivers import WebhookReceiver
from infra.settings import Settings
from processors.simulate import truth
from processors.simulate_plan import DayPlan, demo_plan
from streams.page import listen_here, page_of
from streams.report import print_summary, print_webhook
from streams.session import interruptible, running
from streams.snapshot import Snapshot
from streams.sources import SimulatedFeed
from streams.summary import check_writable, summarise, write_summary
from streams.view import Screen

FEED = "simulated"
WEDNESDAY = 2
# The quiet part of the day passes as fast as the line goes; this part can be watched.
WATCH_FROM, WATCH_FOR = timedelta(hours=16, minutes=40), timedelta(hours=5, minutes=20)


def run_demo(
    console: Console, *, speed: float, seed: int, summary: Path | None, page: bool = True
) -> None:
    """Run it and print what came of it. Raises LineFailed when the figures do not add up."""
    check_writable(summary)
    plan = demo_plan(last_wednesday(datetime.now(UTC)))
    expected = truth(plan, seed=seed)
    secret = "whsec_" + base64.b64encode(os.urandom(24)).decode()
    arrived: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
    with ExitStack() as stack:
        stack.enter_context(interruptible())
        receiver = stack.enter_context(LocalReceiver(secret, arrived.put))
        folder = stack.enter_context(TemporaryDirectory(prefix="groundswell-demo-"))
        settings = demo_settings(
            plan, Path(folder), speed=speed, seed=seed, url=receiver.url, secret=secret
        )
        began = time.monotonic()
        session = stack.enter_context(running(settings, feed=FEED))
        if page:
            own, listening = session.supervisor, stack.enter_context(listen_here())
            stack.enter_context(page_of(console, own.settings, listening, own.readings))
        screen = Screen(title="demo", total=expected.posts, simulated=True)

        def until(snapshot: Snapshot | None) -> bool:
            while not arrived.empty():
                print_webhook(console, arrived.get())
            return session.settled(snapshot)

        session.follow(screen, console, until)
        seconds = time.monotonic() - began
        figures = session.ask(
            lambda store: summarise(store, FEED, read=expected.posts, seconds=seconds)
        )
        write_summary(summary, figures)
        print_summary(console, figures, truth=expected)


def last_wednesday(now: datetime) -> datetime:
    """Midnight of the latest Wednesday that is over: every run sees the same kind of day."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return today - timedelta(days=(today.weekday() - WEDNESDAY - 1) % 7 + 1)


def demo_settings(
    plan: DayPlan, folder: Path, *, speed: float, seed: int, url: str, secret: str
) -> Settings:
    """Settings of the demo's line, whatever the environment says: it reaches no real server."""
    feed = SimulatedFeed(
        name=FEED,
        plan=plan,
        seed=seed,
        speed=speed,
        watch_from=plan.start + WATCH_FROM,
        watch_until=plan.start + WATCH_FROM + WATCH_FOR,
    )
    return Settings(
        data=folder,
        kafka="",
        clickhouse=SecretStr(""),
        clock="line",
        authors="plain",  # they are invented
        group="demo",
        partitions=1,
        metrics_port=0,
        brands=tuple(
            Brand(name=brand.name, aliases=brand.aliases, language=brand.language)
            for brand in plan.brands
        ),
        receivers=(WebhookReceiver(name="demo", url=url, secret=SecretStr(secret)),),
        route=None,
        allow_hosts=("127.0.0.1",),
        feeds=(),
        push=None,
        simulated=True,
        feed=msgspec.json.encode(feed).decode(),
    )
