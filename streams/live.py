"""The embedded line in the foreground, until it is stopped: posts come from posts.raw.

With the embedded broker also from the outbox, where `groundswell push` puts them. What is in there
when the line stops waits for its next start.
"""

from contextlib import ExitStack

import msgspec
from rich.console import Console

from infra.page.serve import address_of
from infra.settings import Settings
from streams.outbox import OutboxFeed
from streams.page import listen_here, page_of
from streams.session import interruptible, running
from streams.snapshot import Snapshot
from streams.view import Screen

FEED = "posts.raw"
DRAIN = 60.0
"""Seconds that posts on their way get at the end: others' are in the broker only."""


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
            settings = settings.model_copy(update={"page_url": address_of(listening)})
        session = stack.enter_context(running(settings, feed=FEED, drain=DRAIN))
        address = session.supervisor.address
        console.print(f"write posts to the topic posts.raw at {address}; Ctrl-C stops the line")
        if not settings.kafka:
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
