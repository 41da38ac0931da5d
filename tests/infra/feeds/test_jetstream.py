"""Bluesky: what frames mean, which host is next, where it goes on."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from infra.feeds.feed import FeedRefused, FeedUnavailable, Start
from infra.feeds.fetch import feed_client
from infra.feeds.jetstream import AT_FIRST, BACK, Event, item_of, parse, to_us, where
from processors.arrivals import BadRow
from processors.records import RawErasure, RawPost
from tests.feeds_servers.jetstream import DID, Jetstream, v2
from tests.feeds_servers.reader import Reader, begun, reading

AT = datetime(2026, 11, 24, 8, 0, 0, 123_456, tzinfo=UTC)
HOSTS = ("wss://a", "wss://b", "wss://c")


def start(cursor: str = "", failures: int = 0) -> Start:
    async def sleep(_seconds: float) -> None:
        """No time passes."""

    return Start(
        cursor=cursor,
        at=None,
        now=lambda: AT,
        sleep=sleep,
        http=feed_client(()),
        failures=failures,
    )


def test_the_next_host_after_each_failure_and_a_few_seconds_back_there() -> None:
    cursor = f"{to_us(AT)} wss://b"
    assert where(HOSTS, start()) == ("wss://a", None)
    assert where(HOSTS, start(failures=2)) == ("wss://c", None)
    assert where(HOSTS, start(cursor)) == ("wss://b", AT)
    assert where(HOSTS, start(cursor, 1)) == ("wss://c", AT - BACK)
    assert where(HOSTS, start(cursor, 2)) == ("wss://a", AT - BACK)
    assert where(HOSTS, start(cursor, 3)) == ("wss://b", AT)
    assert where(HOSTS, start(f"{to_us(AT)} wss://gone")) == ("wss://a", AT - BACK)


def item(event: dict[str, Any]) -> Any:
    found = parse(json.dumps(event).encode())
    return item_of(found, "bluesky") if isinstance(found, Event) else found


@pytest.fixture(params=[Jetstream, v2], ids=["v1", "v2"])
def platform(request: pytest.FixtureRequest) -> Any:
    return request.param()


def test_a_post_in_either_frame(platform: Jetstream) -> None:
    post = item(platform.commit(to_us(AT), "create", 1, "Oh no"))
    assert post == RawPost(
        source="bluesky",
        native_id=f"at://{DID}/app.bsky.feed.post/3l3qo2vuowo1",
        text="Oh no",
        published_at=AT,
        observed_at=AT,
        author=DID,
        url=f"https://bsky.app/profile/{DID}/post/3l3qo2vuowo1",
    )
    edit = item(platform.commit(to_us(AT), "update", 1, "Oh yes"))
    assert (edit.kind, edit.edited_at) == ("edit", AT)


@pytest.mark.parametrize("status", ["deleted", "takendown"])
def test_an_account_that_is_gone_takes_its_posts_along(platform: Jetstream, status: str) -> None:
    body = {"active": False, "did": DID, "seq": 1, "time": AT.isoformat(), "status": status}
    erasure = item(platform.framed(to_us(AT), "account", body))
    assert erasure == RawErasure(kind="account_delete", source="bluesky", author=DID, at=AT)


@pytest.mark.parametrize(
    "said", [{"active": True}, {"active": False, "status": "deactivated"}, {"active": False}]
)
def test_one_that_may_come_back_does_not(platform: Jetstream, said: dict[str, Any]) -> None:
    assert item(platform.framed(to_us(AT), "account", said)) is None


def test_what_is_no_post_is_nothing(platform: Jetstream) -> None:
    like = platform.commit(to_us(AT), "create", 1, "x")
    body = like["payload"] if "payload" in like else like["commit"]
    body["collection"] = "app.bsky.feed.like"
    assert item(like) is None
    assert item(platform.framed(to_us(AT), "identity", {"handle": "a.example"})) is None


@pytest.mark.parametrize(
    "claimed", ["", "yesterday", None, 5, "0001-01-01T00:00:00Z", "2026-01-01"]
)
def test_a_clock_that_is_broken_is_not_believed(claimed: Any) -> None:
    event = Jetstream().commit(to_us(AT), "create", 1, "Oh no")
    event["commit"]["record"]["createdAt"] = claimed
    assert item(event).published_at == AT


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        (b"{", "not_json"),
        (b"\xff", "not_json"),
        (b"[]", "wrong_type"),
        (b"7", "wrong_type"),
        (b"{}", "missing_field"),
        (b'{"kind": "commit", "did": "d", "time_us": 1}', "missing_field"),
        (b'{"kind": "commit", "did": "d", "time_us": "x", "commit": {}}', "wrong_type"),
        (b'{"kind": "commit", "did": "d", "time_us": 9e99, "commit": {}}', "wrong_type"),
        (b'{"$type": "message", "payload": 5}', "wrong_type"),
    ],
)
def test_a_frame_that_cannot_be_read_is_kept(frame: bytes, reason: str) -> None:
    found = parse(frame)
    assert isinstance(found, BadRow)
    assert (found.reason, found.payload) == (reason, frame)


def test_a_frame_that_ends_the_stream_does() -> None:
    with pytest.raises(FeedUnavailable, match="ConsumerTooSlow: too slow"):
        parse(b'{"$type": "error", "error": "ConsumerTooSlow", "message": "too slow"}')


def test_a_notice_is_no_event() -> None:
    kind = "network.bsky.jetstream.subscribeEvents#info"
    said = {"$type": "message", "payload": {"$type": kind, "name": "OutdatedCursor"}}
    assert parse(json.dumps(said).encode()) is None


def test_what_is_asked_for(platform: Jetstream) -> None:
    async def whole() -> list[dict[str, list[str]]]:
        async with platform.running():
            async with reading(platform) as before:
                await begun(platform, before)
                await platform.post(1)
                await before.until(lambda: before.posts)
            async with reading(platform, before) as reader:
                await reader.until(lambda: reader.posts)
        assert reader.posts == before.posts  # inclusive
        first = before.batches[0].cursor.split()[0]
        ago = datetime.now(UTC) - datetime.fromtimestamp(int(first) / 1e6, UTC)
        assert AT_FIRST < ago < AT_FIRST + timedelta(seconds=30)
        return platform.asked

    none, again = asyncio.run(whole())
    asked = {"v1": "wantedCollections", "v2": "collections"}[platform.protocol]
    assert none[asked] == ["app.bsky.feed.post"]
    assert "cursor" not in none
    assert int(again["cursor"][0]) >= 10**15


def test_posts_in_other_languages_are_skipped_and_counted() -> None:
    async def whole() -> Reader:
        platform = Jetstream()
        async with platform.running():
            settings = platform.settings.model_copy(update={"languages": ("de",)})
            async with reading(platform, settings=settings) as reader:
                await begun(platform, reader)
                for langs in (["en"], ["de-AT", "en"], None, []):
                    at = platform.tick()
                    event = platform.commit(at, "create", at, f"{langs}")
                    event["commit"]["record"]["langs"] = langs
                    await platform.add(at, event)
                await reader.until(lambda: len(reader.posts) == 3)
        return reader

    reader = asyncio.run(whole())
    assert sum(batch.skipped for batch in reader.batches) == 1


def test_a_host_that_is_not_there_is_one_to_try_later() -> None:
    async def whole() -> Exception:
        platform: Any = Jetstream()
        async with platform.running():
            pass
        async with reading(platform) as reader:
            return await reader.until_error()

    error = asyncio.run(whole())
    assert isinstance(error, FeedUnavailable)
    assert not isinstance(error, FeedRefused)
