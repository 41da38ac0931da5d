"""Times as the database takes them."""

from datetime import UTC, datetime


def to_ms(moment: datetime) -> int:
    """Epoch milliseconds of an aware time."""
    return round(moment.timestamp() * 1000)


def utc_now() -> datetime:
    """Wall clock, UTC."""
    return datetime.now(UTC)
