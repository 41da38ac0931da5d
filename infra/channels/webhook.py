"""Signed webhooks as standardwebhooks.com describes them: one attempt, told what became of it."""

import asyncio
import socket
import ssl
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Literal

import httpx
from httpx_secure import SSRFProtectionError
from msgspec import Struct
from standardwebhooks import Webhook
from standardwebhooks.webhooks import EmptyWebhookSecretError

from infra.channels.guard import BlockedAddressError, Guard, blocked
from infra.channels.webhook_body import render
from infra.receivers import WebhookReceiver

__all__ = ["Attempt", "Timeouts", "WebhookSender", "render", "sign"]

LONGEST_WAIT = timedelta(hours=24)
"""The most a receiver may make us wait by Retry-After."""

ANSWER_BYTES = 2_000
"""How much of an answer is looked at; the rest is never read."""


class Timeouts(Struct, frozen=True):
    """Seconds."""

    connect: float = 5.0
    total: float = 15.0  # until the status of the answer is known
    answer: float = 1.0  # then for the answer's text, which decides nothing


TIMEOUTS = Timeouts()


class Attempt(Struct, frozen=True, kw_only=True):
    """What became of one attempt. `detail` is for an operator and holds no secret."""

    outcome: Literal["delivered", "retry", "gave_up"]
    status: int = 0  # HTTP status, 0 without an answer
    detail: str = ""
    wait: timedelta = timedelta(0)  # the least the receiver wants us to wait


def sign(secret: str, message_id: str, timestamp: datetime, body: bytes) -> dict[str, str]:
    """The three headers of a signed webhook. `secret` is `whsec_` and base64.

    Raises ValueError for a naive time or a secret of another form.
    """
    if timestamp.tzinfo is None:
        raise ValueError("a webhook's time has to have a zone")
    moment = timestamp.astimezone(UTC)  # standardwebhooks takes the digits for UTC, whatever zone
    try:
        signature = Webhook(secret).sign(message_id, moment, body.decode())
    except (ValueError, EmptyWebhookSecretError):
        raise ValueError("the secret is not whsec_ and base64") from None  # the cause might show it
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": signature,
    }


