"""How a careless feed hands posts to posts.raw: often, in other batches, in another order."""

import random
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from infra.kafka import KafkaUnavailable, Producer
from streams.topics import RAW
from streams.wire import partition_of
from tests.faults.posts import Post, as_raw

LARGEST = 60
"""Posts in one message."""
Batch = list[Post]


def once(posts: Sequence[Post], chance: random.Random) -> list[Batch]:
    """Each post once, in order."""
    return in_batches(list(posts), chance)


def carelessly(posts: Sequence[Post], chance: random.Random) -> list[Batch]:
    """Each post one to five times: the first time in order, then at any later time."""
    keyed = [(float(place), post) for place, post in enumerate(posts)]
    for place, post in list(keyed):
        for _ in range(chance.randrange(0, 5)):
            keyed.append((chance.uniform(place + 0.5, len(posts) * 1.1), post))
    return in_batches([post for _, post in sorted(keyed, key=lambda each: each[0])], chance)


def an_hour_again(posts: Sequence[Post], chance: random.Random) -> list[Batch]:
    """All in order; then the second hour once more, seen a day later, in any order."""
    first = posts[0].observed + timedelta(hours=1)
    hour = [post for post in posts if first <= post.observed < first + timedelta(hours=1)]
    later = [replace(post, observed=post.observed + timedelta(days=1)) for post in hour]
    chance.shuffle(later)
    return in_batches(list(posts), chance) + in_batches(later, chance)


def in_batches(posts: list[Post], chance: random.Random) -> list[Batch]:
    """Messages of any size up to LARGEST."""
    batches = []
    while posts:
        size = chance.randrange(1, LARGEST)
        batches.append(posts[:size])
        posts = posts[size:]
    return batches


class Deliverer:
    """Sends batches from a thread, about evenly over `seconds`; each until the broker has it.

    What the broker has acknowledged is not sent again: from there on it is the line's.
    """

    def __init__(
        self, addresses: str, *, feed: str, partitions: int, embedded: bool, seconds: float
    ) -> None:
        self._addresses = addresses
        self._feed = feed
        self._partitions = partitions
        self._embedded = embedded
        self._seconds = seconds
        self._stopping = threading.Event()
        self.done = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, batches: Sequence[Batch]) -> None:
        """Begin."""
        self._thread = threading.Thread(target=self._send_all, args=(batches,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End, done or not."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(30)

    def _send_all(self, batches: Sequence[Batch]) -> None:
        producer: Producer | None = None
        began = time.monotonic()
        for number, batch in enumerate(batches):
            due = began + self._seconds * number / len(batches)
            self._stopping.wait(max(0.0, due - time.monotonic()))
            while not self._stopping.is_set():
                try:
                    producer = producer or Producer(self._addresses, embedded=self._embedded)
                    producer.send(RAW, self._messages(batch))
                    break
                except KafkaUnavailable:
                    self._stopping.wait(0.3)
        if producer is not None:
            producer.close()
        if not self._stopping.is_set():
            self.done.set()

    def _messages(self, batch: Batch) -> list[tuple[int, bytes]]:
        parts: dict[int, list[bytes]] = {}
        for post in batch:
            partition = partition_of(f"test:{post.id}", self._partitions)
            parts.setdefault(partition, []).append(as_raw(post, feed=self._feed))
        return [(partition, b"[%b]" % b",".join(items)) for partition, items in parts.items()]
