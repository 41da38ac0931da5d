"""The page under a part of a reverse proxy's addresses, such as /groundswell/."""

import re
from typing import Final

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from infra.page.gate import Gate
from infra.page.settings import ROOT_PATH

PREFIX: Final = "x-forwarded-prefix"
SCHEME: Final = "x-forwarded-proto"


class Prefix:
    """ASGI: says where the page stands, whether or not the proxy leaves that in the address.

    The proxy's word is believed from `proxy_addresses` alone, else the settings' counts. It stands
    in the document: what is no plain path is no word.
    """

    def __init__(self, app: ASGIApp, gate: Gate) -> None:
        self._app = app
        self._gate = gate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One connection."""
        if scope["type"] == "http":
            scope = self._placed(scope)
        await self._app(scope, receive, send)

    def _placed(self, scope: Scope) -> Scope:
        connection = HTTPConnection(scope)
        prefix, told = self._gate.access.root_path, dict[str, str]()
        if self._gate.trusts(connection):
            given = connection.headers.get(PREFIX, "").rstrip("/")
            prefix = given if given and re.fullmatch(ROOT_PATH, given) else prefix
            told = {"scheme": "https"} if connection.headers.get(SCHEME) == "https" else {}
        path = scope["path"]
        if prefix and not (path == prefix or path.startswith(f"{prefix}/")):
            path = prefix + path
        return {**scope, **told, "root_path": prefix, "path": path}
