"""The body of `POST /v1/posts`: read, unpacked and taken apart, or refused with the reason."""

import zlib
from typing import Any, Final

import msgspec
from fastapi import Request

MOST_BODY: Final = 8 << 20
"""Bytes of a body, unpacked."""
MOST_ITEMS: Final = 4_096
NDJSON: Final = (
    "application/x-ndjson",
    "application/ndjson",
    "application/jsonl",
    "application/x-jsonlines",
)


class PushRefused(Exception):
    """Nothing is taken; `error` names why, `wait`: seconds until it is worth another try."""

    def __init__(self, status: int, error: str, detail: str, *, wait: int = 0) -> None:
        super().__init__(detail)
        self.status, self.error, self.wait = status, error, wait


async def read_items(request: Request) -> list[bytes]:
    """The items of a request as they were sent. Raises PushRefused."""
    body = await _unpacked(request)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return _items(body, is_lines=kind in NDJSON)


async def _unpacked(request: Request) -> bytes:
    """The body, unpacked. Raises PushRefused."""
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", "gzip"):
        raise PushRefused(415, "unsupported_encoding", f"{encoding!r}: gzip is taken")
    unpack = zlib.decompressobj(wbits=31) if encoding == "gzip" else None
    parts: list[bytes] = []
    size = 0
    try:
        async for chunk in request.stream():
            part = unpack.decompress(chunk, MOST_BODY + 1 - size) if unpack else chunk
            size += len(part)
            if size > MOST_BODY:
                raise PushRefused(413, "too_large", f"more than {MOST_BODY} bytes")
            parts.append(part)
    except zlib.error as error:
        raise PushRefused(422, "not_gzip", str(error)) from None
    if unpack and (not unpack.eof or unpack.unused_data):
        raise PushRefused(422, "not_gzip", "it ends early, or something follows it")
    return b"".join(parts)


def _items(body: bytes, *, is_lines: bool) -> list[bytes]:
    """Items as they were sent. Raises PushRefused."""
    if is_lines:
        items = [line for line in body.split(b"\n") if line.strip()]
    elif body.lstrip(b" \t\r\n")[:1] == b"[":
        try:
            items = [bytes(one) for one in msgspec.json.decode(body, type=list[msgspec.Raw])]
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise PushRefused(422, "not_json", str(error)) from None
    else:
        items = [body]
        try:
            msgspec.json.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise PushRefused(422, "not_json", str(error)) from None
    if len(items) > MOST_ITEMS:
        raise PushRefused(413, "too_many_items", f"{len(items)} items, at most {MOST_ITEMS}")
    if not items:
        raise PushRefused(422, "empty", "no posts in it")
    return items


def described(schema: dict[str, Any]) -> dict[str, Any]:
    """The body for the OpenAPI document: FastAPI can't know it, as it is read by hand."""
    one_or_many = {"oneOf": [schema, {"type": "array", "items": schema, "maxItems": MOST_ITEMS}]}
    return {
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": one_or_many},
                NDJSON[0]: {"schema": {"type": "string", "description": "one item a line"}},
            },
        }
    }
