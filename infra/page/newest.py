"""What many ask for at about the same time, read once for all of them."""

import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from infra.deliver.delivery_log import ReceiverState, receiver_states
from infra.page.chores import Chore
from infra.page.health import Health, read_health
from infra.page.lately import Lately
from infra.page.once import Once
from infra.page.outside import Outside, read_feeds
from infra.page.overview import read_overview
from infra.page.overview_records import Overview
from infra.page.place import Place
from infra.page.shares import Estimates
from infra.page.traffic import Traffic

FRESH: Final = 0.5
"""Seconds for which an overview is the newest: what is new is told once a second at most."""
HEALTH_FRESH: Final = 2.0
RECEIVERS_FRESH: Final = 60.0
"""On the overview, which tells of hours: they take a quarter of a second to read."""
BACKTEST_FRESH: Final = 300.0
FIVE: Final = timedelta(minutes=5)


class Newest:
    """Thread-safe. Two hundred viewers cost what one does."""

    def __init__(
        self, place: Place, traffic: Traffic, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`clock` gives seconds that never go back."""
        self._place = place
        self._traffic = traffic
        self._estimates = Estimates()
        self._clock = clock
        self._once = Once(clock)
        self._receivers = Lately(self._read_receivers, every=RECEIVERS_FRESH, clock=clock)

    def take(self, place: Place) -> None:
        """Read by other settings from now on; what was read by the old ones is forgotten."""
        self._place, self._once = place, Once(self._clock)
        self._receivers.look()

    @property
    def chore(self) -> Chore:
        """What has to be done beside the answers."""
        return Chore(self._receivers.look, RECEIVERS_FRESH)

    def overview(self, *, hours: int, language: str) -> Overview:
        """Of all brands, at most FRESH old. Raises StoreError."""
        found: Overview = self._once.read(
            ("overview", hours, language),
            FRESH,
            lambda: read_overview(
                self._place,
                self._estimates,
                self._traffic,
                self._outside(self._receivers.get),
                hours=hours,
                language=language,
            ),
        )
        return found

    def health(self) -> Health:
        """At most HEALTH_FRESH old. Raises StoreError."""

        def newest_receivers() -> Mapping[str, ReceiverState]:
            told: Mapping[str, ReceiverState] = self._once.read(
                "receivers", HEALTH_FRESH, self._read_receivers, lasts=True
            )
            return told

        found: Health = self._once.read(
            "health",
            HEALTH_FRESH,
            lambda: read_health(self._place, self._traffic, self._outside(newest_receivers)),
        )
        return found

    def _outside(self, receivers: Callable[[], Mapping[str, ReceiverState]]) -> Outside:
        return Outside(
            feeds=lambda: self._once.read("feeds", HEALTH_FRESH, lambda: read_feeds(self._place)),
            receivers=receivers,
        )

    def _read_receivers(self) -> Mapping[str, ReceiverState]:
        return receiver_states(self._place.store, self._place.settings.receivers)

    def backtest(
        self, brand: str, *, days: int, sensitivity: str, until: datetime
    ) -> dict[str, Any]:
        """A brand's past up to the last five minutes. Takes seconds. Raises Refused."""
        end = until - (until - until.replace(minute=0, second=0, microsecond=0)) % FIVE

        def work() -> dict[str, Any]:
            actions, store = self._place.actions, self._place.store
            return actions.backtest(store, brand, days=days, sensitivity=sensitivity, until=end)

        key = ("backtest", brand, days, sensitivity, end)
        found: dict[str, Any] = self._once.read(key, BACKTEST_FRESH, work, lasts=True)
        return found

    def forget(self) -> None:
        """Something is new: who asks from now on gets what is read from now on.

        Receivers and pasts stay for their time: they take long to read and change seldom.
        """
        self._once.forget()
