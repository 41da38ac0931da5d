"""alerts -> receivers: a message on the topic wakes the sender; the database says what is due."""

import asyncio
import random
from collections.abc import Sequence

from infra.channels.current_channels import CurrentChannels
from infra.config_watch import EVERY, ConfigWatch
from infra.deliver.decider import Setup
from infra.deliver.deliverer import Around, Deliverer
from infra.settings import Settings
from streams import topics
from streams.background import Background
from streams.lead import Lead
from streams.line import consume, make_app
from streams.pulse import Pulse
from streams.stage import AgentStage, Place
from streams.ways import ways_of
from streams.wire import Message


class DeliverStage:
    """Sends what is due when woken, and looks by itself now and then.

    Of several on a server one sends, and the others stand by.
    """

    def __init__(self, place: Place) -> None:
        settings = place.settings
        self._place = place
        self._channels = CurrentChannels(ways_of(settings))
        self._watch = ConfigWatch(settings)
        store = place.store
        self.deliverer = Deliverer(
            store,
            self._channels,
            setup_of(settings),
            Around(
                clock=place.now,
                random=random.Random(),
                leader=Lead(store if settings.clickhouse else None, role="deliver"),
                report=place.meter.failing,
            ),
        )
        app = make_app("deliver", settings)

        async def handle(batch: Sequence[Message]) -> None:
            self.deliverer.look()
            place.meter.posts(len(batch), oldest=batch[0].arrived_at, now=place.now())

        self.pulse = Pulse("deliver", [topics.ALERTS])
        consume(app, self.pulse.topics, handle, messages=100, within=0.02, pulse=self.pulse)
        self._agent = AgentStage(app, self.pulse)
        self.assigned = self._agent.assigned
        self._work = Background("deliver", self.deliverer.run)
        self._following = Background("deliver", self._follow)

    async def start(self) -> None:
        """Join, and send what an earlier process left."""
        await self._agent.start()
        self._work.start()
        self._following.start()

    async def stop(self) -> None:
        """End; an attempt in hand is made again by the next process under the same id."""
        await self._following.stop()
        await self._work.stop()
        await self._agent.stop()
        await self._channels.close()

    async def take_over(self, settings: Settings) -> None:
        """Tell whom these settings name, by their ways, from now on."""
        await self._channels.renew(ways_of(settings))
        self.deliverer.configure(setup_of(settings))

    async def _follow(self) -> None:
        """Take over what changes in the user's file of settings."""
        while True:
            settings = await asyncio.to_thread(self._watch.changed)
            if settings is not None:
                await self.take_over(settings)
            await asyncio.sleep(EVERY)


def setup_of(settings: Settings) -> Setup:
    """Who is told by these settings, and how it is put."""
    return Setup(
        receivers=settings.receivers,
        route=settings.route,
        brands=settings.brands,
        page_url=settings.page_url,
    )
