"""`POST /v1/posts`: who may, what is taken, what is said."""

import asyncio
import gzip
import json
from collections.abc import Sequence
from typing import Any

import httpx
import pytest

from infra.feeds.settings import PushSettings
from infra.push_api import Busy, Taken, push_app
from infra.push_body import MOST_BODY, MOST_ITEMS
from streams.push_door import item_schema

TOKEN = "a-token-that-is-long-enough"
SETTINGS = PushSettings.model_validate(
    {
        "port": 0,
        "tokens": [
            {"source": "forum", "token": TOKEN},
            {"source": "shop", "token": "another-token-of-the-shop"},
        ],
    }
)
POST = {"id": "1", "text": "Oh no", "published_at": "2026-03-01T11:00:00Z"}


class Takes:
    """Takes all but what says `bad`."""

    def __init__(self, error: Busy | None = None) -> None:
        self.taken: list[tuple[str, list[bytes]]] = []
        self._error = error

    def __call__(self, source: str, items: Sequence[bytes]) -> Sequence[Taken]:
        """As of TakeItems."""
        if self._error is not None:
            raise self._error
        self.taken.append((source, list(items)))
        return [
            Taken(reason="not_json", detail="no") if item == b"bad" else Taken(post_id="forum:1")
            for item in items
        ]


def send(takes: Takes, content: Any, **headers: str) -> httpx.Response:
    async def request() -> httpx.Response:
        app = push_app(SETTINGS, takes, schema=item_schema())
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            named = {"authorization": f"Bearer {TOKEN}", "content-type": "application/json"}
            given = {name.replace("_", "-"): value for name, value in headers.items()}
            return await client.post("/v1/posts", content=content, headers={**named, **given})

    return asyncio.run(request())


@pytest.mark.parametrize(
    ("body", "kind", "items"),
    [
        (json.dumps(POST), "application/json", 1),
        (json.dumps([POST, POST]), "application/json", 2),
        (json.dumps(POST) + "\n\n" + json.dumps(POST) + "\n", "application/x-ndjson", 2),
        (json.dumps(POST), "application/x-ndjson; charset=utf-8", 1),
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_posts_in_each_form(body: str, kind: str, items: int, packed: bool) -> None:
    takes = Takes()
    content = gzip.compress(body.encode()) if packed else body.encode()
    encoding = {"content_encoding": "gzip"} if packed else {}
    answer = send(takes, content, content_type=kind, **encoding)
    assert answer.status_code == 202
    assert (answer.json()["accepted"], answer.json()["rejected"]) == (items, 0)
    assert takes.taken == [("forum", [json.dumps(POST).encode()] * items)]


def test_each_item_has_its_own_result() -> None:
    answer = send(Takes(), b'{"id": "1"}\nbad\n', content_type="application/x-ndjson")
    assert answer.status_code == 202
    assert answer.json() == {
        "accepted": 1,
        "rejected": 1,
        "results": [
            {"index": 0, "status": "accepted", "id": "forum:1", "reason": "", "detail": ""},
            {"index": 1, "status": "rejected", "id": "", "reason": "not_json", "detail": "no"},
        ],
    }


@pytest.mark.parametrize("said", ["", "Bearer", "Bearer wrong", f"Basic {TOKEN}"])
def test_without_a_known_token_nothing_is_read(said: str) -> None:
    takes = Takes()
    answer = send(takes, json.dumps(POST), authorization=said)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert takes.taken == []


@pytest.mark.parametrize(
    ("content", "headers", "status", "error"),
    [
        (b" " * (MOST_BODY + 1), {}, 413, "too_large"),
        (
            gzip.compress(b" " * (MOST_BODY + 1), mtime=0),
            {"content_encoding": "gzip"},
            413,
            "too_large",
        ),
        (b"[" + b"1," * MOST_ITEMS + b"1]", {}, 413, "too_many_items"),
        (b"{", {}, 422, "not_json"),
        (b"[{]", {}, 422, "not_json"),
        (b"", {}, 422, "not_json"),
        (b"[]", {}, 422, "empty"),
        (b"\xff", {}, 422, "not_json"),
        (b"[" * 100_000, {}, 422, "not_json"),
        (b"not gzip", {"content_encoding": "gzip"}, 422, "not_gzip"),
        (gzip.compress(b"{}", mtime=0)[:-4], {"content_encoding": "gzip"}, 422, "not_gzip"),
        (b"{}", {"content_encoding": "br"}, 415, "unsupported_encoding"),
    ],
)
def test_a_body_that_is_nothing_to_take(
    content: bytes, headers: dict[str, str], status: int, error: str
) -> None:
    takes = Takes()
    answer = send(takes, content, **headers)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert takes.taken == []


@pytest.mark.parametrize(("full", "status"), [(True, 429), (False, 503)])
def test_who_cannot_be_served_now_is_told_when_to_come_again(full: bool, status: int) -> None:
    answer = send(Takes(Busy("full", wait=10, full=full)), json.dumps(POST))
    assert (answer.status_code, answer.headers["retry-after"]) == (status, "10")


def test_the_document_says_what_is_taken() -> None:
    document = push_app(SETTINGS, Takes(), schema=item_schema()).openapi()
    operation = document["paths"]["/v1/posts"]["post"]
    assert {"202", "401", "413", "415", "422", "429", "503"} <= operation["responses"].keys()
    [one, many] = operation["requestBody"]["content"]["application/json"]["schema"]["oneOf"]
    post, erasure = one["anyOf"]
    assert "source" not in post["required"]
    assert "position" not in post["properties"]
    assert many["items"] == one
    assert "$ref" not in json.dumps(one)
    assert erasure["properties"]["kind"]["enum"] == ["account_delete", "delete"]
