"""Bluesky's Jetstream, v1 and v2: https://github.com/bluesky-social/jetstream (docs, section 5).

The cursor is a host and a time in microseconds, which every host understands, and it is inclusive:
the last event comes again. Another host saw events at slightly other times, so there it goes some
seconds back. A cursor older than what is kept (36 hours) is moved forward by the server: v1 says
nothing, so the first event is compared with it; v2 sends a notice.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlencode

import msgspec
from msgspec import Struct
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

from infra.feeds.feed import Batch, FeedRefused, FeedUnavailable, Gap, Item, Reading, Start
from infra.feeds.gathered import gathered
from infra.feeds.made import Unusable, bad, made, moment, short, text
from infra.feeds.settings import JetstreamFeed
from processors.records import RawErasure, RawPost

POSTS = "app.bsky.feed.post"
BACK = timedelta(seconds=5)
AT_FIRST = timedelta(seconds=60)
"""How far before its start a feed begins: by no more our clock may be ahead of the platform's."""
CLAMPED = timedelta(seconds=60)
"""By how much the first event may be later than the cursor: events come many times a second."""
MOST, WITHIN, IDLE = 500, 0.3, 10.0
MOST_FRAME = 1 << 20
PATHS = {"v1": "/subscribe", "v2": "/xrpc/network.bsky.jetstream.subscribeEvents"}
GONE = ("deleted", "takendown")


class Event(Struct, frozen=True, kw_only=True):
    """A frame of either version; `body` is the commit or the account."""

    kind: str
    did: str
    at: datetime
    body: dict[str, Any]


async def read(settings: JetstreamFeed, start: Start) -> Reading:
    """As of Feed."""
    host, since = where(settings.hosts, start)
    try:
        async with (
            connect(
                address(settings, host, since),
                max_size=MOST_FRAME,
                open_timeout=10,
                close_timeout=2,
            ) as socket,
            aclosing(_batches(socket, settings, host, since, start)) as batches,
        ):
            async for batch in batches:
                yield batch
    except InvalidStatus as error:
        raise _refused(host, error) from None
    except (ConnectionClosed, WebSocketException) as error:
        raise FeedUnavailable(f"{host}: {error}") from None
    except (OSError, TimeoutError) as error:
        raise FeedUnavailable(f"{host}: {error or 'no connection'}") from None


def where(hosts: Sequence[str], start: Start) -> tuple[str, datetime | None]:
    """The host of this attempt, and from which time on, None for from now on."""
    at, _, before = start.cursor.partition(" ")
    first = hosts.index(before) if before in hosts else 0
    host = hosts[(first + start.failures) % len(hosts)]
    if not at:
        return host, None
    since = from_us(int(at))
    return host, since if host == before else since - BACK


def address(settings: JetstreamFeed, host: str, since: datetime | None) -> str:
    """Where to connect."""
    name = "wantedCollections" if settings.protocol == "v1" else "collections"
    asked = [(name, POSTS)]
    if settings.protocol == "v2":
        asked += [("kinds", "commit"), ("kinds", "account")]
    if since is not None:
        asked.append(("cursor", str(to_us(since))))
    return f"{host}{PATHS[settings.protocol]}?{urlencode(asked)}"


async def _batches(
    socket: Any, settings: JetstreamFeed, host: str, since: datetime | None, start: Start
) -> Reading:
    if since is None:  # from here on nothing is missed, whatever ends this reading
        yield Batch(at=start.now(), cursor=f"{to_us(start.now() - AT_FIRST)} {host}")
    awaited = since  # until the first event shows where the server began
    together = gathered(_frames(socket), most=MOST, within=WITHIN, idle=IDLE)
    async with aclosing(together) as lists:
        async for frames in lists:
            found = [parse(frame) for frame in frames]
            events = [event for event in found if isinstance(event, Event)]
            gaps: tuple[Gap, ...] = ()
            if events and awaited is not None:
                if events[0].at - awaited > CLAMPED:
                    gap = Gap(since=awaited, until=events[0].at, reason="the cursor was too old")
                    gaps = (gap,)
                awaited = None
            last = max((event.at for event in events), default=None)
            items, skipped = _items(frames, found, settings)
            yield Batch(
                at=min(last, start.now()) if last else start.now(),
                items=items,
                cursor=f"{to_us(last)} {host}" if last else "",
                gaps=gaps,
                skipped=skipped,
            )


