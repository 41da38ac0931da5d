"""Hot lists (Weibo, Zhihu, Baidu, ...) from a newsnow server: https://github.com/ourongxing/newsnow

A list is what many look at now, not what was said: each entry counts once, when it is first seen.
Run a server of your own; the public one is somebody's gift. Between two looks entries come and go,
so nothing can be said of gaps.
"""

from datetime import datetime
from functools import partial
from typing import Any

import msgspec

from infra.feeds.feed import Batch, FeedError, FeedUnavailable, Item, Reading, Start
from infra.feeds.fetch import fetch_json
from infra.feeds.made import digest, made, native_id, short, text
from infra.feeds.polled import as_cursor, remembered
from infra.feeds.settings import NewsnowFeed
from processors.records import RawPost

MOST_KNOWN = 2_000  # a platform: entries come back after a while


async def read(settings: NewsnowFeed, start: Start) -> Reading:
    """As of Feed."""
    known = remembered(start.cursor, dict[str, list[str]]) or {}
    while True:
        failed: list[FeedError] = []
        for platform in settings.platforms:
            now = start.now()
            try:
                said = await fetch_json(
                    start.http,
                    f"{settings.url}/api/s",
                    what=platform,
                    params={"id": platform, "latest": ""},
                    now=now,
                )
            except FeedError as error:
                failed.append(error)
                if len(failed) == len(settings.platforms):
                    raise
                yield Batch(at=now, errors=(f"{platform}: {error}",))
                continue
            entries = said.get("items") if isinstance(said, dict) else None
            if not isinstance(entries, list):
                raise FeedUnavailable(f"{platform}: answered without a list")
            items, known[platform] = items_of(
                entries, known.get(platform, []), settings.source, platform, now
            )
            yield Batch(at=now, items=items, cursor=as_cursor(known))
        await start.sleep(settings.poll_seconds)


def items_of(
    entries: list[Any], known: list[str], source: str, platform: str, now: datetime
) -> tuple[tuple[Item, ...], list[str]]:
    """Entries that were not known, and what is known now, the newest last."""
    before = dict.fromkeys(known)
    items: list[Item] = []
    for entry in entries:
        payload = msgspec.json.encode(entry)
        title = entry.get("title") if isinstance(entry, dict) else None
        key = digest(str(title)) if title else digest(payload.decode())
        if key in before:
            before[key] = before.pop(key)  # still there: forgotten last
            continue
        before[key] = None
        item = made(payload, partial(post_of, entry, key, source, platform, now))
        if item is not None:
            items.append(item)
    return tuple(items), list(before)[-MOST_KNOWN:]


def post_of(entry: dict[str, Any], key: str, source: str, platform: str, now: datetime) -> RawPost:
    """An entry as a post, published when it was first seen; the list is its author."""
    return RawPost(
        source=source,
        native_id=native_id(platform, key),
        text=text(entry["title"]),
        published_at=now,
        author=platform,
        url=short(entry.get("url"), 4096),
    )
