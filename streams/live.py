"""The embedded line in the foreground, until it is stopped: posts come from posts.raw."""

from rich.console import Console

from infra.settings import Settings
from streams.session import interruptible, running
from streams.snapshot import Snapshot
from streams.view import Screen

FEED = "posts.raw"


def run_live(console: Console, settings: Settings) -> None:
    """Run until Ctrl-C. Raises FolderInUse, BrokerError, LineFailed."""
    settings = settings.model_copy(update={"clock": "wall"})
    with interruptible(), running(settings, feed=FEED) as session:
        address = session.supervisor.address
        console.print(f"write posts to the topic posts.raw at {address}; Ctrl-C stops the line")
        if not settings.kafka:
            console.print(
                "this broker is in memory: posts not yet on disk are lost if it is killed; "
                "GROUNDSWELL_KAFKA names a durable one"
            )

        def until(_snapshot: Snapshot | None) -> bool:
            return False

        session.follow(Screen(title="live", total=None, simulated=False), console, until)