class WebhookSender:
    """Sends to one receiver at a time what it is told to, guarded against calling our own network.

    `allow_hosts` are hosts that may be private or loopback. Redirects are never followed, no proxy
    is used. Private certificate authorities are named by SSL_CERT_FILE.
    """

    def __init__(self, allow_hosts: Iterable[str] = (), *, timeouts: Timeouts = TIMEOUTS) -> None:
        self._timeouts = timeouts
        self._guard = Guard(allow_hosts)
        self._client = httpx.AsyncClient(
            verify=httpx.create_ssl_context(),
            trust_env=False,
            follow_redirects=False,
            timeout=httpx.Timeout(timeouts.total, connect=timeouts.connect),
            # No limit to be used up by hanging receivers; no connection kept to go stale.
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=0),
            headers={"user-agent": "Groundswell", "accept-encoding": "identity"},
        )
        self._guard.protect(self._client)

    async def send(
        self, receiver: WebhookReceiver, message_id: str, *, body: bytes, now: datetime
    ) -> Attempt:
        """One attempt, signed for `now` (wall clock, within 5 minutes of the receiver's).

        Never raises for anything the receiver, its address or the network does.
        """
        secret = receiver.secret.get_secret_value()
        try:
            url = httpx.URL(receiver.url)
            usable = url.scheme in ("http", "https") and url.host != ""
            headers = {"content-type": "application/json", **sign(secret, message_id, now, body)}
        except (httpx.InvalidURL, ValueError) as error:  # IDNA errors are ValueErrors
            return _to_mend(f"receivers.{receiver.name} is set wrongly: {error}", secret)
        if not usable:
            return _to_mend(f"receivers.{receiver.name} is set wrongly: no http(s) url", secret)
        host = url.raw_host.decode()  # as the guard sees it again when it connects
        request = self._client.build_request("POST", url, content=body, headers=headers)
        try:
            async with asyncio.timeout(self._timeouts.total):
                await self._guard.check(host)
                response = await self._client.send(request, stream=True)
        except (BlockedAddressError, SSRFProtectionError):
            return _to_mend(blocked(host), secret)
        except (TimeoutError, httpx.HTTPError, OSError, UnicodeError) as error:
            return Attempt(outcome="retry", detail=self._why(error))
        return _judge(response, await self._text(response, secret), now)

    async def close(self) -> None:
        """Let go of connections. Idempotent."""
        await self._client.aclose()

    async def _text(self, response: httpx.Response, secret: str) -> str:
        """The beginning of the answer, undecoded, so that no compressed bomb is unpacked."""
        read = b""
        try:
            with suppress(TimeoutError, httpx.HTTPError):
                async with asyncio.timeout(self._timeouts.answer):
                    async for chunk in response.aiter_raw(ANSWER_BYTES):
                        read += chunk
                        if len(read) >= ANSWER_BYTES:
                            break
        finally:
            await response.aclose()
        return _clean(read[:ANSWER_BYTES].decode(errors="replace"), secret)

    def _why(self, error: Exception) -> str:
        if isinstance(error, httpx.ConnectTimeout):
            return f"no connection within {self._timeouts.connect:g} s"
        if isinstance(error, TimeoutError | httpx.TimeoutException):
            return f"no answer within {self._timeouts.total:g} s"
        causes = list(_causes(error))
        tls = next((cause for cause in causes if isinstance(cause, ssl.SSLError)), None)
        if tls is not None:
            reason = getattr(tls, "verify_message", "") or tls.reason or type(tls).__name__
            return f"TLS failed: {reason}"
        if any(isinstance(cause, socket.gaierror | UnicodeError) for cause in causes):
            return "the host's name was not found (DNS)"
        if isinstance(error, httpx.ConnectError | OSError):
            return "connection refused or unreachable"
        if isinstance(error, httpx.RemoteProtocolError):
            return "the connection ended without an HTTP answer"
        return f"the connection failed ({type(error).__name__})"


def _judge(response: httpx.Response, text: str, now: datetime) -> Attempt:
    status = response.status_code
    if response.is_success:
        return Attempt(outcome="delivered", status=status)
    said = f": {text}" if text else ""
    if status == 410:
        return Attempt(
            outcome="gave_up", status=status, detail="the receiver is gone for good (410)" + said
        )
    if 300 <= status < 400:
        return Attempt(
            outcome="retry",
            status=status,
            detail=f"answered {status}; redirects are not followed, set the url it leads to",
        )
    asked = response.headers.get("retry-after", "") if status in (429, 503) else ""
    return Attempt(
        outcome="retry",
        status=status,
        detail=f"answered {status}{said}",
        wait=_retry_after(asked, now),
    )


def _retry_after(value: str, now: datetime) -> timedelta:
    """Seconds or an HTTP date; nothing sensible is no wait."""
    with suppress(ValueError, TypeError, OverflowError):
        if value.strip().isdecimal():
            return timedelta(seconds=min(int(value), LONGEST_WAIT.total_seconds()))
        date = parsedate_to_datetime(value)
        wait = date.replace(tzinfo=date.tzinfo or UTC) - now
        return min(max(wait, timedelta(0)), LONGEST_WAIT)
    return timedelta(0)


def _to_mend(detail: str, secret: str) -> Attempt:
    """Settings that a person will mend: until then the event is kept."""
    return Attempt(outcome="retry", detail=_clean(detail, secret))


def _clean(text: str, secret: str) -> str:
    """One short printable line without the secret: receivers that debug may say it back to us."""
    for form in (secret, secret.removeprefix("whsec_"), secret.removeprefix("whsec_").rstrip("=")):
        if form:
            text = text.replace(form, "[secret]")
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:200]


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
