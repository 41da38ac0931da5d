"""A stage that takes over what changes in the user's file of settings while it runs."""

import asyncio
import time
from collections.abc import Callable

from infra.config_watch import EVERY, ConfigWatch
from infra.settings import Settings
from streams.background import Background


def _nothing() -> None:
    """Nothing else is to be done now and then."""


def following(
    settings: Settings,
    stage: str,
    take: Callable[[Settings], None],
    *,
    look: Callable[[], None] = _nothing,
    every: float = EVERY,
    clock: Callable[[], float] = time.monotonic,
) -> Background:
    """Work beside a stage: calls `take`, on a thread, with settings of which something is new.

    A broken file changes nothing: that is logged, and what was there before stays. `look`
    is called on the same thread after each look at the file. `every`: seconds between looks,
    counted by `clock`.
    """
    watch = ConfigWatch(settings, stage=stage, clock=clock)

    def look_once() -> None:
        news = watch.changed()
        if news is not None:
            take(news)
        look()

    async def follow() -> None:
        while True:
            await asyncio.to_thread(look_once)
            await asyncio.sleep(every)

    return Background(stage, follow)
