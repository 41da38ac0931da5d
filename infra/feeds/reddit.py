"""Reddit through asyncpraw (the extra `reddit`): new posts and comments of subreddits.

A listing shows the newest 100; what shares nothing with the last one passed by in between, which is
a gap. Remembered is what the last listing held: a changed body is an edit, `[deleted]` and
`[removed]` are deletions.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Any

import msgspec
from msgspec import Struct

from infra.feeds.feed import Batch, FeedRefused, FeedUnavailable, Gap, Item, Reading, Start
from infra.feeds.made import digest, made, seconds, short, text
from infra.feeds.polled import as_cursor, remembered
from infra.feeds.settings import RedditFeed
from processors.records import RawErasure, RawPost

MOST = 100
GONE = ("[deleted]", "[removed]")
FIELDS = (
    "name", "author", "author_fullname", "created_utc", "edited", "body", "selftext", "title",
    "permalink",
)  # fmt: skip
Thing = Mapping[str, Any]  # FIELDS of a post (t3_) or a comment (t1_)


class Seen(Struct, frozen=True, kw_only=True):
    """What a listing held, by name what it said."""

    things: dict[str, str] = {}
    read_at: float = 0.0  # Unix seconds


async def read(settings: RedditFeed, start: Start) -> Reading:
    """As of Feed."""
    seen = remembered(start.cursor, dict[str, Seen]) or {}
    async with connected(settings) as listings:
        while True:
            for subreddit in settings.subreddits:
                for kind in ("posts", "comments"):
                    name, now = f"{subreddit}/{kind}", start.now()
                    found = await listings.newest(subreddit, kind)
                    items, after, gaps = look(found, seen.get(name), settings.source, now)
                    seen[name] = after
                    if gaps:
                        gaps = tuple(
                            Gap(since=gap.since, until=gap.until, reason=f"{name}: {gap.reason}")
                            for gap in gaps
                        )
                    yield Batch(at=now, items=items, cursor=as_cursor(seen), gaps=gaps)
            await start.sleep(settings.poll_seconds)


def look(
    found: Sequence[Thing], seen: Seen | None, source: str, now: datetime
) -> tuple[tuple[Item, ...], Seen, tuple[Gap, ...]]:
    """What a listing has that the one before had not, or otherwise; the oldest first."""
    known = seen.things if seen else {}
    said: dict[str, str] = {}
    items: list[Item] = []
    for thing in reversed(found):
        name = str(thing.get("name", ""))
        mark = digest(str(thing.get("title", "")), str(thing.get("body") or thing.get("selftext")))
        said[name] = mark
        before = known.get(name)
        if before == mark:
            continue
        payload = msgspec.json.encode({key: thing.get(key) for key in FIELDS})
        make = partial(
            item_of, thing, source, edited_at=now if before else None, backfill=seen is None
        )
        item = made(payload, make)
        if item is not None and (before is not None or not isinstance(item, RawErasure)):
            items.append(item)
    gaps: tuple[Gap, ...] = ()
    if seen and known and len(found) >= MOST and not said.keys() & known.keys():
        since = datetime.fromtimestamp(seen.read_at, UTC)
        gaps = (Gap(since=since, until=now, reason=f"more than {MOST} since the last look"),)
    return tuple(items), Seen(things=said or dict(known), read_at=now.timestamp()), gaps


def item_of(
    thing: Thing, source: str, *, edited_at: datetime | None = None, backfill: bool = False
) -> Item:
    """A post or a comment; an erasure where its text or its author is gone."""
    body = text(thing.get("body") if "body" in thing else thing.get("selftext") or "")
    name = text(thing["name"])
    if body in GONE:
        return RawErasure(kind="delete", source=source, native_id=name)
    title = text(thing.get("title") or "")
    edited = thing.get("edited")
    if edited_at is not None and edited and not isinstance(edited, bool):
        edited_at = seconds(edited)
    permalink = thing.get("permalink")
    return RawPost(
        source=source,
        native_id=name,
        text=f"{title}\n{body}".strip(),
        published_at=seconds(thing["created_utc"]),
        author=short(thing.get("author_fullname")) or short(thing.get("author")),
        url=short(f"https://www.reddit.com{permalink}", 4096) if permalink else "",
        kind="edit" if edited_at else "post",
        edited_at=edited_at,
        backfill=backfill and not edited_at,
    )


@asynccontextmanager
async def connected(settings: RedditFeed) -> AsyncIterator["Listings"]:
    """Reddit, by asyncpraw. Raises FeedRefused where the extra is not installed."""
    try:
        import asyncpraw
        import asyncprawcore
    except ImportError:
        raise FeedRefused("needs the extra: pip install 'groundswell[reddit]'") from None
    client = asyncpraw.Reddit(
        client_id=settings.client_id.get_secret_value(),
        client_secret=settings.client_secret.get_secret_value(),
        user_agent=settings.user_agent,
        oauth_url=settings.url,
        reddit_url=settings.login_url,
        check_for_updates=False,
    )
    try:
        yield Listings(client, asyncprawcore)
    finally:
        await client.close()


class Listings:
    """What is asked of Reddit."""

    def __init__(self, client: Any, core: Any) -> None:
        self._client = client
        self._core = core

    async def newest(self, subreddit: str, kind: str) -> Sequence[Thing]:
        """The newest MOST things of `kind` (`comments` or `posts`), the newest first.

        Raises FeedError.
        """
        core = self._core.exceptions
        try:
            place = await self._client.subreddit(subreddit)
            listing = place.comments(limit=MOST) if kind == "comments" else place.new(limit=MOST)
            return [_fields(one) async for one in listing]
        except (core.OAuthException, core.Forbidden, core.NotFound, core.Redirect) as error:
            raise FeedRefused(f"{subreddit}: {error}") from None
        except core.AsyncPrawcoreException as error:
            raise FeedUnavailable(f"{subreddit}: {error}", wait=_asked_wait(error)) from None
        except (KeyError, TypeError, ValueError) as error:  # asyncpraw takes answers at their word
            raise FeedUnavailable(f"{subreddit}: an answer of another form: {error!r}") from None


def _asked_wait(error: Any) -> float:
    """Seconds that an answer, to the login too, asked to wait."""
    response = getattr(error, "response", None)
    asked = response.headers.get("retry-after", "") if response is not None else ""
    return float(asked) if asked.isdecimal() else 0.0


def _fields(thing: Any) -> Thing:
    """FIELDS that are there: asking for others would fetch each thing by itself."""
    there = vars(thing)
    found = {name: there[name] for name in FIELDS if name in there}
    author = found.get("author")
    return found | {"author": str(author) if author is not None else ""}
