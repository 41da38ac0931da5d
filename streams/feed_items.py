"""What a feed gave as what the line takes: lines at positions, letters of what is unreadable."""

from collections import deque
from datetime import datetime
from hashlib import blake2b
from typing import Final

import msgspec

from infra.feeds.feed import Batch, FeedRefused
from processors.arrivals import BadRow
from processors.records import DeadLetter
from streams.takers import Line

AMONG: Final = 200
"""Messages of which no more than `dead_share` may be unreadable: else the platform speaks another
language by now, and the feed waits for a program that knows it, its cursor where it was."""


class FeedItems:
    """Of one life of a feed: what is read again after it may be cut otherwise."""

    def __init__(self, feed: str, dead_share: float) -> None:
        self._feed = feed
        self._most_bad = dead_share * AMONG
        self._position = 0
        self._readable: deque[bool] = deque(maxlen=AMONG)

    def split(self, batch: Batch, now: datetime) -> tuple[list[Line], list[DeadLetter]]:
        """Lines and letters of a batch. Raises FeedRefused where too much cannot be read."""
        self._refuse_rubbish(batch)
        lines: list[Line] = []
        letters: list[DeadLetter] = []
        for item in batch.items:
            if isinstance(item, BadRow):
                letters.append(dead_letter(self._feed, item, now))
                continue
            payload = msgspec.json.encode(item)
            post_id = f"{item.source}:{item.native_id}"
            lines.append(Line(self._position + len(lines), payload, post_id))
        self._position += len(lines)  # also where it fails: no position is ever used twice
        return lines, letters

    def _refuse_rubbish(self, batch: Batch) -> None:
        self._readable.extend(not isinstance(item, BadRow) for item in batch.items)
        bad = self._readable.count(False)
        if len(self._readable) == AMONG and bad > self._most_bad:
            self._readable.clear()
            raise FeedRefused(f"{bad} of {AMONG} messages could not be read: has it changed?")


def dead_letter(feed: str, row: BadRow, now: datetime) -> DeadLetter:
    """The row under a receipt of its own: the same bytes read again are the same letter."""
    found = blake2b(row.payload, digest_size=8, person=b"feeds").digest()
    return DeadLetter(
        feed=feed,
        position=int.from_bytes(found) >> 2,  # at most 2**62
        reason=row.reason,
        detail=row.detail,
        payload=row.payload,
        arrived_at=now,
    )
