"""The calendar of each brand, from its settings."""

from collections.abc import Iterable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from forecasting.calendar import Calendar, PlannedEvent
from infra.brands import Brand


def calendars(brands: Iterable[Brand]) -> dict[str, Calendar]:
    """Brand -> its time zone, holidays and events."""
    return {brand.name: calendar_of(brand) for brand in brands}


def calendar_of(brand: Brand) -> Calendar:
    """A brand's time zone, holidays and events."""
    zone = ZoneInfo(brand.timezone)
    return Calendar(
        timezone=brand.timezone,
        holidays=brand.holidays,
        events=tuple(
            PlannedEvent(
                name=event.name,
                since=_moment(event.since, zone),
                until=_moment(event.until, zone),
                effect=event.effect,
            )
            for event in brand.events
        ),
    )


def _moment(written: datetime, zone: ZoneInfo) -> datetime:
    return (written if written.tzinfo else written.replace(tzinfo=zone)).astimezone(UTC)
