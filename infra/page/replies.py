"""Answers as JSON."""

from typing import Any

import msgspec
from starlette.responses import JSONResponse, Response

from infra.page.refused import Refused


def reply(value: object, status: int = 200) -> Response:
    """Records as they are: times as ISO 8601, what is no number as null."""
    return Response(msgspec.json.encode(value), status, media_type="application/json")


def refusal(refused: Refused) -> JSONResponse:
    """Why not, in words."""
    headers: dict[str, Any] = {}
    if refused.retry_after:
        headers["retry-after"] = str(refused.retry_after)
    if refused.status == 401:
        headers["www-authenticate"] = "Bearer"
    return JSONResponse({"detail": refused.detail}, refused.status, headers)
