"""What finds the brands, put on disk for who asks later why a series has a step."""

from collections import deque
from datetime import datetime

import structlog

from infra.config_watch import said_in
from infra.query_versions import record_versions
from infra.settings import Settings
from infra.store import StoreUnavailable
from streams.stage import Place

log = structlog.get_logger()


class QueryRecord:
    """Keeps each change, also one that comes while the database is away. For one thread a time."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._left: deque[tuple[datetime, Settings]] = deque()
        self._waiting = False

    def take(self, settings: Settings) -> None:
        """From now on brands are found as these settings say. Raises StoreRejected."""
        self._left.append((self._place.now(), settings))
        self.write()

    def write(self) -> None:
        """Write what is left of earlier tries, oldest first. Cheap if nothing is.

        Raises StoreRejected.
        """
        while self._left:
            at, settings = self._left[0]
            brands = (brand.watched for brand in settings.brands)
            try:
                record_versions(self._place.store, brands, at=at, by=said_in(settings))
            except StoreUnavailable as error:
                if not self._waiting:
                    log.warning("waiting", stage="store", error=str(error))
                self._waiting = True
                return
            self._left.popleft()
        self._waiting = False
