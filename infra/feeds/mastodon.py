"""A Mastodon server's public timeline: https://docs.joinmastodon.org/methods/streaming/

The stream has no cursor. It is opened first, then what came since the newest id that is known is
read page by page, oldest first, and then what the stream brought meanwhile: what comes twice is one
post. Edits and deletions made while nobody listened are not told again by any server.

A status is known by the server and its id there, which a deletion names, not by its global `uri`.
"""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import httpx
import msgspec
from httpx_sse import ServerSentEvent, SSEError, aconnect_sse
from msgspec import Struct

from infra.channels.guard import blocked
from infra.feeds.feed import Batch, FeedRefused, FeedUnavailable, Gap, Item, Reading, Start
from infra.feeds.fetch import as_json, fetch, retry_after
from infra.feeds.gathered import gathered
from infra.feeds.made import bad, made, moment, native_id, short, text
from infra.feeds.settings import MastodonFeed
from processors.html_text import text_of
from processors.records import RawErasure, RawPost

MOST, WITHIN, IDLE = 200, 0.3, 10.0
PAGE = 40  # the most a server gives
SILENT = httpx.Timeout(10.0, read=60.0)
"""A server says `:thump` every 15 seconds."""
NO_TIMELINE = (401, 403, 404, 410, 422)


class Server(Struct, frozen=True, kw_only=True):
    """Where the timeline is, and what posts of it are called."""

    url: str
    streaming: str
    host: str
    source: str


async def read(settings: MastodonFeed, start: Start) -> Reading:
    """As of Feed."""
    client, headers = start.http, {"authorization": f"Bearer {settings.token.get_secret_value()}"}
    server = await _server(client, settings)
    path = "public/local" if settings.local else "public"
    address = f"{server.streaming}/api/v1/streaming/{path}"
    try:
        async with aconnect_sse(client, "GET", address, headers=headers, timeout=SILENT) as stream:
            _check(stream.response, start.now())
            newest = start.cursor or await _newest(client, server, headers)
            if not start.cursor:  # from here on nothing is missed, whatever ends this reading
                yield Batch(at=start.now(), cursor=newest)
            else:
                async for batch in _missed(client, server, settings, headers, start):
                    newest = max(newest, batch.cursor, key=_order)
                    yield batch
            together = gathered(_events(stream), most=MOST, within=WITHIN, idle=IDLE)
            async with aclosing(together) as lists:
                async for events in lists:
                    items, skipped, ids = _read_events(events, server, settings)
                    newest = max([newest, *ids], key=_order)
                    cursor = newest if ids else ""
                    yield Batch(at=start.now(), items=items, cursor=cursor, skipped=skipped)
    except httpx.HTTPError as error:
        if hasattr(error, "hostname"):  # an address that the guard does not permit
            raise FeedRefused(blocked(server.host)) from None
        raise FeedUnavailable(f"{server.host}: {error or type(error).__name__}") from None
    except SSEError as error:
        raise FeedUnavailable(f"{server.host}: no stream of events ({error})") from None


async def _server(client: httpx.AsyncClient, settings: MastodonFeed) -> Server:
    """The server, whose streams may be at another address."""
    host = urlsplit(settings.url).netloc
    answer = await fetch(client, f"{settings.url}/api/v2/instance")
    streaming = settings.url
    if answer.status == 200:
        said = as_json(answer, what=host)
        urls = said.get("configuration", {}).get("urls", {}) if isinstance(said, dict) else {}
        found = urls.get("streaming") if isinstance(urls, dict) else None
        if isinstance(found, str) and found:
            streaming = found.replace("wss://", "https://", 1).replace("ws://", "http://", 1)
    return Server(
        url=settings.url, streaming=streaming.rstrip("/"), host=host, source=settings.source
    )


def _check(response: httpx.Response, now: datetime) -> None:
    status = response.status_code
    if status in (401, 403):
        raise FeedRefused(f"{response.url.host}: the token is not taken ({status})")
    if status != 200:
        wait = retry_after(response.headers, now)
        raise FeedUnavailable(f"{response.url.host} answered {status}", wait=wait)


async def _newest(client: httpx.AsyncClient, server: Server, headers: dict[str, str]) -> str:
    """The newest id, empty where the timeline cannot be read."""
    url = f"{server.url}/api/v1/timelines/public"
    answer = await fetch(client, url, headers=headers, params={"limit": 1})
    statuses = as_json(answer, what=server.host) if answer.status == 200 else None
    found = [_id(one) for one in statuses] if isinstance(statuses, list) else []
    return found[0] if found else "0" if answer.status == 200 else ""


