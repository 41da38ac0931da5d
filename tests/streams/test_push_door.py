"""Posts over HTTP into the outbox of a line, on a real socket."""

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import httpx
import msgspec
import pytest
from prometheus_client import CollectorRegistry

from infra.feeds.settings import PushSettings
from infra.intake import OutboxFull, accept, given, waiting
from infra.metrics import Meter
from infra.push_api import Busy, Taken
from infra.settings import Settings
from infra.store import Store, StoreUnavailable
from processors.records import DeadLetter, RawErasure, RawPost
from streams.push_door import PushDoor, read_item
from streams.stage import Place
from streams.takers import Line

TOKEN = "a-token-that-is-long-enough"
PUSH = PushSettings.model_validate({"port": 0, "tokens": [{"source": "forum", "token": TOKEN}]})
POST = {"id": "1", "text": "Oh no", "published_at": "2026-03-01T11:00:00Z"}
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Outbox:
    """The outbox of the test's database."""

    def __init__(self, store: Store, *errors: Exception, never: Sequence[int] = ()) -> None:
        self._store = store
        self._errors = list(errors)
        self._never = never
        self._feed = ""

    def __call__(self, giver: str) -> "Outbox":
        """For one giver."""
        self._feed = giver
        return self

    def take(self, lines: Sequence[Line]) -> Sequence[Line]:
        """As of Taker."""
        if self._errors:
            raise self._errors.pop(0)
        items = [line.payload for line in lines]
        accept(self._store, feed=self._feed, items=items, now=NOW, first_position=lines[0].position)
        return [lines[place] for place in self._never]

    def bury(self, letters: Sequence[DeadLetter]) -> None:
        """As of Taker."""

    def close(self) -> None:
        """As of Taker."""


def door(store: Store, outbox: Outbox) -> PushDoor:
    return PushDoor(Place(Settings(push=PUSH), store, Meter("feeds", CollectorRegistry())), outbox)


def rows(store: Store) -> list[dict[str, Any]]:
    found = given(store, [row.key for row in waiting(store, 99)])
    return [json.loads(row.payload) for row in found]


def test_what_is_answered_202_is_on_disk(store: Store) -> None:
    async def whole() -> httpx.Response:
        serving = door(store, Outbox(store))
        task = asyncio.create_task(serving.run())
        async with asyncio.timeout(10), httpx.AsyncClient(trust_env=False) as client:
            while not serving.address:
                await asyncio.sleep(0.01)
            headers = {"authorization": f"Bearer {TOKEN}"}
            body = json.dumps([POST, {**POST, "id": "2", "text": 5}, {**POST, "id": "3"}])
            url = f"{serving.address}/v1/posts"
            answer = await client.post(url, content=body, headers=headers)
            await client.post(url, content=json.dumps(POST), headers=headers)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await serving.finish()
        return answer

    answer = asyncio.run(whole())
    assert answer.status_code == 202
    assert [one["status"] for one in answer.json()["results"]] == [
        "accepted",
        "rejected",
        "accepted",
    ]
    assert [(row["source"], row["native_id"]) for row in rows(store)] == [
        ("forum", "1"),
        ("forum", "3"),
        ("forum", "1"),  # the same post: the line counts it once
    ]


def test_what_the_broker_never_takes_is_said(store: Store) -> None:
    serving = door(store, Outbox(store, never=[1]))
    items = [json.dumps({**POST, "id": name}).encode() for name in ("1", "2")]
    results = serving.take("forum", [b"{", *items])
    assert [one.reason for one in results] == ["not_json", "", "too_large"]


@pytest.mark.parametrize(
    ("error", "full"), [(OutboxFull("full"), True), (StoreUnavailable("away"), False)]
)
def test_backpressure_reaches_the_giver_and_no_position_is_used_twice(
    error: Exception, full: bool, store: Store
) -> None:
    serving = door(store, Outbox(store, error))
    item = json.dumps(POST).encode()
    with pytest.raises(Busy) as caught:
        serving.take("forum", [item])
    assert caught.value.full is full
    serving.take("forum", [item])
    assert [row.position for row in waiting(store, 9)] == [1]


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        (b"[]", "wrong_type"),
        (b'{"id": "1"}', "missing_field"),
        (json.dumps({**POST, "source": "shop"}).encode(), "wrong_source"),
        (json.dumps({**POST, "id": " "}).encode(), "invalid_field"),
        (b'{"kind": "delete"}', "missing_field"),
    ],
)
def test_an_item_that_is_no_post_says_why(item: bytes, reason: str) -> None:
    found = read_item(item, "forum", NOW)
    assert isinstance(found, Taken)
    assert found.reason == reason


def test_an_item_is_of_the_tokens_source_and_brings_no_receipt() -> None:
    post = read_item(json.dumps({**POST, "feed": "x", "position": 5}).encode(), "forum", NOW)
    assert isinstance(post, RawPost)
    assert (post.source, post.native_id, post.feed, post.position) == ("forum", "1", "", -1)
    assert post.observed_at == NOW
    erasure = read_item(b'{"kind": "delete", "id": "1"}', "forum", NOW)
    assert isinstance(erasure, RawErasure)
    assert msgspec.json.decode(msgspec.json.encode(erasure))["native_id"] == "1"
