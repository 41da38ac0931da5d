"""Refine on one core: beside bare decoding and encoding, over brands, over its memory."""

import gc
import random
import time
from collections.abc import Callable, Iterator

import msgspec

from benchmarks.figures import Effort, spread
from benchmarks.machine import resident_mb
from benchmarks.posts import ARRAY, ARRIVED, messages, raw_posts, refiner
from processors.decode import decode
from processors.duplicates import DuplicateClusters
from processors.records import RawPost
from processors.refine import Refiner
from processors.said import said
from streams.worker import COLLECTED_AFTER

POSTS = 20_000
TAKEN = 1_000  # posts that the memory is given at once, as by the stage
MESSAGES = 10  # that the stage takes at once
BRANDS = (5, 2_000)
MEMORIES = (10_000, 1_000_000)
PROBED = 20_000
_ENCODE = msgspec.json.encode
_DECODE = msgspec.json.Decoder(list[RawPost]).decode


def measure(effort: Effort) -> dict[str, object]:
    """All figures of refine."""
    usual = gc.get_threshold()
    gc.set_threshold(*COLLECTED_AFTER)  # as in every worker
    try:
        return {
            "over bare, distinct texts": over_bare(effort, reposts=0.0),
            "over bare, 60% reposts": over_bare(effort, reposts=0.6),
            "cost by brands": _by_brands(effort),
            "cost by memory of near-duplicates": _by_memory(effort),
        }
    finally:
        gc.set_threshold(*usual)


def over_bare(effort: Effort, *, reposts: float) -> dict[str, object]:
    posts = effort.of(POSTS)
    given = messages(raw_posts(posts, reposts=reposts))
    bare, full = [], []
    for _ in range(effort.rounds):
        bare.append(_seconds(lambda: [_ENCODE(_DECODE(one)) for one in given]) / posts)
        full.append(_seconds(_runs(refiner(), given)) / posts)
    return {
        "ratio": spread([a / b for a, b in zip(bare, full, strict=True)]),
        "posts_per_cpu_second": spread([1 / one for one in full]),
        "bare_posts_per_cpu_second": spread([1 / one for one in bare]),
    }


def _by_brands(effort: Effort) -> dict[str, object]:
    posts = effort.of(POSTS)
    given = messages(raw_posts(posts))
    few, many = (
        [_seconds(_runs(refiner(brands=n), given)) / posts for _ in range(effort.rounds)]
        for n in BRANDS
    )
    return {
        "brands": f"{BRANDS[0]} to {BRANDS[1]:,}",
        "ratio": spread([b / a for a, b in zip(few, many, strict=True)]),
    }


def _by_memory(effort: Effort) -> dict[str, object]:
    """A post's cost when the memory is full and turns over: each new post puts one out."""
    seconds: dict[int, list[float]] = {}
    megabytes = {}
    for usual in MEMORIES:
        size = effort.of(usual, least=10_000)
        before = resident_mb(["self"])
        clusters = DuplicateClusters(limit=size)
        texts = _distinct_texts(seed=1)
        for first in range(0, size, TAKEN):
            _assign(clusters, [(f"fill:{first + number}", next(texts)) for number in range(TAKEN)])
        megabytes[f"{size:,} posts"] = round(resident_mb(["self"]) - before)
        seconds[usual] = []
        for turn in range(effort.rounds):
            some = [(f"{turn}:{number}", next(texts)) for number in range(effort.of(PROBED))]
            began = time.process_time()
            for first in range(0, len(some), TAKEN):
                _assign(clusters, some[first : first + TAKEN])
            seconds[usual].append((time.process_time() - began) / len(some))
    few, many = (seconds[size] for size in MEMORIES)
    # Of the whole post: clusters are one part of what refine does to it.
    posts = effort.of(POSTS)
    given = messages(raw_posts(posts))
    whole = min(_seconds(_runs(refiner(), given)) / posts for _ in range(effort.rounds))
    return {
        "memory": f"{MEMORIES[0]:,} to {effort.of(MEMORIES[1], least=10_000):,} posts",
        "ratio_of_a_post": spread([1 + (b - a) / whole for a, b in zip(few, many, strict=True)]),
        "ratio_of_clusters_alone": spread([b / a for a, b in zip(few, many, strict=True)]),
        "resident_mb": megabytes,
    }


def _distinct_texts(*, seed: int) -> Iterator[str]:
    """Texts of a tweet's length, none like another."""
    rng = random.Random(seed)
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = ["".join(rng.choices(letters, k=rng.randint(2, 9))) for _ in range(20_000)]
    while True:
        yield " ".join(rng.choices(words, k=14))


def _assign(clusters: DuplicateClusters, some: list[tuple[str, str]]) -> None:
    clusters.assign_all([(post_id, said(text)) for post_id, text in some])


def _refined(refine: Refiner, given: list[bytes]) -> None:
    """As the stage does it under load: so many messages at once."""
    for first in range(0, len(given), MESSAGES):
        posts = [
            item
            for number, message in enumerate(given[first : first + MESSAGES], start=first)
            for item in decode(message, arrived_at=ARRIVED, feed="raw", position=number)
            if isinstance(item, RawPost)
        ]
        found = refine.refine_all(posts, [ARRIVED] * len(posts))
        for start in range(0, len(found), ARRAY):
            _ENCODE(found[start : start + ARRAY])


def _runs(refine: Refiner, given: list[bytes]) -> Callable[[], None]:
    return lambda: _refined(refine, given)


def _seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began
