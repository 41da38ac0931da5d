"""A process that delivers from a database of its own until all is told, or until it is killed.

`python -m tests.faults.delivering FOLDER URL BEGAN`: what happened is written bit by bit, all
openings first. Time runs fast, from BEGAN (seconds since 1970) on: retries come soon. At the end
`FOLDER/done.json` holds what was decided and attempted.
"""

import asyncio
import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from pydantic import SecretStr

from forecasting.records import IncidentEvent
from infra.channels.open_channels import Channels
from infra.deliver.decider import Setup
from infra.deliver.deliverer import Around, Deliverer
from infra.deliver.recall import outstanding
from infra.incidents import write_events
from infra.migrate import migrate
from infra.receivers import Receiver, WebhookReceiver
from infra.store_chdb import ChdbStore
from tests.incidents import change_of, evidence_of

INCIDENTS, CHANGES = 17, ("opened", "updated", "resolved")
NAMES = ("team", "boss", "desk", "bot")
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
START = datetime(2026, 3, 1, tzinfo=UTC)
SPEED = 2_000.0
"""How much faster than ours time runs: five minutes are 150 ms, two hours 3.6 s."""
PAUSE = 0.02


def receivers(url: str) -> list[Receiver]:
    """One each path of the server."""
    return [
        WebhookReceiver(name=name, url=f"{url}/{name}", secret=SecretStr(SECRET)) for name in NAMES
    ]


def happens() -> Iterator[IncidentEvent]:
    """All openings, then all updates, then the ends of all but every fifth incident."""
    for number, change in enumerate(CHANGES, 1):
        for incident in range(INCIDENTS):
            if change != "resolved" or incident % 5:
                yield _event(f"inc_{incident:02}", number, change)


def _event(incident_id: str, number: int, change: str) -> IncidentEvent:
    said = change_of(
        incident_id=incident_id,
        brand="Northwind",
        change=change,
        number=number,
        opened_at=START,
        since=START,
        at=START + timedelta(minutes=5 * number),
    )
    nothing = evidence_of()
    return IncidentEvent(change=said, evidence=nothing, headline="Northwind", message="Northwind")


async def deliver(folder: Path, url: str, clock: Callable[[], datetime]) -> None:
    """Write what happens and deliver it, until nothing is left to do."""
    store = ChdbStore(folder / "db")
    migrate(store)
    told, ways = receivers(url), Channels(["127.0.0.1"])
    deliverer = Deliverer(store, ways, Setup(told), Around(clock=clock, random=Random(1)))
    running = asyncio.create_task(deliverer.run())
    for event in happens():
        await asyncio.to_thread(write_events, store, [event], clock())
        deliverer.look()
        await asyncio.sleep(PAUSE)
    while not running.done():
        deliverer.look()  # time runs faster than it waits
        soon = clock() + timedelta(days=30)
        if not await asyncio.to_thread(outstanding, store, told, soon):
            break
        await asyncio.sleep(5 * PAUSE)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    await ways.close()
    found = {
        "notices": store.query(
            "SELECT receiver, notice_id, decision, reason, event_ids FROM notices FINAL"
        ),
        "deliveries": store.query(
            "SELECT receiver, event_id, attempt, outcome FROM deliveries FINAL"
        ),
    }
    (folder / "done.part").write_text(json.dumps(found))
    (folder / "done.part").replace(folder / "done.json")
    store.close()


def main() -> None:
    """As the arguments say."""
    folder, url, began = Path(sys.argv[1]), sys.argv[2], float(sys.argv[3])

    def clock() -> datetime:
        return START + timedelta(seconds=SPEED * (time.time() - began))

    asyncio.run(deliver(folder, url, clock))


if __name__ == "__main__":
    main()
