"""Receivers that take nothing any more: a problem of its own, told now and then."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Final

import structlog

from infra.deliver.outbox import Delivery
from infra.deliver.recall import Failing

log = structlog.get_logger()
WARN_AFTER: Final = timedelta(hours=1)
"""How long a receiver has to fail; and between two warnings of it."""

Report = Callable[[str, float], None]
"""Takes a receiver's name and for how many seconds it has been failing; 0: it is well."""


def report_to_nobody(receiver: str, seconds: float) -> None:
    """For who has no metrics."""


class FailingReceivers:
    """Since when each receiver fails. It began with the first attempt that failed after a good one.

    `report` hears of every receiver whenever `warn` is called.
    """

    def __init__(self, report: Report = report_to_nobody) -> None:
        self._report = report
        self._failing: dict[str, Failing] = {}
        self._warned: dict[str, datetime] = {}
        self._receivers: list[str] = []

    def begin(self, receivers: Iterable[str], found: Iterable[Failing]) -> None:
        """Forget what was known; go on with what is on disk."""
        self._failing = {each.receiver: each for each in found}
        for gone in set(self._receivers) - set(receivers):
            self._report(gone, 0.0)
        self._receivers = list(receivers)

    def attempted(self, made: Delivery) -> None:
        """An attempt has ended."""
        if made.outcome == "delivered":
            self._failing.pop(made.receiver, None)
            self._warned.pop(made.receiver, None)
        elif made.outcome == "retry" or made.status:
            was = self._failing.get(made.receiver)
            since, attempts = (was.since, was.attempts) if was else (made.at, 0)
            self._failing[made.receiver] = Failing(made.receiver, since, attempts + 1, made.detail)

    def warn(self, now: datetime) -> None:
        """Tell of those that have failed for long."""
        for name in self._receivers:
            found = self._failing.get(name)
            lasts = now - found.since if found else timedelta(0)
            self._report(name, max(0.0, lasts.total_seconds()))
            if found and lasts >= WARN_AFTER and self._is_due(name, now):
                self._warned[name] = now
                log.warning(
                    "receiver fails",
                    stage="deliver",
                    receiver=name,
                    since=found.since.isoformat(),
                    attempts=found.attempts,
                    detail=found.detail,
                )

    def _is_due(self, name: str, now: datetime) -> bool:
        return name not in self._warned or now - self._warned[name] >= WARN_AFTER
