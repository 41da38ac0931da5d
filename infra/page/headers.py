"""What every answer carries, and which names the server answers to."""

from collections.abc import Callable, Collection
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "connect-src 'self'",
        "font-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
    )
)
HEADERS: Final = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
MOST_BYTES: Final = 65_536
"""Of what is sent to the page."""


class SecureHeaders:
    """ASGI: adds HEADERS to each answer, and answers under known names only.

    A name that some other site has pointed here must not read what this machine's own may.
    """

    def __init__(self, app: ASGIApp, hosts: Callable[[], Collection[str]] = tuple) -> None:
        """`hosts`: names, in small letters and without ports, as they are now; empty: any."""
        self._app = app
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                if "cache-control" not in headers:
                    headers["cache-control"] = "no-store"
            await send(message)

        headers = Headers(scope=scope)
        hosts = self._hosts()
        if hosts and host_of(headers.get("host", "")) not in hosts:
            await _refused(421, "another host's name: see page.hosts")(scope, receive, told)
        elif "transfer-encoding" in headers or _length(headers) > MOST_BYTES:
            # Before anybody is let in: who is not may not fill the memory either.
            await _refused(413, f"at most {MOST_BYTES:,} bytes")(scope, receive, told)
        else:
            await self._app(scope, receive, told)


def _refused(status: int, detail: str) -> JSONResponse:
    return JSONResponse({"detail": detail}, status)


def _length(headers: Headers) -> int:
    """Bytes of the body, which the server holds to this."""
    given = headers.get("content-length", "0")
    return int(given) if given.isdecimal() else MOST_BYTES + 1


def host_of(header: str) -> str:
    """The name in a Host header.

    >>> host_of("127.0.0.1:8700"), host_of("[::1]:8700"), host_of("Example.org")
    ('127.0.0.1', '::1', 'example.org')
    """
    if header.startswith("["):
        return header[1:].partition("]")[0].lower()
    return header.partition(":")[0].lower()
