"""RSS and Atom: each address is asked politely, with what it said of its last answer.

Remembered is what the last document held, so what is in the next one and was not is new. A document
that shares nothing with the one before it passed by in between: that is a gap.
"""

import asyncio
import io
from calendar import timegm
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import feedparser
from msgspec import Struct
from msgspec.structs import replace

from infra.feeds.feed import (
    Batch,
    FeedError,
    FeedRefused,
    FeedUnavailable,
    Gap,
    Item,
    Reading,
    Start,
)
from infra.feeds.fetch import Answer, fetch
from infra.feeds.made import bad, digest, made, native_id, short, text
from infra.feeds.polled import as_cursor, remembered
from infra.feeds.settings import RssFeed
from processors.html_text import text_of
from processors.records import RawPost

FRESH = timedelta(minutes=15)
"""What is older when an address is read for the first time is history."""
LONGEST_PAUSE = 21_600.0
MOST_ENTRIES = 500
ACCEPT = "application/atom+xml, application/rss+xml, application/xml;q=0.9, */*;q=0.5"


class Page(Struct, frozen=True, kw_only=True):
    """What is known of one address."""

    etag: str = ""
    modified: str = ""
    entries: dict[str, str] = {}  # id -> what it said, of the last document
    read_at: float = 0.0  # Unix seconds
    failures: int = 0
    not_before: float = 0.0


async def read(settings: RssFeed, start: Start) -> Reading:
    """As of Feed."""
    pages = remembered(start.cursor, dict[str, Page]) or {}
    pages = {url: pages.get(url, Page()) for url in settings.urls}
    while True:
        failed: list[FeedError] = []
        for url in settings.urls:
            now = start.now()
            if now.timestamp() < pages[url].not_before:
                continue
            try:
                items, pages[url], gaps = await _look(settings, url, pages[url], start)
                errors: tuple[str, ...] = ()
            except FeedError as error:
                failed.append(error)
                pages[url] = _later(pages[url], settings, error, now)
                items, gaps, errors = (), (), (f"{shown(url)}: {error}",)
            if len(failed) == len(settings.urls):
                break
            if items or gaps or errors:
                yield Batch(at=now, items=items, cursor=as_cursor(pages), gaps=gaps, errors=errors)
        if len(failed) == len(settings.urls):
            raise failed[-1]
        yield Batch(at=start.now(), cursor=as_cursor(pages))
        await start.sleep(settings.poll_seconds)


async def _look(
    settings: RssFeed, url: str, page: Page, start: Start
) -> tuple[tuple[Item, ...], Page, tuple[Gap, ...]]:
    headers = {"accept": ACCEPT}
    if page.etag:
        headers["if-none-match"] = page.etag
    if page.modified:
        headers["if-modified-since"] = page.modified
    now = start.now()
    answer = await fetch(start.http, url, headers=headers, now=now)
    if answer.status == 304:
        return (), replace(page, read_at=now.timestamp(), failures=0, not_before=0.0), ()
    if answer.status in (401, 403, 404, 410):
        raise FeedRefused(f"answered {answer.status}")
    if answer.status != 200:
        raise FeedUnavailable(f"answered {answer.status}")
    found = await asyncio.to_thread(_parsed, answer)
    after = Page(
        etag=answer.headers.get("etag", ""),
        modified=answer.headers.get("last-modified", ""),
        entries=page.entries,
        read_at=now.timestamp(),
    )
    if found is None:
        return (bad(answer.body, "not_a_feed", f"{shown(url)}: no RSS or Atom"),), after, ()
    entries, items = items_of(found, url, settings.source, page, now)
    gaps: tuple[Gap, ...] = ()
    if page.entries and entries and not entries.keys() & page.entries.keys():
        since = datetime.fromtimestamp(page.read_at, UTC)
        gaps = (Gap(since=since, until=now, reason=f"{shown(url)}: all that it held is gone"),)
    return items, replace(after, entries=entries or page.entries), gaps


def _parsed(answer: Answer) -> Sequence[Mapping[str, Any]] | None:
    """Entries, the oldest first; None for what is no feed. From bytes: feedparser would fetch."""
    kind = answer.headers.get("content-type", "")
    found = feedparser.parse(
        io.BytesIO(answer.body),
        response_headers={"content-type": kind, "content-location": answer.url},
    )
    if not found.get("version") and not found.entries:
        return None
    return list(reversed(found.entries[:MOST_ENTRIES]))


def items_of(
    entries: Sequence[Mapping[str, Any]], url: str, source: str, page: Page, now: datetime
) -> tuple[dict[str, str], tuple[Item, ...]]:
    """What the entries say, and of them what is new or says something else."""
    said: dict[str, str] = {}
    items: list[Item] = []
    for entry in entries:
        title, body = str(entry.get("title", "")), _body(entry)
        name = str(entry.get("id") or entry.get("link") or digest(title, body))
        key, mark = digest(name), digest(title, body)
        said[key] = mark
        before = page.entries.get(key)
        if before == mark:
            continue
        is_first = not page.read_at
        make = partial(
            _post, entry, name, url, source, is_edit=before is not None, is_first=is_first, now=now
        )
        item = made(repr(dict(entry)).encode(), make)
        if item is not None:
            items.append(item)
    return said, tuple(items)


def _body(entry: Mapping[str, Any]) -> str:
    content = entry.get("content")
    whole = content[0].get("value", "") if content else ""
    summary = str(entry.get("summary", ""))
    return summary or str(whole)


def _post(
    entry: Mapping[str, Any],
    name: str,
    url: str,
    source: str,
    *,
    is_edit: bool,
    is_first: bool,
    now: datetime,
) -> RawPost:
    title, body = text_of(str(entry.get("title", ""))), text_of(_body(entry))
    published = _time(entry.get("published_parsed") or entry.get("updated_parsed")) or now
    return RawPost(
        source=source,
        native_id=native_id(urlsplit(url).netloc, name),
        text=text(title if body == title else f"{title}\n{body}".strip()),
        published_at=published,
        observed_at=now,
        author=short(entry.get("author", "")),
        url=short(entry.get("link", ""), 4096),
        kind="edit" if is_edit else "post",
        edited_at=now if is_edit else None,
        backfill=is_first and now - published > FRESH,
    )


def _time(parsed: Any) -> datetime | None:
    """feedparser's time is UTC without saying so."""
    return datetime.fromtimestamp(timegm(parsed), UTC) if parsed else None


def shown(url: str) -> str:
    """The address for people: what may be a password in it is left out."""
    parts = urlsplit(url)
    return f"{parts.hostname}{parts.path}"


def _later(page: Page, settings: RssFeed, error: FeedError, now: datetime) -> Page:
    """Asked again after as long as it says, or each time after twice as long."""
    pause = min(settings.poll_seconds * 2 ** min(page.failures, 10), LONGEST_PAUSE)
    wait = max(error.wait, pause)
    return replace(page, failures=page.failures + 1, not_before=now.timestamp() + wait)
