"""The document of the API is true, and whatever is asked, the answer is one that it names."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

SKIPPED = {"/api/v1/events", "/api/v1/login", "/api/v1/logout"}
WORDS = (
    "",
    "Acme",
    "inc_1",
    "-1",
    "0",
    "1e400",
    "9" * 30,
    "null",
    "\0",
    "' OR 1",
    "brand:",
    "week",
)
TIMES = ("2026-03-01", "2026-03-01T12:00:00+05:00", "0001-01-01T00:00:00+05:00")
TEXTS = st.sampled_from((*WORDS, *TIMES, "9999-12-31T23:59:59-05:00", "5m", "😀"))
VALUES = TEXTS | st.text(max_size=8) | st.integers().map(str)
BODIES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=4,
)


@pytest.fixture
def asked(
    serve: Callable[..., Any], write: Callable[..., None]
) -> tuple[httpx.Client, list[tuple[str, str, dict[str, Any]]]]:
    """A browser, and every operation of the document."""
    write(0.9, 0.1, 0.9)
    page = serve()
    client = page.entered()
    document = client.get("/api/v1/openapi.json").json()
    operations = [
        (method.upper(), path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if path not in SKIPPED
    ]
    return client, operations


@settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(data=st.data())
def test_whatever_is_asked_is_answered_as_the_document_says(
    asked: tuple[httpx.Client, list[tuple[str, str, dict[str, Any]]]], data: st.DataObject
) -> None:
    client, operations = asked
    method, path, operation = data.draw(st.sampled_from(operations))
    query = {}
    for one in operation.get("parameters", ()):
        if one["in"] == "path":
            value = data.draw(st.sampled_from(["Acme", "x:Acme/0", "inc_1", "posts", "csv", "ü"]))
            path = path.replace(f"{{{one['name']}}}", httpx.URL(path=value).raw_path.decode())
        elif one["in"] == "query" and data.draw(st.booleans()):
            query[one["name"]] = data.draw(VALUES)
    body = data.draw(BODIES) if method == "POST" else None
    content = json.dumps(body).encode("utf-8", "replace")
    answer = client.request(
        method, path, params=query, content=content, headers={"content-type": "application/json"}
    )
    assert str(answer.status_code) in operation["responses"], answer.text
    kind = answer.headers["content-type"].partition(";")[0]
    assert kind in operation["responses"][str(answer.status_code)]["content"]
    if kind == "application/json":
        answer.json()
