"""Times as the database takes them."""

from datetime import datetime


def to_ms(moment: datetime) -> int:
    """Epoch milliseconds of an aware time."""
    return round(moment.timestamp() * 1000)
