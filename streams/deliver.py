"""alerts -> webhooks: a message on the topic wakes the sender; the database says what is due."""

import asyncio
import random
from collections.abc import Sequence

from infra.channels.webhook import WebhookSender
from infra.deliver.deliverer import Deliverer
from streams import topics
from streams.background import Background
from streams.line import consume, make_app
from streams.pulse import Pulse
from streams.stage import AgentStage, Place
from streams.wire import Message


class DeliverStage:
    """Sends what is due when woken, and looks by itself now and then."""

    def __init__(self, place: Place) -> None:
        settings = place.settings
        self._wake = asyncio.Event()
        self._place = place
        self._deliverer = Deliverer(
            place.store,
            WebhookSender(settings.allow_hosts),
            settings.receivers,
            clock=place.now,
            random=random.Random(),
        )
        app = make_app("deliver", settings)

        async def handle(batch: Sequence[Message]) -> None:
            self._wake.set()
            place.meter.posts(len(batch), oldest=batch[0].arrived_at, now=place.now())

        self.pulse = Pulse("deliver", [topics.ALERTS])
        consume(app, self.pulse.topics, handle, messages=100, within=0.02, pulse=self.pulse)
        self._agent = AgentStage(app, self.pulse)
        self.assigned = self._agent.assigned
        self._work = Background("deliver", lambda: self._deliverer.run(self._wake))

    async def start(self) -> None:
        """Join, and send what an earlier process left."""
        await self._agent.start()
        self._work.start()

    async def stop(self) -> None:
        """End; an attempt in hand is made again by the next process under the same id."""
        await self._work.stop()
        await self._agent.stop()
