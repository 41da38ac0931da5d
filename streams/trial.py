"""`groundswell receivers test`: a marked message to one receiver, by the way that alerts take."""

import asyncio
from datetime import datetime

import msgspec

from infra.channels.sample import sample_letter
from infra.deliver.records import Attempt
from infra.receivers import Receiver
from infra.settings import Settings
from streams.ways import ways_of


def try_receiver(settings: Settings, receiver: Receiver, *, now: datetime) -> Attempt:
    """Send it a test message now, once, whatever the log says of it; what became of it.

    The message is about an invented incident, in the language and time zone of the first brand.
    Nothing of it is kept.
    """
    return asyncio.run(_sent(settings, receiver, now))


async def _sent(settings: Settings, receiver: Receiver, now: datetime) -> Attempt:
    brand = settings.brands[0] if settings.brands else None
    letter = sample_letter(
        f"test_{now:%Y%m%dT%H%M%S%f}",
        now,
        language=brand.language if brand else "en",
        timezone=brand.timezone if brand else "UTC",
        link=settings.page_url,
    )
    channels = ways_of(settings)
    try:
        return await channels.send(receiver, letter, now=now)
    finally:
        await channels.close()


def as_json(receiver: Receiver, attempt: Attempt) -> str:
    """Everything."""
    told = {"receiver": receiver.name, "type": receiver.type, **msgspec.to_builtins(attempt)}
    return msgspec.json.encode(told).decode()


def as_text(receiver: Receiver, attempt: Attempt) -> str:
    """What became of it, in a line."""
    status = f"status {attempt.status}" if attempt.status else "no status"
    taken = "took the test message" if attempt.outcome == "delivered" else "did not take it"
    detail = f": {attempt.detail}" if attempt.detail else ""
    return f"{receiver.name} {taken}, {status} in {attempt.latency_ms:,} ms{detail}"