def _items(
    frames: Sequence[bytes], found: Sequence[Event | Item | None], settings: JetstreamFeed
) -> tuple[tuple[Item, ...], int]:
    """What the frames give, and how many posts are in other languages."""
    items: list[Item] = []
    skipped = 0
    for frame, event in zip(frames, found, strict=True):
        if not isinstance(event, Event):
            item = event
        elif speaks(event, settings.languages):
            item = made(frame, partial(item_of, event, settings.source))
        else:
            item, skipped = None, skipped + 1
        if item is not None:
            items.append(item)
    return tuple(items), skipped


async def _frames(socket: Any) -> AsyncGenerator[bytes, None]:
    async for frame in socket:
        yield frame if isinstance(frame, bytes) else frame.encode()
    raise FeedUnavailable("the server closed the connection")


def parse(frame: bytes) -> Event | Item | None:
    """A frame; None for notices. Raises FeedUnavailable for a frame that ends the stream."""
    try:
        fields = msgspec.json.decode(frame)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return bad(frame, "not_json", str(error))
    if isinstance(fields, dict) and fields.get("$type") == "error":
        raise FeedUnavailable(f"{fields.get('error')}: {fields.get('message', '')}")
    found: Event | None = None

    def make() -> None:
        nonlocal found
        found = _event_v2(fields["payload"]) if "$type" in fields else _event_v1(fields)

    return made(frame, make) or found


def _event_v1(fields: dict[str, Any]) -> Event:
    kind = fields["kind"]
    body = fields.get(kind) if kind in ("commit", "account") else {}
    if not isinstance(body, dict):
        raise Unusable("missing_field", f"no {kind} in it")
    return Event(kind=kind, did=fields["did"], at=from_us(int(fields["time_us"])), body=body)


def _event_v2(payload: dict[str, Any]) -> Event | None:
    kind = payload["$type"].rpartition("#")[2]
    if kind == "info":  # a clamped cursor: the first event shows by how much
        return None
    at = moment(payload.get("witnessedAt") or payload["time"])
    body = payload["account"] if kind == "account" else payload
    return Event(kind=kind, did=payload["did"], at=at, body=body)


def speaks(event: Event, languages: Sequence[str]) -> bool:
    """Whether it is in one of the languages, or does not say in which."""
    record = event.body.get("record")
    said = record.get("langs") if isinstance(record, dict) else None
    if not languages or not isinstance(said, list) or not said:
        return True
    return any(str(tag).partition("-")[0].lower() in languages for tag in said)


def item_of(event: Event, source: str) -> Item | None:
    """The post, edit or deletion that the event tells of."""
    body = event.body
    if event.kind == "account":
        if body["active"] is not False or body.get("status") not in GONE:
            return None
        return RawErasure(kind="account_delete", source=source, author=event.did, at=event.at)
    if event.kind != "commit" or body["collection"] != POSTS:
        return None
    uri = f"at://{event.did}/{POSTS}/{body['rkey']}"
    if body["operation"] == "delete":
        return RawErasure(kind="delete", source=source, native_id=uri, at=event.at)
    record = body["record"]
    is_edit = body["operation"] == "update"
    return RawPost(
        source=source,
        native_id=uri,
        text=text(record["text"]),
        published_at=_claimed(record.get("createdAt"), event.at),
        observed_at=event.at,
        author=event.did,
        url=short(f"https://bsky.app/profile/{event.did}/post/{body['rkey']}", 4096),
        kind="edit" if is_edit else "post",
        edited_at=event.at if is_edit else None,
    )


def _claimed(created: object, seen: datetime) -> datetime:
    """What the author's clock says, unless it is broken: anything may stand there."""
    try:
        claimed = moment(created)
    except Unusable:
        return seen
    return claimed if claimed.year >= 2000 else seen


def _refused(host: str, error: InvalidStatus) -> Exception:
    status = error.response.status_code
    said = (error.response.body or b"").decode(errors="replace")[:200]
    if status in (401, 403, 404) or (status == 400 and "CursorTooOld" not in said):
        return FeedRefused(f"{host}: answered {status} {said}".strip())
    asked = error.response.headers.get("Retry-After", "")
    wait = float(asked) if asked.isdecimal() else 0.0
    return FeedUnavailable(f"{host}: answered {status} {said}".strip(), wait=wait)


def from_us(value: int) -> datetime:
    """Microseconds since 1970, exact."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=value)


def to_us(at: datetime) -> int:
    """Microseconds since 1970, exact."""
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
