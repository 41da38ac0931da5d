"""A batch is scored in portions, and each of them is a sign of life."""

import asyncio
from datetime import UTC, datetime

import pytest

from processors.records import CleanPost
from streams.pulse import Pulse
from streams.score import PORTION, Group, in_portions

AT = datetime(2026, 3, 1, tzinfo=UTC)
POST = CleanPost(
    post_id="x:1",
    feed="t/0",
    position=0,
    source="x",
    author="",
    followers=0,
    url="",
    text="Acme",
    key_text="acme",
    lang="en",
    brands=("Acme",),
    published_at=AT,
    received_at=AT,
    is_repost=False,
    cluster_id=1,
    is_duplicate=False,
    is_spam=False,
)


def test_a_slow_model_is_seen_to_live_at_each_portion() -> None:
    pulse = Pulse("score", ["t"])
    beats: list[int] = []
    sizes: list[int] = []

    async def handle(some: list[Group]) -> None:
        beats.append(pulse.beats)
        sizes.append(sum(len(posts) for _, posts in some))

    asyncio.run(in_portions([(0, [POST] * 200)] * 20, handle, pulse))
    assert sizes == [PORTION] * 10
    assert len({*beats, pulse.beats}) == 11  # one after each, and none while one is in hand


def test_a_portion_that_hangs_or_fails_is_no_sign_of_life() -> None:
    pulse = Pulse("score", ["t"])
    done = 0

    async def handle(_: list[Group]) -> None:
        nonlocal done
        if done == 2:
            raise ValueError("no")
        done += 1

    with pytest.raises(ValueError, match="no"):
        asyncio.run(in_portions([(0, [POST] * PORTION)] * 9, handle, pulse))
    assert pulse.beats == 2