async def _missed(
    client: httpx.AsyncClient,
    server: Server,
    settings: MastodonFeed,
    headers: dict[str, str],
    start: Start,
) -> Reading:
    """Pages of what came since the cursor, the oldest first."""
    known = start.cursor
    while True:
        params: dict[str, str | int] = {"min_id": known, "limit": PAGE}
        if settings.local:
            params["local"] = "true"
        url = f"{server.url}/api/v1/timelines/public"
        answer = await fetch(client, url, headers=headers, params=params, now=start.now())
        if answer.status in NO_TIMELINE:
            since = start.at or start.now()
            reason = f"the timeline cannot be read ({answer.status})"
            yield Batch(at=start.now(), gaps=(Gap(since=since, until=start.now(), reason=reason),))
            return
        statuses = as_json(answer, what=server.host) if answer.status == 200 else None
        if not isinstance(statuses, list):
            raise FeedUnavailable(f"{server.host}: the timeline answered {answer.status}")
        ids = [found for one in statuses if (found := _id(one))]
        if not ids:
            return
        items, skipped, until = [], 0, start.at or start.now()
        for status in reversed(statuses):
            if not speaks(status, settings):
                skipped += 1
                continue
            item = made(msgspec.json.encode(status), partial(post_of, status, server))
            if item is not None:
                items.append(item)
            if isinstance(item, RawPost):
                until = max(until, item.published_at)
        known = max(ids, key=_order)
        yield Batch(at=min(until, start.now()), items=tuple(items), cursor=known, skipped=skipped)


async def _events(stream: Any) -> AsyncGenerator[ServerSentEvent, None]:
    async for event in stream.aiter_sse():
        yield event
    raise FeedUnavailable("the server ended the stream")


def _read_events(
    events: list[ServerSentEvent], server: Server, settings: MastodonFeed
) -> tuple[tuple[Item, ...], int, list[str]]:
    """Items, how many were skipped, and ids of new statuses."""
    items: list[Item] = []
    skipped, ids = 0, []
    for event in events:
        payload = event.data.encode()
        if event.event == "delete":
            name = native_id(server.host, event.data.strip())
            items.append(RawErasure(kind="delete", source=server.source, native_id=name))
            continue
        if event.event not in ("update", "status.update"):
            continue
        try:
            status = msgspec.json.decode(payload)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            items.append(bad(payload, "not_json", str(error)))
            continue
        if not speaks(status, settings):
            skipped += 1
        else:
            is_edit = event.event == "status.update"
            item = made(payload, partial(post_of, status, server, is_edit=is_edit))
            if item is not None:
                items.append(item)
        if event.event == "update" and (found := _id(status)):
            ids.append(found)
    return tuple(items), skipped, ids


def speaks(status: Any, settings: MastodonFeed) -> bool:
    """Whether it is in one of the languages, or does not say in which."""
    said = status.get("language") if isinstance(status, dict) else None
    if not settings.languages or not isinstance(said, str):
        return True
    return said.partition("-")[0].lower() in settings.languages


def post_of(status: dict[str, Any], server: Server, *, is_edit: bool = False) -> RawPost | None:
    """A status as a post; None if it is not public."""
    if status.get("visibility", "public") != "public":
        return None
    shown = status.get("reblog") or status
    account = status["account"]
    author = str(account["acct"])
    warning = text_of(text(shown.get("spoiler_text") or ""))
    content = text_of(text(shown["content"]))
    followers = account.get("followers_count")
    return RawPost(
        source=server.source,
        native_id=native_id(server.host, str(status["id"])),
        text=f"{warning}\n{content}".strip(),
        published_at=moment(status["created_at"]),
        author=short(author if "@" in author else f"{author}@{server.host}"),
        followers=followers if isinstance(followers, int) and 0 <= followers < 2**53 else 0,
        url=short(status.get("url") or status.get("uri"), 4096),
        repost_of=native_id(server.host, str(shown["id"])) if shown is not status else "",
        kind="edit" if is_edit else "post",
        edited_at=moment(status["edited_at"]) if is_edit else None,
    )


def _id(status: Any) -> str:
    found = status.get("id") if isinstance(status, dict) else None
    return found if isinstance(found, str) and found.isdecimal() else ""


def _order(name: str) -> tuple[int, str]:
    """Ids are numbers of up to 20 digits, as text."""
    return len(name), name
