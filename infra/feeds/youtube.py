"""Comments on YouTube: https://developers.google.com/youtube/v3/docs/commentThreads/list

A list costs 1 of the 10,000 units a key has a day: ten targets every ten minutes take 1,440.
Remembered are the comments of the last look; deletions are not told by anybody.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any

import msgspec
from msgspec import Struct

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
from infra.feeds.fetch import Answer, as_json, fetch
from infra.feeds.made import digest, made, moment, short, text
from infra.feeds.polled import as_cursor, remembered
from infra.feeds.settings import YouTubeFeed
from processors.html_text import text_of
from processors.records import RawPost

PAGE = 100
MOST_KNOWN = 1_000
OVER_QUOTA = ("quotaExceeded", "dailyLimitExceeded", "rateLimitExceeded", "userRateLimitExceeded")
QUOTA_WAIT = 3_600.0
BAD_KEY = ("keyInvalid", "API_KEY_INVALID", "badRequest", "accessNotConfigured", "forbidden")


class Seen(Struct, frozen=True, kw_only=True):
    """Comments of a video or channel, by id what they said, the newest first."""

    comments: dict[str, str] = {}
    read_at: float = 0.0  # Unix seconds


async def read(settings: YouTubeFeed, start: Start) -> Reading:
    """As of Feed."""
    targets = [("videoId", one) for one in settings.videos]
    targets += [("allThreadsRelatedToChannelId", one) for one in settings.channels]
    if not targets:
        raise FeedRefused("no videos and no channels are named")
    seen = remembered(start.cursor, dict[str, Seen]) or {}
    seen = {target: seen.get(target, Seen()) for _, target in targets}
    while True:
        failed: list[FeedError] = []
        for kind, target in targets:
            now = start.now()
            try:
                items, seen[target], gaps = await _look(
                    settings, (kind, target), seen[target], start
                )
            except FeedRefused as error:  # of this target only: comments may be switched off
                failed.append(error)
                if len(failed) == len(targets):
                    raise
                yield Batch(at=now, errors=(f"{target}: {error}",))
                continue
            yield Batch(at=now, items=items, cursor=as_cursor(seen), gaps=gaps)
        await start.sleep(settings.poll_seconds)


async def _look(
    settings: YouTubeFeed, target: tuple[str, str], seen: Seen, start: Start
) -> tuple[tuple[Item, ...], Seen, tuple[Gap, ...]]:
    kind, name = target
    now = start.now()
    said: dict[str, str] = {}
    items: list[Item] = []
    is_first = not seen.read_at
    reached = is_first  # then one page is enough
    page = ""
    for _ in range(settings.most_pages):
        params: dict[str, str | int] = {
            kind: name,
            "part": "snippet,replies",
            "order": "time",
            "maxResults": PAGE,
            "textFormat": "plainText",
        }
        if page:
            params["pageToken"] = page
        key = {"x-goog-api-key": settings.key.get_secret_value()}
        url = f"{settings.url}/commentThreads"
        answer = await fetch(start.http, url, params=params, headers=key, now=now)
        found = _checked(answer)
        for comment, is_top in _comments(found):
            identity = comment.get("id") if isinstance(comment, dict) else None
            snippet = comment.get("snippet", {}) if isinstance(comment, dict) else {}
            mark = digest(str(snippet.get("textDisplay") or snippet.get("textOriginal")))
            before = seen.comments.get(str(identity))
            reached = reached or (is_top and before is not None)
            said[str(identity)] = mark
            if before == mark:
                continue
            make = partial(
                post_of,
                comment,
                settings.source,
                is_edit=before is not None,
                backfill=is_first,
            )
            item = made(msgspec.json.encode(comment), make)
            if item is not None:
                items.append(item)
        page = found.get("nextPageToken") or ""
        if reached or not isinstance(page, str) or not page:
            reached = reached or not page
            break
    gaps: tuple[Gap, ...] = ()
    if not reached:
        since = datetime.fromtimestamp(seen.read_at, UTC)
        reason = f"{name}: more than {settings.most_pages * PAGE} threads since the last look"
        gaps = (Gap(since=since, until=now, reason=reason),)
    known = dict(list({**said, **seen.comments}.items())[:MOST_KNOWN])
    known |= {one: said[one] for one in known if one in said}
    return tuple(reversed(items)), Seen(comments=known, read_at=now.timestamp()), gaps


def _comments(found: dict[str, Any]) -> Iterator[tuple[Any, bool]]:
    """Comments of a page, the newest thread first, and whether each begins a thread."""
    for thread in found.get("items") or ():
        snippet = thread.get("snippet") if isinstance(thread, dict) else None
        if not isinstance(snippet, dict):
            yield thread, False
            continue
        yield snippet.get("topLevelComment"), True
        replies = thread.get("replies")
        for reply in (replies.get("comments") if isinstance(replies, dict) else None) or ():
            yield reply, False


def _checked(answer: Answer) -> dict[str, Any]:
    said = as_json(answer, what="commentThreads")
    if not isinstance(said, dict):
        raise FeedUnavailable("answered what is no object")
    if answer.status == 200:
        return said
    error = said.get("error")
    errors = error.get("errors") if isinstance(error, dict) else None
    reason = errors[0].get("reason", "") if errors and isinstance(errors[0], dict) else ""
    if reason in OVER_QUOTA:
        raise FeedUnavailable(f"the key's quota is used up ({reason})", wait=QUOTA_WAIT)
    raise FeedRefused(f"answered {answer.status} {reason}".strip())


def post_of(
    comment: dict[str, Any], source: str, *, is_edit: bool = False, backfill: bool = False
) -> RawPost:
    """A comment or a reply as a post."""
    snippet = comment["snippet"]
    video = snippet.get("videoId", "")
    return RawPost(
        source=source,
        native_id=text(comment["id"]),
        text=text_of(text(snippet.get("textOriginal") or snippet["textDisplay"])),
        published_at=moment(snippet["publishedAt"]),
        author=short((snippet.get("authorChannelId") or {}).get("value")),
        url=short(f"https://www.youtube.com/watch?v={video}&lc={comment['id']}", 4096),
        kind="edit" if is_edit else "post",
        edited_at=moment(snippet["updatedAt"]) if is_edit else None,
        backfill=backfill and not is_edit,
    )
