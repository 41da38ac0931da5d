"""A way out by HTTP: a pure function that asks, and one that reads the answer."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Generic, TypeVar

from msgspec.structs import replace
from pydantic import BaseModel

from infra.channels.channel import Limits, Request, UnusableError
from infra.channels.post import Post
from infra.channels.secrecy import clean, secrets_of
from infra.deliver.records import Attempt, Letter
from infra.receivers import Receiver

LONGEST_WAIT = timedelta(hours=24)
"""The most a receiver may make us wait by Retry-After."""

R = TypeVar("R", bound=BaseModel)

Ask = Callable[[R, Letter, datetime], Request]
"""Makes the request of an attempt at the given time. Raises UnusableError."""

Judge = Callable[[int, Mapping[str, str], str, datetime], Attempt]
"""What an answer means, by its status, headers (names in small letters) and first text."""


def judge(status: int, headers: Mapping[str, str], text: str, now: datetime) -> Attempt:
    """As Standard Webhooks have it: only 2xx is success, 410 is for good, 3xx is a failure.

    Anything else may get better: a deploy half done, a secret about to change.
    """
    if 200 <= status < 300:
        return Attempt(outcome="delivered", status=status)
    said = f": {text}" if text else ""
    if status == 410:
        detail = f"the receiver is gone for good (410){said}"
        return Attempt(outcome="gave_up", status=status, detail=detail, gone=True)
    if 300 <= status < 400:
        detail = f"answered {status}; redirects are not followed, set the url it leads to"
        return Attempt(outcome="retry", status=status, detail=detail)
    asked = headers.get("retry-after", "") if status in (429, 503) else ""
    detail = f"answered {status}{said}"
    return Attempt(
        outcome="retry", status=status, detail=detail, wait_seconds=retry_after(asked, now)
    )


def refusing(*statuses: int) -> Judge:
    """`judge`, for a platform that says by `statuses` that it will never take this very message."""

    def judge_refusals(
        status: int, headers: Mapping[str, str], text: str, now: datetime
    ) -> Attempt:
        attempt = judge(status, headers, text, now)
        return replace(attempt, outcome="gave_up") if status in statuses else attempt

    return judge_refusals


def retry_after(value: str, now: datetime) -> float:
    """Seconds to wait, of seconds or an HTTP date; nothing sensible is no wait."""
    most = LONGEST_WAIT.total_seconds()
    with suppress(ValueError, TypeError, OverflowError):
        if value.strip().isdecimal():
            return float(min(int(value), most))
        date = parsedate_to_datetime(value)
        wait = (date.replace(tzinfo=date.tzinfo or UTC) - now).total_seconds()
        return min(max(wait, 0.0), most)
    return 0.0


class HttpChannel(Generic[R]):
    """Asks and judges; nothing that an attempt says holds a secret of its receiver."""

    def __init__(
        self, sender: Post, of: type[R], request: Ask[R], *, limits: Limits, judge: Judge = judge
    ) -> None:
        """`of` is the type of receiver that `request` is for."""
        self.limits = limits
        self._sender = sender
        self._of = of
        self._request = request
        self._judge = judge

    async def send(self, receiver: Receiver, letter: Letter, *, now: datetime) -> Attempt:
        """One attempt. Raises TypeError for a receiver of another type."""
        if not isinstance(receiver, self._of):
            raise TypeError(f"{receiver.name} is no {self._of.__name__}")
        secrets = secrets_of(receiver)
        try:
            reply = await self._sender.send(self._request(receiver, letter, now))
        except UnusableError as error:  # a person will mend it: until then the message is kept
            detail = f"receivers.{receiver.name} is set wrongly: {error}"
            return Attempt(outcome="retry", detail=clean(detail, secrets))
        if reply.status:
            attempt = self._judge(reply.status, reply.headers, reply.text, now)
        else:
            attempt = Attempt(outcome="retry", detail=reply.failure)
        return replace(attempt, detail=clean(attempt.detail, secrets), latency_ms=reply.latency_ms)

    async def close(self) -> None:
        """Nothing of its own: who made the sender closes it."""
