"""One guarded POST: what was answered, or why nothing was.

The address is a person's input: it is judged before anything is connected and again when it is,
redirects are never followed, no proxy is used, and of an answer the beginning is read and nothing
unpacked. Private certificate authorities are named by SSL_CERT_FILE.
"""

import asyncio
import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import suppress

import httpx
from httpx_secure import SSRFProtectionError
from msgspec import Struct

from infra.channels.channel import Request, UnusableError
from infra.channels.guard import BlockedAddressError, Guard, blocked

ANSWER_BYTES = 2_000
"""How much of an answer is looked at; the rest is never read."""


class Timeouts(Struct, frozen=True):
    """Seconds."""

    connect: float = 5.0
    total: float = 15.0  # until the status of the answer is known
    answer: float = 1.0  # then for the answer's text


TIMEOUTS = Timeouts()


class Reply(Struct, frozen=True, kw_only=True):
    """What came back. It may say our secrets: `infra.channels.secrecy` takes them out."""

    status: int = 0  # 0: there was no answer
    headers: Mapping[str, str] = {}  # names in small letters
    text: str = ""  # the beginning of the answer
    failure: str = ""  # without an answer: why
    latency_ms: int = 0  # until the status was known, or the attempt failed


class Post:
    """Sends what it is told to. Lives on one event loop."""

    def __init__(self, guard: Guard, *, timeouts: Timeouts = TIMEOUTS) -> None:
        self._timeouts = timeouts
        self._guard = guard
        self._client = httpx.AsyncClient(
            verify=httpx.create_ssl_context(),
            trust_env=False,
            follow_redirects=False,
            timeout=httpx.Timeout(timeouts.total, connect=timeouts.connect),
            # No limit to be used up by hanging receivers; no connection kept to go stale.
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=0),
            headers={"user-agent": "Groundswell", "accept-encoding": "identity"},
        )
        guard.protect(self._client)

    async def send(self, request: Request) -> Reply:
        """One attempt, whatever the address, the network or its other end does.

        Raises UnusableError for a url or a header that cannot be sent at all.
        """
        url = _usable(request.url)
        host = url.raw_host.decode()  # as the guard sees it again when it connects
        try:
            made = self._client.build_request(
                "POST", url, content=request.body, headers=request.headers
            )
        except UnicodeEncodeError:  # its message would show the header
            raise UnusableError("a header, such as a token, is not ASCII") from None
        began = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(self._timeouts.total):
                await self._guard.check(host)
                response = await self._client.send(made, stream=True)
        except (BlockedAddressError, SSRFProtectionError):
            return Reply(failure=blocked(host), latency_ms=_since(began))
        except (TimeoutError, httpx.HTTPError, OSError, UnicodeError) as error:
            return Reply(failure=self._why(error), latency_ms=_since(began))
        latency_ms = _since(began)
        return Reply(
            status=response.status_code,
            headers={name.lower(): value for name, value in response.headers.items()},
            text=await self._text(response),
            latency_ms=latency_ms,
        )

    async def close(self) -> None:
        """Let go of connections. Idempotent."""
        await self._client.aclose()

    async def _text(self, response: httpx.Response) -> str:
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
        return read[:ANSWER_BYTES].decode(errors="replace")

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


def _usable(address: str) -> httpx.URL:
    try:
        url = httpx.URL(address)
        usable = url.scheme in ("http", "https") and url.host != ""
    except (httpx.InvalidURL, ValueError) as error:  # IDNA errors are ValueErrors
        raise UnusableError(str(error)) from None
    if not usable:
        raise UnusableError("no http(s) url")
    return url


def _since(began: float) -> int:
    return round(1000 * (asyncio.get_running_loop().time() - began))


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
