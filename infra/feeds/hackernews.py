"""Hacker News: https://github.com/HackerNews/API

Items are numbered; all numbers after the last one known are read. `updates` names items that
changed: those that were read lately become edits where their text changed, and deletions.
"""

import asyncio
from collections import OrderedDict
from functools import partial
from typing import Any

import httpx
import msgspec

from infra.feeds.feed import Batch, FeedUnavailable, Gap, Item, Reading, Start
from infra.feeds.fetch import fetch_json
from infra.feeds.made import digest, made, seconds, short, text
from infra.feeds.settings import HackerNewsFeed
from processors.html_text import text_of
from processors.records import RawErasure, RawPost

AT_ONCE = 10  # requests
MOST = 100  # items a batch
REMEMBERED = 20_000  # items whose text is known, for edits
PATIENCE = 6
"""Looks that an item which is numbered and not there yet is waited for: items appear late."""
KINDS = ("story", "comment", "poll")


class _Reader:
    """What is known between two looks, for the time of one reading."""

    def __init__(self, settings: HackerNewsFeed, start: Start) -> None:
        self.last = int(start.cursor) if start.cursor.isdecimal() else 0
        self._settings = settings
        self._start = start
        self._texts: OrderedDict[int, str] = OrderedDict()
        self._missing: dict[int, int] = {}  # looks, by item

    async def look(self) -> Reading:
        """What is new, then what changed."""
        newest = int(await self._get("maxitem"))
        if not self.last:
            self.last = newest
        behind = newest - self._settings.most_behind
        lost_from = self.last if self.last < behind else None
        self.last = max(self.last, behind)
        while self.last < newest:
            ids = range(self.last + 1, min(self.last + MOST, newest) + 1)
            found = await self._items(ids)
            taken = self._there(ids, found)
            gaps: tuple[Gap, ...] = ()
            now = self._start.now()
            if lost_from is not None and self._start.at is not None:
                first = next((item for item in found if item and "time" in item), None)
                until = seconds(first["time"]) if first else now
                reason = f"more than {self._settings.most_behind:,} items behind"
                gaps = (Gap(since=self._start.at, until=max(until, self._start.at), reason=reason),)
                lost_from = None
            items = tuple(one for item in found[:taken] if (one := self._new(item)) is not None)
            self.last += taken
            times = [seconds(item["time"]) for item in found[:taken] if item and "time" in item]
            at = now if self.last >= newest else min(max(times, default=now), now)
            yield Batch(at=at, items=items, cursor=str(self.last), gaps=gaps)
            if taken < len(ids):
                break
        changed = await self._changed()
        yield Batch(at=self._start.now(), items=changed, cursor=str(self.last))

    def _there(self, ids: range, found: list[Any]) -> int:
        """How many of them may be passed: up to the first that has yet to appear."""
        for place, (number, item) in enumerate(zip(ids, found, strict=True)):
            looks = self._missing.get(number, 0)
            if item is None and looks < PATIENCE:
                self._missing[number] = looks + 1
                return place
            self._missing.pop(number, None)
        return len(ids)

    def _new(self, item: Any) -> Item | None:
        if item is None:
            return None
        found = made(msgspec.json.encode(item), partial(post_of, item, self._settings.source))
        if isinstance(found, RawPost):
            self._texts[int(item["id"])] = digest(found.text)
            if len(self._texts) > REMEMBERED:
                self._texts.popitem(last=False)
        return found if not isinstance(found, RawErasure) else None  # gone before it was read

    async def _changed(self) -> tuple[Item, ...]:
        updates = await self._get("updates")
        named = updates.get("items") if isinstance(updates, dict) else None
        ids = [one for one in named or () if isinstance(one, int) and one in self._texts]
        items: list[Item] = []
        for item in await self._items(ids):
            if item is None:
                continue
            make = partial(post_of, item, self._settings.source, edited_at=self._start.now())
            found = made(msgspec.json.encode(item), make)
            if isinstance(found, RawErasure):
                del self._texts[int(item["id"])]
                items.append(found)
            elif isinstance(found, RawPost) and digest(found.text) != self._texts[int(item["id"])]:
                self._texts[int(item["id"])] = digest(found.text)
                items.append(found)
        return tuple(items)

    async def _items(self, ids: "range | list[int]") -> list[Any]:
        found: list[Any] = []
        for first in range(0, len(ids), AT_ONCE):
            some = [self._get(f"item/{number}") for number in ids[first : first + AT_ONCE]]
            found.extend(await asyncio.gather(*some))
        return found

    async def _get(self, name: str) -> Any:
        url = f"{self._settings.url}/v0/{name}.json"
        return await fetch_json(self._start.http, url, what=name, now=self._start.now())


async def read(settings: HackerNewsFeed, start: Start) -> Reading:
    """As of Feed."""
    reader = _Reader(settings, start)
    while True:
        try:
            async for batch in reader.look():
                yield batch
        except (TypeError, ValueError, httpx.InvalidURL) as error:
            raise FeedUnavailable(f"unexpected answer: {error}") from None
        await start.sleep(settings.poll_seconds)


def post_of(item: dict[str, Any], source: str, *, edited_at: Any = None) -> Item | None:
    """A story, comment or poll; an erasure where it is deleted or dead; None of other kinds."""
    number = str(int(item["id"]))
    if item.get("deleted") or item.get("dead"):
        return RawErasure(kind="delete", source=source, native_id=number)
    if item["type"] not in KINDS:
        return None
    title, body = text_of(text(item.get("title") or "")), text_of(text(item.get("text") or ""))
    return RawPost(
        source=source,
        native_id=number,
        text=f"{title}\n{body}".strip(),
        published_at=seconds(item["time"]),
        author=short(item.get("by")),
        url=f"https://news.ycombinator.com/item?id={number}",
        kind="edit" if edited_at else "post",
        edited_at=edited_at,
    )
