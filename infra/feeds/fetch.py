"""Requests of feeds: to permitted addresses only, bounded, failures told apart."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import msgspec
from httpx_secure import SSRFProtectionError
from msgspec import Struct

from infra.channels.guard import Guard, blocked
from infra.feeds.feed import FeedRefused, FeedUnavailable

MOST_BYTES = 8 << 20
LONGEST_WAIT = 3_600.0
"""Seconds that a platform may make us wait at once."""


class Answer(Struct, frozen=True, kw_only=True):
    """What a server said."""

    status: int
    headers: Mapping[str, str]  # names in small letters
    body: bytes
    url: str  # after redirects


def feed_client(allow_hosts: Iterable[str]) -> httpx.AsyncClient:
    """A client that reaches public addresses and `allow_hosts` only, redirects included."""
    client = httpx.AsyncClient(
        trust_env=False,
        timeout=httpx.Timeout(30.0, connect=10.0),
        max_redirects=4,
        headers={"user-agent": "Groundswell"},
    )
    Guard(allow_hosts).protect(client)
    return client


async def fetch(
    client: httpx.AsyncClient,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    params: Mapping[str, str | int] | None = None,
    now: datetime | None = None,
) -> Answer:
    """GET, whatever the answer's status but 429 and 5xx.

    Raises FeedUnavailable for those, with the wait asked for, for what the network does and for an
    answer over MOST_BYTES, FeedRefused for an address that may not be reached.
    """
    request = client.build_request("GET", url, headers=headers, params=params)
    try:
        response = await client.send(request, stream=True, follow_redirects=True)
        try:
            body = await _body(response)
        finally:
            await response.aclose()
    except SSRFProtectionError as error:
        raise FeedRefused(blocked(error.hostname)) from None
    except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as error:
        said = str(error) or type(error).__name__
        raise FeedUnavailable(f"{request.url.host}: {said}") from None
    if response.status_code == 429 or response.status_code >= 500:
        wait = retry_after(response.headers, now or datetime.now(UTC))
        raise FeedUnavailable(f"{request.url.host} answered {response.status_code}", wait=wait)
    return Answer(
        status=response.status_code,
        headers=dict(response.headers),
        body=body,
        url=str(response.url),
    )


async def fetch_json(client: httpx.AsyncClient, url: str, *, what: str, **options: Any) -> Any:
    """As `fetch`, and what the body says. Raises FeedRefused besides for any status but 200,
    FeedUnavailable for a body that is no JSON."""
    answer = await fetch(client, url, **options)
    if answer.status != 200:
        raise FeedRefused(f"{what}: answered {answer.status}")
    return as_json(answer, what=what)


def as_json(answer: Answer, *, what: str) -> Any:
    """What the body says. Raises FeedUnavailable."""
    try:
        return msgspec.json.decode(answer.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise FeedUnavailable(f"{what}: answered what is no JSON ({error})") from None


def retry_after(headers: Mapping[str, str], now: datetime) -> float:
    """Seconds that Retry-After or X-RateLimit-Reset ask for, 0 if neither says so."""
    asked = headers.get("retry-after", "").strip()
    if asked.isdecimal():
        return min(float(asked), LONGEST_WAIT)
    for date in (asked, headers.get("x-ratelimit-reset", "").strip()):
        with suppress(ValueError, TypeError, OverflowError):
            until = _moment(date)
            return min(max((until - now).total_seconds(), 0.0), LONGEST_WAIT)
    return 0.0


def _moment(date: str) -> datetime:
    try:
        found = datetime.fromisoformat(date)
    except ValueError:
        found = parsedate_to_datetime(date)
    return found.replace(tzinfo=found.tzinfo or UTC)


async def _body(response: httpx.Response) -> bytes:
    parts: list[bytes] = []
    size = 0
    async for part in response.aiter_bytes():
        size += len(part)
        if size > MOST_BYTES:
            raise FeedUnavailable(f"{response.url.host}: an answer of more than {MOST_BYTES} bytes")
        parts.append(part)
    return b"".join(parts)
