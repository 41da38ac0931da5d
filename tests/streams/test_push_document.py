"""The document of `POST /v1/posts` is true: what it allows is taken, and answered as it says."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from infra.feeds.settings import PushSettings
from infra.push_api import Taken, push_app
from processors.records import RawErasure, RawPost
from streams.push_door import item_schema, read_item

TOKEN = "a-token-that-is-long-enough"
SETTINGS = PushSettings.model_validate({"port": 0, "tokens": [{"source": "forum", "token": TOKEN}]})
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def read(source: str, items: Sequence[bytes]) -> Sequence[Taken]:
    """As the door does, without what keeps posts."""
    found = (read_item(item, source, NOW) for item in items)
    return [
        Taken(post_id=f"{one.source}:{one.native_id}")
        if isinstance(one, RawPost | RawErasure)
        else one
        for one in found
    ]


@pytest.fixture(scope="module")
def operation() -> Any:
    app = push_app(SETTINGS, read, schema=item_schema())
    [found] = schemathesis.openapi.from_asgi("/openapi.json", app).get_all_operations()
    return found.ok()


def written(items: Any) -> Any:
    """As a program would send it: no source but its token's."""
    if isinstance(items, list):
        return [written(one) for one in items]
    return {name: value for name, value in items.items() if name != "source"}


# No shrinking: what fails is told as it was drawn, at once.
@settings(
    max_examples=25,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(data=st.data())
def test_what_the_document_allows_is_taken(operation: Any, data: st.DataObject) -> None:
    case = data.draw(operation.as_strategy())
    case.headers["authorization"] = f"Bearer {TOKEN}"
    is_posts = case.media_type == "application/json" and case.body
    if is_posts:
        case.body = written(case.body)
    answer = case.call()
    case.validate_response(answer, checks=CHECKS)
    if is_posts:
        assert answer.status_code == 202, answer.text
        reasons = {one["reason"] for one in answer.json()["results"]}
        # No schema says from when to when, or that a brand is more than blanks.
        assert reasons <= {"", "time_out_of_range", "invalid_field"}


def test_a_whole_number_is_taken_however_it_is_written() -> None:
    post = b'{"native_id":"1","text":"late","published_at":"2026-03-01T11:59:00Z","followers":%b}'
    for number in (b"17864", b"17864.0", b"1.7864e4"):
        item = read_item(post % number, "shop", NOW)
        assert isinstance(item, RawPost)
        assert item.followers == 17864
