"""The embedded line in the foreground, until it is stopped: posts come from posts.raw.

With the embedded broker also from the outbox, where `groundswell push` puts them. What is in there
when the line stops waits for its next start.
"""

from collections.abc import Sequence
from contextlib import ExitStack

import msgspec
from rich.console import Console

from infra.feeds.settings import JetstreamFeed
from infra.page.serve import address_of
from infra.settings import Settings
from streams.outbox import OutboxFeed
from streams.page import listen_here, page_of
from streams.replay import brands_of
from streams.session import interruptible, running
from streams.snapshot import Snapshot
from streams.view import Screen

FEED = "posts.raw"
DRAIN = 60.0
"""Seconds that posts on their way get at the end: others' are in the broker only."""


def live_settings(settings: Settings, *, brands: Sequence[str], bluesky: bool) -> Settings:
    """The settings with these brands in place of theirs, and Bluesky's feed. Raises UsageError."""
    changed: dict[str, object] = {}
    if brands:
        changed["brands"] = brands_of(tuple(brands))
        changed["config_fixed"] = (*settings.config_fixed, "brands")
    if bluesky and not any(isinstance(feed, JetstreamFeed) for feed in settings.feeds):
        feed = JetstreamFeed(name="bluesky", type="jetstream")
        changed["feeds"] = (*settings.feeds, feed)
    return settings.model_copy(update=changed)


def linked(settings: Settings, page_url: str) -> Settings:
    """The settings with the page of this line, which stays whatever its file says later."""
    fixed = (*settings.config_fixed, "page_url")
    return settings.model_copy(update={"page_url": page_url, "config_fixed": fixed})


def run_live(console: Console, settings: Settings, *, page: bool = True) -> None:
    """Run until Ctrl-C. Raises FolderInUse, BrokerError, LineFailed."""
    settings = settings.model_copy(update={"clock": "wall"})
    if not settings.kafka:
        feed = msgspec.json.encode(OutboxFeed()).decode()
        settings = settings.model_copy(update={"feed": feed})
    with ExitStack() as stack:
        stack.enter_context(interruptible())
        listening = stack.enter_context(listen_here()) if page else None
        if listening and not settings.page_url:
            settings = linked(settings, address_of(listening))
        session = stack.enter_context(running(settings, feed=FEED, drain=DRAIN))
        address = session.supervisor.address
        console.print(f"write posts to the topic posts.raw at {address}; Ctrl-C stops the line")
        if not settings.kafka:
            for name in [feed.name for feed in settings.feeds]:
                console.print(f"reads {name}; `groundswell feeds status` says how far")
            if settings.push is not None:
                console.print(f"takes posts at port {settings.push.port}: POST /v1/posts")
            console.print(
                "this broker is in memory: posts written to it are lost if it is killed before "
                "they are on disk; those given with `groundswell push` are not"
            )

        def until(_snapshot: Snapshot | None) -> bool:
            return False

        if listening:
            own = session.supervisor
            stack.enter_context(page_of(console, own.settings, listening, own.readings))
        session.follow(Screen(title="live", total=None, simulated=False), console, until)
